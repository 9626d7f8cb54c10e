//! EB-5 to EB-8 and EB-18: whose burn it is, and what it costs.
//! It holds no vector of a single version.

use super::super::attribution::{Attribution, Baseline, Downgrade, worst_case, worst_spend};
use super::super::budget::{Budget, Exhaustion};
use super::super::ratio::{Missing, Reading};
use super::super::spent::Spent;
use super::*;

/// A second of EB-5: 1,000 requests, a tenth to the new version.
fn second(new: f64, stable: f64) -> (Reading<Outcome>, Reading<Outcome>) {
    (seen(100.0 * new, 100.0), seen(900.0 * stable, 900.0))
}

fn eb_5() -> Attribution {
    let (new, stable) = second(0.02, 0.0005);
    Attribution::of(&over_30_days(0.999), new, stable, None).value().unwrap()
}

#[test]
fn eb_5_attributable_burn_is_baseline_plus_the_releases_own() {
    let got = eb_5();
    near(got.share, 0.10, 1e-12);
    near(got.service.error_ratio(&over_30_days(0.999)), 0.002_45, 1e-12);
    near(got.service.get(), 2.45, 1e-9);
    near(got.baseline.unwrap().get(), 0.50, 1e-9);
    near(got.attributable.unwrap().get(), 1.95, 1e-9);
    near(got.if_promoted.get(), 20.0, 1e-9);
    near((got.baseline.unwrap() + got.attributable.unwrap()).get(), got.service.get(), 1e-9);
    assert_eq!(got.compared.to_string(), "baseline: stable");
}

#[test]
fn eb_6_half_an_hour_of_it_costs_an_eighth_of_a_percent() {
    let objective = over_30_days(0.999);
    let mut spent = Spent::default();
    for _ in 0..1800 {
        let (new, stable) = second(0.02, 0.0005);
        spent.add(new, stable, None);
    }
    near(spent.excess, 3510.0, 1e-6);
    near(spent.gross, 3600.0, 1e-6);
    near(spent.requests, 180_000.0, 1e-6);
    let total = 1000.0 * 2_592_000.0;
    near(objective.allowed(total), 2_592_000.0, 1e-3);
    near(spent.of_budget(&objective, total).value().unwrap(), 0.001_354, 5e-7);
    near(spent.gross_of_budget(&objective, total).value().unwrap(), 3600.0 / 2_592_000.0, 1e-12);
    near(eb_5().attributable.unwrap().spends(minutes(30.0), &objective), 0.001_354, 5e-7);
    assert_eq!(spent.of_budget(&objective, 0.0), Reading::NoTraffic);
}

#[test]
fn eb_7_promoted_it_is_exhausted_in_21_hours() {
    let budget = Budget { remaining: 0.60, events: None };
    let Exhaustion::In(time) = budget.exhaustion(eb_5().if_promoted, &over_30_days(0.999)) else { panic!("20x runs out") };
    lasts(time, hours(21.6));
}

#[test]
fn eb_8_a_better_release_takes_burn_away() {
    let (new, stable) = second(0.0002, 0.0005);
    let got = Attribution::of(&over_30_days(0.999), new, stable, None).value().unwrap();
    near(got.attributable.unwrap().get(), -0.03, 1e-9);
}

#[test]
fn eb_18_the_worst_the_next_step_may_cost() {
    let objective = over_30_days(0.999);
    near(worst_case(&objective, 0.25, 0.002_056, 0.0005).get(), 0.389, 5e-4);
    near(worst_spend(&objective, 0.25, 0.002_056, 0.0005, minutes(30.0)), 0.000_27, 5e-6);
}

#[test]
fn an_old_version_that_is_all_but_gone_gives_way_to_the_ratio_from_before() {
    let before = Some(0.0005);
    let pick = |new: f64, stable: Reading<Outcome>| Baseline::choose(Outcome { bad: 0.0, total: new }, stable, before);
    assert_eq!(pick(100.0, seen(0.0, 99.0)), Baseline::PreRelease(0.0005, Downgrade::FewStable));
    assert_eq!(pick(100.0, seen(1.0, 100.0)), Baseline::Stable(0.01));
    assert_eq!(pick(9001.0, seen(1.0, 1000.0)), Baseline::PreRelease(0.0005, Downgrade::MostlyNew));
    assert_eq!(pick(9000.0, seen(1.0, 1000.0)), Baseline::Stable(0.001), "above 0.9, not at");
    assert_eq!(pick(100.0, Reading::NoTraffic), Baseline::PreRelease(0.0005, Downgrade::StableGone));

    let objective = over_30_days(0.999);
    let got = Attribution::of(&objective, seen(20.0, 1000.0), Reading::NoTraffic, before).value().unwrap();
    near(got.attributable.unwrap().get(), 19.5, 1e-9);
    assert_eq!(got.compared.to_string(), "baseline: pre-release (the old version gets no requests)");
    let blind = Attribution::of(&objective, seen(20.0, 1000.0), Reading::NoTraffic, None).value().unwrap();
    assert_eq!((blind.attributable, blind.baseline), (None, None));
    near(blind.if_promoted.get(), 20.0, 1e-9);
}

#[test]
fn what_could_not_be_read_is_attributed_to_nobody() {
    let objective = over_30_days(0.999);
    let (new, stable) = second(0.02, 0.0005);
    assert_eq!(Attribution::of(&objective, Reading::NoTraffic, stable, None), Reading::NoTraffic);
    let partial = Reading::NoData(Missing::Partial);
    assert_eq!(Attribution::of(&objective, new, partial, Some(0.0005)).gap(), partial.gap());
    assert_eq!(Attribution::of(&objective, partial, stable, None).gap(), partial.gap());
}

#[test]
fn buckets_without_a_baseline_count_in_full_and_are_said() {
    let mut spent = Spent::default();
    let (new, stable) = second(0.02, 0.0005);
    spent.add(Reading::NoTraffic, stable, None);
    assert_eq!(spent, Spent::default());
    spent.add(new, stable, None);
    assert_eq!(spent.to_string(), "baseline: stable");
    spent.add(new, Reading::NoTraffic, Some(0.01));
    assert_eq!(spent.to_string(), "baseline: stable, at times pre-release");
    near(spent.excess, 1.95 + 1.0, 1e-9);
    spent.add(new, Reading::NoTraffic, None);
    near(spent.excess, 1.95 + 1.0 + 2.0, 1e-9);
    assert_eq!(spent.to_string(), "at times no baseline: every error counts there");
}

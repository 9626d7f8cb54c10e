//! EB-1 to EB-4, EB-9 to EB-13 and EB-17: budgets, tiers and what a window held.
//! It holds no vector that needs two versions.

use super::super::budget::{Budget, Exhaustion};
use super::super::burn::Burn;
use super::super::method::Method;
use super::super::outcome::{Answer, Outcome};
use super::super::ratio::{Gap, Missing, Reading};
use super::super::tier::{Crossing, Dead, Evidence, Severity, State, Tier, windows, worst};
use super::*;

fn burn(value: f64) -> Reading<Burn> {
    Reading::Value(Burn::new(value).unwrap())
}

#[test]
fn eb_1_three_nines_over_30_days_allow_43_minutes_and_one_in_a_thousand() {
    let objective = over_30_days(0.999);
    lasts(objective.full_outage(), minutes(43.2));
    near(objective.allowed(10_000_000.0), 10_000.0, 1e-9);
}

#[test]
fn eb_2_the_tiers_of_a_30_day_window_and_the_error_ratios_they_take() {
    for (target, ratios) in [(0.999, [0.0144, 0.006, 0.003, 0.001]), (0.9995, [0.0072, 0.003, 0.0015, 0.0005])] {
        let objective = over_30_days(target);
        let tiers = Tier::standard(&objective);
        for ((tier, ratio), k) in tiers.iter().zip(ratios).zip([14.4, 6.0, 3.0, 1.0]) {
            near(tier.threshold.get(), k, 1e-12);
            near(tier.threshold.error_ratio(&objective), ratio, 1e-12);
        }
    }
    let over_28 = Objective::new("a", 0.999, days(28.0)).unwrap();
    for (tier, k) in Tier::standard(&over_28).iter().zip([13.44, 5.6, 2.8, 0.933_333]) {
        near(tier.threshold.get(), k, 1e-6);
    }
}

#[test]
fn eb_3_a_tier_that_would_take_more_than_every_request_is_dead_and_said() {
    let objective = over_30_days(0.90);
    let [fast, slow, ..] = Tier::standard(&objective);
    let Some(Dead::Unreachable(ratio)) = fast.dead(&objective) else { panic!("14.4 can't be reached at 90 %") };
    near(ratio, 1.44, 1e-12);
    assert_eq!(slow.dead(&objective), None);
    let everything_fails = burn(objective.max_burn().get());
    assert!(matches!(fast.state(&objective, everything_fails, everything_fails, Evidence::Ample), State::Dead(_)));
    for (place, limit) in [(0, 0.930_56), (1, 0.833_33), (2, 0.666_67)] {
        let dead_at = |target: f64| {
            let objective = over_30_days(target);
            Tier::standard(&objective)[place].dead(&objective).is_some()
        };
        assert!(dead_at(limit - 1e-4), "{limit}");
        assert!(!dead_at(limit + 1e-4), "{limit}");
    }
}

#[test]
fn eb_4_time_to_exhaustion() {
    let objective = over_30_days(0.999);
    let gone = |remaining, rate| Budget { remaining, events: None }.exhaustion(Burn::new(rate).unwrap(), &objective);
    for (remaining, rate, after) in [(1.0, 14.4, 50.0), (0.6, 6.0, 72.0), (0.25, 1.0, 180.0), (0.25, 0.5, 360.0)] {
        let Exhaustion::In(time) = gone(remaining, rate) else { panic!("{remaining} at {rate} runs out") };
        lasts(time, hours(after));
    }
    assert_eq!(gone(-0.1, 6.0), Exhaustion::Exhausted);
    assert_eq!(gone(-0.1, 0.0), Exhaustion::Exhausted);
    assert_eq!(gone(0.6, 0.0), Exhaustion::NeverAtThisRate);
    assert_eq!(gone(1.0, 1e-300), Exhaustion::NeverAtThisRate);
}

#[test]
fn eb_9_one_error_at_ten_requests_an_hour_burns_100_and_is_counted_instead() {
    let objective = over_30_days(0.999);
    let hour = Outcome { bad: 1.0, total: 10.0 };
    near(objective.burn_of(Reading::Value(hour)).value().unwrap().get(), 100.0, 1e-9);
    let month = Outcome { bad: 1.0, total: 7200.0 };
    let budget = Budget::of(month, &objective).value().unwrap();
    near(budget.consumed(), 0.1389, 5e-5);
    near(budget.events.unwrap().allowed, 7.2, 1e-9);
    assert!(budget.low_traffic());
    assert_eq!(budget.events.unwrap().to_string(), "1 of 7 allowed errors");

    let [fast, ..] = Tier::standard(&objective);
    let state = |bad| fast.state(&objective, burn(100.0), burn(100.0), budget.evidence(bad));
    assert_eq!(state(1.0), State::TooFew { bad: 1.0, needed: 5.0 });
    assert_eq!(state(5.0), State::Fires);
    let busy = Budget::of(Outcome { bad: 1.0, total: 10_000.0 }, &objective).value().unwrap();
    assert_eq!(busy.evidence(1.0), Evidence::Ample);
}

#[test]
fn eb_10_the_methods_disagree_on_the_same_slices() {
    let objective = over_30_days(0.999);
    let slices = [Outcome { bad: 100.0, total: 1_000_000.0 }, Outcome { bad: 100.0, total: 1000.0 }, Outcome { bad: 0.0, total: 0.0 }];
    let by = |method: Method| method.error_ratio(&slices).value().unwrap();
    near(by(Method::Occurrences), 0.000_199_80, 5e-9);
    near(Budget::of_ratio(by(Method::Occurrences), &objective).remaining, 0.800, 5e-4);
    near(by(Method::RatioTimeslices), 0.050_05, 1e-12);
    near(Budget::of_ratio(by(Method::RatioTimeslices), &objective).remaining, -49.05, 1e-9);
    for method in [Method::Occurrences, Method::RatioTimeslices] {
        assert_eq!(method.error_ratio(&slices[2..]), Reading::NoTraffic);
        assert_eq!(method.error_ratio(&[]), Reading::NoTraffic);
    }
}

#[test]
fn eb_11_time_for_a_long_window_to_cross_its_threshold() {
    let objective = over_30_days(0.999);
    for (ratio, waits) in [(1.0, [0.864, 2.16, 4.32, 4.32]), (0.02, [43.2, 108.0, 216.0, 216.0])] {
        for (tier, wait) in Tier::standard(&objective).iter().zip(waits) {
            let Crossing::In(time) = tier.crosses(Burn::NONE, Burn::at(ratio, &objective)) else { panic!("{ratio} crosses") };
            lasts(time, minutes(wait));
        }
    }
}

#[test]
fn a_window_that_burns_already_crosses_sooner() {
    let objective = over_30_days(0.999);
    let [fast, ..] = Tier::standard(&objective);
    let at = |value| Burn::new(value).unwrap();
    let Crossing::In(time) = fast.crosses(at(2.1), at(17.0)) else { panic!("17 is over 14.4") };
    lasts(time, minutes(60.0 * 12.3 / 14.9));
    assert_eq!(fast.crosses(at(15.0), at(1.0)), Crossing::Already);
    assert_eq!(fast.crosses(at(2.1), at(14.4)), Crossing::Never);
}

#[test]
fn eb_12_a_page_takes_both_windows() {
    let objective = over_30_days(0.999);
    let tiers = Tier::standard(&objective);
    let state = |long, short| tiers[0].state(&objective, long, short, Evidence::Ample);
    assert_eq!(state(burn(3.0), burn(20.0)), State::Quiet);
    assert_eq!(state(burn(16.0), burn(0.2)), State::Quiet);
    assert_eq!(state(burn(16.0), burn(20.0)), State::Fires);
    assert_eq!(state(burn(14.4), burn(20.0)), State::Quiet, "over, not at");
    assert_eq!(state(Reading::NoTraffic, burn(20.0)), State::Unknown(Gap::NoTraffic));
    assert_eq!(state(burn(16.0), Reading::NoData(Missing::Stale)), State::Unknown(Gap::NoData(Missing::Stale)));
    assert_eq!(state(Reading::NoTraffic, burn(1.0)), State::Quiet, "one window under is enough to know");
    assert_eq!(state(Reading::NoTraffic, Reading::NoData(Missing::Partial)), State::Unknown(Gap::NoTraffic));

    let all = |states: [State; 4]| worst(tiers.into_iter().zip(states));
    assert_eq!(all([State::Quiet, State::Fires, State::Fires, State::Quiet]), Some(Severity::Page));
    assert_eq!(all([State::Quiet, State::Quiet, State::Quiet, State::Fires]), Some(Severity::Ticket));
    assert_eq!(all([State::Unknown(Gap::NoTraffic); 4]), None);
    let lengths: Vec<u64> = windows(&tiers).iter().map(|window| window.as_secs() / 60).collect();
    assert_eq!(lengths, [5, 30, 60, 120, 360, 1440, 4320]);
}

#[test]
fn eb_13_a_fixed_threshold_over_7_days_spends_more_than_it_says() {
    let objective = Objective::new("a", 0.999, days(7.0)).unwrap();
    let fixed = Tier { severity: Severity::Page, long: hours(1.0), short: minutes(5.0), threshold: Burn::new(14.4).unwrap() };
    near(fixed.budget_spent(&objective), 0.0857, 5e-5);
    let [derived, ..] = Tier::standard(&objective);
    near(derived.threshold.get(), 3.36, 1e-9);
    near(derived.budget_spent(&objective), 0.02, 1e-12);
}

#[test]
fn a_window_longer_than_the_objectives_own_is_dead() {
    let objective = Objective::new("a", 0.999, days(2.0)).unwrap();
    let dead: Vec<bool> = Tier::standard(&objective).iter().map(|tier| tier.dead(&objective).is_some()).collect();
    assert_eq!(dead, [false, false, false, true]);
}

#[test]
fn eb_17_only_absent_errors_beside_traffic_become_zero() {
    let total = Answer::Value(500.0);
    assert_eq!(Outcome::read(Answer::Absent, total), Reading::Value(Outcome { bad: 0.0, total: 500.0 }));
    assert_eq!(Outcome::read(Answer::Value(3.0), total), Reading::Value(Outcome { bad: 3.0, total: 500.0 }));

    for errors in [Answer::Absent, Answer::Value(0.0), Answer::Value(f64::NAN)] {
        assert_eq!(Outcome::read(errors, Answer::Value(0.0)), Reading::NoTraffic);
        assert_eq!(Outcome::read(errors, Answer::Value(f64::NAN)), Reading::NoTraffic);
        assert_eq!(Outcome::read(errors, Answer::Absent), Reading::NoData(Missing::TotalAbsent));
        assert_eq!(Outcome::read(errors, Answer::Stale), Reading::NoData(Missing::Stale));
    }
    for (answer, why) in [(Answer::Failed, Missing::QueryFailed), (Answer::Partial, Missing::Partial)] {
        assert_eq!(Outcome::read(answer, total), Reading::NoData(why));
        assert_eq!(Outcome::read(Answer::Absent, answer), Reading::NoData(why));
    }
    assert_eq!(Outcome::read(Answer::Stale, total), Reading::NoData(Missing::Stale));
    assert_eq!(Outcome::read(Answer::Value(f64::NAN), total), Reading::NoData(Missing::ErrorsNotANumber));
    let quiet = over_30_days(0.999).burn_of(Outcome::read(Answer::Absent, Answer::Value(0.0)));
    assert_eq!(quiet.gap(), Some(Gap::NoTraffic), "no traffic burns neither nothing nor everything");
}

#[test]
fn an_overspent_budget_stays_negative() {
    let budget = Budget::of(Outcome { bad: 20.0, total: 10_000.0 }, &over_30_days(0.999)).value().unwrap();
    near(budget.remaining, -1.0, 1e-12);
    near(budget.consumed(), 2.0, 1e-12);
}

#[test]
fn a_young_objective_says_how_much_of_its_window_it_has_seen() {
    let objective = over_30_days(0.999);
    near(objective.filled(days(3.0)), 0.1, 1e-12);
    near(objective.filled(days(90.0)), 1.0, 0.0);
}

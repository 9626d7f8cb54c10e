//! BR-1 to BR-4, BR-6 and BR-7: who gets the new version.
//! It holds nothing that needs a query: what raw counters give for BR-5 stands with the counters.

use super::super::exposure::{Certainty, Counted, Measured, Unmeasured, disagreement, headline, worst};
use super::super::reach::{Next, Peak, Routing, Spell, affected, users_at_most};
use super::super::{Outcome, Reading};
use super::*;

fn counted(new: Option<f64>, rest: Option<f64>) -> Counted {
    Counted { new, rest, age: Duration::from_secs(10), interval: Duration::from_secs(15) }
}

#[test]
fn br_1_requests_come_before_pods() {
    let minute = counted(Some(37.0 * 60.0), Some(463.0 * 60.0)).measured();
    let got = headline(minute, None, Some(2.0 / 22.0));
    near(got.share.unwrap(), 0.0740, 1e-12);
    assert_eq!((got.certainty, got.unmeasured), (Certainty::Measured, None));
    assert_eq!(minute.unwrap().requests, 30_000.0);
    near(worst(minute.ok(), None, Some(2.0 / 22.0)).unwrap(), 0.0909, 5e-5);
}

#[test]
fn br_2_users_that_met_it_at_5_percent() {
    for (requests, users) in [(1.0, 0.05), (10.0, 0.401), (20.0, 0.642), (60.0, 0.954)] {
        near(users_at_most(0.05, Routing::PerRequest(requests)), users, 5e-4);
    }
    assert_eq!(users_at_most(0.05, Routing::Sticky), 0.05);
}

#[test]
fn br_3_users_that_met_it_at_1_percent() {
    near(users_at_most(0.01, Routing::PerRequest(100.0)), 0.634, 5e-4);
}

#[test]
fn br_4_affected_requests_and_the_most_it_got() {
    let spell = |share, rate, seconds| Spell { share, rate, length: Duration::from_secs(seconds) };
    let spells = [spell(0.05, 200.0, 600), spell(0.10, 220.0, 600), spell(0.25, 210.0, 300)];
    near(affected(&spells), 34_950.0, 1e-6);

    let at = |minute: i64| chrono::DateTime::from_timestamp(1_760_000_000 + minute * 60, 0).unwrap();
    let mut peak = Peak::default();
    assert_eq!(peak.most(), None);
    for (minute, share) in [(0, 0.05), (10, 0.10), (20, 0.25), (21, f64::NAN), (25, 0.25), (30, 0.0)] {
        peak.see(share, at(minute));
    }
    assert_eq!(peak.most(), Some((0.25, at(20))));
}

#[test]
fn br_6_a_split_that_does_not_take_effect_is_said() {
    let got = disagreement(Measured { share: 0.235, requests: 10_000.0 }, 0.05).unwrap();
    near(got.distance, 0.185, 1e-12);
    near(got.tolerance, 0.02, 0.0);
    assert_eq!(disagreement(Measured { share: 0.069, requests: 10_000.0 }, 0.05), None);
    let few = Measured { share: 0.10, requests: 100.0 };
    assert_eq!(disagreement(few, 0.05), None, "three standard errors of 100 requests are 6.5 points");
    near(disagreement(Measured { share: 0.12, ..few }, 0.05).unwrap().tolerance, 0.0654, 5e-5);
}

#[test]
fn br_7_counters_that_stand_still_are_measured_and_absent_ones_are_not() {
    let still = headline(counted(Some(0.0), Some(5000.0)).measured(), Some(0.10), Some(0.2));
    assert_eq!((still.share, still.certainty), (Some(0.0), Certainty::Measured));
    assert_eq!(Outcome::counted(0.0, 0.0), Reading::NoTraffic, "and the new version's outcome is no traffic");

    let absent = headline(counted(None, Some(5000.0)).measured(), Some(0.10), Some(0.2));
    assert_eq!((absent.share, absent.certainty), (Some(0.10), Certainty::Configured));
    assert_eq!(absent.unmeasured, Some(Unmeasured::NoCountersOfNew));
}

#[test]
fn measured_takes_both_arms_fresh_data_and_thirty_requests() {
    assert_eq!(counted(Some(3.0), None).measured(), Err(Unmeasured::NoCountersOfRest));
    assert_eq!(counted(Some(0.0), Some(0.0)).measured(), Err(Unmeasured::NoTraffic));
    assert_eq!(counted(Some(3.0), Some(26.9)).measured(), Err(Unmeasured::TooFew(29.9)));
    assert_eq!(counted(Some(f64::NAN), Some(26.0)).measured(), Err(Unmeasured::Impossible));
    assert_eq!(counted(Some(-1.0), Some(26.0)).measured(), Err(Unmeasured::Impossible));
    assert!(counted(Some(3.0), Some(27.0)).measured().is_ok());
    let old = Counted { age: Duration::from_secs(30), ..counted(Some(300.0), Some(2700.0)) };
    assert_eq!(old.measured(), Err(Unmeasured::Stale(Duration::from_secs(30))));
    let ladder = headline(old.measured(), None, Some(0.2));
    assert_eq!((ladder.share, ladder.certainty), (Some(0.2), Certainty::Inferred));
    let nothing = headline(old.measured(), None, None);
    assert_eq!((nothing.share, nothing.certainty), (None, Certainty::Unknown));
}

#[test]
fn the_next_step_multiplies_exposure_and_burn() {
    let objective = over_30_days(0.999);
    let next = Next::step(&objective, 0.20, 0.50, 0.032, 0.0012);
    near(next.times_exposed.unwrap(), 2.5, 1e-12);
    near(next.burn.get(), 16.6, 1e-9);
    near(next.times_burn.unwrap(), 16.6 / 7.36, 1e-9);
    let first = Next::step(&objective, 0.0, 0.05, 0.0, 0.0);
    assert_eq!((first.times_exposed, first.times_burn), (None, None));
}

//! What counts as told and what does not, beyond what whole lives show (tests/guard).
//! It looks at single pictures: what happens over time is the lives' part.

use std::time::Duration;

use super::*;
use crate::measure::tests::given::{Told, asked, at, release};
use crate::ports::metrics::Found;
use crate::release::telemetry::Counting;
use crate::slo::verdict::{Evidence, Limits, Spread, judge};
use crate::slo::{Answer, Objective, Outcome};

fn availability(name: &str) -> Objective {
    Objective::new(name, 0.999, Duration::from_secs(30 * 86_400)).unwrap()
}

fn judged(indicator: &str, failed: f64, age: u64) -> Judgement {
    let objective = availability(indicator);
    let (new, old) = (Outcome { bad: failed, total: 2000.0 }, Outcome { bad: 10.0, total: 20_000.0 });
    let evidence = Evidence::of("new", indicator, Limits::of(&objective), new, old);
    let spread = Spread { minutes: 4, pods: 2 };
    judge(&Evidence { is_apart: true, window: Duration::from_secs(300), age: Some(Duration::from_secs(age)), spread, ..evidence })
}

/// A release whose main counters nobody has read, with these verdicts on objectives' own events.
fn with(verdicts: Vec<Judgement>) -> Release {
    let mut release = release();
    let mut telemetry = Told::new(release.clone()).read(5);
    telemetry.metering = Metering::Live(Counting { family: Clean::default(), address: Clean::default(), way: Clean::default() });
    telemetry.verdicts = verdicts;
    release.telemetry = Some(Box::new(telemetry));
    release
}

#[test]
fn a_failure_of_now_counts_beside_one_that_is_old() {
    let (strong, weak) = (judged("strong", 400.0, 200), judged("weak", 60.0, 10));
    assert_eq!((strong.word, weak.word), (Word::Fail, Word::Fail));
    assert!(strong.worse() > weak.worse());
    let holds = Condition::Fails.holds(&with(vec![strong.clone(), weak]), at(5));
    assert!(matches!(&holds, Holds::Yes(why) if why.contains("weak")), "{holds:?}");
    assert!(matches!(Condition::Fails.holds(&with(vec![strong]), at(5)), Holds::Stale(_)));
}

#[test]
fn that_nothing_fails_is_known_only_by_what_is_of_now() {
    assert_eq!(Condition::Fails.holds(&with(vec![judged("own", 1.0, 10)]), at(5)), Holds::No);
    assert!(matches!(Condition::Fails.holds(&with(vec![judged("own", 1.0, 200)]), at(5)), Holds::Stale(_)));
    assert!(matches!(Condition::Fails.holds(&with(Vec::new()), at(5)), Holds::Unknown(_)));
}

/// Another workload's outage is no reason to take this one back.
#[test]
fn what_several_workloads_burn_together_is_held_against_none_of_them() {
    let mut release = with(Vec::new());
    let told = {
        let mut told = Told::new(release.clone());
        for window in [300, 1800, 3600, 21_600].map(Duration::from_secs) {
            let (errors, total) = (Answer::Value(180.0), Answer::Value(3600.0));
            told.take(asked(0), Found::Window { promise: "availability".into(), window, errors, total });
        }
        told.with(5, &[availability("availability")])
    };
    let condition = Condition::parse("burn over 10 for 1m").unwrap();
    let telemetry = release.telemetry.as_mut().unwrap();
    telemetry.budgets = told.budgets;
    assert!(matches!(condition.holds(&release, at(5)), Holds::Yes(_)));
    let mut shared = release.clone();
    for one in &mut shared.telemetry.as_mut().unwrap().budgets {
        one.provenance.is_shared = true;
    }
    let holds = condition.holds(&shared, at(5));
    assert!(matches!(&holds, Holds::Unknown(why) if why.contains("other workloads")), "{holds:?}");
    // Beside one of its own the shared one is left out.
    let mut both = shared.clone();
    let own = release.telemetry.unwrap().budgets;
    both.telemetry.as_mut().unwrap().budgets.extend(own);
    assert!(matches!(condition.holds(&both, at(5)), Holds::Yes(_)));
}

//! What `w` says of a budget: how it is promised, how it was counted, and which windows nobody asks for.

use super::super::*;
use super::given::*;
use crate::release::telemetry::Provenance;
use crate::release::words::why;
use crate::slo::Answer;
use crate::slo::Objective;

const SLICES: &str = "by time slices that are good from 95 % on";

/// Everything that is said of the budget at once.
fn said(told: &mut Told, promised: Promised) -> String {
    told.release.telemetry = Some(Box::new(told.promised(5, &[promised])));
    let all = why(&told.release, at(5)).into_iter().filter(|reason| reason.about == "Error budget");
    all.map(|reason| reason.text).collect::<Vec<_>>().join("\n")
}

fn sliced() -> Promised {
    let objective = Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap();
    let provenance = Provenance { method: Clean::from(SLICES), is_by_slices: true, ..Provenance::default() };
    Promised { provenance, ..Promised::from(objective) }
}

fn counted(told: &mut Told, length: u64) {
    let (errors, total) = (Answer::Value(10.0), Answer::Value(100_000.0));
    told.take(asked(0), Found::Window { promise: Clean::from("availability"), window: secs(length), errors, total });
}

#[test]
fn a_tier_over_windows_that_nobody_asks_for_says_so() {
    let mut told = Told::new(release());
    for length in [300, 1800, 3600, 7200, 21_600, 86_400] {
        counted(&mut told, length);
    }
    let objective = Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap();
    let text = said(&mut told, objective.clone().into());
    assert!(text.contains("Ticket is quiet: 1 d and 2 h over 3"), "{text}");
    // A burn of 0.1 is under every threshold, but so that it fires 6 h must be over: let it be.
    let (errors, total) = (Answer::Value(500.0), Answer::Value(100_000.0));
    told.take(asked(0), Found::Window { promise: Clean::from("availability"), window: secs(21_600), errors, total });
    let text = said(&mut told, objective.clone().into());
    assert!(
        text.contains("Ticket is not known: 3 d and 6 h over 1, not asked: a raw query over 3 d is too dear, and nothing is recorded"),
        "{text}"
    );
    let mut kept = Told::new(release());
    kept.take(asked(0), Found::Ratio { promise: Clean::from("availability"), window: secs(3600), value: 0.02 });
    let text = said(&mut kept, objective.into());
    assert!(text.contains("Page is not known: 1 h and 5 m over 14.4, no data: nothing is recorded over 5 m"), "{text}");
}

#[test]
fn a_group_stands_for_itself_and_not_beside_the_sum_of_all() {
    let mut told = Told::new(release());
    let promise = Clean::from("availability");
    let (errors, total) = (Answer::Value(50_000.0), Answer::Value(100_000.0));
    told.take(asked(0), Found::Window { promise: promise.clone(), window: secs(300), errors, total });
    let objective = Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap();
    let provenance = Provenance { is_grouped: true, ..Provenance::default() };
    let grouped = Promised { provenance, ..Promised::from(objective) };
    assert!(said(&mut told, grouped.clone()).contains("Shown of its groups: all groups together, one may be worse"));
    let group = |told: &mut Told, name: &str, window, value| {
        told.take(asked(0), Found::Group { promise: promise.clone(), name: Clean::from(name), of: 12 });
        told.take(asked(0), Found::Ratio { promise: promise.clone(), window: secs(window), value });
    };
    group(&mut told, "route=/pay", 3600, 0.5);
    let text = said(&mut told, grouped.clone());
    assert!(text.contains("Shown of its groups: burn of the worst of 12: route=/pay; left of all together"), "{text}");
    assert!(!text.contains("Page fires") && !text.contains("Burn over 5 m"), "{text}");
    // What was told of another group is let go of.
    group(&mut told, "route=/cart", 300, 0.5);
    let text = said(&mut told, grouped);
    assert!(text.contains("route=/cart") && !text.contains("Burn over 1 h") && !text.contains("Page fires"), "{text}");
}

#[test]
fn slices_that_nobody_records_are_not_said_to_be_counted() {
    let mut told = Told::new(release());
    counted(&mut told, 21_600);
    let text = said(&mut told, sliced());
    assert!(text.contains(&format!("counted by requests here: it is promised {SLICES}, and nothing recorded tells those")), "{text}");
    let series = Clean::from("slo:period_error_budget_remaining:ratio");
    told.take(asked(0), Found::Recorded { promise: Clean::from("availability"), series, is_remaining: true, value: 0.5 });
    let text = said(&mut told, sliced());
    assert!(text.contains(&format!("may fail; counted {SLICES}")) && !text.contains("nothing recorded"), "{text}");
}

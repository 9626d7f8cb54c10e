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

#[test]
fn a_curve_is_that_of_the_group_that_is_worst_now() {
    let mut told = Told::new(release());
    let promise = Clean::from("availability");
    let group = |told: &mut Told, name: &str| {
        told.take(asked(0), Found::Group { promise: promise.clone(), name: Clean::from(name), of: 2 });
        told.take(asked(0), Found::Ratio { promise: promise.clone(), window: secs(300), value: 0.5 });
    };
    for (name, left) in [("route=/pay", [0.9, 0.2]), ("route=/cart", [0.1, 0.6])] {
        let of = |found| Found::OfGroup { group: Clean::from(name), found: Box::new(found) };
        let points = [at(-3600), at(0)].into_iter().zip(left).collect();
        let course = Found::Course { promise: promise.clone(), step: secs(3600), is_whole: true, is_remaining: true, points };
        told.take(asked(0), of(course));
        told.take(asked(0), of(Found::Trend(promise.clone(), vec![(at(0), left[1] / 1000.0)])));
    }
    let objective = Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap();
    let read = |told: &Told| {
        let one = told.with(5, std::slice::from_ref(&objective)).budgets.remove(0);
        let course: Vec<f64> = one.burn_down.unwrap().points.iter().filter_map(|(_, left)| *left).collect();
        (one.group.unwrap().0.to_string(), course, one.trend[0].map(|burn| (burn * 10.0).round()))
    };
    group(&mut told, "route=/pay");
    assert_eq!(read(&told), ("route=/pay".to_owned(), vec![0.9, 0.2], Some(2.0)));
    group(&mut told, "route=/cart");
    assert_eq!(read(&told), ("route=/cart".to_owned(), vec![0.1, 0.6], Some(6.0)), "not the worst of both at each moment");
}

#[test]
fn a_failure_among_forty_is_told_and_not_its_burn() {
    let mut told = Told::new(release());
    let objective = Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap();
    let seen = |told: &mut Told, bad: f64, total: f64| {
        for (length, before) in [(300, 0.0), (3600, 8000.0)] {
            // The hour before was clean.
            let (errors, total) = (Answer::Value(bad), Answer::Value(if bad < 5.0 { total + before } else { total }));
            told.take(asked(0), Found::Window { promise: Clean::from("availability"), window: secs(length), errors, total });
        }
        let mut release = told.release.clone();
        release.telemetry = Some(Box::new(told.with(5, std::slice::from_ref(&objective))));
        let says = crate::release::words::burns(&release, at(5)).map(|(long, _)| long);
        let emptied = crate::release::words::emptied(&release.telemetry.as_ref().unwrap().budgets[0], at(5));
        (says.unwrap(), emptied.unwrap(), crate::release::words::columns(&release).1.unwrap())
    };
    let (says, emptied, burn) = seen(&mut told, 1.0, 40.0);
    assert_eq!(says, "1 of 40 failed in 5 m: too few to say how fast the budget goes");
    assert_eq!((emptied.as_str(), burn.as_str()), ("1 of 40 failed in 5 m: too few to say how fast", "~25x"));
    // A page that fires is fired whatever this says.
    let (says, emptied, burn) = seen(&mut told, 200.0, 8000.0);
    assert!(says.starts_with("Burning 25x, and pages: empty in"), "{says}");
    assert!(emptied.starts_with("empty in") && burn == "25x", "{emptied}");
}

#[test]
fn a_verdict_by_all_failed_requests_is_still_about_its_objective() {
    let mut told = Told::new(release());
    told.steady(0);
    let objective = |name: &str| Objective::new(name, 0.999, secs(30 * 86_400)).unwrap();
    let mut telemetry = told.with(125, &[objective("checkout"), objective("pay")]);
    let mut judgement = telemetry.verdicts.first().cloned().unwrap();
    judgement.word = crate::slo::verdict::Word::Fail;
    judgement.evidence.indicator = Clean::from("pay, by all failed requests");
    telemetry.verdicts = vec![judgement];
    let names: Vec<&str> = telemetry.by_weight().iter().map(|one| one.objective.name().as_str()).collect();
    assert_eq!(names, ["pay", "checkout"]);
}

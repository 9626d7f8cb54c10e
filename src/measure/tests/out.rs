//! What is said of a release that is out: what was judged of it, and what burns.

use super::super::*;
use super::given::*;
use crate::release::Phase;
use crate::release::words::{Mark, sentence};
use crate::slo::Objective;

/// Judged while it was released, and out since a moment; the new version goes on with so many good and bad requests each 15 s.
fn out(good: f64, bad: f64) -> Told {
    let mut told = Told::new(release());
    told.steady(0);
    told.release = promoted();
    (told.release.phase, told.release.since) = (Phase::Healthy, Some(at(120)));
    told.release.control.new_hash = Clean::from(NEW);
    for step in 1..=40_i32 {
        let n = f64::from(step);
        let new = of(NEW, "web-new-aaaaa", 72.0 + good * n, 8.0 + bad * n);
        told.counters(120 + i64::from(step) * 15, &[new, of(OLD, "web-old-aaaaa", 1704.0, 16.0)]);
    }
    told
}

fn told_at(told: &mut Told, seconds: i64) -> (Mark, &'static str, String) {
    told.release.telemetry = Some(Box::new(told.read(seconds)));
    let verdict = sentence(&told.release, at(seconds));
    (verdict.mark, verdict.word, verdict.lines()[0].clone())
}

#[test]
fn what_was_judged_bad_is_not_steady_the_moment_it_is_out() {
    let mut told = out(90.0, 10.0);
    let (mark, word, says) = told_at(&mut told, 721);
    assert!(!told.release.telemetry.as_ref().unwrap().released.is_empty());
    assert_eq!((mark, word), (Mark::Bad, "FAIL"), "{says}");
    assert!(says.contains("of 4,080"), "its counts stay: {says}");
    // An hour on it is what runs, and no news.
    let later = told_at(&mut told, 120 + 3601);
    assert_eq!(later.1, "STEADY", "{later:?}");
}

#[test]
fn nothing_that_pages_is_well() {
    let mut told = Told::new(promoted());
    told.release.phase = Phase::Healthy;
    let objective = Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap();
    for window in [300, 3600] {
        let (errors, total) = (crate::slo::Answer::Value(2000.0), crate::slo::Answer::Value(100_000.0));
        told.take(asked(0), Found::Window { promise: Clean::from("availability"), window: secs(window), errors, total });
    }
    told.release.telemetry = Some(Box::new(told.with(5, &[objective])));
    let verdict = sentence(&told.release, at(5));
    assert_eq!((verdict.mark, verdict.word), (Mark::Bad, "BURNING"), "{:?}", verdict.lines());
    let mut paged = Told::new(promoted());
    paged.release.phase = Phase::Healthy;
    let alert = Alert { name: Clean::from("Burn"), severity: Clean::from("page"), since: at(0) };
    paged.take(asked(1), Found::Alerts(vec![alert]));
    let (mark, word, _) = told_at(&mut paged, 5);
    assert_eq!((mark, word), (Mark::Bad, "PAGES"));
}

#[test]
fn a_row_of_the_board_hints_at_harm_and_fails_nothing() {
    use crate::release::words::judged;
    let row = |bad: f64| {
        let mut told = Told::new(release());
        let counts = vec![(Clean::from(NEW), 3000.0, bad), (Clean::from(OLD), 12_000.0, 6.0)];
        told.take(asked(100), Found::Row(secs(300), counts));
        told.release.telemetry = Some(Box::new(told.read(110)));
        judged(&told.release).unwrap()
    };
    assert_eq!(row(60.0), (Mark::Paused, "SUSPECT"));
    assert_eq!(row(1.0), (Mark::Unknown, "open to see"));
}

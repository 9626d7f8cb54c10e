use super::super::clause::line;
use super::super::judged::found;
use super::*;
use crate::slo::Objective;
use crate::slo::verdict::{Limits, Spread, judge};
use std::time::Duration;

fn judgement(new: (f64, f64), old: (f64, f64), minutes: u64) -> Judgement {
    let objective = Objective::new("availability", 0.999, Duration::from_secs(30 * 86_400)).unwrap();
    let outcome = |(bad, total)| Outcome { bad, total };
    let evidence = Evidence::of("6f4d8c9b7", "availability", Limits::of(&objective), outcome(new), outcome(old));
    let spread = Spread { minutes: 2, pods: 2 };
    judge(&Evidence { window: Duration::from_secs(60 * minutes), pace: 1.0, spread, ..evidence })
}

/// The first line of 80 columns and of 120, of a version called `new`.
fn called(judgement: &Judgement, new: &str, headline: &str) -> [String; 2] {
    let (new, old) = (new.to_owned(), "1.4.2".to_owned());
    let judged = Judged { found: found(judgement, &new, &old), judgement, new, old, is_meant: true };
    [66, 105].map(|room| line(&[opening(&judged, headline)], room))
}

fn said(judgement: &Judgement, headline: &str) -> [String; 2] {
    called(judgement, "1.5.0", headline)
}

#[test]
fn a_failure_says_factor_counts_time_and_evidence_however_little_room_there_is() {
    let mut fails = judgement((205.0, 6210.0), (28.0, 25_470.0), 4);
    assert_eq!(
        said(&fails, "FAIL"),
        [
            "1.5.0 fails 30x as often: 205 of 6,210, 4m. >10,000:1 worse.",
            "1.5.0 fails 30x as often as 1.4.2: 205 of 6,210 against 28 of 25,470 in 4m. >10,000:1 worse."
        ]
    );
    // A long name gives way before any of them does.
    assert_eq!(called(&fails, "2026.11.21-rc3", "FAIL")[0], "New fails 30x as often: 205 of 6,210, 4m. >10,000:1 worse.");
    fails.evidence.bad = Bad::Slow;
    assert_eq!(said(&fails, "FAIL")[0], "1.5.0 is slow 30x as often: 205 of 6,210, 4m. >10,000:1 worse.");
    fails.evidence.age = Some(Duration::from_secs(190));
    assert_eq!(said(&fails, "FAIL")[0], "New is slow 30x as often: 205 of 6,210, 4m, 3 m ago. >10,000:1 worse.");
    // Where something else stands before it, it names itself.
    assert!(said(&fails, "STUCK")[1].starts_with("FAIL: 1.5.0 is too slow"), "{:?}", said(&fails, "STUCK"));
}

#[test]
fn a_word_that_is_no_headline_is_said_with_its_rule() {
    let passes = judgement((3.0, 60_000.0), (20.0, 200_000.0), 25);
    let [narrow, wide] = said(&passes, "PAUSED");
    assert!(narrow.starts_with("PASS: ") && narrow.contains("of 60,000"), "{narrow}");
    assert!(wide.starts_with("PASS: 1.5.0 fails 3 of 60,000 against 20 of 200,000 in 25m. "), "{wide}");
    let [narrow, wide] = said(&judgement((0.0, 120.0), (3.0, 2280.0), 5), "MOVING");
    assert_eq!(narrow, "WARMING: 120 of 207 requests to judge by, about 2 min.");
    assert_eq!(wide, "WARMING: 207 clean requests rule out page-level burn; 120 so far, about 2 min.");
    assert_eq!(
        said(&judgement((0.0, 0.0), (0.0, 5000.0), 10), "WAITS")[0],
        "NO TRAFFIC: 1.5.0 gets no requests, whatever the router was told."
    );
}

#[test]
fn what_is_not_counted_any_more_says_since_when() {
    let mut partial = judgement((2.0, 653.0), (16.0, 12_680.0), 2);
    partial.evidence.gap = Some((Arm::New, crate::slo::ratio::Missing::Partial));
    partial.evidence.age = Some(Duration::from_secs(330));
    let [narrow, wide] = said(&judge(&partial.evidence), "PAUSED");
    assert_eq!(narrow, "NO DATA: the answer was partial. 2 of 653 failed, 2m, 5 m ago.");
    assert_eq!(wide, "NO DATA on 1.5.0: the answer was partial. 1.5.0 fails 2 of 653 against 16 of 12,680 in 2m, 5 m ago.");
}

#[test]
fn two_that_fail_alike_say_which_of_them_is_new_to_it() {
    let mut both = judgement((58.0, 3630.0), (600.0, 30_639.0), 4);
    assert_eq!(said(&both, "SERVICE")[0], "Both fail, 1.5.0 no worse (<0.1:1): look beyond this release.");
    let wide = "Both fail, 58 of 3,630 and 600 of 30,639 in 4m, 1.5.0 no worse (<0.1:1): look beyond this release.";
    assert_eq!(said(&both, "SERVICE")[1], wide);
    both.evidence.before = Some(Outcome { bad: 10.0, total: 40_000.0 });
    assert_eq!(said(&judge(&both.evidence), "SERVICE")[0], "Both fail: 1.4.2 did not before this release, so it may harm both.");
}

//! CA-1 to CA-10 and BR-7: the verdict's columns, the sequential test and the weight of evidence.
//! It compares with no other judge: Kayenta's is in a file of its own.

use super::super::outcome::Outcome;
use super::super::ratio::{Missing, Reading};
use super::super::verdict::{Against, Arm, Evidence, Judge, Limits, Look, Rule, Spread, Weight, Word, judge, worse};
use super::{near, over_30_days};

fn limits() -> Limits {
    Limits::of(&over_30_days(0.999))
}

fn outcome((bad, total): (f64, f64)) -> Outcome {
    Outcome { bad, total }
}

fn evidence(new: (f64, f64), old: (f64, f64)) -> Evidence {
    Evidence::of("6f4d8c9b7", "availability", limits(), outcome(new), outcome(old))
}

/// P(worse), the evidence that it is worse, the evidence that it is not much worse, and the word where errors came in several minutes.
#[track_caller]
fn check(new: (f64, f64), old: (f64, f64), chance: f64, weights: [f64; 2], word: Word) -> Rule {
    let judgement = judge(&Evidence { spread: Spread { minutes: 2, pods: 0 }, ..evidence(new, old) });
    // The reference's figures were drawn; CA-7 worked by hand on a fine grid is .994047.
    near(judgement.chance().unwrap(), chance, 1e-4);
    let [worse, not_much] = weights;
    near(judgement.worse(), worse, worse * 0.006);
    near(judgement.not_much_worse(), not_much, not_much * 0.004 + 5.1e-4);
    assert_eq!(judgement.word, word, "{:?}", judgement.rule);
    judgement.rule
}

#[test]
fn ca_1_no_error_in_40_is_warming() {
    let rule = check((0.0, 40.0), (12.0, 24_000.0), 0.8394, [0.938, 1.02], Word::Warming);
    assert_eq!(rule, Rule::FewRequests);
}

#[test]
fn ca_2_one_error_in_40_is_suspect() {
    assert_eq!(check((1.0, 40.0), (12.0, 24_000.0), 0.9977, [3.83, 0.414], Word::Suspect), Rule::Likely);
}

#[test]
fn ca_3_three_errors_in_200_fail_where_they_are_no_burst() {
    let (new, old) = ((3.0, 200.0), (10.0, 20_000.0));
    assert_eq!(check(new, old, 0.999_96, [87.25, 0.153], Word::Fail), Rule::Worse);
    let with = |minutes, pods| judge(&Evidence { spread: Spread { minutes, pods }, ..evidence(new, old) });
    assert_eq!((with(1, 1).word, with(1, 1).rule), (Word::Suspect, Rule::OneBurst));
    assert_eq!(with(1, 2).word, Word::Fail);
}

#[test]
fn ca_4_no_error_in_3000_is_not_yet_enough_to_pass() {
    let (new, old) = ((0.0, 3000.0), (30.0, 57_000.0));
    assert_eq!(check(new, old, 0.0781, [0.154, 7.31], Word::Inconclusive), Rule::Undecided);
    let outlook = judge(&evidence(new, old)).outlook;
    assert_eq!(outlook.next, Some(Word::Pass));
    let more = outlook.requests.unwrap();
    assert!((500.0..3000.0).contains(&more), "{more}");
}

#[test]
fn ca_5_twenty_errors_in_1000_fail() {
    assert_eq!(check((20.0, 1000.0), (50.0, 100_000.0), 1.0, [5.1e16, 0.001], Word::Fail), Rule::Worse);
}

#[test]
fn ca_6_both_over_the_objective_is_not_this_release() {
    assert_eq!(check((6.0, 2000.0), (54.0, 18_000.0), 0.5233, [0.167, 2.35], Word::ServiceWide), Rule::BothOver);
}

#[test]
fn ca_7_twelve_errors_in_10_000_are_suspect() {
    assert_eq!(check((12.0, 10_000.0), (45.0, 90_000.0), 0.9941, [8.68, 0.126], Word::Suspect), Rule::Leaning);
}

#[test]
fn ca_8_two_errors_in_500_are_suspect_and_a_third_fails() {
    let (new, old) = ((2.0, 500.0), (0.0, 9500.0));
    assert_eq!(check(new, old, 0.9998, [15.63, 0.239], Word::Suspect), Rule::Leaning);
    let judgement = judge(&evidence(new, old));
    assert_eq!(judgement.outlook.errors, Some(1));
    near(judge(&evidence((3.0, 500.0), old)).worse(), 86.1, 0.1);
}

#[test]
fn ca_9_the_sequential_test_against_the_objective() {
    let limits = limits();
    near(limits.per_good(), -0.013_504_2, 5e-8);
    near(limits.per_bad(), 2.667_228_2, 5e-8);
    near(Limits::wald(), 2.944, 5e-4);
    let says = |bad, total| limits.against(outcome((bad, total)));
    assert_eq!((says(0.0, 218.0), says(0.0, 219.0)), (Against::Open, Against::NoPage));
    assert_eq!((says(2.0, 178.0), says(2.0, 182.0)), (Against::Page, Against::Open));
    assert_eq!((says(1.0, 416.0), says(1.0, 417.0)), (Against::Open, Against::NoPage));
    near(limits.accepts_at(0.0), 219.0, 0.0);
    near(limits.accepts_at(1.0), 417.0, 0.0);
}

#[test]
fn ca_10_the_weight_of_one_bucket() {
    for (new, stable, share, worse) in
        [(3.0, 0.0, 0.1, 43.18), (1.0, 0.0, 0.01, 4.08), (2.0, 0.0, 0.01, 24.42), (5.0, 5.0, 0.1, 65.48), (10.0, 20.0, 0.1, 153.5)]
    {
        let mut weight = Weight::default();
        weight.add(outcome((new, 1000.0 * share)), outcome((stable, 1000.0 * (1.0 - share))));
        near(weight.worse(), worse, worse * 3e-4);
    }
}

#[test]
fn br_7_counters_that_stand_still_are_no_traffic_and_absent_ones_no_data() {
    let start = chrono::DateTime::UNIX_EPOCH;
    let at = |seconds| start + chrono::TimeDelta::seconds(seconds);
    let after_five_minutes = |new: Reading<Outcome>| {
        let mut watched = Judge::new("6f4d8c9b7", &over_30_days(0.999));
        for minute in 0..=5 {
            let stable = Reading::Value(outcome((0.0, 6000.0 * f64::from(minute))));
            watched.look(&Look { at: at(60 * i64::from(minute)), new, stable, failing_pods: 0 });
        }
        judge(&watched.evidence(at(300), None)).rule
    };
    assert_eq!(after_five_minutes(Reading::Value(outcome((0.0, 0.0)))), Rule::NoRequests);
    assert_eq!(after_five_minutes(Reading::NoData(Missing::TotalAbsent)), Rule::NotRead(Arm::New, Missing::TotalAbsent));
}

#[test]
fn warming_ends_after_207_clean_requests_at_99_9_percent() {
    near(limits().page_burn(), 14.4, 1e-9);
    near(limits().fewest(), 207.0, 0.0);
    let after = |requests| judge(&evidence((0.0, requests), (30.0, 60_000.0))).word;
    assert_eq!((after(206.0), after(207.0)), (Word::Warming, Word::Inconclusive));
    // Beside it: what burns of 6 and of 1 take.
    for (burn, requests) in [(6.0, 498.0), (1.0, 2995.0)] {
        let limits = Limits { page: burn * 0.001, ..limits() };
        near(limits.fewest(), requests, 0.0);
    }
}

#[test]
fn the_chance_is_one_half_of_twins_and_turns_over_with_the_sides() {
    for (bad, total) in [(0.0, 10.0), (1.0, 50.0), (30.0, 60_000.0), (900.0, 1000.0), (50_000.0, 10_000_000.0)] {
        near(worse(outcome((bad, total)), outcome((bad, total))).unwrap(), 0.5, 2e-3);
    }
    let (new, old) = (outcome((3.0, 500.0)), outcome((7.0, 9000.0)));
    near(worse(new, old).unwrap() + worse(old, new).unwrap(), 1.0, 1e-6);
    assert_eq!(worse(outcome((0.0, 0.0)), old), None);
}

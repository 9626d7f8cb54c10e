//! What was not seen whole: gaps, resets, partial answers, old data.
//! It holds nothing about the rules themselves.

use super::*;
use crate::slo::ratio::Missing;

const CLEAN: (f64, f64) = (0.0, 10.0);
const BUSY: (f64, f64) = (0.0, 190.0);

#[test]
fn what_could_not_be_read_is_no_data_and_adds_nothing() {
    let mut watched = Watched::start();
    let before = watched.runs(100, CLEAN, BUSY);
    for why in [Missing::Partial, Missing::QueryFailed, Missing::TotalAbsent] {
        watched.passes(10, CLEAN, BUSY);
        watched.sees(Reading::NoData(why), Reading::Value(watched.stable));
        let now = watched.now();
        assert_eq!((now.word, now.rule), (Word::NoData, Rule::NotRead(Arm::New, why)));
        assert_eq!(now.evidence.new, before.evidence.new, "no clean request comes from it");
    }
    watched.sees(Reading::Value(watched.new), Reading::NoData(Missing::Partial));
    assert_eq!(watched.now().rule, Rule::NotRead(Arm::New, Missing::TotalAbsent), "not a later look");
    watched.passes(10, CLEAN, BUSY);
    watched.sees(Reading::Value(watched.new), Reading::NoData(Missing::Partial));
    assert_eq!(watched.now().rule, Rule::NotRead(Arm::Stable, Missing::Partial));

    // Counters kept counting for those 50 seconds: nothing is lost, and nothing counted twice.
    let after = watched.runs(10, CLEAN, BUSY);
    assert_eq!(after.evidence.new.total, 150.0);
    assert_eq!(after.evidence.missed, Duration::ZERO);
    assert_eq!(after.word, Word::Warming);
}

#[test]
fn a_long_gap_is_left_out_of_both_versions_and_said() {
    let mut watched = Watched::start();
    watched.runs(60, CLEAN, BUSY);
    watched.passes(600, (0.0, 100_000.0), (0.0, 0.0));
    let after = watched.runs(60, CLEAN, BUSY);
    assert_eq!(after.evidence.new.total, 60.0 + 50.0, "a look after the gap is where counting goes on");
    assert_eq!(after.evidence.missed, Duration::from_secs(610));
    assert_eq!(after.evidence.window, Duration::from_secs(110));
    assert_eq!(after.word, Word::Warming, "100,000 unseen requests are not clean ones");
}

#[test]
fn sums_that_fall_are_where_counting_goes_on() {
    let mut watched = Watched::start();
    watched.runs(60, CLEAN, BUSY);
    watched.stable = Outcome { bad: 0.0, total: 5.0 };
    let after = watched.runs(20, CLEAN, BUSY);
    assert_eq!((after.evidence.new.total, after.evidence.stable.total), (70.0, 6.0 * 190.0 + 190.0));
    assert_eq!(after.evidence.missed, Duration::from_secs(10));
}

#[test]
fn without_looks_there_is_no_verdict_of_now() {
    let mut watched = Watched::start();
    watched.runs(600, CLEAN, BUSY);
    watched.second += 300;
    assert_ne!(watched.now().word, Word::NoData);
    watched.second += 1;
    assert_eq!(watched.now().rule, Rule::NotRead(Arm::New, Missing::Stale));
    assert_eq!(judge(&Judge::new("a", &objective()).evidence(at(0), None)).word, Word::NoData, "nobody ever looked");
}

#[test]
fn old_counts_foretell_nothing() {
    let mut watched = Watched::start();
    watched.runs(600, (0.0, 20.0), (0.2, 180.0));
    watched.second += 60;
    assert!(watched.now().outlook.takes.is_some());
    watched.second += 60;
    let old = watched.now();
    assert_eq!((old.outlook.next, old.outlook.requests, old.outlook.takes, old.outlook.errors), (None, None, None, None));
}

#[test]
fn errors_that_came_before_their_requests_wait_for_them() {
    let mut watched = Watched::start();
    watched.runs(60, CLEAN, BUSY);
    watched.passes(10, (2.0, 1.0), BUSY);
    watched.look();
    assert!(matches!(watched.now().rule, Rule::NotRead(Arm::New, Missing::MoreBadThanTotal { .. })));
    let after = watched.runs(10, (0.0, 9.0), BUSY);
    assert_eq!(after.evidence.new, Outcome { bad: 2.0, total: 70.0 });
}

#[test]
fn counters_at_nothing_are_no_traffic_and_counters_that_stop_are_not_a_pass() {
    let mut watched = Watched::start();
    assert_eq!(watched.runs(300, (0.0, 0.0), BUSY).rule, Rule::NoRequests);
    let passing = watched.runs(6000, CLEAN, (1.0, 190.0));
    assert_eq!(passing.word, Word::Pass, "{:?}", passing.rule);
    let quiet = watched.runs(300, (0.0, 0.0), BUSY);
    assert_eq!((quiet.word, quiet.rule), (Word::NoTraffic, Rule::Quiet(Duration::from_secs(300))));
}

#[test]
fn a_version_whose_pods_are_gone_keeps_what_it_did() {
    let mut watched = Watched::start();
    watched.runs(60, CLEAN, BUSY);
    watched.second += 10;
    watched.new.total += 10.0;
    watched.sees(Reading::Value(watched.new), Reading::NoTraffic);
    let after = watched.now();
    assert_eq!((after.evidence.new.total, after.evidence.stable.total), (70.0, 6.0 * 190.0));
    assert_eq!(after.evidence.missed, Duration::ZERO);
}

#[test]
fn since_the_first_pod_counts_its_first_sample_too() {
    let stable = Outcome { bad: 4.0, total: 1000.0 };
    let mut judge_state = Judge::new("a", &objective()).since(at(0), stable);
    let new = Reading::Value(Outcome { bad: 1.0, total: 30.0 });
    judge_state.look(&Look { at: at(15), new, stable: Reading::Value(Outcome { bad: 4.0, total: 1300.0 }), failing_pods: 1 });
    let evidence = judge_state.evidence(at(15), None);
    assert_eq!(evidence.new, Outcome { bad: 1.0, total: 30.0 });
    assert_eq!(evidence.stable, Outcome { bad: 0.0, total: 300.0 });
    assert_eq!((evidence.spread, evidence.pace), (Spread { minutes: 1, pods: 1 }, 2.0));
}

#[test]
fn a_pace_of_few_requests_is_told_from_all_of_them_and_does_not_leap() {
    let pace = |per_minute: &[f64]| {
        let mut judge_state = Judge::new("a", &objective());
        let mut sum = Outcome { bad: 0.0, total: 0.0 };
        let look = |at, sum| Look { at, new: Reading::Value(sum), stable: Reading::Value(sum), failing_pods: 0 };
        judge_state.look(&look(at(0), sum));
        for (minute, more) in (1..).zip(per_minute) {
            sum.total += more;
            judge_state.look(&look(at(60 * minute), sum));
        }
        judge_state.evidence(at(60 * i64::try_from(per_minute.len()).unwrap()), None).pace * 60.0
    };
    // Ten minutes with one request every other, then two in a minute: the last five minutes alone would say twice as many.
    let few = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
    let before = pace(&few);
    let after = pace(&[&few[..], &[2.0, 2.0]].concat());
    assert!((before - 0.5).abs() < 1e-9 && after < 1.6 * before, "{before} {after}");
    // Where many come, the last minutes are the pace.
    let busy: Vec<f64> = std::iter::repeat_n(1000.0, 10).chain(std::iter::repeat_n(3000.0, 6)).collect();
    assert!((pace(&busy) - 3000.0).abs() < 1e-6, "{}", pace(&busy));
}

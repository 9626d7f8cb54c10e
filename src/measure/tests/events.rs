//! Events of an objective's own: judged by themselves, whatever the requests' codes say.

use super::super::*;
use super::given::*;
use crate::ports::metrics::Events as Raw;
use crate::slo::Objective;
use crate::slo::verdict::Word;
use crate::slo::verdict::{Bad, Counting};

const NEW_POD: &str = "web-new-aaaaa";
const OLD_POD: &str = "web-old-aaaaa";

fn slow() -> Promised {
    let objective = Objective::new("quick", 0.95, Duration::from_secs(30 * 86_400)).unwrap();
    Promised { is_built_in: false, judged_by: JudgedBy::Events(Bad::Slow), ..Promised::from(objective) }
}

fn raw(version: &str, pod: &str, total: f64, bad: f64) -> Raw {
    Raw { version: Clean::from(version), pod: Clean::from(pod), total, bad, bound: Some(0.3) }
}

fn events(told: &mut Told, seconds: i64, pods: Vec<Raw>, at_least: bool) {
    told.take(asked(seconds), Found::Events { promise: Clean::from("quick"), pods, at_least });
}

#[test]
fn slow_requests_fail_a_version_whose_requests_do_not_fail() {
    let mut told = Told::new(release());
    for step in 0..=20_i32 {
        let (n, seconds) = (f64::from(step), i64::from(step) * 15);
        let code = |version, pod, total| of(version, pod, total, 0.0);
        told.counters(seconds, &[code(NEW, NEW_POD, 100.0 * n), code(OLD, OLD_POD, 900.0 * n)]);
        let pods = vec![raw(NEW, NEW_POD, 100.0 * n, 30.0 * n), raw(OLD, OLD_POD, 900.0 * n, 9.0 * n)];
        events(&mut told, seconds, pods, false);
    }
    let figures = told.promised(301, &[slow()]);
    let [quick, failed] = figures.verdicts.as_slice() else { panic!("{:?}", figures.verdicts) };
    assert_eq!((quick.word, quick.evidence.bad, quick.evidence.new.bad), (Word::Fail, Bad::Slow, 600.0));
    // Nobody promised anything of failed requests: they are judged all the same.
    assert_eq!((failed.evidence.indicator.as_str(), failed.evidence.new.bad), ("failed requests, 99.9 % assumed", 0.0));
    let budget = &figures.budgets[0];
    assert_eq!(budget.split.map(|(new, old)| (new.bad, old.bad)), Some((600.0, 180.0)));
    assert!(budget.attribution.value().is_some_and(|own| own.if_promoted.get() > 5.9), "{:?}", budget.attribution);
}

#[test]
fn bad_events_that_were_read_late_are_no_restart() {
    let mut told = Told::new(release());
    for (seconds, total, bad) in [(0, 0.0, 0.0), (15, 1000.0, 100.0), (30, 1100.0, 99.0), (45, 1200.0, 101.0)] {
        events(&mut told, seconds, vec![raw(NEW, NEW_POD, total, bad), raw(OLD, OLD_POD, 9.0 * total, 0.0)], true);
    }
    let evidence = told.promised(46, &[slow()]).verdicts.remove(0).evidence;
    assert_eq!((evidence.new.bad, evidence.counting), (101.0, Counting::AtLeast));
}

#[test]
fn another_bound_of_the_histogram_is_another_count() {
    let mut told = Told::new(release());
    // Over 0.5 s nobody of the old version is slow; over 0.3 s, the bound that both have from here on, many always were.
    let pods = |bound, total, bad| {
        let both = [(NEW, NEW_POD, 0.0), (OLD, OLD_POD, bad)];
        both.map(|(version, pod, bad)| Raw { bound: Some(bound), ..raw(version, pod, total, bad) }).to_vec()
    };
    events(&mut told, 0, pods(0.5, 1000.0, 0.0), false);
    events(&mut told, 15, pods(0.3, 1100.0, 500.0), false);
    events(&mut told, 30, pods(0.3, 1200.0, 501.0), false);
    let evidence = told.promised(31, &[slow()]).verdicts.remove(0).evidence;
    assert_eq!(evidence.stable.bad, 1.0, "what was counted by the other bound is no burst");
    // What came before by the other bound is not put together with it either.
    told.take(asked(31), Found::EventsBefore(Clean::from("quick"), vec![(at(-60), pods(0.5, 0.0, 0.0)), (at(-30), pods(0.5, 500.0, 0.0))]));
    assert_eq!(told.promised(32, &[slow()]).verdicts.remove(0).evidence.stable.bad, 1.0);
}

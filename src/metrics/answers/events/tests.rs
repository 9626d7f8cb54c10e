//! Histograms and counters of two pods, read as events.

use super::*;
use crate::metrics::dialect::{Dialect, Latency};
use crate::metrics::reply::{Data, Point, Sample};
use crate::objects::ReleaseRef;
use crate::ports::metrics::{Counters, Part, VersionNames};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| (Clean::from(*name), Clean::from(*value))).collect()
}

fn reply(series: &[(&[(&str, &str)], f64)]) -> Reply {
    let at = Time::from_timestamp(1_700_000_000, 0).unwrap();
    let sample = |(pairs, value): &(&[(&str, &str)], f64)| Sample { labels: labels(pairs), point: Point { at, value: *value } };
    let data = Data::Vector(series.iter().map(sample).collect());
    Reply { data, warnings: Vec::new(), infos: Vec::new(), partial: false, natives: 0, twins: 0, took: Duration::ZERO, bytes: 0 }
}

fn subject() -> Subject {
    let version = |hash: &str, part| VersionNames {
        hash: Clean::from(hash),
        replica_set: Clean::from(format!("web-{hash}")),
        pods: Vec::new(),
        part,
        label: Clean::default(),
    };
    Subject {
        namespace: Clean::from("shop"),
        workload: Clean::from("web"),
        versions: vec![version("77f9", Part::New), version("5d4f", Part::Old)],
        ..Subject::default()
    }
}

fn source(unit: f64) -> Source {
    Source {
        dialect: Dialect::Generic { metric: Clean::from("http_requests_total"), code_label: Some("code") },
        namespace_label: "namespace",
        pod_label: Some("pod"),
        latency: Some(Latency { metric: Clean::from("http_request_duration_seconds"), shape: Shape::Classic, unit }),
    }
}

fn quick(milliseconds: u64) -> Promise {
    Promise { name: Clean::from("quick"), slower_than: Some(Duration::from_millis(milliseconds)), ..Promise::default() }
}

fn now() -> QuestionId {
    let release = ReleaseRef { namespace: Clean::from("shop"), name: Clean::from("web"), kind: crate::objects::Kind::Deployment };
    QuestionId::Events(release, Clean::from("quick"))
}

const NEW: &str = "web-77f9-abcde";
const OLD: &str = "web-5d4f-vwxyz";

fn read(promise: &Promise, source: Option<&Source>, reply: &Reply) -> (Vec<(String, f64, f64)>, bool, Vec<String>) {
    let (subject, mut doubts) = (subject(), Vec::new());
    let whose = Whose { subject: &subject, promise, source };
    let Some(Found::Events { pods, at_least, .. }) = events(&now(), &whose, reply, &mut doubts) else { panic!("no events") };
    (pods.into_iter().map(|one| (one.version.to_string(), one.total, one.bad)).collect(), at_least, doubts)
}

#[test]
fn what_took_longer_than_the_bound_is_slow() {
    let told = reply(&[
        (&[("pod", NEW), ("le", "0.1")], 60.0),
        (&[("pod", NEW), ("le", "0.30")], 90.0),
        (&[("pod", NEW), ("le", "+Inf")], 100.0),
        (&[("pod", OLD), ("le", "0.3")], 999.0),
        (&[("pod", OLD), ("le", "+Inf")], 1000.0),
        (&[("pod", "cart-1-abcde"), ("le", "+Inf")], 7.0),
    ]);
    let (pods, at_least, doubts) = read(&quick(300), Some(&source(1.0)), &told);
    assert_eq!(pods, [("5d4f".to_owned(), 1000.0, 1.0), ("77f9".to_owned(), 100.0, 10.0)]);
    assert_eq!((at_least, doubts), (false, Vec::new()));
}

#[test]
fn without_a_bound_at_the_threshold_the_next_one_counts_and_says_so() {
    let told =
        reply(&[(&[("pod", NEW), ("le", "250")], 60.0), (&[("pod", NEW), ("le", "500")], 90.0), (&[("pod", NEW), ("le", "+Inf")], 100.0)]);
    let (pods, at_least, doubts) = read(&quick(300), Some(&source(0.001)), &told);
    assert_eq!((pods, at_least), (vec![("77f9".to_owned(), 100.0, 10.0)], true));
    assert_eq!(doubts, ["no bound at 0.3 s: only what took longer than 0.5 s is counted as slow"]);
}

#[test]
fn two_histograms_are_compared_by_a_bound_that_both_have_or_not_at_all() {
    let told = |old: &'static str| {
        reply(&[
            (&[("pod", NEW), ("le", "0.3")], 60.0),
            (&[("pod", NEW), ("le", "1")], 90.0),
            (&[("pod", NEW), ("le", "+Inf")], 100.0),
            (&[("pod", OLD), ("le", old)], 95.0),
            (&[("pod", OLD), ("le", "+Inf")], 100.0),
        ])
    };
    let source = source(1.0);
    let (pods, at_least, _) = read(&quick(300), Some(&source), &told("1.0"));
    assert_eq!((pods, at_least), (vec![("5d4f".to_owned(), 100.0, 5.0), ("77f9".to_owned(), 100.0, 10.0)], true));
    let (pods, _, doubts) = read(&quick(300), Some(&source), &told("0.7"));
    assert_eq!(pods, Vec::new());
    assert_eq!(doubts, ["its histograms have no bound at or above 0.3 s in common, so slow requests can't be told"]);
}

#[test]
fn good_events_leave_the_bad_ones_and_absent_ones_are_none() {
    let counters = |is_good| Counters { total: "t".to_owned(), some: "s".to_owned(), is_good, pod_label: "pod" };
    let promise = |is_good| Promise { name: Clean::from("quick"), counters: Some(counters(is_good)), ..Promise::default() };
    let told = reply(&[
        (&[("pod", NEW), (SLI_LABEL, "total")], 100.0),
        (&[("pod", NEW), (SLI_LABEL, "some")], 90.0),
        (&[("pod", OLD), (SLI_LABEL, "total")], 50.0),
        (&[("pod", "cart-1-abcde"), (SLI_LABEL, "total")], 7.0),
    ]);
    let bad = |is_good| read(&promise(is_good), None, &told).0.into_iter().map(|(.., bad)| bad).collect::<Vec<_>>();
    assert_eq!((bad(true), bad(false)), (vec![50.0, 10.0], vec![0.0, 90.0]));
}

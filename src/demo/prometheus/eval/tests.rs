//! Whole expressions over small stores, with values worked out by hand.

use super::super::tsdb::{Labels, Store};
use super::*;

/// Series every 15 s up to 600 s: `name`, labels, value as a function of the sample's number (0 at 0 s).
fn store() -> Store {
    let mut store = Store::new();
    let mut put = |name: &str, labels: &[(&str, &str)], of: &dyn Fn(i64) -> f64| {
        let id = store.series(Labels::of(labels).with("__name__", name));
        for n in 0..=40 {
            store.append(id, n * 15_000, of(n));
        }
    };
    put("requests_total", &[("pod", "a"), ("code", "200")], &|n| (n * 15) as f64);
    put("requests_total", &[("pod", "a"), ("code", "500")], &|n| (n * 3) as f64);
    put("requests_total", &[("pod", "b"), ("code", "200")], &|n| (n * 30) as f64);
    put("version", &[("pod", "a"), ("version", "1.4")], &|_| 1.0);
    put("version", &[("pod", "b"), ("version", "1.5")], &|_| 1.0);
    store
}

fn at(query: &str, seconds: i64) -> Result<Vec<(String, f64)>, QueryError> {
    match instant(&store(), query, seconds * 1000, Options::default())? {
        Answer::Vector(_, rows) => {
            let mut rows: Vec<_> = rows.into_iter().map(|row| (row.labels.to_string(), row.value)).collect();
            rows.sort_by(|a, b| a.0.cmp(&b.0));
            Ok(rows)
        }
        Answer::Scalar(_, value) => Ok(vec![("scalar".into(), value)]),
        other => panic!("{query}: {other:?}"),
    }
}

fn rows(expected: &[(&str, f64)]) -> Result<Vec<(String, f64)>, QueryError> {
    Ok(expected.iter().map(|(labels, value)| ((*labels).to_string(), *value)).collect())
}

#[test]
fn rates_sum_by_label() {
    let expected = rows(&[(r#"{pod="a"}"#, 1.2), (r#"{pod="b"}"#, 2.0)]);
    assert_eq!(at("sum by (pod) (rate(requests_total[5m]))", 600), expected);
    assert_eq!(at("sum(rate(requests_total{code=~\"5..\"}[5m])) / sum(rate(requests_total[5m]))", 600), rows(&[("{}", 0.0625)]));
}

#[test]
fn a_selector_looks_back_five_minutes_and_not_past_the_end_of_a_series() {
    assert_eq!(at("count(requests_total)", 900), rows(&[("{}", 3.0)]));
    assert_eq!(at("count(requests_total)", 901), rows(&[]));
    let mut store = store();
    let id = store.series(Labels::of(&[("__name__", "requests_total"), ("pod", "b"), ("code", "200")]));
    store.stale(id, 610_000);
    let answer = instant(&store, "requests_total{pod=\"b\"}", 611_000, Options::default());
    assert_eq!(answer, Ok(Answer::Vector(611_000, vec![])));
    let answer = instant(&store, "count_over_time(requests_total{pod=\"b\"}[1m])", 611_000, Options::default()).unwrap();
    assert!(matches!(answer, Answer::Vector(_, rows) if rows[0].value == 4.0), "the marker is no sample");
}

#[test]
fn a_version_is_lent_to_each_pods_traffic() {
    let query = "sum by (version) (rate(requests_total[1m]) * on (pod) group_left (version) version)";
    assert_eq!(at(query, 600), rows(&[(r#"{version="1.4"}"#, 1.2), (r#"{version="1.5"}"#, 2.0)]));
}

#[test]
fn ambiguous_matches_are_refused_in_prometheus_words() {
    let error = at("rate(requests_total[1m]) * on (pod) version", 600).unwrap_err();
    assert_eq!(error.message, "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)");
    let error = at("version * on (pod) requests_total", 600).unwrap_err();
    assert!(error.message.starts_with("found duplicate series for the match group {pod=\"a\"} on the right hand-side"), "{error}");
    let error = at("-{__name__=~\"version|twin\"}", 600);
    assert!(error.is_ok(), "nothing else is called that: {error:?}");
}

#[test]
fn comparisons_filter_or_answer() {
    assert_eq!(at("requests_total > 1000", 600), rows(&[(r#"{__name__="requests_total", code="200", pod="b"}"#, 1200.0)]));
    assert_eq!(at("sum(requests_total) > bool 1", 600), rows(&[("{}", 1.0)]));
    assert_eq!(at("1 > bool 2", 600), rows(&[("scalar", 0.0)]));
    assert_eq!(at("vector(1) and on() absent(nothing{a=\"b\"})", 600), rows(&[("{}", 1.0)]));
    assert_eq!(at("absent(nothing{a=\"b\",c=~\"d\"})", 600), rows(&[(r#"{a="b"}"#, 1.0)]));
}

#[test]
fn subqueries_stand_on_multiples_of_their_step() {
    // Moments 300, 360, … 600: six; the counter of pod b stands at 2/s.
    assert_eq!(at("count_over_time(requests_total{pod=\"b\"}[5m:1m])", 610), rows(&[(r#"{code="200", pod="b"}"#, 5.0)]));
    assert_eq!(at("max_over_time(requests_total{pod=\"b\"}[5m:1m])", 599), rows(&[(r#"{code="200", pod="b"}"#, 1080.0)]));
}

#[test]
fn a_range_ends_where_it_ends() {
    let Ok(Answer::Matrix(tracks)) = range(&store(), "sum(requests_total)", 0, 100_000, 30_000, Options::default()) else { panic!() };
    assert_eq!(tracks[0].samples, vec![(0, 0.0), (30_000, 96.0), (60_000, 192.0), (90_000, 288.0)]);
}

#[test]
fn what_is_beyond_it_is_an_error() {
    for query in [
        "holt_winters(requests_total[5m], 0.5, 0.5)",
        "sum(",
        "mad_over_time(version[5m])",
        "exp(NaN)",
        "{a=\"b\" or c=\"d\"}",
        "limitk(1, version)",
    ] {
        assert_eq!(at(query, 600).unwrap_err().kind, super::super::error::ErrorKind::BadData, "{query}");
    }
}

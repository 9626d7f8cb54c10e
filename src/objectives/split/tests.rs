use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::demo::prometheus::{Answer, Labels, Options, Store, instant};

fn arm() -> Arm {
    Arm { label: "pod".into(), regex: "web-(6b8f7)-[a-z0-9]{5}|odd".into() }
}

fn split_text(text: &str) -> Result<String, Whole> {
    inject(&Query::new(text), &arm()).map(|query| query.text().to_owned())
}

const MATCHER: &str = r#"pod=~"web-(6b8f7)-[a-z0-9]{5}|odd""#;

#[test]
fn the_matcher_reaches_every_series_on_both_sides() {
    let text = |text: &str| split_text(text).unwrap();
    assert_eq!(text("sum(rate(a[$window]))"), format!("sum(rate(a{{{MATCHER}}}[$window]))"));
    assert_eq!(
        text("sum(rate(a{code=~\"5..\"}[$window])) / sum(rate(a{}[$window]))"),
        format!("sum(rate(a{{code=~\"5..\",{MATCHER}}}[$window])) / sum(rate(a{{{MATCHER}}}[$window]))")
    );
    assert_eq!(text("a offset 5m or vector(0)"), format!("a{{{MATCHER}}} offset 5m or vector(0)"));
    let nested = "max_over_time((1 - sum by (job) (rate(good[5m])) / on (job) group_left sum(rate(all{x=\"y\"}[5m])))[1h:1m])";
    assert_eq!(text(nested).matches(MATCHER).count(), 2);
    assert_eq!(text("topk(scalar(count(b)), a)").matches(MATCHER).count(), 2);
    assert_eq!(text("{__name__=\"a\"}"), format!("{{__name__=\"a\",{MATCHER}}}"));
    assert_eq!(text("sum by () (a)"), format!("sum(a{{{MATCHER}}})"));
    // A pod that is asked for stays asked for: both conditions hold.
    assert_eq!(text("a{pod=\"x\"}"), format!("a{{pod=\"x\",{MATCHER}}}"));
    assert_eq!(text("a{x=\"1\" or y=\"2\"}").matches(MATCHER).count(), 2);
    assert_eq!(text("{\"http.requests\", x=\"1\"}"), format!("{{__name__=\"http.requests\",{MATCHER},x=\"1\"}}"));
    assert_eq!(text("sum(rate(kube_pod_container_status_restarts_total[5m]))").matches(MATCHER).count(), 1);
}

#[test]
fn where_it_would_not_mean_the_version_it_is_refused_with_the_reason() {
    let why = |text: &str| format!("not split by version: {}", split_text(text).unwrap_err());
    let cases = [
        (
            "slo:sli_error:ratio_rate5m{sloth_id=\"x\"}",
            "not split by version: it asks the recorded series slo:sli_error:ratio_rate5m, which is summed over all pods",
        ),
        (
            "sum(rate(a[5m])) / job:all:rate5m",
            "not split by version: it asks the recorded series job:all:rate5m, which is summed over all pods",
        ),
        ("{__name__=~\"job:.+\"}", "not split by version: it asks the recorded series job:.+, which is summed over all pods"),
        ("absent(a)", "not split by version: absent looks at whether series are there at all, which a pod's series say nothing about"),
        (
            "sum(label_replace(a, \"pod\", \"$1\", \"instance\", \"(.+):.*\"))",
            "not split by version: the label pod is made by the query itself, so the series may not carry it",
        ),
        (
            "label_join(a, \"pod\", \"-\", \"x\", \"y\")",
            "not split by version: the label pod is made by the query itself, so the series may not carry it",
        ),
        (
            "a / on () kube_deployment_spec_replicas",
            "not split by version: kube_deployment_spec_replicas tells about objects and is not measured by the pods that serve",
        ),
        ("1 + 1", "not split by version: its query selects no series"),
        ("vector(1)", "not split by version: its query selects no series"),
    ];
    for (text, expected) in cases {
        assert_eq!(why(text), expected, "{text}");
    }
    assert!(why("rate(a[$__rate_interval])").starts_with("not split by version: its query is not understood ("));
    let bad = Arm { label: "pod".into(), regex: "(".into() };
    assert!(matches!(inject(&Query::new("a"), &bad), Err(Whole::Arm(_))));
    // Another label may be made by the query.
    assert!(split_text("sum by (x) (label_replace(a, \"x\", \"$1\", \"instance\", \"(.+):.*\"))").is_ok());
}

#[test]
fn one_query_that_cannot_be_split_leaves_the_sli_whole() {
    let sli = Sli::Events { bad: Query::new("sum(rate(a[$window]))"), total: Query::new("job:all:rate5m") };
    assert!(matches!(split(&sli, &arm()), Err(Whole::Recorded(_))));
    let sli = Sli::Good { good: Query::new("sum(rate(a[$window]))"), total: Query::new("sum(rate(b[$window]))") };
    let Sli::Good { good, total } = split(&sli, &arm()).unwrap() else { panic!("a kind stays a kind") };
    assert!(good.text().contains(MATCHER) && total.text().contains(MATCHER));
    assert!(matches!(split(&Sli::Unread(Clean::from("x")), &arm()), Err(Whole::NoQuery(_))));
}

/// Two pods of one version and one of another, with errors, over ten minutes.
fn store() -> Store {
    let mut store = Store::new();
    for (pod, step) in [("web-6b8f7-abcde", 3), ("web-6b8f7-fghij", 5), ("web-5c4d9-klmno", 20)] {
        for (name, code, part) in [("requests_total", "200", 10), ("requests_total", "500", 1), ("other_total", "200", 2)] {
            let labels = Labels::of(&[("pod", pod), ("code", code), ("job", "web")]).with("__name__", name);
            let id = store.series(labels);
            for n in 0..=40_i64 {
                store.append(id, n * 15_000, (n * step * part) as f64);
            }
        }
    }
    store
}

fn value(store: &Store, query: &str) -> Vec<(String, u64)> {
    let rows = match instant(store, query, 600_000, Options::default()) {
        Ok(Answer::Vector(_, rows)) => rows.into_iter().map(|row| (row.labels.to_string(), row.value)).collect(),
        Ok(Answer::Scalar(_, value)) => vec![(String::new(), value)],
        other => panic!("{query}: {other:?}"),
    };
    let mut rows: Vec<(String, u64)> = rows.into_iter().map(|(labels, value): (String, f64)| (labels, value.to_bits())).collect();
    rows.sort();
    rows
}

#[test]
fn a_split_counts_what_its_pods_count() {
    let store = store();
    let query =
        inject(&Query::new("sum(increase(requests_total{code=\"500\"}[$window])) / sum(increase(requests_total[$window]))"), &arm());
    let one = query.unwrap().over(Duration::from_secs(300));
    let by_hand =
        "sum(increase(requests_total{code=\"500\",pod=~\"web-6b8f7-.*\"}[5m])) / sum(increase(requests_total{pod=~\"web-6b8f7-.*\"}[5m]))";
    assert_eq!(value(&store, &one), value(&store, by_hand));
    let total = inject(&Query::new("sum(rate(requests_total[5m]))"), &arm()).unwrap();
    assert_ne!(value(&store, total.text()), value(&store, "sum(rate(requests_total[5m]))"));
}

/// Expressions as people write them: sums, ratios, joins, subqueries, offsets.
fn expression() -> impl Strategy<Value = String> {
    let metric =
        prop_oneof![Just("requests_total"), Just("other_total"), Just("requests_total{code=~\"5..\"}"), Just("{__name__=\"other_total\"}")];
    let range = prop_oneof![Just("5m"), Just("90s"), Just("2m30s")];
    let function = prop_oneof![Just("rate"), Just("increase"), Just("delta"), Just("max_over_time"), Just("count_over_time")];
    let offset = prop_oneof![Just(""), Just(" offset 1m")];
    let leaf =
        (function, metric, range, offset).prop_map(|(function, metric, range, offset)| format!("{function}({metric}[{range}]{offset})"));
    let sum = (
        prop_oneof![
            Just("sum"),
            Just("max"),
            Just("avg by (job)"),
            Just("sum by (code, job)"),
            Just("sum without (pod)"),
            Just("sum by ()")
        ],
        leaf,
    )
        .prop_map(|(op, leaf)| format!("{op} ({leaf})"));
    sum.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (
                inner.clone(),
                inner.clone(),
                prop_oneof![
                    Just("/"),
                    Just("-"),
                    Just("+"),
                    Just("*"),
                    Just("and"),
                    Just("or"),
                    Just("unless"),
                    Just(">"),
                    Just(">= bool")
                ]
            )
                .prop_map(|(a, b, op)| format!("({a}) {op} ({b})")),
            (inner.clone(), 0.001..1e4_f64).prop_map(|(a, n)| format!("{a} * {n}")),
            (inner.clone(), 1e-7..0.5_f64).prop_map(|(a, n)| format!("{n} - {a} ^ 2")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("sum(({a})) or vector(0)")),
            inner.clone().prop_map(|a| format!("max_over_time(({a})[3m:30s])")),
            inner.clone().prop_map(|a| format!("1 - clamp_max({a}, 1)")),
            inner.prop_map(|a| format!("sum by (team) (label_replace({a}, \"team\", \"$1x\", \"job\", \"(.*)\"))")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// A matcher that everything matches changes nothing; one for a version is on every selector.
    #[test]
    fn a_matcher_for_everything_keeps_the_meaning(text in expression()) {
        let store = store();
        let all = Arm { label: "pod".into(), regex: ".*".into() };
        let query = inject(&Query::new(&text), &all).unwrap();
        prop_assert_eq!(value(&store, query.text()), value(&store, &text), "{} became {}", text, query);
        let one = inject(&Query::new(&text), &arm()).unwrap();
        let selectors = text.matches("_total").count();
        prop_assert_eq!(one.text().matches("pod=~").count(), selectors, "{} became {}", text, one);
        // And what was printed is a query again.
        prop_assert!(inject(&one, &all).is_ok());
    }

    #[test]
    fn no_text_and_no_arm_breaks_it(text in ".{0,120}", regex in ".{0,20}", label in "[a-z_]{0,8}") {
        let _ = inject(&Query::new(&text), &Arm { label, regex });
    }

    #[test]
    fn no_near_miss_breaks_it(parts in proptest::collection::vec(prop_oneof![
        Just("sum"), Just("("), Just(")"), Just("rate"), Just("a"), Just("{"), Just("}"), Just("b=\"c\""), Just("=~"), Just("\""), Just("["),
        Just("5m"), Just("1e40"), Just("]"), Just("@"), Just("-1"), Just("offset"), Just("by"), Just("$window"), Just("/"), Just(","), Just(":"),
        Just("é"), Just("\\x"), Just("'"), Just("`"), Just("0x"), Just("Inf"), Just("#"), Just("\n")], 0..24)) {
        let _ = inject(&Query::new(&parts.concat()), &arm());
        let _ = inject(&Query::new(&parts.join(" ")), &arm());
    }
}

use serde_json::json;

use super::super::Sli;
use super::*;

fn objective(indicator: Value) -> Value {
    json!({
        "apiVersion": "pyrra.dev/v1alpha1",
        "kind": "ServiceLevelObjective",
        "metadata": {"name": "checkout-errors", "namespace": "shop", "labels": {"prometheus": "k8s", "pyrra.dev/service": "checkout"}},
        "spec": {"target": "99.5", "window": "4w", "description": "Orders go through.", "indicator": indicator}
    })
}

fn ratio() -> Value {
    json!({"ratio": {
        "errors": {"metric": "http_requests_total{job=\"checkout\",code=~\"5..\"}"},
        "total": {"metric": "http_requests_total{job=\"checkout\"}"},
        "grouping": ["handler"]
    }})
}

#[test]
fn a_ratio_is_read_with_its_grouping_and_its_recorded_windows() {
    let read = object(&objective(ratio()));
    assert_eq!(read.remarks, []);
    let found = &read.found[0];
    assert_eq!((found.target, found.method, found.service.as_str()), (Some(0.995), Method::Occurrences, "checkout"));
    assert_eq!(found.period, Some(Period::Rolling(Duration::from_secs(28 * 86_400))));
    assert_eq!(found.grouping, [Clean::from("handler")]);
    let (bad, total) = found.sli.events().unwrap();
    assert_eq!(bad.text(), "sum(rate(http_requests_total{code=~\"5..\",job=\"checkout\"}[$window]))");
    assert_eq!(total.text(), "sum(rate(http_requests_total{job=\"checkout\"}[$window]))");
    let names: Vec<&str> = found.recorded.ratios.iter().map(|(_, series)| series.name.as_str()).collect();
    assert_eq!(
        names,
        ["5m", "30m", "1h", "2h", "6h", "1d", "4d"].map(|window| format!("http_requests:burnrate{window}")).iter().collect::<Vec<_>>()
    );
    // The generic rules are not written for grouped objectives.
    assert_eq!(found.recorded.availability, None);
}

#[test]
fn latencies_are_read_with_their_time() {
    let classic = json!({"latency": {
        "success": {"metric": "http_request_duration_seconds_bucket{job=\"checkout\",le=\"1\"}"},
        "total": {"metric": "http_request_duration_seconds_count{job=\"checkout\"}"}
    }});
    let found = object(&objective(classic)).found.remove(0);
    let Sli::Latency { threshold, good, total } = &found.sli else { panic!("{:?}", found.sli) };
    assert_eq!(*threshold, 1.0);
    assert!(good.text().contains(r#"le=~"1(\\.0)?""#), "{good}");
    assert!(total.text().ends_with("_count{job=\"checkout\"}[$window]))"));
    assert_eq!(found.recorded.ratios[0].1.to_string(), "http_request_duration_seconds:burnrate5m{slo=\"checkout-errors\"}");
    assert!(found.recorded.availability.is_some());

    let native = json!({"latencyNative": {"latency": "250ms", "total": {"metric": "http_request_duration_seconds{job=\"checkout\"}"}}});
    let found = object(&objective(native)).found.remove(0);
    assert!(matches!(found.sli, Sli::NativeLatency { threshold, .. } if threshold == 0.25));
    let (bad, total) = found.sli.events().unwrap();
    bad.parse().unwrap();
    total.parse().unwrap();
}

#[test]
fn a_gauge_counts_its_samples() {
    let found = object(&objective(json!({"bool_gauge": {"metric": "probe_success{job=\"checkout\"}"}}))).found.remove(0);
    let (bad, total) = found.sli.events().unwrap();
    assert_eq!(total.text(), "sum(count_over_time(probe_success{job=\"checkout\"}[$window]))");
    bad.parse().unwrap();
}

#[test]
fn mistakes_are_told_with_their_place() {
    let mut broken = objective(json!({"ratio": {"errors": {"metric": "rate(a[5m])"}, "total": {"metric": "b{"}}}));
    broken["spec"]["target"] = json!("all");
    broken["spec"]["window"] = json!("1M");
    let read = object(&broken);
    let said: Vec<String> = read.remarks.iter().map(ToString::to_string).collect();
    let place = "ServiceLevelObjective shop/checkout-errors, spec";
    assert_eq!(said[0], format!("{place}.target: this is no number, and is read as if it were not there"));
    assert_eq!(said[1], format!("{place}: window is no length of time such as 4w or 30d"));
    assert_eq!(said[2], format!("{place}.indicator.ratio: errors.metric is more than a selector, which Pyrra does not take"));
    assert!(said[3].starts_with(&format!("{place}.indicator.ratio: total.metric is no PromQL selector: ")), "{}", said[3]);
    assert_eq!(read.found[0].objective().unwrap_err(), "Its target is not said anywhere that was read.");
}

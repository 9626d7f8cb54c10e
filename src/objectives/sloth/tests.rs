use serde_json::json;

use super::super::tiers::Schedule;
use super::*;

fn checkout() -> Value {
    json!({
        "apiVersion": "sloth.slok.dev/v1",
        "kind": "PrometheusServiceLevel",
        "metadata": {"name": "checkout", "namespace": "shop", "uid": "0f6b"},
        "spec": {
            "service": "checkout",
            "labels": {"team": "payments"},
            "slos": [{
                "name": "requests-availability",
                "objective": 99.9,
                "description": "Requests are answered.",
                "sli": {"events": {
                    "errorQuery": "sum(rate(http_requests_total{job=\"checkout\",code=~\"(5..|429)\"}[{{.window}}]))",
                    "totalQuery": "sum(rate(http_requests_total{job=\"checkout\"}[{{ .window }}]))"
                }},
                "alerting": {"name": "CheckoutErrors", "pageAlert": {"labels": {"severity": "page"}}, "ticketAlert": {"disable": true}}
            }, {
                "name": "ratio",
                "objective": "99.5",
                "sli": {"raw": {"errorRatioQuery": "1 - avg_over_time(probe_success{job=\"checkout\"}[{{.window}}])"}}
            }, {
                "name": "by-plugin",
                "objective": 99,
                "sli": {"plugin": {"id": "sloth-common/http/v1/availability", "options": {"job": "checkout"}}}
            }]
        },
        "status": {"promOpRulesGenerated": true, "processedSLOs": 3}
    })
}

#[test]
fn an_object_is_read_with_everything_it_says() {
    let read = object(&checkout());
    assert_eq!(read.remarks, []);
    let [events, ratio, plugin] = read.found.as_slice() else { panic!("three objectives: {:?}", read.found) };
    assert_eq!(
        (events.id.as_str(), events.service.as_str(), events.namespace.as_str()),
        ("checkout-requests-availability", "checkout", "shop")
    );
    assert_eq!((events.target, &events.period, events.method), (Some(0.999), &None, Method::RatioTimeslices));
    assert_eq!(events.found_in(), "PrometheusServiceLevel shop/checkout");
    assert_eq!(events.notes, [Clean::from("Its ticket alert is switched off in Sloth.")]);
    let (bad, total) = events.sli.events().unwrap();
    assert_eq!(bad.over(Duration::from_secs(300)), "sum(rate(http_requests_total{job=\"checkout\",code=~\"(5..|429)\"}[5m]))");
    assert_eq!(total.text(), "sum(rate(http_requests_total{job=\"checkout\"}[$window]))");
    let series = events.recorded.ratio(Duration::from_secs(3600)).unwrap().to_string();
    assert_eq!(
        series,
        "slo:sli_error:ratio_rate1h{sloth_id=\"checkout-requests-availability\",sloth_service=\"checkout\",sloth_slo=\"requests-availability\"}"
    );
    assert!(matches!(&ratio.sli, Sli::ErrorRatio(query) if query.has_window()));
    assert_eq!(ratio.target, Some(0.995));
    assert!(matches!(&plugin.sli, Sli::Unread(why) if why.contains("sloth-common/http/v1/availability")));
}

#[test]
fn mistakes_are_told_with_their_place_and_the_rest_is_read() {
    let mut broken = checkout();
    broken["spec"]["slos"][0]["objective"] = json!({"percent": 99});
    broken["spec"]["slos"][1]["name"] = json!(null);
    broken["spec"]["slos"][2]["sli"] = json!({"events": {"errorQuery": "sum(rate(a[5m]))"}});
    let read = object(&broken);
    let said: Vec<String> = read.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "PrometheusServiceLevel shop/checkout, spec.slos[0].objective: this is no number, and is read as if it were not there",
            "PrometheusServiceLevel shop/checkout, spec.slos[1]: an objective without a name is not read",
            "PrometheusServiceLevel shop/checkout, spec.slos[2].sli.events: errorQuery has no {{.window}} in it, so it asks the same over every window",
            "PrometheusServiceLevel shop/checkout, spec.slos[2].sli.events: totalQuery is missing",
        ]
    );
    assert_eq!(read.found.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["requests-availability", "by-plugin"]);
    assert_eq!(read.found[0].target, None);
}

#[test]
fn a_target_that_promises_nothing_is_not_taken() {
    for (percent, said) in [(100.0, "no budget"), (0.0, "nothing to promise"), (150.0, "no budget"), (0.999, "a ratio may have been meant")]
    {
        let mut odd = checkout();
        odd["spec"]["slos"][0]["objective"] = json!(percent);
        let read = object(&odd);
        assert!(read.remarks[0].what.contains(said), "{percent}: {}", read.remarks[0]);
        assert_eq!(read.found[0].target.is_some(), percent == 0.999);
    }
}

#[test]
fn alert_windows_are_read_and_the_workbook_s_are_the_default_ones() {
    let windows = json!({"apiVersion": "sloth.slok.dev/v1", "kind": "AlertWindows", "spec": {
        "sloPeriod": "30d",
        "page": {"quick": {"errorBudgetPercent": 2, "shortWindow": "5m", "longWindow": "1h"},
                 "slow": {"errorBudgetPercent": 5, "shortWindow": "30m", "longWindow": "6h"}},
        "ticket": {"quick": {"errorBudgetPercent": 10, "shortWindow": "2h", "longWindow": "1d"},
                   "slow": {"errorBudgetPercent": 10, "shortWindow": "6h", "longWindow": "3d"}}}});
    assert_eq!(alert_windows(&windows), Ok(Schedule::workbook()));
    let mut broken = windows;
    broken["spec"]["page"]["slow"]["shortWindow"] = json!("7h");
    assert!(alert_windows(&broken).unwrap_err().contains("spec.page.slow: it needs"));
}

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Found, Method, Period, Query, Sli};
use super::*;
use crate::slo::tier::Severity;
use crate::text::Clean;

const DAY: u64 = 86_400;

fn record(name: &str, query: &str, labels: Value) -> Value {
    json!({"type": "recording", "name": name, "query": query, "labels": labels, "health": "ok"})
}

fn alert(name: &str, query: &str, seconds: f64, labels: Value) -> Value {
    json!({"type": "alerting", "state": "firing", "name": name, "query": query, "duration": seconds, "labels": labels, "health": "ok"})
}

fn envelope(groups: &[(&str, Vec<Value>)]) -> Value {
    let groups: Vec<Value> =
        groups.iter().map(|(name, rules)| json!({"name": name, "file": "f", "interval": 30, "rules": rules})).collect();
    json!({"status": "success", "data": {"groups": groups}})
}

/// As Sloth writes them for 99.9 % over 28 days.
fn sloth_rules() -> Value {
    let labels = |window: &str| {
        let mut labels = json!({"sloth_id": "web-availability", "sloth_service": "web", "sloth_slo": "availability", "team": "edge"});
        if !window.is_empty() {
            labels["sloth_window"] = json!(window);
        }
        labels
    };
    let id = "sloth_id=\"web-availability\", sloth_service=\"web\", sloth_slo=\"availability\"";
    let ratio = |window: &str| {
        let text = format!(
            "(sum(rate(http_requests_total{{job=\"web\",code=~\"(5..|429)\"}}[{window}])))\n/\n(sum(rate(http_requests_total{{job=\"web\"}}[{window}])))\n"
        );
        record(&format!("slo:sli_error:ratio_rate{window}"), &text, labels(window))
    };
    let mut recordings: Vec<Value> = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"].map(ratio).to_vec();
    let over = format!(
        "sum_over_time(slo:sli_error:ratio_rate5m{{{id}}}[28d])\n/ ignoring (sloth_window)\ncount_over_time(slo:sli_error:ratio_rate5m{{{id}}}[28d])\n"
    );
    recordings.push(record("slo:sli_error:ratio_rate28d", &over, labels("28d")));
    let meta = vec![
        record("slo:objective:ratio", "vector(0.9990000000000001)", labels("")),
        record("slo:error_budget:ratio", "vector(1-0.9990000000000001)", labels("")),
        record("slo:time_period:days", "vector(28)", labels("")),
        record("slo:period_error_budget_remaining:ratio", &format!("1 - slo:period_burn_rate:ratio{{{id}}}"), labels("")),
    ];
    let side = |window: &str, factor: &str| format!("(slo:sli_error:ratio_rate{window}{{{id}}} > ({factor} * 0.0009999999999999432))");
    let pair =
        |short: &str, long: &str, factor: &str| format!("({} and ignoring (sloth_window) {})", side(short, factor), side(long, factor));
    let both = |a: String, b: String| format!("{a}\nor ignoring (sloth_window)\n{b}\n");
    let mut page = labels("");
    page["sloth_severity"] = json!("page");
    let mut ticket = labels("");
    ticket["sloth_severity"] = json!("ticket");
    let alerts = vec![
        alert("WebErrors", &both(pair("5m", "1h", "13.44"), pair("30m", "6h", "5.6")), 0.0, page),
        alert("WebErrors", &both(pair("2h", "1d", "2.8"), pair("6h", "3d", "0.9333333333333333")), 0.0, ticket),
    ];
    envelope(&[
        ("sloth-slo-sli-recordings-web-availability", recordings),
        ("sloth-slo-meta-recordings-web-availability", meta),
        ("sloth-slo-alerts-web-availability", alerts),
    ])
}

fn tiers(found: &Found) -> Vec<String> {
    let text = |alert: &super::super::AlertTier| {
        let tier = alert.tier;
        let word = if tier.severity == Severity::Page { "page" } else { "ticket" };
        format!("{word} {}s/{}s over {}", tier.long.as_secs(), tier.short.as_secs(), tier.threshold.get())
    };
    found.tiers.iter().map(text).collect()
}

#[test]
fn sloth_s_rules_are_one_objective_with_what_they_say() {
    let read = answer(&sloth_rules());
    assert_eq!(read.remarks, []);
    let [found] = read.found.as_slice() else { panic!("{read:?}") };
    assert_eq!((found.full_name().as_str(), found.id.as_str(), found.target), ("web/availability", "web-availability", Some(0.999)));
    assert_eq!((found.period.clone(), found.method), (Some(Period::Rolling(Duration::from_secs(28 * DAY))), Method::RatioTimeslices));
    let Sli::Events { bad, total } = &found.sli else { panic!("{:?}", found.sli) };
    assert_eq!(bad.text(), "sum(rate(http_requests_total{code=~\"(5..|429)\",job=\"web\"}[$window]))");
    assert_eq!(total.text(), "sum(rate(http_requests_total{job=\"web\"}[$window]))");
    assert_eq!(found.recorded.ratios.len(), 8);
    assert!(found.recorded.remaining.is_some() && found.recorded.burn.is_none());
    assert_eq!(
        tiers(found),
        [
            "page 3600s/300s over 13.44",
            "page 21600s/1800s over 5.6",
            "ticket 86400s/7200s over 2.8",
            "ticket 259200s/21600s over 0.933333333"
        ]
    );
    assert_eq!(found.tiers[0].state.as_deref(), Some("firing"));
}

#[test]
fn an_alert_that_goes_by_another_target_is_told() {
    let text = sloth_rules().to_string().replace("vector(0.9990000000000001)", "vector(0.9995)");
    let read = answer(&serde_json::from_str(&text).unwrap());
    assert_eq!(read.found[0].target, Some(0.9995));
    assert_eq!(read.found[0].notes, [Clean::from("Its alert WebErrors still goes by a target of 99.9 %, and 99.95 % is promised.")]);
}

/// As Pyrra writes them for 99 % over 14 days.
fn pyrra_rules() -> Value {
    let labels = json!({"slo": "web-errors", "job": "web"});
    let ratio = |window: &str| {
        let text = format!(
            "sum by (handler) (rate(http_requests_total{{code=~\"5..\",job=\"web\"}}[{window}])) / sum by (handler) (rate(http_requests_total{{job=\"web\"}}[{window}]))"
        );
        record(&format!("http_requests:burnrate{window}"), &text, labels.clone())
    };
    let tier = |short: &str, long: &str, factor: &str, seconds: f64, severity: &str, exhaustion: &str| {
        let side = |window: &str| format!("http_requests:burnrate{window}{{job=\"web\",slo=\"web-errors\"}} > ({factor} * (1-0.99))");
        let labels = json!({"slo": "web-errors", "severity": severity, "long": long, "short": short, "exhaustion": exhaustion});
        alert("ErrorBudgetBurn", &format!("{} and {}", side(short), side(long)), seconds, labels)
    };
    let mut rules: Vec<Value> = ["3m", "15m", "30m", "1h", "3h", "12h", "2d"].map(ratio).to_vec();
    rules.push(tier("3m", "30m", "14", 60.0, "critical", "1d"));
    rules.push(tier("15m", "3h", "7", 480.0, "critical", "2d"));
    rules.push(tier("1h", "12h", "2", 1800.0, "warning", "1w"));
    rules.push(tier("3h", "2d", "1", 5400.0, "warning", "2w"));
    rules.push(alert(
        "SLOMetricAbsent",
        "absent(http_requests_total{job=\"web\"}) == 1",
        600.0,
        json!({"slo": "web-errors", "severity": "critical"}),
    ));
    envelope(&[("web-errors", rules)])
}

#[test]
fn pyrra_s_rules_are_one_objective_and_its_burn_rates_are_ratios() {
    let read = answer(&pyrra_rules());
    assert_eq!(read.remarks, []);
    let [found] = read.found.as_slice() else { panic!("{read:?}") };
    assert_eq!((found.id.as_str(), found.target, found.method), ("web-errors", Some(0.99), Method::Occurrences));
    // 14 × 1d: the window is read off what the alert says of exhaustion.
    assert_eq!(found.period, Some(Period::Rolling(Duration::from_secs(14 * DAY))));
    assert_eq!(found.grouping, [Clean::from("handler")]);
    assert_eq!(
        tiers(found),
        ["page 1800s/180s over 14", "page 10800s/900s over 7", "ticket 43200s/3600s over 2", "ticket 172800s/10800s over 1"]
    );
    assert_eq!(found.tiers[1].wait, Duration::from_secs(480));
    assert_eq!(found.recorded.ratio(Duration::from_secs(180)).unwrap().to_string(), "http_requests:burnrate3m{slo=\"web-errors\"}");
}

#[test]
fn hand_written_pairs_are_objectives_where_their_numbers_say_a_budget() {
    let raw = "(sum(rate(errors_total{job=\"cart\"}[1h])) / sum(rate(all_total{job=\"cart\"}[1h])) > 14.4 * 0.005) and (sum(rate(errors_total{job=\"cart\"}[5m])) / sum(rate(all_total{job=\"cart\"}[5m])) > 14.4 * 0.005)";
    let mixin = "sum(apiserver_request:burnrate6h) > (6.00 * 0.01000) and sum(apiserver_request:burnrate30m) > (6.00 * 0.01000)";
    let own = "job:slo:burnrate1h > 14.4 and job:slo:burnrate5m > 14.4";
    let read = answer(&envelope(&[(
        "hand",
        vec![
            alert("CartErrors", raw, 0.0, json!({"severity": "critical", "service": "cart"})),
            alert("KubeAPIErrorBudgetBurn", mixin, 900.0, json!({"severity": "critical", "long": "6h", "short": "30m"})),
            alert("OwnBurn", own, 0.0, json!({})),
            alert("HighCpu", "cpu > 0.9 and mem > 0.9", 0.0, json!({})),
            record(
                "apiserver_request:burnrate30m",
                "sum(rate(apiserver_request_total{code=~\"5..\"}[30m])) / sum(rate(apiserver_request_total[30m]))",
                json!({}),
            ),
        ],
    )]));
    assert_eq!(read.remarks, []);
    let mut found = read.found;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let [cart, api] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((cart.service.as_str(), cart.target), ("cart", Some(0.995)));
    assert_eq!(tiers(cart), ["page 3600s/300s over 14.4"]);
    assert!(matches!(&cart.sli, Sli::Events { total, .. } if total.text() == "sum(rate(all_total{job=\"cart\"}[$window]))"));
    assert_eq!((api.target, tiers(api)), (Some(0.99), vec!["page 21600s/1800s over 6".to_owned()]));
    assert!(matches!(&api.sli, Sli::Events { bad, .. } if bad.text().contains("[$window]")));
    assert_eq!(api.recorded.ratios.len(), 2);
}

#[test]
fn ratios_are_taken_apart_by_their_shape() {
    let sli = |text: &str| ratio::sli(&super::super::query::parse_text(text).unwrap(), Duration::from_secs(300));
    assert!(matches!(sli("1 - (sum(rate(g[5m])) / sum(rate(t[5m])))"), Sli::Good { .. }));
    assert!(matches!(sli("(sum(rate(t[5m])) - sum(rate(g[5m]))) / sum(rate(t[5m]))"), Sli::Good { .. }));
    let latency = sli("1 - sum(rate(a_seconds_bucket{le=\"0.25\"}[5m])) / sum(rate(a_seconds_count[5m]))");
    assert!(matches!(latency, Sli::Latency { threshold, .. } if threshold == 0.25));
    let latency = sli("1 - sum(rate(a_milliseconds_bucket{le=\"500\"}[5m])) / sum(rate(a_milliseconds_count[5m]))");
    assert!(matches!(latency, Sli::Latency { threshold, .. } if threshold == 0.5));
    let native = sli("1 - histogram_fraction(0, 0.25, sum(rate(a[5m])))");
    assert_eq!(native, Sli::NativeLatency { threshold: 0.25, histogram: Query::new("sum(rate(a[$window]))") });
    assert!(matches!(sli("1 - avg_over_time(probe_success[5m])"), Sli::ErrorRatio(_)));
}

#[test]
fn a_rule_the_server_cannot_evaluate_is_told() {
    let mut value = sloth_rules();
    value["data"]["groups"][0]["rules"][0]["health"] = json!("err");
    value["data"]["groups"][0]["rules"][0]["lastError"] = json!("found duplicate series");
    value["data"]["groups"][1]["rules"][0]["query"] = json!("vector(");
    let read = answer(&value);
    assert_eq!(
        read.remarks[0].to_string(),
        "rule slo:sli_error:ratio_rate5m of group sloth-slo-sli-recordings-web-availability: the server can't evaluate it: found duplicate series"
    );
    // The target is read off the alerts then.
    assert_eq!(read.found[0].target, Some(0.999));
}

proptest! {
    /// Any text in place of any text: nothing breaks, and what is read can be used.
    #[test]
    fn no_damage_breaks_it(which in 0..200_usize, with in "\\PC{0,30}", pyrra: bool) {
        fn damage(value: &mut Value, left: &mut usize, with: &str) {
            match value {
                Value::Array(all) => all.iter_mut().for_each(|one| damage(one, left, with)),
                Value::Object(all) => all.values_mut().for_each(|one| damage(one, left, with)),
                leaf => {
                    if *left == 0 {
                        *leaf = json!(with);
                    }
                    *left = left.wrapping_sub(1);
                }
            }
        }
        let mut value = if pyrra { pyrra_rules() } else { sloth_rules() };
        damage(&mut value, &mut which.clone(), &with);
        for found in super::super::settle(answer(&value).found) {
            let _ = (found.objective(), found.sli.events());
        }
    }

    #[test]
    fn no_expression_breaks_it(text in "\\PC{0,80}", seconds: f64) {
        let _ = answer(&envelope(&[("g", vec![alert("a", &text, seconds, json!({"sloth_id": "x"})), record("a:burnrate5m", &text, json!({"slo": "y"}))])]));
    }
}

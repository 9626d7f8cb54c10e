use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::objects::{Kind, Object, Rollout};

fn analysis() -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisTemplate",
        "metadata": {"name": "success-rate", "namespace": "shop"},
        "spec": {
            "args": [
                {"name": "service", "value": "web"},
                {"name": "hash"},
                {"name": "token", "valueFrom": {"secretKeyRef": {"name": "prom-token", "key": "token"}}}
            ],
            "metrics": [{
                "name": "success", "interval": "1m", "failureLimit": 2,
                "successCondition": "isNaN(result[0]) || result[0] >= 0.95",
                "provider": {"prometheus": {
                    "address": "https://me:pass@thanos.monitoring.svc:9090/prefix/",
                    "insecure": true,
                    "headers": [
                        {"key": "X-Scope-OrgID", "value": "team-a"},
                        {"key": "X-Auth", "value": "Bearer {{args.token}}"},
                        {"key": "Authorization", "value": "Bearer sesame"},
                        {"key": "X-Hash", "value": "{{args.hash}}"}
                    ],
                    "authentication": {"basicAuth": {"username": "u", "password": "sesame"}, "oauth2": {}},
                    "query": "sum(rate(http_requests_total{service=\"{{args.service}}\",code!~\"5..\"}[5m])) / sum(rate(http_requests_total{service=\"{{args.service}}\"}[5m]))"
                }}
            }, {
                "name": "by-hash", "failureCondition": "result[0] > 0.05",
                "provider": {"prometheus": {"address": "http://{{args.hash}}:9090", "query": "sum(rate(e{h=\"{{args.hash}}\"}[5m])) / sum(rate(t[5m]))"}}
            }, {"name": "job", "provider": {"job": {"spec": {}}}}]
        }
    })
}

fn joined(reads: &[Read], uses: &[Use]) -> Read {
    join(reads.iter(), &uses.iter().collect::<Vec<_>>())
}

fn rollout(strategy: Value) -> Rollout {
    let labels = json!({ "app": "web" });
    let object = json!({ "metadata": { "name": "web", "namespace": "shop", "uid": "r", "labels": { "team": "pay" } },
        "spec": { "selector": { "matchLabels": labels }, "template": { "metadata": { "labels": labels }, "spec": { "containers": [] } }, "strategy": strategy } });
    match Object::decode(Kind::Rollout, object.to_string().as_bytes()).unwrap() {
        Object::Rollout(rollout) => *rollout,
        other => panic!("{other:?}"),
    }
}

/// A template with one metric.
fn template(query: &str, success: &str, args: Value) -> Read {
    argo(&json!({ "metadata": { "name": "rate", "namespace": "shop" }, "spec": { "args": args,
        "metrics": [{ "name": "rate", "successCondition": success, "provider": { "prometheus": { "query": query } } }] } }))
}

const ERRORS: &str =
    "sum(rate(http_requests_total{app=\"{{args.app}}\",code=~\"5..\"}[5m])) / sum(rate(http_requests_total{app=\"{{args.app}}\"}[5m]))";

#[test]
fn an_analysis_gives_its_ratio() {
    let read = joined(&[argo(&analysis())], &[]);
    let [found] = read.found.as_slice() else { panic!("{:?}", read.found) };
    assert_eq!((found.name.as_str(), found.target, found.origin()), ("success", Some(0.95), Origin::Template));
    let Sli::Good { total, .. } = &found.sli else { panic!("{:?}", found.sli) };
    assert_eq!(total.text(), "sum(rate(http_requests_total{service=\"web\"}[$window]))");
    assert!(found.notes[0].contains("not one promised over a window"));
    // What nobody fills in is named, and so is that it is open.
    let said: Vec<String> = read.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "AnalysisTemplate shop/success-rate, spec.metrics[1]: no objective is read from it: nothing that is looked at here fills in its argument hash"
        ]
    );
}

#[test]
fn no_secret_is_in_what_is_kept() {
    let kept = format!("{:?}", argo(&analysis()));
    assert!(!kept.contains("sesame") && !kept.contains("me:pass") && !kept.contains("team-a"), "{kept}");
}

#[test]
fn a_cluster_wide_template_is_named_without_a_namespace() {
    let mut value = analysis();
    value["metadata"].as_object_mut().unwrap().remove("namespace");
    assert_eq!(joined(&[argo(&value)], &[]).found[0].found_in(), "ClusterAnalysisTemplate success-rate");
}

#[test]
fn what_counts_no_events_stays_a_check_and_is_told() {
    for (query, success, why) in [
        ("sum(rate(x_seconds_sum[5m])) / sum(rate(x_seconds_count[5m]))", "result[0] <= 0.5", "x_seconds_sum does not count events"),
        ("sum(rate(cpu_used_total[5m])) / sum(rate(cpu_all_total[5m]))", "result[0] <= 0.8", "cpu_used_total does not count events"),
        ("histogram_quantile(0.99, rate(x_seconds_bucket[5m]))", "result[0] <= 0.8", "its value is no share of events"),
        (
            "sum(rate(a_total{code=~\"5..\"}[5m])) / sum(rate(a_total[5m]))",
            "result[0] <= 0.8",
            "it asks for 20 % good events, and less than 50 % is no promise",
        ),
        (
            "sum(rate(a_total{code=~\"5..\"}[5m])) / sum(rate(a_total[5m]))",
            "result[0] < 1 && result[0] > 0",
            "its condition is no plain limit of one value",
        ),
    ] {
        let read = joined(&[template(query, success, json!([]))], &[]);
        assert_eq!(read.found, [], "{query}");
        let told = format!("AnalysisTemplate shop/rate, spec.metrics[0]: a check of its controller and no objective: {why}");
        assert_eq!(read.remarks.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
    }
}

#[test]
fn a_rollout_fills_in_what_its_template_leaves_open() {
    let asked = json!([{ "name": "app" }]);
    let args = |value: Value| {
        let analysis = json!({ "templates": [{ "templateName": "rate" }], "args": [value] });
        let all = [
            json!({ "canary": { "analysis": analysis } }),
            json!({ "canary": { "steps": [{ "setWeight": 5 }, { "analysis": analysis }] } }),
            json!({ "blueGreen": { "prePromotionAnalysis": analysis } }),
            json!({ "blueGreen": { "postPromotionAnalysis": analysis } }),
        ];
        all.map(|strategy| joined(&[template(ERRORS, "result[0] <= 0.05", asked.clone())], &Use::all(&rollout(strategy))))
    };
    for (value, app) in [
        (json!({ "name": "app", "value": "front" }), "front"),
        (json!({ "name": "app", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }), "web"),
        (json!({ "name": "app", "valueFrom": { "fieldRef": { "fieldPath": "metadata.namespace" } } }), "shop"),
        (json!({ "name": "app", "valueFrom": { "fieldRef": { "fieldPath": "metadata.labels['team']" } } }), "pay"),
    ] {
        for read in args(value) {
            let [found] = read.found.as_slice() else { panic!("{read:?}") };
            let Sli::Events { total, .. } = &found.sli else { panic!("{:?}", found.sli) };
            assert_eq!(total.text(), format!("sum(rate(http_requests_total{{app=\"{app}\"}}[$window]))"));
            assert_eq!((found.target, found.release.as_ref().map(|of| of.name.as_str())), (Some(0.95), Some("web")));
            assert_eq!(read.remarks, []);
        }
    }
    // A place that is not read here leaves it open; a default of the template does not stand in for it.
    let untold = json!({ "name": "app", "valueFrom": { "fieldRef": { "fieldPath": "metadata.annotations['x']" } } });
    for read in args(untold) {
        assert_eq!(read.found, []);
        let told = "no objective of shop/web is read from it: nothing that is looked at here fills in its argument app";
        assert_eq!(read.remarks[0].what, told);
    }
}

#[test]
fn a_version_is_no_part_of_the_promise() {
    let hash = json!({ "canary": { "analysis": { "templates": [{ "templateName": "rate" }], "args": [
        { "name": "hash", "valueFrom": { "podTemplateHashValue": "Latest" } }] } } });
    let read = |labels: &str| {
        let query = format!("sum(rate(a_total{{{labels},code=~\"5..\"}}[5m])) / sum(rate(a_total{{{labels}}}[5m]))");
        joined(&[template(&query, "result[0] <= 0.05", json!([{ "name": "hash" }]))], &Use::all(&rollout(hash.clone())))
    };
    let kept = read("app=\"web\",hash=\"{{args.hash}}\"");
    let Sli::Events { total, .. } = &kept.found[0].sli else { panic!("{kept:?}") };
    assert_eq!(total.text(), "sum(rate(a_total{app=\"web\"}[$window]))");
    let lost = read("hash=\"{{args.hash}}\"");
    assert_eq!(lost.found, []);
    assert!(lost.remarks[0].what.ends_with("without the hash of a version its query would count other people's requests"), "{lost:?}");
}

#[test]
fn a_percentage_is_read_as_a_share() {
    let query = "sum(rate(a_total{code!~\"5..\"}[5m])) / sum(rate(a_total[5m])) * 100";
    assert_eq!(joined(&[template(query, "result[0] >= 95", json!([]))], &[]).found[0].target, Some(0.95));
    assert_eq!(joined(&[template(query, "result[0] >= 0.95", json!([]))], &[]).found, []);
}

fn metric_template() -> Read {
    flagger(&json!({
        "apiVersion": "flagger.app/v1beta1", "kind": "MetricTemplate", "metadata": {"name": "error-rate", "namespace": "flagger"},
        "spec": {
            "provider": {"type": "prometheus", "address": "prometheus.monitoring:9090", "secretRef": {"name": "prom-auth"},
                         "headers": {"X-Scope-OrgID": ["a", "b"], "Authorization": ["Bearer sesame"]}},
            "query": "100 - sum(rate(http_requests_total{namespace=\"{{ namespace }}\",pod=~\"{{ target }}-[0-9a-zA-Z]+\",job=\"{{ variables.job }}\",code!~\"5..\"}[{{ interval }}])) / sum(rate(http_requests_total{namespace=\"{{ namespace }}\",pod=~\"{{ target }}-[0-9a-zA-Z]+\",job=\"{{ variables.job }}\"}[{{ interval }}])) * 100"
        }
    }))
}

fn flagger_canary(metric: Value) -> Read {
    canary(&json!({ "metadata": { "name": "web-canary", "namespace": "shop" }, "spec": {
        "targetRef": { "kind": "Deployment", "name": "web" }, "analysis": { "metrics": [metric] } } }))
}

#[test]
fn a_canary_says_what_the_value_of_a_metric_template_has_to_be() {
    let named = json!({ "name": "errors", "interval": "1m", "thresholdRange": { "max": 1 },
        "templateRef": { "name": "error-rate", "namespace": "flagger" }, "templateVariables": { "job": "front" } });
    let reads = [metric_template(), flagger_canary(named)];
    assert!(!format!("{reads:?}").contains("sesame"));
    let read = joined(&reads, &[]);
    let [found] = read.found.as_slice() else { panic!("{read:?}") };
    assert_eq!((found.name.as_str(), found.target), ("errors", Some(0.99)));
    let release = found.release.as_ref().unwrap();
    assert_eq!((release.kind, release.namespace.as_str(), release.name.as_str()), (Kind::Deployment, "shop", "web"));
    assert_eq!(found.found_in(), "Flagger Canary shop/web-canary and MetricTemplate flagger/error-rate");
    let Sli::Good { total, .. } = &found.sli else { panic!("{:?}", found.sli) };
    assert_eq!(total.text(), "sum(rate(http_requests_total{job=\"front\",namespace=\"shop\",pod=~\"web-[0-9a-zA-Z]+\"}[$window]))");
    assert_eq!(read.remarks, []);
    // In the Canary's own namespace there is none of that name; and a variable that it does not say stays open.
    let lost = joined(&[metric_template(), flagger_canary(json!({ "name": "e", "templateRef": { "name": "error-rate" } }))], &[]);
    assert!(lost.found.is_empty() && lost.remarks[0].what.ends_with("its MetricTemplate shop/error-rate was not read"), "{lost:?}");
    let open = json!({ "name": "e", "thresholdRange": { "max": 1 }, "templateRef": { "name": "error-rate", "namespace": "flagger" } });
    let open = joined(&[metric_template(), flagger_canary(open)], &[]);
    assert!(open.found.is_empty() && open.remarks[0].what.ends_with("fills in its argument job"), "{open:?}");
}

#[test]
fn a_canary_s_own_check_of_requests_is_a_promise_by_the_built_in_measure() {
    for metric in [
        json!({ "name": "request-success-rate", "thresholdRange": { "min": 99 } }),
        json!({ "name": "request-success-rate", "threshold": 99 }),
    ] {
        let read = joined(&[flagger_canary(metric)], &[]);
        let [found] = read.found.as_slice() else { panic!("{read:?}") };
        assert_eq!((found.target, found.found_in().as_str()), (Some(0.99), "Flagger Canary shop/web-canary"));
        assert!(matches!(found.sli, Sli::Unread(_)));
    }
    let slow = joined(&[flagger_canary(json!({ "name": "request-duration", "thresholdRange": { "max": 500 } }))], &[]);
    assert!(slow.found.is_empty());
    assert_eq!(slow.remarks[0].what, "a check of its controller and no objective: it is no least share of requests");
}

#[test]
fn other_providers_and_targets_are_named() {
    let other = flagger(&json!({"metadata": {"name": "x"}, "spec": {"provider": {"type": "datadog"}, "query": "y"}}));
    assert_eq!(other.remarks[0].what, "its provider is 'datadog', which is not asked here");
    let other =
        canary(&json!({ "metadata": { "name": "x" }, "spec": { "targetRef": { "kind": "DaemonSet", "name": "x" }, "analysis": {} } }));
    assert_eq!(other.remarks[0].what, "its target is a DaemonSet, and what is asked of it is not read");
}

/// As a real Flagger had them: the template's query is a gauge that counts nothing.
#[test]
fn real_objects_of_flagger_are_read() {
    let text = include_str!("../../../tests/data/flagger/orders.json");
    let list: Value = serde_json::from_str(text).unwrap();
    let items = list["items"].as_array().unwrap();
    let read = |value: &Value| if value["kind"] == "Canary" { canary(value) } else { flagger(value) };
    let reads: Vec<Read> = items.iter().map(read).collect();
    assert!(reads.iter().all(|read| read.remarks.is_empty()));
    let told = joined(&reads, &[]);
    assert_eq!(
        told.remarks[0].to_string(),
        "Canary flagger-canary/orders, spec.analysis.metrics[0]: a check of its controller and no objective: its value is no share of events"
    );
    // The same with a query that counts requests.
    let mut value = items.iter().find(|item| item["kind"] == "MetricTemplate").unwrap().clone();
    value["spec"]["query"] = json!(
        "100 * sum(rate(story_requests_total{app=\"{{ target }}\",code!~\"5..\"}[{{ interval }}])) / sum(rate(story_requests_total{app=\"{{ target }}\"}[{{ interval }}]))"
    );
    let canary = items.iter().find(|item| item["kind"] == "Canary").map(canary).unwrap();
    let read = joined(&[canary, flagger(&value)], &[]);
    let release = read.found[0].release.as_ref().unwrap();
    assert_eq!((read.found[0].target, release.namespace.as_str(), release.name.as_str()), (Some(0.95), "flagger-canary", "orders"));
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,80}") {
        let mut value = analysis();
        for path in ["/spec/metrics/0/provider/prometheus/address", "/spec/metrics/0/provider/prometheus/query", "/spec/metrics/0/successCondition"] {
            *value.pointer_mut(path).unwrap() = json!(text);
            let _ = joined(&[argo(&value)], &[]);
        }
        let canary = flagger_canary(json!({ "name": text.clone(), "query": text.clone(), "thresholdRange": { "min": text.clone() } }));
        let metric = flagger(&json!({"spec": {"provider": {"type": "prometheus", "address": text.clone()}, "query": text.clone()}}));
        let _ = joined(&[canary, metric, argo(&json!({"spec": text}))], &[]);
    }
}

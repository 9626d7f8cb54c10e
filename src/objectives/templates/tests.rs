use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

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

#[test]
fn an_analysis_gives_its_ratio() {
    let template = argo(&analysis());
    let [found] = template.found.as_slice() else { panic!("{:?}", template.found) };
    assert_eq!((found.name.as_str(), found.target, found.origin()), ("success", Some(0.95), Origin::Template));
    let Sli::Good { total, .. } = &found.sli else { panic!("{:?}", found.sli) };
    assert_eq!(total.text(), "sum(rate(http_requests_total{service=\"web\"}[$window]))");
    assert!(found.notes[0].contains("not one promised over a window"));
    assert_eq!(template.candidates[1].arguments, [Clean::from("args.hash")]);
    assert_eq!(template.remarks, []);
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
    assert_eq!(argo(&value).candidates[0].found_in, "ClusterAnalysisTemplate success-rate");
}

#[test]
fn a_metric_template_gives_its_query_and_leaves_its_secret() {
    let template = flagger(&json!({
        "apiVersion": "flagger.app/v1beta1", "kind": "MetricTemplate", "metadata": {"name": "error-rate", "namespace": "flagger"},
        "spec": {
            "provider": {"type": "prometheus", "address": "prometheus.monitoring:9090", "secretRef": {"name": "prom-auth"},
                         "headers": {"X-Scope-OrgID": ["a", "b"], "Authorization": ["Bearer sesame"]}},
            "query": "100 - sum(rate(http_requests_total{pod=~\"{{ target }}-[0-9a-zA-Z]+\",code!~\"5..\"}[{{ interval }}])) / sum(rate(http_requests_total[{{ interval }}])) * 100"
        }
    }));
    assert_eq!(template.remarks, []);
    assert!(!format!("{template:?}").contains("sesame"));
    assert!(template.candidates[0].query.has_window());
    assert_eq!(template.candidates[0].arguments, [Clean::from("target"), Clean::from("interval")]);
    let other = flagger(&json!({"metadata": {"name": "x"}, "spec": {"provider": {"type": "datadog"}, "query": "y"}}));
    assert_eq!(other.remarks[0].what, "its provider is 'datadog', which is not asked here");
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,80}") {
        let mut value = analysis();
        for path in ["/spec/metrics/0/provider/prometheus/address", "/spec/metrics/0/provider/prometheus/query", "/spec/metrics/0/successCondition"] {
            *value.pointer_mut(path).unwrap() = json!(text);
            let _ = argo(&value);
        }
        let _ = argo(&json!({"spec": text.clone()}));
        let _ = flagger(&json!({"spec": {"provider": {"type": "prometheus", "address": text.clone()}, "query": text}}));
    }
}

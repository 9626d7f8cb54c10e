//! What templates name, and what is never taken from them.

use serde_json::json;

use super::*;

fn place(at: &At) -> String {
    match at {
        At::Service(guess) => {
            let scheme = if guess.place.is_https { "https" } else { "http" };
            format!("{scheme} {}{}", guess.place.words(), guess.prefixes.concat())
        }
        At::Address(url) => url.clone(),
    }
}

#[test]
fn an_address_inside_the_cluster_is_the_service_it_stands_for() {
    let said = |address: &str| resolved(address, "web").map(|at| place(&at)).unwrap_or_default();
    assert_eq!(said("http://prometheus.monitoring:9090"), "http monitoring/prometheus:9090");
    assert_eq!(said("prometheus.monitoring.svc:9090"), "http monitoring/prometheus:9090");
    assert_eq!(said("https://thanos.obs.svc.cluster.local/prefix/"), "https obs/thanos:443/prefix");
    assert_eq!(
        said("http://prometheus-k8s-0.prometheus-operated.monitoring.svc.cluster.local:9090"),
        "http monitoring/prometheus-operated:9090"
    );
    assert_eq!(said("http://prometheus:9090"), "http web/prometheus:9090");
    assert_eq!(resolved("http://prometheus:9090", ""), None, "a cluster's template names no namespace");
    assert_eq!(said("https://user:pass@prometheus.example.com/prod?a=b"), "https://prometheus.example.com/prod");
    assert_eq!(said("https://prometheus.example"), "https://prometheus.example/");
    assert_eq!(said("http://10.0.0.7:9090"), "http://10.0.0.7:9090/");
    let never = [
        "",
        "http://localhost:9090",
        "http://127.0.0.1:9090",
        "http://[::1]:9090",
        "http://169.254.169.254/latest",
        "http://0.0.0.0",
        "ftp://x.y:1",
        "{{args.x}}",
        "http://",
    ];
    for never in never {
        assert_eq!(said(never), "", "{never}");
    }
}

fn argo(namespace: &str, args: Value, provider: Value) -> Value {
    json!({ "metadata": { "namespace": namespace, "name": "errors" }, "spec": { "args": args, "metrics": [{ "provider": { "prometheus": provider } }] } })
}

#[test]
fn arguments_with_a_value_are_filled_in_and_secrets_stay_where_they_are() {
    let args = json!([
        { "name": "host", "value": "prometheus.monitoring:9090" },
        { "name": "service" },
        { "name": "token", "valueFrom": { "secretKeyRef": { "name": "prom-login", "key": "token" } } },
    ]);
    let provider = json!({ "address": "http://{{args.host}}", "headers": [
        { "key": "X-Scope-OrgID", "value": "shop" },
        { "key": "X-Service", "value": "{{ args.service }}" },
        { "key": "Authorization", "value": "Bearer {{args.token}}" },
    ] });
    let found = named(&[argo("web", args, provider)], &[Clean::from("web")]);
    assert_eq!(found.len(), 1);
    assert_eq!(place(&found[0].at), "http monitoring/prometheus:9090");
    assert_eq!(found[0].headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["X-Scope-OrgID"]);
    assert_eq!((found[0].by.as_str(), found[0].withheld.as_str()), ("AnalysisTemplate web/errors", "the Secret web/prom-login"));
    let open = argo("web", json!([{ "name": "host" }]), json!({ "address": "http://{{args.host}}" }));
    assert_eq!(named(&[open], &[]), []);
    let literal =
        argo("web", json!([]), json!({ "address": "http://p.m:1", "headers": [{ "key": "authorization", "value": "Basic c2VjcmV0" }] }));
    let found = named(&[literal], &[]);
    assert!(found[0].headers.is_empty() && found[0].withheld.as_str() == "its header authorization", "{found:?}");
    let signed =
        argo("web", json!([]), json!({ "address": "http://p.m:1", "authentication": { "sigv4": {}, "oauth2": { "tokenUrl": "x" } } }));
    assert_eq!(named(&[signed], &[])[0].withheld.as_str(), "its `authentication.oauth2`");
}

#[test]
fn a_metric_template_of_flagger_names_one_too() {
    let template = json!({ "metadata": { "namespace": "istio-system", "name": "latency" },
        "spec": { "provider": { "type": "prometheus", "address": "http://prometheus.istio-system:9090", "secretRef": { "name": "login" },
                                "headers": { "X-Scope-OrgID": ["shop"] } }, "query": "1" } });
    let found = named(std::slice::from_ref(&template), &[Clean::from("web")]);
    assert_eq!(
        (place(&found[0].at).as_str(), found[0].by.as_str()),
        ("http istio-system/prometheus:9090", "MetricTemplate istio-system/latency")
    );
    assert_eq!((found[0].headers.len(), found[0].withheld.as_str()), (1, "the Secret istio-system/login"));
    let mut other = template.clone();
    other["spec"]["provider"]["type"] = json!("datadog");
    assert_eq!(named(&[other], &[]), []);
    // An address outside is only believed from where the release is.
    let mut outside = template;
    outside["spec"]["provider"]["address"] = json!("https://metrics.example.com");
    assert_eq!(named(std::slice::from_ref(&outside), &[Clean::from("web")]), []);
    assert_eq!(named(&[outside], &[Clean::from("istio-system")]).len(), 1);
}

#[test]
fn the_same_server_is_named_once_and_not_too_many_are() {
    let one = |n: u16| argo("web", json!([]), json!({ "address": format!("http://p.m:{n}") }));
    assert_eq!(named(&[one(1), one(1), one(2)], &[]).len(), 2);
    assert_eq!(named(&(1..9).map(one).collect::<Vec<_>>(), &[]).len(), MOST);
    for absurd in [
        json!(null),
        json!([]),
        json!({ "spec": { "metrics": [7, { "provider": { "prometheus": { "address": 7, "headers": {} } } }], "args": 7 } }),
    ] {
        assert_eq!(named(&[absurd], &[]), []);
    }
}

//! The address that a template of an analysis names, checked like every other.

use chrono::Utc;
use flightdeck::metrics::failure::Failure;
use flightdeck::metrics::settings::{Secret, Settings};
use flightdeck::text::Clean;
use serde_json::{Value, json};

use crate::inside::{Inside, canary, rule};
use crate::script::{EMPTY, ONE, Script, Server, service, success};

fn template(provider: Value) -> Value {
    let args = json!([{ "name": "login", "valueFrom": { "secretKeyRef": { "name": "prom-login", "key": "token" } } }]);
    json!({ "metadata": { "namespace": "web", "name": "errors" },
            "spec": { "args": args, "metrics": [{ "name": "errors", "provider": { "prometheus": provider } }] } })
}

async fn said(script: &Script) -> String {
    match script.finder().client(&[Clean::from("web")], Utc::now()).await {
        Ok(client) => client.address().to_string(),
        Err(Failure::Unfound(sentence)) => sentence.to_string(),
        Err(other) => other.to_string(),
    }
}

/// A server that knows this cluster's pods for one tenant only, and wants a login where `login` says so.
async fn tenant(login: bool) -> Server {
    Server::new(move |asked| match asked.path.as_str() {
        _ if login && !asked.headers.contains_key("authorization") => (401, "Unauthorized".to_owned()),
        "/api/v1/status/buildinfo" => success(r#"{"version":"3.5.0","revision":"abc"}"#),
        "/api/v1/query" if asked.headers.get("x-scope-orgid").map(String::as_str) == Some("shop") => success(ONE),
        "/api/v1/query" => success(EMPTY),
        _ => (404, "404 page not found".to_owned()),
    })
    .await
}

#[tokio::test]
async fn the_service_of_a_template_is_asked_with_its_headers_and_comes_first() {
    let server = tenant(false).await;
    let provider = json!({ "address": "http://metrics.obs:80", "headers": [{ "key": "X-Scope-OrgID", "value": "shop" }] });
    let no_labels = Script::of(vec![(service("obs", "metrics", &[], ("http", 80)), &server)]);
    assert!(said(&no_labels).await.starts_with("no Prometheus was found in this cluster"));
    let script = Script { templates: vec![template(provider)], ..no_labels };
    assert_eq!(said(&script).await, "obs/metrics:80 through the API server, named by AnalysisTemplate web/errors");
    // What the person's own file says goes before it.
    let own = Settings { headers: vec![("x-scope-orgid".to_owned(), Secret::new("other"))], ..Settings::routed().unwrap() };
    let Err(Failure::Unfound(sentence)) = script.finder_with(own).client(&[Clean::from("web")], Utc::now()).await else { panic!("found") };
    assert!(sentence.as_str().contains("has no pod of web"), "{sentence}");
}

#[tokio::test]
async fn what_a_template_names_is_taken_only_where_it_knows_this_clusters_pods() {
    let (other, own) = (tenant(false).await, crate::choices::prometheus(true).await);
    let script = Script {
        templates: vec![template(json!({ "address": "http://metrics.obs:80" })), template(json!({ "address": "http://gone.obs:80" }))],
        ..Script::of(vec![
            (service("obs", "metrics", &[], ("http", 80)), &other),
            (service("m", "prometheus", &[("app", "prometheus")], ("web", 9090)), &own),
        ])
    };
    assert_eq!(said(&script).await, "m/prometheus:9090 through the API server");
}

#[tokio::test]
async fn a_login_in_a_secret_is_named_and_never_read() {
    let server = tenant(true).await;
    let provider = json!({ "address": "http://metrics.obs:80", "headers": [{ "key": "Authorization", "value": "Bearer {{args.login}}" }] });
    let script = Script {
        templates: vec![template(provider)],
        forwards: true,
        ..Script::of(vec![(service("obs", "metrics", &[], ("http", 80)), &server)])
    };
    let said = said(&script).await;
    assert!(said.contains("Its login stands in the Secret web/prom-login, which is never read"), "{said}");
    assert!(server.seen.lock().unwrap().iter().all(|asked| !asked.headers.contains_key("authorization")));
}

#[tokio::test]
async fn who_may_list_no_service_finds_what_a_template_of_the_embedded_cluster_names() {
    let templates =
        flightdeck::demo::rights::Rule { groups: vec!["argoproj.io".to_owned()], ..rule(&["list"], &["analysistemplates"], &["fraud"]) };
    let rules = vec![templates, rule(&["get"], &["services/proxy"], &["monitoring"]), rule(&["list"], &["pods"], &["fraud", "payments"])];
    let inside = Inside::of(&canary(), Some(rules), None).await;
    let near = [Clean::from("fraud"), Clean::from("payments")];
    let client = inside.finder().client(&near, inside.cluster.now()).await.unwrap();
    assert_eq!(
        client.address().as_str(),
        "monitoring/prometheus:9090 through the API server, named by AnalysisTemplate fraud/success-rate"
    );
    assert_eq!(client.way().as_str(), "the API server");
}

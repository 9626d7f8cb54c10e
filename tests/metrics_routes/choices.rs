//! Which Service is taken among several, and which never.

use chrono::Utc;
use flightdeck::metrics::discovery::{Guess, guess};
use flightdeck::metrics::failure::Failure;
use flightdeck::ports::route::Port;
use flightdeck::text::Clean;

use crate::script::{EMPTY, ONE, Script, Server, service, success};

/// A Prometheus that has scraped the pods of this cluster, or none of them.
pub async fn prometheus(has_pods: bool) -> Server {
    Server::new(move |asked| match asked.path.as_str() {
        "/api/v1/status/buildinfo" => success(r#"{"version":"3.5.0","revision":"abc","goVersion":"go1.24"}"#),
        "/api/v1/query" if asked.param("query").contains("web-1") && !has_pods => success(EMPTY),
        "/api/v1/query" => success(ONE),
        _ => (404, "404 page not found".to_owned()),
    })
    .await
}

async fn taken(script: &Script) -> String {
    match script.finder().client(&[Clean::from("web")], Utc::now()).await {
        Ok(client) => client.address().to_string(),
        Err(Failure::Unfound(sentence)) => sentence.to_string(),
        Err(other) => other.to_string(),
    }
}

const OPERATED: [(&str, &str); 1] = [("operated-prometheus", "true")];
const CHART: [(&str, &str); 1] = [("app", "kube-prometheus-stack-prometheus")];

#[tokio::test]
async fn the_one_that_holds_this_clusters_pods_is_taken() {
    let (stranger, own) = (prometheus(false).await, prometheus(true).await);
    let script = Script::of(vec![
        (service("a-team", "prometheus", &[("app.kubernetes.io/name", "prometheus")], ("web", 9090)), &stranger),
        (service("monitoring", "prometheus-operated", &OPERATED, ("http-web", 9090)), &own),
    ]);
    assert_eq!(taken(&script).await, "monitoring/prometheus-operated:9090 through the API server");
    let alone = Script::of(vec![(service("a-team", "prometheus", &[("app.kubernetes.io/name", "prometheus")], ("web", 9090)), &stranger)]);
    let said = taken(&alone).await;
    assert!(said.starts_with("a-team/prometheus:9090 answers as Prometheus does and has no pod of web"), "{said}");
}

#[tokio::test]
async fn a_server_that_is_none_is_passed_over() {
    let (shop, own) = (Server::new(|_| (200, "<html><title>Shop</title></html>".to_owned())).await, prometheus(true).await);
    let script = Script::of(vec![
        (service("shop", "prometheus-museum", &[("app", "prometheus")], ("http", 80)), &shop),
        (service("zz", "prometheus", &CHART, ("http-web", 9090)), &own),
    ]);
    assert_eq!(taken(&script).await, "zz/prometheus:9090 through the API server");
    let alone = Script::of(vec![(service("shop", "prometheus-museum", &[("app", "prometheus")], ("http", 80)), &shop)]);
    assert!(taken(&alone).await.starts_with("shop/prometheus-museum:80 was taken for a Prometheus and does not answer as one."));
}

#[tokio::test]
async fn a_prefix_that_is_not_there_is_not_insisted_on() {
    let server = Server::new(|asked| match asked.path.as_str() {
        "/prometheus/api/v1/status/buildinfo" => success(r#"{"version":"3.5.0","revision":"abc"}"#),
        "/prometheus/api/v1/query" => success(ONE),
        _ => (404, "404 page not found".to_owned()),
    })
    .await;
    let script = Script::of(vec![(service("m", "prometheus", &CHART, ("http-web", 9090)), &server)]);
    assert_eq!(taken(&script).await, "m/prometheus:9090/prometheus through the API server");
}

#[tokio::test]
async fn a_named_service_is_taken_at_its_word() {
    let server = prometheus(false).await;
    let script = Script::of(vec![(service("m", "metrics", &[], ("http", 9090)), &server)]);
    let finder = script.finder().of(Guess::written("service://m/metrics:9090").unwrap());
    assert_eq!(finder.client(&[Clean::from("web")], Utc::now()).await.unwrap().address().as_str(), "m/metrics:9090 through the API server");
    for wrong in ["service://m", "service://m/metrics", "service://m/metrics:web", "service://M/../x:1", "service://m/x:1/?a=b", "http://m"]
    {
        assert!(Guess::written(wrong).unwrap_err().to_string().contains("service://monitoring/prometheus-k8s:9090"), "{wrong}");
    }
    let written = Guess::written("service+https://m/mimir:8080/prometheus/").unwrap();
    assert_eq!((written.place.is_https, written.prefixes), (true, vec!["/prometheus".to_owned()]));
}

#[test]
fn what_answers_no_queries_is_no_candidate() {
    let named = |name: &str, labels: &[(&str, &str)], port| guess(&service("m", name, labels, port));
    assert_eq!(named("kps-operator", &[("app", "kube-prometheus-stack-operator")], ("https", 443)), None);
    assert_eq!(named("kps-alertmanager", &[("self-monitor", "true"), ("app", "kube-prometheus-stack-alertmanager")], ("web", 9093)), None);
    assert_eq!(named("mimir-distributor", &[("app.kubernetes.io/name", "mimir")], ("http", 8080)), None);
    assert_eq!(named("thanos-storegateway", &[("app.kubernetes.io/name", "thanos")], ("http", 10902)), None);
    assert_eq!(named("web", &[("app", "web")], ("http", 80)), None);
    let operated = named("prometheus-operated", &OPERATED, ("web", 9090)).unwrap();
    let chart = named("kps-prometheus", &CHART, ("http-web", 9090)).unwrap();
    let thanos = named("thanos-query", &[("app.kubernetes.io/name", "thanos-query")], ("http", 9090)).unwrap();
    assert!(thanos.rank < chart.rank && chart.rank < operated.rank, "what sees everything once goes first");
}

#[tokio::test]
async fn who_is_not_reached_one_way_is_reached_another() {
    let server = prometheus(true).await;
    let script = Script::of(vec![(service("m", "prometheus", &[("app", "prometheus")], ("web", 9090)), &server)]);
    let both = Script { is_unreached: true, forwards: true, ..script.clone() };
    assert_eq!(taken(&both).await, "m/prometheus:9090 through a port-forward");
    // Where that is not allowed, what failed and what it would take stand together.
    let said = taken(&Script { is_unreached: true, ..script }).await;
    assert!(
        said.starts_with("the API server did not reach Prometheus at m/prometheus:9090 through the API server: error trying"),
        "{said}"
    );
    assert!(said.ends_with("A port-forward was not tried: in m you cannot create resource \"pods/portforward\"."), "{said}");
}

#[tokio::test]
async fn a_port_that_wants_tls_is_asked_with_it() {
    let server = Server::new(|asked| match (asked.headers.get("x-tls").map(String::as_str), asked.path.as_str()) {
        (Some("true"), "/api/v1/status/buildinfo") => success(r#"{"version":"3.5.0","revision":"abc"}"#),
        (Some("true"), _) => success(ONE),
        _ => (400, "Client sent an HTTP request to an HTTPS server.\n".to_owned()),
    })
    .await;
    let script = Script::of(vec![(service("m", "prometheus", &[("app", "prometheus")], ("web", 9091)), &server)]);
    assert_eq!(taken(&script).await, "m/prometheus:9091 through the API server");
    let said = |name: &str, number: u16, protocol: &str, target: &str| {
        let [name, protocol, target] = [name, protocol, target].map(Clean::from);
        let mut listed = service("m", "prometheus", &[("app", "prometheus")], ("", 0));
        listed.ports = vec![Port { name, number, protocol, target }];
        guess(&listed).unwrap().place.is_https
    };
    assert!(said("https-web", 9090, "", "") && said("web", 9091, "HTTPS", "") && said("web", 9091, "", "https") && said("", 443, "", ""));
    assert!(!said("http", 9090, "http", "web"));
}

//! TLS inside a forwarded stream, with and without an authority that vouches for the server.

use flightdeck::demo::rights::Rule;
use flightdeck::metrics::client::Client;
use flightdeck::metrics::discovery::{Finder, Guess};
use flightdeck::metrics::failure::Failure;
use flightdeck::metrics::settings::Settings;

use crate::inside::{Inside, canary, rule};

fn forwards() -> Vec<Rule> {
    vec![rule(&["get", "list"], &["services", "pods"], &[]), rule(&["get", "create"], &["pods/portforward"], &["monitoring"])]
}

async fn found(inside: &Inside, url: &str, ca: Option<&str>) -> Result<Client, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let mut settings = Settings::routed().unwrap();
    if let Some(pem) = ca {
        std::fs::write(&path, pem).unwrap();
        settings.ca = Some(path);
    }
    let finder = Finder::new(std::sync::Arc::new(inside.connection.asker()), settings).of(Guess::written(url).unwrap());
    let client = finder.client(&[], inside.cluster.now()).await?;
    client.instant("count(up)", inside.cluster.now()).await.map(|_| client)
}

#[tokio::test]
async fn a_server_that_speaks_tls_is_asked_over_a_forwarded_port() {
    let inside = Inside::of(&canary(), Some(forwards()), None).await;
    let client = found(&inside, "service+https://monitoring/prometheus:9091", None).await.unwrap();
    let words = "monitoring/prometheus:9091 through a port-forward to pod prometheus-k8s-0, with TLS";
    assert_eq!((client.address().as_str(), client.way().as_str()), (words, "a port-forward"));
    let trusted = found(&inside, "service+https://monitoring/prometheus:9091", Some(&inside.server.ca_pem)).await.unwrap();
    assert_eq!(trusted.address().as_str(), words);
}

#[tokio::test]
async fn an_authority_that_is_named_has_to_vouch_for_the_server() {
    let (inside, other) = (Inside::of(&canary(), Some(forwards()), None).await, Inside::of(&canary(), None, None).await);
    let failure = found(&inside, "service+https://monitoring/prometheus:9091", Some(&other.server.ca_pem)).await.unwrap_err();
    assert!(failure.to_string().contains("does not vouch for prometheus.monitoring.svc"), "{failure}");
    assert!(
        failure.to_string().contains("The API server's proxy was not tried: in monitoring you cannot get resource \"services/proxy\"."),
        "{failure}"
    );
    let plain = found(&inside, "service+https://monitoring/prometheus:9090", None).await.unwrap_err();
    assert!(plain.to_string().contains("TLS with prometheus.monitoring.svc was not set up"), "{plain}");
}

#[tokio::test]
async fn through_the_api_server_a_port_that_wants_tls_is_found_out() {
    let inside = Inside::of(&canary(), None, Some("reader")).await;
    let client = found(&inside, "service://monitoring/prometheus:9091", None).await.unwrap();
    assert_eq!(client.address().as_str(), "monitoring/prometheus:9091 through the API server");
}

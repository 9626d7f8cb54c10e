//! The embedded cluster's Prometheus, found and asked with nothing but a kubeconfig.

use std::sync::Arc;

use flightdeck::cluster::{self, Connection, Target};
use flightdeck::demo::api::{Server, serve};
use flightdeck::demo::clock::{ClockMode, origin};
use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::rights::Rule;
use flightdeck::demo::scenario::Scenario;
use flightdeck::metrics::client::Client;
use flightdeck::metrics::discovery::Finder;
use flightdeck::metrics::failure::Failure;
use flightdeck::metrics::settings::{Secret, Settings};
use flightdeck::ports::{ClusterEvent, Generation};
use flightdeck::text::Clean;
use tokio::sync::mpsc;

/// A served scenario and a connection to it.
pub struct Inside {
    pub cluster: Arc<Cluster>,
    pub server: Server,
    pub connection: Connection,
    _events: mpsc::Receiver<(Generation, ClusterEvent)>,
}

impl Inside {
    /// Connected as the user of the current context: the restricted one where there are rules.
    pub async fn of(scenario: &Scenario, rules: Option<Vec<Rule>>, context: Option<&str>) -> Self {
        let sim = scenario.build(7, origin()).unwrap();
        let mut options = scenario.options(origin());
        options.restricted = rules;
        let cluster = Cluster::new(sim, ClockMode::Manual, options);
        let server = serve(cluster.clone()).await.unwrap();
        let (tx, events) = mpsc::channel(1024);
        let target = Target { inline: Some(server.kubeconfig()), context: context.map(str::to_owned), ..Target::default() };
        let connection = cluster::connect(target, Generation(0), tx);
        Self { cluster, server, connection, _events: events }
    }

    pub fn finder(&self) -> Finder {
        Finder::new(Arc::new(self.connection.asker()), Settings::routed().unwrap())
    }

    pub async fn found(&self) -> Result<Client, Failure> {
        self.finder().client(&[Clean::from("payments")], self.cluster.now()).await
    }
}

/// A rule for resources of the core group.
pub fn rule(verbs: &[&str], resources: &[&str], namespaces: &[&str]) -> Rule {
    let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
    Rule { verbs: owned(verbs), groups: vec![String::new()], resources: owned(resources), namespaces: owned(namespaces) }
}

/// One Deployment that nobody sends requests to, as all of `fleet` is.
fn without_metrics() -> Scenario {
    let text = r#"
        format = 1
        description = "one"
        release = "deployment/payments/web"
        node = [{ pool = "pool-a", count = 2, zones = ["a"] }]
        workload = [{ kind = "deployment", namespace = "payments", name = "web", replicas = 2, version = [{ tag = "1", at = "-1h" }] }]
    "#;
    Scenario::parse("without", text).unwrap()
}

pub fn canary() -> Scenario {
    Scenario::named("canary").unwrap()
}

async fn value(client: &Client, inside: &Inside, query: &str) -> f64 {
    client.instant(query, inside.cluster.now()).await.unwrap().data.samples()[0].point.value
}

#[tokio::test]
async fn whoever_may_read_gets_there_through_the_api_server() {
    let inside = Inside::of(&canary(), None, Some("reader")).await;
    let client = inside.found().await.unwrap();
    assert_eq!(client.address().as_str(), "monitoring/prometheus:9090 through the API server");
    let token = inside.server.prometheus.token.as_deref().map(Secret::new);
    let direct = Client::new(&Settings { bearer_token: token, ..Settings::new(&inside.server.prometheus.url).unwrap() }).unwrap();
    for query in ["count(up)", "sum(http_requests_total)", "sum by (code) (rate(http_requests_total{namespace=\"payments\"}[5m])) > 0"] {
        assert_eq!(value(&client, &inside, query).await, value(&direct, &inside, query).await, "{query}");
    }
    let (end, step) = (inside.cluster.now(), std::time::Duration::from_secs(60));
    let routed = client.range("sum(http_requests_total)", end - chrono::TimeDelta::minutes(10), end, step).await.unwrap();
    assert_eq!(routed.data.series()[0].points.len(), 11);
    let missing = client.instant("sum(", inside.cluster.now()).await.unwrap_err();
    assert!(matches!(missing, Failure::BadQuery(_)), "{missing:?}");
}

#[tokio::test]
async fn a_forwarded_port_is_taken_where_the_proxy_is_not_allowed() {
    let rules = vec![rule(&["get", "list"], &["services", "pods"], &[]), rule(&["get", "create"], &["pods/portforward"], &["monitoring"])];
    let inside = Inside::of(&canary(), Some(rules), None).await;
    let client = inside.found().await.unwrap();
    let words = "monitoring/prometheus:9090 through a port-forward to pod prometheus-k8s-0";
    assert_eq!(client.address().as_str(), words);
    assert!(value(&client, &inside, "count(up)").await > 0.0);
    // Over a stream a long question goes as a form.
    let long = format!("count(up{{pod!~\"{}\"}})", "x".repeat(70_000));
    assert!(value(&client, &inside, &long).await > 0.0);
}

#[tokio::test]
async fn a_forwarded_stream_that_broke_is_opened_anew() {
    let rules = vec![rule(&["get", "list"], &["services", "pods"], &[]), rule(&["get", "create"], &["pods/portforward"], &["monitoring"])];
    let text = include_str!("../../src/demo/scenarios/low-traffic.toml");
    let text = format!("{text}\n[[fault]]\nat = \"1s\"\nfor = \"2s\"\nkind = \"refuse\"\n");
    let inside = Inside::of(&Scenario::parse("cut", &text).unwrap(), Some(rules), None).await;
    let client = inside.finder().client(&[Clean::from("partners")], inside.cluster.now()).await.unwrap();
    assert!(value(&client, &inside, "count(up)").await > 0.0);
    // All connections are cut, the stream's too.
    inside.cluster.advance_to(origin() + chrono::TimeDelta::seconds(2));
    let cut = client.instant("count(up)", inside.cluster.now()).await.unwrap_err();
    assert_eq!(cut.word(), "not reached", "{cut}");
    inside.cluster.advance_to(origin() + chrono::TimeDelta::seconds(4));
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while client.instant("count(up)", inside.cluster.now()).await.is_err() {
        assert!(tokio::time::Instant::now() < end, "it never came back");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn who_may_do_neither_is_told_what_it_takes() {
    let inside = Inside::of(&canary(), Some(vec![rule(&["get", "list"], &["services", "pods"], &[])]), None).await;
    let Err(Failure::Unfound(sentence)) = inside.found().await else { panic!("found") };
    assert_eq!(
        sentence.as_str(),
        "monitoring/prometheus:9090 may be this cluster's Prometheus, and neither way to it is open to you: in monitoring you cannot get resource \
         \"services/proxy\" (through the API server), nor get resource \"pods/portforward\" and create resource \"pods/portforward\" (a \
         port-forward). Ask for either, or name an address with --prometheus URL."
    );
}

#[tokio::test]
async fn who_may_list_services_in_one_namespace_alone_is_looked_for_there() {
    let rules = vec![rule(&["get", "list"], &["services", "services/proxy"], &["monitoring"])];
    let inside = Inside::of(&canary(), Some(rules), None).await;
    let client = inside.found().await.unwrap();
    assert_eq!(client.address().as_str(), "monitoring/prometheus:9090 through the API server");
}

#[tokio::test]
async fn where_services_may_not_be_listed_at_all_that_is_said() {
    let inside = Inside::of(&canary(), Some(vec![rule(&["list"], &["pods"], &[])]), None).await;
    let Err(Failure::Unfound(sentence)) = inside.found().await else { panic!("found") };
    assert!(sentence.as_str().contains("cannot list resource \"services\"") && sentence.as_str().contains("monitoring"), "{sentence}");
}

#[tokio::test]
async fn a_cluster_without_one_says_so() {
    let inside = Inside::of(&without_metrics(), None, None).await;
    let Err(Failure::Unfound(sentence)) = inside.found().await else { panic!("found") };
    assert!(sentence.as_str().starts_with("no Prometheus was found in this cluster"), "{sentence}");
}

#[tokio::test]
async fn a_prometheus_that_is_down_is_told_from_an_api_server_that_is() {
    let text = include_str!("../../src/demo/scenarios/low-traffic.toml");
    let text = format!(
        "{text}\n[[prometheus-fault]]\nat = \"10s\"\nfor = \"10s\"\nkind = \"gone\"\n[[fault]]\nat = \"30s\"\nfor = \"10s\"\nkind = \"refuse\"\n"
    );
    let inside = Inside::of(&Scenario::parse("down", &text).unwrap(), None, None).await;
    let client = inside.finder().client(&[Clean::from("partners")], inside.cluster.now()).await.unwrap();
    inside.cluster.advance_to(origin() + chrono::TimeDelta::seconds(15));
    let down = client.instant("count(up)", inside.cluster.now()).await.unwrap_err();
    assert!(down.to_string().starts_with("the API server did not reach Prometheus at monitoring/prometheus:9090"), "{down}");
    assert!(down.to_string().contains("connection refused") && down.word() == "not reached", "{down}");
    inside.cluster.advance_to(origin() + chrono::TimeDelta::seconds(35));
    let lost = client.instant("count(up)", inside.cluster.now()).await.unwrap_err();
    assert!(lost.to_string().starts_with("Prometheus was not reached at monitoring/prometheus:9090"), "{lost}");
}

#[tokio::test]
async fn the_objects_it_stands_under_change_nothing_else() {
    use flightdeck::demo::store::{NODES, PODS, SERVICES};
    let sim = canary().build(7, origin()).unwrap();
    let own: Vec<String> = [PODS, SERVICES, NODES]
        .iter()
        .flat_map(|resource| sim.store.list(*resource, Some("monitoring")))
        .map(|(key, _)| format!("{}/{}", key.resource.plural, key.name))
        .collect();
    assert_eq!(own, ["pods/prometheus-k8s-0", "services/prometheus"]);
    let without = without_metrics().build(7, origin()).unwrap();
    assert_eq!(without.store.list(SERVICES, Some("monitoring")).count(), 0);
}

//! What asking costs: questions and bytes a minute for one open release and for a board of 200, against scraping the same pods oneself;
//! and how old the newest sample is when its figure arrives.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use flightdeck::demo::clock::ClockMode;
use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::prometheus::Labels;
use flightdeck::demo::prometheus::serve::serve;
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::store::{REPLICASETS, ROLLOUTS};
use flightdeck::metrics::client::Client;
use flightdeck::metrics::poller::Poller;
use flightdeck::metrics::settings::Settings;
use flightdeck::objects::Kind;
use flightdeck::ports::Clock;
use flightdeck::ports::metrics::{Found, Measurable, MetricInterest, MetricsEvent, Part, Promise, ReadMetrics, Subject, VersionNames};
use flightdeck::release::ReleaseRef;
use flightdeck::text::Clean;
use support::line;

/// Virtual seconds in a real one.
const SPEED: f64 = 20.0;
/// So many virtual minutes are watched.
const MINUTES: f64 = 4.0;

struct Fast(Arc<Cluster>);

impl Clock for Fast {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    fn until(&self, at: DateTime<Utc>) -> Duration {
        (at - self.now()).to_std().unwrap_or_default().div_f64(SPEED)
    }
}

/// Questions and bytes a minute, and how old the newest sample was at each arrival, in seconds.
struct Cost {
    questions: f64,
    bytes: f64,
    ages: Vec<f64>,
}

async fn cost(cluster: &Arc<Cluster>, interest: MetricInterest) -> Cost {
    let served = serve(cluster.clone(), 0, None).await.unwrap();
    let client = Client::new(&Settings::new(&served.url).unwrap()).unwrap();
    let clock = Arc::new(Fast(cluster.clone()));
    let (mut poller, mut events) = Poller::start(client, clock.clone());
    poller.set_interest(interest);
    let (mut asked, mut bytes, mut ages) = (BTreeSet::new(), 0, Vec::new());
    let end = tokio::time::Instant::now() + Duration::from_secs_f64(MINUTES * 60.0 / SPEED);
    while let Ok(Some(event)) = tokio::time::timeout_at(end, events.recv()).await {
        let MetricsEvent::Found(_, question, found) = event else { continue };
        if asked.insert((question.query.clone(), question.at)) {
            bytes += question.bytes;
        }
        if let Found::Fresh(newest, _) = found {
            ages.push((clock.now() - newest).as_seconds_f64());
        }
    }
    ages.sort_by(f64::total_cmp);
    Cost { questions: asked.len() as f64 / MINUTES, bytes: bytes as f64 / MINUTES, ages }
}

fn measurable(cluster: &Cluster, namespace: &str, name: &str, kind: Kind) -> Measurable {
    let versions = cluster.read(|sim| {
        let mine = sim
            .store
            .list(REPLICASETS, Some(namespace))
            .filter(|(key, _)| key.name.rsplit_once('-').is_some_and(|(owner, _)| owner == name));
        let version = |(at, (key, _)): (usize, (&flightdeck::demo::store::Key, _))| VersionNames {
            hash: Clean::from(key.name.rsplit_once('-').map_or("", |(_, hash)| hash)),
            replica_set: Clean::from(key.name.as_str()),
            pods: Vec::new(),
            part: if at == 0 { Part::New } else { Part::Old },
            label: Clean::default(),
        };
        mine.enumerate().map(|(at, (key, object))| version((at, (key, object)))).collect()
    });
    let subject = Subject {
        namespace: namespace.into(),
        workload: name.into(),
        services: vec![name.into()],
        ingress: Vec::new(),
        versions,
        earlier: Vec::new(),
    };
    let promises =
        vec![Promise { name: "availability".into(), window: Duration::from_secs(30 * 86_400), queries: None, ..Promise::default() }];
    Measurable { release: ReleaseRef { kind, namespace: namespace.into(), name: name.into() }, subject, promises }
}

async fn of_one() -> (Cost, f64) {
    let start = Utc::now();
    let scenario = Scenario::named("bad-canary").unwrap();
    let mut sim = scenario.build(1, start - chrono::TimeDelta::minutes(4)).unwrap();
    sim.run_until(start);
    let cluster = Cluster::new(sim, ClockMode::Running { speed: SPEED }, scenario.options(start));
    assert_eq!(scenario.release.resource, ROLLOUTS);
    let open = measurable(&cluster, &scenario.release.namespace, &scenario.release.name, Kind::Rollout);
    let page = cluster.read(|sim| sim.traffic.exposition().len()) as f64;
    (cost(&cluster, MetricInterest { open: Some(open), guarded: None, board: Vec::new(), covering: Vec::new() }).await, page * 4.0)
}

/// 200 workloads with 50 pods each; their counters stand still, which costs a server and the wire the same.
async fn of_board() -> Cost {
    let scenario = Scenario::named("fleet").unwrap();
    let start = Utc::now();
    let mut sim = scenario.build(1, start).unwrap();
    let now = start.timestamp_millis();
    let pods: Vec<(String, String)> = {
        let pods = sim.store.list(flightdeck::demo::store::PODS, None);
        pods.map(|(key, _)| (key.namespace.to_string(), key.name.to_string())).collect()
    };
    for (namespace, pod) in &pods {
        for (code, value) in [("200", 5000.0), ("500", 3.0)] {
            for back in [240_000, 120_000, 0] {
                let labels = [("__name__", "http_requests_total"), ("namespace", namespace), ("pod", pod), ("code", code)];
                sim.series.put(Labels::of(&labels.map(|(name, value)| (name, value))), now - back, value - back as f64 / 1000.0);
            }
        }
    }
    let workloads: Vec<(String, String)> = {
        let all =
            sim.store.list(flightdeck::demo::store::DEPLOYMENTS, None).map(|(key, _)| (key.namespace.to_string(), key.name.to_string()));
        all.collect()
    };
    let cluster = Cluster::new(sim, ClockMode::Running { speed: SPEED }, scenario.options(start));
    let board = workloads.iter().map(|(namespace, name)| measurable(&cluster, namespace, name, Kind::Deployment)).collect();
    cost(&cluster, MetricInterest { open: None, guarded: None, board, covering: Vec::new() }).await
}

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let (one, page) = of_one().await;
    line("questions a minute, one open release", &format!("{:.1}", one.questions), "-", f64::NAN, "");
    let yard = format!("its pods' page {:.0} KB", page / 1000.0);
    line("bytes a minute, one open release", &format!("{:.1} KB", one.bytes / 1000.0), &yard, one.bytes / page, "");
    let age = |at: f64| one.ages[((one.ages.len() - 1) as f64 * at) as usize];
    line(
        "age of the newest sample on arrival",
        &format!("{:.1} s, most {:.1} s", age(0.5), age(1.0)),
        "a scrape each 5 s",
        age(0.5) / 5.0,
        "",
    );
    let board = of_board().await;
    line("questions a minute, a board of 200", &format!("{:.1}", board.questions), "one open release", board.questions / one.questions, "");
    line("bytes a minute, a board of 200", &format!("{:.1} KB", board.bytes / 1000.0), "one open release", board.bytes / one.bytes, "");
}

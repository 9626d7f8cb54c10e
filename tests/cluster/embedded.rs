//! The adapter against the embedded cluster's own API: the same HTTPS, logins, rights and faults that the demo has.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::cluster::{Pace, Target, rights_for_board};
use flightdeck::demo::api::{self, Server};
use flightdeck::demo::clock::{ClockMode, origin};
use flightdeck::demo::cluster::{Cluster, Options};
use flightdeck::demo::crds;
use flightdeck::demo::faults::{Fault, FaultKind};
use flightdeck::demo::rights::Rule;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{DEPLOYMENTS, Key, PODS, Part, ROLLOUTS};
use flightdeck::objects::{Kind, WorldEvent};
use flightdeck::ports::ReadCluster;
use flightdeck::ports::rights::Allowed;
use flightdeck::ports::{ClusterEvent, Interest, LinkState, Scope, SourceState};
use serde_json::json;

use crate::seen::*;

/// A cluster with two Deployments and some pods, its clock standing still, and its API.
async fn embedded(options: Options) -> (Arc<Cluster>, Server) {
    let mut sim = Sim::new(7, origin(), Vec::new());
    for name in ["checkout", "web"] {
        sim.create(DEPLOYMENTS, json!({"metadata": {"name": name, "namespace": "payments"}, "spec": {"replicas": 2}})).unwrap();
    }
    for i in 0..5 {
        sim.create(PODS, json!({"metadata": {"name": format!("web-{i}"), "namespace": "payments", "labels": {"app": "web"}}})).unwrap();
    }
    let cluster = Cluster::new(sim, ClockMode::Manual, options);
    let server = api::serve(cluster.clone()).await.unwrap();
    (cluster, server)
}

fn connect(server: &Server, context: Option<&str>) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let file = path(&folder, "config");
    std::fs::write(&file, server.kubeconfig()).unwrap();
    let pace = Pace { heartbeat_limit: Duration::from_millis(800), ..quick() };
    Seen::with(folder, Target { kubeconfig: Some(file), context: context.map(str::to_owned), pace, ..Target::default() })
}

fn all(id: u64, kind: Kind) -> Interest {
    Interest { scope: Scope::All, ..interest(id, kind) }
}

fn fault(from: i64, kind: FaultKind) -> Fault {
    Fault { at: TimeDelta::seconds(from), lasts: TimeDelta::seconds(10), kind }
}

async fn settled(cluster: &Cluster, seen: &mut Seen) {
    let revision = cluster.settle();
    let mut progress = seen.connection.progress();
    let reached = progress.wait_for(|sources| {
        sources.values().all(|at| match at.state {
            SourceState::Live => at.revision.parse::<u64>().is_ok_and(|at| at >= revision),
            SourceState::Denied(_) | SourceState::Absent => true,
            _ => false,
        })
    });
    tokio::select! {
        reached = reached => assert!(reached),
        () = seen.listen(8000) => panic!("never settled: {:#?}", seen.connection.progress().now()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_up_to_a_settled_revision_has_been_said() {
    for streaming_lists in [true, false] {
        let (cluster, server) = embedded(Options { streaming_lists, ..Options::default() }).await;
        let mut seen = connect(&server, None);
        seen.until_live().await;
        let pods = Interest { labels: "app=web".to_owned(), ..interest(4, Kind::Pod) };
        seen.want(&[all(1, Kind::Rollout), all(2, Kind::Deployment), all(3, Kind::ReplicaSet), pods]);
        settled(&cluster, &mut seen).await;
        for i in 0..200 {
            let key = Key::new(PODS, "payments", format!("web-{}", i % 5));
            cluster.write(|sim| sim.edit(&key, Part::Main, |pod| pod["metadata"]["labels"]["turn"] = json!(i.to_string())).unwrap());
        }
        settled(&cluster, &mut seen).await;
        // Whatever the ledger says was delivered is on the channel by now.
        seen.listen(0).await;
        let turns: Vec<u32> = seen
            .said
            .iter()
            .filter_map(|event| match event {
                ClusterEvent::World(_, WorldEvent::Apply(object)) => object.meta().label("turn")?.parse().ok(),
                _ => None,
            })
            .collect();
        assert_eq!(turns, (0..200).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_told_and_survived() {
    let kinds: [(FaultKind, &str); 7] = [
        (FaultKind::Refuse, "the connection"),
        (FaultKind::Hang, "did not answer within 0.8 s"),
        (FaultKind::Unauthorized, "does not accept the login"),
        (FaultKind::Error500, "500 Internal Server Error"),
        (FaultKind::TooMany { retry_after: 1 }, "429 Too Many Requests"),
        (FaultKind::Gone, "410 Gone"),
        (FaultKind::Conversion, "conversion webhook"),
    ];
    for (kind, words) in kinds {
        // Watches that are open go on through some faults: cutting them shows what a new request meets.
        let cut = Fault { lasts: TimeDelta::seconds(1), ..fault(10, FaultKind::Reset) };
        let faults = vec![fault(10, kind.clone()), cut];
        let (cluster, server) = embedded(Options { faults, ..Options::default() }).await;
        let mut seen = connect(&server, None);
        seen.want(&[all(1, Kind::Rollout)]);
        seen.until_source("live", |s| *s == SourceState::Live).await;
        if kind == FaultKind::Gone {
            let rollout = json!({"metadata": {"name": "later", "namespace": "payments"}});
            cluster.write(|sim| sim.create(DEPLOYMENTS, rollout).unwrap());
        }
        cluster.advance_to(origin() + TimeDelta::seconds(12));
        let told = |event: &ClusterEvent| match event {
            ClusterEvent::Link(LinkState::Lost { reason, .. }) | ClusterEvent::Source(_, SourceState::Retrying { reason, .. }) => {
                reason.contains(words)
            }
            _ => false,
        };
        seen.until(words, told).await;
        cluster.advance_to(origin() + TimeDelta::seconds(30));
        let rollout = json!({"metadata": {"name": format!("after-{words}"), "namespace": "payments"}});
        cluster.write(|sim| sim.create(ROLLOUTS, rollout).unwrap());
        seen.until("the picture goes on", |event| format!("{event:?}").contains("after-")).await;
        settled(&cluster, &mut seen).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kinds_come_and_go() {
    let (cluster, server) = embedded(Options { argo_crds: false, ..Options::default() }).await;
    let mut seen = connect(&server, None);
    seen.want(&[all(1, Kind::Rollout)]);
    seen.until_source("absent", |s| *s == SourceState::Absent).await;
    cluster.write(crds::install_argo);
    assert_eq!(seen.until_list().await, Vec::<String>::new());
    seen.until_source("live", |s| *s == SourceState::Live).await;
    cluster.write(|sim| sim.create(ROLLOUTS, json!({"metadata": {"name": "web", "namespace": "payments"}})).unwrap());
    assert_eq!(seen.until_object().await, "web");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_the_rights_show_half_the_picture() {
    let rule = Rule {
        verbs: vec!["list".into(), "watch".into()],
        groups: vec!["apps".into()],
        resources: vec!["deployments".into()],
        ..Rule::default()
    };
    let (_cluster, server) = embedded(Options { restricted: Some(vec![rule]), ..Options::default() }).await;
    let mut seen = connect(&server, None);
    seen.want(&[all(1, Kind::ReplicaSet), all(2, Kind::Deployment)]);
    let mut list = seen.until_list().await;
    list.sort();
    assert_eq!(list, ["checkout", "web"]);
    seen.connection.count_elsewhere();
    seen.until("the count", |event| *event == ClusterEvent::Elsewhere(2)).await;
    let denied = SourceState::Denied("list replicasets.apps in all namespaces".into());
    if !seen.said.iter().any(|event| matches!(event, ClusterEvent::Source(_, state) if *state == denied)) {
        seen.until_source("denied", |s| *s == denied).await;
    }
    let who = |event: &ClusterEvent| matches!(event, ClusterEvent::Identity(identity) if identity.user == "demo:restricted");
    if !seen.said.iter().any(who) {
        seen.until("the server's word for who", who).await;
    }
    let asker = seen.connection.asker();
    let mut answers = Vec::new();
    for right in rights_for_board(&Scope::All) {
        answers.push((right.words().to_string(), asker.can(&right).await.unwrap() == Allowed::Yes));
    }
    let given: Vec<&str> = answers.iter().filter(|(_, yes)| *yes).map(|(words, _)| words.as_str()).collect();
    assert_eq!(given, ["list deployments.apps in all namespaces", "watch deployments.apps in all namespaces"]);
}

//! The embedded cluster's lower floor: a ReplicaSet alone gets its pods, each pod its node and its fate, each Service its endpoints.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::controllers::{base, behaviour::Table};
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{ENDPOINTSLICES, EVENTS, Key, NODES, PODS, Part, REPLICASETS, SERVICES};
use serde_json::{Value, json};

fn origin() -> DateTime<Utc> {
    "2026-11-21T02:43:00Z".parse().unwrap()
}

fn cluster(nodes: usize) -> Sim {
    let mut sim = Sim::new(7, origin(), base(Table::default()));
    for n in 0..nodes {
        let zone = ["zone-a", "zone-b", "zone-c"][n % 3];
        let node = json!({
            "metadata": { "name": format!("node-{n:03}"), "labels": { "topology.kubernetes.io/zone": zone } },
            "status": { "allocatable": { "pods": "110" }, "addresses": [{ "type": "InternalIP", "address": format!("10.0.0.{n}") }] },
        });
        sim.create(NODES, node).unwrap();
    }
    let service = json!({ "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "selector": { "app": "web" }, "ports": [{ "port": 80, "targetPort": "http" }] } });
    sim.create(SERVICES, service).unwrap();
    sim
}

fn set(sim: &mut Sim, name: &str, replicas: i64, behaviour: &str) -> Key {
    let set = json!({
        "metadata": { "name": name, "namespace": "shop" },
        "spec": { "replicas": replicas, "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" }, "annotations": { "demo.flightdeck.dev/behaviour": behaviour } },
                "spec": { "containers": [{ "name": "web", "image": "registry.example/web:1", "ports": [{ "name": "http", "containerPort": 8080 }] }] },
            } },
    });
    sim.create(REPLICASETS, set).unwrap();
    Key::new(REPLICASETS, "shop", name)
}

fn run(sim: &mut Sim, seconds: i64) {
    sim.run_until(sim.now() + TimeDelta::seconds(seconds));
}

fn pods(sim: &Sim) -> Vec<Value> {
    sim.store.list(PODS, None).map(|(_, pod)| (**pod).clone()).collect()
}

fn reasons(sim: &Sim) -> Vec<(String, i64)> {
    let events = sim.store.list(EVENTS, None);
    events.map(|(_, e)| (e["reason"].as_str().unwrap().to_owned(), e["count"].as_i64().unwrap_or(1))).collect()
}

#[test]
fn healthy_pods_spread_over_zones_get_ready_and_stand_behind_their_service() {
    let mut sim = cluster(6);
    let key = set(&mut sim, "web-a", 6, "ready");
    run(&mut sim, 10);
    let status = sim.store.get(&key).unwrap()["status"].clone();
    assert_eq!(
        status,
        json!({"replicas": 6, "fullyLabeledReplicas": 6, "readyReplicas": 6, "availableReplicas": 6, "terminatingReplicas": 0, "observedGeneration": 1})
    );
    let pods = pods(&sim);
    let mut zones: Vec<_> = pods.iter().map(|p| p["metadata"]["labels"]["topology.kubernetes.io/zone"].as_str().unwrap()).collect();
    zones.sort_unstable();
    assert_eq!(zones, ["zone-a", "zone-a", "zone-b", "zone-b", "zone-c", "zone-c"]);
    let (_, slice) = sim.store.list(ENDPOINTSLICES, None).next().unwrap();
    let endpoints = slice["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 6);
    assert!(endpoints.iter().all(|e| e["conditions"]["ready"] == true && e["zone"].is_string()));
    assert_eq!(slice["ports"][0]["port"], 8080);
    for reason in ["Scheduled", "Pulling", "Pulled", "Created", "Started"] {
        assert_eq!(reasons(&sim).iter().filter(|(r, _)| r == reason).count(), 6, "{reason}");
    }
}

#[test]
fn scaling_down_takes_the_unready_first_and_leaves_after_a_grace() {
    let mut sim = cluster(3);
    let key = set(&mut sim, "web-a", 2, "ready");
    run(&mut sim, 10);
    let old: Vec<_> = pods(&sim).iter().map(|p| p["metadata"]["name"].clone()).collect();
    sim.edit(&key, Part::Main, |set| set["spec"]["replicas"] = json!(4)).unwrap();
    run(&mut sim, 2);
    sim.edit(&key, Part::Main, |set| set["spec"]["replicas"] = json!(2)).unwrap();
    sim.run_until(sim.now() + TimeDelta::milliseconds(40));
    let going: Vec<_> = pods(&sim).into_iter().filter(|p| !p["metadata"]["deletionTimestamp"].is_null()).collect();
    assert_eq!(going.len(), 2);
    assert!(going.iter().all(|pod| !old.contains(&pod["metadata"]["name"])));
    run(&mut sim, 5);
    assert_eq!(pods(&sim).iter().map(|p| p["metadata"]["name"].clone()).collect::<Vec<_>>(), old);
}

#[test]
fn a_crashing_container_backs_off_longer_each_time() {
    let mut sim = cluster(3);
    set(&mut sim, "web-a", 1, "crash after=2s code=3");
    run(&mut sim, 120);
    let status = pods(&sim)[0]["status"].clone();
    let container = &status["containerStatuses"][0];
    assert_eq!(container["state"]["waiting"]["reason"], "CrashLoopBackOff");
    assert_eq!(container["lastState"]["terminated"]["exitCode"], 3);
    // Restarted at once, then after 10, 20, 40 s: the fourth restart is due about 85 s in, the fifth after 80 s more.
    assert_eq!(container["restartCount"], 4);
    assert_eq!(container["state"]["waiting"]["message"].as_str().unwrap().split(" restarting").next(), Some("back-off 1m20s"));
    assert_eq!(status["phase"], "Running");
    let ready = status["conditions"].as_array().unwrap().iter().find(|c| c["type"] == "Ready").unwrap();
    assert_eq!((ready["status"].as_str(), ready["reason"].as_str()), (Some("False"), Some("ContainersNotReady")));
    assert!(reasons(&sim).iter().any(|(reason, count)| reason == "BackOff" && *count >= 3), "{:?}", reasons(&sim));
}

#[test]
fn other_fates_leave_the_marks_real_ones_leave() {
    for (behaviour, phase, state, reason) in [
        ("oom after=30s", "Running", "terminated", "OOMKilled"),
        ("image-pull", "Pending", "waiting", "ImagePullBackOff"),
        ("never-ready", "Running", "running", "Unhealthy"),
        ("unschedulable", "Pending", "none", "FailedScheduling"),
    ] {
        let mut sim = cluster(3);
        set(&mut sim, "web-a", 1, behaviour);
        // An OOM-killed container shows `terminated` for a moment before its first restart.
        let until = sim.now() + TimeDelta::seconds(60);
        let mut seen = false;
        while sim.next_due().is_some_and(|at| at <= until) {
            sim.step();
            seen |= pods(&sim).iter().any(|pod| {
                let now = &pod["status"]["containerStatuses"][0]["state"][state];
                pod["status"]["phase"] == phase && (now["reason"] == reason || reasons(&sim).iter().any(|(r, _)| r == reason))
            });
        }
        assert!(seen, "{behaviour}: {:#?} {:?}", pods(&sim), reasons(&sim));
    }
}

#[test]
fn full_nodes_refuse_and_the_pod_waits_for_room() {
    let mut sim = cluster(1);
    let node = Key::new(NODES, "", "node-000");
    sim.edit(&node, Part::Whole, |node| node["status"]["allocatable"]["pods"] = json!("1")).unwrap();
    let key = set(&mut sim, "web-a", 2, "ready");
    run(&mut sim, 5);
    let waiting = |sim: &Sim| pods(sim).iter().filter(|p| p["status"]["conditions"][0]["reason"] == "Unschedulable").count();
    assert_eq!(waiting(&sim), 1);
    sim.edit(&node, Part::Whole, |node| node["status"]["allocatable"]["pods"] = json!("2")).unwrap();
    run(&mut sim, 30);
    assert_eq!(waiting(&sim), 0);
    assert_eq!(sim.store.get(&key).unwrap()["status"]["readyReplicas"], 2);
}

#[test]
fn an_eviction_leaves_a_failed_pod_and_a_new_one_takes_its_place() {
    let mut sim = cluster(3);
    set(&mut sim, "web-a", 1, "evicted after=10s jitter=0");
    run(&mut sim, 14);
    let pods = pods(&sim);
    assert_eq!(pods.len(), 2);
    assert_eq!(pods.iter().filter(|p| p["status"]["phase"] == "Failed" && p["status"]["reason"] == "Evicted").count(), 1);
}

#[test]
fn deleting_the_set_takes_its_pods_and_events_expire_after_an_hour() {
    let mut sim = cluster(3);
    let key = set(&mut sim, "web-a", 3, "ready");
    run(&mut sim, 10);
    sim.store.delete(&key);
    sim.notice();
    run(&mut sim, 10);
    assert!(pods(&sim).is_empty());
    assert!(!reasons(&sim).is_empty());
    run(&mut sim, 3700);
    assert!(reasons(&sim).is_empty());
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let life = || {
        let mut sim = cluster(6);
        set(&mut sim, "web-a", 5, "oom after=20s share=0.5");
        run(&mut sim, 300);
        let all: Vec<Value> = sim.store.list(PODS, None).chain(sim.store.list(EVENTS, None)).map(|(_, o)| (**o).clone()).collect();
        serde_json::to_string(&all).unwrap()
    };
    assert_eq!(life(), life());
}

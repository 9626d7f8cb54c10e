//! The embedded Deployment controller held against the recorded life of a Deployment under the real kube-controller-manager, and against
//! the promises of a rolling update.
//!
//! The recorded story is driven again: the same object, the same writes at the same moments (a write is a step of `generation`), pods as quick
//! as those of the recording. What is compared, exactly:
//! - the sequence of (generation, observed generation, revision, paused, conditions with status and reason), every state of it;
//! - the sequence of states that stood for at least 300 ms, with all counts: what lasts less depends on which loop wakes first;
//! - the Deployment's events, in order, with their counts and combined messages (ReplicaSets named by revision, since hashes differ).
//!
//! And on both sides, at every state: never more than desired + surge, never fewer available than desired − unavailable once available.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::controllers::base;
use flightdeck::demo::controllers::behaviour::{ANNOTATION, Behaviour, Fate, Table};
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{DEPLOYMENTS, EVENTS, Key, NODES, PODS, Part, REPLICASETS};
use proptest::prelude::*;
use serde_json::{Value, json};

/// One state of a Deployment, or one event about it, at a moment of the story.
type Seen = (i64, Value);

struct Story {
    deployment: Vec<Seen>,
    events: Vec<Seen>,
    /// ReplicaSet name to its revision.
    revisions: BTreeMap<String, String>,
}

const REVISION: &str = "deployment.kubernetes.io/revision";

impl Story {
    fn new() -> Self {
        Self { deployment: Vec::new(), events: Vec::new(), revisions: BTreeMap::new() }
    }

    fn see(&mut self, at: i64, object: &Value) {
        match object["kind"].as_str() {
            Some("Deployment") => self.deployment.push((at, object.clone())),
            Some("Event") if object["involvedObject"]["kind"] == "Deployment" => self.events.push((at, object.clone())),
            Some("ReplicaSet") => {
                let name = object["metadata"]["name"].as_str().unwrap().to_owned();
                let first = object["metadata"]["annotations"][REVISION].as_str().unwrap().to_owned();
                self.revisions.entry(name).or_insert(first);
            }
            _ => {}
        }
    }

    /// What a person could see: states that stood.
    fn stood(&self) -> Vec<Value> {
        let next = self.deployment.iter().map(|(at, _)| *at).skip(1).chain([i64::MAX]);
        let mut stood: Vec<Value> =
            self.deployment.iter().zip(next).filter(|((at, _), next)| next - at >= 300).map(|((_, object), _)| counts(object)).collect();
        stood.dedup();
        stood
    }

    fn decided(&self) -> Vec<Value> {
        let mut decided: Vec<Value> = self.deployment.iter().map(|(_, object)| conditions(object)).collect();
        decided.dedup();
        decided
    }

    fn said(&self) -> Vec<String> {
        let name = |message: &str| {
            self.revisions.iter().fold(message.to_owned(), |text, (name, revision)| text.replace(name, &format!("r{revision}")))
        };
        self.events.iter().map(|(_, e)| format!("{} {} x{}", e["reason"], name(e["message"].as_str().unwrap()), e["count"])).collect()
    }
}

fn conditions(object: &Value) -> Value {
    let list = object["status"]["conditions"].as_array().into_iter().flatten();
    let list: Vec<Value> = list.map(|c| json!([c["type"], c["status"], c["reason"]])).collect();
    let meta = &object["metadata"];
    json!([meta["generation"], object["status"]["observedGeneration"], meta["annotations"][REVISION], object["spec"]["paused"], list])
}

fn counts(object: &Value) -> Value {
    let mut status = object["status"].clone();
    status["conditions"] = conditions(object);
    status
}

fn keeps_limits(story: &Story, surge: i64, unavailable: i64) {
    let mut was_available = false;
    for (at, object) in &story.deployment {
        let desired = object["spec"]["replicas"].as_i64().unwrap();
        let of = |field: &str| object["status"][field].as_i64().unwrap_or(0);
        was_available |= of("availableReplicas") >= desired;
        assert!(of("replicas") <= desired + surge, "{at}: {object}");
        assert!(!was_available || of("availableReplicas") >= desired - unavailable, "{at}: {object}");
    }
}

fn recorded() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/recordings/deployment-life.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).filter(|event: &Value| event["type"] != "BOOKMARK").collect()
}

fn nodes(sim: &mut Sim) {
    for n in 0..12 {
        let zone = ["zone-a", "zone-b", "zone-c"][n % 3];
        let labels = json!({ "topology.kubernetes.io/zone": zone });
        sim.create(NODES, json!({ "metadata": { "name": format!("node-{n:03}"), "labels": labels } })).unwrap();
    }
}

/// Everything the store logged, as a story.
fn told(sim: &Sim, clock: &[(u64, i64)]) -> Story {
    let mut story = Story::new();
    for entry in sim.store.since(0).unwrap() {
        let at = clock.partition_point(|(rv, _)| *rv < entry.rv);
        if entry.happened != flightdeck::demo::store::Happened::Deleted {
            story.see(clock[at].1, &entry.object);
        }
    }
    story
}

#[test]
fn the_recorded_life_is_lived_again() {
    let events = recorded();
    let mut real = Story::new();
    events.iter().filter(|event| event["type"] != "DELETED").for_each(|event| real.see(event["at_ms"].as_i64().unwrap(), &event["object"]));

    // The recording's clock: its first scheduler event says 01:01:07.841753 at 1147 ms.
    let epoch: DateTime<Utc> = "2026-11-21T01:01:06.694Z".parse().unwrap();
    let at = |ms: i64| epoch + TimeDelta::milliseconds(ms);
    let crash = Behaviour { fate: Fate::Crash, after: Duration::ZERO, ..Behaviour::instant() };
    let mut sim = Sim::new(1, epoch, base(Table::instant().image("-bad", crash)));
    nodes(&mut sim);
    // What had happened when: the store's revision after each moment of virtual time.
    let mut clock = vec![(sim.store.revision(), 0)];
    let mut live = |sim: &mut Sim, until: DateTime<Utc>| {
        while sim.next_due().is_some_and(|due| due <= until) {
            sim.step();
            clock.push((sim.store.revision(), (sim.now() - epoch).num_milliseconds()));
        }
        sim.run_until(until);
        clock.push((sim.store.revision() + 1, (sim.now() - epoch).num_milliseconds()));
    };
    let mut generation = 0;
    for (ms, object) in &real.deployment {
        let now = object["metadata"]["generation"].as_i64().unwrap();
        if now == generation {
            continue;
        }
        generation = now;
        live(&mut sim, at(*ms));
        let meta = &object["metadata"];
        if now == 1 {
            let fresh = json!({ "name": meta["name"], "namespace": meta["namespace"], "labels": meta["labels"], "annotations": meta["annotations"] });
            sim.create(DEPLOYMENTS, json!({ "metadata": fresh, "spec": object["spec"], "status": {} })).unwrap();
        } else {
            sim.edit(&Key::of(DEPLOYMENTS, object), Part::Main, |deployment| {
                deployment["spec"] = object["spec"].clone();
                deployment["metadata"]["annotations"] = meta["annotations"].clone();
            })
            .unwrap();
        }
    }
    live(&mut sim, at(160_000));
    let ours = told(&sim, &clock);

    for story in [&real, &ours] {
        keeps_limits(story, 1, 0);
    }
    let lines = |values: Vec<Value>| values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(ours.decided()), lines(real.decided()));
    assert_eq!(lines(ours.stood()), lines(real.stood()));
    assert!(real.stood().len() >= 20, "the comparison must have something to compare: {}", real.stood().len());
    assert_eq!(ours.said().join("\n"), real.said().join("\n"));

    // What each ReplicaSet carries at the end: revisions, their history, the cause of each.
    let ends = |sets: Vec<Value>| {
        let mut ends: Vec<Value> = sets
            .iter()
            .map(|set| {
                let notes = set["metadata"]["annotations"].clone();
                json!([
                    notes,
                    set["spec"]["replicas"],
                    set["status"]["replicas"],
                    set["spec"]["template"]["spec"]["containers"][0]["image"]
                ])
            })
            .collect();
        ends.sort_by_key(Value::to_string);
        lines(ends)
    };
    let mut last = BTreeMap::new();
    for event in events.iter().filter(|event| event["object"]["kind"] == "ReplicaSet") {
        last.insert(event["object"]["metadata"]["name"].to_string(), event["object"].clone());
    }
    let mine = sim.store.list(REPLICASETS, None).map(|(_, set)| (**set).clone()).collect();
    assert_eq!(sorted(&ends(mine)), sorted(&ends(last.into_values().collect())));
}

/// The order in which annotations were written does not matter.
fn sorted(lines: &str) -> Vec<BTreeMap<String, Value>> {
    let read = |line: &str| -> Vec<Value> { serde_json::from_str(line).unwrap() };
    lines
        .lines()
        .map(|line| {
            let mut parts = read(line);
            let mut notes: BTreeMap<String, Value> = serde_json::from_value(parts.remove(0)).unwrap();
            notes.extend(parts.into_iter().enumerate().map(|(index, value)| (index.to_string(), value)));
            notes
        })
        .collect()
}

fn deployment(replicas: i64, strategy: Value, behaviour: &str, image: &str) -> Value {
    json!({
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "replicas": replicas, "selector": { "matchLabels": { "app": "web" } }, "strategy": strategy, "progressDeadlineSeconds": 600,
            "template": { "metadata": { "labels": { "app": "web" }, "annotations": { ANNOTATION: behaviour } },
                          "spec": { "containers": [{ "name": "web", "image": image }] } } },
    })
}

fn image(sim: &mut Sim, image: &str, behaviour: &str) {
    let key = Key::new(DEPLOYMENTS, "shop", "web");
    sim.edit(&key, Part::Main, |deployment| {
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
        deployment["spec"]["template"]["metadata"]["annotations"][ANNOTATION] = json!(behaviour);
    })
    .unwrap();
}

fn cluster() -> Sim {
    let mut sim = Sim::new(3, "2026-11-21T02:43:00Z".parse().unwrap(), base(Table::default()));
    nodes(&mut sim);
    sim
}

fn run(sim: &mut Sim, seconds: i64) {
    sim.run_until(sim.now() + TimeDelta::seconds(seconds));
}

fn reason(sim: &Sim, kind: &str) -> String {
    let deployment = sim.store.get(&Key::new(DEPLOYMENTS, "shop", "web")).unwrap();
    let list = deployment["status"]["conditions"].as_array().unwrap();
    list.iter().find(|c| c["type"] == kind).map(|c| c["reason"].as_str().unwrap().to_owned()).unwrap_or_default()
}

/// Pods asked for, by ReplicaSet.
fn asked(sim: &Sim) -> BTreeMap<String, i64> {
    sim.store.list(REPLICASETS, None).map(|(key, set)| (key.name.clone(), set["spec"]["replicas"].as_i64().unwrap())).collect()
}

/// Ready pods that nobody has asked to go, by ReplicaSet.
fn ready_by_set(sim: &Sim) -> BTreeMap<String, i64> {
    let mut ready = BTreeMap::new();
    for (_, pod) in sim.store.list(PODS, None).filter(|(_, pod)| pod["metadata"]["deletionTimestamp"].is_null()) {
        if pod["status"]["conditions"].as_array().into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True") {
            *ready.entry(pod["metadata"]["ownerReferences"][0]["name"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
    }
    ready
}

/// Whether a ReplicaSet's status still counts pods as available that are gone, or that it was asked to take away.
fn statuses_behind(sim: &Sim) -> bool {
    let ready = ready_by_set(sim);
    sim.store.list(REPLICASETS, None).any(|(key, set)| {
        let there = ready.get(&key.name).copied().unwrap_or(0).min(set["spec"]["replicas"].as_i64().unwrap_or(0));
        set["status"]["availableReplicas"].as_i64().unwrap_or(0) > there
    })
}

fn percent_or_number() -> impl Strategy<Value = Value> {
    prop_oneof![(0i64..5).prop_map(|n| json!(n)), (0u32..101).prop_map(|p| json!(format!("{p}%")))]
}

fn resolved(value: &Value, replicas: i64, up: bool) -> i64 {
    let percent = |text: &str| text.trim_end_matches('%').parse::<f64>().unwrap() * replicas as f64 / 100.0;
    match value {
        Value::String(text) if up => percent(text).ceil() as i64,
        Value::String(text) => percent(text).floor() as i64,
        number => number.as_i64().unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    /// Whatever the numbers and the pace: healthy pods are never too few nor too many, and the rollout ends complete.
    #[test]
    fn a_rolling_update_of_healthy_pods_keeps_its_promise(
        replicas in 1i64..14, surge in percent_or_number(), unavailable in percent_or_number(), min_ready in 0i64..4,
        ready in 0u64..9000, stop in 0u64..6000, seed in any::<u64>(),
    ) {
        let strategy = json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": surge, "maxUnavailable": unavailable } });
        let (up, mut down) = (resolved(&surge, replicas, true), resolved(&unavailable, replicas, false).min(replicas));
        if up == 0 && down == 0 {
            down = 1;
        }
        let pace = format!("ready ready-after={ready}ms stop-after={stop}ms");
        let mut sim = Sim::new(seed, "2026-11-21T02:43:00Z".parse().unwrap(), base(Table::default()));
        nodes(&mut sim);
        let mut object = deployment(replicas, strategy, &pace, "web:1");
        object["spec"]["minReadySeconds"] = json!(min_ready);
        sim.create(DEPLOYMENTS, object).unwrap();
        run(&mut sim, 60);
        image(&mut sim, "web:2", &pace);
        let end = sim.now() + TimeDelta::seconds(900);
        let mut passed_each_other = false;
        while sim.next_due().is_some_and(|due| due <= end) {
            let (behind, before) = (statuses_behind(&sim), asked(&sim));
            sim.step();
            // The limits bind what a controller knows. kube-controller-manager, too, lowers an old ReplicaSet by the availability in the
            // statuses (rolling.go, scaleDownOldReplicaSetsForRollingUpdate): where a ReplicaSet's own loop has not told yet that pods went, it takes one batch too many.
            let lowered = asked(&sim).iter().any(|(name, n)| before.get(name).is_some_and(|was| n < was));
            passed_each_other |= behind && lowered;
            let sum: i64 = asked(&sim).values().sum();
            prop_assert!(sum <= replicas + up, "{sum} pods asked for, of {replicas} + {up}");
            let ready: i64 = ready_by_set(&sim).values().sum();
            prop_assert!(passed_each_other || ready >= replicas - down, "{ready} of {replicas} ready: at most {down} may be away");
        }
        let status = sim.store.get(&Key::new(DEPLOYMENTS, "shop", "web")).unwrap()["status"].clone();
        for field in ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"] {
            prop_assert_eq!(&status[field], &json!(replicas), "{}", field);
        }
        prop_assert_eq!(reason(&sim, "Progressing"), "NewReplicaSetAvailable");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(30) })]

    /// A new version that never gets ready costs no more than was allowed, and putting the old template back heals.
    #[test]
    fn a_version_that_never_gets_ready_takes_no_more_than_allowed(
        replicas in 1i64..12, surge in percent_or_number(), unavailable in percent_or_number(), seed in any::<u64>(),
        fate in prop::sample::select(vec!["crash after=2s", "image-pull", "never-ready", "unschedulable", "ready ready-after=1h"]),
    ) {
        let strategy = json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": surge, "maxUnavailable": unavailable } });
        let (up, mut down) = (resolved(&surge, replicas, true), resolved(&unavailable, replicas, false).min(replicas));
        if up == 0 && down == 0 {
            down = 1;
        }
        let mut sim = Sim::new(seed, "2026-11-21T02:43:00Z".parse().unwrap(), base(Table::default()));
        nodes(&mut sim);
        sim.create(DEPLOYMENTS, deployment(replicas, strategy, "ready", "web:1")).unwrap();
        run(&mut sim, 60);
        image(&mut sim, "web:2", fate);
        let end = sim.now() + TimeDelta::seconds(700);
        while sim.next_due().is_some_and(|due| due <= end) {
            sim.step();
            let status = &sim.store.get(&Key::new(DEPLOYMENTS, "shop", "web")).unwrap()["status"];
            prop_assert!(status["availableReplicas"].as_i64().unwrap_or(0) >= replicas - down, "{status}");
            let asked: i64 = sim.store.list(REPLICASETS, None).map(|(_, set)| set["spec"]["replicas"].as_i64().unwrap()).sum();
            prop_assert!(asked <= replicas + up, "{asked} pods asked for, of {replicas} + {up}");
        }
        prop_assert_eq!(reason(&sim, "Progressing"), "ProgressDeadlineExceeded");
        image(&mut sim, "web:1", "ready");
        run(&mut sim, 120);
        prop_assert_eq!(reason(&sim, "Progressing"), "NewReplicaSetAvailable");
        let status = &sim.store.get(&Key::new(DEPLOYMENTS, "shop", "web")).unwrap()["status"];
        prop_assert_eq!((&status["replicas"], &status["availableReplicas"]), (&json!(replicas), &json!(replicas)));
    }
}

#[test]
fn a_stuck_rollout_times_out_and_never_takes_the_old_pods() {
    let mut sim = cluster();
    let mut object = deployment(4, json!({ "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } }), "ready", "web:1");
    object["spec"]["progressDeadlineSeconds"] = json!(60);
    sim.create(DEPLOYMENTS, object).unwrap();
    run(&mut sim, 30);
    image(&mut sim, "web:2", "image-pull");
    run(&mut sim, 55);
    assert_eq!(reason(&sim, "Progressing"), "ReplicaSetUpdated");
    run(&mut sim, 15);
    assert_eq!(reason(&sim, "Progressing"), "ProgressDeadlineExceeded");
    let status = sim.store.get(&Key::new(DEPLOYMENTS, "shop", "web")).unwrap()["status"].clone();
    assert_eq!((status["replicas"].as_i64(), status["availableReplicas"].as_i64()), (Some(5), Some(4)));
}

#[test]
fn recreate_lets_all_old_pods_go_before_the_first_new_one_comes() {
    let mut sim = cluster();
    sim.create(DEPLOYMENTS, deployment(3, json!({ "type": "Recreate" }), "ready stop-after=5s", "web:1")).unwrap();
    run(&mut sim, 30);
    image(&mut sim, "web:2", "ready");
    let end = sim.now() + TimeDelta::seconds(60);
    let mut none = false;
    while sim.next_due().is_some_and(|due| due <= end) {
        sim.step();
        let images: std::collections::BTreeSet<_> =
            sim.store.list(PODS, None).map(|(_, pod)| pod["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()).collect();
        assert!(images.len() <= 1, "old and new at once: {images:?}");
        none |= images.is_empty();
    }
    assert!(none);
    assert_eq!(reason(&sim, "Progressing"), "NewReplicaSetAvailable");
}

#[test]
fn scaling_a_paused_mix_keeps_its_proportions() {
    let mut sim = cluster();
    sim.create(DEPLOYMENTS, deployment(10, json!({ "rollingUpdate": { "maxSurge": 3, "maxUnavailable": 2 } }), "ready", "web:1")).unwrap();
    run(&mut sim, 30);
    image(&mut sim, "web:2", "never-ready");
    run(&mut sim, 20);
    let key = Key::new(DEPLOYMENTS, "shop", "web");
    let sizes = |sim: &Sim| {
        let mut sizes: Vec<i64> = sim.store.list(REPLICASETS, None).map(|(_, set)| set["spec"]["replicas"].as_i64().unwrap()).collect();
        sizes.sort_unstable();
        sizes
    };
    // The example of the Kubernetes documentation: 8 old and 5 new of 10, scaled to 15, become 11 and 7.
    assert_eq!(sizes(&sim), [5, 8]);
    sim.edit(&key, Part::Main, |deployment| deployment["spec"]["replicas"] = json!(15)).unwrap();
    run(&mut sim, 20);
    assert_eq!(sizes(&sim), [7, 11]);
}

#[test]
fn old_revisions_beyond_the_limit_go_and_an_undone_one_is_reused() {
    let mut sim = cluster();
    let mut object = deployment(2, json!({}), "instant", "web:1");
    object["spec"]["revisionHistoryLimit"] = json!(2);
    sim.create(DEPLOYMENTS, object).unwrap();
    for version in 2..6 {
        run(&mut sim, 20);
        image(&mut sim, &format!("web:{version}"), "instant");
    }
    run(&mut sim, 20);
    assert_eq!(sim.store.list(REPLICASETS, None).count(), 3);
    image(&mut sim, "web:4", "instant");
    run(&mut sim, 20);
    let (_, reused) =
        sim.store.list(REPLICASETS, None).find(|(_, set)| set["spec"]["template"]["spec"]["containers"][0]["image"] == "web:4").unwrap();
    let notes = &reused["metadata"]["annotations"];
    assert_eq!((notes[REVISION].as_str(), notes["deployment.kubernetes.io/revision-history"].as_str()), (Some("6"), Some("4")));
    assert!(sim.store.list(EVENTS, None).any(|(_, event)| event["message"].as_str().unwrap().starts_with("Scaled up replica set web-")));
}

//! A controller that has nothing left to say writes nothing: whatever people write, and at whatever moment, the cluster comes to rest.
//! Never asks what state it rests in: the other tests do. The real one patches only where the status it computed is not the stored one.

use chrono::TimeDelta;
use flightdeck::demo::store::{EVENTS, Part, stamp};
use serde_json::{Value, json};

use super::lab::Lab;

const SERVICES: [&str; 2] = ["web-stable", "web-canary"];

/// What was still written in an hour, after the cluster had 25 minutes to finish: longer than any delay and any deadline here. Events are no
/// matter: they go an hour after they came.
fn unrest(lab: &mut Lab) -> Vec<String> {
    for (seconds, limit) in [(1_500, 2_000), (3_600, 0)] {
        let (until, from) = (lab.sim.now() + TimeDelta::seconds(seconds), lab.sim.store.revision());
        while lab.sim.next_due().is_some_and(|at| at <= until) {
            lab.sim.step();
            let written = || lab.sim.store.since(from).unwrap().filter(|entry| entry.key.resource != EVENTS);
            if lab.sim.store.revision() > from + limit && written().count() > limit as usize {
                let last = written().skip(limit.saturating_sub(4) as usize);
                return last.map(|entry| format!("{}: {}", entry.key.name, entry.object["status"])).collect();
            }
        }
        lab.sim.run_until(until);
    }
    Vec::new()
}

fn canary(more: Value) -> Value {
    let mut canary = json!({ "steps": [{ "setWeight": 25 }, { "pause": {} }, { "setWeight": 50 }, { "pause": { "duration": "20s" } }] });
    canary.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "replicas": 4, "strategy": { "canary": canary } })
}

fn routed(more: Value) -> Value {
    let mut spec = canary(json!({ "stableService": "web-stable", "canaryService": "web-canary" }));
    let canary = spec["strategy"]["canary"].as_object_mut().unwrap();
    canary.insert("trafficRouting".to_owned(), json!({ "nginx": { "stableIngress": "web" } }));
    canary.extend(more.as_object().unwrap().clone());
    spec
}

fn blue_green(replicas: i64, more: Value) -> Value {
    let mut strategy = json!({ "activeService": "web-stable", "previewService": "web-canary", "autoPromotionEnabled": false });
    strategy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "replicas": replicas, "strategy": { "blueGreen": strategy } })
}

/// One thing somebody writes.
type Write = (&'static str, Part, fn(&mut Value, &str));

const WRITES: [Write; 10] = [
    ("pause", Part::Main, |ro, _| ro["spec"]["paused"] = json!(true)),
    ("unpause", Part::Main, |ro, _| ro["spec"]["paused"] = json!(false)),
    ("abort", Part::Status, |ro, _| ro["status"]["abort"] = json!(true)),
    ("retry", Part::Status, |ro, _| ro["status"]["abort"] = json!(false)),
    ("promote", Part::Status, |ro, _| ro["status"]["pauseConditions"] = Value::Null),
    ("skip", Part::Status, |ro, _| {
        if let Some(index) = ro["status"]["currentStepIndex"].as_i64().filter(|index| *index < 4) {
            ro["status"]["currentStepIndex"] = json!(index + 1);
        }
    }),
    ("promote in full", Part::Status, |ro, _| ro["status"]["promoteFull"] = json!(true)),
    ("restart", Part::Main, |ro, now| ro["spec"]["restartAt"] = json!(now)),
    ("old image", Part::Main, |ro, _| ro["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:1")),
    ("new image", Part::Main, |ro, _| ro["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:2")),
];

fn write(lab: &mut Lab, what: &str) {
    let (_, part, change) = *WRITES.iter().find(|(name, ..)| *name == what).unwrap();
    let now = stamp(lab.sim.now());
    lab.sim.edit(&lab.key.clone(), part, |ro| change(ro, &now)).unwrap();
}

fn rests(lab: &mut Lab, writes: &[&str]) {
    for what in writes {
        write(lab, what);
        let until = lab.sim.now() + TimeDelta::seconds(5);
        lab.sim.run_until(until);
    }
    assert_eq!(unrest(lab), Vec::<String>::new(), "after {writes:?}");
}

#[test]
fn a_completed_release_that_is_paused_by_hand_rests() {
    for spec in [canary(json!({})), routed(json!({})), blue_green(4, json!({}))] {
        let mut lab = Lab::with(spec, &SERVICES);
        rests(&mut lab, &["pause"]);
        assert_eq!((lab.status("/phase"), lab.status("/message")), (json!("Paused"), json!("manually paused")));
        let conditions = lab.status("/conditions");
        let progressing = conditions.as_array().unwrap().iter().find(|c| c["type"] == "Progressing").unwrap();
        assert_eq!(progressing["reason"], "NewReplicaSetAvailable");
        rests(&mut lab, &["unpause"]);
        assert_eq!(lab.status("/phase"), "Healthy");
    }
}

#[test]
fn a_completed_release_that_is_aborted_rests() {
    for spec in [canary(json!({})), routed(json!({})), blue_green(4, json!({}))] {
        let mut lab = Lab::with(spec, &SERVICES);
        rests(&mut lab, &["abort"]);
        assert_eq!((lab.status("/phase"), lab.status("/abort")), (json!("Healthy"), Value::Null));
    }
}

#[test]
fn a_restart_rests_also_where_nothing_may_move() {
    for (replicas, writes) in
        [(4, &["restart"][..]), (12, &["restart"]), (12, &["pause", "restart"]), (12, &["new image", "restart", "pause"])]
    {
        let mut lab = Lab::on_pods(blue_green(replicas, json!({})), &SERVICES);
        rests(&mut lab, writes);
    }
}

/// Sixty writes at random moments, and after each few an hour in which nothing may be written.
fn walk(seed: u64, mut lab: Lab) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut said = Vec::new();
    for n in 0..60 {
        let (what, ..) = WRITES[rng.usize(..WRITES.len())];
        write(&mut lab, what);
        let wait = [0, 20, 1_000, 4_000][rng.usize(..4)];
        said.push(format!("{what}, {wait} ms"));
        let until = lab.sim.now() + TimeDelta::milliseconds(wait);
        lab.sim.run_until(until);
        if n % 3 == 2 {
            let written = unrest(&mut lab);
            assert!(written.is_empty(), "seed {seed}, after {said:#?}\n{written:#?}");
        }
    }
}

#[test]
fn canaries_rest_after_any_writes() {
    for seed in 0..12 {
        walk(seed, Lab::with(canary(json!({ "maxSurge": 1, "maxUnavailable": 0 })), &[]));
        walk(seed, Lab::with(json!({ "replicas": 12, "strategy": { "canary": {} } }), &[]));
    }
    walk(12, Lab::on_pods(canary(json!({})), &[]));
}

#[test]
fn routed_canaries_rest_after_any_writes() {
    for seed in 20..32 {
        walk(seed, Lab::with(routed(json!({})), &SERVICES));
        walk(seed, Lab::with(routed(json!({ "dynamicStableScale": true })), &SERVICES));
        walk(seed, Lab::with(routed(json!({ "abortScaleDownDelaySeconds": 0 })), &SERVICES));
    }
    walk(32, Lab::on_pods(routed(json!({})), &SERVICES));
}

#[test]
fn blue_green_releases_rest_after_any_writes() {
    for seed in 40..52 {
        walk(seed, Lab::with(blue_green(4, json!({})), &SERVICES));
        walk(seed, Lab::with(blue_green(4, json!({ "previewReplicaCount": 1, "scaleDownDelaySeconds": 60 })), &SERVICES));
        walk(seed, Lab::with(blue_green(4, json!({ "autoPromotionEnabled": true, "autoPromotionSeconds": 10 })), &SERVICES));
    }
    walk(52, Lab::on_pods(blue_green(4, json!({ "scaleDownDelaySeconds": 60 })), &SERVICES));
}

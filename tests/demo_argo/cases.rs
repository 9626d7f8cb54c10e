//! What a Rollout does in situations the recordings don't hold.

use chrono::TimeDelta;
use flightdeck::demo::store::{LogEntry, PODS, Part, REPLICASETS, ROLLOUTS, SERVICES, stamp};
use serde_json::{Value, json};

use super::lab::{Lab, pods};

#[test]
fn one_replica_at_weight_5_is_half() {
    let mut lab = Lab::new(1, json!({ "steps": [{ "setWeight": 5 }, { "pause": {} }] }), &[]);
    lab.image("web:2");
    lab.run(5);
    assert_eq!(lab.pods(), pods(&[("web:1", 1), ("web:2", 1)]));
    assert_eq!(lab.status("/availableReplicas"), 2);
}

#[test]
fn stepless_goes_all_the_way() {
    let mut lab = Lab::new(4, json!({}), &[]);
    lab.image("web:2");
    lab.run(20);
    assert_eq!((lab.status("/phase"), lab.pods()), (json!("Healthy"), pods(&[("web:2", 4)])));
    assert!(lab.status("/currentStepIndex").is_null());
}

#[test]
fn a_third_version_over_a_paused_second() {
    let mut lab = Lab::new(5, json!({ "maxSurge": 1, "maxUnavailable": 0, "steps": [{ "setWeight": 40 }, { "pause": {} }] }), &[]);
    lab.image("web:2");
    lab.run(10);
    assert_eq!(lab.pods(), pods(&[("web:1", 3), ("web:2", 2)]));
    lab.image("web:3");
    lab.run(0);
    let mut three_at_once = false;
    for _ in 0..10_000 {
        let at = lab.sim.now();
        lab.sim.step();
        three_at_once |= lab.pods().len() == 3;
        if lab.sim.now() - at > TimeDelta::seconds(300) {
            break;
        }
    }
    assert!(three_at_once, "three versions have pods at once for a while");
    assert_eq!(lab.pods(), pods(&[("web:1", 3), ("web:3", 2)]));
}

#[test]
fn a_deadline_aborts_only_when_told_to() {
    for (aborts, pods_left) in [(false, vec![("web:1", 2), ("web-bad", 1)]), (true, vec![("web:1", 2)])] {
        let canary = json!({ "maxSurge": 1, "maxUnavailable": 0, "steps": [{ "setWeight": 50 }] });
        let spec =
            json!({ "replicas": 2, "progressDeadlineSeconds": 30, "progressDeadlineAbort": aborts, "strategy": { "canary": canary } });
        let mut lab = Lab::with(spec, &[]);
        lab.image("web-bad");
        lab.run(120);
        assert_eq!(lab.status("/phase"), "Degraded");
        let told = |e: &&LogEntry| e.object["status"]["message"].as_str().is_some_and(|m| m.contains("has timed out progressing."));
        assert!(lab.sim.store.since(1).unwrap().any(|e| told(&e)), "the deadline is told before anything else");
        // The abort then speaks for itself: its own condition takes the place of the deadline's.
        let ends = lab.status("/message").as_str().unwrap().starts_with("RolloutAborted: Rollout aborted update to revision 2");
        assert_eq!(ends, aborts, "{}", lab.status("/message"));
        assert_eq!(lab.status("/abort").as_bool().unwrap_or(false), aborts);
        assert_eq!(lab.pods(), pods(&pods_left));
    }
}

#[test]
fn promote_full_stays_until_all_is_done() {
    let mut lab = Lab::new(3, json!({ "maxSurge": 1, "maxUnavailable": 0, "steps": [{ "setWeight": 34 }, { "pause": {} }] }), &[]);
    lab.image("web:2-slow");
    lab.run(40);
    assert_eq!(lab.status("/message"), "CanaryPauseStep");
    lab.patch("promoteFull", json!(true));
    lab.run(10);
    assert_eq!((lab.status("/promoteFull"), lab.status("/currentStepIndex")), (json!(true), json!(2)), "6/6 while pods are replaced");
    assert_eq!(lab.status("/phase"), "Progressing");
    lab.run(60);
    assert_eq!((lab.status("/promoteFull"), lab.status("/phase")), (Value::Null, json!("Healthy")));
}

#[test]
fn dynamic_stable_scale_steps_back_as_stable_returns() {
    let canary = json!({ "canaryService": "canary", "stableService": "stable", "dynamicStableScale": true, "trafficRouting": { "smi": {} },
                         "steps": [{ "setWeight": 50 }, { "pause": {} }] });
    let mut lab = Lab::new(4, canary, &["canary", "stable"]);
    lab.image("web:2");
    lab.run(10);
    assert_eq!(lab.pods(), pods(&[("web:1", 2), ("web:2", 2)]), "stable gave up its half");
    lab.patch("abort", json!(true));
    lab.run(20);
    assert_eq!(lab.pods(), pods(&[("web:1", 4)]));
    let weights: Vec<i64> = lab
        .sim
        .store
        .since(1)
        .unwrap()
        .filter(|e| e.key.resource == ROLLOUTS && e.object["status"]["abort"] == true)
        .filter_map(|e| e.object["status"]["canary"]["weights"]["canary"]["weight"].as_i64())
        .collect();
    assert!(weights.is_sorted_by(|a, b| a >= b) && weights.first() == Some(&50) && weights.last() == Some(&0), "{weights:?}");
}

#[test]
fn history_beyond_the_limit_goes() {
    let mut lab = Lab::with(json!({ "replicas": 1, "revisionHistoryLimit": 2, "strategy": { "canary": {} } }), &[]);
    for version in 2..8 {
        lab.image(&format!("web:{version}"));
        lab.run(10);
    }
    assert_eq!(lab.sim.store.list(REPLICASETS, None).count(), 3, "the current one and two old ones");
    assert_eq!(lab.ro()["metadata"]["annotations"]["rollout.argoproj.io/revision"], "7");
}

#[test]
fn scaling_changes_pods_and_nothing_else() {
    let mut lab = Lab::new(4, json!({ "maxSurge": 1, "maxUnavailable": 0, "steps": [{ "setWeight": 50 }, { "pause": {} }] }), &[]);
    lab.image("web:2");
    lab.run(10);
    lab.sim.edit(&lab.key.clone(), Part::Main, |ro| ro["spec"]["replicas"] = json!(8)).unwrap();
    lab.run(20);
    assert_eq!(lab.pods(), pods(&[("web:1", 4), ("web:2", 4)]));
    assert_eq!((lab.status("/currentStepIndex"), lab.status("/phase")), (json!(1), json!("Paused")));
}

#[test]
fn a_small_preview_grows_after_its_gate() {
    let strategy = json!({ "blueGreen": { "activeService": "active", "previewService": "preview", "autoPromotionEnabled": false,
                                          "previewReplicaCount": 1, "scaleDownDelaySeconds": 20 } });
    let mut lab = Lab::with(json!({ "replicas": 4, "strategy": strategy }), &["active", "preview"]);
    assert_eq!(lab.status("/phase"), "Healthy");
    lab.image("web:2");
    lab.run(10);
    assert_eq!((lab.status("/message"), lab.pods()), (json!("BlueGreenPause"), pods(&[("web:1", 4), ("web:2", 1)])));
    assert_eq!(lab.status("/availableReplicas"), 4, "the active version alone is counted");
    lab.promote();
    lab.run(10);
    assert_eq!((lab.status("/phase"), lab.pods()), (json!("Healthy"), pods(&[("web:1", 4), ("web:2", 4)])), "the old one is kept warm");
    lab.run(30);
    assert_eq!(lab.pods(), pods(&[("web:2", 4)]));
}

#[test]
fn blue_green_promotes_itself_in_time() {
    let strategy = json!({ "blueGreen": { "activeService": "active", "previewService": "preview", "autoPromotionSeconds": 15 } });
    let mut lab = Lab::with(json!({ "replicas": 2, "strategy": strategy }), &["active", "preview"]);
    lab.image("web:2");
    lab.run(10);
    assert_eq!(lab.status("/message"), "BlueGreenPause");
    lab.run(10);
    assert_eq!(lab.status("/phase"), "Healthy");
    assert_eq!(lab.status("/blueGreen/activeSelector"), lab.status("/stableRS"));
}

#[test]
fn routes_finish_at_once_and_plugins_say_they_are_not_here() {
    let steps = json!([{ "setHeaderRoute": { "name": "h" } }, { "setMirrorRoute": { "name": "m" } }, { "plugin": { "name": "x/y" } }]);
    let canary = json!({ "canaryService": "canary", "stableService": "stable", "trafficRouting": { "istio": {} }, "steps": steps });
    let mut lab = Lab::new(2, canary, &["canary", "stable"]);
    lab.image("web:2");
    lab.run(10);
    let message = lab.status("/message");
    let told = message.as_str().unwrap();
    assert!(told.starts_with("RolloutAborted: ") && told.contains("Step plugin x/y is not supported"), "{told}");
}

#[test]
fn wrong_specs_are_refused_in_words() {
    for (spec, words) in [
        (json!({ "strategy": {} }), "spec.strategy.strategy: Required value"),
        (json!({ "strategy": { "canary": {}, "blueGreen": { "activeService": "a" } } }), "Multiple Strategies can not be listed"),
        (json!({ "strategy": { "canary": { "steps": [{}] } } }), "Step must have one of the following set"),
        (json!({ "strategy": { "canary": { "steps": [{ "setWeight": 101 }] } } }), "SetWeight needs to be between 0 and 100"),
        (
            json!({ "strategy": { "canary": { "steps": [{ "setCanaryScale": { "replicas": 1 } }] } } }),
            "SetCanaryScale requires TrafficRouting",
        ),
        (json!({ "strategy": { "blueGreen": { "activeService": "gone", "previewService": "p" } } }), "service \"gone\" not found"),
        (
            json!({ "strategy": { "canary": { "analysis": { "templates": [{ "templateName": "gone" }] } } } }),
            "AnalysisTemplate 'gone' not found",
        ),
    ] {
        let lab = Lab::with(spec, &[]);
        assert_eq!(lab.status("/phase"), "Degraded");
        let message = lab.status("/message");
        let told = message.as_str().unwrap();
        assert!(told.starts_with("InvalidSpec: The Rollout \"web\" is invalid: ") && told.contains(words), "{told}");
        assert!(lab.pods().is_empty());
    }
}

#[test]
fn what_was_missing_may_come_later() {
    let strategy = json!({ "blueGreen": { "activeService": "active" } });
    let mut lab = Lab::with(json!({ "replicas": 2, "strategy": strategy }), &[]);
    assert_eq!(lab.status("/phase"), "Degraded");
    let service = json!({ "metadata": { "name": "active", "namespace": "lab" }, "spec": { "selector": { "app": "web" } } });
    lab.sim.create(SERVICES, service).unwrap();
    lab.run(10);
    assert_eq!(lab.status("/phase"), "Healthy");
}

#[test]
fn a_restart_replaces_pods_a_few_at_a_time() {
    let canary = json!({ "maxSurge": 1, "maxUnavailable": 1 });
    let mut lab = Lab::on_pods(json!({ "replicas": 4, "minReadySeconds": 1, "strategy": { "canary": canary } }), &[]);
    assert_eq!(lab.status("/phase"), "Healthy");
    let at = stamp(lab.sim.now());
    let before = lab.sim.store.revision();
    lab.sim.edit(&lab.key.clone(), Part::Main, |ro| ro["spec"]["restartAt"] = json!(at)).unwrap();
    lab.run(60);
    assert_eq!((lab.status("/phase"), lab.status("/restartedAt")), (json!("Healthy"), json!(at)));
    let pods: Vec<_> = lab.sim.store.list(PODS, None).collect();
    assert_eq!(pods.len(), 4);
    assert!(pods.iter().all(|(_, pod)| pod["metadata"]["creationTimestamp"].as_str().unwrap() >= at.as_str()), "all are new");
    let told: Vec<_> = lab.sim.store.since(before).unwrap().filter(|e| e.key.resource == ROLLOUTS).collect();
    assert!(told.iter().any(|e| e.object["status"]["message"] == "rollout is restarting"));
    assert!(told.iter().all(|e| e.object["status"]["availableReplicas"].as_i64().unwrap_or(0) >= 3), "no more than one is missing");
}

#[test]
fn abort_and_full_promotion_against_each_other() {
    let canary = json!({ "maxSurge": 1, "maxUnavailable": 0, "steps": [{ "setWeight": 34 }, { "pause": {} }] });
    let mut lab = Lab::new(3, canary, &[]);
    lab.image("web:2-slow");
    lab.run(40);
    // An abort while a full promotion runs is taken back by the controller (argo-rollouts issue 4461).
    lab.patch("promoteFull", json!(true));
    lab.run(1);
    lab.patch("abort", json!(true));
    lab.run(1);
    assert_eq!((lab.status("/abort"), lab.status("/phase")), (Value::Null, json!("Progressing")));
    lab.run(90);
    assert_eq!((lab.status("/phase"), lab.pods()), (json!("Healthy"), pods(&[("web:2-slow", 3)])));
    // A full promotion of an aborted update goes to the new version.
    lab.image("web:3");
    lab.run(10);
    lab.patch("abort", json!(true));
    lab.run(10);
    assert_eq!(lab.pods(), pods(&[("web:2-slow", 3), ("web:3", 1)]), "the canary stays until stable's slow pod is back");
    lab.run(20);
    assert_eq!((lab.status("/phase"), lab.pods()), (json!("Degraded"), pods(&[("web:2-slow", 3)])));
    lab.patch("promoteFull", json!(true));
    lab.run(30);
    assert_eq!((lab.status("/phase"), lab.pods()), (json!("Healthy"), pods(&[("web:3", 3)])));
    // An abort with no update under way is taken back at once, pods and steps untouched (argo-rollouts issue 2982).
    let before = lab.sim.store.revision();
    lab.patch("abort", json!(true));
    lab.run(10);
    assert_eq!((lab.status("/phase"), lab.status("/abort"), lab.status("/currentStepIndex")), (json!("Healthy"), Value::Null, json!(2)));
    assert_eq!((lab.pods(), lab.sim.store.revision() - before), (pods(&[("web:3", 3)]), 2), "the abort and its end, nothing else");
}

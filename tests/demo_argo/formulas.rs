//! The published arithmetic, written again from its words, against what the controllers do to any Rollout.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::controllers::argo::{self, CanaryPlan, Totals, basic_canary, weighted_split};
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{Key, LogEntry, Part, REPLICASETS, ROLLOUTS, SERVICES};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::pods::{Pods, recorded};

/// "Choose canary = ceil or floor of replicas·weight/max, total = replicas or replicas+1 (if surge > 0), least distance from the weight,
/// ties to the larger canary; never 0 canary for 1..max-1 unless replicas = 1 and surge = 0" — and never all of them, by the same token,
/// as stable keeps at least one pod.
fn published(replicas: i64, weight: i64, surge: i64) -> (i64, i64) {
    if replicas == 0 {
        return (0, 0);
    }
    let exact = replicas as f64 * weight as f64 / 100.0;
    let partial = weight > 0 && weight < 100 && !(replicas == 1 && surge == 0);
    let mut best: Option<(f64, i64, i64)> = None;
    for total in replicas..=replicas + i64::from(surge > 0) {
        for canary in [exact.ceil() as i64, exact.floor() as i64] {
            if partial && (canary == 0 || canary == total) {
                continue;
            }
            let distance = (canary as f64 / total as f64 * 100.0 - weight as f64).abs();
            if best.is_none_or(|(d, ..)| distance < d - 1e-9) {
                best = Some((distance, canary, total));
            }
        }
    }
    let (_, canary, total) = best.unwrap();
    (canary, total - canary)
}

#[test]
fn the_published_examples() {
    // argo-rollouts documentation and issue 2281: small replica counts lie.
    for weight in 1..100 {
        assert_eq!(weighted_split(1, weight, 100, 1), (1, 1), "one replica and a surge: {weight} is 50 %");
        assert_eq!(weighted_split(1, weight, 100, 0), if weight < 50 { (0, 1) } else { (1, 0) }, "{weight}");
    }
    for (replicas, surge, weight, percent) in [(2, 1, 5, 33), (2, 1, 70, 67), (3, 1, 5, 25), (5, 2, 5, 17)] {
        let (canary, stable) = weighted_split(replicas, weight, 100, surge);
        assert_eq!((canary * 100 + (canary + stable) / 2) / (canary + stable), percent, "{replicas} replicas, weight {weight}");
    }
    // utils/replicaset/canary.go, in its comments.
    let plan = |weight, max_unavailable, max_surge| CanaryPlan {
        replicas: 10,
        weight,
        max_weight: 100,
        max_surge,
        max_unavailable,
        new: Some(Totals::default()),
        stable: Some(Totals { spec: 10, available: 10 }),
        others: Totals::default(),
    };
    assert_eq!(basic_canary(&plan(10, 1, 1)), (1, 9));
    assert_eq!(basic_canary(&plan(30, 0, 3)), (3, 10));
    assert_eq!(basic_canary(&plan(30, 5, 0)), (0, 7));
    // (Its example of weight 5, 1 of 10, is older than the rule that may add a pod to come nearer: 1 of 11.)
    assert_eq!(basic_canary(&plan(5, 1, 1)), (1, 10));
}

/// A cluster with one Rollout of these steps, its first version healthy.
struct Lab {
    sim: Sim,
    key: Key,
}

impl Lab {
    fn new(replicas: i64, canary: Value, services: &[&str]) -> Self {
        Self::with(json!({ "replicas": replicas, "strategy": { "canary": canary } }), services)
    }

    fn with(spec: Value, services: &[&str]) -> Self {
        let mut controllers = argo::controllers();
        controllers.push(Box::new(Pods::new(recorded)));
        let mut sim = Sim::new(1, DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap(), controllers);
        for service in services {
            let service = json!({ "metadata": { "name": service, "namespace": "lab" }, "spec": { "selector": { "app": "web" } } });
            sim.create(SERVICES, service).unwrap();
        }
        let mut spec = spec;
        spec["selector"] = json!({ "matchLabels": { "app": "web" } });
        spec["template"] = template("web:1");
        sim.create(ROLLOUTS, json!({ "metadata": { "name": "web", "namespace": "lab" }, "spec": spec })).unwrap();
        let mut lab = Self { sim, key: Key::new(ROLLOUTS, "lab", "web") };
        lab.run(10);
        lab
    }

    fn run(&mut self, seconds: i64) {
        let until = self.sim.now() + TimeDelta::seconds(seconds);
        let mut work = 0;
        while self.sim.next_due().is_some_and(|at| at <= until) {
            self.sim.step();
            work += 1;
            assert!(work < 20_000, "the controllers never come to rest: {:#}", self.ro()["status"]);
        }
        self.sim.run_until(until);
    }

    fn ro(&self) -> Value {
        (**self.sim.store.get(&self.key).unwrap()).clone()
    }

    fn status(&self, pointer: &str) -> Value {
        self.ro()["status"].pointer(pointer).cloned().unwrap_or_default()
    }

    fn image(&mut self, image: &str) {
        self.sim.edit(&self.key, Part::Main, |ro| ro["spec"]["template"] = template(image)).unwrap();
    }

    fn patch(&mut self, field: &str, value: Value) {
        self.sim.edit(&self.key, Part::Status, |ro| ro["status"][field] = value).unwrap();
    }

    /// What the plugin's promote writes at a pause.
    fn promote(&mut self) {
        self.sim.edit(&self.key, Part::Status, |ro| drop(ro["status"].as_object_mut().unwrap().shift_remove("pauseConditions"))).unwrap();
    }

    /// Pods asked for, by image.
    fn pods(&self) -> BTreeMap<String, i64> {
        let sets = self.sim.store.list(REPLICASETS, None).map(|(_, set)| {
            let image = set["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap();
            (image.to_owned(), set["spec"]["replicas"].as_i64().unwrap())
        });
        sets.filter(|(_, replicas)| *replicas > 0).collect()
    }
}

fn template(image: &str) -> Value {
    json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "web", "image": image }] } })
}

fn pods(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().filter(|(_, n)| *n > 0).map(|(image, n)| ((*image).to_owned(), *n)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// The split of pods is the published one, for any replicas, weight and surge.
    #[test]
    fn split(replicas in 0_i64..60, weight in 0_i64..=100, surge in 0_i64..4) {
        prop_assert_eq!(weighted_split(replicas, weight, 100, surge), published(replicas, weight, surge));
    }

    /// No scaling decision goes past surge or below what must stay available, whatever state it starts from.
    #[test]
    fn limits(
        replicas in 1_i64..30, weight in 0_i64..=100, surge in 0_i64..6, unavailable in 0_i64..6,
        new in 0_i64..30, stable in 0_i64..30, ready_new in 0_i64..30, ready_stable in 0_i64..30,
    ) {
        let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable.min(replicas) };
        let (new, stable) = (Totals { spec: new, available: ready_new.min(new) }, Totals { spec: stable, available: ready_stable.min(stable) });
        let plan = CanaryPlan { replicas, weight, max_weight: 100, max_surge: surge, max_unavailable: unavailable,
                                new: Some(new), stable: Some(stable), others: Totals::default() };
        let (to_new, to_stable) = basic_canary(&plan);
        prop_assert!(to_new >= 0 && to_stable >= 0);
        let most = replicas + surge;
        prop_assert!(to_new + to_stable <= most.max(new.spec + stable.spec), "{plan:?} to {to_new} + {to_stable}");
        // Pods given up never leave fewer available than must be, if there were enough before.
        let left = new.available.min(to_new) + stable.available.min(to_stable);
        let least = replicas - unavailable;
        // The version that shrinks may have pods that aren't available; giving those up costs nothing.
        if new.available == new.spec && stable.available == stable.spec && new.spec + stable.spec <= most && left < least {
            prop_assert!(new.available + stable.available < least, "{plan:?} to {to_new} + {to_stable} leaves {left} of {least}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// A whole update through random steps: at every pause the pods are those of the published split for the last weight, the set and actual
    /// weights are the published ones, surge and availability are kept on the way, and in the end there is only the new version.
    #[test]
    fn any_canary(
        replicas in 1_i64..12, surge in 0_i64..4, unavailable in 0_i64..4,
        weights in prop::collection::vec(0_i64..=100, 1..5),
    ) {
        prop_assume!(surge + unavailable > 0);
        let steps: Vec<Value> = weights.iter().flat_map(|w| [json!({ "setWeight": w }), json!({ "pause": {} })]).collect();
        let canary = json!({ "maxSurge": surge, "maxUnavailable": unavailable, "steps": steps });
        let mut lab = Lab::new(replicas, canary, &[]);
        prop_assert_eq!(lab.status("/phase"), "Healthy");
        lab.image("web:2");
        for (at, weight) in weights.iter().enumerate() {
            lab.run(30);
            let (canary, stable) = published(replicas, *weight, surge);
            prop_assert_eq!(lab.status("/currentStepIndex"), json!(at * 2 + 1), "at the pause after weight {}: {:#}", weight, lab.ro()["status"]);
            prop_assert_eq!(lab.status("/message"), "CanaryPauseStep");
            prop_assert_eq!(lab.pods(), pods(&[("web:1", stable), ("web:2", canary)]));
            prop_assert_eq!(lab.status("/updatedReplicas").as_i64().unwrap_or(0), canary);
            prop_assert_eq!(lab.status("/availableReplicas").as_i64().unwrap_or(0), canary + stable);
            prop_assert!(lab.status("/canary/weights").is_null(), "no weights without a router");
            lab.promote();
        }
        lab.run(60);
        prop_assert_eq!(lab.status("/phase"), "Healthy");
        prop_assert_eq!(lab.pods(), pods(&[("web:2", replicas)]));
        // Every moment of it: never more than surge allows, never fewer available than must be.
        let least = replicas - unavailable.min(replicas);
        let mut healthy = false;
        for entry in lab.sim.store.since(1).unwrap().filter(|e| e.key.resource == ROLLOUTS) {
            let count = |field: &str| entry.object["status"][field].as_i64().unwrap_or(0);
            prop_assert!(count("replicas") <= replicas + surge, "{} pods", count("replicas"));
            healthy |= entry.object["status"]["phase"] == "Healthy";
            if healthy {
                prop_assert!(count("availableReplicas") >= least, "{} available of {least}", count("availableReplicas"));
            }
        }
    }

    /// The same with a router: stable stays whole, the canary has ceil(weight·replicas/100) pods or what setCanaryScale says, the router has
    /// the weight; an abort takes the traffic at once and the pods after the delay.
    #[test]
    fn any_routed_canary(replicas in 1_i64..12, weights in prop::collection::vec(1_i64..=99, 1..4), scale in proptest::option::of(1_i64..6)) {
        let mut steps: Vec<Value> = scale.iter().map(|n| json!({ "setCanaryScale": { "replicas": n } })).collect();
        let first = steps.len();
        steps.extend(weights.iter().flat_map(|w| [json!({ "setWeight": w }), json!({ "pause": {} })]));
        let canary = json!({ "canaryService": "canary", "stableService": "stable", "steps": steps, "trafficRouting": { "smi": {} } });
        let mut lab = Lab::new(replicas, canary, &["canary", "stable"]);
        prop_assert_eq!(lab.status("/phase"), "Healthy");
        lab.image("web:2");
        for (at, weight) in weights.iter().enumerate() {
            lab.run(30);
            let pods_of_canary = scale.unwrap_or((weight * replicas + 99) / 100);
            prop_assert_eq!(lab.status("/currentStepIndex"), json!(first + at * 2 + 1));
            prop_assert_eq!(lab.pods(), pods(&[("web:1", replicas), ("web:2", pods_of_canary)]));
            prop_assert_eq!(lab.status("/canary/weights/canary/weight"), json!(weight));
            prop_assert_eq!(lab.status("/canary/weights/stable/weight"), json!(100 - weight));
            if at + 1 < weights.len() {
                lab.promote();
            }
        }
        let before = lab.pods();
        lab.patch("abort", json!(true));
        lab.run(1);
        prop_assert_eq!(lab.status("/canary/weights/canary/weight"), json!(0));
        prop_assert_eq!(lab.status("/phase"), "Degraded");
        prop_assert_eq!(lab.pods(), before, "the pods stay for abortScaleDownDelaySeconds");
        lab.run(31);
        prop_assert_eq!(lab.pods(), pods(&[("web:1", replicas)]));
    }
}

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

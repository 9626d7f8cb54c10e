//! The published arithmetic, written again from its words, against what the controllers do to any Rollout.

use flightdeck::demo::controllers::argo::{CanaryPlan, Totals, basic_canary, weighted_split};
use flightdeck::demo::store::ROLLOUTS;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::lab::{Lab, pods};

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

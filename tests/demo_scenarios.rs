//! Every shipped scenario lives its past by its controllers alone, stands where its file says, goes on, and does so the same way twice.

use std::time::Instant;

use chrono::TimeDelta;
use flightdeck::demo::clock::origin;
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{DEPLOYMENTS, EVENTS, Key, PODS, REPLICASETS, RESOURCES, ROLLOUTS};
use serde_json::{Value, json};

fn built(name: &str) -> Sim {
    Scenario::named(name).unwrap().build(42, origin()).unwrap()
}

#[test]
fn print() {
    for name in Scenario::names().filter(|n| *n != "fleet") {
        let start = Instant::now();
        let sim = built(name);
        println!(
            "=== {name} {:?} objects {} rv {}",
            start.elapsed(),
            RESOURCES.iter().map(|r| sim.store.list(*r, None).count()).sum::<usize>(),
            sim.store.revision()
        );
        for (key, o) in sim.store.list(ROLLOUTS, None).chain(sim.store.list(DEPLOYMENTS, None)) {
            let s = &o["status"];
            println!(
                "{}/{} phase {} msg {} step {} R/u/r/a {}/{}/{}/{} abort {} pause {} conds {}",
                key.namespace,
                key.name,
                s["phase"],
                s["message"],
                s["currentStepIndex"],
                s["replicas"],
                s["updatedReplicas"],
                s["readyReplicas"],
                s["availableReplicas"],
                s["abort"],
                s["pauseConditions"],
                s["conditions"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|c| format!("{}={}", c["type"].as_str().unwrap(), c["reason"].as_str().unwrap_or("")))
                    .collect::<Vec<_>>()
                    .join(" ")
            );
        }
        println!(
            "events {} pods {} rs {}",
            sim.store.list(EVENTS, None).count(),
            sim.store.list(PODS, None).count(),
            sim.store.list(REPLICASETS, None).count()
        );
    }
}

//! The embedded cluster's Argo controllers against recorded lives of the real ones, and their arithmetic against the published rules.
//!
//! What is compared with a recording, and how strictly:
//! Every life is driven twice: once over ReplicaSets whose pods keep the recording's pace (`pods.rs`), once over the embedded cluster's own
//! scheduler, kubelets, ReplicaSet and EndpointSlice controllers. Both must come out as recorded:
//! - **Every written status but its pod counts, as one sequence, exactly**: phase, message, step index, set weight, abort, pause reasons,
//!   controllerPause, promoteFull, stable and current version, router weights, runs, experiment, Services, conditions, duration. A state
//!   that is written twice in a row with other pod counts counts once. Hashes are written v1, v2, … in the order their versions came.
//! - **Pod counts, set and actual weight at every moment the plugin was asked** (`says`), exactly what it said.
//! - **Pod counts on the way**: the same set of (step, replicas, updated, ready, available), but for those that stood less than 100 ms
//!   (whether a pod that goes is still counted when the one for it comes depends on which of two processes was quicker), and of the
//!   available counts one batch of pods passes through only the last (readiness is stamped in whole seconds, so a batch that gets ready
//!   around the turn of a second gets available in two parts).
//! - **ReplicaSet scales**: the same sequence of (version, replicas), exactly.
//! - **Analysis runs**: for each run the same sequence of phases, messages, counts and measurements, exactly.
//! - **Events**: the same set of (kind, type, reason, message), those the recorder combines or drops left out on both sides.
//! - **Services' selectors, experiments, canary Ingress weights**: the same sequence, exactly.
//!
//! Not compared: the canary Service of an aborted routed update, which the real controller points to and fro for 12 s (see `services.rs`).

#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

#[path = "demo_argo/cases.rs"]
mod cases;
#[path = "demo_argo/formulas.rs"]
mod formulas;
#[path = "demo_argo/gates.rs"]
mod gates;
#[path = "demo_argo/lab.rs"]
mod lab;
#[path = "demo_argo/life.rs"]
mod life;
#[path = "demo_argo/pods.rs"]
mod pods;
#[path = "demo_argo/rest.rs"]
mod rest;
#[path = "demo_argo/story.rs"]
mod story;

use std::collections::BTreeSet;

use life::{Life, State};
use serde_json::Value;
use story::{Floor, Story};

/// The distinct states, pod counts aside, in order.
fn facts(states: &[State]) -> Vec<(i64, Value)> {
    let mut out: Vec<(i64, Value)> = Vec::new();
    for state in states {
        if out.last().is_none_or(|(_, last)| *last != state.facts) {
            out.push((state.at, state.facts.clone()));
        }
    }
    out
}

fn same_facts(name: &str, recorded: &Life, simulated: &Life) {
    let (want, got) = (facts(&recorded.states), facts(&simulated.states));
    for (at, (w, g)) in want.iter().zip(&got).enumerate() {
        let differ = w.1.as_object().unwrap().iter().filter(|(field, value)| g.1[*field] != **value);
        let differ: Vec<String> = differ.map(|(field, value)| format!("{field}: recorded {value}, simulated {}", g.1[field])).collect();
        assert!(differ.is_empty(), "{name}, state {at}, recorded at {} ms, simulated at {} ms: {differ:#?}", w.0, g.0);
    }
    assert_eq!(want.len(), got.len(), "{name}: recorded and simulated numbers of states");
}

/// Counts that stood: (step, replicas, updated, ready, available).
fn lasting(life: &Life) -> BTreeSet<(String, [i64; 4])> {
    let ends = life.states.iter().skip(1).map(|s| s.at).chain([i64::MAX]);
    let told = |s: &State, end: i64| end - s.at >= 100 && !s.facts["phase"].is_null();
    let long = life.states.iter().zip(ends).filter(|(s, end)| told(s, *end)).map(|(s, _)| s);
    let long: Vec<(String, [i64; 4])> =
        long.map(|s| (s.facts["step"].to_string(), [s.counts[1], s.counts[2], s.counts[3], s.counts[4]])).collect();
    let same_batch = |(step, a): &(String, [i64; 4]), (next, b): &(String, [i64; 4])| step == next && a[..3] == b[..3] && a[3] < b[3];
    long.iter()
        .enumerate()
        .filter(|(at, one)| long.get(at + 1).is_none_or(|next| !same_batch(one, next)))
        .map(|(_, one)| one.clone())
        .collect()
}

fn same_counts(name: &str, story: &Story, recorded: &Life, simulated: &Life) {
    for said in &story.says {
        // The recording itself is the check of the reading: what the plugin said is what the newest status says.
        assert_eq!(recorded.at(said.at).counts, said.counts, "{name}, recorded, {}", said.note);
        assert_eq!(simulated.at(said.at).counts, said.counts, "{name}, simulated, {}", said.note);
        let facts = &simulated.at(said.at).facts;
        assert_eq!(facts["phase"], said.told["status"], "{name}: {}", said.note);
        if let Some(weight) = said.told["set_weight"].as_str() {
            assert_eq!(facts["setWeight"].to_string(), weight, "{name}: {}", said.note);
        }
        if let Some(weight) = said.told["actual_weight"].as_str() {
            assert_eq!(recorded.actual_weight(said.at).to_string(), weight, "{name}, recorded, {}", said.note);
            assert_eq!(simulated.actual_weight(said.at).to_string(), weight, "{name}, simulated, {}", said.note);
        }
    }
    assert_eq!(lasting(recorded), lasting(simulated), "{name}: pod counts that lasted, recorded and simulated");
}

fn compare(name: &str) {
    let story = Story::read(name);
    for floor in [Floor::Counts, Floor::Pods] {
        compare_on(name, &story, floor);
    }
}

fn compare_on(story_name: &str, story: &Story, floor: Floor) {
    let name = &format!("{story_name} on {floor:?}");
    let (recorded, simulated) = (story.recorded(), story.simulated(floor));
    assert!(recorded.states.len() > 15 && recorded.events.len() > 10, "{name}: the recording has states and events");
    same_facts(name, &recorded, &simulated);
    same_counts(name, story, &recorded, &simulated);
    assert_eq!(recorded.scales, simulated.scales, "{name}: ReplicaSet scales");
    assert_eq!(recorded.runs.len(), simulated.runs.len(), "{name}: number of analysis runs");
    for (run, (want, got)) in recorded.runs.iter().zip(&simulated.runs).enumerate() {
        assert_eq!(want, got, "{name}: analysis run {run}");
    }
    let missing: Vec<_> = recorded.events.iter().filter(|event| !simulated.events.contains(event)).collect();
    assert!(missing.is_empty(), "{name}: events that did not come about: {missing:?}");
    let more: Vec<_> = simulated.events.iter().filter(|event| !recorded.events.contains(event)).collect();
    assert!(more.is_empty(), "{name}: events the real controller did not tell: {more:?}");
    assert_eq!(recorded.experiments, simulated.experiments, "{name}: experiments");
    assert_eq!(recorded.selected, simulated.selected, "{name}: versions the Services select");
    assert_eq!(recorded.ingress, simulated.ingress, "{name}: weights of the canary Ingress");
}

#[test]
fn canary_life() {
    compare("canary-life");
}

#[test]
fn canary_double_promote() {
    compare("canary-double-promote");
}

#[test]
fn routed_life() {
    compare("routed-life");
}

#[test]
fn analysis_aborts() {
    compare("analysis-aborts");
}

#[test]
fn analysis_inconclusive() {
    compare("analysis-inconclusive");
}

#[test]
fn blue_green_life() {
    compare("blue-green-life");
}

#[test]
fn experiment() {
    compare("experiment");
}

#[test]
fn workload_ref() {
    compare("workload-ref");
}

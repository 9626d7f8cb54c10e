//! The embedded cluster's Argo controllers against recorded lives of the real ones, and their arithmetic against the published rules.

#[path = "demo_argo/pods.rs"]
mod pods;
#[path = "demo_argo/story.rs"]
mod story;

use story::{State, Story};

/// The distinct states, pod counts aside, in order.
fn facts(states: &[State]) -> Vec<(i64, serde_json::Value)> {
    let mut out: Vec<(i64, serde_json::Value)> = Vec::new();
    for state in states {
        if out.last().is_none_or(|(_, last)| *last != state.facts) {
            out.push((state.at, state.facts.clone()));
        }
    }
    out
}

fn compare(name: &str) {
    let story = Story::read(name);
    let (recorded, simulated) = (story.recorded(), story.simulated());
    let (want, got) = (facts(&recorded.states), facts(&simulated.states));
    let mut out = String::new();
    for (at, (w, g)) in want.iter().zip(&got).enumerate() {
        if w.1 != g.1 {
            out += &format!("state {at}: recorded at {} ms, simulated at {} ms:\n", w.0, g.0);
            for (field, value) in w.1.as_object().unwrap() {
                if g.1[field] != *value {
                    out += &format!("    {field}: recorded {value}, simulated {}\n", g.1[field]);
                }
            }
            break;
        }
    }
    eprintln!("{name}: {} states, last {:?}", got.len(), got.last());
    assert!(out.is_empty(), "{name}: {out}");
    assert_eq!(want.len(), got.len(), "{name}: recorded {} states, simulated {}", want.len(), got.len());
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

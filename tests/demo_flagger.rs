//! The embedded cluster's Flagger against recorded lives of the real one (1.44), and its scenarios.
//!
//! Every life is driven over the embedded cluster's own Deployments, pods and EndpointSlices, with the writes of people at the recorded
//! moments, the recorded success ratio in its Prometheus, gates that open and close when the recorder's did, and the first tick as long after
//! the Canary as in the recording. Compared are, each as one sequence and exactly:
//! - **the Canary's status**: every field of every write; hashes as v1, v2, … in the order they came, times only by which of the condition's
//!   two moved. A write that changes nothing but `lastTransitionTime` (each tick of a failed Canary) is none.
//! - **the HTTPRoute's** hosts, parents and rules, with the weights.
//! - **replicas, image, selector, labels, owner** of target and primary.
//! - **Events about the Canary**: type, reason, source and message, with none where the recorder drops them; and the count, until the recorder
//!   begins to combine: which messages it then combines is drawn by chance in the real one, so that is left out.
//! - **the Services' selectors, ports and labels**.
//! - **what the recorder asked at each of its moments** (`says`).
//!
//! Not compared: when in the tick something was written, and pods.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

#[path = "demo_flagger/life.rs"]
mod life;
#[path = "demo_flagger/scenarios.rs"]
mod scenarios;
#[path = "demo_flagger/story.rs"]
mod story;

use serde_json::Value;
use story::{Answers, Story};

fn same(what: &str, recorded: &[(i64, Value)], simulated: &[(i64, Value)]) {
    for (at, (want, got)) in recorded.iter().zip(simulated).enumerate() {
        assert_eq!(want.1, got.1, "{what} {at}, recorded (left) at {} ms, simulated at {} ms", want.0, got.0);
    }
    let longer = if recorded.len() > simulated.len() { recorded } else { simulated };
    let rest = &longer[recorded.len().min(simulated.len())..];
    assert!(rest.is_empty(), "{what}: {} recorded, {} simulated; left over: {rest:#?}", recorded.len(), simulated.len());
}

fn compare(name: &str, answers: &Answers) {
    let story = Story::read(name);
    let (recorded, simulated) = (story.recorded(), story.simulated(answers));
    assert!(recorded.states.len() >= 9 && recorded.events.len() > 8, "{name}: the recording has states and events");
    same(&format!("{name}: status"), &recorded.states, &simulated.states);
    same(&format!("{name}: route"), &recorded.routes, &simulated.routes);
    assert_eq!(recorded.workloads.len(), 2, "{name}: target and primary");
    for (workload, told) in &recorded.workloads {
        same(&format!("{name}: {workload}"), told, &simulated.workloads[workload]);
    }
    same(&format!("{name}: service"), &recorded.services, &simulated.services);
    same(&format!("{name}: event"), &recorded.events, &simulated.events);
    for said in &story.says {
        let at = said["at_ms"].as_i64().unwrap();
        for (life, whose) in [(&recorded, "recorded"), (&simulated, "simulated")] {
            let seen = life.at(at, &story.target);
            for (field, value) in seen.as_object().unwrap() {
                assert_eq!(*value, said[field], "{name}, {whose}, {}: {field}", said["note"]);
            }
        }
    }
}

#[test]
fn canary_life() {
    compare("canary-life", &Answers { ratio: &[(0, 0.999), (101_500, 0.7)], gates: &[] });
}

#[test]
fn levers() {
    compare("levers", &Answers { ratio: &[(0, 0.999)], gates: &[] });
}

#[test]
fn blue_green() {
    compare("blue-green", &Answers { ratio: &[(0, 0.999)], gates: &[] });
}

#[test]
fn gates_life() {
    let gates: &[(&str, i64, bool)] = &[
        ("start", 0, false),
        ("start", 21_920, true),
        ("raise", 0, true),
        ("raise", 41_870, false),
        ("raise", 53_890, true),
        ("promote", 0, false),
        ("promote", 83_755, true),
        ("stop", 0, false),
        ("stop", 131_700, true),
        ("stop", 141_812, false),
    ];
    compare("gates-life", &Answers { ratio: &[(0, 0.999)], gates });
}

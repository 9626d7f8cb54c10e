//! Stands in for the ReplicaSet controller and the kubelets: pods of the recorded life, ready as fast as those were.
//! Writes no pods, only what ReplicaSets say of them, so that a story's timing is the recording's and nothing else's.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use flightdeck::demo::sim::{Controller, Cx};
use flightdeck::demo::store::{Key, LogEntry, Part, REPLICASETS, Store};
use serde_json::{Value, json};

/// When a pod gets ready, by its image: `None` = never.
pub type Readiness = fn(&str) -> Option<TimeDelta>;

/// The recordings' images: most start at once, `-slow` takes 20 s, `-bad` never gets ready.
pub fn recorded(image: &str) -> Option<TimeDelta> {
    if image.ends_with("-bad") {
        None
    } else if image.ends_with("-slow") {
        Some(TimeDelta::seconds(20))
    } else {
        Some(TimeDelta::milliseconds(14))
    }
}

pub struct Pods {
    readiness: Readiness,
    pods: BTreeMap<String, Vec<Option<DateTime<Utc>>>>,
}

impl Pods {
    pub fn new(readiness: Readiness) -> Self {
        Self { readiness, pods: BTreeMap::new() }
    }
}

impl Controller for Pods {
    fn name(&self) -> &'static str {
        "pods"
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::milliseconds(12)
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.key.resource == REPLICASETS { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let set = cx.store.get(key)?.clone();
        let pods = self.pods.entry(set["metadata"]["uid"].as_str().unwrap().to_owned()).or_default();
        let want = set["spec"]["replicas"].as_u64().unwrap_or(1) as usize;
        let ready_in = (self.readiness)(set["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap_or_default());
        // Those that aren't ready go first, as the real controller has it.
        pods.sort_by_key(|at| at.map_or((1, cx.now), |at| (i32::from(at > cx.now), at)));
        pods.truncate(want);
        while pods.len() < want {
            pods.push(ready_in.map(|delay| cx.now + delay));
        }
        let min_ready = TimeDelta::seconds(set["spec"]["minReadySeconds"].as_i64().unwrap_or(0));
        // Readiness is stamped in whole seconds, and minReadySeconds counts from the stamp.
        let available_at = |at: DateTime<Utc>| match min_ready.is_zero() {
            true => at,
            false => at.duration_trunc(TimeDelta::seconds(1)).unwrap() + min_ready + TimeDelta::milliseconds(10),
        };
        let times = || pods.iter().flatten();
        let ready = times().filter(|at| **at <= cx.now).count();
        let available = times().filter(|at| **at <= cx.now && available_at(**at) <= cx.now).count();
        let mut status = json!({ "replicas": pods.len(), "observedGeneration": set["metadata"]["generation"] });
        for (field, count) in [("fullyLabeledReplicas", pods.len()), ("readyReplicas", ready), ("availableReplicas", available)] {
            if count > 0 {
                status[field] = json!(count);
            }
        }
        let next = times().flat_map(|at| [*at, available_at(*at)]).filter(|at| *at > cx.now).min();
        cx.store.edit(key, Part::Status, |rs: &mut Value| rs["status"] = status).unwrap();
        next
    }
}

//! The scheduler: gives each pod a node, spreading the pods of one set over zones and nodes.
//! Knows only room for pods (`status.allocatable.pods`), cordons and zones: no CPU arithmetic, no preemption.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::behaviour::{Fate, Table};
use super::meta;
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{Key, LogEntry, NODES, PODS, Part, Store};

/// Labels a pod gets from its node when it is bound.
const TOPOLOGY: &[&str] = &["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];
const COMPONENT: &str = "default-scheduler";
/// How long an unschedulable pod waits for the next try.
const RETRY: TimeDelta = TimeDelta::seconds(15);

/// What placing a pod needs to know of a node.
struct Node {
    zone: String,
    room: i64,
    cordoned: bool,
}

/// Assigns pods to nodes.
#[derive(Default)]
pub struct Scheduler {
    /// Says which pods no node fits.
    table: Table,
    /// The nodes as last seen, so that placing a pod reads no objects.
    nodes: BTreeMap<String, Node>,
    /// Where each pod went: its node, its zone and its owner.
    placed: BTreeMap<Key, (String, String, String)>,
    on_node: BTreeMap<String, i64>,
    /// By owner: pods in each zone and on each node.
    of_owner: BTreeMap<String, BTreeMap<String, i64>>,
}

impl Controller for Scheduler {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        match entry.key.resource {
            NODES => return vec![entry.key.clone()],
            PODS => {}
            _ => return Vec::new(),
        }
        let bound = !entry.object["spec"]["nodeName"].is_null();
        let gone = entry.happened == crate::demo::store::Happened::Deleted;
        if gone || (!bound && entry.before.is_none()) { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        if key.resource == NODES {
            self.learn(key, cx.store);
            return None;
        }
        let Some(pod) = cx.store.get(key).cloned() else {
            self.forget(key);
            return None;
        };
        if !pod["spec"]["nodeName"].is_null() || meta::terminating(&pod) {
            return None;
        }
        let refuses = self.table.of(&pod).fate == Fate::Unschedulable;
        match (refuses, self.choose(&pod)) {
            (false, Some((name, zone))) => {
                let node = cx.store.get(&Key::new(NODES, "", name.as_str()));
                let labels = node.map(|node| node["metadata"]["labels"].clone()).unwrap_or_default();
                self.remember(key, &pod, &name, zone);
                bind(key, &pod, &name, labels, cx);
                None
            }
            (refuses, _) => {
                refuse(key, &pod, refuses, cx);
                Some(cx.now + RETRY)
            }
        }
    }
}

impl Scheduler {
    /// A scheduler that has placed nothing yet.
    pub fn new(table: Table) -> Self {
        Self { table, ..Self::default() }
    }

    fn learn(&mut self, key: &Key, store: &Store) {
        match store.get(key) {
            Some(node) => {
                let node = Node {
                    zone: meta::text(&node["metadata"]["labels"][TOPOLOGY[0]]).to_owned(),
                    room: meta::text(&node["status"]["allocatable"]["pods"]).parse().unwrap_or(110),
                    cordoned: node["spec"]["unschedulable"] == true,
                };
                self.nodes.insert(key.name.clone(), node);
            }
            None => drop(self.nodes.remove(&key.name)),
        }
    }

    /// The node with the fewest pods of the same owner in its zone, then on itself, then the fewest of all; and its zone.
    fn choose(&self, pod: &Value) -> Option<(String, String)> {
        let places = self.of_owner.get(&owner(pod));
        let count = |place: &str| places.and_then(|places| places.get(place)).copied().unwrap_or(0);
        let held = |name: &String| self.on_node.get(name).copied().unwrap_or(0);
        let open = self.nodes.iter().filter(|(name, node)| !node.cordoned && held(name) < node.room);
        let least = open.min_by_key(|(name, node)| (count(&node.zone), count(name), held(name)));
        least.map(|(name, node)| (name.clone(), node.zone.clone()))
    }

    fn remember(&mut self, key: &Key, pod: &Value, node: &str, zone: String) {
        let owner = owner(pod);
        *self.on_node.entry(node.to_owned()).or_default() += 1;
        let places = self.of_owner.entry(owner.clone()).or_default();
        for place in [node, &zone] {
            *places.entry(place.to_owned()).or_default() += 1;
        }
        self.placed.insert(key.clone(), (node.to_owned(), zone, owner));
    }

    fn forget(&mut self, key: &Key) {
        let Some((node, zone, owner)) = self.placed.remove(key) else { return };
        if let Some(count) = self.on_node.get_mut(&node) {
            *count -= 1;
        }
        let Some(places) = self.of_owner.get_mut(&owner) else { return };
        for place in [node, zone] {
            if let Some(count) = places.get_mut(&place) {
                *count -= 1;
            }
        }
        if places.values().all(|count| *count == 0) {
            self.of_owner.remove(&owner);
        }
    }
}

fn owner(pod: &Value) -> String {
    meta::controller_of(pod).map(|owner| meta::text(&owner["uid"]).to_owned()).unwrap_or_default()
}

fn bind(key: &Key, pod: &Value, node: &str, labels: Value, cx: &mut Cx<'_>) {
    let now = meta::stamped(cx.now);
    let _ = cx.store.edit(key, Part::Whole, |pod| {
        pod["spec"]["nodeName"] = json!(node);
        for label in TOPOLOGY.iter().filter(|label| labels[**label].is_string()) {
            pod["metadata"]["labels"][*label] = labels[*label].clone();
        }
        pod["status"]["phase"] = json!("Pending");
        pod["status"]["conditions"] =
            json!([{ "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": now }]);
    });
    cx.event(COMPONENT, pod, "Normal", "Scheduled", &format!("Successfully assigned {}/{} to {node}", key.namespace, key.name));
}

fn refuse(key: &Key, pod: &Value, unfit: bool, cx: &mut Cx<'_>) {
    let nodes = cx.store.list(NODES, None).count();
    let why = if unfit { "Insufficient cpu" } else { "Too many pods" };
    let message = format!(
        "0/{nodes} nodes are available: {nodes} {why}. preemption: 0/{nodes} nodes are available: {nodes} No preemption victims found for incoming pod."
    );
    let now = meta::stamped(cx.now);
    let said = message.clone();
    let _ = cx.store.edit(key, Part::Status, |pod| {
        let since = meta::condition(&pod["status"], "PodScheduled").map(|c| c["lastTransitionTime"].clone()).unwrap_or(now);
        pod["status"]["phase"] = json!("Pending");
        pod["status"]["conditions"] = json!([{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said,
                                               "lastProbeTime": null, "lastTransitionTime": since }]);
    });
    cx.event(COMPONENT, pod, "Warning", "FailedScheduling", &message);
}

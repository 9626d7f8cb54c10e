//! The Deployment controller: rolls ReplicaSets from one pod template to the next, as kube-controller-manager does.
//! Never touches a pod: it only says how large each ReplicaSet should be. Rules are those of pkg/controller/deployment.

mod limits;
mod revision;
mod rolling;
mod scale;
mod status;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::meta;
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{DEPLOYMENTS, Key, LogEntry, Part, REPLICASETS, Store};

pub use limits::Limits;

/// The component name in events.
const COMPONENT: &str = "deployment-controller";

/// Manages Deployments.
pub struct Deployments;

impl Controller for Deployments {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        match entry.key.resource {
            DEPLOYMENTS => vec![entry.key.clone()],
            REPLICASETS => meta::owner_key(&entry.object, DEPLOYMENTS).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        if meta::terminating(cx.store.get(key)?) {
            return None;
        }
        status::note_pause(key, cx);
        let mut work = Work::read(key, cx.store)?;
        if work.paused() || scale::is_scaling(&work) {
            return scale::sync(&mut work, cx);
        }
        if work.recreates() { recreate(&mut work, cx) } else { rolling::roll(&mut work, cx) }
    }
}

/// A Deployment and its ReplicaSets, as one pass of the loop sees them.
struct Work {
    key: Key,
    object: Arc<Value>,
    /// By age, the oldest first.
    sets: Vec<Arc<Value>>,
}

impl Work {
    fn read(key: &Key, store: &Store) -> Option<Self> {
        let object = store.get(key)?.clone();
        let mut sets = meta::sets_of(store, &object);
        sets.sort_by(|a, b| age(a).cmp(&age(b)));
        Some(Self { key: key.clone(), object, sets })
    }

    /// Looks again after a write of our own.
    fn refresh(&mut self, store: &Store) {
        if let Some(fresh) = Self::read(&self.key, store) {
            *self = fresh;
        }
    }

    fn replicas(&self) -> i64 {
        self.object["spec"]["replicas"].as_i64().unwrap_or(1)
    }

    fn paused(&self) -> bool {
        self.object["spec"]["paused"] == true
    }

    fn recreates(&self) -> bool {
        self.object["spec"]["strategy"]["type"] == "Recreate"
    }

    fn limits(&self) -> Limits {
        Limits::of(&self.object["spec"])
    }

    /// Seconds without progress after which the rollout counts as failed. The API server fills in 600; i32::MAX means never.
    fn deadline(&self) -> Option<i64> {
        Some(self.object["spec"]["progressDeadlineSeconds"].as_i64().unwrap_or(600)).filter(|seconds| *seconds != i64::from(i32::MAX))
    }

    /// Where in `sets` the one with the present template is.
    fn new_index(&self) -> Option<usize> {
        self.sets.iter().position(|set| revision::same_template(&set["spec"]["template"], &self.object["spec"]["template"]))
    }

    fn new_set(&self) -> Option<&Arc<Value>> {
        self.new_index().map(|index| &self.sets[index])
    }

    fn old_sets(&self) -> Vec<Arc<Value>> {
        let new = self.new_index();
        self.sets.iter().enumerate().filter(|(index, _)| Some(*index) != new).map(|(_, set)| set.clone()).collect()
    }
}

fn age(set: &Value) -> (&str, &str) {
    (meta::text(&set["metadata"]["creationTimestamp"]), meta::text(&set["metadata"]["name"]))
}

fn size(set: &Value) -> i64 {
    meta::int(&set["spec"]["replicas"])
}

fn available(set: &Value) -> i64 {
    meta::int(&set["status"]["availableReplicas"])
}

/// Strategy Recreate: all old pods go before the first new one comes (recreate.go).
fn recreate(work: &mut Work, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
    if work.new_set().is_some() {
        revision::ensure_new_set(work, cx);
    }
    let mut shrunk = false;
    for old in work.old_sets().iter().filter(|old| size(old) > 0) {
        shrunk |= resize(work, old, 0, cx);
    }
    work.refresh(cx.store);
    let still = work.old_sets().iter().any(|old| meta::pods_of(cx.store, old).any(|(_, pod)| !ended(pod)));
    if shrunk || still {
        return status::sync_rollout(work, cx);
    }
    revision::ensure_new_set(work, cx);
    if let Some(new) = work.new_set().cloned() {
        resize(work, &new, work.replicas(), cx);
        work.refresh(cx.store);
    }
    if status::complete(work) {
        revision::clean_up(work, cx);
    }
    status::sync_rollout(work, cx)
}

fn ended(pod: &Value) -> bool {
    matches!(meta::text(&pod["status"]["phase"]), "Failed" | "Succeeded")
}

/// Sets a ReplicaSet's size and says so in an event. Keeps the annotations that let a later scaling tell proportions (sync.go scaleReplicaSet).
fn resize(work: &Work, set: &Value, to: i64, cx: &mut Cx<'_>) -> bool {
    let from = size(set);
    let (desired, most) = (work.replicas(), work.replicas() + work.limits().surge);
    if from == to && revision::sized_for(set, desired, most) {
        return false;
    }
    let key = Key::of(REPLICASETS, set);
    let _ = cx.store.edit(&key, Part::Main, |set| {
        set["spec"]["replicas"] = json!(to);
        revision::note_sizes(set, desired, most);
    });
    if from == to {
        return false;
    }
    let way = if to > from { "up" } else { "down" };
    let message = format!("Scaled {way} replica set {} from {from} to {to}", key.name);
    cx.event(COMPONENT, &work.object, "Normal", "ScalingReplicaSet", &message);
    true
}

//! Removes what nobody holds any more: children of deleted owners, and Events past their hour.
//! Knows no finalizers and no orphaning: deleting an owner always takes its children along, in the background.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::meta;
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{
    ANALYSISRUNS, CANARIES, DEPLOYMENTS, ENDPOINTSLICES, EVENTS, EXPERIMENTS, HTTPROUTES, Happened, Key, LogEntry, PODS, REPLICASETS,
    ROLLOUTS, Resource, SERVICES, Store,
};

/// Kinds that own others, and kinds that are owned.
const OWNERS: &[Resource] = &[DEPLOYMENTS, REPLICASETS, ROLLOUTS, EXPERIMENTS, ANALYSISRUNS, SERVICES, CANARIES];
const OWNED: &[Resource] = &[REPLICASETS, PODS, ENDPOINTSLICES, EXPERIMENTS, ANALYSISRUNS, DEPLOYMENTS, SERVICES, HTTPROUTES];

/// Deletes the children of deleted owners.
pub struct GarbageCollector;

impl Controller for GarbageCollector {
    fn name(&self) -> &'static str {
        "garbage-collector"
    }

    fn interested(&self, store: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.happened != Happened::Deleted || !OWNERS.contains(&entry.key.resource) {
            return Vec::new();
        }
        let uid = &entry.object["metadata"]["uid"];
        let children = OWNED.iter().flat_map(|kind| store.list(*kind, Some(&entry.key.namespace)));
        children.filter(|(_, child)| owners(child).any(|owner| owner["uid"] == *uid)).map(|(key, _)| key.clone()).collect()
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let child = cx.store.get(key)?.clone();
        let lives = |owner: &Value| {
            OWNERS.iter().any(|kind| {
                let at = Key::new(*kind, key.namespace.as_str(), meta::text(&owner["name"]));
                cx.store.get(&at).is_some_and(|object| object["metadata"]["uid"] == owner["uid"])
            })
        };
        if owners(&child).any(lives) {
            return None;
        }
        if key.resource == PODS {
            cx.store.mark_deleted(key, cx.now);
        } else {
            cx.store.delete(key);
        }
        None
    }
}

fn owners(object: &Value) -> impl Iterator<Item = &Value> {
    object["metadata"]["ownerReferences"].as_array().into_iter().flatten()
}

/// How long the API server keeps Events (--event-ttl).
const EVENT_TTL: TimeDelta = TimeDelta::hours(1);

/// Deletes old Events.
pub struct EventExpiry;

impl Controller for EventExpiry {
    fn name(&self) -> &'static str {
        "event-expiry"
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.key.resource == EVENTS && entry.happened == Happened::Added { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let event = cx.store.get(key)?;
        let last = ["/lastTimestamp", "/series/lastObservedTime", "/eventTime"].iter().find_map(|path| meta::time(event.pointer(path)?));
        let due = last.unwrap_or(cx.now) + EVENT_TTL;
        if due > cx.now {
            return Some(due);
        }
        cx.store.delete(key);
        None
    }
}

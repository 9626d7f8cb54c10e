//! A Deployment's status: counts, and the conditions `kubectl rollout status` and people read.
//! Decides nothing about sizes; reasons and sentences are Kubernetes' own, to the letter (progress.go, sync.go).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::revision::REVISION;
use super::{Work, meta, size};
use crate::demo::sim::Cx;
use crate::demo::store::{Key, Part, stamp};

const PROGRESSING: &str = "Progressing";
const TIMED_OUT: &str = "ProgressDeadlineExceeded";
const AVAILABLE: &str = "NewReplicaSetAvailable";

/// How the new ReplicaSet came to be.
pub(super) enum Born {
    Created,
    Found,
}

/// Writes the Deployment's revision and, with a new ReplicaSet, that there is progress. One write, as the real one's.
pub(super) fn number_deployment(work: &mut Work, number: i64, born: Born, name: &str, cx: &mut Cx<'_>) {
    let now = cx.now;
    let watched = work.deadline().is_some();
    let known = meta::condition(&work.object["status"], PROGRESSING).is_some();
    let numbered = meta::text(&work.object["metadata"]["annotations"][REVISION]).parse() == Ok(number);
    if numbered && matches!(born, Born::Found) && (known || !watched) {
        return;
    }
    let _ = cx.store.edit(&work.key, Part::Whole, |object| {
        object["metadata"]["annotations"][REVISION] = json!(number.to_string());
        match born {
            Born::Created if watched => {
                set(object, PROGRESSING, "True", "NewReplicaSetCreated", &format!("Created new replica set \"{name}\""), now);
            }
            Born::Found if watched && !known => {
                set(object, PROGRESSING, "True", "FoundNewReplicaSet", &format!("Found new replica set \"{name}\""), now);
            }
            _ => {}
        }
    });
}

/// Says that a rollout was paused or goes on. A recorded timeout stays (progress.go checkPausedConditions).
pub(super) fn note_pause(key: &Key, cx: &mut Cx<'_>) {
    let Some(object) = cx.store.get(key) else { return };
    let reason = meta::condition(&object["status"], PROGRESSING).map_or("", |condition| meta::text(&condition["reason"]));
    let (paused, noted) = (object["spec"]["paused"] == true, reason == "DeploymentPaused");
    if reason == TIMED_OUT || paused == noted {
        return;
    }
    let (reason, message) =
        if paused { ("DeploymentPaused", "Deployment is paused") } else { ("DeploymentResumed", "Deployment is resumed") };
    let mut next = json!({ "status": object["status"] });
    set(&mut next, PROGRESSING, "Unknown", reason, message, cx.now);
    cx.store.set_status(key, next["status"].take());
}

/// Status while paused or scaling: counts and availability only.
pub(super) fn sync_plain(work: &Work, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
    let status = counted(work, cx.now);
    cx.store.set_status(&work.key, status);
    None
}

/// Status during a rollout: counts, availability, progress and its deadline (progress.go syncRolloutStatus).
/// Returns when the deadline has to be looked at.
pub(super) fn sync_rollout(work: &Work, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
    let now = cx.now;
    let mut next = json!({ "status": counted(work, now) });
    let what = match work.new_set() {
        Some(set) => format!("ReplicaSet \"{}\"", meta::text(&set["metadata"]["name"])),
        None => format!("Deployment \"{}\"", work.key.name),
    };
    let current = meta::condition(&work.object["status"], PROGRESSING).cloned();
    let count = |status: &Value, field: &str| meta::int(&status[field]);
    let settled = count(&next["status"], "replicas") == count(&next["status"], "updatedReplicas")
        && current.as_ref().is_some_and(|current| current["reason"] == AVAILABLE);
    match work.deadline() {
        None => remove(&mut next, PROGRESSING),
        Some(_) if settled => {}
        Some(deadline) => {
            if is_complete(work, &next["status"]) {
                set(&mut next, PROGRESSING, "True", AVAILABLE, &format!("{what} has successfully progressed."), now);
            } else if progressed(&work.object["status"], &next["status"]) {
                let since = current.as_ref().filter(|c| c["status"] == "True").map(|c| c["lastTransitionTime"].clone());
                remove(&mut next, PROGRESSING);
                set(&mut next, PROGRESSING, "True", "ReplicaSetUpdated", &format!("{what} is progressing."), now);
                conditions(&mut next, |list| {
                    if let (Some(since), Some(condition)) = (since, list.last_mut()) {
                        condition["lastTransitionTime"] = since;
                    }
                });
            } else if timed_out(&next["status"], deadline, now) {
                set(&mut next, PROGRESSING, "False", TIMED_OUT, &format!("{what} has timed out progressing."), now);
            }
        }
    }
    let status = next["status"].take();
    let again = look_again(work, &status, now);
    cx.store.set_status(&work.key, status);
    again
}

/// Whether every pod is new, there and available (deployment_util.go DeploymentComplete), by the stored status.
pub(super) fn complete(work: &Work) -> bool {
    is_complete(work, &work.object["status"])
}

fn is_complete(work: &Work, status: &Value) -> bool {
    let all = |field: &str| meta::int(&status[field]) == work.replicas();
    let seen = meta::int(&status["observedGeneration"]) >= meta::int(&work.object["metadata"]["generation"]);
    all("updatedReplicas") && all("replicas") && all("availableReplicas") && seen
}

fn progressed(old: &Value, new: &Value) -> bool {
    let of = |status: &Value, field: &str| meta::int(&status[field]);
    let rest = |status: &Value| of(status, "replicas") - of(status, "updatedReplicas");
    of(new, "updatedReplicas") > of(old, "updatedReplicas")
        || rest(new) < rest(old)
        || of(new, "readyReplicas") > of(old, "readyReplicas")
        || of(new, "availableReplicas") > of(old, "availableReplicas")
}

fn timed_out(status: &Value, deadline: i64, now: DateTime<Utc>) -> bool {
    let Some(progress) = meta::condition(status, PROGRESSING) else { return false };
    match meta::text(&progress["reason"]) {
        AVAILABLE => false,
        TIMED_OUT => true,
        _ => meta::time(&progress["lastUpdateTime"]).is_some_and(|from| from + TimeDelta::seconds(deadline) < now),
    }
}

/// When nothing else happens, the deadline does: one second past it, as requeueStuckDeployment asks.
fn look_again(work: &Work, status: &Value, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let progress = meta::condition(status, PROGRESSING)?;
    if is_complete(work, status) || progress["reason"] == TIMED_OUT || progress["reason"] == AVAILABLE {
        return None;
    }
    let due = meta::time(&progress["lastUpdateTime"])? + TimeDelta::seconds(work.deadline()? + 1);
    Some(due.max(now + TimeDelta::seconds(1)))
}

/// The counts, with the conditions carried over and `Available` brought up to date (sync.go calculateStatus).
fn counted(work: &Work, now: DateTime<Utc>) -> Value {
    let sum = |field: &str| work.sets.iter().map(|set| meta::int(&set["status"][field])).sum::<i64>();
    let (available, wanted) = (sum("availableReplicas"), work.sets.iter().map(|set| size(set)).sum::<i64>());
    let updated = work.new_set().map_or(0, |set| meta::int(&set["status"]["replicas"]));
    let old = &work.object["status"];
    let mut status = Map::new();
    status.insert("observedGeneration".into(), work.object["metadata"]["generation"].clone());
    meta::set_count(&mut status, "replicas", sum("replicas"));
    meta::set_count(&mut status, "updatedReplicas", updated);
    meta::set_count(&mut status, "readyReplicas", sum("readyReplicas"));
    meta::set_count(&mut status, "availableReplicas", available);
    meta::set_count(&mut status, "unavailableReplicas", (wanted - available).max(0));
    status.insert("terminatingReplicas".into(), json!(sum("terminatingReplicas")));
    status.insert("conditions".into(), old["conditions"].as_array().map_or_else(|| json!([]), |list| json!(list)));
    if !old["collisionCount"].is_null() {
        status.insert("collisionCount".into(), old["collisionCount"].clone());
    }
    let mut object = json!({ "status": status });
    let least = work.replicas() - if work.replicas() == 0 { 0 } else { work.limits().unavailable };
    if available >= least {
        set(&mut object, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now);
    } else {
        set(&mut object, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
    }
    object["status"].take()
}

/// Lets `change` edit the list of conditions, making it where there is none.
fn conditions(object: &mut Value, change: impl FnOnce(&mut Vec<Value>)) {
    let list = &mut object["status"]["conditions"];
    let mut conditions = match list.take() {
        Value::Array(conditions) => conditions,
        _ => Vec::new(),
    };
    change(&mut conditions);
    *list = Value::Array(conditions);
}

fn remove(object: &mut Value, kind: &str) {
    conditions(object, |list| list.retain(|condition| condition["type"] != kind));
}

/// Sets a condition as SetDeploymentCondition does: same status and reason leave it untouched, the same status keeps its transition time,
/// and a changed one moves to the end.
fn set(object: &mut Value, kind: &str, word: &str, reason: &str, message: &str, now: DateTime<Utc>) {
    let old = meta::condition(&object["status"], kind).cloned();
    if old.as_ref().is_some_and(|old| old["status"] == word && old["reason"] == reason) {
        return;
    }
    let now = stamp(now);
    let since = old.filter(|old| old["status"] == word).map_or_else(|| json!(now), |old| old["lastTransitionTime"].clone());
    let new =
        json!({ "type": kind, "status": word, "lastUpdateTime": now, "lastTransitionTime": since, "reason": reason, "message": message });
    conditions(object, |list| {
        list.retain(|condition| condition["type"] != kind);
        list.push(new);
    });
}

//! Scaling and pausing: what happens to the sizes while no rollout may go on.
//! Never makes a ReplicaSet and never moves pods from old to new: the mix stays as it is (sync.go sync, scale).

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::revision::{DESIRED, MOST, clean_up};
use super::{Work, age, meta, resize, size, status};
use crate::demo::sim::Cx;

/// Whether `spec.replicas` moved since the ReplicaSets were last sized.
pub(super) fn is_scaling(work: &Work) -> bool {
    let sized_for = |set: &Value| meta::text(&set["metadata"]["annotations"][DESIRED]).parse::<i64>().ok();
    work.sets.iter().filter(|set| size(set) > 0).any(|set| sized_for(set).is_some_and(|desired| desired != work.replicas()))
}

pub(super) fn sync(work: &mut Work, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
    scale(work, cx);
    work.refresh(cx.store);
    if work.paused() {
        clean_up(work, cx);
        work.refresh(cx.store);
    }
    status::sync_plain(work, cx)
}

fn scale(work: &Work, cx: &mut Cx<'_>) {
    let active: Vec<_> = work.sets.iter().filter(|set| size(set) > 0).cloned().collect();
    // With one active (or none: the newest there is) the whole count is its own.
    if active.len() <= 1 {
        if let Some(set) = active.first().or(work.new_set()).or(work.sets.last()) {
            resize(work, set, work.replicas(), cx);
        }
        return;
    }
    if let Some(new) = work.new_set().filter(|new| saturated(work, new)) {
        for old in active.iter().filter(|set| set["metadata"]["uid"] != new["metadata"]["uid"]) {
            resize(work, old, 0, cx);
        }
        return;
    }
    if !work.recreates() {
        proportionally(work, active, cx);
    }
}

fn saturated(work: &Work, new: &Value) -> bool {
    let desired = meta::text(&new["metadata"]["annotations"][DESIRED]).parse::<i64>().ok();
    size(new) == work.replicas() && desired == Some(work.replicas()) && meta::int(&new["status"]["availableReplicas"]) == work.replicas()
}

/// Spreads the difference over the ReplicaSets by their present share, so that a scaling changes no risk; what rounding leaves
/// over goes to the largest.
fn proportionally(work: &Work, mut active: Vec<Arc<Value>>, cx: &mut Cx<'_>) {
    let present: i64 = active.iter().map(|set| size(set)).sum();
    let most = if work.replicas() > 0 { work.replicas() + work.limits().surge } else { 0 };
    let to_add = most - present;
    if to_add >= 0 {
        active.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| age(b).cmp(&age(a))));
    } else {
        active.sort_by(|a, b| (Reverse(size(a)), age(a)).cmp(&(Reverse(size(b)), age(b))));
    }
    let mut added = 0;
    let mut sizes = Vec::with_capacity(active.len());
    for set in &active {
        let share = if to_add == added { 0 } else { fraction(work, set, most) };
        let share = if to_add > 0 { share.min(to_add - added) } else { share.max(to_add - added) };
        added += share;
        sizes.push(size(set) + share);
    }
    if let Some(first) = sizes.first_mut() {
        *first = (*first + to_add - added).max(0);
    }
    for (set, to) in active.iter().zip(sizes) {
        resize(work, set, to, cx);
    }
}

/// A ReplicaSet's part of the change (deployment_util.go getReplicaSetFraction).
fn fraction(work: &Work, set: &Value, most: i64) -> i64 {
    if work.replicas() == 0 {
        return -size(set);
    }
    let noted = meta::text(&set["metadata"]["annotations"][MOST]).parse::<i64>().ok().filter(|most| *most > 0);
    let before = noted.unwrap_or_else(|| meta::int(&work.object["status"]["replicas"]).max(1));
    // Rounded half up, in whole numbers.
    (size(set) * most * 2 + before).div_euclid(before * 2) - size(set)
}

//! The rolling update: grow the new ReplicaSet within the surge, shrink the old ones within what may be unavailable.
//! Each pass does one of the two and then reports; the next change calls for the next pass (rolling.go).

use chrono::{DateTime, Utc};

use super::{Work, available, resize, revision, size, status};
use crate::demo::sim::Cx;

pub(super) fn roll(work: &mut Work, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
    revision::ensure_new_set(work, cx);
    if grow_new(work, cx) || shrink_old(work, cx) {
        work.refresh(cx.store);
        return status::sync_rollout(work, cx);
    }
    if status::complete(work) {
        revision::clean_up(work, cx);
        work.refresh(cx.store);
    }
    status::sync_rollout(work, cx)
}

/// How large the new ReplicaSet may be now (deployment_util.go NewRSNewReplicas).
pub(super) fn size_of_new(work: &Work, present: i64) -> i64 {
    if work.recreates() {
        return work.replicas();
    }
    let all: i64 = work.sets.iter().map(|set| size(set)).sum();
    let most = work.replicas() + work.limits().surge;
    if all >= most {
        return present;
    }
    present + (most - all).min(work.replicas() - present)
}

fn grow_new(work: &Work, cx: &mut Cx<'_>) -> bool {
    let Some(new) = work.new_set() else { return false };
    let present = size(new);
    let wanted = work.replicas();
    if present == wanted {
        return false;
    }
    let to = if present > wanted { wanted } else { size_of_new(work, present) };
    to != present && resize(work, new, to, cx)
}

fn shrink_old(work: &mut Work, cx: &mut Cx<'_>) -> bool {
    let Some(new) = work.new_set().cloned() else { return false };
    let old: i64 = work.old_sets().iter().map(|set| size(set)).sum();
    if old == 0 {
        return false;
    }
    let all = old + size(&new);
    let least = work.replicas() - work.limits().unavailable;
    let may_go = all - least - (size(&new) - available(&new));
    if may_go <= 0 {
        return false;
    }
    let mut shrunk = drop_unhealthy(work, may_go, cx);
    work.refresh(cx.store);
    let standing: i64 = work.sets.iter().map(|set| available(set)).sum();
    let mut spare = standing - least;
    for set in work.old_sets() {
        let cut = size(&set).min(spare);
        if cut > 0 {
            shrunk |= resize(work, &set, size(&set) - cut, cx);
            spare -= cut;
        }
    }
    shrunk
}

/// Old pods that are not available serve nobody: they go first (rolling.go cleanupUnhealthyReplicas).
fn drop_unhealthy(work: &Work, mut may_go: i64, cx: &mut Cx<'_>) -> bool {
    let mut dropped = false;
    for set in work.old_sets() {
        let cut = (size(&set) - available(&set)).min(may_go);
        if cut > 0 && size(&set) > 0 {
            dropped |= resize(work, &set, size(&set) - cut, cx);
            may_go -= cut;
        }
    }
    dropped
}

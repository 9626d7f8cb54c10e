//! Makes the status of a Rollout and writes it (argo-rollouts rollout/sync.go).
//! Never scales anything; a status that says nothing new is not written.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::demo::store::Part;

use super::duration::{self, Milestone};
use super::objects::{flag, has, list, number, remove, text};
use super::rollout::Work;
use super::{HASH_LABEL, REVISION, WORKLOAD_GENERATION, conditions, phase, spec, template};

/// The part of the status every strategy shares (calculateBaseStatus).
pub fn base(work: &Work<'_, '_>) -> Value {
    let old = &work.ro["status"];
    let (actual, ready, _) = work.sums();
    let hash = work.new_hash();
    let mut status = json!({
        "canary": work.canary, "blueGreen": work.blue_green, "currentPodHash": hash, "replicas": actual, "readyReplicas": ready,
        "updatedReplicas": work.new_set().map_or(0, |s| s.actual), "conditions": list(old, "/conditions"),
        "stableRS": old["stableRS"], "restartedAt": work.restarted_at, "collisionCount": old["collisionCount"],
        "promoteFull": flag(old, "/promoteFull") && old["stableRS"] != hash.as_str(),
    });
    conditions::remove(&mut status, "InvalidSpec");
    status
}

/// Resets what belonged to the update before (resetRolloutStatus).
pub fn reset(work: &mut Work<'_, '_>, status: &mut Value) {
    work.pause.clear = true;
    work.pause.unabort = true;
    work.restarted_at = work.ro["spec"]["restartAt"].clone();
    status["restartedAt"] = work.restarted_at.clone();
    status["promoteFull"] = json!(false);
    for field in ["prePromotionAnalysisRunStatus", "postPromotionAnalysisRunStatus", "scaleUpPreviewCheckPoint"] {
        remove(&mut status["blueGreen"], field);
    }
    for field in ["currentStepAnalysisRunStatus", "currentBackgroundAnalysisRunStatus", "currentExperiment"] {
        remove(&mut status["canary"], field);
    }
    let steps = spec::steps(&work.ro).len();
    status["currentStepIndex"] = if steps > 0 { json!(0) } else { Value::Null };
    work.milestone = Some(Milestone::Started);
}

/// Why the current version should become stable now, if it should (shouldFullPromote).
pub fn promotion_reason(work: &Work<'_, '_>, status: &Value) -> Option<String> {
    let ro = &work.ro;
    if work.stable_set().is_none() {
        return Some("Initial deploy".into());
    }
    let full = flag(ro, "/status/promoteFull");
    if spec::is_blue_green(ro) {
        let active = text(status, "/blueGreen/activeSelector");
        if active.is_empty() {
            return Some("Initial deploy".into());
        }
        if active != text(status, "/currentPodHash") {
            return None;
        }
        if full {
            return Some("Full promotion requested".into());
        }
        if work.is_rollback_within_window() {
            return Some("Rollback within window".into());
        }
        if work.is_aborted() {
            return None;
        }
        if has(ro, "/spec/strategy/blueGreen/postPromotionAnalysis") {
            if let Some(new) = work.new_set().filter(|s| s.deadline.is_some()) {
                return Some(format!("Rollback to '{}' within scaleDownDelay", new.name));
            }
            if text(status, "/blueGreen/postPromotionAnalysisRunStatus/status") != "Successful" {
                return None;
            }
        }
        return Some("Completed blue-green update".into());
    }
    if work.is_aborted() || work.new_set().is_none_or(|s| s.available != spec::replicas(ro)) {
        return None;
    }
    if full {
        return Some("Full promotion requested".into());
    }
    if work.is_rollback_within_window() {
        return Some("Rollback within window".into());
    }
    let steps = spec::steps(ro).len();
    (steps == 0 || spec::step_index(ro) == Some(steps)).then(|| format!("Completed all {steps} canary steps"))
}

/// Makes the current version stable (promoteStable).
pub fn promote_stable(work: &mut Work<'_, '_>, status: &mut Value, reason: &str) {
    work.pause.clear = true;
    work.pause.unabort = true;
    status["promoteFull"] = json!(false);
    remove(&mut status["blueGreen"], "scaleUpPreviewCheckPoint");
    let steps = spec::steps(&work.ro).len();
    status["currentStepIndex"] = if spec::is_canary(&work.ro) && steps > 0 { json!(steps) } else { Value::Null };
    if status["stableRS"] != status["currentPodHash"] {
        status["stableRS"] = status["currentPodHash"].clone();
        if work.milestone.is_none() {
            work.milestone = Some(Milestone::Promoted { fast: flag(&work.ro, "/status/promoteFull") });
        }
        let (revision, hash) = (super::objects::annotation(&work.ro, REVISION).to_owned(), text(status, "/currentPodHash").to_owned());
        work.tell("RolloutCompleted", &format!("Rollout completed update to revision {revision} ({hash}): {reason}"));
    }
}

/// Brings the conditions up to date with the rest of the status (calculateRolloutConditions).
pub fn calculate_conditions(work: &mut Work<'_, '_>, status: &mut Value) {
    let now = work.cx.now;
    let paused = !list(&work.ro, "/status/pauseConditions").is_empty() || flag(&work.ro, "/spec/paused");
    let healthy = conditions::healthy(&work.ro, status);
    let mut became_unhealthy = false;
    if !paused && healthy {
        conditions::set(status, now, "Healthy", "True", "RolloutHealthy", "Rollout is healthy");
    } else if conditions::get(status, "Healthy").is_some() {
        became_unhealthy = conditions::set(status, now, "Healthy", "False", "RolloutHealthy", "Rollout is not healthy");
    }
    let revision = super::objects::annotation(&work.ro, REVISION).to_owned();
    let set_name = work.new_set().map(|s| s.name.clone()).unwrap_or_default();
    if work.is_aborted() {
        let mut message = format!("Rollout aborted update to revision {revision}");
        if let Some(why) = work.pause.abort.as_deref().filter(|why| !why.is_empty()) {
            message = format!("{message}: {why}");
        }
        if conditions::set(status, now, "Progressing", "False", "RolloutAborted", &message) {
            work.warn("RolloutAborted", &message);
        }
    } else if healthy {
        let message = format!("ReplicaSet \"{set_name}\" has successfully progressed.");
        conditions::set(status, now, "Progressing", "True", "NewReplicaSetAvailable", &message);
    } else if conditions::progressing(&work.ro, status) || became_unhealthy {
        progress(work, status, became_unhealthy, &set_name);
    } else if !indefinite(work) && conditions::timed_out(&work.ro, status, now) {
        let message = format!("ReplicaSet \"{set_name}\" has timed out progressing.");
        conditions::set(status, now, "Progressing", "False", "ProgressDeadlineExceeded", &message);
        if flag(&work.ro, "/spec/progressDeadlineAbort") {
            work.warn("RolloutAborted", &message);
            work.pause.abort = Some(message);
        }
    }
    availability(work, status);
    if conditions::completed(status) {
        conditions::set(status, now, "Completed", "True", "RolloutCompleted", "RolloutCompleted");
    } else if conditions::set(status, now, "Completed", "False", "RolloutCompleted", "RolloutCompleted") {
        let hash = text(status, "/currentPodHash").to_owned();
        work.tell("RolloutNotCompleted", &format!("Rollout not completed, started update to revision {revision} ({hash})"));
    }
}

/// Notes progress: the same condition again with a newer update time, from which the deadline counts.
fn progress(work: &Work<'_, '_>, status: &mut Value, became_unhealthy: bool, set_name: &str) {
    let (reason, message) = if conditions::completed(status) && became_unhealthy {
        ("ReplicaSetNotAvailable", "Rollout does not have minimum availability".to_owned())
    } else {
        ("ReplicaSetUpdated", format!("ReplicaSet \"{set_name}\" is progressing."))
    };
    let since = conditions::get(&work.ro["status"], "Progressing").filter(|c| c["status"] == "True");
    let since = since.map(|c| c["lastTransitionTime"].clone());
    conditions::remove(status, "Progressing");
    conditions::set(status, work.cx.now, "Progressing", "True", reason, &message);
    if let (Some(since), Some(items)) = (since, status["conditions"].as_array_mut())
        && let Some(last) = items.last_mut()
    {
        last["lastTransitionTime"] = since;
    }
}

fn availability(work: &Work<'_, '_>, status: &mut Value) {
    let of = spec::replicas(&work.ro);
    let available = if spec::is_blue_green(&work.ro) {
        work.set_of_hash(text(status, "/blueGreen/activeSelector")).is_some_and(|s| s.spec == of && s.available == of)
    } else {
        work.sums().2 >= of
    };
    let (value, message) =
        if available { ("True", "Rollout has minimum availability") } else { ("False", "Rollout does not have minimum availability") };
    conditions::set(status, work.cx.now, "Available", value, "AvailableReason", message);
    let failure =
        work.new_set().into_iter().chain(&work.sets).find_map(|s| conditions::get(&s.object["status"], "ReplicaFailure").cloned());
    match failure {
        Some(c) => {
            let (reason, message) = (text(&c, "/reason"), text(&c, "/message"));
            conditions::set(status, work.cx.now, "ReplicaFailure", "True", reason, message);
        }
        None => conditions::remove(status, "ReplicaFailure"),
    }
}

/// Whether the step may take as long as it likes (isIndefiniteStep).
fn indefinite(work: &Work<'_, '_>) -> bool {
    spec::current_step(&work.ro).is_some_and(|s| ["experiment", "analysis", "pause", "plugin"].iter().any(|kind| s.get(kind).is_some()))
}

/// Writes a whole status made by a strategy (persistRolloutStatus).
pub fn persist(work: &mut Work<'_, '_>, mut status: Value) {
    let was_paused = !list(&work.ro, "/status/pauseConditions").is_empty();
    work.pause.apply(&work.ro, &mut status, work.cx.now);
    // Having just noted a ReplicaSet it found, the real controller holds the Rollout as the API server returned it, without the resolved
    // template, and forgets once that there is a workload.
    let just_found = conditions::reason(&work.ro["status"], "Progressing") == "FoundNewReplicaSet";
    if has(&work.ro, "/spec/workloadRef") && !just_found {
        status["workloadObservedGeneration"] = work.ro["metadata"]["annotations"][WORKLOAD_GENERATION].clone();
    }
    let reason = list(&status, "/pauseConditions").first().map(|c| text(c, "/reason").to_owned());
    let aborted = has(&status, "/abortedAt");
    let written = write(work, status);
    let phase = text(&work.ro, "/status/phase").to_owned();
    work.scale_workload_down(&phase);
    if !written {
        requeue_for_deadline(work);
        return;
    }
    match reason {
        Some(reason) if !was_paused => work.tell("RolloutPaused", &format!("Rollout is paused ({reason})")),
        None if was_paused && !aborted => work.tell("RolloutResumed", "Rollout is resumed"),
        _ => {}
    }
}

/// Writes `status` with phase, message, duration and observed generation; false when that changes nothing.
pub fn write(work: &mut Work<'_, '_>, mut status: Value) -> bool {
    status["duration"] = duration::next(&work.ro, &status, work.milestone, work.cx.now);
    status["observedGeneration"] = json!(number(&work.ro, "/metadata/generation").unwrap_or(0).to_string());
    let (phase, message) = phase::phase(&work.ro, &status);
    status["phase"] = json!(phase);
    status["message"] = json!(message);
    let status = tidy(status, &work.ro["status"]);
    if status == work.ro["status"] {
        return false;
    }
    work.ro["status"] = status.clone();
    let _ = work.cx.store.edit(&work.key, Part::Status, |ro| ro["status"] = status);
    true
}

/// Drops what the API leaves out (zeros, empty texts), and keeps a stored `false`: the controller's patch is the difference of two
/// typed values, in which false and absent are the same. So `abort: false` stays after a retry.
fn tidy(mut status: Value, old: &Value) -> Value {
    let keep_zero = ["currentStepIndex"];
    if let Some(map) = status.as_object_mut() {
        map.retain(|field, value| match value {
            Value::Null => false,
            Value::Bool(false) => old[field] == false,
            Value::Number(n) => n.as_i64() != Some(0) || keep_zero.contains(&field.as_str()),
            Value::String(text) => !text.is_empty(),
            Value::Object(map) => !map.is_empty() || field != "duration",
            _ => true,
        });
        for field in ["abort", "controllerPause", "promoteFull"] {
            if old[field] == false && !map.contains_key(field) {
                map.insert(field.to_owned(), json!(false));
            }
        }
    }
    status
}

/// Brings the Progressing and Paused conditions in line with the pauses, in a write of its own; true when it wrote
/// (checkPausedConditions). Recordings show the look ends with that write, and that it comes only once the spec is observed.
/// A completed release that is paused by hand keeps its Progressing condition: the rest of the look says of it that it has progressed, and
/// the two would take turns for ever (argo-rollouts #4134).
pub fn check_pause_conditions(work: &mut Work<'_, '_>) -> bool {
    let ro = &work.ro;
    if text(ro, "/status/observedGeneration") != number(ro, "/metadata/generation").unwrap_or(0).to_string() {
        return false;
    }
    let old = &ro["status"];
    let reason = conditions::reason(old, "Progressing");
    let paused = !list(old, "/pauseConditions").is_empty() || flag(ro, "/spec/paused");
    let aborted = reason == "RolloutAborted";
    let (mut status, now) = (old.clone(), work.cx.now);
    let mut changed = false;
    if paused != (reason == "RolloutPaused") && !aborted && !(paused && conditions::completed(old)) {
        let (reason, message) = if paused { ("RolloutPaused", "Rollout is paused") } else { ("RolloutResumed", "Rollout is resumed") };
        changed |= conditions::set(&mut status, now, "Progressing", "Unknown", reason, message);
    }
    if aborted && !flag(old, "/abort") {
        changed |= conditions::set(&mut status, now, "Progressing", "Unknown", "RolloutRetry", "Retrying Rollout after abort");
        work.milestone = Some(Milestone::Started);
    }
    if paused != conditions::is_true(old, "Paused") && !aborted {
        let value = if paused { "True" } else { "False" };
        changed |= conditions::set(&mut status, now, "Paused", value, "RolloutPaused", "Rollout is paused");
    }
    changed && write(work, status)
}

/// Looks again when the deadline for progress passes (requeueStuckRollout).
fn requeue_for_deadline(work: &mut Work<'_, '_>) {
    let old = &work.ro["status"];
    let Some(condition) = conditions::get(old, "Progressing") else { return };
    let done = conditions::healthy(&work.ro, old) || condition["reason"] == "ProgressDeadlineExceeded";
    if done || work.is_paused() || flag(old, "/abort") || indefinite(work) {
        return;
    }
    let Some(from) = super::objects::time(&condition["lastUpdateTime"]) else { return };
    // A second more, as the real one waits, so that the truncated time has surely passed.
    work.wake_at(from + spec::progress_deadline(&work.ro) + TimeDelta::seconds(1));
}

/// The label selector that tells one version's pods, as the scale subresource gives it to an autoscaler.
pub fn version_selector(set: &super::objects::Set) -> String {
    let text = super::objects::selector_text(&set.object["spec"]["selector"]);
    if text.contains(HASH_LABEL) { text } else { format!("{text},{HASH_LABEL}={}", set.hash) }
}

/// The hash of the steps, for `status.currentStepHash`.
pub fn step_hash(ro: &Value) -> String {
    template::step_hash(spec::steps(ro))
}

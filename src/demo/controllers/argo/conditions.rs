//! Conditions in a status: set, remove, read (argo-rollouts utils/conditions).
//! Never writes an object; it edits the status it is given.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::demo::store::stamp;

use super::objects::{list, number, text};
use super::spec;

/// The condition of one type.
pub fn get<'a>(status: &'a Value, kind: &str) -> Option<&'a Value> {
    list(status, "/conditions").iter().find(|c| c["type"] == kind)
}

/// The reason of the condition of one type, empty when there is none.
pub fn reason<'a>(status: &'a Value, kind: &str) -> &'a str {
    get(status, kind).map_or("", |c| text(c, "/reason"))
}

/// Whether the condition of one type is True.
pub fn is_true(status: &Value, kind: &str) -> bool {
    get(status, kind).is_some_and(|c| c["status"] == "True")
}

/// Removes the condition of one type.
pub fn remove(status: &mut Value, kind: &str) {
    if let Some(items) = status.get_mut("conditions").and_then(Value::as_array_mut) {
        items.retain(|c| c["type"] != kind);
    }
}

/// Sets a condition, moving it to the end. With the same status and reason it changes nothing and says so; the transition time
/// stays while the status does (SetRolloutCondition).
pub fn set(status: &mut Value, now: DateTime<Utc>, kind: &str, value: &str, reason: &str, message: &str) -> bool {
    let now = stamp(now);
    let mut since = now.clone();
    if let Some(old) = get(status, kind) {
        if old["status"] == value && old["reason"] == reason {
            return false;
        }
        if old["status"] == value {
            since = text(old, "/lastTransitionTime").to_owned();
        }
    }
    remove(status, kind);
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    if let Some(items) = status["conditions"].as_array_mut() {
        items.push(json!({ "lastTransitionTime": since, "lastUpdateTime": now, "message": message, "reason": reason,
                           "status": value, "type": kind }));
    }
    true
}

/// Whether the update has finished and nothing is missing or left over (RolloutHealthy).
pub fn healthy(ro: &Value, status: &Value) -> bool {
    let count = |field: &str| status[field].as_i64().unwrap_or(0);
    let of = spec::replicas(ro);
    let strategy = if spec::is_blue_green(ro) {
        let current = &status["currentPodHash"];
        let preview = text(ro, "/spec/strategy/blueGreen/previewService");
        status["blueGreen"]["activeSelector"] == *current && (preview.is_empty() || status["blueGreen"]["previewSelector"] == *current)
    } else {
        let steps = spec::steps(ro).len() as i64;
        let done = steps == 0 || status["currentStepIndex"].as_i64() == Some(steps);
        done && completed(status) && (spec::is_routed(ro) || count("replicas") == of)
    };
    let observed = text(ro, "/status/observedGeneration") == number(ro, "/metadata/generation").unwrap_or(0).to_string();
    count("updatedReplicas") == of && count("availableReplicas") == of && observed && strategy
}

/// Whether the current version is the stable one (RolloutCompleted).
pub fn completed(status: &Value) -> bool {
    !text(status, "/stableRS").is_empty() && status["stableRS"] == status["currentPodHash"]
}

/// Whether anything moved forward between the stored status and the new one (RolloutProgressing).
pub fn progressing(ro: &Value, status: &Value) -> bool {
    let old = &ro["status"];
    let count = |of: &Value, field: &str| of[field].as_i64().unwrap_or(0);
    let left = |of: &Value| count(of, "replicas") - count(of, "updatedReplicas");
    let moved = if spec::is_blue_green(ro) {
        let selector = |of: &Value, field: &str| of["blueGreen"][field].as_str().unwrap_or_default().to_owned();
        ["activeSelector", "previewSelector"].iter().any(|field| selector(old, field) != selector(status, field))
    } else {
        text(old, "/stableRS") != text(status, "/stableRS")
            || !status["currentStepIndex"].is_null() && status["currentStepIndex"] != old["currentStepIndex"]
    };
    moved
        || count(status, "updatedReplicas") != count(old, "updatedReplicas")
        || left(status) < left(old)
        || count(status, "readyReplicas") > count(old, "readyReplicas")
        || count(status, "availableReplicas") > count(old, "availableReplicas")
}

/// Whether the deadline for progress has passed (RolloutTimedOut).
pub fn timed_out(ro: &Value, status: &Value, now: DateTime<Utc>) -> bool {
    let Some(condition) = get(status, "Progressing") else { return false };
    match text(condition, "/reason") {
        "NewReplicaSetAvailable" => false,
        "ProgressDeadlineExceeded" => true,
        _ => super::objects::time(&condition["lastUpdateTime"]).is_some_and(|from| from + spec::progress_deadline(ro) < now),
    }
}

//! How long an update took and how it ended: `status.duration`, as the recorded controller keeps it.
//! Never influences the update itself.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::demo::store::stamp;

use super::objects::{flag, has, list, remove, time};
use super::{conditions, pause, spec};

/// What happened to the update in this look, for its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// A new update, or a retry, began.
    Started,
    /// The stable version was chosen again before the update ended.
    RolledBack,
    /// The version became stable; the flag says whether in one go.
    Promoted {
        /// By `promoteFull`.
        fast: bool,
    },
}

/// Whether a person must act before the pause ends.
fn waits_for_a_person(ro: &Value, status: &Value) -> bool {
    if flag(ro, "/spec/paused") {
        return true;
    }
    list(status, "/pauseConditions").first().is_some_and(|condition| match condition["reason"].as_str() {
        Some(pause::CANARY_PAUSE) => {
            let step = status["currentStepIndex"].as_u64().and_then(|i| spec::steps(ro).get(usize::try_from(i).ok()?));
            step.is_some_and(|step| spec::pause_duration(step).is_none())
        }
        Some(pause::BLUE_GREEN_PAUSE) => spec::auto_promotion_seconds(ro) == 0,
        _ => true,
    })
}

/// The new `status.duration`.
pub fn next(ro: &Value, status: &Value, milestone: Option<Milestone>, now: DateTime<Utc>) -> Value {
    let at = json!(stamp(now));
    let mut record = ro["status"].get("duration").cloned().unwrap_or_else(|| json!({}));
    let before = has(&record, "/rolloutStartedAt");
    let open = |record: &Value| record["completionStatus"].is_null();
    match milestone {
        Some(Milestone::Started) => record = json!({ "rolloutStartedAt": at }),
        Some(Milestone::RolledBack) if open(&record) && before => {
            record["completionStatus"] = json!("FastRolledBack");
            record["finishedAt"] = at.clone();
        }
        Some(Milestone::Promoted { fast }) if open(&record) && before => {
            record["completionStatus"] = json!(if fast { "FastPromoted" } else { "Promoted" });
        }
        _ => {}
    }
    if flag(status, "/abort") && open(&record) {
        record["completionStatus"] = json!("Aborted");
        record["finishedAt"] = at.clone();
    }
    let full = status["availableReplicas"].as_i64().unwrap_or(0) >= spec::replicas(ro);
    if conditions::completed(status) && full {
        if open(&record) && before && milestone != Some(Milestone::Started) {
            record["completionStatus"] = json!("Promoted");
        }
        if !open(&record) && record["finishedAt"].is_null() {
            record["finishedAt"] = at.clone();
        }
    }
    if waits_for_a_person(ro, status) {
        if record["manualPauseStartedAt"].is_null() {
            record["manualPauseStartedAt"] = at;
        }
    } else if let Some(since) = time(&record["manualPauseStartedAt"]) {
        let total = record["totalManualPauseDurationSeconds"].as_i64().unwrap_or(0);
        record["totalManualPauseDurationSeconds"] = json!(total + now.timestamp() - since.timestamp());
        remove(&mut record, "manualPauseStartedAt");
    }
    for field in ["completionStatus", "finishedAt", "manualPauseStartedAt", "rolloutStartedAt"] {
        if record.get(field).is_some_and(Value::is_null) {
            remove(&mut record, field);
        }
    }
    record
}

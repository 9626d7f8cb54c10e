//! The phase and message a Rollout's status carries (argo-rollouts utils/rollout, CalculateRolloutPhase).
//! Never looks at anything but the spec and the status about to be written.

use serde_json::Value;

use super::objects::{flag, has, list, text};
use super::{conditions, spec};

/// Phase and message; the message is empty when there is nothing to say.
pub fn phase(ro: &Value, status: &Value) -> (&'static str, String) {
    for condition in list(status, "/conditions") {
        let told = || text(condition, "/message");
        if condition["type"] == "InvalidSpec" {
            return ("Degraded", format!("InvalidSpec: {}", told()));
        }
        let reason = text(condition, "/reason");
        if matches!(reason, "RolloutAborted" | "ProgressDeadlineExceeded") {
            return ("Degraded", format!("{reason}: {}", told()));
        }
    }
    if flag(ro, "/spec/paused") {
        return ("Paused", "manually paused".into());
    }
    if let Some(condition) = list(status, "/pauseConditions").first() {
        return ("Paused", text(condition, "/reason").to_owned());
    }
    let waiting = |message: &str| ("Progressing", message.to_owned());
    let count = |field: &str| status[field].as_i64().unwrap_or(0);
    if has(ro, "/spec/restartAt") && ro["spec"]["restartAt"] != status["restartedAt"] {
        return waiting("rollout is restarting");
    }
    if count("updatedReplicas") < spec::replicas(ro) {
        return waiting("more replicas need to be updated");
    }
    if count("availableReplicas") < count("updatedReplicas") {
        return waiting("updated replicas are still becoming available");
    }
    if spec::is_blue_green(ro) {
        if status["blueGreen"]["activeSelector"] != status["currentPodHash"] {
            return waiting("active service cutover pending");
        }
        if !conditions::completed(status) {
            let gated = has(ro, "/spec/strategy/blueGreen/postPromotionAnalysis");
            return waiting(if gated { "waiting for analysis to complete" } else { "waiting for verification to complete" });
        }
    } else {
        if !spec::is_routed(ro) && count("replicas") > count("updatedReplicas") {
            return waiting("old replicas are pending termination");
        }
        if !conditions::completed(status) {
            return waiting("waiting for all steps to complete");
        }
    }
    ("Healthy", String::new())
}

//! What one look at a Rollout decides about pauses and abort, and how that becomes status (argo-rollouts rollout/pause.go).
//! Never decides by itself when to pause: the strategies say so.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::demo::store::stamp;

use super::objects::{flag, list, time};
use super::spec;

/// A pause step of a canary.
pub const CANARY_PAUSE: &str = "CanaryPauseStep";
/// A blue-green update waiting for promotion.
pub const BLUE_GREEN_PAUSE: &str = "BlueGreenPause";
/// An analysis that could not tell.
pub const INCONCLUSIVE_RUN: &str = "InconclusiveAnalysisRun";
/// An experiment that could not tell.
pub const INCONCLUSIVE_EXPERIMENT: &str = "InconclusiveExperiment";

/// The decisions of one look.
#[derive(Debug, Default)]
pub struct Pause {
    /// Reasons to pause for.
    pub add: Vec<&'static str>,
    /// Reasons that are over.
    pub remove: Vec<&'static str>,
    /// Drop every pause.
    pub clear: bool,
    /// Abort, with what to say.
    pub abort: Option<String>,
    /// Take an abort back.
    pub unabort: bool,
}

impl Pause {
    /// Whether the update counts as aborted after this look.
    pub fn is_aborted(&self, ro: &Value) -> bool {
        !self.unabort && (self.abort.is_some() || flag(ro, "/status/abort"))
    }

    /// Writes abort, pauses and controllerPause into the new status (CalculatePauseStatus).
    pub fn apply(&self, ro: &Value, status: &mut Value, now: DateTime<Utc>) {
        let old = &ro["status"];
        if self.abort.is_some() || (!self.unabort && flag(ro, "/status/abort")) {
            status["abort"] = json!(true);
            status["abortedAt"] = if old["abortedAt"].is_null() { json!(stamp(now)) } else { old["abortedAt"].clone() };
            return;
        }
        if self.clear {
            return;
        }
        let mut paused: Vec<Value> = Vec::new();
        for condition in list(old, "/pauseConditions") {
            if !self.remove.iter().any(|reason| condition["reason"] == *reason) {
                paused.push(condition.clone());
            }
        }
        let mut by_controller = flag(old, "/controllerPause");
        for reason in &self.add {
            if condition(ro, reason).is_none() {
                paused.push(json!({ "reason": reason, "startTime": stamp(now) }));
                by_controller = true;
            }
        }
        if paused.is_empty() {
            // Also what makes a promote under a manual pause forget the controller's own pause.
            return;
        }
        status["controllerPause"] = json!(by_controller);
        status["pauseConditions"] = Value::Array(paused);
    }
}

/// The stored pause of one reason.
pub fn condition<'a>(ro: &'a Value, reason: &str) -> Option<&'a Value> {
    list(ro, "/status/pauseConditions").iter().find(|c| c["reason"] == reason)
}

/// Why nothing may move, if anything forbids it (haltProgress).
pub fn halted(ro: &Value) -> bool {
    flag(ro, "/spec/paused") || condition(ro, INCONCLUSIVE_RUN).is_some()
}

/// Whether a pause step is over: somebody took the pause away, or its time is up (CompletedCanaryPauseStep).
pub fn step_completed(ro: &Value, step: &Value, now: DateTime<Utc>) -> bool {
    match condition(ro, CANARY_PAUSE) {
        None => flag(ro, "/status/controllerPause"),
        Some(pause) => {
            let length = spec::pause_duration(step);
            time(&pause["startTime"]).zip(length).is_some_and(|(start, length)| now > start + length)
        }
    }
}

/// Whether the blue-green pause is over (CompletedBlueGreenPause).
pub fn blue_green_completed(ro: &Value, pause: &Pause, now: DateTime<Utc>) -> bool {
    if !pause.add.is_empty() {
        return false;
    }
    if flag(ro, "/status/blueGreen/scaleUpPreviewCheckPoint") || !spec::pauses_blue_green(ro) {
        return true;
    }
    let stored = condition(ro, BLUE_GREEN_PAUSE);
    let resumed = flag(ro, "/status/controllerPause") && stored.is_none();
    if !spec::auto_promotion(ro) && spec::auto_promotion_seconds(ro) == 0 {
        return resumed;
    }
    let length = chrono::TimeDelta::seconds(spec::auto_promotion_seconds(ro));
    resumed || stored.and_then(|p| time(&p["startTime"])).is_some_and(|start| now > start + length)
}

//! What the controller says of a Rollout, as far as it is read.
//! Draws no conclusion: what a phase and a pause mean together is told elsewhere.

use serde::Deserialize;

use super::super::lenient::null_as_default;
use super::super::meta::{Condition, Time};
use super::analyses::RunStatusRef;
use crate::text::Clean;

/// What the controller says of a Rollout.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RolloutStatus {
    /// `Healthy`, `Degraded`, `Progressing` or `Paused`; empty before controller 1.0.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: Clean,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// Generation this status belongs to: a number written as a string.
    #[serde(deserialize_with = "null_as_default")]
    pub observed_generation: Clean,
    /// The same for the referenced workload.
    #[serde(deserialize_with = "null_as_default")]
    pub workload_observed_generation: Clean,
    /// Aborted.
    #[serde(deserialize_with = "null_as_default")]
    pub abort: bool,
    /// Since when.
    pub aborted_at: Option<Time>,
    /// What it waits for.
    #[serde(deserialize_with = "null_as_default")]
    pub pause_conditions: Vec<PauseCondition>,
    /// The controller paused it.
    #[serde(deserialize_with = "null_as_default")]
    pub controller_pause: bool,
    /// All the way was asked for.
    #[serde(deserialize_with = "null_as_default")]
    pub promote_full: bool,
    /// Hash of the newest template.
    #[serde(deserialize_with = "null_as_default")]
    pub current_pod_hash: Clean,
    /// Hash of the version that is known good.
    #[serde(rename = "stableRS", deserialize_with = "null_as_default")]
    pub stable_rs: Clean,
    /// Steps done.
    pub current_step_index: Option<i64>,
    /// Pods of all versions.
    #[serde(deserialize_with = "null_as_default")]
    pub replicas: i64,
    /// Pods of the newest version.
    #[serde(deserialize_with = "null_as_default")]
    pub updated_replicas: i64,
    /// Ready pods (blue-green: of the active version).
    #[serde(deserialize_with = "null_as_default")]
    pub ready_replicas: i64,
    /// Available pods (blue-green: of the active version).
    #[serde(deserialize_with = "null_as_default")]
    pub available_replicas: i64,
    /// Conditions.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Vec<Condition>,
    /// Last restart done.
    pub restarted_at: Option<Time>,
    /// Canary details.
    #[serde(deserialize_with = "null_as_default")]
    pub canary: CanaryStatus,
    /// Blue-green details.
    #[serde(deserialize_with = "null_as_default")]
    pub blue_green: BlueGreenStatus,
}

/// Why the controller waits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PauseCondition {
    /// `CanaryPauseStep`, `BlueGreenPause`, `InconclusiveAnalysisRun` or `InconclusiveExperiment`.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Clean,
    /// Since when.
    pub start_time: Option<Time>,
}

/// Canary details.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CanaryStatus {
    /// What the controller last wrote to the router.
    pub weights: Option<CanaryWeights>,
    /// The analysis that is the present step.
    pub current_step_analysis_run_status: Option<RunStatusRef>,
    /// The analysis beside the steps.
    pub current_background_analysis_run_status: Option<RunStatusRef>,
    /// Name of the running experiment.
    #[serde(deserialize_with = "null_as_default")]
    pub current_experiment: Clean,
    /// `ping` or `pong`, whichever is stable.
    #[serde(deserialize_with = "null_as_default")]
    pub stable_ping_pong: Clean,
}

/// Weights as last written to the router, in units of `maxTrafficWeight`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CanaryWeights {
    /// The canary's.
    #[serde(deserialize_with = "null_as_default")]
    pub canary: WeightDestination,
    /// The stable version's.
    #[serde(deserialize_with = "null_as_default")]
    pub stable: WeightDestination,
    /// Experiments' versions.
    #[serde(deserialize_with = "null_as_default")]
    pub additional: Vec<WeightDestination>,
    /// Whether the router confirmed it; absent where none can.
    pub verified: Option<bool>,
}

/// One version's weight.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WeightDestination {
    /// Weight.
    #[serde(deserialize_with = "null_as_default")]
    pub weight: i64,
    /// Service it goes to.
    #[serde(deserialize_with = "null_as_default")]
    pub service_name: Clean,
    /// Version.
    #[serde(deserialize_with = "null_as_default")]
    pub pod_template_hash: Clean,
}

/// Blue-green details.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BlueGreenStatus {
    /// Version behind the active Service.
    #[serde(deserialize_with = "null_as_default")]
    pub active_selector: Clean,
    /// Version behind the preview Service.
    #[serde(deserialize_with = "null_as_default")]
    pub preview_selector: Clean,
    /// Gate before the switch.
    pub pre_promotion_analysis_run_status: Option<RunStatusRef>,
    /// Gate after the switch.
    pub post_promotion_analysis_run_status: Option<RunStatusRef>,
}

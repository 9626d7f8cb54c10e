//! `analysisruns.argoproj.io`: the controller's own measurements and what it made of them.

use serde::Deserialize;

use super::lenient::null_as_default;
use super::meta::{Meta, Time};
use crate::text::Clean;

/// An AnalysisRun.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct AnalysisRun {
    /// Metadata; labels `rollout-type` and `step-index` say what it gates.
    pub metadata: Meta,
    /// What is measured.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: AnalysisRunSpec,
    /// What came of it.
    #[serde(deserialize_with = "null_as_default")]
    pub status: AnalysisRunStatus,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct AnalysisRunSpec {
    /// Metrics.
    #[serde(deserialize_with = "null_as_default")]
    pub metrics: Vec<MetricSpec>,
}

/// A metric's conditions.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MetricSpec {
    /// Name.
    pub name: Clean,
    /// Measurements wanted; absent means without end.
    #[serde(deserialize_with = "null_as_default")]
    pub count: Option<super::lenient::IntOrString>,
    /// What must hold.
    #[serde(deserialize_with = "null_as_default")]
    pub success_condition: Clean,
    /// What must not hold.
    #[serde(deserialize_with = "null_as_default")]
    pub failure_condition: Clean,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AnalysisRunStatus {
    /// Its phase.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: AnalysisPhase,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// Start.
    pub started_at: Option<Time>,
    /// End.
    pub completed_at: Option<Time>,
    /// Results by metric.
    #[serde(deserialize_with = "null_as_default")]
    pub metric_results: Vec<MetricResult>,
    /// Metrics by outcome, dry-run ones left out.
    #[serde(deserialize_with = "null_as_default")]
    pub run_summary: RunSummary,
    /// Dry-run metrics by outcome.
    #[serde(deserialize_with = "null_as_default")]
    pub dry_run_summary: RunSummary,
}

/// How many metrics ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct RunSummary {
    /// All.
    #[serde(deserialize_with = "null_as_default")]
    pub count: i64,
    /// Passed.
    #[serde(deserialize_with = "null_as_default")]
    pub successful: i64,
    /// Failed.
    #[serde(deserialize_with = "null_as_default")]
    pub failed: i64,
    /// Neither.
    #[serde(deserialize_with = "null_as_default")]
    pub inconclusive: i64,
    /// Could not be measured.
    #[serde(deserialize_with = "null_as_default")]
    pub error: i64,
}

/// One metric's results; the controller keeps the last ten measurements.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct MetricResult {
    /// Name.
    pub name: Clean,
    /// Its phase.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: AnalysisPhase,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// Measurements taken.
    #[serde(deserialize_with = "null_as_default")]
    pub count: i64,
    /// Of them passed.
    #[serde(deserialize_with = "null_as_default")]
    pub successful: i64,
    /// Of them failed.
    #[serde(deserialize_with = "null_as_default")]
    pub failed: i64,
    /// Of them neither.
    #[serde(deserialize_with = "null_as_default")]
    pub inconclusive: i64,
    /// Of them not measurable.
    #[serde(deserialize_with = "null_as_default")]
    pub error: i64,
    /// Only watched: never decides.
    #[serde(rename = "dryRun", deserialize_with = "null_as_default")]
    pub dry_run: bool,
    /// The last measurements.
    #[serde(deserialize_with = "null_as_default")]
    pub measurements: Vec<Measurement>,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Measurement {
    /// Its outcome.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: AnalysisPhase,
    /// The value as text.
    #[serde(deserialize_with = "null_as_default")]
    pub value: Clean,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// Taken at.
    pub finished_at: Option<Time>,
}

/// The phase of a run, a metric, a measurement or an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnalysisPhase {
    /// Not begun, or not said yet.
    #[default]
    Pending,
    /// Under way.
    Running,
    /// Passed.
    Successful,
    /// Failed.
    Failed,
    /// Could not be measured.
    Error,
    /// Neither passed nor failed.
    Inconclusive,
    /// A word this program does not know.
    Unknown,
}

impl AnalysisPhase {
    /// Whether it is over: nothing follows these phases.
    pub const fn is_completed(self) -> bool {
        matches!(self, Self::Successful | Self::Failed | Self::Error | Self::Inconclusive)
    }
}

impl<'de> Deserialize<'de> for AnalysisPhase {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        Ok(match &*word {
            "" | "Pending" => Self::Pending,
            "Running" => Self::Running,
            "Successful" => Self::Successful,
            "Failed" => Self::Failed,
            "Error" => Self::Error,
            "Inconclusive" => Self::Inconclusive,
            _ => Self::Unknown,
        })
    }
}

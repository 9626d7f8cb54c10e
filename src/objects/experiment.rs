//! `experiments.argoproj.io`: versions that run beside stable and canary for a while.

use serde::Deserialize;

use super::analysis::AnalysisPhase;
use super::lenient::null_as_default;
use super::meta::{Meta, Time};
use super::template::PodTemplate;
use crate::text::Clean;

/// An Experiment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Experiment {
    /// Metadata.
    pub metadata: Meta,
    /// What is wanted.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: ExperimentSpec,
    /// What its controller says.
    #[serde(deserialize_with = "null_as_default")]
    pub status: ExperimentStatus,
}

/// What is wanted of an Experiment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ExperimentSpec {
    /// Its versions.
    #[serde(deserialize_with = "null_as_default")]
    pub templates: Vec<ExperimentTemplate>,
    /// How long it runs once all are available.
    #[serde(deserialize_with = "null_as_default")]
    pub duration: Clean,
}

/// One version of an Experiment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ExperimentTemplate {
    /// Name.
    pub name: Clean,
    /// Pods; absent means 1.
    pub replicas: Option<i64>,
    /// What its pods run.
    #[serde(deserialize_with = "null_as_default")]
    pub template: PodTemplate,
}

/// What the controller says of an Experiment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExperimentStatus {
    /// Phase.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: AnalysisPhase,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// When all its versions were available; its duration counts from here.
    pub available_at: Option<Time>,
    /// Its versions' states.
    #[serde(deserialize_with = "null_as_default")]
    pub template_statuses: Vec<TemplateStatus>,
    /// Its analyses.
    #[serde(deserialize_with = "null_as_default")]
    pub analysis_runs: Vec<ExperimentRun>,
}

/// A version's state.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TemplateStatus {
    /// Name.
    pub name: Clean,
    /// Pods.
    #[serde(deserialize_with = "null_as_default")]
    pub replicas: i64,
    /// Available pods.
    #[serde(deserialize_with = "null_as_default")]
    pub available_replicas: i64,
    /// Word for its state.
    #[serde(deserialize_with = "null_as_default")]
    pub status: Clean,
}

/// An analysis of an experiment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExperimentRun {
    /// Name in the spec.
    pub name: Clean,
    /// Name of the AnalysisRun.
    #[serde(deserialize_with = "null_as_default")]
    pub analysis_run: Clean,
    /// Phase.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: AnalysisPhase,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
}

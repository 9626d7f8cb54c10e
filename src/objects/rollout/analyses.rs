//! Which analyses a Rollout names, and what its status says of those that run.
//! Judges none of them.

use serde::Deserialize;

use super::super::lenient::null_as_default;
use crate::text::Clean;

/// Which templates an analysis runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AnalysisRef {
    /// Templates.
    #[serde(deserialize_with = "null_as_default")]
    pub templates: Vec<TemplateRef>,
    /// The step from which a background analysis runs.
    pub starting_step: Option<i64>,
    /// What the Rollout fills its templates' arguments with.
    #[serde(deserialize_with = "null_as_default")]
    pub args: Vec<AnalysisArgument>,
}

/// What a Rollout fills an argument of a template with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AnalysisArgument {
    /// The argument's name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// A text.
    pub value: Option<Clean>,
    /// Or the place it is taken from.
    #[serde(deserialize_with = "null_as_default")]
    pub value_from: ArgumentSource,
}

/// Where an argument is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ArgumentSource {
    /// The hash of a version: `Latest` or `Stable`.
    pub pod_template_hash_value: Option<Clean>,
    /// A field of the Rollout.
    pub field_ref: Option<FieldRef>,
}

/// A field of the Rollout itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FieldRef {
    /// Its path, such as `metadata.name` or `metadata.labels['app']`.
    #[serde(deserialize_with = "null_as_default")]
    pub field_path: Clean,
}

/// A template's name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TemplateRef {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub template_name: Clean,
    /// Whether it is a ClusterAnalysisTemplate.
    #[serde(deserialize_with = "null_as_default")]
    pub cluster_scope: bool,
}

/// A reference to an AnalysisRun with its last known state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct RunStatusRef {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// Phase.
    #[serde(deserialize_with = "null_as_default")]
    pub status: Clean,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
}

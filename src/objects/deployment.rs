//! `deployments.apps`.

use serde::Deserialize;

use super::lenient::{IntOrString, null_as_default};
use super::meta::{Condition, Meta, Selector};
use super::template::PodTemplate;
use crate::text::Clean;

/// A Deployment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Deployment {
    /// Metadata.
    pub metadata: Meta,
    /// What is wanted.
    pub spec: DeploymentSpec,
    /// What its controller says.
    #[serde(deserialize_with = "null_as_default")]
    pub status: DeploymentStatus,
}

/// What is wanted of a Deployment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DeploymentSpec {
    /// Pods wanted; absent means 1.
    pub replicas: Option<i64>,
    /// Which pods are its own.
    pub selector: Selector,
    /// What its pods run.
    pub template: PodTemplate,
    /// Whether its rolling is paused.
    #[serde(deserialize_with = "null_as_default")]
    pub paused: bool,
    /// Seconds a pod must be ready before it counts as available.
    #[serde(deserialize_with = "null_as_default")]
    pub min_ready_seconds: i64,
    /// Seconds without progress after which the controller says so; absent means 600.
    pub progress_deadline_seconds: Option<i64>,
    /// How pods are replaced.
    #[serde(deserialize_with = "null_as_default")]
    pub strategy: DeploymentStrategy,
}

/// How a Deployment replaces its pods.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DeploymentStrategy {
    /// `RollingUpdate` (also when empty) or `Recreate`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Clean,
    /// Limits of a rolling update.
    #[serde(deserialize_with = "null_as_default")]
    pub rolling_update: RollingUpdate,
}

/// Limits of a rolling update, as numbers or percentages; absent means 25 %.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RollingUpdate {
    /// Pods above the wanted number (percentages round up).
    pub max_surge: Option<IntOrString>,
    /// Pods below the wanted number (percentages round down).
    pub max_unavailable: Option<IntOrString>,
}

/// What the controller says of a Deployment.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DeploymentStatus {
    /// Generation the counts belong to.
    #[serde(deserialize_with = "null_as_default")]
    pub observed_generation: i64,
    /// Pods of all versions.
    #[serde(deserialize_with = "null_as_default")]
    pub replicas: i64,
    /// Pods of the newest template.
    #[serde(deserialize_with = "null_as_default")]
    pub updated_replicas: i64,
    /// Ready pods of all versions.
    #[serde(deserialize_with = "null_as_default")]
    pub ready_replicas: i64,
    /// Pods ready for at least `minReadySeconds`.
    #[serde(deserialize_with = "null_as_default")]
    pub available_replicas: i64,
    /// Pods still missing.
    #[serde(deserialize_with = "null_as_default")]
    pub unavailable_replicas: i64,
    /// Conditions.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Vec<Condition>,
}

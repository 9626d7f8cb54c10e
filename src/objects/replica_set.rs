//! `replicasets.apps`: one version of a workload each.

use serde::Deserialize;

use super::lenient::null_as_default;
use super::meta::{Condition, Meta};
use super::template::PodTemplate;

/// A ReplicaSet.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ReplicaSet {
    /// Metadata.
    pub metadata: Meta,
    /// What is wanted.
    pub spec: ReplicaSetSpec,
    /// What its controller says.
    #[serde(deserialize_with = "null_as_default")]
    pub status: ReplicaSetStatus,
}

/// What is wanted of a ReplicaSet.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ReplicaSetSpec {
    /// Pods wanted; absent means 1.
    pub replicas: Option<i64>,
    /// What its pods run.
    #[serde(deserialize_with = "null_as_default")]
    pub template: PodTemplate,
}

/// What the controller says of a ReplicaSet.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ReplicaSetStatus {
    /// Generation the counts belong to.
    #[serde(deserialize_with = "null_as_default")]
    pub observed_generation: i64,
    /// Pods that exist.
    #[serde(deserialize_with = "null_as_default")]
    pub replicas: i64,
    /// Ready pods.
    #[serde(deserialize_with = "null_as_default")]
    pub ready_replicas: i64,
    /// Pods ready for at least `minReadySeconds`.
    #[serde(deserialize_with = "null_as_default")]
    pub available_replicas: i64,
    /// Conditions.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Vec<Condition>,
}

impl ReplicaSet {
    /// Pods wanted.
    pub fn desired(&self) -> i64 {
        self.spec.replicas.unwrap_or(1)
    }
}

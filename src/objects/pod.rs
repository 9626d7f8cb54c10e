//! `pods`: what runs where, and in what state.

use serde::Deserialize;

use super::lenient::null_as_default;
use super::meta::{Condition, Meta, Time};
use super::template::Container;
use crate::text::Clean;

/// A Pod.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Pod {
    /// Metadata.
    pub metadata: Meta,
    /// What it runs and where.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: PodSpec,
    /// What the kubelet says.
    #[serde(deserialize_with = "null_as_default")]
    pub status: PodStatus,
}

/// What a pod runs and where.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodSpec {
    /// The node it was put on; empty while unscheduled.
    #[serde(deserialize_with = "null_as_default")]
    pub node_name: Clean,
    /// Containers, init containers left out.
    #[serde(deserialize_with = "null_as_default")]
    pub containers: Vec<Container>,
}

/// What the kubelet says of a pod.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: Clean,
    /// One word for why, e.g. `Evicted`.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Clean,
    /// A sentence for why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// Conditions, `Ready` among them.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Vec<Condition>,
    /// The containers' states.
    #[serde(deserialize_with = "null_as_default")]
    pub container_statuses: Vec<ContainerStatus>,
    /// The init containers' states.
    #[serde(deserialize_with = "null_as_default")]
    pub init_container_statuses: Vec<ContainerStatus>,
}

/// One container's state.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerStatus {
    /// Name.
    pub name: Clean,
    /// Image digest reference, once pulled.
    #[serde(rename = "imageID", deserialize_with = "null_as_default")]
    pub image_id: Clean,
    /// Whether its readiness probe passes.
    #[serde(deserialize_with = "null_as_default")]
    pub ready: bool,
    /// How often it was restarted.
    #[serde(deserialize_with = "null_as_default")]
    pub restart_count: i64,
    /// What it does now.
    #[serde(deserialize_with = "null_as_default")]
    pub state: ContainerState,
    /// What it did before its last restart.
    #[serde(deserialize_with = "null_as_default")]
    pub last_state: ContainerState,
}

/// A container's state: at most one of the three is there.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// Not started, with the reason.
    pub waiting: Option<Waiting>,
    /// Running since.
    pub running: Option<Running>,
    /// Ended, with the reason.
    pub terminated: Option<Terminated>,
}

/// Why a container waits.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// One word, e.g. `CrashLoopBackOff`.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Clean,
    /// A sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
}

/// Since when a container runs.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Running {
    /// Start.
    pub started_at: Option<Time>,
}

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Terminated {
    /// Exit code of the process.
    #[serde(deserialize_with = "null_as_default")]
    pub exit_code: i64,
    /// Signal that ended it, 0 for none.
    #[serde(deserialize_with = "null_as_default")]
    pub signal: i64,
    /// One word, e.g. `OOMKilled`.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Clean,
    /// A sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// End.
    pub finished_at: Option<Time>,
}

impl Pod {
    /// Whether the pod passes its readiness gates and is not on its way out.
    pub fn is_ready(&self) -> bool {
        self.metadata.deletion_timestamp.is_none() && self.status.conditions.iter().any(|c| c.kind == "Ready" && c.status == "True")
    }
}

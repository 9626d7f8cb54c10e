//! `pods`: what runs where, and in what state.

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

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
    pub containers: Box<[Container]>,
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
    /// The conditions that some rule reads: `Ready` and `PodScheduled`.
    #[serde(deserialize_with = "kept_conditions")]
    pub conditions: Box<[Condition]>,
    /// The containers' states.
    #[serde(deserialize_with = "null_as_default")]
    pub container_statuses: Box<[ContainerStatus]>,
    /// The init containers' states.
    #[serde(deserialize_with = "null_as_default")]
    pub init_container_statuses: Box<[ContainerStatus]>,
}

/// One container's state.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerStatus {
    /// Name.
    pub name: Clean,
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

/// A container's state: at most one of the three is there. The rare two are boxed: nearly all containers just run.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// Not started, with the reason.
    pub waiting: Option<Box<Waiting>>,
    /// Running since.
    pub running: Option<Running>,
    /// Ended, with the reason.
    pub terminated: Option<Box<Terminated>>,
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

/// Keeps the conditions that some rule reads, and drops the others before the next one is read.
fn kept_conditions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[Condition]>, D::Error> {
    struct Kept;
    impl<'de> Visitor<'de> for Kept {
        type Value = Box<[Condition]>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("conditions")
        }
        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(Box::default())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut conditions: A) -> Result<Self::Value, A::Error> {
            let mut kept = Vec::with_capacity(2);
            while let Some(condition) = conditions.next_element::<Condition>()? {
                if condition.kind == "Ready" || condition.kind == "PodScheduled" {
                    kept.push(condition);
                }
            }
            Ok(kept.into_boxed_slice())
        }
    }
    deserializer.deserialize_any(Kept)
}

impl Pod {
    /// Whether the pod passes its readiness gates and is not on its way out.
    pub fn is_ready(&self) -> bool {
        self.metadata.deletion_timestamp.is_none() && self.status.conditions.iter().any(|c| c.kind == "Ready" && c.status == "True")
    }
}

//! Versions of a workload, their roles, and the state of their pods.

use super::{Time, Uid};
use crate::text::Clean;

/// What part a version plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Known good (canary strategies).
    Stable,
    /// Being tried (canary strategies).
    Canary,
    /// Behind the active Service (blue-green); also stable unless said otherwise.
    Active,
    /// Behind the preview Service (blue-green).
    Preview,
    /// An experiment's version.
    Experiment,
    /// The newest version of a rolling update.
    New,
    /// A version of a rolling update that is being replaced, or the only one.
    Old,
    /// None of these: a leftover that still holds pods.
    Other,
}

/// One version of the workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// UID of its ReplicaSet.
    pub uid: Uid,
    /// Name of its ReplicaSet.
    pub replica_set: Clean,
    /// What part it plays.
    pub role: Role,
    /// Whether it runs what is being released (by what it runs, not by its hash: an experiment's candidate does too).
    pub runs_new: bool,
    /// Pod template hash.
    pub hash: Clean,
    /// Revision; 0 when unknown.
    pub revision: i64,
    /// The `version` label of its pods, empty where they have none: what a mesh calls it.
    pub label: Clean,
    /// Image references by container, in order.
    pub images: Vec<Clean>,
    /// Pods wanted.
    pub desired: i64,
    /// Pods there, by its ReplicaSet.
    pub current: i64,
    /// Ready pods, by its ReplicaSet.
    pub ready: i64,
    /// Available pods, by its ReplicaSet.
    pub available: i64,
    /// Its pods by state; `None` where pods were not read.
    pub mix: Option<PodMix>,
    /// When it goes, for versions kept warm after a switch or an abort.
    pub scale_down_at: Option<Time>,
    /// When its ReplicaSet was made.
    pub created: Option<Time>,
    /// Why it was made, from `kubernetes.io/change-cause`.
    pub change_cause: Option<Clean>,
}

/// How many pods of a version are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PodMix {
    /// Ready.
    pub ready: i64,
    /// Starting, or running and not ready yet.
    pub starting: i64,
    /// Failing, with a reason.
    pub failing: i64,
    /// On their way out.
    pub terminating: i64,
    /// Restarts of all its pods.
    pub restarts: i64,
}

/// A pod's state, worst news first.
#[derive(Debug, Clone, PartialEq)]
pub enum PodState {
    /// It fails, and why.
    Failing(Trouble),
    /// Not ready yet, with nothing wrong so far.
    Starting,
    /// Passes its readiness gates.
    Ready,
    /// On its way out.
    Terminating,
}

/// Why a pod fails.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// Ends and is started again.
    CrashLoop {
        /// Exit code of the last end, where known.
        exit_code: Option<i64>,
        /// Whether it ran out of memory.
        out_of_memory: bool,
    },
    /// Its image can't be had; the reason in the kubelet's word.
    ImagePull(Clean),
    /// Runs, but its readiness probe fails (or it lost readiness after having had it).
    NotReady(Clean),
    /// No node takes it, and why.
    Unschedulable(Clean),
    /// Thrown off its node, and why.
    Evicted(Clean),
    /// Its container can't be made; the reason in the kubelet's word.
    Create(Clean),
    /// Ended and is not started again: exit code.
    Ended(i64),
    /// Another reason, in the cluster's word.
    Other(Clean),
}

/// One pod, for the grid and the list.
#[derive(Debug, Clone, PartialEq)]
pub struct PodView {
    /// UID.
    pub uid: Uid,
    /// Name.
    pub name: Clean,
    /// UID of the version (ReplicaSet) it belongs to.
    pub version: Uid,
    /// Its state.
    pub state: PodState,
    /// Ready containers and containers in all.
    pub containers: (usize, usize),
    /// Restarts.
    pub restarts: i64,
    /// When a container last ended, and how, for the words "last 40 s ago".
    pub last_end: Option<Time>,
    /// Node; empty while unscheduled.
    pub node: Clean,
    /// Zone, where an endpoint or a label tells; empty otherwise.
    pub zone: Clean,
    /// Created.
    pub created: Option<Time>,
}

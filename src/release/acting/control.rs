//! [`Control`]: the switches of a release that actions turn and rest on, as its objects hold them now.

use crate::objects::{Kind, Time, Uid};
use crate::text::Clean;

/// A pause the controller keeps until a person, or time, ends it (Argo: one of `status.pauseConditions`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The controller's word: `CanaryPauseStep`, `BlueGreenPause`, `InconclusiveAnalysisRun`, …
    pub reason: Clean,
    /// Since when.
    pub since: Option<Time>,
}

/// The object that holds the pod template: the workload itself, or what its `workloadRef` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its kind.
    pub kind: Kind,
    /// Its name, in the release's namespace.
    pub name: Clean,
    /// Its UID.
    pub uid: Uid,
    /// Its resourceVersion.
    pub resource_version: Clean,
    /// Counts changes of its spec.
    pub generation: i64,
}

/// The switches, as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Control {
    /// Counts changes of the workload's spec.
    pub generation: i64,
    /// Whether the controller has taken in that generation, and the referenced workload's.
    pub observed: bool,
    /// The pauses the controller keeps.
    pub gates: Vec<Gate>,
    /// Argo's `status.controllerPause`: it holds a pause, or has not yet seen that its conditions were cleared.
    pub controller_pause: bool,
    /// All the way was asked for and is not done.
    pub promote_full: bool,
    /// An abort was asked for and holds.
    pub aborted: bool,
    /// An abort was asked for and the controller has not carried it out yet (Flagger: `status.failedChecks` has reached the threshold).
    pub abort_asked: bool,
    /// Per cent of the new version's pods that have to be ready before the controller does anything, where the spec names it (Flagger).
    pub ready_threshold: Option<i64>,
    /// Pod template hash of what is being released.
    pub new_hash: Clean,
    /// Pod template hash of what is known good; that of the newest for engines that know none.
    pub stable_hash: Clean,
    /// Pod template hash that what is stable had while it was released, where that is another one (Flagger copies it into a Deployment
    /// of its own); empty otherwise.
    pub released_as: Clean,
    /// Argo's `spec.restartAt`.
    pub restart_asked: Option<Time>,
    /// Argo's `status.restartedAt`.
    pub restarted: Option<Time>,
    /// The object that holds the pod template, where it is known.
    pub template: Option<Holder>,
    /// Who writes the spec again, in words, e.g. `Argo CD application shop`; where labels or annotations tell.
    pub owner: Option<Clean>,
    /// Why a roll back was declared unsafe: the annotation `flightdeck.dev/rollback-unsafe` of the workload.
    pub rollback_unsafe: Option<Clean>,
}

impl Control {
    /// Whether what this hash names is being released, or was and is stable now.
    pub fn releases(&self, hash: &Clean) -> bool {
        self.new_hash == *hash || !hash.is_empty() && self.released_as == *hash && self.new_hash == self.stable_hash
    }
}

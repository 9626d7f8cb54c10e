//! [`History`]: the revisions of a workload, how each ended, and the one to go back to.

use std::sync::Arc;

use serde_json::Value;

use crate::objects::{Time, Uid};
use crate::text::Clean;

/// How a revision ended, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It became available and was not aborted.
    Good(Clean),
    /// It failed or was aborted.
    Bad(Clean),
    /// Nothing left tells.
    Unknown(Clean),
}

/// One revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Its number; 0 when unknown.
    pub number: i64,
    /// UID of its ReplicaSet.
    pub uid: Uid,
    /// Name of its ReplicaSet.
    pub replica_set: Clean,
    /// Its pod template hash.
    pub hash: Clean,
    /// When its ReplicaSet was made.
    pub created: Option<Time>,
    /// Images by container.
    pub images: Vec<Clean>,
    /// Pods wanted and pods available.
    pub pods: (i64, i64),
    /// Why it was made.
    pub change_cause: Option<Clean>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether this is what is running or being released.
    pub current: bool,
    /// The pod template as it would be sent: without what the controller put in.
    pub template: Arc<Value>,
    /// What differs from the template in force.
    pub diff: Vec<super::Difference>,
}

/// Every revision, newest first, and the one `roll back` would choose.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Newest first.
    pub revisions: Vec<Revision>,
    /// The number `roll back` would choose, and why.
    pub chosen: Option<(i64, Clean)>,
}

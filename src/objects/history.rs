//! [`RawHistory`]: the revisions of a workload with their whole pod templates, read only when somebody wants to go back.

use std::sync::Arc;

use serde_json::Value;

use super::ReleaseRef;

/// What was read, as the server wrote it: templates must be sent back to the letter. Cleaned wherever a part of it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct RawHistory {
    /// Of which release.
    pub release: ReleaseRef,
    /// The object that holds the pod template: the workload, or what its `workloadRef` names.
    pub holder: Arc<Value>,
    /// Every ReplicaSet its selector finds; which are its own is the engine's to tell.
    pub replica_sets: Vec<Arc<Value>>,
}

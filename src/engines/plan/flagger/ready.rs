//! Whether Flagger finds a Deployment ready, as it tests that itself (`pkg/canary/deployment_ready.go`): before that it looks at nothing else.
//! Never judges by a deadline: that a target is stuck for good is the controller's to say.

use super::ground::Ground;
use crate::objects::Deployment;

/// Why Flagger does not find it ready, a clause; `None` where it does.
pub fn unready(deployment: &Deployment, threshold: i64) -> Option<String> {
    let status = &deployment.status;
    let wanted = deployment.spec.replicas.unwrap_or(1);
    if deployment.metadata.generation > status.observed_generation {
        return Some("its newest spec has not been taken in yet".to_owned());
    }
    if status.updated_replicas < wanted {
        return Some(format!("{} of {wanted} pods are of its newest template", status.updated_replicas));
    }
    if status.replicas > status.updated_replicas {
        return Some(format!("{} older pods are still there", status.replicas - status.updated_replicas));
    }
    // Flagger cuts the needed number down to a whole one.
    let needed = status.updated_replicas.saturating_mul(threshold.clamp(0, 100)) / 100;
    (status.available_replicas < needed).then(|| format!("{} of {} pods are available", status.available_replicas, status.updated_replicas))
}

impl Ground<'_> {
    /// The Deployment that people deploy to.
    pub fn target(&self) -> Option<&Deployment> {
        self.world.deployment(&self.release.key.namespace, self.canary.target()?)
    }

    /// Its copy that serves between releases.
    pub fn primary(&self) -> Option<&Deployment> {
        self.world.deployment(&self.release.key.namespace, &self.canary.primary()?)
    }

    /// Why Flagger does not find the new version ready, a clause. `None` where it does, and where there is nothing to tell it by.
    pub fn target_unready(&self) -> Option<String> {
        unready(self.target()?, self.canary.spec.analysis.canary_ready_threshold.unwrap_or(100))
    }

    /// Whether not even a threshold of nothing would let it be found ready: pods of its newest template are missing.
    pub fn target_incomplete(&self) -> Option<String> {
        unready(self.target()?, 0)
    }

    /// The same of the primary: while it is not ready Flagger does nothing at all.
    pub fn primary_unready(&self) -> Option<String> {
        unready(self.primary()?, 100)
    }
}

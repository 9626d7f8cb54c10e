//! Restarts a Rollout's pods when `spec.restartAt` says so (argo-rollouts rollout/restart.go).
//! Never takes away more pods than may be missing; PodDisruptionBudgets don't exist in the embedded cluster.

use serde_json::Value;

use crate::demo::store::{Key, PODS};

use super::objects::{owned_by, text, time};
use super::rollout::Work;
use super::spec;

impl Work<'_, '_> {
    /// Deletes pods older than `restartAt`, a few at a time; done when none is left.
    pub fn restart_pods(&mut self) {
        let wanted = self.ro["spec"]["restartAt"].clone();
        let Some(at) = time(&wanted).filter(|_| wanted != self.ro["status"]["restartedAt"]) else { return };
        if at > self.cx.now {
            self.wake_at(at);
            return;
        }
        let mut old: Vec<Key> = Vec::new();
        for set in &self.sets {
            let uid = text(&set.object, "/metadata/uid");
            let pods = self.cx.store.list(PODS, Some(&self.key.namespace));
            let is_old = |pod: &Value| owned_by(pod, uid) && time(&pod["metadata"]["creationTimestamp"]).is_some_and(|t| t < at);
            old.extend(pods.filter(|(_, pod)| is_old(pod) && pod["metadata"]["deletionTimestamp"].is_null()).map(|(key, _)| key.clone()));
        }
        if old.is_empty() {
            self.restarted_at = wanted;
            return;
        }
        let allowed = spec::max_unavailable(&self.ro).max(1);
        let missing = self.sets.iter().map(|s| (s.spec - s.available).max(0)).sum::<i64>();
        let room = usize::try_from((allowed - missing).max(0)).unwrap_or(0);
        for key in old.iter().take(room) {
            self.cx.store.mark_deleted(key, self.cx.now);
        }
        if room == 0 {
            self.wake(chrono::TimeDelta::seconds(1));
        }
    }
}

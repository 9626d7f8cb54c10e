//! Whether primary and target are ready, and whether waiting still makes sense (flagger pkg/canary/deployment_ready.go).
//! Believes a Deployment's status alone, not its pods.

use serde_json::Value;

use super::TOTAL;
use super::spec::Spec;
use super::tick::{Go, Tick};
use crate::demo::controllers::meta;

/// Why a Deployment is not ready.
struct Unready {
    message: String,
    /// Whether it can still become so.
    hopeful: bool,
}

impl Tick<'_, '_> {
    /// Ends the tick while the primary is not ready; one that got stuck sends everything back, and one that got stuck while it was promoted
    /// sends everything to the target instead.
    pub fn primary_ready(&mut self) -> Go {
        let spec = Spec(&self.canary);
        let primary = self.cx.store.get(&self.primary_key()).cloned()?;
        let Err(unready) = self.ready(&primary, spec.ready("primaryReadyThreshold")) else { return Some(()) };
        let message = format!("{}.{} not ready: {}", spec.primary(), self.key.namespace, unready.message);
        self.warn(&message);
        if unready.hopeful {
            return None;
        }
        if matches!(self.phase(), "Promoting" | "Finalising") { self.fail_over() } else { self.roll_back() }
    }

    /// Ends the tick while the target is not ready, with its weight as it is; one that got stuck sends everything back.
    pub fn canary_ready(&mut self) -> Go {
        let target = self.target()?;
        let Err(unready) = self.ready(&target, Spec(&self.canary).ready("canaryReadyThreshold")) else { return Some(()) };
        let message = format!("canary deployment {} not ready: {}", self.target_place(), unready.message);
        self.warn(&message);
        if unready.hopeful { None } else { self.roll_back() }
    }

    fn ready(&self, deployment: &Value, threshold: i64) -> Result<(), Unready> {
        let status = &deployment["status"];
        let wait = |what: String, hopeful: bool| Err(Unready { message: format!("waiting for rollout to finish: {what}"), hopeful });
        if meta::int(&deployment["metadata"]["generation"]) > meta::int(&status["observedGeneration"]) {
            return wait("observed deployment generation less than desired generation".into(), true);
        }
        let progressing = meta::condition(status, "Progressing");
        let name = meta::text(&deployment["metadata"]["name"]);
        if progressing.is_some_and(|progressing| progressing["reason"] == "ProgressDeadlineExceeded") {
            return Err(Unready { message: format!("deployment \"{name}\" exceeded its progress deadline"), hopeful: false });
        }
        let lacks = |available: &&Value| available["status"] == "False" && available["reason"] == "MinimumReplicasUnavailable";
        let since = progressing.and(meta::condition(status, "Available")).filter(lacks).and_then(|one| meta::time(&one["lastUpdateTime"]));
        let deadline = chrono::TimeDelta::seconds(Spec(&self.canary).deadline());
        let hopeful = since.is_none_or(|since| since + deadline >= self.cx.now);
        let (wanted, all) = (deployment["spec"]["replicas"].as_i64().unwrap_or(1), meta::int(&status["replicas"]));
        let (updated, available) = (meta::int(&status["updatedReplicas"]), meta::int(&status["availableReplicas"]));
        let enough = updated * threshold / TOTAL;
        if updated < wanted {
            return wait(format!("{updated} out of {wanted} new replicas have been updated"), hopeful);
        }
        if all > updated {
            return wait(format!("{} old replicas are pending termination", all - updated), hopeful);
        }
        if available < enough {
            return wait(format!("{available} of {enough} (readyThreshold {threshold}%) updated replicas are available"), hopeful);
        }
        Ok(())
    }
}

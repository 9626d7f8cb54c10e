//! Reads the outcome of one Job, when somebody asks for it.
//! Never lists or watches Jobs, and never waits for a link that is down: an answer is of now, or there is none.

use serde::Deserialize;

use super::access::Asker;
use super::pages;
use super::shared::Gate;
use super::trouble::Trouble;
use crate::objects::{Condition, Time};
use crate::ports::checks::ReadJobs;
use crate::ports::write::Later;
use crate::release::acting::check::Job;
use crate::text::Clean;

/// A Job of `batch/v1`, cut down.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    spec: Spec,
    status: Status,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Spec {
    suspend: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    start_time: Option<Time>,
    conditions: Option<Vec<Condition>>,
}

impl From<Raw> for Job {
    fn from(raw: Raw) -> Self {
        let conditions = raw.status.conditions.unwrap_or_default();
        let is_true = |kind: &str| conditions.iter().find(|one| one.kind.as_str() == kind && one.status.as_str() == "True");
        // `FailureTarget` comes first, while its pods are still ending.
        let failed =
            is_true("Failed").or_else(|| is_true("FailureTarget")).map(|one| match (one.reason.is_empty(), one.message.is_empty()) {
                (false, false) => Clean::from(format!("{}: {}", one.reason, one.message)),
                (false, true) => one.reason.clone(),
                _ => one.message.clone(),
            });
        let is_complete = is_true("Complete").is_some();
        Self { started: raw.status.start_time, is_complete, failed, is_suspended: raw.spec.suspend.unwrap_or_default() }
    }
}

impl ReadJobs for Asker {
    fn job(&self, namespace: Clean, name: Clean) -> Later<Result<Option<Job>, Clean>> {
        let (asker, busy) = (self.clone(), self.busy());
        Box::pin(async move {
            let _busy = busy;
            let Gate::Up(session) = asker.gate() else { return Err("the link is down".into()) };
            let limit = asker.limit();
            let path = format!("/apis/batch/v1/namespaces/{}/jobs/{}", pages::escaped(&namespace), pages::escaped(&name));
            let read = match session.get(&path, true, limit).await {
                Ok(answer) => session.read::<Raw>(answer, limit).await,
                Err(trouble) => Err(trouble),
            };
            match read {
                Ok(raw) => Ok(Some(raw.into())),
                Err(Trouble::NotFound) => Ok(None),
                Err(Trouble::Forbidden(_)) => Err(Clean::from(format!("you may not get jobs.batch in {namespace}"))),
                Err(trouble) => Err(Clean::from(trouble.words())),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: serde_json::Value) -> Job {
        serde_json::from_value::<Raw>(json!({ "spec": {}, "status": status })).unwrap().into()
    }

    #[test]
    fn a_condition_counts_only_while_it_is_true() {
        assert!(read(json!({"conditions": [{"type": "Complete", "status": "True"}]})).is_complete);
        assert!(!read(json!({"conditions": [{"type": "Complete", "status": "False"}]})).is_complete);
        assert!(!read(json!({"conditions": [{"type": "SuccessCriteriaMet", "status": "True"}]})).is_complete);
        assert_eq!(read(json!({"conditions": null, "startTime": null})), Job::default());
        let failing =
            json!({"conditions": [{"type": "FailureTarget", "status": "True", "reason": "PodFailurePolicy", "message": "exit 42"}]});
        assert_eq!(read(failing).failed.as_deref(), Some("PodFailurePolicy: exit 42"));
    }
}

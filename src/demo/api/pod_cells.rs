//! The Ready, Status and Restarts cells of a pod (printPod in pkg/printers/internalversion/printers.go).
//! Never calls a pod Running because its phase says so while a container says otherwise.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::table::since;

fn containers<'a>(pod: &'a Value, field: &str) -> &'a [Value] {
    pod["status"][field].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// `ready/all`.
pub(super) fn ready(pod: &Value) -> String {
    let all = pod["spec"]["containers"].as_array().map_or(0, Vec::len);
    let ready = containers(pod, "containerStatuses").iter().filter(|status| status["ready"] == true && running(status)).count();
    format!("{ready}/{all}")
}

/// Restarts of all containers, and when the last was.
pub(super) fn restarts(pod: &Value, now: DateTime<Utc>) -> String {
    let statuses = containers(pod, "containerStatuses");
    let count: i64 = statuses.iter().filter_map(|status| status["restartCount"].as_i64()).sum();
    let last = statuses.iter().filter_map(|status| status["lastState"]["terminated"]["finishedAt"].as_str()).max();
    match last {
        Some(at) if count > 0 => format!("{count} ({} ago)", since(&Value::from(at), now)),
        _ => count.to_string(),
    }
}

/// The one word for how the pod is.
pub(super) fn status(pod: &Value) -> String {
    let mut word = pod["status"]["reason"].as_str().or(pod["status"]["phase"].as_str()).unwrap_or("Unknown").to_owned();
    let init = containers(pod, "initContainerStatuses");
    let total = pod["spec"]["initContainers"].as_array().map_or(0, Vec::len);
    let mut initializing = false;
    for (index, status) in init.iter().enumerate() {
        let state = &status["state"];
        if state["terminated"]["exitCode"] == 0 || status["started"] == true {
            continue;
        }
        word = match (ended(state), state["waiting"]["reason"].as_str()) {
            (Some(reason), _) => format!("Init:{reason}"),
            (None, Some(reason)) if reason != "PodInitializing" => format!("Init:{reason}"),
            _ => format!("Init:{index}/{total}"),
        };
        initializing = true;
        break;
    }
    if !initializing {
        let mut any_running = false;
        for status in containers(pod, "containerStatuses").iter().rev() {
            let state = &status["state"];
            if let Some(reason) = state["waiting"]["reason"].as_str().filter(|reason| !reason.is_empty()) {
                word = reason.to_owned();
            } else if let Some(reason) = ended(state) {
                word = reason;
            } else if status["ready"] == true && running(status) {
                any_running = true;
            }
        }
        if word == "Completed" && any_running {
            let conditions = containers(pod, "conditions");
            let ready = conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
            word = if ready { "Running" } else { "NotReady" }.to_owned();
        }
    }
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        let terminal = matches!(pod["status"]["phase"].as_str(), Some("Failed" | "Succeeded"));
        if pod["status"]["reason"] == "NodeLost" {
            word = "Unknown".into();
        } else if !terminal {
            word = "Terminating".into();
        }
    }
    word
}

fn running(status: &Value) -> bool {
    !status["state"]["running"].is_null()
}

/// Why a container ended, if it has.
fn ended(state: &Value) -> Option<String> {
    let ended = state.get("terminated").filter(|ended| ended.is_object())?;
    let reason = ended["reason"].as_str().filter(|reason| !reason.is_empty()).map(str::to_owned);
    Some(reason.unwrap_or_else(|| match ended["signal"].as_i64() {
        Some(signal) if signal != 0 => format!("Signal:{signal}"),
        _ => format!("ExitCode:{}", ended["exitCode"].as_i64().unwrap_or(0)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words() {
        let pod = |status: Value| json!({ "metadata": {}, "spec": { "containers": [{}] }, "status": status });
        let container =
            |state: Value| json!({ "phase": "Running", "containerStatuses": [{ "ready": false, "restartCount": 3, "state": state }] });
        assert_eq!(status(&pod(json!({ "phase": "Pending" }))), "Pending");
        assert_eq!(status(&pod(container(json!({ "waiting": { "reason": "CrashLoopBackOff" } })))), "CrashLoopBackOff");
        assert_eq!(status(&pod(container(json!({ "terminated": { "reason": "OOMKilled", "exitCode": 137 } })))), "OOMKilled");
        assert_eq!(status(&pod(container(json!({ "terminated": { "exitCode": 1 } })))), "ExitCode:1");
        let mut leaving = pod(container(json!({ "running": {} })));
        leaving["metadata"]["deletionTimestamp"] = json!("2026-11-21T02:43:00Z");
        assert_eq!(status(&leaving), "Terminating");
        assert_eq!(ready(&leaving), "0/1");
        assert_eq!(restarts(&leaving, crate::demo::clock::origin()), "3");
    }
}

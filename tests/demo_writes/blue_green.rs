//! Blue-green under promote, abort and undo.

use serde_json::{Value, json};

use crate::lab::{Lab, accepted, rollout_text};

const STRATEGY: &str = "services = [\"web-active\", \"web-preview\"]\n[workload.strategy.blueGreen]\nactiveService = \"web-active\"\npreviewService = \"web-preview\"\nautoPromotionEnabled = false\nscaleDownDelaySeconds = 60";

/// 2.0 waiting in preview.
async fn in_preview() -> Lab {
    let lab = Lab::rollout(&rollout_text("", STRATEGY, "")).await;
    lab.image("2.0").await;
    lab.until("Paused", "BlueGreenPause", -1).await;
    lab
}

async fn active(lab: &Lab) -> Value {
    let service = lab.at.user.get("/api/v1/namespaces/lab/services/web-active").await.body;
    service["spec"]["selector"]["rollouts-pod-template-hash"].clone()
}

fn hash(lab: &Lab, tag: &str) -> Value {
    lab.sets(tag)[0]["metadata"]["labels"]["rollouts-pod-template-hash"].clone()
}

fn undo(lab: &Lab, tag: &str) -> Value {
    let mut old = lab.sets(tag)[0]["spec"]["template"].clone();
    old["metadata"]["labels"].as_object_mut().unwrap().shift_remove("rollouts-pod-template-hash");
    json!([{ "op": "replace", "path": "/spec/template", "value": old }])
}

#[tokio::test]
async fn promoted_the_active_service_is_switched_and_the_old_pods_stay_for_the_delay() {
    let lab = in_preview().await;
    assert_eq!(active(&lab).await, hash(&lab, "1.0"));
    lab.promote().await;
    lab.at.run(100);
    assert_eq!(active(&lab).await, hash(&lab, "2.0"));
    lab.until("Healthy", "", -1).await;
    assert_eq!(lab.status().await["stableRS"], hash(&lab, "2.0"));
    lab.at.run(50_000);
    assert_eq!(lab.asked("1.0"), 4);
    lab.at.run(15_000);
    assert_eq!(lab.asked("1.0"), 0);
}

#[tokio::test]
async fn promoted_fully_it_is_switched_too_and_the_mark_is_gone_when_done() {
    let lab = in_preview().await;
    lab.set(json!({ "promoteFull": true })).await;
    lab.until("Healthy", "", -1).await;
    assert_eq!(active(&lab).await, hash(&lab, "2.0"));
    assert!(lab.status().await["promoteFull"] != true);
}

#[tokio::test]
async fn undone_before_the_switch_it_is_healthy_on_the_stable_version_at_once() {
    let lab = in_preview().await;
    accepted(lab.at.user.json_patch(&lab.path, undo(&lab, "1.0")).await);
    lab.at.run(100);
    assert_eq!(active(&lab).await, hash(&lab, "1.0"));
    lab.until("Healthy", "", -1).await;
}

#[tokio::test]
async fn undone_within_the_delay_it_is_switched_back_without_a_pause() {
    let lab = in_preview().await;
    lab.promote().await;
    lab.until("Healthy", "", -1).await;
    lab.at.run(1000);
    accepted(lab.at.user.json_patch(&lab.path, undo(&lab, "1.0")).await);
    lab.at.run(100);
    assert_eq!(active(&lab).await, hash(&lab, "1.0"), "its pods are still there");
    lab.until("Healthy", "", -1).await;
}

#[tokio::test]
async fn aborted_in_preview_the_active_service_stays_and_a_retry_waits_again() {
    let lab = in_preview().await;
    lab.set(json!({ "abort": true })).await;
    lab.until("Degraded", "RolloutAborted: Rollout aborted update to revision 2", -1).await;
    assert_eq!(active(&lab).await, hash(&lab, "1.0"));
    lab.at.run(40_000);
    assert_eq!(lab.asked("2.0"), 0, "the preview goes after the delay");
    lab.set(json!({ "abort": false })).await;
    lab.until("Paused", "BlueGreenPause", -1).await;
    assert_eq!(active(&lab).await, hash(&lab, "1.0"));
}

#[tokio::test]
async fn retried_while_its_aborted_pods_are_still_there_it_is_switched_without_a_pause() {
    let lab = in_preview().await;
    lab.set(json!({ "abort": true })).await;
    lab.until("Degraded", "RolloutAborted", -1).await;
    lab.at.run(5000);
    // The controller takes any version with a scale-down deadline for one that is rolled back to.
    lab.set(json!({ "abort": false })).await;
    lab.until("Healthy", "", -1).await;
    assert_eq!(active(&lab).await, hash(&lab, "2.0"));
}

#[tokio::test]
async fn promoted_while_paused_by_hand_it_waits_again_once_unpaused() {
    let lab = in_preview().await;
    lab.spec(json!({ "spec": { "paused": true } })).await;
    lab.until("Paused", "manually paused", -1).await;
    lab.promote().await;
    lab.at.run(50);
    assert_eq!(active(&lab).await, hash(&lab, "1.0"));
    lab.spec(json!({ "spec": { "paused": false } })).await;
    lab.until("Paused", "BlueGreenPause", -1).await;
    lab.promote().await;
    lab.until("Healthy", "", -1).await;
}

//! What the real controller makes of writes that were meant otherwise: each trap as it was recorded.

use serde_json::{Value, json};

use crate::lab::{Lab, canary};

const STEPS: &str = "{ setWeight = 25 }, { pause = { duration = \"1m\" } }, { setWeight = 50 }, { pause = { duration = \"1m\" } }, { setWeight = 75 }, { pause = {} }";

async fn begun() -> Lab {
    let lab = Lab::rollout(&canary(STEPS)).await;
    lab.image("2.0").await;
    lab
}

fn since(status: &Value) -> String {
    status["pauseConditions"][0]["startTime"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn promote_while_paused_by_hand_inside_a_pause_enters_it_again_with_a_fresh_start() {
    let lab = begun().await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    let first = since(&lab.status().await);
    lab.at.run(20_000);
    lab.spec(json!({ "spec": { "paused": true } })).await;
    lab.until("Paused", "manually paused", 1).await;
    // The plugin's two patches, one after the other, with the controller in between.
    lab.promote().await;
    lab.at.run(20);
    assert!(lab.status().await["controllerPause"] != true, "it forgets its own pause");
    lab.spec(json!({ "spec": { "paused": false } })).await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    let second = since(&lab.status().await);
    assert!(second > first, "{first} {second}");
    lab.at.run(50_000);
    assert_eq!(lab.line().await, json!(["Paused", "CanaryPauseStep", 1]), "the minute is waited for again");
    lab.promote().await;
    lab.until("Paused", "CanaryPauseStep", 3).await;
}

#[tokio::test]
async fn promote_while_paused_by_hand_in_a_running_weight_skips_it() {
    let lab = begun().await;
    lab.at.run(300);
    lab.spec(json!({ "spec": { "paused": true } })).await;
    lab.until("Paused", "manually paused", 0).await;
    lab.set(json!({ "pauseConditions": null, "currentStepIndex": 1 })).await;
    lab.spec(json!({ "spec": { "paused": false } })).await;
    lab.at.run(60);
    let status = lab.status().await;
    assert_eq!((&status["phase"], &status["currentStepIndex"]), (&json!("Paused"), &json!(1)));
    assert_eq!(status["updatedReplicas"], 1);
    let ready = lab.sets("2.0")[0]["status"]["readyReplicas"].as_i64().unwrap_or(0);
    assert_eq!(ready, 0, "the pause runs on nothing");
}

#[tokio::test]
async fn two_promotes_skip_the_weight_between_two_pauses() {
    let lab = begun().await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.promote().await;
    lab.at.run(100);
    assert_eq!(lab.status().await["currentStepIndex"], 2);
    // No pause is stored now, so the plugin writes the next index.
    lab.set(json!({ "pauseConditions": null, "currentStepIndex": 3 })).await;
    lab.at.run(100);
    assert_eq!(lab.line().await, json!(["Paused", "CanaryPauseStep", 3]));
    assert_eq!(lab.sets("2.0")[0]["status"]["availableReplicas"], 1, "the half was never waited for");
}

#[tokio::test]
async fn a_second_promote_before_the_controller_looked_swallows_a_step() {
    let lab = begun().await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.promote().await;
    lab.set(json!({ "pauseConditions": null, "currentStepIndex": 2 })).await;
    lab.at.run(100);
    let index = lab.status().await["currentStepIndex"].as_i64().unwrap();
    assert!(index >= 2, "{index}");
}

#[tokio::test]
async fn promote_on_an_aborted_rollout_is_taken_and_undone() {
    let lab = begun().await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.set(json!({ "abort": true })).await;
    lab.until("Degraded", "RolloutAborted", 0).await;
    let answer = lab.set(json!({ "pauseConditions": null, "currentStepIndex": 1 })).await;
    assert_eq!(answer["status"]["currentStepIndex"], 1, "the server takes it");
    lab.at.run(60);
    let status = lab.status().await;
    assert_eq!((&status["phase"], &status["currentStepIndex"], &status["abort"]), (&json!("Degraded"), &json!(0), &json!(true)));
}

#[tokio::test]
async fn promoted_fully_an_aborted_rollout_goes_to_the_bad_version_after_all() {
    let lab = begun().await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.set(json!({ "abort": true })).await;
    lab.until("Degraded", "RolloutAborted", 0).await;
    lab.set(json!({ "promoteFull": true })).await;
    lab.until("Healthy", "", 6).await;
    assert_eq!((lab.asked("1.0"), lab.asked("2.0")), (0, 4));
}

#[tokio::test]
async fn an_abort_while_promoted_fully_is_ignored() {
    let lab = begun().await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.set(json!({ "promoteFull": true })).await;
    lab.at.run(200);
    lab.set(json!({ "abort": true })).await;
    lab.until("Healthy", "", 6).await;
    assert_eq!(lab.asked("2.0"), 4);
}

#[tokio::test]
async fn full_promotion_asked_before_the_new_template_is_seen_does_nothing() {
    let lab = begun().await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    let old = lab.status().await["currentPodHash"].clone();
    lab.image("3.0").await;
    // Sent before the controller has looked at 3.0: its reset takes the mark away again.
    lab.set(json!({ "promoteFull": true })).await;
    assert_eq!(lab.status().await["currentPodHash"], old);
    lab.at.run(30_000);
    assert_eq!(lab.line().await, json!(["Paused", "CanaryPauseStep", 1]));
    assert!(lab.status().await["promoteFull"] != true);
    assert!(lab.asked("1.0") > 0);
}

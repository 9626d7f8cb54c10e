//! What a scenario may let go wrong around a write: a promote the controller misses, an answer or a request that is lost.

use serde_json::{Value, json};

use crate::embedded::MERGE;
use crate::lab::{Lab, canary, rollout_text};

const STEPS: &str = "{ setWeight = 25 }, { pause = {} }, { setWeight = 50 }, { pause = {} }";

/// 2.0 at its first pause, with these faults.
async fn paused(faults: &str) -> Lab {
    let lab = Lab::rollout(&format!("{}{faults}", canary(STEPS))).await;
    lab.image("2.0").await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.at.run(100);
    lab
}

#[tokio::test]
async fn one_promote_is_missed_until_something_else_is_written() {
    let lab = paused("[[controller-fault]]\nat = \"0s\"\nfor = \"10m\"\nkind = \"miss-promote\"\n").await;
    lab.promote().await;
    lab.at.run(60_000);
    let status = lab.status().await;
    assert_eq!((&status["phase"], &status["currentStepIndex"], &status["controllerPause"]), (&json!("Paused"), &json!(1), &json!(true)));
    assert!(status.get("pauseConditions").is_none(), "the server did what was asked");
    lab.promote().await;
    lab.at.run(60_000);
    assert_eq!(lab.status().await["currentStepIndex"], 1, "the same write again changes nothing, and nobody is told");
    lab.spec(json!({ "metadata": { "annotations": { "nudge": "1" } } })).await;
    lab.until("Paused", "CanaryPauseStep", 3).await;
    lab.at.run(100);
    lab.promote().await;
    lab.until("Healthy", "", 4).await;
}

#[tokio::test]
async fn a_controller_that_is_away_does_what_was_asked_when_it_is_back() {
    let lab = paused("[[controller-fault]]\nat = \"20s\"\nfor = \"1m\"\nkind = \"away\"\n").await;
    lab.at.cluster.advance_to(flightdeck::demo::clock::origin() + chrono::TimeDelta::seconds(20));
    lab.set(json!({ "abort": true })).await;
    lab.at.run(59_000);
    assert_eq!(lab.line().await, json!(["Paused", "CanaryPauseStep", 1]));
    lab.at.run(2000);
    assert_eq!(lab.status().await["phase"], "Degraded");
}

#[tokio::test]
async fn an_answer_is_lost_after_the_write_was_done_and_only_once() {
    let lab = paused("[[fault]]\nat = \"20s\"\nfor = \"10m\"\nkind = \"lose-answer\"\n").await;
    lab.at.run(20_000);
    let abort = json!({ "status": { "abort": true } });
    let dry = lab.at.user.merge(&format!("{}?dryRun=All", lab.status_path()), abort.clone()).await;
    assert_eq!(dry.code, 200, "a dry run is no write");
    let stale = json!({ "metadata": { "resourceVersion": "7" }, "status": { "abort": true } });
    assert_eq!(lab.at.user.merge(&lab.status_path(), stale).await.code, 409, "and neither is one that was refused");
    let other = lab.at.user("demo").await;
    let watch = other.get(&format!("{}?watch=true&timeoutSeconds=1", "/apis/argoproj.io/v1alpha1/namespaces/lab/rollouts")).await;
    assert_eq!(watch.code, 200);
    let lost = lab.at.user.send("PATCH", &lab.status_path(), MERGE, &abort).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(other.get(&lab.path).await.body["status"]["abort"], true, "done all the same, and the connections of others live on");
    let again = lab.at.user.merge(&lab.status_path(), json!({ "status": { "abort": false } })).await;
    assert_eq!(again.code, 200, "one answer only");
}

#[tokio::test]
async fn a_lost_request_changed_nothing() {
    let text = rollout_text(
        "",
        &format!("[workload.strategy.canary]\nsteps = [{STEPS}]"),
        "\n[[fault]]\nat = \"5s\"\nfor = \"10m\"\nkind = \"lose-request\"\n",
    );
    let lab = Lab::rollout(&text).await;
    lab.at.run(6000);
    let pause = json!({ "spec": { "paused": true } });
    let before = lab.get().await;
    let lost = lab.at.user.send("PATCH", &lab.path, MERGE, &pause).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(lab.get().await, before);
    assert_eq!(lab.spec(pause).await["spec"]["paused"], Value::Bool(true), "the next one arrives");
}

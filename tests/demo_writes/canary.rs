//! A canary under each write of the real tools, sent one by one, and what becomes of it.

use serde_json::{Value, json};

use crate::embedded::stamp;
use crate::lab::{Lab, WEB, accepted, canary, routed};

const STEPS: &str = "{ setWeight = 25 }, { pause = {} }, { setWeight = 50 }, { pause = { duration = \"1m\" } }, { setWeight = 75 }";

/// 2.0 at its first pause.
async fn paused() -> Lab {
    let lab = Lab::rollout(&canary(STEPS)).await;
    lab.image("2.0").await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.at.run(100);
    lab
}

#[tokio::test]
async fn a_new_image_goes_to_the_first_pause_and_a_promote_ends_it_in_steps() {
    let lab = paused().await;
    assert_eq!((lab.asked("1.0"), lab.asked("2.0")), (3, 1));
    lab.promote().await;
    assert_eq!(lab.line().await, json!(["Paused", "CanaryPauseStep", 1]), "the server has it; the controller has not looked yet");
    assert_eq!(lab.status().await["controllerPause"], true);
    lab.at.run(9);
    let gap = lab.status().await;
    assert_eq!((&gap["phase"], &gap["currentStepIndex"], &gap["controllerPause"]), (&json!("Progressing"), &json!(1), &json!(true)));
    lab.at.run(30);
    let after = lab.status().await;
    assert_eq!((&after["currentStepIndex"], after.get("controllerPause")), (&json!(2), None));
    lab.until("Paused", "CanaryPauseStep", 3).await;
    assert_eq!((lab.asked("1.0"), lab.asked("2.0")), (2, 2));
    // The timed pause ends by itself.
    lab.until("Healthy", "", 5).await;
    assert_eq!((lab.asked("1.0"), lab.asked("2.0")), (0, 4));
}

#[tokio::test]
async fn paused_by_hand_nothing_is_scaled_and_no_step_ends_until_it_is_unpaused() {
    let lab = Lab::rollout(&canary(STEPS)).await;
    lab.image("2.0").await;
    lab.at.run(200);
    lab.spec(json!({ "spec": { "paused": true } })).await;
    lab.until("Paused", "manually paused", 0).await;
    lab.at.run(60_000);
    assert_eq!(lab.line().await, json!(["Paused", "manually paused", 0]));
    lab.spec(json!({ "spec": { "paused": false } })).await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
}

#[tokio::test]
async fn the_next_index_written_leaves_a_running_step_before_it_is_done() {
    let lab = Lab::rollout(&canary(STEPS)).await;
    lab.image("2.0").await;
    lab.until("Progressing", "more replicas need to be updated", 0).await;
    lab.set(json!({ "pauseConditions": null, "currentStepIndex": 1 })).await;
    lab.at.run(100);
    assert_eq!(lab.line().await, json!(["Paused", "CanaryPauseStep", 1]), "the pause runs although the weight was never reached");
}

#[tokio::test]
async fn promoted_fully_the_index_is_at_the_end_at_once_and_the_mark_stays_until_all_is_done() {
    for by_hand in [false, true] {
        let lab = paused().await;
        if by_hand {
            lab.spec(json!({ "spec": { "paused": true } })).await;
            lab.until("Paused", "manually paused", 1).await;
        }
        lab.set(json!({ "promoteFull": true })).await;
        if by_hand {
            lab.at.run(5000);
            assert_eq!(lab.status().await["phase"], "Paused", "paused by hand it moves nothing");
            lab.spec(json!({ "spec": { "paused": false } })).await;
        }
        lab.at.run(60);
        let status = lab.status().await;
        assert_eq!((&status["currentStepIndex"], &status["promoteFull"]), (&json!(5), &json!(true)), "by hand: {by_hand}");
        assert!(status.get("pauseConditions").is_none() && status["stableRS"] != status["currentPodHash"]);
        let mut steps = 0;
        while lab.status().await["stableRS"] != lab.status().await["currentPodHash"] {
            assert_eq!(lab.status().await["promoteFull"], true, "until the last pod is there");
            lab.at.run(100);
            steps += 1;
            assert!(steps < 600, "{:#}", lab.status().await);
        }
        assert!(steps > 10, "one pod after another");
        lab.until("Healthy", "", 5).await;
        assert!(lab.status().await.get("promoteFull").is_none());
    }
}

#[tokio::test]
async fn aborted_it_is_back_at_the_start_and_stays_degraded_until_retried() {
    let lab = paused().await;
    lab.set(json!({ "abort": true })).await;
    lab.until("Degraded", "RolloutAborted: Rollout aborted update to revision 2", 0).await;
    let status = lab.status().await;
    assert!(status["abort"] == true && status["abortedAt"].is_string());
    lab.at.run(30_000);
    assert_eq!((lab.asked("1.0"), lab.asked("2.0")), (4, 0));
    assert_eq!(lab.get().await["spec"]["template"]["spec"]["containers"][0]["image"], format!("{WEB}:2.0"), "the spec still says 2.0");
    lab.set(json!({ "abort": false })).await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    let status = lab.status().await;
    assert_eq!(status["abort"], false, "false, not absent");
    assert!(status.get("abortedAt").is_none());
}

#[tokio::test]
async fn aborted_behind_a_router_the_weight_is_0_at_once_and_the_pods_go_after_the_delay() {
    let lab = Lab::rollout(&routed("{ setWeight = 50 }, { pause = {} }")).await;
    lab.image("2.0").await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    assert_eq!(lab.status().await["canary"]["weights"]["canary"]["weight"], 50);
    lab.set(json!({ "abort": true })).await;
    lab.at.run(60);
    assert_eq!(lab.status().await["canary"]["weights"]["canary"]["weight"], 0);
    let ingress = "/apis/networking.k8s.io/v1/namespaces/lab/ingresses/web-web-canary";
    let weight = lab.at.user.get(ingress).await.body["metadata"]["annotations"]["nginx.ingress.kubernetes.io/canary-weight"].clone();
    assert_eq!(weight, "0");
    lab.at.run(25_000);
    assert_eq!(lab.asked("2.0"), 2, "its pods stay for 30 s");
    lab.at.run(10_000);
    assert_eq!((lab.asked("1.0"), lab.asked("2.0")), (4, 0));
    assert_eq!(lab.status().await["phase"], "Degraded");
}

#[tokio::test]
async fn the_stable_template_again_skips_every_step() {
    for aborted in [false, true] {
        let lab = paused().await;
        if aborted {
            lab.set(json!({ "abort": true })).await;
            lab.until("Degraded", "RolloutAborted", 0).await;
        }
        let mut old = lab.sets("1.0")[0]["spec"]["template"].clone();
        old["metadata"]["labels"].as_object_mut().unwrap().shift_remove("rollouts-pod-template-hash");
        let undo = json!([{ "op": "replace", "path": "/spec/template", "value": old }]);
        accepted(lab.at.user.json_patch(&lab.path, undo).await);
        lab.at.run(60);
        assert_eq!(lab.status().await["currentStepIndex"], 5);
        lab.until("Healthy", "", 5).await;
        assert!(lab.status().await["abort"] != true);
        assert_eq!((lab.asked("1.0"), lab.asked("2.0")), (4, 0));
        assert_eq!(lab.get().await["metadata"]["annotations"]["rollout.argoproj.io/revision"], "3");
    }
}

#[tokio::test]
async fn another_template_in_the_middle_begins_at_the_first_step_and_forgets_abort_and_pauses() {
    let lab = paused().await;
    lab.promote().await;
    lab.until("Paused", "CanaryPauseStep", 3).await;
    lab.image("3.0").await;
    lab.at.run(40);
    let status = lab.status().await;
    assert_eq!((&status["currentStepIndex"], status.get("pauseConditions")), (&json!(0), None));
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.set(json!({ "abort": true })).await;
    lab.until("Degraded", "RolloutAborted", 0).await;
    lab.image("4.0").await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    assert_ne!(lab.status().await["abort"], true);
}

#[tokio::test]
async fn restarted_every_older_pod_is_replaced_and_the_moment_noted() {
    let lab = Lab::rollout(&canary(STEPS)).await;
    let names = || -> Vec<String> {
        lab.at.cluster.read(|sim| sim.store.list(flightdeck::demo::store::PODS, Some("lab")).map(|(key, _)| key.name.clone()).collect())
    };
    let before = names();
    let at = stamp(lab.at.cluster.now());
    lab.spec(json!({ "spec": { "restartAt": at } })).await;
    lab.at.run(20);
    let ready = |least: i64| {
        let available = lab.at.cluster.read(|sim| sim.store.get(&lab.key()).unwrap()["status"]["availableReplicas"].as_i64().unwrap_or(0));
        assert!(available >= least, "{available} available");
    };
    assert_eq!(lab.status().await["message"], "rollout is restarting");
    for _ in 0..300 {
        lab.at.run(100);
        ready(3);
    }
    assert_eq!(lab.status().await["restartedAt"], at.as_str());
    assert_eq!(lab.line().await, json!(["Healthy", null, 5]));
    let after = names();
    assert!(after.len() == 4 && after.iter().all(|name| !before.contains(name)), "{before:?} {after:?}");
    assert_eq!(lab.get().await["metadata"]["annotations"]["rollout.argoproj.io/revision"], "1", "the same revision");
}

#[tokio::test]
async fn a_step_analysis_told_to_stop_counts_as_passed() {
    let template = r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"AnalysisTemplate","metadata":{"name":"ok","namespace":"lab"},"spec":{"metrics":[{"name":"m","interval":"10s","count":100,"successCondition":"result > 0","provider":{"prometheus":{"address":"http://p","query":"1"}}}]}}"#;
    let strategy = "[workload.strategy.canary]\nsteps = [{ setWeight = 25 }, { analysis = { templates = [{ templateName = \"ok\" }] } }, { pause = {} }]";
    let write = format!("\n[[write]]\nat = \"-2h\"\ncreate = '{template}'\n");
    let lab = Lab::rollout(&crate::lab::rollout_text("", strategy, &write)).await;
    lab.image("2.0").await;
    lab.until("Progressing", "", 1).await;
    lab.at.run(200);
    let runs = lab.at.user.get("/apis/argoproj.io/v1alpha1/namespaces/lab/analysisruns").await.body;
    let name = runs["items"][0]["metadata"]["name"].as_str().unwrap().to_owned();
    let path = format!("/apis/argoproj.io/v1alpha1/namespaces/lab/analysisruns/{name}");
    accepted(lab.at.user.merge(&path, json!({ "spec": { "terminate": true } })).await);
    lab.until("Paused", "CanaryPauseStep", 2).await;
    let run = lab.at.user.get(&path).await.body;
    assert_eq!((&run["status"]["phase"], &run["status"]["message"]), (&json!("Successful"), &json!("Run Terminated")));
}

#[tokio::test]
async fn steps_changed_under_way_begin_anew() {
    let lab = paused().await;
    lab.promote().await;
    lab.until("Paused", "CanaryPauseStep", 3).await;
    let steps: Value = json!([{ "setWeight": 75 }, { "pause": {} }]);
    lab.spec(json!({ "spec": { "strategy": { "canary": { "steps": steps } } } })).await;
    lab.at.run(40);
    assert_eq!(lab.status().await["currentStepIndex"], 0);
    lab.until("Paused", "CanaryPauseStep", 1).await;
    assert_eq!(lab.asked("2.0"), 3);
}

//! How revisions ended, and which one is chosen: a table of states, each trap named.

use serde_json::json;

use crate::engines::history;
use crate::engines::tests::Scene;
use crate::objects::Kind;
use crate::release::acting::{History, Outcome};

fn read(scene: Scene) -> History {
    let (world, release) = scene.play();
    history(&world, &release).unwrap()
}

/// `r3 bad*`: number, how it ended, and whether it is in force; newest first.
fn told(history: &History) -> Vec<String> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Good(_) => "good",
        Outcome::Bad(_) => "bad",
        Outcome::Unknown(_) => "unknown",
    };
    history.revisions.iter().map(|r| format!("r{} {}{}", r.number, word(&r.outcome), if r.current { "*" } else { "" })).collect()
}

fn chosen(history: &History) -> Option<i64> {
    history.chosen.as_ref().map(|(number, _)| *number)
}

fn why(history: &History, number: i64) -> String {
    let revision = history.revisions.iter().find(|r| r.number == number).unwrap();
    let (Outcome::Good(why) | Outcome::Bad(why) | Outcome::Unknown(why)) = &revision.outcome;
    why.to_string()
}

#[test]
fn stable_r1_aborted_r2_running_r3_a_plain_undo_deploys_r2_and_ours_r1() {
    let history = read(Scene::rollout().revision(1, 5, 5).revision(2, 0, 0).revision(3, 1, 1).in_force(3).event(
        2,
        "RolloutAborted",
        "Rollout aborted update to revision 2: Metric \"errors\" assessed Failed",
    ));
    assert_eq!(told(&history), ["r3 unknown*", "r2 bad", "r1 good"]);
    assert_eq!(chosen(&history), Some(1));
    assert!(why(&history, 2).contains("Metric \"errors\" assessed Failed"));
    let (_, reason) = history.chosen.unwrap();
    assert!(reason.contains("it is the stable version") && reason.contains("passed over: r2"), "{reason}");
}

#[test]
fn without_any_event_the_aborted_one_is_unknown_and_stable_still_goes_first() {
    let history = read(Scene::rollout().revision(1, 5, 5).revision(2, 0, 0).revision(3, 1, 1).in_force(3));
    assert_eq!(told(&history), ["r3 unknown*", "r2 unknown", "r1 good"]);
    assert_eq!(chosen(&history), Some(1));
    assert!(
        why(&history, 2).contains("1 d passed before r3 came, which proves nothing") || why(&history, 2).contains("24 h"),
        "{}",
        why(&history, 2)
    );
}

#[test]
fn an_abort_that_holds_and_a_deadline_that_passed_are_bad() {
    let aborted = Scene::rollout().revision(1, 5, 5).revision(2, 0, 0).in_force(2).edit(|w| {
        w["status"]["abort"] = json!(true);
        w["status"]["phase"] = json!("Degraded");
        w["status"]["message"] = json!("RolloutAborted: Rollout aborted update to revision 2");
    });
    let history = read(aborted);
    assert_eq!(told(&history), ["r2 bad*", "r1 good"]);
    assert_eq!(why(&history, 2), "it was aborted: RolloutAborted: Rollout aborted update to revision 2");
    let stuck = Scene::rollout().revision(1, 5, 5).revision(2, 1, 0).in_force(2).edit(|w| {
        w["status"]["phase"] = json!("Degraded");
        w["status"]["message"] = json!("ProgressDeadlineExceeded: timed out");
    });
    assert_eq!(told(&read(stuck)), ["r2 bad*", "r1 good"]);
}

#[test]
fn the_newest_word_counts_an_aborted_revision_may_have_been_promoted_after_all() {
    let base = || {
        Scene::rollout().revision(1, 0, 0).revision(2, 0, 0).revision(3, 5, 5).in_force(3).edit(|w| w["status"]["stableRS"] = json!("h3"))
    };
    let abort = "Rollout aborted update to revision 2";
    let done = "Rollout completed update to revision 2 (h2): Completed all 3 canary steps";
    assert_eq!(
        told(&read(base().event(4, "RolloutAborted", abort).event(5, "RolloutCompleted", done))),
        ["r3 good*", "r2 good", "r1 unknown"]
    );
    assert_eq!(
        told(&read(base().event(5, "RolloutAborted", abort).event(4, "RolloutCompleted", done))),
        ["r3 good*", "r2 bad", "r1 unknown"]
    );
    let other = "Rollout completed update to revision 22 (h22): Completed all 3 canary steps";
    assert_eq!(told(&read(base().event(4, "RolloutCompleted", other))), ["r3 good*", "r2 unknown", "r1 unknown"], "22 is not 2");
}

#[test]
fn a_failed_analysis_makes_its_revision_bad() {
    let run = json!({"metadata": {"name": "checkout-h2-2", "namespace": "payments", "uid": "run", "annotations": {"rollout.argoproj.io/revision": "2"},
        "ownerReferences": [{"controller": true, "uid": "w"}]}, "status": {"phase": "Failed", "message": "Metric \"errors\" assessed Failed"}});
    let scene =
        Scene::rollout().revision(1, 0, 0).revision(2, 0, 0).revision(3, 5, 5).in_force(3).edit(|w| w["status"]["stableRS"] = json!("h3"));
    let history = read(scene.other(Kind::AnalysisRun, run));
    assert_eq!(told(&history), ["r3 good*", "r2 bad", "r1 unknown"]);
    assert_eq!(why(&history, 2), "its analysis checkout-h2-2 failed: Metric \"errors\" assessed Failed");
    assert_eq!(chosen(&history), Some(1), "not known to be good, but not known to be bad either");
    assert!(history.chosen.unwrap().1.starts_with("none is known to have been healthy"));
}

#[test]
fn a_revision_used_again_keeps_what_was_said_of_its_old_number() {
    let scene =
        Scene::rollout().revision(2, 0, 0).revision(3, 0, 0).revision(4, 5, 5).in_force(4).edit(|w| w["status"]["stableRS"] = json!("h4"));
    let scene = scene.set(3, |s| s["metadata"]["annotations"]["rollout.argoproj.io/revision-history"] = json!("1"));
    let history = read(scene.event(1, "RolloutCompleted", "Rollout completed update to revision 1 (h3): Initial deploy"));
    assert_eq!(told(&history), ["r4 good*", "r3 good", "r2 unknown"]);
}

#[test]
fn a_restart_with_the_same_images_is_not_going_back() {
    let restarted = |w: &mut serde_json::Value| {
        w["spec"]["template"]["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/restartedAt": "2026-11-03T10:00:00Z"});
    };
    let scene = Scene::deployment().revision(1, 0, 0).revision(2, 3, 3).revision(3, 3, 3).in_force(2).edit(restarted);
    let scene = scene.edit(|w| w["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("3")).set(3, |s| {
        s["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop:2");
        restarted(s);
    });
    let history = read(scene);
    assert_eq!(told(&history), ["r3 unknown*", "r2 good", "r1 unknown"]);
    assert_eq!(chosen(&history), Some(1), "r2 would only replace the pods once more");
}

#[test]
fn a_deployments_newest_is_what_the_controller_says_of_just_it() {
    let scene = |reason, about| Scene::deployment().revision(1, 5, 5).revision(2, 1, 0).in_force(2).progress(about, reason);
    assert_eq!(told(&read(scene("ProgressDeadlineExceeded", 2))), ["r2 bad*", "r1 good"]);
    assert_eq!(told(&read(scene("NewReplicaSetAvailable", 2))), ["r2 good*", "r1 good"]);
    assert_eq!(told(&read(scene("NewReplicaSetAvailable", 1))), ["r2 unknown*", "r1 good"], "the condition still speaks of r1");
    let unseen = scene("NewReplicaSetAvailable", 2).edit(|w| w["metadata"]["generation"] = json!(4));
    assert_eq!(told(&read(unseen)), ["r2 unknown*", "r1 good"], "the controller has not seen the newest spec");
}

#[test]
fn a_revision_that_older_pods_outlived_was_never_complete() {
    let history = read(Scene::deployment().revision(1, 4, 4).revision(2, 1, 1).revision(3, 1, 0).in_force(3));
    assert_eq!(told(&history), ["r3 unknown*", "r2 unknown", "r1 good"]);
    assert_eq!(why(&history, 2), "it was never complete: pods of r1 before it are still there");
    assert_eq!(chosen(&history), Some(1));
}

#[test]
fn an_event_tells_that_a_revision_took_over_unless_its_pods_failed() {
    let scene = || {
        let scene =
            Scene::deployment().revision(1, 0, 0).revision(2, 0, 0).revision(3, 6, 6).in_force(3).progress(3, "NewReplicaSetAvailable");
        scene.event(2, "ScalingReplicaSet", "(combined from similar events): Scaled down replica set checkout-h1 from 1 to 0")
    };
    let history = read(scene());
    assert_eq!(told(&history), ["r3 good*", "r2 good", "r1 unknown"]);
    assert_eq!(chosen(&history), Some(2));
    let failing = json!({"metadata": {"name": "f", "namespace": "payments", "uid": "f"}, "reason": "BackOff", "type": "Warning",
        "involvedObject": {"kind": "Pod", "name": "checkout-h2-abcde", "uid": "pod"}, "lastTimestamp": "2026-11-02T12:00:00Z"});
    assert_eq!(told(&read(scene().other(Kind::Event, failing))), ["r3 good*", "r2 unknown", "r1 unknown"]);
    let recreate = scene().edit(|w| w["spec"]["strategy"] = json!({"type": "Recreate"}));
    assert_eq!(told(&read(recreate)), ["r3 good*", "r2 unknown", "r1 unknown"], "Recreate lets the old ones go first");
}

#[test]
fn a_template_written_while_paused_has_no_revision_yet() {
    let scene = Scene::deployment().revision(1, 6, 6).edit(|w| {
        w["spec"]["paused"] = json!(true);
        w["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name": "A", "value": "1"}]);
    });
    let history = read(scene);
    assert_eq!(told(&history), ["r1 good"], "nothing of it is in force: what runs is what to go back to");
    assert_eq!(chosen(&history), Some(1));
}

#[test]
fn other_peoples_replica_sets_are_no_revisions() {
    let scene =
        Scene::rollout().revision(1, 5, 5).revision(2, 1, 1).set(2, |s| s["metadata"]["ownerReferences"][0]["uid"] = json!("experiment"));
    assert_eq!(told(&read(scene)), ["r1 good*"]);
}

#[test]
fn a_rollouts_template_without_the_servers_defaults_is_the_one_its_set_runs() {
    let scene = Scene::rollout().revision(1, 5, 5).revision(2, 0, 0).set(1, |s| {
        let spec = &mut s["spec"]["template"]["spec"];
        spec["restartPolicy"] = json!("Always");
        spec["containers"][0]["imagePullPolicy"] = json!("IfNotPresent");
    });
    let history = read(scene);
    assert_eq!(told(&history), ["r2 unknown", "r1 good*"]);
    assert!(history.revisions[1].diff.is_empty(), "{:?}", history.revisions[1].diff);
    assert_eq!(history.revisions[0].diff.len(), 1);
}

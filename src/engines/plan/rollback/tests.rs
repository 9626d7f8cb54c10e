//! Going back, state by state: the body, the words, what it rests on, and every refusal.

mod refusals;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::engines::plan;
use crate::engines::tests::Scene;
use crate::objects::Kind;
use crate::release::acting::{Change, Confirm, Goal, Intent, PatchKind, Premise, Refusal, RollBack, Verb};

fn back(scene: Scene, to: Option<i64>, at_once: bool) -> Result<Change, Refusal> {
    let (world, release) = scene.play();
    plan(&world, &release, &Intent::RollBack(RollBack { to, at_once }))
}

fn refused(scene: Scene, to: Option<i64>) -> String {
    let refusal = back(scene, to, false).unwrap_err();
    assert_eq!(refusal.asked, Verb::RollBack);
    format!("{} {}", refusal.why, refusal.instead)
}

/// Revision `n` as it is sent: without the hash label.
fn sent(number: i64) -> Value {
    json!({"metadata": {"labels": {"app": "checkout"}},
        "spec": {"containers": [{"name": "app", "image": format!("shop:{number}")}, {"name": "proxy", "image": "proxy:1"}]}})
}

fn cause(number: i64) -> Value {
    json!({"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": format!("flightdeck: roll back to revision {number}")})
}

fn canary() -> Scene {
    Scene::rollout().revision(1, 4, 4).revision(2, 1, 1).in_force(2).edit(|w| {
        w["status"]["currentStepIndex"] = json!(1);
        w["status"]["phase"] = json!("Paused");
    })
}

/// r1 was completed, r2 is stable and in force.
fn calm() -> Scene {
    let scene = Scene::rollout().revision(1, 0, 0).revision(2, 5, 5).in_force(2).edit(|w| w["status"]["stableRS"] = json!("h2"));
    scene.event(1, "RolloutCompleted", "Rollout completed update to revision 1 (h1): Initial deploy")
}

fn deployment() -> Scene {
    Scene::deployment().revision(1, 6, 6).revision(2, 1, 0).in_force(2).edit(|w| w["status"]["replicas"] = json!(7))
}

#[test]
fn back_to_stable_is_one_write_and_takes_no_steps() {
    let change = back(canary(), None, false).unwrap();
    assert_eq!(
        change.effect,
        "Ends the update: r2 (2) goes from 20 % to 0 %, and r1 (1), the stable version, serves everything, without steps or analyses."
    );
    let write = change.first_write().unwrap();
    assert_eq!(
        (write.kind, write.patch, write.subresource, write.place().as_str()),
        (Kind::Rollout, PatchKind::Json, "", "rollouts/checkout")
    );
    assert_eq!(write.body, json!([{"op": "replace", "path": "/spec/template", "value": sent(1)}, cause(1)]));
    assert_eq!(change.confirm, Confirm::Key, "towards safety is quick");
    assert_eq!((change.exposed.before, change.exposed.after), (Some(0.2), Some(0.0)));
    assert_eq!(change.stages[0].goal, Goal::Releasing("h1".into()));
    assert_eq!(change.stages[1].goal, Goal::All(vec![Goal::Releasing("h1".into()), Goal::Promoted]));
    let premises = [
        Premise::Uid("w".into()),
        Premise::Template("w".into(), 3),
        Premise::Releasing("h2".into()),
        Premise::Stable("h1".into()),
        Premise::PausedByHand(false),
    ];
    assert_eq!(change.stages[0].premises, premises);
    assert_eq!(change.stages[1].patience, TimeDelta::seconds(90));
    assert!(change.diff.iter().any(|d| d.place == "app image"), "{:?}", change.diff);
}

#[test]
fn to_an_older_one_every_step_runs_again_unless_it_is_within_the_window() {
    let change = back(calm(), None, false).unwrap();
    assert_eq!(change.effect, "Starts r1 (1) like a new release: all 3 steps and their analyses run again while r2 (2) serves the rest.");
    assert_eq!(change.stages.len(), 1, "its steps may take days: it has begun, and that is what is waited for");
    assert_eq!((change.exposed.before, change.exposed.after), (Some(1.0), None));
    let window = |n: i64| calm().edit(|w| w["spec"]["rollbackWindow"] = json!({"revisions": n}));
    let change = back(window(1), None, false).unwrap();
    assert_eq!(change.effect, "r1 (1) goes to 100 % without steps or analyses: it lies within the rollback window of 1 revision.");
    assert_eq!((change.stages.len(), change.exposed.after), (2, Some(0.0)));
    let far = |n: i64| {
        let scene = Scene::rollout().revision(1, 0, 0).revision(2, 0, 0).revision(3, 5, 5).in_force(3);
        scene.edit(|w| {
            w["status"]["stableRS"] = json!("h3");
            w["spec"]["rollbackWindow"] = json!({"revisions": n});
        })
    };
    assert!(back(far(1), Some(1), false).unwrap().effect.contains("all 3 steps"), "r2 lies between");
    assert!(back(far(2), Some(1), false).unwrap().effect.contains("within the rollback window"));
}

#[test]
fn blue_green_switches_back_at_once_while_the_pods_are_kept() {
    let scene = |deadline: Option<&str>, pods: i64| {
        let scene = calm().edit(|w| {
            w["spec"]["strategy"] = json!({"blueGreen": {"activeService": "a", "previewService": "p"}});
            w["status"]["blueGreen"] = json!({"activeSelector": "h2"});
        });
        scene.set(1, |s| {
            s["spec"]["replicas"] = json!(pods);
            s["status"] = json!({"replicas": pods, "availableReplicas": pods});
            if let Some(deadline) = deadline {
                s["metadata"]["annotations"]["scale-down-deadline"] = json!(deadline);
            }
        })
    };
    let warm = back(scene(Some("2026-11-02T12:00:00Z"), 5), None, false).unwrap();
    assert_eq!(warm.effect, "Switches back to r1 (1) at once, without pauses or analyses: its pods are still there.");
    assert!(warm.risks.iter().any(|r| r.contains("may go before")), "{:?}", warm.risks);
    let gone = back(scene(None, 0), None, false).unwrap();
    assert_eq!(
        gone.effect,
        "Starts r1 (1) like a new release, behind the preview first: every pause and analysis runs again while r2 (2) serves."
    );
}

#[test]
fn the_emergency_form_promotes_only_what_the_controller_has_taken_in() {
    let change = back(calm(), None, true).unwrap();
    assert_eq!(change.effect, "Puts r1 (1) back and promotes it fully: 100 % in one move, without steps or analyses.");
    assert_eq!(change.confirm, Confirm::Key, "confirmed as a roll back");
    let names: Vec<&str> = change.stages.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["put the template of r1 back", "promote it fully"]);
    let promote = change.stages[1].write.as_ref().unwrap();
    assert_eq!((promote.subresource, promote.patch), ("status", PatchKind::Merge));
    assert_eq!(promote.body, json!({"status": {"promoteFull": true}}));
    assert_eq!(change.stages[0].goal, Goal::Releasing("h1".into()), "not before the new hash is seen: it would promote the bad version");
    assert!(change.stages[1].premises.contains(&Premise::Releasing("h1".into())));
    assert!(change.stages[1].premises.contains(&Premise::Observed));
    let stable = back(canary(), None, true).unwrap();
    assert!(stable.stages.iter().filter(|s| s.write.is_some()).count() == 1, "back to stable there is nothing to promote");
    let refusal = back(deployment(), None, true).unwrap_err();
    assert_eq!(refusal.why, "A Deployment has no steps that could be left out.");
}

#[test]
fn a_deployment_paused_mid_roll_goes_back_in_one_write() {
    let change = back(deployment().edit(|w| w["spec"]["paused"] = json!(true)), None, false).unwrap();
    assert_eq!(
        change.first_write().unwrap().body,
        json!([
            {"op": "replace", "path": "/spec/template", "value": sent(1)},
            {"op": "add", "path": "/spec/paused", "value": false},
            cause(1),
        ])
    );
    assert!(change.notes[0].contains("paused by hand"), "{:?}", change.notes);
    assert!(change.stages[0].premises.contains(&Premise::PausedByHand(true)));
    assert_eq!(change.effect, "Replaces r2 (2) by r1 (1) pod by pod: at most 1 pod more than wanted, none missing.");
    assert_eq!(change.stages[1].goal, Goal::All(vec![Goal::Releasing("h1".into()), Goal::Promoted]));
    let plain = back(deployment(), None, false).unwrap();
    assert_eq!(plain.first_write().unwrap().body, json!([{"op": "replace", "path": "/spec/template", "value": sent(1)}, cause(1)]));
    let recreate = back(deployment().edit(|w| w["spec"]["strategy"] = json!({"type": "Recreate"})), None, false).unwrap();
    assert_eq!(recreate.effect, "Stops every pod, then starts r1 (1): nothing is served in between.");
}

#[test]
fn a_rollout_paused_by_hand_would_not_move_and_is_unpaused_by_the_same_write() {
    let change = back(canary().edit(|w| w["spec"]["paused"] = json!(true)), None, false).unwrap();
    assert_eq!(change.first_write().unwrap().body[1], json!({"op": "add", "path": "/spec/paused", "value": false}));
    assert!(change.notes.iter().any(|n| n.contains("paused no pod would move")), "{:?}", change.notes);
}

/// The Rollout takes its template from a Deployment.
fn referenced(paused: bool) -> Scene {
    let mut scene = canary();
    let template = scene.workload["spec"]["template"].take();
    scene.workload["spec"]["workloadRef"] = json!({"kind": "Deployment", "name": "catalog"});
    scene.workload["spec"]["paused"] = json!(paused);
    scene.referenced =
        Some(json!({"metadata": {"name": "catalog", "namespace": "payments", "uid": "d", "resourceVersion": "3", "generation": 9,
        "annotations": {"deployment.kubernetes.io/revision": "2"}}, "spec": {"replicas": 0, "template": template}}));
    scene
}

#[test]
fn behind_a_workload_ref_the_deployment_is_written_and_a_pause_ends_after_it() {
    let change = back(referenced(true), None, false).unwrap();
    let write = change.first_write().unwrap();
    assert_eq!((write.kind, write.name.as_str(), write.uid.0.as_ref()), (Kind::Deployment, "catalog", "d"));
    assert_eq!(
        write.body,
        json!([{"op": "replace", "path": "/spec/template", "value": sent(1)}, cause(1)]),
        "the Deployment is not paused"
    );
    assert!(change.stages[0].premises.contains(&Premise::Template("d".into(), 9)));
    let unpause = &change.stages[1];
    assert_eq!(unpause.write.as_ref().unwrap().body, json!({"spec": {"paused": false}}));
    assert_eq!(unpause.write.as_ref().unwrap().place(), "rollouts/checkout");
    assert!(unpause.premises.contains(&Premise::Releasing("h1".into())), "never before the old template is seen");
}

#[test]
fn annotations_of_others_are_kept_and_made_where_there_are_none() {
    let bare = deployment().edit(|w| {
        w["metadata"].as_object_mut().unwrap().remove("annotations");
    });
    let bare = bare.set(2, |s| s["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "2"}));
    let body = back(bare, None, false).unwrap().first_write().unwrap().body.clone();
    assert_eq!(
        body[1],
        json!({"op": "add", "path": "/metadata/annotations", "value": {"kubernetes.io/change-cause": "flightdeck: roll back to revision 1"}})
    );
    let other = deployment().edit(|w| w["metadata"]["annotations"] = json!({"team/note": "kept"}));
    assert_eq!(back(other, None, false).unwrap().first_write().unwrap().body[1], cause(1));
}

#[test]
fn what_git_will_put_back_what_was_declared_unsafe_and_what_is_not_known_good_ask_for_the_name() {
    let asked = |scene: Scene, to: Option<i64>| match back(scene, to, false).unwrap().confirm {
        Confirm::Typed(why) => why.to_string(),
        Confirm::Key => String::new(),
    };
    let git =
        |w: &mut Value| w["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = json!("shop:apps/Deployment:payments/checkout");
    assert_eq!(
        asked(deployment().edit(git), None),
        "Argo CD application shop writes this spec from Git and will put it back: change it there too."
    );
    assert!(back(deployment().edit(git), None, false).unwrap().undone_by.is_some());
    let unsafe_back = |w: &mut Value| w["metadata"]["annotations"]["flightdeck.dev/rollback-unsafe"] = json!("the schema was contracted");
    let change = back(deployment().edit(unsafe_back), None, false).unwrap();
    assert_eq!(change.risks[0], "Going back was declared unsafe on this workload: the schema was contracted");
    assert_eq!(change.confirm, Confirm::Typed("Going back was declared unsafe on this workload: the schema was contracted".into()));
    let unknown = || Scene::deployment().revision(1, 0, 0).revision(2, 6, 6).in_force(2);
    assert!(asked(unknown(), None).starts_with("Whether r1 (1) was ever healthy is not known: nothing left tells"));
    assert_eq!(asked(unknown(), Some(1)), "", "chosen by hand off the list");
    assert!(back(unknown(), Some(1), false).unwrap().risks[0].contains("is not known"));
    let bad = canary().revision(3, 1, 1).in_force(3).event(2, "RolloutAborted", "Rollout aborted update to revision 2");
    assert!(asked(bad, Some(2)).starts_with("r2 (2) is known to be bad: it was aborted, as an event tells"));
}

#[test]
fn who_will_write_it_again_later_is_a_risk() {
    let risks = |annotation: &str, value: &str| {
        let change = back(deployment().edit(|w| w["metadata"]["annotations"][annotation] = json!(value)), None, false).unwrap();
        change.risks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert!(risks("meta.helm.sh/release-name", "shop").contains("next upgrade of Helm release shop"));
    assert!(risks("kubectl.kubernetes.io/last-applied-configuration", "{}").contains("next kubectl apply"));
    assert!(risks("x", "y").contains("ConfigMaps, Secrets"));
}

#[test]
fn where_stable_shrank_traffic_goes_back_no_faster_than_its_pods_come() {
    let risks = |dynamic: bool| {
        back(canary().edit(|w| w["spec"]["strategy"]["canary"]["dynamicStableScale"] = json!(dynamic)), None, false).unwrap().risks
    };
    assert!(risks(true)[0].contains("only as they come back"));
    assert!(!risks(false)[0].contains("only as they come back"));
}

#[test]
fn behind_a_workload_ref_the_owner_and_the_warning_of_the_deployment_count_too() {
    let mut scene = referenced(false);
    let annotations = &mut scene.referenced.as_mut().unwrap()["metadata"]["annotations"];
    annotations["argocd.argoproj.io/tracking-id"] = json!("catalog:apps/Deployment:payments/catalog");
    annotations["flightdeck.dev/rollback-unsafe"] = json!("the schema was contracted");
    let change = back(scene, None, false).unwrap();
    assert!(
        matches!(&change.confirm, Confirm::Typed(why) if why.contains("schema") && why.contains("Argo CD application catalog")),
        "{:?}",
        change.confirm
    );
}

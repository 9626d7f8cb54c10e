//! Every refusal of going back, with what works instead.

use serde_json::json;

use super::{canary, deployment, referenced, refused};
use crate::engines::plan;
use crate::engines::tests::Scene;
use crate::release::acting::{Intent, RollBack};

#[test]
fn every_refusal_says_what_works() {
    assert_eq!(
        refused(canary().unread(), None),
        "The revisions are being read. Ask again in a moment. Abort takes traffic off the new version."
    );
    assert_eq!(refused(deployment().unread(), None), "The revisions are being read. Ask again in a moment. Pause stops it where it is.");
    assert_eq!(refused(deployment(), Some(9)), "There is no revision 9. Revisions to go back to: r1.");
    assert_eq!(
        refused(deployment(), Some(2)),
        "The pod template of r2 is in force already. Restart replaces its pods; another revision can be chosen from the list."
    );
    assert_eq!(
        refused(Scene::deployment().revision(1, 6, 6), None),
        "There is no older revision. Set the image of the version that is wanted. Pause stops it where it is."
    );
    let none_kept = Scene::deployment().revision(1, 6, 6).edit(|w| w["spec"]["revisionHistoryLimit"] = json!(0));
    assert!(refused(none_kept, None).starts_with("No older revision is kept: its revisionHistoryLimit is 0."));
    let bad = Scene::rollout().revision(1, 0, 0).revision(2, 5, 5).in_force(2).edit(|w| w["status"]["stableRS"] = json!("h2"));
    assert!(
        refused(bad.event(1, "RolloutAborted", "Rollout aborted update to revision 1"), None)
            .starts_with("Every older revision that is left is known to be bad. One of them can be chosen all the same: r1.")
    );
    let mut lost = referenced(false);
    lost.referenced = None;
    assert!(refused(lost, None).contains("its workloadRef names"));
}

#[test]
fn a_restarted_revision_is_no_target_even_when_it_is_named() {
    let at = json!({"kubectl.kubernetes.io/restartedAt": "2026-11-02T10:00:00Z"});
    let scene = Scene::deployment().revision(1, 3, 3).revision(2, 3, 3).in_force(1);
    let scene = scene.edit(|w| {
        w["spec"]["template"]["metadata"]["annotations"] = at.clone();
        w["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("2");
    });
    let scene = scene.set(2, |s| {
        s["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop:1");
        s["spec"]["template"]["metadata"]["annotations"] = at.clone();
    });
    assert!(refused(scene, Some(1)).starts_with("r1 has the pod template that is in force: its pods were only restarted since."));
}

#[test]
fn revisions_read_before_the_last_change_are_not_used() {
    let (mut world, _) = deployment().play();
    let (newer, release) = deployment().edit(|w| w["metadata"]["generation"] = json!(4)).play();
    let old = world.history(&release.key).unwrap().clone();
    world = newer;
    world.remember_history(old);
    let refusal = plan(&world, &release, &Intent::RollBack(RollBack::default())).unwrap_err();
    assert_eq!(refusal.why, "The revisions are being read.");
}

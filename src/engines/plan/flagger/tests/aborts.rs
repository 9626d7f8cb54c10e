//! Aborts: each way in which Flagger can be brought to look at its failed checks, and where it never does.

use serde_json::{Value, json};

use super::scene::{Scene, said, sent};
use crate::release::acting::{Confirm, Goal, Intent, Premise};

const BODY: &str = "canaries/billing";

fn status() -> (String, Value) {
    (format!("{BODY}/status"), json!({"status": {"failedChecks": 2}}))
}

fn spec(body: Value) -> (String, Value) {
    (BODY.to_owned(), json!({"spec": body}))
}

#[test]
fn with_its_pods_ready_one_write_is_enough_and_the_next_look_does_it() {
    let change = Scene::levers(31_950).plan(&Intent::Abort).unwrap();
    assert_eq!(sent(&change), [status()]);
    assert_eq!((change.exposed.before, change.exposed.after), (Some(0.1), Some(0.0)));
    assert!(change.effect.starts_with("At its next look (every 10 s) Flagger fails"), "{}", change.effect);
    assert_eq!(change.confirm, Confirm::Key);
    // What the real one made of just this write.
    let goal = &change.stages[0].goal;
    assert!(!goal.met(&Scene::levers(31_998).release()), "the count alone takes nothing away");
    assert!(goal.met(&Scene::levers(42_122).release()));
    let patience = change.stages[0].patience.num_seconds();
    assert!((20..=60).contains(&patience), "a look comes up to an interval late: {patience}");
}

#[test]
fn a_threshold_of_nothing_counts_as_one() {
    let scene = Scene::levers(31_950).canary(|canary| canary["spec"]["analysis"]["threshold"] = json!(0));
    assert_eq!(sent(&scene.plan(&Intent::Abort).unwrap())[0].1, json!({"status": {"failedChecks": 1}}));
}

#[test]
fn suspended_the_checks_are_written_first_and_only_then_the_suspension_ends() {
    let scene = Scene::levers(31_950).suspended();
    let change = scene.plan(&Intent::Abort).unwrap();
    assert_eq!(sent(&change), [status(), spec(json!({"suspend": null}))]);
    assert!(said(&change).contains("the first look after it fails it and takes no step"), "{}", said(&change));
    let second = &change.stages[1];
    assert!(second.premises.contains(&Premise::AbortAsked) && second.premises.contains(&Premise::PausedByHand(true)));
    let before = scene.release();
    assert!(!change.stages[0].goal.met(&before) && second.premises.iter().any(|premise| !premise.holds(&before)), "never resumed first");
    let written = scene.canary(|canary| canary["status"]["failedChecks"] = json!(2)).release();
    assert!(change.stages[0].goal.met(&written) && second.premises.iter().all(|premise| premise.holds(&written)));
    assert!(!second.goal.met(&written));
}

#[test]
fn with_pods_that_are_not_ready_the_threshold_is_lowered_for_one_look_and_put_back() {
    let change = Scene::levers(56_000).plan(&Intent::Abort).unwrap();
    let lowered = spec(json!({"analysis": {"canaryReadyThreshold": 0}}));
    assert_eq!(sent(&change), [status(), lowered, spec(json!({"analysis": {"canaryReadyThreshold": null}}))]);
    let stages = &change.stages;
    // The real one, write by write.
    let moments: Vec<_> = [56_235, 56_300, 62_000, 62_096].into_iter().map(|at| Scene::levers(at).release()).collect();
    assert!(stages[0].goal.met(&moments[0]) && stages[1].premises.iter().all(|premise| premise.holds(&moments[0])));
    assert!(!stages[1].goal.met(&moments[1]) && stages[1].goal.met(&moments[2]));
    assert!(!stages[2].goal.met(&moments[2]), "failed, and still lowered: the third write goes out");
    assert!(stages[2].premises.iter().all(|premise| premise.holds(&moments[2])) && stages[2].goal.met(&moments[3]));
    let named = Scene::levers(56_000).canary(|canary| canary["spec"]["analysis"]["canaryReadyThreshold"] = json!(80));
    let change = named.plan(&Intent::Abort).unwrap();
    assert_eq!(sent(&change)[2], spec(json!({"analysis": {"canaryReadyThreshold": 80}})), "back to what it was");
    assert_eq!(change.stages[2].goal, Goal::ReadyThreshold(Some(80)));
}

#[test]
fn suspended_and_not_ready_both_end_in_one_write() {
    let change = Scene::levers(56_000).suspended().plan(&Intent::Abort).unwrap();
    let second = spec(json!({"suspend": null, "analysis": {"canaryReadyThreshold": 0}}));
    assert_eq!(sent(&change), [status(), second, spec(json!({"analysis": {"canaryReadyThreshold": null}}))]);
}

#[test]
fn it_works_at_the_promotion_gate_whatever_the_status_says_of_the_weight() {
    let change = Scene::gates(71_700).plan(&Intent::Abort).unwrap();
    assert_eq!(change.exposed.before, Some(0.4), "the route says what reaches it, the status 0");
    assert_eq!(change.stages.len(), 1);
}

#[test]
fn what_could_keep_it_from_working_is_said() {
    let pods = |count: i64| move |deployment: &mut Value| deployment["status"]["availableReplicas"] = json!(count);
    let primary = Scene::levers(31_950).primary(pods(1)).plan(&Intent::Abort).unwrap();
    assert!(said(&primary).contains("The primary is not ready (1 of 2 pods are available): Flagger does nothing"), "{}", said(&primary));
    let few = Scene::levers(31_950).target(|target| target["status"]["updatedReplicas"] = json!(1)).plan(&Intent::Abort).unwrap();
    assert!(said(&few).contains("1 of 2 pods are of its newest template: if nothing moves"), "{}", said(&few));
    let shrunk = Scene::levers(31_950).primary(|primary| {
        primary["spec"]["replicas"] = json!(1);
        primary["status"] =
            json!({"observedGeneration": 99, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1});
    });
    assert!(said(&shrunk.plan(&Intent::Abort).unwrap()).contains("takes all traffic at once with 1 ready, where the new version has 2"));
}

#[test]
fn where_failed_checks_are_not_looked_at_it_is_refused_with_what_works() {
    assert!(Scene::gates(21_900).refused(&Intent::Abort).starts_with("It waits before its first pod: nobody gets it"));
    assert!(Scene::gates(95_000).refused(&Intent::Abort).contains("failed checks are not looked at any more"));
    assert!(Scene::gates(105_000).refused(&Intent::Abort).contains("failed checks are not looked at any more"));
    assert!(Scene::levers(41_980).refused(&Intent::Abort).starts_with("It has failed already"));
    assert!(Scene::levers(12_000).refused(&Intent::Abort).starts_with("Nothing is being released."));
    let asked = Scene::levers(31_950).canary(|canary| canary["status"]["failedChecks"] = json!(2));
    assert!(
        asked.refused(&Intent::Abort).starts_with("Its failed checks have reached the threshold already."),
        "a second press sends nothing"
    );
}

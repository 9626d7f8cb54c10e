//! Traps on the way back and beside it: abort, pause, the switch, an analysis ended early, and who undoes what.

use flightdeck::release::acting::{Confirm, Goal, Intent, Verb};
use serde_json::{Value, json};

use crate::state::State;
use crate::table::sent;
use crate::traps::{all, by_hand};

#[test]
fn abort_says_that_the_spec_still_names_the_bad_version() {
    for (life, at, version) in
        [("argo-canary-life", 3_816, "1.5.0"), ("argo-routed-life", 16_471, "7.1.0"), ("argo-blue-green-life", 11_594, "5.1.0")]
    {
        let text = all(&State::at(life, at).plan(&Intent::Abort).unwrap());
        assert!(text.contains(&format!("The spec still names {version}: retry, or any edit, sends it out again. Roll back")), "{text}");
    }
}

#[test]
fn what_an_abort_does_to_traffic_differs_and_so_does_the_wait() {
    let plan = |life, at| State::at(life, at).plan(&Intent::Abort).unwrap();
    let basic = plan("argo-canary-double-promote", 64_653);
    assert!(basic.effect.contains("a few at a time"), "{}", basic.effect);
    assert_eq!(basic.stages.len(), 2, "pods take longer than the controller's reaction");
    assert!(basic.stages[0].patience.num_seconds() == 30 && basic.stages[1].patience.num_seconds() > 60);
    assert!(basic.stages[1].write.is_none());
    let routed = plan("argo-routed-life", 16_471);
    assert!(routed.effect.contains("at once: 60 % of requests → 0 %"), "{}", routed.effect);
    assert_eq!((routed.stages.len(), routed.stages[0].patience.num_seconds()), (1, 30));
    assert!(all(&routed).contains("stay for another 12 s"), "{}", all(&routed));
    let preview = plan("argo-blue-green-life", 11_594);
    assert!(preview.effect.contains("All traffic stays with 5.0.0"), "{}", preview.effect);
    let switched = plan("argo-blue-green-life", 26_466);
    assert!(switched.effect.contains("goes back from 5.1.0 to 5.0.0: 100 % of requests → 0 %"), "{}", switched.effect);
    let mut dynamic = State::at("argo-routed-life", 16_471);
    dynamic.rollout(|rollout| rollout["spec"]["strategy"]["canary"]["dynamicStableScale"] = json!(true));
    let dynamic = dynamic.plan(&Intent::Abort).unwrap();
    assert!(dynamic.effect.contains("step by step, backwards"), "{}", dynamic.effect);
    assert_eq!(dynamic.stages.len(), 2);
}

/// Held by hand, ReplicaSets are not scaled and no Service is switched, after an abort too: aborted, and the traffic stays.
#[test]
fn an_abort_under_a_pause_by_hand_ends_that_pause_once_it_is_aborted() {
    let held = State::at("argo-canary-life", 30_556).plan(&Intent::Abort).unwrap();
    let expected = [
        ("rollouts/checkout/status".to_owned(), json!({"status": {"abort": true}})),
        ("rollouts/checkout".to_owned(), json!({"spec": {"paused": false}})),
    ];
    assert_eq!(sent(&held), expected, "the abort first: nothing may go forward in between");
    let mut switched = State::at("argo-blue-green-life", 26_466);
    assert_eq!(sent(&by_hand(&mut switched).plan(&Intent::Abort).unwrap()).len(), 2);
    let mut routed = State::at("argo-routed-life", 16_471);
    let routed = by_hand(&mut routed).plan(&Intent::Abort).unwrap();
    assert_eq!(sent(&routed).len(), 1, "weights are written whatever is paused");
    assert!(all(&routed).contains("stays paused by hand"), "{}", all(&routed));
}

#[test]
fn an_abort_after_promote_fully_says_that_it_may_be_ignored() {
    let change = State::at("argo-routed-life", 37_174).plan(&Intent::Abort).unwrap();
    assert!(all(&change).contains("may ignore an abort until the new pods are available. If it does, roll back"), "{}", all(&change));
}

#[test]
fn an_abort_says_when_the_old_version_can_not_take_the_traffic() {
    let mut state = State::at("argo-routed-life", 16_471);
    let stable = state.release().control.stable_hash;
    state.version(&stable, |set| set["status"]["readyReplicas"] = json!(2));
    let change = state.plan(&Intent::Abort).unwrap();
    assert!(all(&change).contains("7.0.0 has 2 of 6 pods ready and takes all traffic at once"), "{}", all(&change));
    let mut switched = State::at("argo-blue-green-life", 26_466);
    let new = switched.release().control.new_hash;
    switched.version(&new, |set| set["status"]["availableReplicas"] = json!(1));
    let change = switched.plan(&Intent::Abort).unwrap();
    assert!(all(&change).contains("switches back only while every pod of 5.1.0 is available"), "{}", all(&change));
}

#[test]
fn a_pause_says_what_goes_on_and_never_stops_pods_from_being_taken_away() {
    let timed = all(&State::at("argo-canary-life", 5_684).plan(&Intent::Pause).unwrap());
    assert!(timed.contains("clock runs on, to 02:45:47 UTC"), "{timed}");
    let analysed = all(&State::at("argo-analysis-aborts", 13_083).plan(&Intent::Pause).unwrap());
    assert!(analysed.contains("background analysis payments-789c4df9d7-2; it may still abort this"), "{analysed}");
    let routed = all(&State::at("argo-routed-life", 16_471).plan(&Intent::Pause).unwrap());
    assert!(routed.contains("still writes the present weight"), "{routed}");
    let draining = State::at("argo-canary-double-promote", 65_288).plan(&Intent::Pause).unwrap_err();
    assert!(draining.why.contains("a pause would stop that"), "{}", draining.why);
}

#[test]
fn resume_never_switches_and_a_switch_names_its_inverse() {
    let state = State::at("argo-blue-green-life", 11_594);
    assert_eq!(state.plan(&Intent::Resume).unwrap_err().offers[0], Verb::Switch);
    let switch = state.plan(&Intent::Switch).unwrap();
    assert!(switch.effect.contains("0 % → 100 %") && all(&switch).contains("The way back is abort"), "{}", all(&switch));
    let advance = state.plan(&Intent::Advance).unwrap();
    assert!(matches!(advance.confirm, Confirm::Typed(_)), "the next step is the switch, whatever it is called");
    assert!(matches!(&switch.stages[0].goal, Goal::Switched(hash) if *hash == state.release().control.new_hash));
}

#[test]
fn an_analysis_ended_early_counts_as_passed_and_the_plan_says_so() {
    let change = State::at("argo-blue-green-life", 8_376).plan(&Intent::Terminate(None)).unwrap();
    assert!(change.effect.contains("counts as passed: the way to the switch is free"), "{}", change.effect);
    assert!(matches!(change.confirm, Confirm::Typed(_)));
}

#[test]
fn without_steps_there_is_nothing_to_go_on_to_and_retry_is_all_the_way() {
    let mut state = State::at("argo-canary-life", 2_700);
    let stepless = |rollout: &mut Value| {
        rollout["spec"]["strategy"]["canary"].as_object_mut().unwrap().remove("steps");
        rollout["status"].as_object_mut().unwrap().remove("currentStepIndex");
    };
    state.rollout(stepless);
    let refusal = state.plan(&Intent::Advance).unwrap_err();
    assert!(refusal.why.starts_with("It has no steps"), "{}", refusal.why);
    assert!(state.plan(&Intent::Skip).is_err() && state.plan(&Intent::Abort).is_ok() && state.plan(&Intent::Pause).is_ok());
    let mut aborted = State::at("argo-canary-life", 45_497);
    aborted.rollout(stepless);
    let retry = aborted.plan(&Intent::Retry).unwrap();
    assert_eq!(retry.exposed.after, Some(1.0));
    assert!(matches!(retry.confirm, Confirm::Typed(_)), "nothing holds it: more than one step");
}

#[test]
fn who_declares_the_spec_may_put_a_pause_back_but_not_an_abort() {
    let mut state = State::at("argo-canary-life", 3_816);
    state.rollout(|rollout| {
        rollout["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = json!("shop:argoproj.io/Rollout:ns/checkout")
    });
    let pause = state.plan(&Intent::Pause).unwrap();
    assert!(pause.undone_by.as_ref().is_some_and(|who| who.contains("Argo CD application shop")), "{:?}", pause.undone_by);
    assert_eq!(state.plan(&Intent::Abort).unwrap().undone_by, None, "status is nobody's in Git");
}

#[test]
fn a_restart_under_way_is_not_begun_anew() {
    let mut state = State::at("argo-canary-life", 2_010);
    state.rollout(|rollout| rollout["spec"]["restartAt"] = json!("2026-11-21T02:46:00Z"));
    let again = Intent::Restart("2026-11-21T02:46:30Z".parse().unwrap());
    assert!(state.plan(&again).unwrap_err().why.contains("asked for at 02:46:00 UTC is not done yet"));
    state.rollout(|rollout| rollout["status"]["restartedAt"] = json!("2026-11-21T02:46:00Z"));
    assert!(state.plan(&again).is_ok());
}

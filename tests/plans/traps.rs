//! Traps of the field's own tool and of the controller, one a test: what really happened to each is in the recordings.

use flightdeck::release::acting::{Change, Confirm, Goal, Intent, Verb};
use serde_json::{Value, json};

use crate::state::State;
use crate::table::sent;

fn all(change: &Change) -> String {
    let notes = change.notes.iter().chain(&change.risks).map(|n| n.to_string()).collect::<Vec<_>>();
    format!("{} {}", change.effect, notes.join(" "))
}

/// Holds the Rollout by hand, as if the controller had seen that.
fn by_hand(state: &mut State) -> &mut State {
    state.rollout(|rollout| {
        let generation = rollout["metadata"]["generation"].as_i64().unwrap() + 1;
        rollout["spec"]["paused"] = json!(true);
        rollout["metadata"]["generation"] = json!(generation);
        rollout["status"]["observedGeneration"] = json!(generation.to_string());
        rollout["status"]["phase"] = json!("Paused");
        rollout["status"]["message"] = json!("manually paused");
    })
}

/// `argo-canary-life`, 30.6 s: both patches at once do not advance; the controller enters the pause again.
#[test]
fn paused_by_hand_and_by_its_step_advance_is_staged_as_one_promote_does_not_do_it() {
    let change = State::at("argo-canary-life", 30_556).plan(&Intent::Advance).unwrap();
    let expected = [
        ("rollouts/checkout".to_owned(), json!({"spec": {"paused": false}})),
        ("rollouts/checkout/status".to_owned(), json!({"status": {"pauseConditions": null}})),
    ];
    assert_eq!(sent(&change), expected);
    // The state in which the real controller stood once the hand's pause was gone and the step's entered again.
    let again = State::at("argo-canary-life", 30_714).release();
    assert!(change.stages[0].goal.met(&again), "the first stage is done once it is gated again");
    let broken: Vec<_> = change.stages[1].premises.iter().filter(|p| !p.holds(&again)).collect();
    assert!(broken.is_empty(), "the second stage may then be sent: {broken:?}");
    assert!(!change.stages[1].goal.met(&again));
    let held = State::at("argo-canary-life", 30_556).release();
    assert!(change.stages[1].premises.iter().any(|p| !p.holds(&held)), "never before the first is seen");
}

#[test]
fn resume_there_ends_only_the_hands_pause() {
    let change = State::at("argo-canary-life", 30_556).plan(&Intent::Resume).unwrap();
    assert_eq!(sent(&change), [("rollouts/checkout".to_owned(), json!({"spec": {"paused": false}}))]);
    assert_eq!(change.exposed.before, change.exposed.after, "nobody gets more of it");
    assert!(all(&change).contains("waits for a person as before"), "{}", all(&change));
}

#[test]
fn resume_says_when_a_timed_pause_begins_anew_and_when_its_clock_ran_on() {
    let mut state = State::at("argo-canary-life", 5_684);
    let kept = by_hand(&mut state).plan(&Intent::Resume).unwrap();
    assert!(all(&kept).contains("clock ran on") && all(&kept).contains("02:45:47 UTC"), "{}", all(&kept));
    // The conditions were cleared while it was held: the controller has forgotten its pause and enters it anew.
    state.rollout(|rollout| {
        let status = rollout["status"].as_object_mut().unwrap();
        status.remove("pauseConditions");
        status.remove("controllerPause");
    });
    let anew = state.plan(&Intent::Resume).unwrap();
    assert!(all(&anew).contains("begins anew: the full 12 s"), "{}", all(&anew));
}

/// `argo-canary-double-promote`, 8.9 s: promote resumed *and* skipped a `setWeight` with 0 candidate pods available.
#[test]
fn paused_by_hand_in_a_running_step_advance_is_refused_as_it_would_skip() {
    let state = State::at("argo-canary-double-promote", 8_813);
    let refusal = state.plan(&Intent::Advance).unwrap_err();
    assert!(refusal.why.contains("step 1 of 6, weight 25") && refusal.why.contains("skip"), "{}", refusal.why);
    assert_eq!(refusal.offers, [Verb::Resume]);
    let resume = state.plan(&Intent::Resume).unwrap();
    assert_eq!(sent(&resume), [("rollouts/checkout".to_owned(), json!({"spec": {"paused": false}}))]);
    assert_eq!(state.plan(&Intent::Skip).unwrap_err().offers, [Verb::Resume]);
}

/// `argo-canary-double-promote`, 13.8 and 15.3 s: the second press wrote the next index, and `setWeight: 50` was never waited for.
#[test]
fn a_second_press_before_and_after_the_controller_reacted_sends_nothing() {
    for at in [13_766, 13_776] {
        let refusal = State::at("argo-canary-double-promote", at).plan(&Intent::Advance).unwrap_err();
        assert!(refusal.why.contains("has not reacted yet"), "{}", refusal.why);
        let skip = State::at("argo-canary-double-promote", at).plan(&Intent::Skip).unwrap_err();
        assert!(skip.why.contains("has not reacted yet"), "{}", skip.why);
    }
    let refusal = State::at("argo-canary-double-promote", 13_786).plan(&Intent::Advance).unwrap_err();
    assert!(refusal.why.contains("That would be skip: step 3 of 6, weight 50"), "{}", refusal.why);
    assert_eq!(refusal.offers, [Verb::Skip]);
    let plan = State::at("argo-canary-double-promote", 13_698).plan(&Intent::Advance).unwrap();
    for at in [13_766, 13_776, 13_786] {
        let later = State::at("argo-canary-double-promote", at).release();
        assert!(plan.stages[0].premises.iter().any(|p| !p.holds(&later)), "a plan kept open can't be sent at {at}");
    }
}

#[test]
fn a_running_analysis_is_named_where_advance_would_skip_it() {
    let state = State::at("argo-analysis-aborts", 13_083);
    let refusal = state.plan(&Intent::Advance).unwrap_err();
    assert!(refusal.why.starts_with("That would be skip: step 3 of 5, analysis"), "{}", refusal.why);
    let skip = state.plan(&Intent::Skip).unwrap();
    assert!(all(&skip).contains("step 3 of 5, analysis") && all(&skip).contains("payments-789c4df9d7-2-2 is cut off"), "{}", all(&skip));
    assert!(matches!(&skip.confirm, Confirm::Typed(why) if why.contains("step 3 of 5")));
}

#[test]
fn skip_at_a_pause_says_when_it_would_have_ended_and_leaves_no_stale_controller_pause() {
    let change = State::at("argo-canary-life", 5_684).plan(&Intent::Skip).unwrap();
    assert!(change.effect.contains("which would end by itself at 02:45:47 UTC"), "{}", change.effect);
    // controllerPause left true beside no conditions would let the next pause step pass unkept.
    assert_eq!(sent(&change)[0].1["status"]["controllerPause"], Value::from(false));
}

/// Clearing the pause of an undecided experiment moves nothing: its outcome stands, and the controller pauses again.
#[test]
fn an_undecided_experiment_is_overridden_by_its_index_and_resume_is_refused() {
    let mut state = State::at("argo-experiment", 15_684);
    state.rollout(|rollout| {
        rollout["status"]["pauseConditions"] = json!([{"reason": "InconclusiveExperiment", "startTime": "2026-11-21T02:53:00Z"}]);
        rollout["status"]["controllerPause"] = json!(true);
        rollout["status"]["phase"] = json!("Paused");
        rollout["status"]["message"] = json!("InconclusiveExperiment");
    });
    let change = state.plan(&Intent::Advance).unwrap();
    assert_eq!(sent(&change)[0].1, json!({"status": {"pauseConditions": null, "controllerPause": false, "currentStepIndex": 1}}));
    assert!(matches!(change.confirm, Confirm::Typed(_)));
    assert_eq!(state.plan(&Intent::Resume).unwrap_err().offers, [Verb::Advance, Verb::Abort]);
}

/// Beside the steps nothing waits to be left: one verb would end the pause, another write an index the controller pauses at again.
#[test]
fn an_undecided_background_analysis_is_measured_again_and_nothing_is_skipped_for_it() {
    let mut state = State::at("argo-analysis-aborts", 17_900);
    state.rollout(|rollout| {
        rollout["status"]["pauseConditions"] = json!([{"reason": "InconclusiveAnalysisRun", "startTime": "2026-11-21T02:48:57Z"}]);
        rollout["status"]["controllerPause"] = json!(true);
        rollout["status"]["phase"] = json!("Paused");
    });
    assert_eq!(state.plan(&Intent::Advance).unwrap_err().offers, [Verb::Resume, Verb::Abort]);
    assert_eq!(state.plan(&Intent::Skip).unwrap_err().offers, [Verb::Resume, Verb::Abort]);
    let resume = state.plan(&Intent::Resume).unwrap();
    assert_eq!(sent(&resume)[0].1, json!({"status": {"pauseConditions": null}}));
    assert!(resume.effect.contains("measures again"), "{}", resume.effect);
}

/// `argo-canary-life`, 45.6 s: accepted with 200, index written and thrown away.
#[test]
fn whatever_goes_forward_is_refused_on_an_aborted_release() {
    let state = State::at("argo-canary-life", 45_497);
    for intent in [Intent::Advance, Intent::Skip, Intent::Resume, Intent::PromoteFull] {
        let refusal = state.plan(&intent).unwrap_err();
        assert!(refusal.why.contains("aborted"), "{}", refusal.why);
        assert_eq!(refusal.offers, [Verb::Retry, Verb::RollBack], "{}", intent.verb());
    }
    let taken_back = state.plan(&Intent::PromoteFull).unwrap_err();
    assert!(taken_back.why.contains("take the abort back"), "{}", taken_back.why);
}

/// Sent before the controller has seen the template, it is dropped with a stale copy and nothing tells.
#[test]
fn promote_fully_waits_until_the_newest_template_is_seen() {
    for (life, at, seen) in [("argo-canary-life", 2_109, 2_147), ("argo-workload-ref", 12_502, 12_523)] {
        let change = State::at(life, at).plan(&Intent::PromoteFull).unwrap();
        let first = &change.stages[0];
        assert!(first.write.is_none(), "{life}: the first stage only waits");
        assert!(!first.goal.met(&State::at(life, at).release()), "{life}");
        let later = State::at(life, seen).release();
        assert!(first.goal.met(&later), "{life}");
        let write = &change.stages[1];
        assert_eq!(write.write.as_ref().unwrap().body, json!({"status": {"promoteFull": true}}));
        let broken: Vec<_> = write.premises.iter().filter(|p| !p.holds(&later)).collect();
        assert!(broken.is_empty(), "{life}: {broken:?}");
        assert!(write.premises.iter().any(|p| !p.holds(&State::at(life, at).release())), "{life}: never before");
    }
}

#[test]
fn promote_fully_says_one_move_and_ends_the_hands_pause_first() {
    let change = State::at("argo-canary-life", 30_556).plan(&Intent::PromoteFull).unwrap();
    assert_eq!(sent(&change)[0].1, json!({"spec": {"paused": false}}), "held by hand, it would wait for ever");
    assert_eq!(sent(&change)[1].1, json!({"status": {"promoteFull": true}}));
    assert!(change.effect.contains("in one move") && change.effect.contains("20 % of ready endpoints → 100 %"), "{}", change.effect);
    assert_eq!(change.exposed.after, Some(1.0));
    let routed = State::at("argo-routed-life", 4_198).plan(&Intent::PromoteFull).unwrap();
    assert!(all(&routed).contains("moves to 100 % at once"), "{}", all(&routed));
    let analysed = State::at("argo-analysis-aborts", 13_083).plan(&Intent::PromoteFull).unwrap();
    assert!(all(&analysed).contains("It ends step analysis payments-789c4df9d7-2-2 and background analysis"), "{}", all(&analysed));
}

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

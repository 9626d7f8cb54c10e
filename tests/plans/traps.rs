//! Traps on the way forward, of the field's own tool and of the controller, one a test: what really happened is in the recordings.

use flightdeck::release::acting::{Change, Confirm, Intent, Verb};
use serde_json::{Value, json};

use crate::state::State;
use crate::table::sent;

pub fn all(change: &Change) -> String {
    let notes = change.notes.iter().chain(&change.risks).map(|n| n.to_string()).collect::<Vec<_>>();
    format!("{} {}", change.effect, notes.join(" "))
}

/// Holds the Rollout by hand, as if the controller had seen that.
pub fn by_hand(state: &mut State) -> &mut State {
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

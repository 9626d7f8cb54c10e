//! The table: per intent and recorded state the exact body, where it goes and what it rests on, or the refusal.

use flightdeck::release::acting::{Change, Confirm, Goal, Intent, Premise, Verb};
use flightdeck::text::Clean;
use serde_json::{Value, json};

use crate::state::State;

/// What is sent, in order: place and body.
pub fn sent(change: &Change) -> Vec<(String, Value)> {
    let writes = change.stages.iter().filter_map(|stage| stage.write.as_ref());
    writes.map(|write| (write.place().to_string(), write.body.clone())).collect()
}

enum Is {
    Sent(&'static str, Value),
    Refused(&'static str, &'static [Verb]),
}
use Is::{Refused, Sent};

#[test]
fn each_intent_in_each_state() {
    let terminate = Intent::Terminate(Some(Clean::from("payments-789c4df9d7-2-2")));
    let rows: Vec<(&str, i64, Intent, Is)> = vec![
        // A canary at a pause step without end.
        ("argo-canary-life", 3_816, Intent::Advance, Sent("rollouts/checkout/status", json!({"status": {"pauseConditions": null}}))),
        ("argo-canary-life", 3_816, Intent::Resume, Sent("rollouts/checkout/status", json!({"status": {"pauseConditions": null}}))),
        ("argo-canary-life", 3_816, Intent::PromoteFull, Sent("rollouts/checkout/status", json!({"status": {"promoteFull": true}}))),
        ("argo-canary-life", 3_816, Intent::Pause, Sent("rollouts/checkout", json!({"spec": {"paused": true}}))),
        ("argo-canary-life", 3_816, Intent::Abort, Sent("rollouts/checkout/status", json!({"status": {"abort": true}}))),
        ("argo-canary-life", 3_816, Intent::Retry, Refused("It was not aborted: it is on its way.", &[Verb::Abort])),
        ("argo-canary-life", 3_816, Intent::Terminate(None), Refused("No analysis is running.", &[])),
        ("argo-canary-life", 3_816, Intent::Switch, Refused("It has no switch: this is a canary", &[Verb::Advance, Verb::PromoteFull])),
        // A running step.
        (
            "argo-canary-double-promote",
            7_093,
            Intent::Skip,
            Sent("rollouts/checkout/status", json!({"status": {"pauseConditions": null, "currentStepIndex": 1}})),
        ),
        (
            "argo-canary-double-promote",
            7_093,
            Intent::Resume,
            Refused("Nothing is paused: step 1 of 6, weight 25 is still being done.", &[Verb::Skip]),
        ),
        // Nothing under way.
        ("argo-canary-life", 2_010, Intent::Advance, Refused("Nothing is being released.", &[Verb::SetImage, Verb::RollBack])),
        (
            "argo-canary-life",
            2_010,
            Intent::PromoteFull,
            Refused("Nothing is being released: all of it", &[Verb::SetImage, Verb::RollBack]),
        ),
        ("argo-canary-life", 2_010, Intent::Abort, Refused("No update is under way", &[Verb::RollBack])),
        ("argo-canary-life", 2_010, Intent::Pause, Sent("rollouts/checkout", json!({"spec": {"paused": true}}))),
        (
            "argo-canary-life",
            2_010,
            Intent::Restart("2026-11-21T03:00:00.25Z".parse().unwrap()),
            Sent("rollouts/checkout", json!({"spec": {"restartAt": "2026-11-21T03:00:00Z"}})),
        ),
        // Aborted.
        ("argo-canary-life", 45_497, Intent::Retry, Sent("rollouts/checkout/status", json!({"status": {"abort": false}}))),
        ("argo-canary-life", 45_497, Intent::Abort, Refused("It is aborted already.", &[Verb::Retry, Verb::RollBack])),
        ("argo-canary-life", 45_497, Intent::Skip, Refused("It is aborted", &[Verb::Retry, Verb::RollBack])),
        // Stuck by its deadline, not aborted.
        ("argo-canary-life", 86_884, Intent::Retry, Refused("It was not aborted: it is stuck", &[Verb::Abort, Verb::RollBack])),
        ("argo-canary-life", 86_884, Intent::Abort, Sent("rollouts/checkout/status", json!({"status": {"abort": true}}))),
        // An analysis step with a background analysis.
        ("argo-analysis-aborts", 13_083, Intent::Terminate(None), Refused("2 analyses are running.", &[Verb::Terminate])),
        ("argo-analysis-aborts", 13_083, terminate, Sent("analysisruns/payments-789c4df9d7-2-2", json!({"spec": {"terminate": true}}))),
        (
            "argo-analysis-aborts",
            13_083,
            Intent::Terminate(Some(Clean::from("another"))),
            Refused("Analysis another is not running.", &[Verb::Terminate]),
        ),
        // The analysis of the step could not decide.
        (
            "argo-analysis-inconclusive",
            6_156,
            Intent::Advance,
            Sent("rollouts/search/status", json!({"status": {"pauseConditions": null, "controllerPause": false, "currentStepIndex": 2}})),
        ),
        ("argo-analysis-inconclusive", 6_156, Intent::Resume, Sent("rollouts/search/status", json!({"status": {"pauseConditions": null}}))),
        // Blue-green: before, at, and after the switch.
        ("argo-blue-green-life", 8_376, Intent::Switch, Refused("That would skip the pre-promotion analysis", &[Verb::PromoteFull])),
        ("argo-blue-green-life", 11_594, Intent::Switch, Sent("rollouts/ledger/status", json!({"status": {"pauseConditions": null}}))),
        ("argo-blue-green-life", 11_594, Intent::Skip, Refused("It has no steps to skip", &[Verb::Switch, Verb::PromoteFull])),
        ("argo-blue-green-life", 26_466, Intent::Switch, Refused("It has switched already", &[Verb::Abort, Verb::RollBack])),
        ("argo-blue-green-life", 26_466, Intent::Abort, Sent("rollouts/ledger/status", json!({"status": {"abort": true}}))),
        (
            "argo-blue-green-life",
            8_376,
            Intent::Terminate(None),
            Sent("analysisruns/ledger-5cb46c5ff7-2-pre", json!({"spec": {"terminate": true}})),
        ),
        // With a router; being promoted fully.
        ("argo-routed-life", 4_198, Intent::Abort, Sent("rollouts/shop/status", json!({"status": {"abort": true}}))),
        ("argo-routed-life", 37_141, Intent::Advance, Refused("It is being promoted fully already", &[Verb::RollBack, Verb::Abort])),
        ("argo-routed-life", 37_141, Intent::PromoteFull, Refused("It is being promoted fully already.", &[Verb::RollBack])),
        // The template stands in a Deployment.
        ("argo-workload-ref", 14_154, Intent::Advance, Sent("rollouts/catalog/status", json!({"status": {"pauseConditions": null}}))),
        (
            "argo-workload-ref",
            12_502,
            Intent::Abort,
            Refused("The controller has not begun the newest version yet", &[Verb::Pause, Verb::RollBack]),
        ),
        // An experiment under way.
        ("argo-experiment", 15_684, Intent::Advance, Refused("That would be skip: step 1 of 3, experiment", &[Verb::Skip])),
    ];
    for (life, at, intent, is) in rows {
        let place = format!("{life} at {at}: {}", intent.verb());
        match (is, State::at(life, at).plan(&intent)) {
            (Sent(to, body), Ok(change)) => assert_eq!(sent(&change), [(to.to_owned(), body)], "{place}"),
            (Refused(why, offers), Err(refusal)) => {
                assert!(refusal.why.contains(why), "{place}: {}", refusal.why);
                assert_eq!(refusal.offers, offers, "{place}: {}", refusal.instead);
            }
            (_, other) => panic!("{place}: {other:?}"),
        }
    }
}

#[test]
fn an_advance_rests_on_everything_that_could_make_it_a_skip() {
    let mut state = State::at("argo-canary-life", 3_816);
    let release = state.release();
    let change = state.plan(&Intent::Advance).unwrap();
    let premises = &change.stages[0].premises;
    let wanted = [
        Premise::Uid(release.uid.clone()),
        Premise::Generation(2),
        Premise::Releasing(release.control.new_hash.clone()),
        Premise::Stable(release.control.stable_hash.clone()),
        Premise::Step(1),
        Premise::PausedByHand(false),
        Premise::Aborted(false),
        Premise::Observed,
        Premise::GateOpen("CanaryPauseStep".into()),
    ];
    for premise in &wanted {
        assert!(premises.contains(premise), "{premise:?} in {premises:?}");
    }
    assert_eq!(premises.len(), wanted.len());
    assert_eq!((change.exposed.before, change.exposed.after), (Some(0.2), Some(0.4)));
    assert_eq!(change.confirm, Confirm::Key);
    assert!(change.effect.contains("20 % of ready endpoints → 40 %"), "{}", change.effect);
    let goal = change.stages[0].goal.clone();
    assert_eq!(goal, Goal::All(vec![Goal::Releasing(release.control.new_hash), Goal::StepBeyond(1)]));
    // The same name, another object: nothing may be sent to that.
    state.rollout(|rollout| rollout["metadata"]["uid"] = json!("another"));
    let other = state.release();
    let moved: Vec<String> = premises.iter().filter(|p| !p.holds(&other)).map(|p| p.moved(&other).to_string()).collect();
    assert!(moved.contains(&"it was deleted and made anew".to_owned()), "{moved:?}");
}

#[test]
fn with_a_workload_ref_the_template_is_another_object_and_a_premise() {
    let state = State::at("argo-workload-ref", 14_154);
    let deployment = state.object("Deployment");
    let change = state.plan(&Intent::Advance).unwrap();
    let generation = deployment["metadata"]["generation"].as_i64().unwrap();
    let uid = deployment["metadata"]["uid"].as_str().unwrap();
    assert!(change.stages[0].premises.contains(&Premise::Template(uid.into(), generation)), "{:?}", change.stages[0].premises);
}

#[test]
fn a_note_sends_nothing() {
    let change = State::at("argo-canary-life", 3_816).plan(&Intent::Note).unwrap();
    assert!(change.stages.is_empty() && change.first_write().is_none());
}

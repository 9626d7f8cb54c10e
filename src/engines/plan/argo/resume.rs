//! Resume: ends a pause and nothing else.
//! Refuses to leave a step that has not done its work, and to switch a blue-green release by another name.

use serde_json::json;

use super::advance::{end_step, risks};
use super::ahead::ahead;
use super::gates::Waits;
use super::ground::{Ground, stage};
use super::say;
use super::switch::switches_by_itself;
use crate::release::acting::{Change, Footing, Goal, Refusal, Verb};
use crate::release::figures::duration;

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    if ground.release.paused_by_hand {
        ground.reacted()?;
        return Ok(by_hand(ground));
    }
    ground.open()?;
    match ground.waits() {
        Some(Waits::Step) => by_step(ground),
        Some(Waits::StepAnalysis | Waits::OtherAnalysis) => Ok(measures_again(ground)),
        Some(Waits::Experiment) => Err(ground.refuse(
            "Its experiment could not decide: ending the pause alone would only make the controller pause again.",
            "Go on overrides the experiment; abort takes the traffic back.",
            &[Verb::Advance, Verb::Abort],
        )),
        Some(Waits::Switch) => Err(ground.refuse(
            format!("Ending this pause is the switch: all traffic would move to {} at once.", ground.new_name()),
            "Switch does that, and says what it means.",
            &[Verb::Switch, Verb::Abort],
        )),
        None => Err(nothing_paused(ground)),
    }
}

/// Ends the hand's pause; the controller's own stay as they are.
fn by_hand(ground: &Ground<'_>) -> Change {
    let goal = Goal::PausedByHand(false);
    let write = ground.spec(json!({"spec": {"paused": false}}));
    let stages = vec![stage("End the pause by hand", Some(write), ground.exactly(), goal)];
    if !ground.changing() {
        let mut change = ground.change("Nothing is being released: the next release, and scaling, are no longer held.", stages);
        change.exposed.after = None;
        return change;
    }
    if ground.control().aborted {
        let effect =
            format!("It is aborted and stays so: {} does not go forward, and its pods can be taken away again.", ground.new_name());
        return ground.change(effect, stages);
    }
    let Some(waits) = ground.waits() else { return into_step(ground, stages) };
    let kept = match waits {
        Waits::Step => ground.step().map_or_else(|| "its step's pause".to_owned(), |index| ground.step_words(index)),
        Waits::Switch => "the pause before the switch".to_owned(),
        _ => "the pause of an analysis that could not decide".to_owned(),
    };
    let mut change = ground.change(format!("Ends the pause by hand; the controller keeps its own, {kept}."), stages);
    if let Some(end) = ground.pause_ends() {
        let next = ahead(ground.release, ground.step().map_or(0, |index| index + 1), ground.before());
        change.notes.push(
            format!(
                "That pause's clock ran on while it was held: it ends at {}. If that is past, it goes on at once: {}.",
                say::at(end),
                { ground.share_words(next.share) }
            )
            .into(),
        );
    } else {
        let verb = if waits == Waits::Switch { "switch" } else { "go on" };
        change.notes.push(format!("It then waits for a person as before: {verb} is a step of its own.").into());
    }
    change
}

/// Ends the hand's pause where the controller keeps none: what was running runs on.
fn into_step(ground: &Ground<'_>, stages: Vec<crate::release::acting::Stage>) -> Change {
    if ground.blue_green() {
        let alone = switches_by_itself(ground);
        let new = ground.new_name();
        let effect = if alone {
            format!("Goes on, and switches all traffic to {new} by itself once it is ready.")
        } else {
            format!("Goes on until {new} is ready, then waits for the switch.")
        };
        let mut change = ground.change(effect, stages);
        change.exposed.after = if alone { Some(1.0) } else { change.exposed.before };
        return change;
    }
    if let Some(length) = ground.pause_step() {
        let index = ground.step().unwrap_or(0);
        let mut change = ground.change(format!("Ends the pause by hand; then {} is entered anew.", ground.step_words(index)), stages);
        change.notes.push(
            match length {
                Some(seconds) => {
                    format!("Its timed pause begins anew: the full {} count from the moment the controller sees this.", duration(seconds))
                }
                None => "It then waits for a person: go on is a step of its own.".to_owned(),
            }
            .into(),
        );
        return change;
    }
    let from = ground.step().unwrap_or(ground.release.steps.len());
    let next = ahead(ground.release, from, ground.before());
    let which = ground.step().map_or_else(|| "the last stretch".to_owned(), |index| ground.step_words(index));
    let effect = format!("Goes on within {which}, then: {}; {}.", next.words(ground.release), ground.share_words(next.share));
    let mut change = ground.change(effect, stages);
    change.exposed.after = next.share;
    change.risks = risks(ground, next.share);
    change
}

/// Ends the pause of a pause step: there the step is the pause, so what follows is the next one.
fn by_step(ground: &Ground<'_>) -> Result<Change, Refusal> {
    let Some(index) = ground.step() else { return Err(nothing_paused(ground)) };
    let next = ahead(ground.release, index + 1, ground.before());
    let effect = format!(
        "Ends {}, and nothing else. Then: {}; {}.",
        ground.step_words(index),
        next.words(ground.release),
        ground.share_words(next.share)
    );
    let mut change = ground.change(effect, vec![end_step(ground, index, false, ground.exactly())]);
    change.exposed.after = next.share;
    if let Some(end) = ground.pause_ends() {
        change.notes.push(format!("Left alone, it would go on by itself at {}.", say::at(end)).into());
    }
    change.risks = risks(ground, next.share);
    Ok(change)
}

/// Ends the pause of an analysis that could not decide. The controller, seeing its pause gone and the run undecided, starts another.
fn measures_again(ground: &Ground<'_>) -> Change {
    let mut premises = ground.exactly();
    premises.extend(ground.gate_premises());
    let write = ground.status(json!({"status": {"pauseConditions": null}}));
    let goal = Goal::Any(vec![Goal::NoGate, Goal::MovedFrom(Footing::of(ground.release))]);
    let effect = "Ends the pause: the controller measures again, and that analysis decides.";
    let mut change = ground.change(effect, vec![stage("Measure again", Some(write), premises, goal)]);
    change.notes.push("If it cannot decide again, it pauses again.".into());
    if ground.pause_step().is_some() && ground.control().gates.iter().any(|gate| gate.reason == "CanaryPauseStep") {
        let next = ahead(ground.release, ground.step().map_or(0, |index| index + 1), ground.before());
        change.exposed.after = next.share;
        change.notes.push(format!("The step's own pause ends with it: {}.", ground.share_words(next.share)).into());
    }
    change
}

fn nothing_paused(ground: &Ground<'_>) -> Refusal {
    let Some(index) = ground.step() else {
        return ground.refuse(
            "Nothing is paused: it goes on by itself.",
            "Wait until it is done; pause or abort to stop it.",
            &[Verb::Pause, Verb::Abort],
        );
    };
    ground.refuse(
        format!("Nothing is paused: {} is still being done.", ground.step_words(index)),
        "Wait until the step is done, or skip it: skip says what is left out.",
        &[Verb::Skip],
    )
}

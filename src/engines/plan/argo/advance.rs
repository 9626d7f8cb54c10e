//! Advance: exactly one step, and only from a pause the controller keeps.
//! Refuses to end a step that is still running: that is skip, and has its own name, its own warning and its own confirmation.

use serde_json::{Value, json};

use super::ahead::ahead;
use super::gates::Waits;
use super::ground::{Ground, stage};
use super::{say, switch};
use crate::release::Phase;
use crate::release::acting::{Change, Confirm, Footing, Goal, Premise, Refusal, Stage, Verb};

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    if ground.blue_green() {
        return switch::plan(ground);
    }
    ground.open()?;
    let Some(waits) = ground.waits() else { return Err(no_pause(ground)) };
    let Some(index) = ground.step() else { return Err(undecided_beside(ground)) };
    match waits {
        // A pause step reached while the background could not decide: ending both pauses leaves the step and measures anew.
        Waits::OtherAnalysis if ground.pause_step().is_none() => return Err(undecided_beside(ground)),
        Waits::Switch => return switch::plan(ground),
        _ => {}
    }
    let overrides = matches!(waits, Waits::StepAnalysis | Waits::Experiment);
    let by_hand = ground.release.paused_by_hand;
    let mut stages = Vec::new();
    if by_hand {
        stages.push(ground.unpause(vec![Goal::Any(vec![Goal::Gated, Goal::StepBeyond(index)])]));
    }
    let rests_on = if by_hand { ground.exactly_unpaused() } else { ground.exactly() };
    stages.push(end_step(ground, index, overrides, rests_on));
    let next = ahead(ground.release, index + 1, ground.before());
    let effect = format!("Ends {}. Then: {}; {}.", ground.step_words(index), next.words(ground.release), ground.share_words(next.share));
    let mut change = ground.change(effect, stages);
    change.exposed.after = next.share;
    if by_hand {
        change.notes.push(
            "It is paused by hand and by its step. Ending both at once does not advance: the controller then enters the step's pause again. So the hand's pause ends first."
                .into(),
        );
        if ground.pause_step().flatten().is_some() {
            change
                .notes
                .push("The step's pause is a timed one: if its time is up, it goes on by itself once the hand's pause has ended.".into());
        }
    } else if let Some(end) = ground.pause_ends() {
        change.notes.push(format!("Left alone, it would go on by itself at {}.", say::at(end)).into());
    }
    if overrides {
        let gate = if waits == Waits::Experiment { "experiment" } else { "analysis" };
        change.confirm = Confirm::Typed(format!("the {gate} could not decide, and this goes on as if it had passed").into());
        change.notes.push(
            format!("The {gate} of this step ended without a decision. This writes the next step's index: the step counts as done.").into(),
        );
        if waits == Waits::Experiment {
            change
                .notes
                .push("Ending the pause alone would not do: the experiment stays undecided and the controller pauses again.".into());
        } else {
            change.notes.push("Resume instead measures again: it ends the pause and the controller starts another analysis.".into());
        }
        change.risks.push(format!("Nothing has shown that {} is well: this overrides the gate.", ground.new_name()).into());
    }
    change.risks.extend(risks(ground, next.share));
    Ok(change)
}

/// Ends the step at `index`. A pause is ended by taking its conditions away: the controller itself then counts the step as done.
/// A gate that could not decide never counts as done by itself, so there the index is written, and `controllerPause` with it:
/// left true beside no conditions, it would let the next pause step pass unkept.
pub fn end_step(ground: &Ground<'_>, index: usize, write_index: bool, mut premises: Vec<Premise>) -> Stage {
    premises.extend(ground.gate_premises());
    let body = if write_index { past(index) } else { json!({"status": {"pauseConditions": null}}) };
    let goal = if write_index { taken_up(ground, index) } else { ground.still(Goal::StepBeyond(index)) };
    stage("End the step's pause", Some(ground.status(body)), premises, goal)
}

/// The body that puts the step at `index` behind us while the controller keeps a pause.
pub fn past(index: usize) -> Value {
    json!({"status": {"pauseConditions": null, "controllerPause": false, "currentStepIndex": index + 1}})
}

/// What shows that the controller works on what comes after the step at `index`, where our own write has raised the index.
pub fn taken_up(ground: &Ground<'_>, index: usize) -> Goal {
    let after = if index + 1 < ground.release.steps.len() { Goal::StepBeyond(index + 1) } else { Goal::Promoted };
    let mut signs = vec![after, Goal::Gated, Goal::MovedFrom(Footing::of(ground.release))];
    if ground.release.phase == Phase::Paused {
        signs.push(Goal::Phase(Phase::Progressing));
    }
    Goal::All(vec![Goal::Releasing(ground.control().new_hash.clone()), Goal::StepBeyond(index), Goal::Any(signs)])
}

/// What speaks against more exposure, as far as the objects tell.
pub fn risks(ground: &Ground<'_>, after: Option<f64>) -> Vec<crate::text::Clean> {
    let mut risks = Vec::new();
    let Some(new) = crate::release::words::new_version(ground.release) else { return risks };
    let failing = new.mix.map_or(0, |mix| mix.failing);
    if failing > 0 {
        risks.push(format!("{} has {failing} of {} failing.", ground.new_name(), say::pods(new.current)).into());
    } else if new.ready < new.desired {
        risks.push(format!("{} has {} of {} ready.", ground.new_name(), new.ready, say::pods(new.desired)).into());
    }
    if after == Some(1.0) {
        risks.push(format!("After this nothing holds it before {} gets everything.", ground.new_name()).into());
    }
    risks
}

fn no_pause(ground: &Ground<'_>) -> Refusal {
    let Some(index) = ground.step() else { return no_step(ground) };
    let step = ground.step_words(index);
    if ground.release.paused_by_hand {
        return ground.refuse(
            format!("It is paused by hand within {step}: going on from here would skip that step."),
            "Resume ends the pause by hand and nothing else: the step goes on.",
            &[Verb::Resume],
        );
    }
    if ground.pause_step().is_some() {
        return ground.refuse(
            format!("The controller is about to enter {step}: that would be skip."),
            "Wait until the pause has begun, then go on.",
            &[Verb::Skip],
        );
    }
    let beside = ground.running_words();
    let beside = if beside.is_empty() { String::new() } else { format!(" ({} running)", beside.join(", ")) };
    ground.refuse(
        format!("That would be skip: {step}{beside}, is not done."),
        "Wait until the step is done, or skip it: skip says what is left out.",
        &[Verb::Skip],
    )
}

fn no_step(ground: &Ground<'_>) -> Refusal {
    if ground.release.paused_by_hand {
        return ground.refuse(
            "It is paused by hand and has no step to go on to.",
            "Resume ends the pause by hand: it then goes all the way.",
            &[Verb::Resume],
        );
    }
    let why = if ground.release.steps.is_empty() { "It has no steps" } else { "All its steps are done" };
    ground.refuse(
        format!("{why}: {} replaces {} pod by pod, with nothing left to end.", ground.new_name(), ground.old_name()),
        "Wait until it is done; pause or abort to stop it.",
        &[Verb::Pause, Verb::Abort],
    )
}

fn undecided_beside(ground: &Ground<'_>) -> Refusal {
    ground.refuse(
        "An analysis beside the steps could not decide, and no step waits to be ended.",
        "Resume ends that pause: the controller measures again and the step goes on. Abort takes the traffic back.",
        &[Verb::Resume, Verb::Abort],
    )
}

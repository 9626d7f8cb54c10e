//! Skip: leaves the current step before it is done, and names all that is left out.
//! Refuses where a second index would be written over one the controller has not taken up yet, and where nothing would come of it.

use serde_json::json;

use super::advance::{past, risks, taken_up};
use super::ahead::ahead;
use super::gates::Waits;
use super::ground::{Ground, stage};
use super::say;
use crate::release::acting::{Change, Confirm, Refusal, Verb};
use crate::release::{StepKind, words};

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    ground.open()?;
    if ground.blue_green() {
        return Err(ground.refuse(
            "It has no steps to skip: this is blue-green.",
            "Switch, once it waits for that; promote fully goes past its pause and its analyses.",
            if ground.waits() == Some(Waits::Switch) { &[Verb::Switch, Verb::PromoteFull] } else { &[Verb::PromoteFull] },
        ));
    }
    let Some(index) = ground.step() else {
        return Err(ground.refuse(
            "There is no step to skip: what is left is replacing the last pods.",
            "Wait until it is done; abort stops it.",
            &[Verb::Abort],
        ));
    };
    if ground.release.paused_by_hand {
        return Err(ground.refuse(
            format!("It is paused by hand: {} would be left and nothing would follow.", ground.step_words(index)),
            "Resume first, then skip.",
            &[Verb::Resume],
        ));
    }
    if ground.waits() == Some(Waits::OtherAnalysis) {
        return Err(ground.refuse(
            "An analysis beside the steps could not decide: whatever step it is on, the controller would pause for it again.",
            "Resume makes it measure again; then skip the step, if that is still wanted.",
            &[Verb::Resume, Verb::Abort],
        ));
    }
    // The weight of a step that is left before it is done stays in force: its pods go on starting.
    let left = ground.release.steps.get(index).and_then(|step| step.share_after);
    let next = ahead(ground.release, index + 1, left.or(ground.before()));
    let body = if ground.control().gates.is_empty() {
        json!({"status": {"pauseConditions": null, "currentStepIndex": index + 1}})
    } else {
        past(index)
    };
    let mut premises = ground.exactly();
    premises.extend(ground.gate_premises());
    let stages = vec![stage("Skip the step", Some(ground.status(body)), premises, taken_up(ground, index))];
    let effect = format!(
        "Leaves {} before it is done. Then: {}; {}.",
        left_out(ground, index),
        next.words(ground.release),
        ground.share_words(next.share)
    );
    let mut change = ground.change(effect, stages);
    change.exposed.after = next.share;
    change.confirm = Confirm::Typed(format!("{} is left out", ground.step_words(index)).into());
    change.risks = risks(ground, next.share);
    for run in ground.running().filter(|run| run.role == crate::release::AnalysisRole::Step) {
        change.risks.insert(
            0,
            format!("{} is cut off, and what it would have found is not asked for again.", words::capital(&say::run_words(run))).into(),
        );
    }
    if let Some(background) = ground.running().find(|run| run.role == crate::release::AnalysisRole::Background) {
        change.notes.push(format!("{} goes on.", words::capital(&say::run_words(background))).into());
    }
    Ok(change)
}

/// The step that is left out, with what of it is not done.
fn left_out(ground: &Ground<'_>, index: usize) -> String {
    let step = ground.step_words(index);
    let weight = ground.release.weight;
    match ground.release.steps.get(index).map(|step| &step.kind) {
        Some(StepKind::Pause(Some(_))) => match ground.pause_ends() {
            Some(end) => format!("{step}, which would end by itself at {},", say::at(end)),
            None => step,
        },
        Some(StepKind::SetWeight(_)) => match weight {
            Some(weight) if weight.actual != weight.set => format!("{step} ({} so far),", weight.actual),
            _ => step,
        },
        Some(StepKind::Analysis(_) | StepKind::Experiment(_)) => match ground.running_words().first() {
            Some(run) => format!("{step} ({run} under way),"),
            None => step,
        },
        _ => step,
    }
}

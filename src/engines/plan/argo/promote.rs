//! Promote fully: all the way in one move, past every step, pause and analysis.
//! Refuses on an aborted release (the controller would take the abort back) and where there is nothing to promote.

use serde_json::json;

use super::ground::{Ground, stage};
use super::{patience, switch};
use crate::objects::Kind;
use crate::release::acting::{Change, Confirm, Goal, Premise, Refusal, Stage, Verb};
use crate::release::figures::plural;

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    let control = ground.control();
    refused(ground)?;
    let mut stages = Vec::new();
    // An update the controller has not seen has no hash yet: sent now, the wish would be thrown away with its stale copy.
    let unseen = !control.observed;
    if unseen {
        let goal = Goal::ReleasingOther(control.stable_hash.clone());
        stages.push(stage(
            "Wait until the controller has seen the newest template",
            None,
            unseen_premises(ground, ground.release.paused_by_hand),
            goal,
        ));
    }
    if ground.release.paused_by_hand {
        let mut unpause = ground.unpause(Vec::new());
        if unseen {
            unpause.premises = seen_premises(ground, true);
        }
        stages.push(unpause);
    }
    stages.push(promote(ground, unseen));
    if !taken_as_stable(ground) {
        stages.push(settle(ground, unseen));
    }
    let (old, new) = (ground.old_name(), ground.new_name());
    let effect = match (ground.blue_green(), unseen) {
        (true, _) if switch::switched(ground) => format!("Takes {new} as stable without waiting for the analysis after the switch."),
        (true, _) => format!("Switches all traffic from {old} to {new} in one move, 0 % → 100 %, as soon as its pods are available."),
        (false, true) => "What the spec names now goes all the way in one move, → 100 %.".to_owned(),
        (false, false) => format!("All the way in one move; {}.", ground.share_words(Some(1.0))),
    };
    let mut change = ground.change(effect, stages);
    change.exposed.after = Some(1.0);
    change.confirm = Confirm::Typed(reason(ground).into());
    change.notes = notes(ground, unseen);
    change.risks = super::advance::risks(ground, None);
    change.risks.push("From then on an abort may be ignored until its pods are available; a roll back is not.".into());
    Ok(change)
}

fn refused(ground: &Ground<'_>) -> Result<(), Refusal> {
    let control = ground.control();
    if control.aborted && ground.changing() {
        return Err(ground.refuse(
            format!("It is aborted: the controller would take the abort back and send everything to {} at once.", ground.new_name()),
            "Retry starts it again at its first step; roll back takes it out of the spec.",
            ground.after_abort(),
        ));
    }
    if control.promote_full {
        return Err(ground.refuse(
            "It is being promoted fully already.",
            "Wait until it is stable. If nothing moves, look at its pods; roll back takes it out of the spec.",
            &[Verb::RollBack],
        ));
    }
    if control.stable_hash.is_empty() {
        return Err(ground.refuse(
            "This is its first release: no version is stable yet, and no step holds it.",
            "Wait until its pods are available.",
            &[],
        ));
    }
    if !ground.changing() && control.observed {
        return Err(ground.refuse(
            "Nothing is being released: all of it runs the stable version.",
            "Set an image to begin a release, or roll back to an earlier revision.",
            &[Verb::SetImage, Verb::RollBack],
        ));
    }
    Ok(())
}

fn promote(ground: &Ground<'_>, unseen: bool) -> Stage {
    let premises = if unseen {
        seen_premises(ground, false)
    } else {
        let exactly = if ground.release.paused_by_hand { ground.exactly_unpaused() } else { ground.exactly() };
        // The step may move on meanwhile: all of them are left out anyway.
        exactly.into_iter().filter(|premise| !matches!(premise, Premise::Step(_))).chain([Premise::NotPromoting]).collect()
    };
    let goal = match ground.release.position {
        _ if ground.blue_green() && !unseen && !switch::switched(ground) => switch::turned(ground),
        _ if unseen && (ground.blue_green() || ground.release.position.is_none()) => {
            Goal::All(vec![Goal::ReleasingOther(ground.control().stable_hash.clone()), Goal::Promoted])
        }
        // The controller itself puts the index to the end at once.
        Some(at) if unseen => {
            let goals = vec![Goal::ReleasingOther(ground.control().stable_hash.clone()), Goal::StepBeyond(at.total.saturating_sub(1))];
            Goal::All(goals)
        }
        Some(at) if at.index < at.total => ground.still(Goal::StepBeyond(at.total - 1)),
        _ => ground.still(Goal::Promoted),
    };
    let mut stage = stage("Promote fully", Some(ground.status(json!({"status": {"promoteFull": true}}))), premises, goal);
    if ground.blue_green() || ground.release.position.is_none() {
        stage.patience = patience::turns_over(ground);
    }
    stage
}

/// Whether nothing is left to replace: then becoming stable is the effect itself.
fn taken_as_stable(ground: &Ground<'_>) -> bool {
    switch::switched(ground) && ground.control().observed
}

/// Waits for the pods: the controller's own deadline says how long that may take.
fn settle(ground: &Ground<'_>, unseen: bool) -> Stage {
    let stable = ground.control().stable_hash.clone();
    let goal = if unseen { Goal::All(vec![Goal::ReleasingOther(stable), Goal::Promoted]) } else { ground.still(Goal::Promoted) };
    let mut settle = stage("Wait until it is stable", None, vec![Premise::Uid(ground.release.uid.clone())], goal);
    settle.patience = patience::turns_over(ground);
    settle
}

/// What must hold while the template has not been seen: its hash is not known yet, but the object that holds it is.
fn unseen_premises(ground: &Ground<'_>, by_hand: bool) -> Vec<Premise> {
    let control = ground.control();
    let mut premises = vec![Premise::Uid(ground.release.uid.clone()), Premise::Aborted(control.aborted), Premise::NotPromoting];
    premises.push(Premise::PausedByHand(by_hand));
    premises.push(Premise::Stable(control.stable_hash.clone()));
    let ours = i64::from(ground.release.paused_by_hand && !by_hand);
    premises.push(Premise::Generation(control.generation + ours));
    premises.extend(control.template.as_ref().filter(|t| t.kind != Kind::Rollout).map(|t| Premise::Template(t.uid.clone(), t.generation)));
    premises
}

fn seen_premises(ground: &Ground<'_>, by_hand: bool) -> Vec<Premise> {
    let mut premises = unseen_premises(ground, by_hand);
    premises.push(Premise::Observed);
    premises.push(Premise::ReleasingOther(ground.control().stable_hash.clone()));
    premises
}

/// Why a name is typed: what is left out.
fn reason(ground: &Ground<'_>) -> String {
    if taken_as_stable(ground) {
        return "the analysis after the switch is left out".to_owned();
    }
    if ground.blue_green() {
        return format!("all traffic moves to {} at once, past its pause and its analyses", ground.new_name());
    }
    let left = ground.release.position.map_or(0, |at| at.total.saturating_sub(at.index));
    let steps = if left == 0 { String::new() } else { format!("{} left out; ", plural(i64::try_from(left).unwrap_or(0), "step")) };
    format!("{steps}{}", ground.share_words(Some(1.0)))
}

fn notes(ground: &Ground<'_>, unseen: bool) -> Vec<crate::text::Clean> {
    let mut notes: Vec<crate::text::Clean> = Vec::new();
    if unseen {
        notes.push("The controller has not seen the newest template yet. Sent now, this would be lost: it waits for that first.".into());
    }
    if ground.release.paused_by_hand {
        notes.push("It is paused by hand: that pause ends first, as nothing is replaced while it lasts.".into());
    }
    if ground.blue_green() {
        notes.push(format!("The way back is a roll back: it switches to {} again.", ground.old_name()).into());
    } else if ground.routed() {
        notes.push("The weight stays until all its pods are available, then moves to 100 % at once.".into());
    } else {
        notes.push("Pods are replaced as fast as surge and unavailability allow, with no stop between.".into());
    }
    let running = ground.running_words();
    if !running.is_empty() {
        notes.push(format!("It ends {}: nothing measures it any more.", running.join(" and ")).into());
    }
    notes
}

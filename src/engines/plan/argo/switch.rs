//! Switch: points the active Service of a blue-green release at the new version.
//! Refuses before the controller waits for it: what is not ready, or not yet analysed, is not switched to.

use serde_json::json;

use super::gates::Waits;
use super::ground::{Ground, stage};
use super::say;
use crate::release::acting::{Change, Confirm, Goal, Refusal, Verb};
use crate::release::words;

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    if !ground.blue_green() {
        ground.open()?;
        let at_pause = ground.waits() == Some(Waits::Step);
        let offers: &[Verb] = if at_pause { &[Verb::Advance, Verb::PromoteFull] } else { &[Verb::PromoteFull] };
        let first = if at_pause { "Go on ends the step's pause" } else { "Wait for its next pause and go on there" };
        let instead = format!("{first}; promote fully goes all the way at once.");
        return Err(ground.refuse("It has no switch: this is a canary, which goes step by step.", instead, offers));
    }
    ground.open()?;
    let (old, new) = (ground.old_name(), ground.new_name());
    if switched(ground) {
        return Err(ground.refuse(
            format!("It has switched already: all traffic goes to {new}."),
            format!("Abort, while it is not stable yet, or roll back switches to {old} again."),
            &[Verb::Abort, Verb::RollBack],
        ));
    }
    match ground.waits() {
        Some(Waits::Switch) => {}
        Some(_) => {
            return Err(ground.refuse(
                "An analysis before the switch could not decide.",
                "Resume ends that pause: the controller measures again. Promote fully switches without it.",
                &[Verb::Resume, Verb::PromoteFull],
            ));
        }
        None => return Err(not_waiting(ground)),
    }
    let by_hand = ground.release.paused_by_hand;
    let mut stages = Vec::new();
    if by_hand {
        stages.push(ground.unpause(vec![Goal::Any(vec![Goal::Gated, turned(ground)])]));
    }
    let mut premises = if by_hand { ground.exactly_unpaused() } else { ground.exactly() };
    premises.extend(ground.gate_premises());
    let body = json!({"status": {"pauseConditions": null}});
    stages.push(stage("Switch", Some(ground.status(body)), premises, turned(ground)));
    let service = &ground.rollout.status.blue_green;
    let effect = format!("Switches all traffic from {old} to {new} in one move: 0 % → 100 %.");
    let mut change = ground.change(effect, stages);
    change.exposed.after = Some(1.0);
    change.confirm = Confirm::Typed(format!("all traffic moves to {new} at once").into());
    change.notes.push(format!("The way back is abort until {new} is stable, then roll back: either switches to {old} again.").into());
    if let Some(spec) = &ground.rollout.spec.strategy.blue_green {
        let delay = spec.scale_down_delay_seconds.unwrap_or(30);
        let kept = crate::release::figures::duration(delay);
        change
            .notes
            .push(format!("The pods of {old} are kept {kept} after {new} is stable; a roll back within that time is at once.").into());
        if spec.post_promotion_analysis.is_some() {
            change.notes.push(format!("An analysis follows the switch and switches back to {old} if it fails.").into());
        }
    }
    if by_hand {
        change.notes.push("It is paused by hand as well: that pause ends first, as nothing is switched while it lasts.".into());
    } else if let Some(end) = ground.pause_ends() {
        change.notes.push(format!("Left alone, it would switch by itself at {}.", say::at(end)).into());
    }
    if service.active_selector.is_empty() {
        change.risks.push("The active Service points at no version now.".into());
    }
    change.risks.extend(super::advance::risks(ground, None));
    Ok(change)
}

/// Whether the active Service points at the new version.
pub fn switched(ground: &Ground<'_>) -> bool {
    ground.blue_green() && ground.rollout.status.blue_green.active_selector == ground.control().new_hash
}

/// That the active Service points at the version being released.
pub fn turned(ground: &Ground<'_>) -> Goal {
    Goal::Switched(ground.control().new_hash.clone())
}

/// Whether nobody needs to ask for the switch.
pub fn switches_by_itself(ground: &Ground<'_>) -> bool {
    let spec = ground.rollout.spec.strategy.blue_green.as_ref();
    spec.is_some_and(|spec| spec.auto_promotion_enabled.unwrap_or(true) || spec.auto_promotion_seconds.unwrap_or(0) > 0)
}

fn not_waiting(ground: &Ground<'_>) -> Refusal {
    let new = ground.new_name();
    if ground.release.paused_by_hand {
        return ground.refuse(
            "It is paused by hand and not yet where it waits for the switch.",
            "Resume ends the pause by hand; the switch is offered once the preview is ready.",
            &[Verb::Resume],
        );
    }
    let running = ground.running_words();
    if !running.is_empty() {
        return ground.refuse(
            format!("That would skip the {}, which decides before the switch.", running.join(", ")),
            "Wait until it has passed; promote fully switches without it.",
            &[Verb::PromoteFull],
        );
    }
    let ready =
        words::new_version(ground.release).map_or_else(String::new, |v| format!(" ({} of {} ready)", v.ready, say::pods(v.desired)));
    ground.refuse(
        format!("The preview of {new} is not ready{ready}."),
        "Wait until the controller says that it waits for the switch; abort takes the preview away.",
        &[Verb::Abort],
    )
}

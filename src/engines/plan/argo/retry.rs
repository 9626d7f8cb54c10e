//! Retry: starts the version that was aborted again, at its first step.
//! Refuses where nothing was aborted: a version that is stuck is not helped by it.

use serde_json::json;

use super::ahead::ahead;
use super::ground::{Ground, stage};
use super::switch::switches_by_itself;
use crate::release::Phase;
use crate::release::acting::{Change, Confirm, Goal, Refusal, Verb};

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    if !ground.control().aborted {
        return Err(not_aborted(ground));
    }
    if ground.release.phase != Phase::Degraded {
        return Err(ground.refuse(
            "The abort was asked for a moment ago and the controller has not reacted yet.",
            "Wait until it has; then retry starts it again at its first step. Roll back takes it out of the spec.",
            &[Verb::RollBack],
        ));
    }
    if !ground.control().observed {
        return Err(ground.refuse(
            "Its spec was changed after the abort and the controller has not seen that yet: the change alone starts it again.",
            "Wait until the controller has seen it; pause holds it before its first pod.",
            &[Verb::Pause],
        ));
    }
    let new = ground.new_name();
    let write = ground.status(json!({"status": {"abort": false}}));
    let stages = vec![stage("Take the abort back", Some(write), ground.exactly(), Goal::NotAborted)];
    let (after, effect) = if ground.blue_green() {
        let alone = switches_by_itself(ground);
        let then = if alone { "switches all traffic to it by itself once it is ready" } else { "waits for the switch once it is ready" };
        (Some(if alone { 1.0 } else { 0.0 }), format!("Starts the preview of {new} again and {then}."))
    } else {
        let next = ahead(ground.release, 0, Some(0.0));
        (next.share, format!("Starts {new} again at its first step: {}; {}.", next.words(ground.release), ground.share_words(next.share)))
    };
    let mut change = ground.change(effect, stages);
    change.exposed.after = after;
    if after == Some(1.0) {
        change.confirm = Confirm::Typed(format!("nothing holds it before {new} gets everything").into());
    }
    if let Some(why) = ground.release.abort.as_ref().and_then(|abort| abort.chain.first()) {
        change.risks.push(format!("It is the same version that was aborted: {}.", why.trim_end_matches('.')).into());
    }
    change.notes.push("Nothing of it has changed: what aborted it may do so again.".into());
    if ground.release.paused_by_hand {
        change.notes.push("It is paused by hand and stays so: resume lets it begin.".into());
    }
    Ok(change)
}

fn not_aborted(ground: &Ground<'_>) -> Refusal {
    if !ground.changing() {
        return ground.refuse(
            "It was not aborted, and nothing is being released.",
            "Restart replaces the pods of the same version; roll back goes to an earlier one.",
            &[Verb::Restart, Verb::RollBack],
        );
    }
    if ground.release.phase == Phase::Degraded {
        return ground.refuse(
            "It was not aborted: it is stuck and goes on trying by itself.",
            "Abort takes its traffic away, then retry works; roll back takes it out of the spec.",
            &[Verb::Abort, Verb::RollBack],
        );
    }
    ground.refuse("It was not aborted: it is on its way.", "Abort takes its traffic away; then retry starts it again.", &[Verb::Abort])
}

//! Pause: `spec.suspend`. The weights freeze where they are, and so does everything that would take them back.
//! Refuses where nothing is under way, and never hides that the analysis stops with it.

use serde_json::json;

use super::ground::Ground;
use super::{look, stands::Stands};
use crate::release::acting::{Change, Goal, Premise, Refusal, Verb};

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    refused(ground)?;
    // Towards safety little may stand in the way: neither the weight nor the version must be the one on screen.
    let premises = vec![ground.uid(), Premise::PausedByHand(false)];
    let write = ground.spec(json!({"spec": {"suspend": true}}));
    let stages = vec![ground.stage("suspend it", Some(write), premises, Goal::PausedByHand(true), look::looks(ground.canary, 0))];
    let new = ground.new_name();
    let stands = ground.stands();
    let effect = match (stands, ground.share()) {
        (Stands::NotBegun | Stands::Waiting, _) => {
            format!("Holds {new} before its first pod: Flagger does not begin it while it is suspended.")
        }
        (_, Some(share)) => format!("Freezes the weights where they are: {new} keeps {share}."),
        (_, None) => format!("Freezes the weights where they are: {new} keeps what it gets now."),
    };
    let mut change = ground.change(effect, stages);
    if stands.is_in_flight() {
        change.notes.push(
            "While it is suspended Flagger checks nothing and takes nothing back: no measurement, no deadline, no gate. The guard, or you, is what is left."
                .into(),
        );
        change.notes.push("A look that is under way at this moment may still take one step.".into());
    }
    if stands == Stands::Promoting {
        change.risks.push(
            "The primary is being replaced: its own pods go on rolling, and a share of the requests stays at the new version's.".into(),
        );
    }
    if stands.is_in_flight() {
        change.risks.push("A change of the target's template made meanwhile goes to its pods at the weight of now, unchecked.".into());
    }
    Ok(change)
}

fn refused(ground: &Ground<'_>) -> Result<(), Refusal> {
    if ground.release.paused_by_hand {
        let checked = ground.stands().is_checked();
        let (instead, offers): (_, &[Verb]) = if checked {
            ("Resume lets it go on; abort takes the traffic back, also while it is suspended.", &[Verb::Resume, Verb::Abort])
        } else {
            ("Resume lets it go on.", &[Verb::Resume])
        };
        return Err(ground.refuse("It is suspended already.", instead, offers));
    }
    ground.alive()?;
    match ground.stands() {
        Stands::Idle => Err(ground.refuse(
            "Nothing is being released.",
            "Set an image to begin a release, or roll back to an earlier version.",
            &[Verb::SetImage, Verb::RollBack],
        )),
        Stands::Failed => Err(ground.refuse(
            "It has failed and its traffic is gone: there is nothing to stop.",
            "Roll back takes the version out of the target's template; retry has it analysed again.",
            &[Verb::RollBack, Verb::Retry],
        )),
        _ => Ok(()),
    }
}

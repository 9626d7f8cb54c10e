//! Resume: ends the suspension and nothing else. Flagger goes on from the weight that it finds in the router.
//! Refuses to open a gate: those are opened where they are asked.

use serde_json::json;

use super::ground::Ground;
use super::{look, refusals, stands::Stands};
use crate::release::acting::{Change, Goal, Refusal};

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    if !ground.release.paused_by_hand {
        return Err(refusals::refused(ground));
    }
    let write = ground.spec(json!({"spec": {"suspend": null}}));
    let stages =
        vec![ground.stage("end the suspension", Some(write), ground.exactly(), Goal::PausedByHand(false), look::looks(ground.canary, 0))];
    let (new, next) = (ground.new_name(), ground.next_look());
    let share = ground.share().map_or_else(String::new, |share| format!(", from {share}"));
    let effect = match ground.stands() {
        Stands::Analysing if ground.control().abort_asked => {
            format!("Flagger goes on at {next}, finds its failed checks at the threshold, and takes {new} back.")
        }
        Stands::Analysing => format!("Flagger goes on with the analysis of {new} at {next}{share}."),
        Stands::WaitingPromotion => {
            format!("Flagger asks {} again at {next}: where that is open, {new} is promoted.", ground.gate_words("confirm-promotion"))
        }
        Stands::Waiting => {
            format!("Flagger asks {} again at {next}: where that is open, {new} begins.", ground.gate_words("confirm-rollout"))
        }
        Stands::Promoting => format!("Flagger goes on promoting {new} at {next}."),
        Stands::NotBegun => format!("Flagger begins the analysis of {new} at {next}."),
        Stands::Idle | Stands::Failed | Stands::Building | Stands::Deleted => {
            "Nothing is being released: the next change of the target is analysed again.".to_owned()
        }
    };
    let mut change = ground.change(effect, stages);
    match ground.stands() {
        Stands::Analysing if ground.control().abort_asked => change.exposed.after = Some(0.0),
        Stands::Analysing | Stands::NotBegun => {
            change.exposed.after = ground.release.exposure.next.or(change.exposed.before);
            change.notes.push("It checks and takes back by itself again from then on.".into());
        }
        Stands::WaitingPromotion | Stands::Promoting => change.exposed.after = Some(1.0),
        _ => {}
    }
    if ground.control().promote_full {
        change.exposed.after = Some(1.0);
        change.risks.push("skipAnalysis is set: it is promoted at that look, without a check.".into());
    }
    if let Some(why) = ground.primary_unready() {
        change.risks.push(format!("The primary is not ready ({why}): Flagger does nothing before it is.").into());
    }
    Ok(change)
}

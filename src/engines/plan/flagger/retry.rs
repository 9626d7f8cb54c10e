//! Retry: the same version once more, by an annotation of the pod template: Flagger passes over a template that it has seen fail.
//! Refuses where nothing has failed.

use serde_json::json;

use super::ground::Ground;
use super::{image, look, stands::Stands};
use crate::engines::plan::template::{holder, premises, undone_by, write};
use crate::release::acting::{Change, Goal, Holder, PatchKind, Premise, Refusal, Stage, Verb};
use crate::release::{Phase, words};

/// The annotation of the pod template that makes it another one.
pub const RETRIED: &str = "flightdeck.dev/retried";

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    refused(ground)?;
    let held = holder(ground.release, Verb::Retry)?;
    // Never twice the same: the generation only grows.
    let stamp = format!("after generation {}", held.generation);
    let stage = annotate(ground, held, RETRIED, &stamp, "flightdeck: retry");
    let begun = image::begun(ground.world, ground.release);
    let version = words::new_version(ground.release)
        .map_or_else(|| "the same version".to_owned(), |version| words::version_name(ground.release, version));
    let mut change = ground.change(format!("Has {version} analysed once more from its start: {}", begun.effect), vec![stage]);
    change.undone_by = undone_by(ground.release);
    change.exposed.after = begun.share;
    change.notes.push("Only an annotation of the target's pod template changes: Flagger passes over a template it has seen fail.".into());
    change.notes.extend(begun.notes);
    if let Some(why) = ground.release.abort.as_ref().and_then(|abort| abort.chain.first()) {
        change.risks.push(format!("It is the same version that failed: {}.", why.trim_end_matches('.')).into());
    } else {
        change.risks.push("It is the same version that failed: what failed it may do so again.".into());
    }
    Ok(change)
}

/// An annotation of the target's pod template, and the change cause with it.
pub fn annotate(ground: &Ground<'_>, held: &Holder, key: &str, value: &str, cause: &str) -> Stage {
    let body = json!({
        "metadata": {"annotations": {"kubernetes.io/change-cause": cause}},
        "spec": {"template": {"metadata": {"annotations": {key: value}}}},
    });
    let mut one = write(ground.release, held, Vec::new());
    (one.patch, one.body) = (PatchKind::Merge, body);
    let mut rests_on: Vec<Premise> = premises(ground.release, held);
    rests_on.push(Premise::Phase(ground.release.phase));
    ground.stage("change the target's template", Some(one), rests_on, begins(ground), look::looks(ground.canary, 1))
}

/// Flagger is at work on it; where it is suspended that comes later, and the changed template is all there is to see.
pub fn begins(ground: &Ground<'_>) -> Goal {
    let generation = ground.control().template.as_ref().map_or(0, |held| held.generation);
    let changed = Goal::ObservedBeyond(generation);
    if ground.release.paused_by_hand {
        return changed;
    }
    Goal::All(vec![changed, Goal::Any(vec![Goal::Phase(Phase::Progressing), Goal::Phase(Phase::Paused)])])
}

fn refused(ground: &Ground<'_>) -> Result<(), Refusal> {
    ground.alive()?;
    match ground.stands() {
        Stands::Failed => Ok(()),
        Stands::Idle => Err(ground.refuse(
            "It has not failed, and nothing is being released.",
            "Restart releases the same images once more; roll back goes to an earlier version.",
            &[Verb::Restart, Verb::RollBack],
        )),
        Stands::Analysing | Stands::WaitingPromotion => Err(ground.refuse(
            "It has not failed: it is on its way.",
            "Abort takes it back; then retry has it analysed again.",
            &[Verb::Abort],
        )),
        _ => Err(ground.refuse(
            "It has not failed: it is on its way.",
            "Wait for it; pause holds it where it is.",
            if ground.release.paused_by_hand { &[Verb::Resume] } else { &[Verb::Pause] },
        )),
    }
}

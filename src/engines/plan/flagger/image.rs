//! What a change of the target's template comes to under Flagger: a release of its own, seen at its next look and analysed from weight 0.
//! Refuses what would reach people unchecked: a change while it is suspended in the middle, or while the primary is being replaced.

use super::{Stands, look};
use crate::engines::plan::template::refuse;
use crate::objects::{Canary, World};
use crate::release::acting::{Change, Goal, Premise, Refusal, Verb};
use crate::release::{Release, figures, words};
use crate::text::Clean;

/// What it comes to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Begun {
    /// A sentence.
    pub effect: String,
    /// What else is to be known.
    pub notes: Vec<Clean>,
    /// What could go wrong.
    pub risks: Vec<Clean>,
    /// What the new version gets first, 0..=1, where that can be told.
    pub share: Option<f64>,
}

/// What a change of the target's template comes to, as it stands.
pub fn begun(world: &World, release: &Release) -> Begun {
    let Some(canary) = world.canary(&release.key.namespace, &release.key.name) else { return Begun::default() };
    let every = figures::duration(look::interval(canary));
    let share = first_share(canary);
    let first =
        share.filter(|_| weighs(canary)).map_or_else(String::new, |share| format!("; the first share it gets is {}", figures::told(share)));
    let mut begun = Begun { share, ..Begun::default() };
    let stands = Stands::of(canary, release);
    let gated = canary.spec.analysis.webhooks.iter().any(|hook| hook.kind == "confirm-rollout");
    begun.effect = match stands {
        _ if release.paused_by_hand => "it is suspended, so Flagger begins it once it is resumed.".to_owned(),
        _ if release.control.promote_full => {
            format!("Flagger sees it at its next look (every {every}) and promotes it without a check, as skipAnalysis is set.")
        }
        Stands::Analysing | Stands::WaitingPromotion => {
            format!("Flagger sees it at its next look (every {every}), takes the weight back to 0 and begins the analysis anew{first}.")
        }
        Stands::Waiting => "it takes the place of the version that waits at the gate, and waits there itself.".to_owned(),
        _ => format!("Flagger sees it at its next look (every {every}) and analyses it as a release{first}."),
    };
    if stands.is_checked() {
        begun.risks.push("Its pods are replaced at once, and until that look they keep the weight of now.".into());
    }
    if gated && stands != Stands::Waiting && !release.paused_by_hand {
        begun.notes.push("It waits at its confirm-rollout gate before its first pod.".into());
    }
    if release.paused_by_hand {
        begun.share = Some(0.0);
    } else if release.control.promote_full {
        begun.share = Some(1.0);
        begun.risks.push("skipAnalysis is set: nothing looks at it before everybody gets it.".into());
    }
    begun
}

/// Why the template is not changed now.
///
/// # Errors
/// The refusal.
pub fn may_change(world: &World, release: &Release, images: &[Clean]) -> Result<(), Refusal> {
    let Some(canary) = world.canary(&release.key.namespace, &release.key.name) else { return Ok(()) };
    let stands = Stands::of(canary, release);
    match stands {
        Stands::Promoting => Err(refuse(
            Verb::SetImage,
            "It is being promoted: the target's pods still get a share of the requests, and would be replaced unchecked.",
            "Wait until Flagger is done; then the new image is analysed from its start.",
            &[],
        )),
        Stands::Analysing | Stands::WaitingPromotion if release.paused_by_hand => Err(refuse(
            Verb::SetImage,
            "It is suspended: the new image would go to the pods at the weight of now, and nothing would check it.",
            "Abort takes the traffic back first, also while it is suspended; or resume, then set the image.",
            &[Verb::Abort, Verb::Resume],
        )),
        Stands::Analysing | Stands::WaitingPromotion if is_promoted(world, canary, images) => {
            super::going_back(world, release, Verb::SetImage)
        }
        _ => Ok(()),
    }
}

/// Whether these are the images that the primary runs.
pub fn is_promoted(world: &World, canary: &Canary, images: &[Clean]) -> bool {
    let primary = canary.primary().and_then(|primary| world.deployment(&canary.metadata.namespace, &primary));
    primary.is_some_and(|primary| primary.spec.template.images() == images)
}

/// Whether a router gives it a share in steps.
fn weighs(canary: &Canary) -> bool {
    let analysis = &canary.spec.analysis;
    analysis.iterations == 0 && !canary.spec.provider.starts_with("kubernetes")
}

/// The first weight above nothing, as a share; nobody gets it first where rounds are counted without weights and without a match.
fn first_share(canary: &Canary) -> Option<f64> {
    let analysis = &canary.spec.analysis;
    if !weighs(canary) {
        // Who is matched by an A/B rule is not known; blue-green gives it to nobody before the end.
        return (!analysis.has_match).then_some(0.0);
    }
    let written = analysis.step_weights.first().copied().filter(|weight| *weight > 0);
    let step = written.or(Some(analysis.step_weight).filter(|weight| *weight > 0))?;
    i32::try_from(step.min(100)).ok().map(|step| f64::from(step) / 100.0)
}

/// The plan of other images, with what it comes to under Flagger in place of what a Deployment would do.
pub fn with_image(world: &World, release: &Release, mut change: Change, images: &[Clean]) -> Change {
    let Some(canary) = world.canary(&release.key.namespace, &release.key.name) else { return change };
    let begun = begun(world, release);
    let promoted = is_promoted(world, canary, images) && !release.control.promote_full;
    change.effect = if promoted {
        "Puts the images that the primary runs back into the target: where this is the very template Flagger promoted last, nothing is released by it."
            .into()
    } else {
        Clean::from(words::capital(&begun.effect))
    };
    change.exposed.after = if promoted { Some(0.0) } else { begun.share };
    change.notes = begun.notes;
    // What is known of an image is said last.
    change.risks.retain(|risk| !risk.starts_with("An update is under way"));
    change.risks.splice(0..0, begun.risks);
    for stage in &mut change.stages {
        stage.patience = look::looks(canary, 1);
        let seen = release.control.template.as_ref().map_or(0, |held| held.generation);
        let moves = matches!(Stands::of(canary, release), Stands::Idle | Stands::Failed) && !promoted && !release.paused_by_hand;
        stage.goal = if moves { Goal::All(vec![Goal::ObservedBeyond(seen), stage.goal.clone()]) } else { Goal::ObservedBeyond(seen) };
        stage.premises.push(Premise::Phase(release.phase));
    }
    change
}

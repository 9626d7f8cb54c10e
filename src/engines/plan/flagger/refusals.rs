//! What Flagger can't be asked for, each with what is so and the nearest thing that works.
//! Never sends anybody to the primary, or to the Canary's deletion.

use super::ground::Ground;
use super::stands::Stands;
use crate::engines::plan::template::refuse;
use crate::objects::World;
use crate::release::Release;
use crate::release::acting::{Refusal, Verb};

/// Advance, skip, switch, terminate; and a resume of what is not suspended.
pub fn refused(ground: &Ground<'_>) -> Refusal {
    if let Err(refusal) = ground.alive() {
        return refusal;
    }
    let asked = ground.intent.verb();
    let what = match asked {
        Verb::Terminate => Some("Flagger makes no analysis run that could be ended: it measures by itself at each look."),
        Verb::Switch => Some("Flagger has no switch: it promotes by itself once its checks have passed."),
        _ => None,
    };
    let (why, instead, offers) = so(ground);
    let why = match what {
        Some(what) => what.to_owned(),
        None => why,
    };
    ground.refuse(why, instead, &offers)
}

/// What is so, what works, and its verbs.
fn so(ground: &Ground<'_>) -> (String, String, Vec<Verb>) {
    let next = ground.next_look();
    let gate = |kind: &str| ground.gate_words(kind);
    if ground.release.paused_by_hand {
        let checked = ground.stands().is_checked();
        return (
            "It is suspended: Flagger takes no step and asks no gate.".to_owned(),
            if checked { "Resume lets it go on; abort takes the traffic back." } else { "Resume lets it go on." }.to_owned(),
            if checked { vec![Verb::Resume, Verb::Abort] } else { vec![Verb::Resume] },
        );
    }
    match ground.stands() {
        Stands::Waiting => (
            format!("It waits at {}, before its first pod: Flagger asks again at {next}.", gate("confirm-rollout")),
            "The gate is opened there and not at the Canary; pause holds it here.".to_owned(),
            vec![Verb::Pause],
        ),
        Stands::WaitingPromotion => (
            format!("It waits at {} before the promotion: Flagger asks again at {next}.", gate("confirm-promotion")),
            "The gate is opened there and not at the Canary; promote fully goes past it, and abort takes the traffic back.".to_owned(),
            offered(ground, &[Verb::PromoteFull, Verb::Abort]),
        ),
        Stands::Analysing => {
            let gates = ground.gates("confirm-traffic-increase");
            let gated = if gates.is_empty() {
                String::new()
            } else {
                format!(" Before each it asks {}, which is opened there.", gates.join(" and "))
            };
            (
                format!("No step of Flagger's can be taken by hand: it takes the next one by itself at {next}, if its checks pass.{gated}"),
                "Wait for it; promote fully leaves the rest out, pause and abort stop it.".to_owned(),
                offered(ground, &[Verb::PromoteFull, Verb::Pause, Verb::Abort]),
            )
        }
        Stands::Promoting => (
            format!("It is being promoted: Flagger goes on by itself at {next}."),
            "Wait until it is done; pause keeps it from going on.".to_owned(),
            vec![Verb::Pause],
        ),
        Stands::NotBegun => (
            format!("Flagger has not begun it yet: it does so by itself at {next}."),
            "Wait for it; pause holds it before its first pod.".to_owned(),
            vec![Verb::Pause],
        ),
        Stands::Failed => (
            "It has failed, and its traffic is gone.".to_owned(),
            "Retry has it analysed again; roll back takes it out of the target's template.".to_owned(),
            vec![Verb::Retry, Verb::RollBack],
        ),
        Stands::Idle | Stands::Building | Stands::Deleted => (
            "Nothing is being released.".to_owned(),
            "Set an image to begin a release, or roll back to an earlier version.".to_owned(),
            vec![Verb::SetImage, Verb::RollBack],
        ),
    }
}

/// Those of them that would be planned as it stands.
fn offered(ground: &Ground<'_>, verbs: &[Verb]) -> Vec<Verb> {
    let control = ground.control();
    let (ready, asked) = (ground.target_unready().is_none(), control.abort_asked);
    let works = |verb: &Verb| match verb {
        Verb::PromoteFull => ready && !asked && !control.promote_full,
        Verb::Abort => !(asked && ready),
        _ => true,
    };
    verbs.iter().copied().filter(works).collect()
}

/// Whether going back is refused whatever revision is meant: it is in flight, and the target's template no longer decides.
pub fn is_beyond_going_back(world: &World, release: &Release) -> bool {
    let canary = world.canary(&release.key.namespace, &release.key.name);
    canary.is_some_and(|canary| {
        let stands = Stands::of(canary, release);
        stands.is_in_flight() || matches!(stands, Stands::Building | Stands::Deleted)
    })
}

/// Why the target's template is not put back now, or not to be trusted with it.
///
/// # Errors
/// The refusal.
pub fn going_back(world: &World, release: &Release, asked: Verb) -> Result<(), Refusal> {
    let Some(canary) = world.canary(&release.key.namespace, &release.key.name) else { return Ok(()) };
    let trap = "Setting the target back now does not abort it: Flagger does not count the promoted template as a change, goes on at the weight of now, and records the bad version as promoted.";
    match Stands::of(canary, release) {
        Stands::Analysing | Stands::WaitingPromotion => Err(refuse(
            asked,
            trap,
            "Abort takes the traffic back; once it has failed, roll back takes the version out of the target's template.",
            &[Verb::Abort],
        )),
        Stands::Promoting => Err(refuse(
            asked,
            "It is being promoted: the primary is taking the new template in, and setting the target back changes that no more.",
            "Wait until Flagger is done, then roll back; all at once it leaves the analysis of the old version out.",
            &[],
        )),
        Stands::Building => Err(refuse(
            asked,
            "Flagger is still building the primary from this template.",
            "Wait until the primary is there; then set another image.",
            &[],
        )),
        Stands::Deleted => Err(refuse(asked, "The Canary is being deleted.", "Look at the Deployments that it leaves behind.", &[])),
        _ => Ok(()),
    }
}

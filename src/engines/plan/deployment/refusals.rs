//! What a Deployment can't do, each with the nearest thing that works on it as it stands.
//! Refuses without a way out are none: every sentence here ends in one.

use crate::engines::plan::template::refuse;
use crate::release::acting::{Refusal, Verb};
use crate::release::{Phase, Release};

/// A verb that means nothing to a Deployment.
pub fn refused(release: &Release, asked: Verb) -> Refusal {
    let (instead, offers) = nearest(release);
    let why = match asked {
        Verb::Advance if release.phase == Phase::Degraded => {
            "It has no steps, and it waits for nobody: its new pods do not become available.".to_owned()
        }
        Verb::Advance if release.under_way => "It has no steps, and it waits for nobody: it moves pod by pod by itself.".to_owned(),
        Verb::Advance => "Nothing is being released.".to_owned(),
        Verb::Abort if release.under_way => "A Deployment has no abort.".to_owned(),
        Verb::Abort => "A Deployment has no abort, and nothing is being released.".to_owned(),
        Verb::Skip | Verb::PromoteFull => "A Deployment has no steps to leave out: it goes to every pod by itself.".to_owned(),
        Verb::Retry => "A Deployment is never aborted, so there is nothing to retry.".to_owned(),
        Verb::Switch => "A Deployment has no preview to switch to.".to_owned(),
        Verb::Terminate => "A Deployment runs no analysis.".to_owned(),
        other => format!("A Deployment has no {}.", other.words()),
    };
    if asked == Verb::Retry && !release.paused_by_hand {
        return refuse(
            asked,
            why,
            "Restart replaces its pods and starts the progress deadline anew; a roll back takes the version away.",
            &[Verb::Restart, Verb::RollBack],
        );
    }
    refuse(asked, why, instead, &offers)
}

/// What works on it as it stands, the safest first.
fn nearest(release: &Release) -> (&'static str, Vec<Verb>) {
    match (release.paused_by_hand, release.under_way, release.phase) {
        (true, true, _) => {
            ("It is paused half way: roll back takes the new version away, resume goes on with it.", vec![Verb::RollBack, Verb::Resume])
        }
        (true, false, _) => ("It is paused: resume lets later changes roll out.", vec![Verb::Resume]),
        (false, _, Phase::Degraded) => ("Roll back takes the new version away.", vec![Verb::RollBack]),
        (false, true, _) => ("Roll back takes the new version away; pause keeps the mix as it is.", vec![Verb::RollBack, Verb::Pause]),
        (false, false, _) => ("Roll back goes to an older version; set the image of another one.", vec![Verb::RollBack, Verb::SetImage]),
    }
}

/// A second pause.
pub fn paused_already() -> Refusal {
    refuse(
        Verb::Pause,
        "It is paused already.",
        "Resume goes on; roll back takes the new version away, also while it is paused.",
        &[Verb::Resume, Verb::RollBack],
    )
}

/// A resume of what is not paused.
pub fn not_paused(release: &Release) -> Refusal {
    let (instead, offers) = nearest(release);
    let why = if release.under_way { "It is not paused: it moves pod by pod by itself." } else { "It is not paused." };
    refuse(Verb::Resume, why, instead, &offers)
}

/// A restart of what is paused.
pub fn restart_paused() -> Refusal {
    refuse(
        Verb::Restart,
        "It is paused: no pod would be replaced now, and all of them at the moment somebody resumes it.",
        "Resume it first, then restart it.",
        &[Verb::Resume],
    )
}

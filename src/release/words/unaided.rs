//! What would take a release back by itself at this moment, and does not: a pause suspends more than the steps.
//! Refuses to call it suspended while an analysis of the controller's own runs: Argo's pause does not stop that. Flagger's stops everything.

use crate::objects::AnalysisPhase;
use crate::release::{Engine, Release};

/// Why nothing but a person, or a guard, would take it back now: a clause. `None` where an analysis that decides runs, or where nothing is
/// being released.
#[must_use]
pub fn unaided(release: &Release) -> Option<&'static str> {
    if !release.under_way {
        return None;
    }
    match release.engine {
        Engine::Deployment => Some("a Deployment takes nothing back by itself"),
        // Outside of that it fails what its checks or its deadline fail; what waits for its first pods is not exposed.
        Engine::Flagger => suspended(release).or_else(|| unchecked(release)),
        Engine::ArgoRollouts => {
            suspended(release).or_else(|| (!is_analysed(release)).then_some("no analysis of its own runs that would take it back"))
        }
    }
}

/// The same where it is a pause by hand that keeps the controller from it: its deadline stands still, and no further step is measured.
#[must_use]
pub fn suspended(release: &Release) -> Option<&'static str> {
    if !release.under_way || !release.paused_by_hand {
        return None;
    }
    match release.engine {
        Engine::Flagger => Some("it is suspended, and while it is Flagger checks nothing and takes nothing back"),
        Engine::ArgoRollouts if !is_analysed(release) => {
            Some("it is paused by hand, and while it is its controller takes nothing back by itself")
        }
        _ => None,
    }
}

/// Flagger's checks wait for pods, and so does every way back of its own but the deadline, which some ready pods keep from passing.
fn unchecked(release: &Release) -> Option<&'static str> {
    let waits = release.analyses.iter().any(|one| one.phase == AnalysisPhase::Pending);
    let partly = release.versions.iter().any(|version| version.runs_new && version.available > 0);
    match (waits, partly) {
        (true, true) => Some("not all of its new pods are ready, and while some are Flagger neither checks nor takes anything back"),
        (true, false) => Some("its new pods are not ready, and Flagger checks nothing until they are or its deadline passes"),
        _ => None,
    }
}

/// What only watches decides nothing.
fn is_analysed(release: &Release) -> bool {
    let runs = |phase| matches!(phase, AnalysisPhase::Running | AnalysisPhase::Pending);
    release.analyses.iter().any(|one| runs(one.phase) && (!one.metrics.is_empty() || one.dry_run.is_empty()))
        || release.experiments.iter().any(|one| runs(one.phase))
}

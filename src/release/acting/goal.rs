//! [`Goal`]: what a later state must show before an action counts as having taken effect.

use super::Footing;
use crate::release::{Engine, Phase, Release, Role, Time};
use crate::text::Clean;

/// A predicate on a later state of the release. The server's 200 is never one.
#[derive(Debug, Clone, PartialEq)]
pub enum Goal {
    /// All of these.
    All(Vec<Goal>),
    /// Any of these.
    Any(Vec<Goal>),
    /// More than so many steps are done, or the update is over.
    StepBeyond(usize),
    /// The controller keeps no pause and has noticed that (Argo clears `controllerPause` last).
    NoGate,
    /// The controller keeps a pause again.
    Gated,
    /// Paused by hand, or not.
    PausedByHand(bool),
    /// Aborted and taken in by the controller: its phase says so.
    Aborted,
    /// An abort is asked for, in a field that the controller has yet to look at (Flagger's failed checks), or carried out already.
    AbortAsked,
    /// No longer aborted.
    NotAborted,
    /// The new version gets nothing: weight 0, or no ready pod of it where there are no weights.
    NoExposure,
    /// What is being released is stable now.
    Promoted,
    /// All the way is asked for, or is not any more (Flagger's `skipAnalysis`, which stays until somebody takes it back).
    PromoteAsked(bool),
    /// So many per cent of the new pods have to be ready, or the controller's own number where the spec names none (Flagger).
    ReadyThreshold(Option<i64>),
    /// The active Service points at the version of this hash (blue-green).
    Switched(Clean),
    /// The controller has moved pods, weight or runs since: it works on another step. Needed where the write itself raises the index.
    MovedFrom(Footing),
    /// Pod template of this hash is what is being released.
    Releasing(Clean),
    /// Another pod template than that of this hash is being released, and the controller has seen it.
    ReleasingOther(Clean),
    /// The controller has taken in a spec newer than this generation of the object that holds the pod template.
    ObservedBeyond(i64),
    /// The controller has restarted pods up to this moment.
    Restarted(Time),
    /// This analysis run has ended.
    RunEnded(Clean),
    /// Its phase.
    Phase(Phase),
}

impl Goal {
    /// Whether it is reached.
    pub fn met(&self, release: &Release) -> bool {
        let control = &release.control;
        match self {
            Self::All(goals) => goals.iter().all(|goal| goal.met(release)),
            Self::Any(goals) => goals.iter().any(|goal| goal.met(release)),
            Self::StepBeyond(index) => control.observed && (!release.under_way || release.position.is_some_and(|at| at.index > *index)),
            Self::NoGate => control.gates.is_empty() && !control.controller_pause,
            Self::Gated => !control.gates.is_empty() && control.controller_pause,
            Self::PausedByHand(paused) => release.paused_by_hand == *paused && control.observed,
            Self::Aborted => control.aborted && release.phase == Phase::Degraded && abort_seen(release),
            Self::AbortAsked => control.abort_asked || control.aborted,
            Self::NotAborted => !control.aborted && control.observed && release.abort.is_none() && !says_aborted(release),
            Self::NoExposure => exposed_nothing(release),
            Self::Promoted => {
                // Flagger's wish for all the way stays in its spec after it was fulfilled.
                let done = if release.engine == Engine::Flagger { !control.aborted } else { !control.promote_full };
                control.observed && done && control.new_hash == control.stable_hash && !release.under_way
            }
            Self::PromoteAsked(asked) => control.promote_full == *asked,
            Self::ReadyThreshold(threshold) => control.ready_threshold == *threshold,
            Self::Switched(hash) => release.versions.iter().any(|version| version.role == Role::Active && version.hash == *hash),
            Self::MovedFrom(footing) => Footing::of(release) != *footing,
            Self::Releasing(hash) => control.observed && control.releases(hash),
            Self::ReleasingOther(hash) => control.observed && control.new_hash != *hash,
            Self::ObservedBeyond(generation) => {
                control.observed && control.template.as_ref().is_some_and(|holder| holder.generation > *generation)
            }
            Self::Restarted(at) => control.restarted.is_some_and(|done| done >= *at),
            Self::RunEnded(name) => !release.analyses.iter().any(|run| run.name == *name && !run.phase.is_completed()),
            Self::Phase(phase) => release.phase == *phase,
        }
    }

    /// What is watched for, in words: `watches for …`.
    pub fn words(&self) -> Clean {
        let join = |goals: &[Self], between: &str| goals.iter().map(|g| g.words().to_string()).collect::<Vec<_>>().join(between);
        // That it is still the same version goes without saying beside what is waited for.
        let told = |goals: &[Self]| goals.iter().filter(|g| !matches!(g, Self::Releasing(_))).cloned().collect::<Vec<_>>();
        Clean::from(match self {
            Self::All(goals) if told(goals).is_empty() => join(goals, " and "),
            Self::All(goals) => join(&told(goals), " and "),
            Self::Any(goals) => join(goals, " or "),
            Self::StepBeyond(index) => format!("step {} to be left behind", index + 1),
            Self::NoGate => "the pause to end".to_owned(),
            Self::Gated => "the pause to be entered again".to_owned(),
            Self::PausedByHand(true) => "the pause to be taken in".to_owned(),
            Self::PausedByHand(false) => "the hand's pause to be gone".to_owned(),
            Self::Aborted => "the controller to abort".to_owned(),
            Self::AbortAsked => "the wish for the abort to be written".to_owned(),
            Self::NotAborted => "the abort to be taken back".to_owned(),
            Self::NoExposure => "nothing to reach the new version".to_owned(),
            Self::Promoted => "the new version to be stable".to_owned(),
            Self::PromoteAsked(true) => "the analysis to be left out".to_owned(),
            Self::PromoteAsked(false) => "later releases to be analysed again".to_owned(),
            Self::ReadyThreshold(Some(threshold)) => format!("the ready threshold to be {threshold}"),
            Self::ReadyThreshold(None) => "the ready threshold to be as it was".to_owned(),
            Self::Switched(_) => "the active Service to point at the other version".to_owned(),
            Self::MovedFrom(_) => "the controller to move pods, weight or analyses".to_owned(),
            Self::Releasing(hash) => format!("version {hash} to be released"),
            Self::ReleasingOther(_) => "the controller to begin with the other version".to_owned(),
            Self::ObservedBeyond(_) => "the controller to see the new spec".to_owned(),
            Self::Restarted(_) => "every older pod to be replaced".to_owned(),
            Self::RunEnded(name) => format!("analysis {name} to end"),
            Self::Phase(phase) => format!("it to be {phase:?}"),
        })
    }
}

/// Argo's message keeps the abort until its controller has looked again: the write that takes it back does not change that.
fn says_aborted(release: &Release) -> bool {
    release.phase == Phase::Degraded && release.message.as_ref().is_some_and(|message| message.starts_with("RolloutAborted"))
}

/// The moment of an abort and that message are the controller's own: the write that asks for it sets neither, and a release
/// that was Degraded before (by its deadline, say) is no proof.
fn abort_seen(release: &Release) -> bool {
    // Flagger's abort is its own phase Failed: no write of ours makes that.
    let own_word = release.engine == Engine::Flagger;
    own_word || release.abort.as_ref().is_some_and(|abort| abort.at.is_some()) || says_aborted(release)
}

fn exposed_nothing(release: &Release) -> bool {
    match &release.exposure.configured {
        // Requests that a rule picks by what they carry reach it whatever the weight of the others.
        Some(share) => share.value <= 0.0 && release.exposure.beside.is_empty(),
        // A weight counted from pods rounds one of many down to nothing: only no ready pod is none.
        None => !release.under_way || release.versions.iter().filter(|v| v.runs_new).all(|v| v.ready == 0),
    }
}

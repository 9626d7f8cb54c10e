//! [`Premise`]: a fact a plan rests on. It is looked at again in every newer state, up to the moment of sending.

use crate::release::{Phase, Release, Uid};
use crate::text::Clean;

/// A fact that must still hold when a plan is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Premise {
    /// It is the same object, not one of the same name.
    Uid(Uid),
    /// Its spec was not changed.
    Generation(i64),
    /// The object that holds the pod template is the same, and its spec was not changed.
    Template(Uid, i64),
    /// The same version is being released (pod template hash).
    Releasing(Clean),
    /// Another version than that of this hash is being released (pod template hash).
    ReleasingOther(Clean),
    /// The same version is known good (pod template hash).
    Stable(Clean),
    /// So many steps are done.
    Step(usize),
    /// Paused by hand, or not.
    PausedByHand(bool),
    /// The controller keeps a pause for this reason.
    GateOpen(Clean),
    /// The controller keeps no pause.
    NoGate,
    /// Aborted, or not.
    Aborted(bool),
    /// An abort is asked for and the controller has yet to look at it (Flagger's failed checks).
    AbortAsked,
    /// An update is under way, or none is.
    UnderWay(bool),
    /// All the way was not asked for already.
    NotPromoting,
    /// The controller has taken in the newest spec.
    Observed,
    /// This analysis run is still running.
    RunGoing(Clean),
    /// Its phase.
    Phase(Phase),
}

impl Premise {
    /// Whether it holds in this state.
    pub fn holds(&self, release: &Release) -> bool {
        let control = &release.control;
        match self {
            Self::Uid(uid) => release.uid == *uid,
            Self::Generation(generation) => control.generation == *generation,
            Self::Template(uid, generation) => {
                control.template.as_ref().is_some_and(|holder| holder.uid == *uid && holder.generation == *generation)
            }
            Self::Releasing(hash) => control.releases(hash),
            Self::ReleasingOther(hash) => control.new_hash != *hash,
            Self::Stable(hash) => control.stable_hash == *hash,
            Self::Step(index) => release.position.is_some_and(|at| at.index == *index),
            Self::PausedByHand(paused) => release.paused_by_hand == *paused,
            Self::GateOpen(reason) => control.gates.iter().any(|gate| gate.reason == *reason),
            Self::NoGate => control.gates.is_empty() && !control.controller_pause,
            Self::Aborted(aborted) => control.aborted == *aborted,
            Self::AbortAsked => control.abort_asked,
            Self::UnderWay(under_way) => release.under_way == *under_way,
            Self::NotPromoting => !control.promote_full,
            Self::Observed => control.observed,
            Self::RunGoing(name) => release.analyses.iter().any(|run| run.name == *name && !run.phase.is_completed()),
            Self::Phase(phase) => release.phase == *phase,
        }
    }

    /// What the plan rests on, in words for its `Rests on` line.
    pub fn words(&self, release: &Release) -> Clean {
        let revision = |hash: &Clean| {
            let version = release.versions.iter().find(|v| v.hash == *hash && v.revision > 0);
            version.map_or_else(|| hash.to_string(), |v| format!("r{}", v.revision))
        };
        Clean::from(match self {
            Self::Uid(_) => "the same object".to_owned(),
            Self::Generation(_) => "an unchanged spec".to_owned(),
            Self::Template(..) => "an unchanged pod template".to_owned(),
            Self::Releasing(hash) => format!("{} being released", revision(hash)),
            Self::ReleasingOther(hash) => format!("another version than {} being released", revision(hash)),
            Self::Stable(hash) => format!("{} being stable", revision(hash)),
            Self::Step(index) => format!("{index} of {} steps done", release.position.map_or(0, |at| at.total)),
            Self::PausedByHand(true) => "paused by hand".to_owned(),
            Self::PausedByHand(false) => "not paused by hand".to_owned(),
            Self::GateOpen(reason) => format!("waiting at {reason}"),
            Self::NoGate => "no pause of the controller's".to_owned(),
            Self::Aborted(true) => "aborted".to_owned(),
            Self::Aborted(false) => "not aborted".to_owned(),
            Self::AbortAsked => "the abort having been asked for".to_owned(),
            Self::UnderWay(true) => "an update under way".to_owned(),
            Self::UnderWay(false) => "no update under way".to_owned(),
            Self::NotPromoting => "not yet being promoted fully".to_owned(),
            Self::Observed => "the controller having seen the newest spec".to_owned(),
            Self::RunGoing(name) => format!("analysis {name} running"),
            Self::Phase(phase) => format!("being {phase:?}"),
        })
    }

    /// What is so instead, for a premise that no longer holds.
    pub fn moved(&self, release: &Release) -> Clean {
        let control = &release.control;
        let text = match self {
            Self::Uid(_) => "it was deleted and made anew".to_owned(),
            Self::Generation(_) => "its spec was changed".to_owned(),
            Self::Template(..) => "its pod template's object was changed".to_owned(),
            Self::Releasing(_) => format!("another version is being released now ({})", control.new_hash),
            Self::ReleasingOther(hash) => format!("{hash} is being released, and nothing else"),
            Self::Stable(_) => format!("another version is stable now ({})", control.stable_hash),
            Self::Step(index) => {
                let now = release.position.map_or_else(|| "no steps".to_owned(), |at| format!("{} of {}", at.index, at.total));
                format!("it was at {index} steps done and is now at {now}")
            }
            Self::PausedByHand(true) => "it is no longer paused by hand".to_owned(),
            Self::PausedByHand(false) => "it was paused by hand".to_owned(),
            Self::GateOpen(reason) => format!("the pause ({reason}) has ended"),
            Self::NoGate => "the controller has paused it".to_owned(),
            Self::Aborted(true) => "it is no longer aborted".to_owned(),
            Self::Aborted(false) => "it was aborted".to_owned(),
            Self::AbortAsked => "the abort is not asked for any more".to_owned(),
            Self::UnderWay(true) => "the update is over".to_owned(),
            Self::UnderWay(false) => "an update has begun".to_owned(),
            Self::NotPromoting => "it is being promoted fully already".to_owned(),
            Self::Observed => "its spec was changed and the controller has not seen that yet".to_owned(),
            Self::RunGoing(name) => format!("analysis {name} has ended"),
            Self::Phase(_) => format!("it is now {:?}", release.phase),
        };
        Clean::from(text)
    }
}

//! What a guard stands on: what only a controller's own way, or this session, may change without somebody else having acted.
//! Refuses to guess who it was: it says what was done.

use crate::objects::Uid;
use crate::release::{CountdownKind, Release, StepKind};
use crate::text::Clean;

/// What only a controller's own way, or this session, may change without somebody else having acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ground {
    pub(super) uid: Uid,
    pub(super) version: Clean,
    pub(super) by_hand: bool,
    pub(super) promoting: bool,
    /// Where it waits for a person, where it does.
    pub(super) waits: Option<Waits>,
}

/// A pause that nobody but a person ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// At so many steps done.
    Step(usize),
    /// Before the switch, or where an analysis could not decide: as long as the controller keeps that pause.
    Gate,
}

/// By the objects alone: whether its pods fail meanwhile, or it is paused by hand as well, changes nothing about who may end it.
pub(super) fn waits(release: &Release) -> Option<Waits> {
    let at = release.position.map(|at| at.index);
    match at.and_then(|at| release.steps.get(at)).map(|step| &step.kind) {
        Some(StepKind::Pause(None)) => return at.map(Waits::Step),
        Some(StepKind::Pause(Some(_))) => return None,
        _ => {}
    }
    let ends = release.countdowns.iter().any(|one| one.kind == CountdownKind::AutoPromotion);
    (!ends && !release.control.gates.is_empty()).then_some(Waits::Gate)
}

impl Ground {
    pub fn of(release: &Release) -> Self {
        Self {
            uid: release.uid.clone(),
            version: release.control.new_hash.clone(),
            by_hand: release.paused_by_hand,
            promoting: release.control.promote_full,
            waits: waits(release),
        }
    }

    /// What somebody else did since, in words.
    pub fn moved(&self, release: &Release) -> Option<&'static str> {
        let now = Self::of(release);
        let passed = match self.waits {
            Some(Waits::Step(at)) => release.position.map(|now| now.index) != Some(at),
            Some(Waits::Gate) => release.control.gates.is_empty(),
            None => false,
        };
        match () {
            () if now.uid != self.uid => Some("it was deleted and made anew"),
            () if now.version != self.version => Some("another version is being released now"),
            () if release.control.aborted || release.abort.is_some() => Some("it was aborted"),
            () if now.by_hand && !self.by_hand => Some("somebody paused it"),
            () if !now.by_hand && self.by_hand => Some("somebody ended its pause"),
            () if now.promoting && !self.promoting => Some("somebody promoted it fully"),
            () if passed => Some("somebody took it past the pause it waited at"),
            () => None,
        }
    }
}

//! Acting: from the key to the effect. A plan is opened, looked at, confirmed, journalled, sent once, and watched until it is seen to work.
//! Never sends anything by itself: it says what is to be sent, with its guards, and whoever holds the write handle does.

mod begin;
mod checks;
mod confirm;
mod entry;
mod event;
mod gated;
mod guarding;
mod keys;
mod leave;
mod offers;
mod open;
mod revisions;
mod rights;
mod running;
mod watching;

use std::collections::{BTreeMap, BTreeSet};

use super::effect::Effect;
use super::state::{Screen, State};
use crate::config::Policy;
use crate::objects::Time;
use crate::ports::rights::{Allowed, Right};
use crate::release::ReleaseRef;
use crate::text::Clean;

pub use checks::{Checked, Stand as CheckStand};
pub use event::{ActEvent, Look, Sent};
pub use gated::Shut;
pub use guarding::Armed;
pub use open::{Asks, DRY_RUN_PATIENCE, DryRun, Moved, OpenPlan, Who};
pub use revisions::Revisions;
pub use rights::rights_for;
pub use running::{Progress, Running};

pub(super) use begin::ask;
pub(super) use confirm::{go, typed_line};
pub(super) use event::heard;
pub(super) use guarding::{arm, disarm, leave_behind};
pub(super) use keys::{accept, act};
pub use keys::{images, verb_of};
pub(super) use leave::{asks_before_leaving, leave};

/// How the revisions of a release are doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Asked for.
    Asked,
    /// Could not be read.
    Failed(Clean),
}

/// What the state knows of actions.
#[derive(Debug, Clone, Default)]
pub struct Acting {
    /// Names this process in the journal, for ids that no other process has.
    pub(super) session: Clean,
    /// What needs more than a key.
    pub(super) policies: Vec<Policy>,
    /// Why nothing may be written in this session, where that is so.
    pub(super) read_only: Option<Clean>,
    /// The plan on screen.
    pub(super) open: Option<OpenPlan>,
    /// Actions that were confirmed, newest first; finished ones stay for a while.
    pub(super) running: Vec<Running>,
    pub(super) rights: BTreeMap<Right, Result<Allowed, Clean>>,
    /// Rights that were asked for once.
    pub(super) asked: BTreeSet<Right>,
    /// The guard.
    pub(super) guard: Option<Armed>,
    pub(super) reading: BTreeMap<ReleaseRef, Reading>,
    pub(super) revisions: Revisions,
    pub(super) next: u64,
    /// The person was told that something is under way, and until when leaving is taken as meant.
    pub(super) leaving: Option<Time>,
    /// Why the last line could not be written; nothing is sent until one can.
    pub(super) journal_problem: Option<Clean>,
}

impl Acting {
    /// The next number, for tickets and ids.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// After every change of the picture: does the plan on screen still hold, has what was sent taken effect, what has to be read for them.
pub(super) fn look_after(state: &mut State, now: Time) -> Vec<Effect> {
    // Whatever leads away from the plan leaves it.
    if !state.screens.contains(&Screen::Plan) {
        state.acting.open = None;
    }
    let mut effects = begin::plan_when_let_go(state, now);
    effects.extend(watching::recheck(state, now));
    effects.extend(gated::look(state, now));
    effects.extend(begin::plan_when_read(state, now));
    effects.extend(watching::look_on(state, now));
    effects.extend(guarding::look(state, now));
    let guarded = state.acting.guard.as_ref().map(|armed| &armed.guard).filter(|guard| guard.is_armed()).map(|guard| guard.key.clone());
    if let Some(key) = guarded {
        effects.extend(revisions::read_history(state, &key));
        effects.extend(rights::read(state, &key));
    }
    let shown = state.acting.open.as_ref().map(|open| open.key.clone()).or_else(|| state.open.clone());
    if let Some(key) = shown {
        effects.extend(revisions::read_history(state, &key));
        effects.extend(rights::read(state, &key));
    }
    effects
}

impl State {
    /// The plan on screen.
    pub fn plan(&self) -> Option<&OpenPlan> {
        self.acting.open.as_ref()
    }

    /// Confirmed actions, newest first.
    pub fn actions(&self) -> &[Running] {
        &self.acting.running
    }

    /// The newest action on a release, finished or not.
    pub fn action_on(&self, key: &ReleaseRef) -> Option<&Running> {
        self.acting.running.iter().find(|one| one.key == *key)
    }

    /// The newest action on a release while it is told of on its screen: as long as it goes on, and a while after. `now` is our clock.
    pub fn told_of(&self, key: &ReleaseRef, now: Time) -> Option<&Running> {
        self.action_on(key).filter(|one| one.told_until().is_none_or(|until| until > now))
    }

    /// Whether some action has been sent and is not finished.
    pub fn is_acting(&self) -> bool {
        self.acting.running.iter().any(|one| !one.is_finished())
    }

    /// Why nothing may be written in this session.
    pub fn read_only_reason(&self) -> Option<&Clean> {
        self.acting.read_only.as_ref()
    }

    /// The journal's last problem.
    pub fn journal_problem(&self) -> Option<&Clean> {
        self.acting.journal_problem.as_ref()
    }

    /// The revisions list's own state.
    pub fn revisions(&self) -> &Revisions {
        &self.acting.revisions
    }

    /// How reading the revisions of a release is doing; `None` when they are there, or were never asked for.
    pub fn history_reading(&self, key: &ReleaseRef) -> Option<&Reading> {
        self.acting.reading.get(key)
    }

    /// What is watched has been read up to this moment of our clock, as far as actions are concerned.
    pub(super) fn seen_at(&self, now: Time) -> Time {
        self.connection.heard.unwrap_or(now)
    }
}

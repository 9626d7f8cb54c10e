//! The revisions of the open release: when they are read, and which row is selected.

use super::super::effect::Effect;
use super::super::state::{Screen, State};
use super::Reading;
use crate::ports::Interest;
use crate::release::ReleaseRef;
use crate::release::acting::{History, Intent, Revision};
use crate::text::Clean;

/// What the list remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revisions {
    /// The selected revision, by its ReplicaSet's name; the one `roll back` would choose until the person moves.
    pub selected: Option<Clean>,
}

impl Revisions {
    /// The selected row.
    pub fn current<'a>(&self, history: &'a History) -> Option<&'a Revision> {
        let of = |name: &Clean| history.revisions.iter().find(|one| one.replica_set == *name);
        let chosen = || history.chosen.as_ref().and_then(|(number, _)| history.revisions.iter().find(|one| one.number == *number));
        self.selected.as_ref().and_then(of).or_else(chosen).or_else(|| history.revisions.first())
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize, history: &History) {
        let at = self.current(history).and_then(|one| history.revisions.iter().position(|other| other == one)).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(history.revisions.len().saturating_sub(1));
        self.selected = history.revisions.get(to).map(|one| one.replica_set.clone());
    }
}

impl State {
    /// The revisions of the open release, where they were read.
    pub fn history(&self) -> Option<History> {
        crate::engines::history(&self.world, self.open_release()?)
    }
}

/// Whether the revisions that were read are older than the object that holds the template.
pub fn is_outdated(state: &State, key: &ReleaseRef) -> bool {
    let holder = state.releases.get(key).and_then(|release| release.control.template.as_ref());
    match (state.world.history(key), holder) {
        (Some(raw), Some(holder)) => raw.holder["metadata"]["generation"].as_i64().is_some_and(|read| read < holder.generation),
        _ => false,
    }
}

/// Reads the revisions of a release once, when somebody looks at them or wants to go back.
pub fn read_history(state: &mut State, key: &ReleaseRef) -> Option<Effect> {
    let release = state.releases.get(key)?;
    let wanted = match state.screen() {
        Screen::Revisions => true,
        Screen::Plan => state.acting.open.as_ref().is_some_and(|open| open.waits_for_history),
        _ => false,
    };
    // A guard that goes back has to know where to before it counts.
    let guard = state.guard().filter(|guard| guard.is_armed() && guard.key == *key);
    let wanted = wanted || guard.is_some_and(|guard| matches!(guard.terms.intent, Intent::RollBack(_)));
    let there = state.world.history(key).is_some() && !is_outdated(state, key);
    if !wanted || there || state.acting.reading.contains_key(key) || !state.connection.is_live() {
        return None;
    }
    let holder = release.control.template.as_ref().map_or((release.key.kind, release.key.name.clone()), |h| (h.kind, h.name.clone()));
    let labels = Interest::labels_of(&release.selector);
    state.acting.reading.insert(key.clone(), Reading::Asked);
    Some(Effect::ReadHistory(key.clone(), holder, labels))
}

//! What is watched, and what of it could not be read, or not yet.
//! Starts and stops nothing.

use super::State;
use crate::objects::{Kind, SourceId};
use crate::ports::{Interest, SourceState};
use crate::release::ReleaseRef;

impl State {
    /// What is watched, and how each source is doing.
    pub fn sources(&self) -> impl Iterator<Item = (&Interest, &SourceState)> {
        self.interests.iter().filter_map(|i| Some((i, &self.connection.sources.get(&i.source)?.0)))
    }

    /// Kinds that could not be read for what is shown, and why, in words.
    pub fn unread(&self, release: Option<&ReleaseRef>) -> Vec<(Kind, String)> {
        let wanted = |i: &&Interest| i.release.as_ref() == release || i.release.is_none();
        self.interests
            .iter()
            .filter(wanted)
            .filter_map(|i| match &self.connection.sources.get(&i.source).map(|(state, _)| state) {
                Some(SourceState::Denied(what)) => Some((i.kind, format!("you may not {what}"))),
                Some(SourceState::Retrying { reason, .. }) if !self.has_listed(i.source) => Some((i.kind, reason.to_string())),
                None | Some(SourceState::Listing) => Some((i.kind, "being listed".to_owned())),
                _ => None,
            })
            .collect()
    }

    /// Whether something of what is shown has yet to be listed, or will be tried again; what is denied stays so.
    pub fn awaits(&self, release: Option<&ReleaseRef>) -> bool {
        let wanted = |i: &&Interest| i.release.as_ref() == release || i.release.is_none();
        self.interests.iter().filter(wanted).any(|i| match self.connection.sources.get(&i.source).map(|(state, _)| state) {
            None | Some(SourceState::Listing) => true,
            Some(SourceState::Retrying { .. }) => !self.has_listed(i.source),
            _ => false,
        })
    }

    /// What is watched.
    pub fn interests(&self) -> &[Interest] {
        &self.interests
    }

    /// Whether a source has been listed whole once.
    pub fn has_listed(&self, source: SourceId) -> bool {
        self.world.is_complete(source)
    }
}

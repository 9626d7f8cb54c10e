//! How far each source has got: its state and the last revision of the store it has seen, bookmarks included.
//! Is only updated after the events that led there were taken by the channel, so that whoever sees a revision here can rely on the events.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::objects::SourceId;
use crate::ports::SourceState;

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProgress {
    /// How it is doing.
    pub state: SourceState,
    /// The last `resourceVersion` seen; empty before the first list is complete.
    pub revision: String,
}

/// Reads the progress of all sources of one connection.
#[derive(Debug, Clone)]
pub struct Progress(watch::Receiver<BTreeMap<SourceId, SourceProgress>>);

impl Progress {
    /// All sources now.
    pub fn now(&self) -> BTreeMap<SourceId, SourceProgress> {
        self.0.borrow().clone()
    }

    /// Waits until `reached` holds for the sources (at once, if it does already). `false` when the connection was dropped before.
    pub async fn wait_for(&mut self, reached: impl FnMut(&BTreeMap<SourceId, SourceProgress>) -> bool) -> bool {
        self.0.wait_for(reached).await.is_ok()
    }
}

/// Writes it.
#[derive(Debug, Clone)]
pub(super) struct Ledger(Arc<watch::Sender<BTreeMap<SourceId, SourceProgress>>>);

impl Default for Ledger {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(BTreeMap::new())))
    }
}

impl Ledger {
    pub fn reader(&self) -> Progress {
        Progress(self.0.subscribe())
    }

    pub fn set(&self, id: SourceId, progress: SourceProgress) {
        self.0.send_modify(|all| {
            all.insert(id, progress);
        });
    }

    pub fn remove(&self, id: SourceId) {
        self.0.send_modify(|all| {
            all.remove(&id);
        });
    }

    /// Notes a new state of a source that is still wanted.
    pub fn state(&self, id: SourceId, state: SourceState) {
        self.0.send_if_modified(|all| match all.get_mut(&id) {
            Some(at) if at.state != state => {
                at.state = state;
                true
            }
            _ => false,
        });
    }

    /// Notes a new revision of a source that is still wanted.
    pub fn revision(&self, id: SourceId, revision: &str) {
        self.0.send_if_modified(|all| match all.get_mut(&id) {
            Some(at) if at.revision != revision => {
                revision.clone_into(&mut at.revision);
                true
            }
            _ => false,
        });
    }

    /// Every source begins again.
    pub fn relist(&self) {
        self.0.send_modify(|all| {
            for at in all.values_mut() {
                at.state = SourceState::Listing;
                at.revision.clear();
            }
        });
    }
}

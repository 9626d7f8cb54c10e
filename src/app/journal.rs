//! The journal screen's own state: what was read of the journal, filter and scroll.
//! Never reads a disk: it is told.

use super::state::State;
use crate::ports::journal::Entry;
use crate::text::Clean;

/// So many of the newest lines are shown.
pub const SHOWN: usize = 500;

/// What the journal screen shows.
#[derive(Debug, Clone, Default)]
pub struct JournalView {
    /// The newest lines, newest first; `None` while they are being read.
    pub read: Option<Result<(Vec<Entry>, usize), Clean>>,
    /// Only lines that hold this are shown.
    pub filter: String,
    /// Lines scrolled.
    pub scroll: usize,
}

impl JournalView {
    /// The entries that match the filter, newest first.
    pub fn shown(&self) -> Vec<&Entry> {
        let needle = self.filter.to_lowercase();
        let holds = |entry: &&Entry| {
            let fields =
                [&entry.user, &entry.context, &entry.release, &entry.intent, &entry.stage, &entry.answer, &entry.effect, &entry.note];
            needle.is_empty() || fields.iter().any(|field| field.to_lowercase().contains(&needle))
        };
        self.read.iter().flatten().flat_map(|(entries, _)| entries).filter(holds).collect()
    }
}

impl State {
    /// The journal screen's own state.
    pub fn journal(&self) -> &JournalView {
        &self.journal
    }
}

//! The journal on disk: a file of JSON lines for each day (UTC), in the person's state folder, readable by them alone.
//! Refuses to shorten, rewrite or remove anything it finds there, and to follow a link that lies in its way.

mod append;
mod backwards;
mod id;
mod memory;
mod place;
mod read;
mod trouble;

use std::path::PathBuf;

use crate::ports::journal::{Entry, Journal};
use crate::text::Clean;

pub use id::action_id;
pub use memory::MemoryJournal;

/// The longest line written or read, in bytes. An API server takes no object beyond 3 MiB, and a patch is no larger than its object.
pub const LONGEST: usize = 8 << 20;

/// The journal of one person: `journal/2026-11-21.jsonl` and its like below their state folder.
///
/// Holds nothing open between two calls, so that a folder moved away, or a disk that came back, is noticed by the next one.
#[derive(Debug, Clone)]
pub struct JournalFiles {
    folder: Option<PathBuf>,
}

impl JournalFiles {
    /// The journal below this state folder (`$XDG_STATE_HOME/flightdeck`). `None`, where no home is known, makes every call an error.
    pub fn below(state: Option<PathBuf>) -> Self {
        Self { folder: state.map(|state| state.join("journal")) }
    }

    fn folder(&self) -> Result<&PathBuf, Clean> {
        self.folder.as_ref().ok_or_else(|| {
            Clean::from("There is no journal: no home folder is known. Set HOME, or XDG_STATE_HOME to an absolute path, and start again.")
        })
    }
}

impl Journal for JournalFiles {
    fn append(&self, entry: &Entry) -> Result<(), Clean> {
        append::append(self.folder()?, entry).map_err(|trouble| trouble.sentence())
    }

    fn read(&self, most: usize) -> Result<(Vec<Entry>, usize), Clean> {
        read::read(self.folder()?, most).map_err(|trouble| trouble.sentence())
    }
}

//! A journal that lives as long as the program: for a snapshot, which must leave nothing behind and see nothing that was there before.

use std::sync::Mutex;

use crate::ports::journal::{Entry, Journal};
use crate::text::Clean;

/// Lines in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Vec<Entry>>);

impl Journal for MemoryJournal {
    fn append(&self, entry: &Entry) -> Result<(), Clean> {
        self.0.lock().map_err(|_| Clean::from("the journal in memory broke"))?.push(entry.clone());
        Ok(())
    }

    fn read(&self, most: usize) -> Result<(Vec<Entry>, usize), Clean> {
        let lines = self.0.lock().map_err(|_| Clean::from("the journal in memory broke"))?;
        Ok((lines.iter().rev().take(most).cloned().collect(), 0))
    }
}

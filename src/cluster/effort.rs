//! What the adapter is busy with at this moment, for whoever has to know that nothing more comes by itself.
//! Only counts; nothing in the adapter looks at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Work under way: here, and at the server.
#[derive(Debug, Clone, Default)]
pub struct Effort {
    here: Arc<AtomicUsize>,
    there: Arc<AtomicUsize>,
}

/// One piece of work, until it is dropped.
#[must_use]
pub(super) struct Piece(Arc<AtomicUsize>);

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Effort {
    /// Something is done on this machine that needs no server: a file read, certificates parsed.
    pub(super) fn here(&self) -> Piece {
        begin(&self.here)
    }

    /// The server was asked something and has not answered in full.
    pub(super) fn there(&self) -> Piece {
        begin(&self.there)
    }

    /// Whether something is done that ends whatever the server does.
    pub fn is_working(&self) -> bool {
        self.here.load(Ordering::Acquire) > 0
    }

    /// Whether an answer is waited for. Watches that stand do not count: what they bring is told by their revision.
    pub fn is_waiting(&self) -> bool {
        self.there.load(Ordering::Acquire) > 0
    }
}

fn begin(count: &Arc<AtomicUsize>) -> Piece {
    count.fetch_add(1, Ordering::AcqRel);
    Piece(count.clone())
}

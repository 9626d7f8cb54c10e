//! What the tasks of one connection know together: whether the link is up, who was refused, when bytes last came, what the server can't do.
//! Does nothing by itself: `link` sets the gate, `source` looks at it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::effort::Effort;
use super::session::Session;
use super::target::{Pace, Target};

/// Whether requests may go out.
#[derive(Clone)]
pub(super) enum Gate {
    Down,
    Up(Session),
}

/// What the tasks of one connection know together.
pub(super) struct Shared {
    pub target: Target,
    /// Asks for a heartbeat now.
    pub poke: Notify,
    /// What is under way.
    pub effort: Effort,
    streams_refused: AtomicBool,
    refused_epoch: AtomicU64,
    started: Instant,
    heard_ms: AtomicU64,
}

impl Shared {
    pub fn new(target: Target) -> Self {
        Self {
            target,
            poke: Notify::new(),
            effort: Effort::default(),
            streams_refused: AtomicBool::new(false),
            refused_epoch: AtomicU64::new(0),
            started: Instant::now(),
            heard_ms: AtomicU64::new(0),
        }
    }

    pub fn pace(&self) -> &Pace {
        &self.target.pace
    }

    /// Bytes came.
    pub fn heard(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard_ms.store(now, Ordering::Relaxed);
    }

    /// For how long nothing came.
    pub fn silent_for(&self) -> Duration {
        self.started.elapsed().saturating_sub(Duration::from_millis(self.heard_ms.load(Ordering::Relaxed)))
    }

    /// The login of that epoch was refused.
    pub fn unauthorized(&self, epoch: u64) {
        self.refused_epoch.fetch_max(epoch, Ordering::Relaxed);
        self.poke.notify_one();
    }

    /// Whether that login, or a later one, was refused to some source.
    pub fn refused(&self, epoch: u64) -> bool {
        self.refused_epoch.load(Ordering::Relaxed) >= epoch
    }

    /// Whether this server gives streaming lists, as far as is known. Servers before 1.27 do not know them, and may take the request for a plain watch.
    pub fn streams(&self, session: &Session) -> bool {
        !self.streams_refused.load(Ordering::Relaxed) && session.minor.is_none_or(|minor| minor >= 27)
    }

    /// This server does not.
    pub fn no_streams(&self) {
        self.streams_refused.store(true, Ordering::Relaxed);
    }
}

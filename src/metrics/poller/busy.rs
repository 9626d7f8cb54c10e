//! What the asking is busy with at this moment, for whoever has to know that nothing more comes by itself.
//! Counts, and wakes the task when its time has come by the clock; never decides what is asked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::objects::Time;
use crate::ports::Clock;

/// Nothing is due before something else happens.
const NEVER: i64 = i64::MAX;

/// Work under way, and when more begins by itself.
#[derive(Clone, Default)]
pub struct Busy {
    shared: Arc<Shared>,
    /// None: nothing is ever asked.
    clock: Option<Arc<dyn Clock>>,
}

#[derive(Default)]
struct Shared {
    /// Wishes told to the poller, and those it has seen.
    told: AtomicU64,
    seen: AtomicU64,
    /// Questions sent and not yet told of.
    under_way: AtomicUsize,
    /// When the next question is due, in milliseconds since 1970.
    due: AtomicI64,
    woken: Notify,
    is_over: AtomicBool,
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Busy").field("is_working", &self.is_working()).finish_non_exhaustive()
    }
}

impl Busy {
    /// Whether an answer is waited for: the part of [`Self::is_working`] that ends only when the server answers or is given up.
    pub fn is_waiting(&self) -> bool {
        !self.shared.is_over.load(Ordering::SeqCst) && self.shared.under_way.load(Ordering::SeqCst) > 0
    }

    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let shared = Shared { due: AtomicI64::new(NEVER), ..Shared::default() };
        Self { shared: Arc::new(shared), clock: Some(clock) }
    }

    /// Whether a question is on its way, or should be by the clock, or an answer was not told yet.
    pub fn is_working(&self) -> bool {
        let Some(clock) = &self.clock else { return false };
        let shared = &self.shared;
        if shared.is_over.load(Ordering::SeqCst) {
            return false;
        }
        let is_due = shared.due.load(Ordering::SeqCst) <= clock.now().timestamp_millis();
        if is_due {
            // The task sleeps by another clock, which may lag.
            shared.woken.notify_one();
        }
        is_due || shared.told.load(Ordering::SeqCst) != shared.seen.load(Ordering::SeqCst) || self.is_waiting()
    }

    /// So many wishes were told so far.
    pub(super) fn told(&self, wishes: u64) {
        self.shared.told.store(wishes, Ordering::SeqCst);
    }

    /// How things stand: wishes seen, questions under way, and when the next one is due.
    pub(super) fn stands(&self, wishes: u64, under_way: usize, due: Option<Time>) {
        self.shared.under_way.store(under_way, Ordering::SeqCst);
        self.shared.due.store(due.map_or(NEVER, |due| due.timestamp_millis()), Ordering::SeqCst);
        self.shared.seen.store(wishes, Ordering::SeqCst);
    }

    /// Nothing is asked any more.
    pub(super) fn over(&self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
    }

    /// Waits until somebody who looks finds that a question is due.
    pub(super) async fn woken(&self) {
        self.shared.woken.notified().await;
    }
}

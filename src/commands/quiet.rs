//! Lets a session live through a stretch of the embedded cluster's time, with both clocks standing still until everything that was said has
//! been heard: what makes a frame the same bytes every time.
//!
//! The session's own timers (heartbeats, retries) run on Tokio's clock, which stands still too and is moved by hand in step with the cluster's.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::app::Event;
use crate::cluster::{Effort, Progress};
use crate::demo::cluster::Cluster;
use crate::metrics::poller::Busy;
use crate::objects::Time;
use crate::ports::SourceState;
use crate::runtime::session::Session;

/// The longest step: everything that counts seconds sees every second.
const STEP: TimeDelta = TimeDelta::seconds(1);
/// So many looks in a row without news mean that nothing more comes.
const STILL: usize = 4;
/// So many when a fault holds answers back, where nothing can say that all has been heard.
const STILL_IN_SILENCE: usize = 15;
/// At most so many looks: a server that never falls quiet must not hold the frame up for ever.
const LOOKS: usize = 4000;

/// A session on an embedded cluster whose clock stands still.
pub struct Held {
    /// The session.
    pub session: Session,
    /// The cluster.
    pub cluster: Arc<Cluster>,
    /// How far the adapter has got.
    pub progress: Progress,
    /// What the adapter is busy with.
    pub effort: Effort,
    /// What the metrics adapter is busy with.
    pub busy: Busy,
}

impl Held {
    /// Lives until `end` of the cluster's time, and hears everything said up to there.
    pub async fn live_until(&mut self, end: Time) {
        self.hear().await;
        while self.cluster.now() < end {
            let now = self.cluster.now();
            let due = self.cluster.next_due().filter(|due| *due > now).unwrap_or(end);
            let next = due.min(now + STEP).min(end);
            // The cluster first: whoever a timer wakes finds its time come.
            self.cluster.advance_to(next);
            tokio::time::advance((next - now).to_std().unwrap_or(Duration::ZERO)).await;
            self.hear().await;
            self.tick();
        }
    }

    /// Hears everything the cluster has said.
    pub async fn hear(&mut self) {
        let mut still = 0;
        for _ in 0..LOOKS {
            let revision = self.cluster.settle();
            pause().await;
            let (heard, _) = self.session.drain();
            still = if heard == 0 { still + 1 } else { 0 };
            let withheld = self.cluster.is_withholding();
            let asking = self.busy.is_working();
            let slow = self.busy.is_waiting() && self.cluster.is_prometheus_withholding();
            let wanted = if self.session.is_sending() && !withheld || self.effort.is_working() || asking && !slow {
                usize::MAX
            } else if !slow && !self.effort.is_waiting() && self.caught_up(revision) {
                STILL
            } else if withheld || slow {
                STILL_IN_SILENCE
            } else {
                usize::MAX
            };
            if still >= wanted {
                return;
            }
        }
    }

    /// Feeds the deadline that has come, if any.
    pub fn tick(&mut self) {
        let now = self.session.now();
        if self.session.state.deadline(now).is_some_and(|at| at <= now) {
            self.session.feed(Event::Tick);
        }
    }

    /// Whether every source has seen all up to `revision`, or waits for a time of its own; without a link all of them do.
    fn caught_up(&self, revision: u64) -> bool {
        let linked = self.session.state.connection().is_live();
        !linked
            || self.progress.now().values().all(|source| match source.state {
                SourceState::Live => source.revision.parse::<u64>().is_ok_and(|seen| seen >= revision),
                SourceState::Denied(_) | SourceState::Absent | SourceState::Retrying { .. } => true,
                SourceState::Listing => false,
            })
    }
}

/// A millisecond of real time in which tasks and sockets get on, while Tokio's clock stands still.
async fn pause() {
    let _ = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(1))).await;
}

/// Runs `work` on a runtime of one thread whose clock stands still until it is moved.
///
/// # Errors
/// When the system gives no thread.
pub fn on_standing_clock<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .map_err(|e| format!("the system gives no threads ({e}), so nothing was started"))?;
    // A paused clock runs ahead by itself whenever nothing is to be done; a blocking task keeps it from that.
    let (release, held) = std::sync::mpsc::channel::<()>();
    let outcome = runtime.block_on(async {
        let holder = tokio::task::spawn_blocking(move || held.recv().is_ok());
        let outcome = work.await;
        drop(release);
        let _ = holder.await;
        outcome
    });
    runtime.shutdown_background();
    Ok(outcome)
}

//! How much and how often a Prometheus may be asked: at most four questions at once, each at a pace the server bears.
//! Never asks and never sleeps: it says when, from durations it is told.

mod backoff;
mod pacer;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use backoff::Backoff;
pub use pacer::{INTERVAL, Pacer, aligned};

/// As many questions may be on their way to one server. Prometheus itself works on 20 at once, for everybody.
pub const IN_FLIGHT: usize = 4;

/// Lets [`IN_FLIGHT`] questions through at a time, first come, first served. Clones share the count.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

/// A question on its way; dropping it lets the next one through.
#[derive(Debug)]
pub struct Pass {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(IN_FLIGHT)))
    }
}

impl Gate {
    /// Waits until there is room.
    pub async fn enter(&self) -> Pass {
        // The semaphore is never closed; if it were, no bound would be better than no answer.
        Pass { _permit: self.0.clone().acquire_owned().await.ok() }
    }

    /// How many questions are on their way.
    pub fn in_flight(&self) -> usize {
        IN_FLIGHT.saturating_sub(self.0.available_permits())
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_fifth_question_waits_for_the_first_to_end() {
        let gate = Gate::default();
        let mut passes = Vec::new();
        for _ in 0..IN_FLIGHT {
            passes.push(gate.enter().await);
        }
        let other = gate.clone();
        let mut fifth = Box::pin(other.enter());
        assert!(fifth.as_mut().now_or_never().is_none());
        assert_eq!(gate.in_flight(), 4);
        passes.pop();
        assert!(fifth.now_or_never().is_some());
    }
}

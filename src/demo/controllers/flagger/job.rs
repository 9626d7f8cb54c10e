//! When a Canary is looked at: once when it is new, then at its interval, and never because something changed.
//! Remembers of a Canary only when it is next; everything else is read from the store at each look.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::gates::Gates;
use super::spec::Spec;
use super::tick::Tick;
use super::{COMPONENT, status};
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{CANARIES, Key, LogEntry, Store};

/// How long the real controller takes to give a new Canary its ticker; recorded between 0.2 s and 0.8 s.
const NOTICED: TimeDelta = TimeDelta::milliseconds(500);

/// One Canary's ticker.
struct Job {
    interval: TimeDelta,
    next: DateTime<Utc>,
}

/// The controller.
pub struct Flagger {
    gates: Gates,
    noticed: TimeDelta,
    jobs: BTreeMap<Key, Job>,
}

impl Flagger {
    /// One whose webhooks are answered by `gates`.
    pub fn new(gates: Gates) -> Self {
        Self { gates, noticed: NOTICED, jobs: BTreeMap::new() }
    }

    /// The same, with the first tick this long after a Canary was made: tickers of the real one keep their own time.
    #[must_use]
    pub fn first_tick(self, after: TimeDelta) -> Self {
        Self { noticed: after, ..self }
    }
}

impl Controller for Flagger {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::milliseconds(15)
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.key.resource == CANARIES { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let Some(canary) = cx.store.get(key).cloned() else {
            self.jobs.remove(key);
            return None;
        };
        if canary["status"]["phase"].as_str().is_none_or(str::is_empty) {
            status::begin(key, cx);
        }
        let interval = Spec(&canary).interval();
        let first = cx.now + self.noticed - self.delay();
        let job = self.jobs.entry(key.clone()).or_insert(Job { interval, next: first });
        if job.interval != interval {
            // Another interval is another ticker, which begins with a tick.
            *job = Job { interval, next: cx.now };
        }
        if cx.now >= job.next {
            while job.next <= cx.now {
                job.next += interval;
            }
            let next = job.next;
            if let Some(mut tick) = Tick::read(cx, key, &self.gates) {
                tick.run();
            }
            return Some(next);
        }
        Some(job.next)
    }
}

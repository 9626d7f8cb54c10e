//! The clockwork of the embedded cluster: virtual time, a queue of work, and the controllers that do it, in one deterministic order.
//! Never sleeps and never reads a real clock: whoever drives it says how far time has come.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::exposure::Exposure;
use super::prometheus;
use super::recorder::{Recorder, Said};
use super::store::{Key, LogEntry, Store};
use super::traffic::Tally;
use super::visit::{Did, Visit};

/// A control loop, as the real cluster runs it: told of changes, it names the objects to look at; looking at one, it may write.
pub trait Controller: Send {
    /// Its name as it stands in events and field managers.
    fn name(&self) -> &'static str;
    /// Which of its objects a change concerns. `store` is the state after the change.
    fn interested(&self, store: &Store, entry: &LogEntry) -> Vec<Key>;
    /// Looks at one object and does what is due. Returns when to look again without a change, if ever.
    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>>;
    /// Told of what somebody did over the API; names the objects to look at now.
    fn visited(&mut self, _: &Visit) -> Vec<Key> {
        Vec::new()
    }
    /// How long after a change the controller gets to it (what a watch, a queue and a worker cost).
    fn delay(&self) -> TimeDelta {
        TimeDelta::milliseconds(5)
    }
}

/// How many writes of people are kept: more than anybody makes by hand.
const WRITES: usize = 2000;

/// What a controller holds while it works on one object.
pub struct Cx<'a> {
    /// The objects.
    pub store: &'a mut Store,
    /// The virtual time.
    pub now: DateTime<Utc>,
    /// Seeded randomness.
    pub rng: &'a mut fastrand::Rng,
    /// What the event recorders remember.
    pub recorder: &'a mut Recorder,
    /// What has been scraped: samples are appended as time comes to them.
    pub series: &'a mut prometheus::Store,
    /// What the pods have counted of their requests.
    pub traffic: &'a mut Tally,
    /// What the bad version of a scored scenario got of them.
    pub exposure: &'a mut Exposure,
}

impl Cx<'_> {
    /// Records a Kubernetes Event about `object`, as the recorder of `component` would; the same event again only raises its count,
    /// and many similar ones are combined.
    pub fn event(&mut self, component: &str, object: &Value, kind: &str, reason: &str, message: &str) {
        let said = Said { component, object, kind, reason, message };
        self.recorder.record(said, self.store, self.rng, self.now);
    }
}

/// Work due at a moment: ordered by time, then by the order in which it was asked for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: DateTime<Utc>,
    turn: u64,
    controller: usize,
    key: Key,
}

/// The embedded cluster's state and its motion.
pub struct Sim {
    /// The objects.
    pub store: Store,
    /// Seeded randomness for everything but names and UIDs.
    pub rng: fastrand::Rng,
    /// What has been scraped so far.
    pub series: prometheus::Store,
    /// What the pods have counted of their requests, and the truth about them.
    pub traffic: Tally,
    /// What people wrote over the API, oldest first; the first `WRITES` of them.
    pub writes: Vec<Visit>,
    /// What the bad version of a scored scenario got of the requests.
    pub exposure: Exposure,
    recorder: Recorder,
    now: DateTime<Utc>,
    controllers: Vec<Box<dyn Controller>>,
    queue: BinaryHeap<Reverse<Due>>,
    queued: BTreeSet<(DateTime<Utc>, usize, Key)>,
    turn: u64,
    seen: u64,
}

impl Sim {
    /// An empty cluster at `now`.
    pub fn new(seed: u64, now: DateTime<Utc>, controllers: Vec<Box<dyn Controller>>) -> Self {
        Self {
            store: Store::new(seed),
            rng: fastrand::Rng::with_seed(seed ^ 0x5eed),
            series: prometheus::Store::new(),
            traffic: Tally::default(),
            writes: Vec::new(),
            exposure: Exposure::default(),
            recorder: Recorder::default(),
            now,
            controllers,
            queue: BinaryHeap::new(),
            queued: BTreeSet::new(),
            turn: 0,
            seen: 0,
        }
    }

    /// The virtual time.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Creates an object at the present moment, as a client's POST would.
    pub fn create(&mut self, resource: super::store::Resource, object: Value) -> Result<Arc<Value>, super::store::StoreError> {
        let created = self.store.create(resource, object, self.now);
        self.notice();
        created
    }

    /// Changes an object at the present moment, as a client's PATCH would.
    pub fn edit(
        &mut self,
        key: &Key,
        part: super::store::Part,
        change: impl FnOnce(&mut Value),
    ) -> Result<Option<Arc<Value>>, super::store::StoreError> {
        let edited = self.store.edit(key, part, change);
        self.notice();
        edited
    }

    /// Tells the controllers of everything written since the last call. Whoever writes to `store` directly calls this after.
    pub fn notice(&mut self) {
        let fresh: Vec<LogEntry> = match self.store.since(self.seen) {
            Ok(entries) => entries.cloned().collect(),
            Err(_) => Vec::new(),
        };
        self.seen = self.store.revision();
        for entry in fresh {
            for index in 0..self.controllers.len() {
                let at = self.now + self.controllers[index].delay();
                for key in self.controllers[index].interested(&self.store, &entry) {
                    self.enqueue(at, index, key);
                }
            }
        }
    }

    /// Somebody did something over the API: what was written is known to the controllers by [`Sim::notice`] alone, who it was only here.
    pub fn visit(&mut self, visit: Visit) {
        for index in 0..self.controllers.len() {
            for key in self.controllers[index].visited(&visit) {
                self.enqueue(self.now, index, key);
            }
        }
        if visit.did == Did::Write && self.writes.len() < WRITES {
            self.writes.push(visit);
        }
    }

    /// When the next piece of work is due.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.queue.peek().map(|Reverse(due)| due.at)
    }

    /// Lets time run to `until`, doing all work due by then in order. Returns how many pieces of work were done.
    pub fn run_until(&mut self, until: DateTime<Utc>) -> usize {
        let mut done = 0;
        while self.next_due().is_some_and(|at| at <= until) {
            self.step();
            done += 1;
        }
        self.now = self.now.max(until);
        done
    }

    /// Does the next piece of work, moving time to it.
    pub fn step(&mut self) {
        let Some(Reverse(due)) = self.queue.pop() else { return };
        self.queued.remove(&(due.at, due.controller, due.key.clone()));
        self.now = self.now.max(due.at);
        let mut cx = Cx {
            store: &mut self.store,
            now: self.now,
            rng: &mut self.rng,
            recorder: &mut self.recorder,
            series: &mut self.series,
            traffic: &mut self.traffic,
            exposure: &mut self.exposure,
        };
        let again = self.controllers[due.controller].reconcile(&due.key, &mut cx);
        self.notice();
        if let Some(at) = again {
            let at = at.max(self.now + TimeDelta::milliseconds(1));
            self.enqueue(at, due.controller, due.key);
        }
    }

    fn enqueue(&mut self, at: DateTime<Utc>, controller: usize, key: Key) {
        if self.queued.insert((at, controller, key.clone())) {
            self.turn += 1;
            self.queue.push(Reverse(Due { at, turn: self.turn, controller, key }));
        }
    }
}

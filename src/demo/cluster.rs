//! The embedded cluster as its servers and tests hold it: the simulation behind one lock, its clock, its faults, and a pulse for whoever watches.
//! Knows no HTTP: `api` puts it on the wire.

mod options;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Notify, watch};

use super::admission::Webhook;
use super::clock::{Clock, ClockMode};
use super::faults::{FaultKind, Schedule};
use super::prometheus::PrometheusFault;
use super::rights::User;
use super::sim::Sim;
pub use options::Options;

/// What open watches wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pulse {
    /// The newest revision.
    pub(super) revision: u64,
    /// The virtual time.
    pub(super) now: DateTime<Utc>,
    /// How often [`Cluster::settle`] was called: one more means a bookmark now.
    pub(super) settles: u64,
    /// How often open watches were cut: one more means this one goes.
    pub(super) resets: u64,
}

/// What the link does at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Link {
    /// Open connections are cut, new ones closed.
    pub(super) refused: bool,
    /// Nothing passes, nothing closes.
    pub(super) silent: bool,
}

/// The simulation and how far its faults have been played.
struct Inner {
    sim: Sim,
    /// Faults up to here have had their one-time effects.
    played: DateTime<Utc>,
}

/// The embedded cluster. Shared; everything it offers takes `&self`.
pub struct Cluster {
    inner: Mutex<Inner>,
    clock: Clock,
    faults: Schedule,
    /// Where the windows of faults and webhooks begin.
    origin: DateTime<Utc>,
    pub(super) admission: Vec<Webhook>,
    pub(super) token_lasts: Option<TimeDelta>,
    prometheus_faults: Schedule<PrometheusFault>,
    pub(super) users: Vec<User>,
    pub(super) streaming_lists: bool,
    pub(super) pages: super::api::Pages,
    /// Beginnings of the windows whose one request was already lost.
    lost: Mutex<BTreeSet<DateTime<Utc>>>,
    pulse: watch::Sender<Pulse>,
    link: watch::Sender<Link>,
    prometheus_link: watch::Sender<Link>,
    work: Notify,
}

impl Cluster {
    /// A cluster over `sim`. The manual and the running clock start at the simulation's present moment.
    pub fn new(mut sim: Sim, mode: ClockMode, options: Options) -> Arc<Self> {
        if options.argo_crds {
            super::crds::install_argo(&mut sim);
        }
        let clock = Clock::new(mode, sim.now());
        let now = clock.now();
        let start = options.faults_from.unwrap_or(now);
        let mut users = vec![User::admin(), User::reader()];
        if let Some(rules) = options.restricted {
            users.push(User { name: "demo:restricted".into(), groups: vec!["demo:readers".into()], rules });
        }
        let revision = sim.store.revision();
        let cluster = Self {
            // One microsecond back, so that a fault at the very start has its one-time effect too.
            inner: Mutex::new(Inner { sim, played: start - TimeDelta::microseconds(1) }),
            clock,
            faults: Schedule::new(start, options.faults),
            origin: start,
            admission: options.admission,
            token_lasts: options.token_lasts,
            prometheus_faults: Schedule::new(start, options.prometheus_faults),
            users,
            streaming_lists: options.streaming_lists,
            pages: super::api::Pages::default(),
            lost: Mutex::default(),
            pulse: watch::Sender::new(Pulse { revision, now, settles: 0, resets: 0 }),
            link: watch::Sender::new(Link::default()),
            prometheus_link: watch::Sender::new(Link::default()),
            work: Notify::new(),
        };
        cluster.catch_up();
        Arc::new(cluster)
    }

    /// The virtual time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// How long it is since the moment that windows count from.
    pub(super) fn age(&self) -> TimeDelta {
        self.now() - self.origin
    }

    /// The newest revision.
    pub fn revision(&self) -> u64 {
        self.lock().sim.store.revision()
    }

    /// Moves the manual clock to `to` and does all work due by then. On a running clock it only catches up.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        self.clock.advance_to(to);
        self.catch_up();
        self.publish(true);
    }

    /// Makes every open watch that asked for bookmarks receive one with the present revision, so that its client knows it has seen all up
    /// to there. Returns that revision: a client whose watches have all shown a bookmark of at least it has seen everything.
    pub fn settle(&self) -> u64 {
        self.catch_up();
        let revision = self.revision();
        self.pulse.send_modify(|pulse| {
            pulse.revision = revision;
            pulse.settles += 1;
        });
        revision
    }

    /// The next virtual moment after the present at which something is due by itself: a controller's work, or a fault's beginning or end.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let work = self.lock().sim.next_due();
        let now = self.now();
        work.into_iter().chain(self.faults.next_edge(now)).chain(self.prometheus_faults.next_edge(now)).min()
    }

    /// How many watches are open.
    pub fn open_watches(&self) -> usize {
        self.pulse.receiver_count()
    }

    /// Reads the simulation at the present moment.
    pub fn read<T>(&self, look: impl FnOnce(&Sim) -> T) -> T {
        self.catch_up();
        look(&self.lock().sim)
    }

    /// Writes to the simulation at the present moment: time is brought up to now first, then the controllers are told, and work due at once is done.
    pub fn write<T>(&self, change: impl FnOnce(&mut Sim) -> T) -> T {
        let now = self.now();
        let mut inner = self.lock();
        self.run(&mut inner, now, usize::MAX);
        let result = change(&mut inner.sim);
        inner.sim.notice();
        self.run(&mut inner, now, usize::MAX);
        drop(inner);
        self.publish(false);
        self.work.notify_one();
        result
    }

    /// Whether answers are held back on purpose at this moment.
    pub fn is_withholding(&self) -> bool {
        self.active_faults().iter().any(|fault| matches!(fault, FaultKind::Hang | FaultKind::Slow { .. }))
    }

    /// Whether its Prometheus holds answers back on purpose at this moment: on a clock that stands still they come when it is moved.
    pub fn is_prometheus_withholding(&self) -> bool {
        self.prometheus_faults().iter().any(|fault| matches!(fault, PrometheusFault::Slow { .. }))
    }

    /// The faults in force now.
    pub(super) fn active_faults(&self) -> Vec<FaultKind> {
        self.faults.active(self.now()).cloned().collect()
    }

    /// Whether a window of this kind is open that nothing was lost in yet. Saying so uses it up.
    pub(super) fn loses(&self, kind: &FaultKind) -> bool {
        let now = self.now();
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        self.faults.windows(now).any(|(from, _, open)| open == kind && lost.insert(from))
    }

    /// The faults of its Prometheus in force now.
    pub(super) fn prometheus_faults(&self) -> Vec<PrometheusFault> {
        self.prometheus_faults.active(self.now()).cloned().collect()
    }

    /// What the link to its Prometheus does, as a connection sees it.
    pub(super) fn prometheus_link(&self) -> watch::Receiver<Link> {
        self.prometheus_link.subscribe()
    }

    /// A watch's view of what happens.
    pub(super) fn pulse(&self) -> watch::Receiver<Pulse> {
        self.pulse.subscribe()
    }

    /// A connection's view of what the link does.
    pub(super) fn link(&self) -> watch::Receiver<Link> {
        self.link.subscribe()
    }

    /// How long in real time until virtual `moment`; `None` on the manual clock.
    pub(super) fn real_until(&self, moment: DateTime<Utc>) -> Option<Duration> {
        self.clock.real_until(moment)
    }

    /// Brings the simulation up to the clock and tells the watches.
    fn catch_up(&self) {
        let now = self.now();
        let mut inner = self.lock();
        self.run(&mut inner, now, usize::MAX);
        drop(inner);
        self.publish(false);
    }

    /// Does the work due by `to` in order, faults' one-time effects in between, at most `pieces` of it. Says whether all was done.
    fn run(&self, inner: &mut Inner, to: DateTime<Utc>, mut pieces: usize) -> bool {
        loop {
            let edge = self.faults.beginning(inner.played, to).map(|(at, _)| at);
            let until = edge.unwrap_or(to);
            while inner.sim.next_due().is_some_and(|due| due <= until) {
                if pieces == 0 {
                    return false;
                }
                inner.sim.step();
                pieces -= 1;
            }
            inner.sim.run_until(until);
            let Some(edge) = edge else { break };
            for kind in self.faults.beginning_at(edge) {
                match kind {
                    FaultKind::Gone => {
                        inner.sim.store.compact();
                        self.pages.forget();
                    }
                    FaultKind::Reset => self.pulse.send_modify(|pulse| pulse.resets += 1),
                    _ => {}
                }
            }
            inner.played = edge;
        }
        inner.played = inner.played.max(to);
        true
    }

    /// Tells watches and connections how things stand, where that changed anything. Time alone is news only on a `tick`: a watch that wakes
    /// reads, and if reading told the time, watches of a fast clock would wake each other for ever.
    fn publish(&self, tick: bool) {
        let (revision, now) = (self.revision(), self.now());
        self.pulse.send_if_modified(|pulse| {
            let news = pulse.revision != revision || tick && now - pulse.now >= TimeDelta::seconds(1);
            if news {
                (pulse.revision, pulse.now) = (revision, now);
            }
            news
        });
        let mut link = Link::default();
        for kind in self.faults.active(now) {
            link.refused |= *kind == FaultKind::Refuse;
            link.silent |= *kind == FaultKind::Hang;
        }
        self.link.send_if_modified(|old| std::mem::replace(old, link) != link);
        let gone = self.prometheus_faults.active(now).any(|fault| *fault == PrometheusFault::Gone);
        let link = Link { refused: gone, silent: false };
        self.prometheus_link.send_if_modified(|old| std::mem::replace(old, link) != link);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a running cluster in time for as long as somebody holds it. On the manual clock it has nothing to do but wait for its end.
pub(super) async fn pump(cluster: Weak<Cluster>) {
    /// Pieces of work between two looks at the rest of the process.
    const SLICE: usize = 64;
    loop {
        let Some(strong) = cluster.upgrade() else { return };
        let now = strong.now();
        let done = {
            let mut inner = strong.lock();
            strong.run(&mut inner, now, SLICE)
        };
        strong.publish(true);
        if !done {
            drop(strong);
            tokio::task::yield_now().await;
            continue;
        }
        // Woken at least once a second, to see the holder gone and to keep the pulse's time fresh for bookmarks.
        let wait = strong.next_due().and_then(|due| strong.real_until(due)).unwrap_or(Duration::MAX);
        let wait = wait.clamp(Duration::from_millis(1), Duration::from_secs(1));
        tokio::select! {
            () = strong.work.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

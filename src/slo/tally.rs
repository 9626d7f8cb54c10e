//! Counts by version from raw counters of pods: what each version did since its pods started, also those that restarted or died.
//! It refuses to forget a dead pod's last value, and to count twice what is asked twice. One tally holds one metric.

use super::counter::{Born, Counter, Fed};
use super::{Outcome, Reading};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// The container that a sample is said to come from, as the watch of pods knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Container {
    /// Restarts so far: the container's `restartCount`.
    pub restarts: u32,
    /// When the running one started, where known.
    pub started: Option<DateTime<Utc>>,
}

/// What the time of a sample means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// When the pod was scraped, as `timestamp()` gives it.
    Scraped(DateTime<Utc>),
    /// When the query was evaluated: the scrape is some time older. Then a restart is told by the value having fallen alone, for what
    /// looks like the new container's may still be the old one's last word.
    Asked(DateTime<Utc>),
}

/// One value of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// The version the pod runs, e.g. its template hash.
    pub version: &'a str,
    /// The pod; its UID where names come again (StatefulSets).
    pub pod: &'a str,
    /// What tells this series from the pod's others, e.g. its status code.
    pub series: &'a str,
    /// The container at the time of asking.
    pub container: Container,
    /// When.
    pub at: Stamp,
    /// The raw counter.
    pub value: f64,
}

/// A version's count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Count {
    /// Events since watching began.
    pub watched: f64,
    /// Events since the pods' containers started.
    pub since_start: f64,
    /// Whether `since_start` is a lower bound: a pod had restarted before its first sample, and what it counted before is gone.
    pub at_least: bool,
    /// Pods that were counted, dead ones too.
    pub pods: usize,
}

/// Counters of one metric, by version, pod and series.
#[derive(Debug, Clone)]
pub struct Tally {
    since: DateTime<Utc>,
    versions: BTreeMap<String, BTreeMap<String, Pod>>,
}

#[derive(Debug, Clone)]
struct Pod {
    /// When its first sample was taken.
    first_at: DateTime<Utc>,
    /// It had restarted before that.
    restarted_before: bool,
    series: BTreeMap<String, Followed>,
}

/// A counter with the container its last sample came from.
#[derive(Debug, Clone, Copy)]
struct Followed {
    counter: Counter,
    restarts: u32,
    /// When it last fell without the watch having told a restart.
    fell_at: Option<DateTime<Utc>>,
}

/// How far the clocks of a node and of Prometheus may differ before a counter's fall and a container's start are two events.
const SKEW: TimeDelta = TimeDelta::seconds(60);

impl Tally {
    /// Begins to watch at `since`, in the cluster's time.
    pub fn new(since: DateTime<Utc>) -> Tally {
        Tally { since, versions: BTreeMap::new() }
    }

    /// Takes a sample. Feed only complete answers: a series that is missing from one and comes back in the next is known again, but one
    /// that first shows up in a pod already counted is taken to be born in between, and counts from 0.
    pub fn feed(&mut self, sample: Sample<'_>) -> Fed {
        let (Stamp::Scraped(at) | Stamp::Asked(at)) = sample.at;
        if let Some(pod) = self.versions.get_mut(sample.version).and_then(|pods| pods.get_mut(sample.pod)) {
            return match pod.series.get_mut(sample.series) {
                Some(followed) => followed.feed(&sample, at),
                None => {
                    let born = if pod.first_at < at { Born::Watched } else { born(self.since, sample.container) };
                    pod.follow(&sample, born, at)
                }
            };
        }
        let mut pod = Pod { first_at: at, restarted_before: sample.container.restarts > 0, series: BTreeMap::new() };
        let fed = pod.follow(&sample, born(self.since, sample.container), at);
        if fed == Fed::Taken {
            self.versions.entry(sample.version.to_owned()).or_default().insert(sample.pod.to_owned(), pod);
        }
        fed
    }

    /// What a version counted over the series that `which` picks. `None` where it has no counter at all, which is not the same as 0.
    pub fn count(&self, version: &str, which: impl Fn(&str) -> bool) -> Option<Count> {
        let pods = self.versions.get(version)?;
        let mut count = Count { pods: pods.len(), ..Count::default() };
        for pod in pods.values() {
            count.at_least |= pod.restarted_before;
            for (_, followed) in pod.series.iter().filter(|(name, _)| which(name)) {
                count.watched += followed.counter.watched();
                count.since_start += followed.counter.since_start();
            }
        }
        Some(count)
    }

    /// Bad and all events of a version since its pods started. A version without counters is `None`; with counters at 0, no traffic.
    pub fn since_start(&self, version: &str, bad: impl Fn(&str) -> bool) -> Option<Reading<Outcome>> {
        let (bad, total) = (self.count(version, bad)?, self.count(version, |_| true)?);
        Some(Outcome::counted(bad.since_start, total.since_start))
    }

    /// Bad and all events of a version since watching began, as running sums: what a `Track` takes. `all` picks the series of all events.
    pub fn watched(&self, version: &str, all: impl Fn(&str) -> bool, bad: impl Fn(&str) -> bool) -> Option<Outcome> {
        let (bad, total) = (self.count(version, bad)?, self.count(version, all)?);
        Some(Outcome { bad: bad.watched, total: total.watched })
    }

    /// How many pods of a version counted something bad while watched.
    pub fn pods_with(&self, version: &str, bad: impl Fn(&str) -> bool) -> usize {
        let failed = |pod: &&Pod| pod.series.iter().any(|(name, followed)| bad(name) && followed.counter.watched() > 0.0);
        self.versions.get(version).map_or(0, |pods| pods.values().filter(failed).count())
    }

    /// The newest sample of a version, for its age.
    pub fn newest(&self, version: &str) -> Option<DateTime<Utc>> {
        let pods = self.versions.get(version)?;
        pods.values().flat_map(|pod| pod.series.values()).map(|followed| followed.counter.last_at()).max()
    }

    /// The versions that have counters.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        self.versions.keys().map(String::as_str)
    }
}

/// A container that started after watching began counted all it has while watched.
fn born(since: DateTime<Utc>, container: Container) -> Born {
    if container.started.is_some_and(|started| started >= since) { Born::Watched } else { Born::Earlier }
}

impl Pod {
    fn follow(&mut self, sample: &Sample<'_>, born: Born, at: DateTime<Utc>) -> Fed {
        let Some(counter) = Counter::begin(born, at, sample.value) else { return Fed::NotACount };
        self.series.insert(sample.series.to_owned(), Followed { counter, restarts: sample.container.restarts, fell_at: None });
        Fed::Taken
    }
}

impl Followed {
    fn feed(&mut self, sample: &Sample<'_>, at: DateTime<Utc>) -> Fed {
        let fell = sample.value < self.counter.last();
        let reborn = self.reborn(sample, at, fell);
        let fed = if reborn == Some(true) { self.counter.feed_reborn(at, sample.value) } else { self.counter.feed(at, sample.value) };
        if fed != Fed::Taken {
            return fed;
        }
        if reborn.is_some() {
            (self.restarts, self.fell_at) = (sample.container.restarts, None);
        } else if fell {
            self.fell_at = Some(at);
        }
        fed
    }

    /// Whether the sample is the first of a new container: `Some(true)` where only the watch tells so, `Some(false)` where the value
    /// itself told or will tell, `None` where the container is the one before.
    fn reborn(&self, sample: &Sample<'_>, at: DateTime<Utc>, fell: bool) -> Option<bool> {
        if sample.container.restarts <= self.restarts {
            return None;
        }
        if fell {
            return Some(false);
        }
        let (Stamp::Scraped(_), Some(started)) = (sample.at, sample.container.started) else { return Some(false) };
        // The fall came before the word of it: counters are often faster than watches, and clocks differ.
        let told_already = self.counter.last_at() >= started || self.fell_at.is_some_and(|fell_at| (fell_at - started).abs() <= SKEW);
        match (told_already, at >= started) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            // Scraped before the new container began: the last word of the old one.
            (false, false) => None,
        }
    }
}

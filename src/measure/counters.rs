//! Requests and errors of every version, from raw counters that reset, die and are born while they are watched.
//! Takes complete answers only: what is missing from a partial one would look like a death and a birth.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Sides;
use super::minutes::Minutes;
use crate::ports::metrics::Reading as Raw;
use crate::release::{Release, Time};
use crate::slo::exposure::FEWEST_REQUESTS;
use crate::slo::tally::{Container, Count, Sample, Stamp, Tally};
use crate::slo::track::{Track, Window};
use crate::slo::{Outcome, Reading};
use crate::text::Clean;

/// The longest window that is asked of the tracks.
const KEPT: Duration = Duration::from_secs(900);
/// What marks the series of an error code inside the tally.
const BAD: char = '!';

/// Counters by version.
#[derive(Debug, Clone)]
pub(crate) struct Counters {
    tally: Tally,
    tracks: BTreeMap<Clean, Track>,
    minutes: Minutes,
    newest: Option<Time>,
    /// Between the last two answers.
    pace: Option<Duration>,
    /// Pods that are gone keep what was last known of their containers.
    containers: BTreeMap<Clean, Container>,
}

/// Requests and errors of some versions.
pub(crate) struct Counts {
    /// All requests.
    pub total: Count,
    /// Errors.
    pub bad: Count,
}

impl Counters {
    pub fn new(since: Time) -> Self {
        Self {
            tally: Tally::new(since),
            tracks: BTreeMap::new(),
            minutes: Minutes::default(),
            newest: None,
            pace: None,
            containers: BTreeMap::new(),
        }
    }

    /// Takes the counters of all versions at `at`. What is not newer than the last ones is left aside.
    pub fn feed(&mut self, release: &Release, at: Time, readings: &[Raw]) {
        if self.newest.is_some_and(|newest| at <= newest) {
            return;
        }
        self.know(release);
        for raw in readings {
            let series = if raw.bad { format!("{BAD}{}", raw.code) } else { raw.code.to_string() };
            let container = self.containers.get(&raw.pod).copied().unwrap_or(Container { restarts: 0, started: None });
            self.tally.feed(Sample {
                version: &raw.version,
                pod: &raw.pod,
                series: &series,
                container,
                at: Stamp::Asked(at),
                value: raw.value,
            });
        }
        let versions: Vec<Clean> = self.tally.versions().map(Clean::from).collect();
        for version in versions {
            let Some(sums) = self.tally.watched(&version, is_bad) else { continue };
            let known = self.tracks.contains_key(&version);
            let track = self.tracks.entry(version.clone()).or_insert_with(|| Track::new(KEPT));
            // A version that came between two answers had nothing at the first of them.
            if let (false, Some(before)) = (known, self.newest) {
                track.push(before, Outcome { bad: 0.0, total: 0.0 });
            }
            track.push(at, sums);
            self.minutes.count(&version, at, sums);
        }
        self.pace = self.newest.and_then(|newest| (at - newest).to_std().ok());
        self.newest = Some(at);
    }

    fn know(&mut self, release: &Release) {
        for pod in &release.pods {
            let restarts = u32::try_from(pod.restarts).unwrap_or(0);
            let started = if restarts == 0 { pod.created } else { pod.last_end };
            self.containers.insert(pod.name.clone(), Container { restarts, started });
        }
    }

    /// What these versions did over `window`, up to the newest answer. `None` where none of them has counters, or only one answer came.
    pub fn over(&self, hashes: &[Clean], window: Duration) -> Option<Window> {
        let windows: Vec<Window> = hashes.iter().filter_map(|hash| self.tracks.get(hash)).filter_map(|track| track.over(window)).collect();
        let covers = windows.iter().map(|window| window.covers).max()?;
        let mut sum = Outcome { bad: 0.0, total: 0.0 };
        for window in &windows {
            match window.seen {
                Reading::Value(seen) => sum = sum.plus(&seen),
                Reading::NoTraffic => {}
                Reading::NoData(why) => return Some(Window { seen: Reading::NoData(why), covers }),
            }
        }
        Some(Window { seen: Outcome::counted(sum.bad, sum.total), covers })
    }

    /// What these versions counted; `None` where none has counters.
    pub fn count(&self, hashes: &[Clean]) -> Option<Counts> {
        let mut found = None;
        for hash in hashes {
            let (Some(total), Some(bad)) = (self.tally.count(hash, |_| true), self.tally.count(hash, is_bad)) else { continue };
            let counts = found.get_or_insert(Counts { total: Count::default(), bad: Count::default() });
            add(&mut counts.total, total);
            add(&mut counts.bad, bad);
        }
        found
    }

    /// The old version's error ratio from before the new one's first request, frozen then: the baseline where the old one is gone.
    pub fn before(&self, sides: &Sides) -> Option<f64> {
        let seen = self.minutes.before(sides)?;
        if seen.total >= FEWEST_REQUESTS { seen.error_ratio().value() } else { None }
    }

    /// By minutes.
    pub fn minutes(&self) -> &Minutes {
        &self.minutes
    }

    /// The moment of the newest answer.
    pub fn newest(&self) -> Option<Time> {
        self.newest
    }

    /// Between the last two answers.
    pub fn pace(&self) -> Option<Duration> {
        self.pace
    }

    /// The versions that have counters.
    pub fn versions(&self) -> impl Iterator<Item = &Clean> {
        self.tracks.keys()
    }
}

fn is_bad(series: &str) -> bool {
    series.starts_with(BAD)
}

fn add(sum: &mut Count, one: Count) {
    sum.watched += one.watched;
    sum.since_start += one.since_start;
    sum.at_least |= one.at_least;
    sum.pods += one.pods;
}

//! Requests and errors of every version, from raw counters that reset, die and are born while they are watched.
//! Takes complete answers only: what is missing from a partial one would look like a death and a birth.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Sides;
use super::minutes::Minutes;
use super::verdicts::{Counted, Judges};
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
    /// Whether bad events are counted apart from all, not as a part of them beside the good ones.
    apart: bool,
    tracks: BTreeMap<Clean, Track>,
    minutes: Minutes,
    first: Option<Time>,
    newest: Option<Time>,
    /// The newest answer that named each version.
    named: BTreeMap<Clean, Time>,
    /// Between the last two answers.
    pace: Option<Duration>,
    /// Pods that are gone keep what was last known of their containers.
    containers: BTreeMap<Clean, Container>,
    judges: Judges,
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
            apart: false,
            tracks: BTreeMap::new(),
            minutes: Minutes::default(),
            first: None,
            newest: None,
            named: BTreeMap::new(),
            pace: None,
            containers: BTreeMap::new(),
            judges: Judges::default(),
        }
    }

    /// For events of which the readings that are not bad count all.
    pub fn of_events(since: Time) -> Self {
        Self { apart: true, ..Self::new(since) }
    }

    /// Takes earlier counters, oldest first. What reaches further back than all that is known begins anew, since a sum can't be put together
    /// from its end; else it fills the gap since the newest ones.
    pub fn look_back(&mut self, release: &Release, moments: &[(Time, Vec<Raw>)]) {
        let Some((first, _)) = moments.first() else { return };
        if self.first.is_none_or(|known| *first < known) {
            *self = Self { apart: self.apart, ..Self::new(*first) };
        }
        for (at, readings) in moments {
            self.feed(release, *at, readings);
        }
    }

    /// Takes the counters of all versions at `at`. What is not newer than the last ones is left aside, and so is an answer without any
    /// counter: no data is not a standstill.
    pub fn feed(&mut self, release: &Release, at: Time, readings: &[Raw]) {
        let counts = readings.iter().filter(|raw| raw.value.is_finite() && raw.value >= 0.0);
        // Two series that only differ in what nobody asked about are one counter.
        let mut sums: BTreeMap<(&Clean, &Clean, String), f64> = BTreeMap::new();
        for raw in counts {
            let series = if raw.bad { format!("{BAD}{}", raw.code) } else { raw.code.to_string() };
            *sums.entry((&raw.version, &raw.pod, series)).or_default() += raw.value;
        }
        if sums.is_empty() || self.newest.is_some_and(|newest| at <= newest) {
            return;
        }
        self.know(release);
        // A pod that nobody knows and no earlier answer named came and went unseen: all it counted happened in between.
        let unknown = Container { restarts: 0, started: self.newest.map(|_| at) };
        for ((version, pod, series), value) in sums {
            let container = self.containers.get(pod).copied().unwrap_or(unknown);
            self.tally.feed(Sample { version, pod, series: &series, container, at: Stamp::Asked(at), value });
            self.named.insert(version.clone(), at);
        }
        let versions: Vec<Clean> = self.tally.versions().map(Clean::from).collect();
        for version in versions {
            let Some(sums) = self.sums(version.as_str()) else { continue };
            let known = self.tracks.contains_key(&version);
            let track = self.tracks.entry(version.clone()).or_insert_with(|| Track::new(KEPT));
            // A version that came between two answers had nothing at the first of them.
            if let (false, Some(before)) = (known, self.newest) {
                track.push(before, Outcome { bad: 0.0, total: 0.0 });
            }
            track.push(at, sums);
            self.minutes.count(&version, at, sums);
        }
        self.judge(release, at);
        self.pace = self.newest.and_then(|newest| (at - newest).to_std().ok());
        self.newest = Some(at);
        self.first = self.first.or(self.newest);
    }

    /// Both sides of the exchange are looked at with every answer.
    fn judge(&mut self, release: &Release, at: Time) {
        let versions: Vec<Clean> = self.tracks.keys().cloned().collect();
        let sides = Sides::counted(release, &versions);
        let seen = |version: &Clean| {
            let sums = self.sums(version.as_str())?;
            Some((version.clone(), Counted { sums, failing_pods: self.tally.pods_with(version.as_str(), is_bad) }))
        };
        let counted: BTreeMap<Clean, Counted> = versions.iter().filter_map(seen).collect();
        let before = self.minutes.before(&sides).filter(|seen| seen.total >= FEWEST_REQUESTS);
        self.judges.look(release, &sides, at, counted, before);
    }

    /// Which series count all events.
    fn all(&self) -> impl Fn(&str) -> bool + use<> {
        let apart = self.apart;
        move |series: &str| !apart || !is_bad(series)
    }

    /// What a version had counted while it was watched.
    fn sums(&self, version: &str) -> Option<Outcome> {
        self.tally.watched(version, self.all(), is_bad)
    }

    /// An answer came of which a part was missing.
    pub fn withheld(&mut self, at: Time) {
        self.judges.withheld(at);
    }

    /// What judges the new versions.
    pub fn judges(&self) -> &Judges {
        &self.judges
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

    /// Whether the newest answers named other versions and none of these, for as long as `silence`.
    pub fn are_silent(&self, hashes: &[Clean], silence: Duration) -> bool {
        let named = hashes.iter().filter_map(|hash| self.named.get(hash)).max();
        let since = self.newest.zip(named).map(|(newest, named)| (newest - *named).to_std().unwrap_or_default());
        since.is_some_and(|since| since >= silence)
    }

    /// What these versions counted; `None` where none has counters.
    pub fn count(&self, hashes: &[Clean]) -> Option<Counts> {
        let mut found = None;
        for hash in hashes {
            let (Some(total), Some(bad)) = (self.tally.count(hash, self.all()), self.tally.count(hash, is_bad)) else { continue };
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

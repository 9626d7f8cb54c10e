//! Events of an objective that counts otherwise than by status codes, followed by version as the release's errors are.
//! Refuses to take a difference of two counters that were not read at once for a restart.

use std::collections::BTreeMap;

use super::counters::Counters;
use crate::ports::metrics::{Events as Raw, Reading};
use crate::release::{Release, Time};
use crate::text::Clean;

/// The events of one objective.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    pub counters: Counters,
    /// More may be bad than is counted.
    pub at_least: bool,
    /// The bound of the histogram that is counted by.
    bound: Option<f64>,
    /// By version and pod: all events and bad ones of the newest answer.
    last: BTreeMap<(Clean, Clean), (f64, f64)>,
}

impl Events {
    pub fn new(since: Time) -> Self {
        Self { counters: Counters::of_events(since), at_least: false, bound: None, last: BTreeMap::new() }
    }

    pub fn feed(&mut self, release: &Release, at: Time, pods: Vec<Raw>, at_least: bool) {
        if self.counters.newest().is_some_and(|newest| at <= newest) {
            return;
        }
        self.at_least = at_least;
        let bound = pods.iter().find_map(|one| one.bound);
        if bound.is_some() && self.bound != bound {
            // Versions with other histograms have only another bound in common: what is over that one was never counted.
            *self = Self { at_least, bound, ..Self::new(at) };
        }
        let readings = self.readings(pods);
        self.counters.feed(release, at, &readings);
    }

    pub fn look_back(&mut self, release: &Release, moments: Vec<(Time, Vec<Raw>)>) {
        let bound = moments.iter().flat_map(|(_, pods)| pods).find_map(|one| one.bound);
        if self.bound.is_some() && self.bound != bound {
            return;
        }
        self.bound = bound;
        self.last.clear();
        let moments: Vec<(Time, Vec<Reading>)> = moments.into_iter().map(|(at, pods)| (at, self.readings(pods))).collect();
        self.counters.look_back(release, &moments);
    }

    fn readings(&mut self, pods: Vec<Raw>) -> Vec<Reading> {
        let mut all = Vec::new();
        for Raw { version, pod, total, bad, .. } in pods {
            let key = (version.clone(), pod.clone());
            let bad = match self.last.get(&key) {
                // Both begin anew with a restart; bad ones that fall alone were only read a moment before the others.
                Some((all, before)) if total >= *all => bad.max(*before),
                _ => bad,
            };
            self.last.insert(key, (total, bad));
            let reading = |bad, value| Reading { version: version.clone(), pod: pod.clone(), code: Clean::default(), bad, value };
            all.extend([reading(false, total), reading(true, bad)]);
        }
        all
    }
}

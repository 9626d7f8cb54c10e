//! What has been counted: by each pod's process since it began, and for good by whoever must know the truth.
//! The truth is what was drawn, not what was scraped: it forgets no pod and knows no staleness.

use std::collections::BTreeMap;

use super::pods::Pod;
use crate::demo::prometheus::{Labels, SeriesId, Store};

/// Requests that one version of a workload was ever sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Truth {
    /// All of them.
    pub requests: u64,
    /// Those that failed.
    pub failures: u64,
}

impl Truth {
    /// Both together.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self { requests: self.requests + more.requests, failures: self.failures + more.failures }
    }
}

/// The counters of all pods that are there, and the truth.
#[derive(Default)]
pub struct Tally {
    /// By namespace and name.
    pub(super) pods: BTreeMap<(String, String), Pod>,
    pub(super) truth: BTreeMap<(String, String), Truth>,
    pub(super) unserved: BTreeMap<String, u64>,
    /// Requests as the callers' proxies count them, those that reached nobody too.
    pub(super) called: BTreeMap<Labels, (SeriesId, u64)>,
}

impl Tally {
    /// What each version of each workload was ever sent: by the workload's NAMESPACE/NAME and the hash of the pod template. Pods that were
    /// there before the first tick count from their start.
    pub fn truth(&self) -> &BTreeMap<(String, String), Truth> {
        &self.truth
    }

    /// What one version was ever sent.
    pub fn of(&self, workload: &str, hash: &str) -> Truth {
        self.truth.get(&(workload.to_owned(), hash.to_owned())).copied().unwrap_or_default()
    }

    /// Requests for a workload (NAMESPACE/NAME) that found no ready endpoint. They are in no version's truth.
    pub fn unserved(&self, workload: &str) -> u64 {
        self.unserved.get(workload).copied().unwrap_or_default()
    }

    /// Counts one more batch that reached nobody.
    pub(super) fn lose(&mut self, workload: &str, n: u64) {
        if n > 0 {
            *self.unserved.entry(workload.to_owned()).or_default() += n;
        }
    }

    /// Counts requests at the callers' proxy.
    pub(super) fn call(&mut self, labels: Labels, n: u64, series: &mut Store) {
        if n > 0 {
            self.called.entry(labels.clone()).or_insert_with(|| (series.series(labels), 0)).1 += n;
        }
    }

    /// Writes one scrape of the callers' proxies.
    pub(super) fn scrape_callers(&self, series: &mut Store, at_ms: i64) {
        for (id, count) in self.called.values() {
            series.append(*id, at_ms, *count as f64);
        }
    }

    /// Every series with its present value, pod by pod, without `up`: that one belongs to whoever scrapes.
    pub(super) fn current(&self) -> impl Iterator<Item = (Labels, f64)> + '_ {
        let called = self.called.iter().map(|(labels, (_, count))| (labels.clone(), *count as f64));
        self.pods.values().flat_map(Pod::current).chain(called)
    }
}

//! How much of a workload's requests its bad version gets, from change to change, for whoever judges afterwards.
//! Looks only: the cluster goes on the same with it and without.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::sim::{Controller, Cx};
use super::store::{DEPLOYMENTS, ENDPOINTSLICES, HTTPROUTES, Key, LogEntry, ROLLOUTS, Store};
use super::traffic::{self, Load};

/// What was seen of the bad version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposure {
    /// Hashes of the pod templates it ran under.
    pub hashes: BTreeSet<String>,
    /// Its share of the requests now, percent.
    pub share: f64,
    /// When it first got any.
    pub since: Option<DateTime<Utc>>,
    /// When what is wrong with it first struck.
    pub began: Option<DateTime<Utc>>,
    /// Since when it gets none any more.
    pub ended: Option<DateTime<Utc>>,
}

impl Exposure {
    fn note(&mut self, now: DateTime<Utc>, share: f64, hashes: BTreeSet<String>) {
        self.hashes.extend(hashes);
        if share > 0.0 {
            self.since.get_or_insert(now);
            self.ended = None;
        } else if self.share > 0.0 {
            self.ended = Some(now);
        }
        self.share = share;
    }
}

/// Keeps the record of one workload's bad version.
pub(super) struct Lookout {
    load: Load,
    fault: traffic::Fault,
}

impl Lookout {
    /// For the pods of `load` that `fault` is in.
    pub(super) fn new(load: Load, fault: traffic::Fault) -> Self {
        Self { load, fault }
    }

    fn key(&self) -> Key {
        Key::new(ROLLOUTS, self.load.namespace.as_str(), self.load.name.as_str())
    }
}

impl Controller for Lookout {
    fn name(&self) -> &'static str {
        "lookout"
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        let routes = matches!(entry.key.resource, ROLLOUTS | DEPLOYMENTS | ENDPOINTSLICES | HTTPROUTES);
        if routes && entry.key.namespace == self.load.namespace { vec![self.key()] } else { Vec::new() }
    }

    fn reconcile(&mut self, _: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let (share, hashes) = traffic::share_of(cx.store, &self.load, &self.fault.version);
        cx.exposure.note(cx.now, share, hashes);
        let since = cx.exposure.since?;
        if cx.exposure.began.is_none() && self.fault.strikes(share, cx.now - since) && share > 0.0 {
            cx.exposure.began = Some(cx.now);
        }
        self.fault.after.map(|after| since + after).filter(|at| *at > cx.now)
    }
}

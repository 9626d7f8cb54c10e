//! A Rollout controller that fails its Rollouts at times, as the real one was seen to: it misses a promote, or is not there at all.
//! Never does anything the real one would not do: what it does, the controller inside does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::objects::{flag, list, text};
use super::rollout::Rollouts;
use crate::demo::faults::{Kind, Schedule, Written};
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{Key, LogEntry, Store};

/// What goes wrong with the controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lapse {
    /// The first pause a person ends in the window is not noticed until something else is written to that Rollout (argo-rollouts #4694).
    MissPromote,
    /// It looks at nothing until the window ends.
    Away,
}

impl Kind for Lapse {
    const WORDS: &'static str = "miss-promote, away";

    fn read(written: &Written) -> Result<Option<Self>, String> {
        Ok(match written.kind.as_str() {
            "miss-promote" => Some(Self::MissPromote),
            "away" => Some(Self::Away),
            _ => None,
        })
    }

    fn takes(&self, _: &str) -> bool {
        false
    }
}

/// The Rollout controller with its lapses.
pub struct Lapsing {
    lapses: Schedule<Lapse>,
    /// The version of each Rollout that was not noticed.
    missed: BTreeMap<Key, String>,
    /// Beginnings of the windows whose promote was missed already.
    spent: BTreeSet<DateTime<Utc>>,
}

impl Lapsing {
    /// One that lapses as this says, and otherwise does what the controller does.
    pub(in crate::demo) fn new(lapses: Schedule<Lapse>) -> Self {
        Self { lapses, missed: BTreeMap::new(), spent: BTreeSet::new() }
    }

    fn misses(&mut self, key: &Key, stored: &Value, now: DateTime<Utc>) -> bool {
        let version = text(stored, "/metadata/resourceVersion");
        if self.missed.get(key).is_some_and(|missed| missed == version) {
            return true;
        }
        self.missed.remove(key);
        let ended = flag(stored, "/status/controllerPause") && list(stored, "/status/pauseConditions").is_empty();
        if !ended || flag(stored, "/spec/paused") {
            return false;
        }
        let window = self.lapses.windows(now).find(|(from, _, lapse)| **lapse == Lapse::MissPromote && !self.spent.contains(from));
        let Some((from, ..)) = window else { return false };
        self.spent.insert(from);
        self.missed.insert(key.clone(), version.to_owned());
        true
    }
}

impl Controller for Lapsing {
    fn name(&self) -> &'static str {
        Rollouts.name()
    }

    fn delay(&self) -> TimeDelta {
        Rollouts.delay()
    }

    fn interested(&self, store: &Store, entry: &LogEntry) -> Vec<Key> {
        Rollouts.interested(store, entry)
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        if let Some((_, end, _)) = self.lapses.windows(cx.now).find(|(_, _, lapse)| **lapse == Lapse::Away) {
            return Some(end);
        }
        let stored = cx.store.get(key)?.clone();
        if self.misses(key, &stored, cx.now) {
            return None;
        }
        Rollouts.reconcile(key, cx)
    }
}

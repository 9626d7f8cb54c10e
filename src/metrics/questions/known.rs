//! What the probes found out so far.
//! Never asks again by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::super::dialect::{Source, fitting, fitting_query};
use super::super::reply::Reply;
use super::{About, Question, QuestionId};
use crate::objects::ReleaseRef;
use crate::ports::metrics::{Measurable, MetricInterest};
use crate::text::Clean;

/// What is known of the metrics of one server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// By namespace, best first; a namespace without metrics has none.
    families: BTreeMap<Clean, Vec<Source>>,
    /// By release, best first.
    fitting: BTreeMap<ReleaseRef, Vec<Source>>,
    /// Releases whose counters are followed, so that what came before is known; and those of one objective of theirs, by its name.
    followed: BTreeSet<(ReleaseRef, Option<Clean>)>,
    /// The place among its namespace's families of the one that tells of a release on the board.
    told_by: BTreeMap<ReleaseRef, usize>,
    /// The objectives of which somebody records what is left; a release that was not asked about is not here.
    recorded: BTreeMap<ReleaseRef, BTreeSet<Clean>>,
}

impl Known {
    /// Takes a probe's answer in. What was found once is not unlearnt by an empty answer: a server that has just begun anew knows nothing for a
    /// while, and figures without data say so themselves.
    pub fn learn(&mut self, question: &Question, reply: &Reply) {
        match &question.about {
            About::Namespaces(namespaces) => {
                let mut old = std::mem::take(&mut self.families);
                for name in namespaces {
                    let before = old.remove(name).unwrap_or_default();
                    let found = Source::choose(reply, name.as_str());
                    self.families.insert(name.clone(), if found.is_empty() { before } else { found });
                }
                self.told_by.clear();
            }
            About::Candidates(one, families) => {
                let found = fitting(families, reply);
                let known = self.fitting.entry(one.release.clone()).or_default();
                if !found.is_empty() {
                    *known = found;
                }
            }
            About::Release(..) | About::Board(..) | About::Everybody => {}
        }
    }

    /// The namespaces to probe: those asked about last while they hold all that are wanted, so that going to and fro asks nothing.
    pub(super) fn namespaces(&self, interest: &MetricInterest) -> Vec<Clean> {
        let wanted: BTreeSet<Clean> = interest.all().map(|one| one.subject.namespace.clone()).collect();
        if wanted.is_empty() || !wanted.iter().all(|name| self.families.contains_key(name)) {
            return wanted.into_iter().collect();
        }
        self.families.keys().cloned().collect()
    }

    /// The families of a namespace, best first; `None` where it was not asked about yet.
    pub fn families(&self, namespace: &str) -> Option<&[Source]> {
        self.families.iter().find(|(name, _)| name.as_str() == namespace).map(|(_, found)| found.as_slice())
    }

    /// The families that hold a release's requests, best first; `None` where that was not asked yet.
    pub fn fitting(&self, one: &Measurable) -> Option<&[Source]> {
        let families = self.families(one.subject.namespace.as_str())?;
        if fitting_query(families, &one.subject).is_none() {
            return Some(&[]);
        }
        self.fitting.get(&one.release).map(Vec::as_slice)
    }

    /// What a screen may say is there: for the open release, else for any on the board. `None` where it is not known yet.
    pub fn names(&self, interest: &MetricInterest) -> Option<Vec<Clean>> {
        let name = |source: &Source| Clean::from(source.name());
        if let Some(open) = &interest.open {
            return self.fitting(open).map(|found| found.iter().map(name).collect());
        }
        let mut names: Vec<Clean> = Vec::new();
        for one in &interest.board {
            for found in self.families(one.subject.namespace.as_str())?.iter().map(name) {
                if !names.contains(&found) {
                    names.push(found);
                }
            }
        }
        Some(names)
    }

    /// Forgets what was probed, so that it is probed anew. What is followed stays so: the past told once more would take the place of what was counted.
    pub fn forget(&mut self) {
        *self = Self { followed: std::mem::take(&mut self.followed), ..Self::default() };
    }

    /// From here on the counters that the question of what came before was about are followed. Returns whether it was about that at all.
    pub fn follow(&mut self, question: &QuestionId) -> bool {
        let followed = match question {
            QuestionId::History(release) => (release.clone(), None),
            QuestionId::EventsBefore(release, objective) => (release.clone(), Some(objective.clone())),
            _ => return false,
        };
        self.followed.insert(followed);
        true
    }

    /// Whether what came before is known: of the release, or of one objective of it.
    pub fn is_followed(&self, release: &ReleaseRef, objective: Option<&Clean>) -> bool {
        self.followed.contains(&(release.clone(), objective.cloned()))
    }

    /// What is left of these objectives of `release` is recorded. Returns whether that is news. What was once is not unlearnt.
    pub fn record(&mut self, release: &ReleaseRef, promises: impl IntoIterator<Item = Clean>) -> bool {
        let is_new = !self.recorded.contains_key(release);
        let known = self.recorded.entry(release.clone()).or_default();
        promises.into_iter().fold(is_new, |news, promise| known.insert(promise) || news)
    }

    /// Whether what is left of an objective is recorded; `None` where that was not asked yet.
    pub fn is_recorded(&self, release: &ReleaseRef, promise: &Clean) -> Option<bool> {
        self.recorded.get(release).map(|known| known.contains(promise))
    }

    /// Whether `source` is the best so far that told of `release` on the board; if so it is from now on.
    pub fn is_best(&mut self, release: &ReleaseRef, source: &Source) -> bool {
        let families = self.families(release.namespace.as_str()).unwrap_or_default();
        let Some(place) = families.iter().position(|family| family.metric() == source.metric()) else { return false };
        let best = self.told_by.entry(release.clone()).or_insert(place);
        *best = place.min(*best);
        *best == place
    }
}

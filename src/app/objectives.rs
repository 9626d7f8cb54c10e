//! Objectives that were found: what each source told, whom each speaks of, and what is promised of a release because of it.
//! Never assumes one before every source has spoken, and never drops one that can't be followed without a word.

mod given;
mod said;
mod written;

use std::collections::BTreeMap;

use crate::config::Objective as Configured;
use crate::objectives::mapping::{Coverage, Workload, covering, map};
use crate::objectives::templates::{self, Use};
use crate::objectives::{Found, Origin, Read, Remark, for_release, settle};
use crate::objects::Rollout;
use crate::ports::metrics::MetricsEvent;
use crate::ports::objectives::{Declared, Shelf};
use crate::release::{Engine, Release, ReleaseRef};
use crate::text::Clean;

pub(super) use given::Given;
use written::of_config;

type Sets = Vec<BTreeMap<String, String>>;

/// More questions for whom an objective speaks of than this are not asked: the rest is told by names.
const MOST_COVERING: usize = 200;

/// What is known of objectives.
#[derive(Debug, Clone, Default)]
pub struct Objectives {
    configured: Vec<Configured>,
    files: Read,
    declared: BTreeMap<Shelf, Declared>,
    rules: Option<Result<Read, Clean>>,
    described: Option<Result<Vec<Found>, Clean>>,
    coverage: BTreeMap<Clean, Result<Sets, Clean>>,
    /// The templates of analyses that Rollouts run.
    uses: BTreeMap<ReleaseRef, Vec<Use>>,
    /// What was wrong in templates, or is no objective.
    checks: Vec<Remark>,
    /// All that was found besides the config, each once, with the question whom it speaks of.
    settled: Vec<(Found, Option<Clean>)>,
    covering: Vec<Clean>,
    /// How many questions whom objectives speak of are not asked.
    uncovered: usize,
    given: BTreeMap<ReleaseRef, Vec<Given>>,
    /// Those that are a release's and can't be followed, with the reason.
    left_out: Vec<Clean>,
    is_changed: bool,
    is_regrouped: bool,
    /// Whether the cluster was asked since the last refresh.
    pub(super) is_asked: bool,
}

impl Objectives {
    /// With what a person's files say.
    pub(super) fn new(configured: Vec<Configured>, files: Read) -> Self {
        Self { configured, files, is_changed: true, ..Self::default() }
    }

    /// What the cluster declares of one kind.
    pub(super) fn declared(&mut self, shelf: Shelf, declared: Declared) {
        // What could not be read this time is as it was.
        let keep = matches!((&declared, self.declared.get(&shelf)), (Declared::Failed(_), Some(Declared::Read(_))));
        if !keep && self.declared.get(&shelf) != Some(&declared) {
            self.declared.insert(shelf, declared);
            self.is_changed = true;
        }
    }

    /// What the metrics server tells of objectives. What was known stays where it does not answer.
    pub(super) fn told(&mut self, event: MetricsEvent) {
        match event {
            MetricsEvent::Rules(told) => self.is_changed |= take(&mut self.rules, told),
            MetricsEvent::Described(told) => self.is_changed |= take(&mut self.described, told),
            MetricsEvent::Covered(query, told) => {
                let mut known = self.coverage.remove(&query);
                self.is_regrouped |= take(&mut known, told);
                self.coverage.extend(known.map(|known| (query, known)));
            }
            _ => {}
        }
    }

    /// A release was read again: whether it has other names by now.
    pub(super) fn seen(&mut self, before: Option<&Release>, now: Option<&Release>) {
        self.is_regrouped |= match (before, now) {
            (Some(before), Some(now)) => names(before).ne(names(now)) || before.exposure.services != now.exposure.services,
            (before, now) => before.is_some() != now.is_some(),
        };
    }

    /// What a release runs as analyses, where it is a Rollout.
    pub(super) fn runs(&mut self, key: &ReleaseRef, rollout: Option<&Rollout>) {
        let now = rollout.map(Use::all).unwrap_or_default();
        if self.uses.get(key).map_or(&[][..], Vec::as_slice) == now {
            return;
        }
        self.is_changed = true;
        if now.is_empty() {
            self.uses.remove(key)
        } else {
            self.uses.insert(key.clone(), now)
        };
    }

    /// Brings what is promised up to date; the releases for which that changed.
    pub(super) fn settle<'r>(&mut self, releases: impl Iterator<Item = &'r Release>) -> Vec<ReleaseRef> {
        if !self.is_changed && !self.is_regrouped {
            return Vec::new();
        }
        if std::mem::take(&mut self.is_changed) {
            self.sort_out();
        }
        self.is_regrouped = false;
        let releases: Vec<&Release> = releases.collect();
        let (given, left_out) = self.share_out(&releases);
        self.left_out = left_out;
        let changed = |key: &&ReleaseRef| given.get(key) != self.given.get(key);
        let moved = given.keys().chain(self.given.keys()).filter(changed).cloned().collect();
        self.given = given;
        moved
    }

    /// What is promised of a release, the most believed first.
    pub(super) fn of(&self, key: &ReleaseRef) -> &[Given] {
        self.given.get(key).map_or(&[], Vec::as_slice)
    }

    /// The questions whom objectives speak of.
    pub(super) fn covering(&self) -> &[Clean] {
        &self.covering
    }

    /// Whether there may be objectives in a place that could not be looked into.
    fn is_in_part(&self) -> bool {
        let is_unread = |declared: &Declared| matches!(declared, Declared::Denied(_) | Declared::Failed(_));
        self.declared.values().any(is_unread) || self.unheard().next().is_some()
    }

    /// Whether every source has spoken, so that what was not found is not there.
    fn is_whole(&self) -> bool {
        let asked = |query: &Clean| self.coverage.contains_key(query);
        Shelf::ALL.iter().all(|shelf| self.declared.contains_key(shelf))
            && self.rules.is_some()
            && self.described.is_some()
            && self.covering.iter().all(asked)
    }

    /// What was read in the cluster.
    fn reads(&self) -> impl Iterator<Item = &Read> + Clone {
        self.declared.values().filter_map(|declared| if let Declared::Read(read) = declared { Some(read) } else { None })
    }

    fn sort_out(&mut self) {
        let uses: Vec<&Use> = self.uses.values().flatten().collect();
        let joined = templates::join(self.reads(), &uses);
        let declared = self.reads().map(|read| &read.found).chain([&joined.found]);
        let rules = self.rules.iter().filter_map(|rules| rules.as_ref().ok()).map(|read| &read.found);
        let described = self.described.iter().filter_map(|found| found.as_ref().ok());
        let all = declared.chain(rules).chain(described).chain([&self.files.found]).flatten().cloned();
        let question = |found: &Found| covering(found).map(Clean::from);
        self.settled =
            settle(all).into_iter().map(|found| (question(&found).filter(|q| !q.is_empty()), found)).map(|(q, f)| (f, q)).collect();
        self.checks = joined.remarks;
        // A person's own come first: there are few of them.
        let own = self.configured.iter().map(of_config);
        let mut covering: Vec<Clean> = Vec::new();
        for query in own.filter_map(|found| question(&found)).chain(self.settled.iter().filter_map(|(_, query)| query.clone())) {
            if !covering.contains(&query) {
                covering.push(query);
            }
        }
        self.uncovered = covering.len().saturating_sub(MOST_COVERING);
        covering.truncate(MOST_COVERING);
        self.covering = covering;
        self.coverage.retain(|query, _| self.covering.contains(query));
    }

    /// What is promised of each release, and what can't be followed.
    fn share_out(&self, releases: &[&Release]) -> (BTreeMap<ReleaseRef, Vec<Given>>, Vec<Clean>) {
        let workloads: Vec<Workload> = releases.iter().map(|release| workload(release)).collect();
        let mut all: BTreeMap<ReleaseRef, Vec<(Found, given::Mapped)>> = BTreeMap::new();
        let mut strange = Vec::new();
        for (found, query) in &self.settled {
            let told = query.as_ref().filter(|query| self.covering.contains(query)).map(|query| self.coverage.get(query));
            // Whom it speaks of is being asked.
            if told == Some(None) {
                continue;
            }
            let coverage = told.flatten().and_then(|told| told.as_ref().ok()).map(|sets| Coverage::read(sets, &workloads));
            let mapping = map(found, coverage.as_ref(), &workloads);
            if let (Some(release), [], Some(doubt)) = (&found.release, mapping.fits.as_slice(), &mapping.doubt) {
                strange.push(said::left_out(found, release, doubt));
            }
            for fit in &mapping.fits {
                let reason = Some(Clean::from(format!("{} Score {:.2} of 1, by {}.", fit.reason, fit.score, fit.ground)));
                let pod_label = self.pod_label(query.as_ref(), mapping.pod_label);
                let mapped = given::Mapped { reason, doubt: mapping.doubt.clone(), is_shared: mapping.is_shared, pod_label };
                all.entry(fit.release.clone()).or_default().push((found.clone(), mapped));
            }
        }
        let (is_whole, is_in_part) = (self.is_whole(), self.is_in_part());
        let given = releases.iter().map(|release| {
            let key = &release.key;
            let mut mine = all.remove(key).unwrap_or_default();
            mine.extend(self.matching(key).map(|one| {
                let found = of_config(one);
                let query = covering(&found).map(Clean::from);
                let sets = query.as_ref().and_then(|query| self.coverage.get(query)).and_then(|told| told.as_ref().ok());
                let pod_label = self.pod_label(query.as_ref(), sets.and_then(|sets| Coverage::read(sets, &workloads).pod_label()));
                (found, given::Mapped { pod_label, ..given::Mapped::default() })
            }));
            let kept = for_release(&key.name, mine.iter().map(|(found, _)| found.clone()).collect());
            let kept = kept.into_iter().filter(|found| is_whole || found.origin() != Origin::Assumed);
            // What the config speaks of may go on where something else was found.
            let is_meant = |one: &Found, found: &Found| one == found || found.origin() == Origin::Config && one.name == found.name;
            let mapped = |found: &Found| {
                let mut meant = mine.iter().filter(|(one, _)| is_meant(one, found)).map(|(_, mapped)| mapped);
                let first = meant.next();
                first.filter(|mapped| mapped.pod_label.is_ok()).or(meant.next_back()).or(first).cloned().unwrap_or_default()
            };
            let doubtful = |found: &Found| given::Mapped {
                doubt: (is_in_part && found.origin() == Origin::Assumed)
                    .then(|| Clean::from("There may be one where nobody could look: not every source could be read.")),
                ..mapped(found)
            };
            let mapped = |found: &Found| if found.origin() == Origin::Assumed { doubtful(found) } else { mapped(found) };
            (key.clone(), given::all(release, kept.map(|found| (mapped(&found), found)).collect()))
        });
        let mut left_out = strange;
        let given = given.map(|(key, (given, reasons))| {
            left_out.extend(reasons);
            (key, given)
        });
        (given.filter(|(_, given)| !given.is_empty()).collect(), left_out)
    }

    /// The label that names pods in an objective's series, else why there is none.
    fn pod_label(&self, query: Option<&Clean>, found: Option<&'static str>) -> Result<&'static str, Clean> {
        found.ok_or_else(|| match query.map(|query| (self.covering.contains(query), self.coverage.get(query))) {
            Some((_, Some(Err(why)))) => Clean::from(format!("which pods its series name could not be asked: {why}")),
            Some((false, _)) => {
                Clean::from(format!("of more than {MOST_COVERING} objectives it is not asked which pods their series name"))
            }
            _ => Clean::from("its series name no pods"),
        })
    }

    /// What the config says of a release, in the order of the file.
    pub(super) fn matching(&self, key: &ReleaseRef) -> impl Iterator<Item = &Configured> {
        self.configured.iter().filter(|one| means(&one.matches, key))
    }
}

/// Whether a pattern such as `payments/*` means this release.
fn means(pattern: &str, key: &ReleaseRef) -> bool {
    let (namespace, name) = pattern.split_once('/').unwrap_or((pattern, "*"));
    wildmatch::WildMatch::new(namespace).matches(&key.namespace) && wildmatch::WildMatch::new(name).matches(&key.name)
}

/// Puts an answer in place of the last one; a failure only where there was none. Returns whether anything changed.
fn take<T: PartialEq>(place: &mut Option<Result<T, Clean>>, told: Result<T, Clean>) -> bool {
    if told.is_err() && place.is_some() || place.as_ref() == Some(&told) {
        return false;
    }
    *place = Some(told);
    true
}

fn names(release: &Release) -> impl Iterator<Item = &Clean> {
    release.versions.iter().flat_map(|version| [&version.replica_set, &version.hash])
}

fn workload(release: &Release) -> Workload {
    let target = release.released_deployment().cloned();
    let copy = target.as_ref().filter(|_| release.engine == Engine::Flagger).map(|target| Clean::from(format!("{target}-primary")));
    Workload {
        release: release.key.clone(),
        pods: release.pods.iter().map(|pod| pod.name.clone()).collect(),
        replica_sets: release.versions.iter().map(|version| &version.replica_set).chain(&release.earlier).cloned().collect(),
        also_called: release.exposure.services.iter().chain(&release.exposure.ingresses).chain(&target).chain(&copy).cloned().collect(),
        target,
    }
}

#[cfg(test)]
mod tests;

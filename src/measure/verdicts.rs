//! Feeds the judges: for each new version one comparison with the old one, from the same counters that make every other figure.
//! Never counts what was not seen: a version without counters is no data, not no errors.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use super::Sides;
use crate::release::words::{Standing, standing};
use crate::release::{PodState, Release, Time};
use crate::slo::tier::Tier;
use crate::slo::verdict::{Arm, Bad, Counting, Judge, Judgement, Limits, Look, Trouble, judge};
use crate::slo::{Missing, Objective, Outcome, Reading};
use crate::text::Clean;

/// What stands in where nobody promised anything: the budget that page-level burn is reckoned from.
const ASSUMED: (f64, Duration) = (0.999, Duration::from_secs(30 * 86_400));

/// Answers of which a part is missing say nothing of now after so long: one or two may be bad luck, and between looks it is as long as that.
const WITHHELD: TimeDelta = TimeDelta::seconds(90);

/// What a version had counted at a look.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// Requests and errors of all its pods so far.
    pub sums: Outcome,
    /// Pods that had errors.
    pub failing_pods: usize,
}

/// What a verdict is given on.
#[derive(Debug, Clone)]
pub(crate) struct Indicator {
    /// What is promised.
    pub objective: Objective,
    /// What of it pages.
    pub limits: Limits,
    /// What is counted as bad.
    pub bad: Bad,
    /// How exactly.
    pub counting: Counting,
    /// Whether these are its own events.
    pub is_apart: bool,
}

impl Indicator {
    /// Failed requests against an objective.
    pub fn failed(objective: Objective, tiers: &[Tier]) -> Self {
        Self { limits: Limits::by(&objective, tiers), objective, bad: Bad::Failed, counting: Counting::Exact, is_apart: false }
    }

    /// Failed requests against an assumed objective, which says so in its name; `is_alone` where nobody promised anything at all.
    pub fn assumed(is_alone: bool) -> Option<Self> {
        assumed(if is_alone { "no objective, 99.9 % assumed" } else { "failed requests, 99.9 % assumed" })
            .map(|objective| Self::failed(objective, &[]))
    }
}

/// The judges of one release, by the hash of the version they judge.
#[derive(Debug, Clone, Default)]
pub struct Judges {
    judges: BTreeMap<Clean, Judge>,
    /// What the versions had counted at the last look, and when.
    stood: Option<(Time, BTreeMap<Clean, Counted>)>,
    /// The newest answer of which a part was missing, so that nothing of it was counted.
    withheld: Option<Time>,
}

fn assumed(name: &str) -> Option<Objective> {
    Objective::new(name, ASSUMED.0, ASSUMED.1).ok()
}

/// Of what nothing was counted yet.
pub(crate) static UNJUDGED: Judges = Judges { judges: BTreeMap::new(), stood: None, withheld: None };

impl Judges {
    /// Takes what every version had counted at `at`; `before` is what the old version did before the new one came. Every version but the
    /// old one is held against the old one.
    pub fn look(&mut self, release: &Release, sides: &Sides, at: Time, sums: BTreeMap<Clean, Counted>, before: Option<Outcome>) {
        // Whose limits count is known when a verdict is given.
        let Some(objective) = assumed("") else { return };
        let stable = reading(release, &sides.old, &sums);
        for hash in sides.new.iter().chain(&sides.others) {
            let new = reading(release, std::slice::from_ref(hash), &sums);
            if let (false, Reading::NoData(_)) = (self.judges.contains_key(hash), new) {
                continue;
            }
            let born = self.stood.as_ref().filter(|(_, stood)| !stood.contains_key(hash));
            let judge = self.judges.entry(hash.clone()).or_insert_with(|| {
                let judge = Judge::new(hash.clone(), &objective).with_baseline(before);
                // A version that came between two answers had counted nothing at the first of them.
                match born {
                    Some((then, stood)) => judge.since(*then, sum(&sides.old, stood).unwrap_or(NOTHING)),
                    None => judge,
                }
            });
            judge.learn_baseline(before);
            judge.look(&Look { at, new, stable, failing_pods: sums.get(hash).map_or(0, |counted| counted.failing_pods) });
        }
        // What was out and comes back is judged anew.
        let still = |hash: &Clean| !release.under_way || sides.new.is_empty() || sides.new.contains(hash) || sides.others.contains(hash);
        self.judges.retain(|hash, _| still(hash));
        self.judges.retain(|hash, _| release.versions.iter().any(|version| version.hash == *hash));
        self.stood = Some((at, sums));
    }

    /// A part of an answer was missing: what was counted ages, and that is why.
    pub fn withheld(&mut self, at: Time) {
        self.withheld = self.withheld.max(Some(at));
    }

    /// The verdicts on the versions that are being released.
    pub fn verdicts(&self, release: &Release, sides: &Sides, indicator: &Indicator, now: Time) -> Vec<Judgement> {
        self.on(release, &sides.new, indicator, now)
    }

    /// The verdicts on versions that are neither old nor new and got requests: nobody releases them now, but they are exposed too.
    pub fn bystanders(&self, release: &Release, sides: &Sides, indicator: &Indicator, now: Time) -> Vec<Judgement> {
        let mut all = self.on(release, &sides.others, indicator, now);
        all.retain(|judgement| judgement.evidence.new.total > 0.0);
        all
    }

    fn on(&self, release: &Release, versions: &[Clean], indicator: &Indicator, now: Time) -> Vec<Judgement> {
        let versions = if release.under_way { versions } else { &[] };
        versions.iter().map(|hash| self.verdict(release, hash, indicator, now)).collect()
    }

    /// The verdict on what was released last, once nothing is being released: what was counted goes on being counted.
    pub fn released(&self, release: &Release, indicator: &Indicator, now: Time) -> Option<Judgement> {
        let last = &release.control.new_hash;
        (!release.under_way && self.judges.contains_key(last)).then(|| self.verdict(release, last, indicator, now))
    }

    fn verdict(&self, release: &Release, hash: &Clean, indicator: &Indicator, now: Time) -> Judgement {
        let Indicator { objective, limits, bad, counting, is_apart } = indicator;
        let trouble = trouble_of(release, hash);
        let unread = || Judge::new(hash.clone(), objective).evidence(now, trouble);
        let mut evidence = self.judges.get(hash).map_or_else(unread, |judge| judge.evidence(now, trouble));
        let stood = self.stood.as_ref().map(|(at, _)| *at);
        let is_withheld = self.withheld > stood && stood.is_some_and(|stood| now - stood > WITHHELD);
        if is_withheld && evidence.gap.is_none_or(|(_, why)| why == Missing::Stale) {
            evidence.gap = Some((Arm::New, Missing::Partial));
        }
        evidence.limits = *limits;
        evidence.indicator = objective.name().clone();
        (evidence.bad, evidence.counting, evidence.is_apart) = (*bad, *counting, *is_apart);
        judge(&evidence)
    }
}

const NOTHING: Outcome = Outcome { bad: 0.0, total: 0.0 };

fn sum(hashes: &[Clean], sums: &BTreeMap<Clean, Counted>) -> Option<Outcome> {
    hashes.iter().filter_map(|hash| sums.get(hash)).map(|counted| counted.sums).reduce(|one, other| one.plus(&other))
}

/// What versions have counted. Without counters it is no data as long as pods are there that should have some.
fn reading(release: &Release, hashes: &[Clean], sums: &BTreeMap<Clean, Counted>) -> Reading<Outcome> {
    match sum(hashes, sums) {
        Some(sums) => Reading::Value(sums),
        None if super::runs(release, hashes) => Reading::NoData(Missing::TotalAbsent),
        None => Reading::NoTraffic,
    }
}

/// What needs no statistics, and no metrics either, of the version that is being released.
pub fn trouble(release: &Release) -> Option<Trouble> {
    release.versions.iter().filter(|version| version.runs_new).find_map(|version| trouble_of(release, &version.hash))
}

/// The same of one version. What the controller says is about the version that it releases.
fn trouble_of(release: &Release, hash: &Clean) -> Option<Trouble> {
    let is_new = release.versions.iter().any(|version| version.hash == *hash && version.runs_new);
    let crashes = || {
        release.pods.iter().any(|pod| {
            let is_its = release.versions.iter().any(|version| version.uid == pod.version && version.hash == *hash);
            is_its && matches!(&pod.state, PodState::Failing(crate::release::Trouble::CrashLoop { .. }))
        })
    };
    match standing(release) {
        Standing::Aborted | Standing::AbortedStillExposed(_) if is_new => Some(Trouble::Aborted),
        Standing::TimedOut(_) if is_new => Some(Trouble::Deadline),
        Standing::Failing(failures) if failures.new && crashes() => Some(Trouble::CrashLoop),
        _ => None,
    }
}

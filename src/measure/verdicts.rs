//! Feeds the judges: for each new version one comparison with the old one, from the same counters that make every other figure.
//! Never counts what was not seen: a version without counters is no data, not no errors.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Sides;
use crate::release::words::{Standing, standing};
use crate::release::{PodState, Release, Time};
use crate::slo::verdict::{Judge, Judgement, Limits, Look, Trouble, judge};
use crate::slo::{Missing, Objective, Outcome, Reading};
use crate::text::Clean;

/// What stands in where nobody promised anything: the budget that page-level burn is reckoned from.
const ASSUMED: (f64, Duration) = (0.999, Duration::from_secs(30 * 86_400));

/// The judges of one release, by the hash of the version they judge.
#[derive(Debug, Clone, Default)]
pub struct Judges {
    judges: BTreeMap<Clean, Judge>,
    /// What the versions had counted at the last look, and when.
    stood: Option<(Time, BTreeMap<Clean, Outcome>)>,
}

/// The objective that stands in where none was found. It says so in its name.
fn assumed() -> Option<Objective> {
    Objective::new("no objective found, 99.9 % assumed", ASSUMED.0, ASSUMED.1).ok()
}

impl Judges {
    /// Takes the running sums of every version at `at`; `before` is what the old version did before the new one came.
    pub fn look(&mut self, release: &Release, sides: &Sides, at: Time, sums: BTreeMap<Clean, Outcome>, before: Option<Outcome>) {
        let Some(objective) = assumed() else { return };
        let stable = reading(release, &sides.old, &sums);
        for hash in &sides.new {
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
            judge.look(&Look { at, new, stable, failing_pods: 0 });
        }
        self.judges.retain(|hash, _| release.versions.iter().any(|version| version.hash == *hash));
        self.stood = Some((at, sums));
    }

    /// The verdicts on the versions that are being released, one for each objective; on an assumed one where there is none.
    pub fn verdicts(&self, release: &Release, sides: &Sides, objectives: &[Objective], now: Time) -> Vec<Judgement> {
        if !release.under_way {
            return Vec::new();
        }
        let assumed: Vec<Objective> = if objectives.is_empty() { assumed().into_iter().collect() } else { Vec::new() };
        let promised = objectives.iter().chain(&assumed);
        promised.flat_map(|objective| sides.new.iter().map(move |hash| self.verdict(release, hash, objective, now))).collect()
    }

    fn verdict(&self, release: &Release, hash: &Clean, objective: &Objective, now: Time) -> Judgement {
        let (limits, trouble) = (Limits::of(objective), trouble(release));
        let unread = || Judge::new(hash.clone(), objective).evidence(now, trouble);
        let mut evidence = self.judges.get(hash).map_or_else(unread, |judge| judge.evidence(now, trouble));
        evidence.limits = limits;
        evidence.indicator = objective.name().clone();
        judge(&evidence)
    }
}

const NOTHING: Outcome = Outcome { bad: 0.0, total: 0.0 };

fn sum(hashes: &[Clean], sums: &BTreeMap<Clean, Outcome>) -> Option<Outcome> {
    hashes.iter().filter_map(|hash| sums.get(hash)).copied().reduce(|one, other| one.plus(&other))
}

/// What versions have counted. Without counters it is no data as long as pods are there that should have some.
fn reading(release: &Release, hashes: &[Clean], sums: &BTreeMap<Clean, Outcome>) -> Reading<Outcome> {
    match sum(hashes, sums) {
        Some(sums) => Reading::Value(sums),
        None if super::runs(release, hashes) => Reading::NoData(Missing::TotalAbsent),
        None => Reading::NoTraffic,
    }
}

/// What needs no statistics.
fn trouble(release: &Release) -> Option<Trouble> {
    let crashes = || {
        release.pods.iter().any(|pod| {
            let of_new = release.versions.iter().any(|version| version.uid == pod.version && version.runs_new);
            of_new && matches!(&pod.state, PodState::Failing(crate::release::Trouble::CrashLoop { .. }))
        })
    };
    match standing(release) {
        Standing::Aborted | Standing::AbortedStillExposed(_) => Some(Trouble::Aborted),
        Standing::TimedOut(_) => Some(Trouble::Deadline),
        Standing::Failing(failures) if failures.new && crashes() => Some(Trouble::CrashLoop),
        _ => None,
    }
}

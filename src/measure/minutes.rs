//! Requests and errors by version and minute: what the trend, the largest share and the cost so far are read from.
//! Keeps a bounded number of minutes and never rewrites one that is over.

use std::collections::{BTreeMap, VecDeque};

use chrono::DateTime;

use super::Sides;
use crate::release::Time;
use crate::release::telemetry::Minute;
use crate::slo::exposure::FEWEST_REQUESTS;
use crate::slo::spent::Spent;
use crate::slo::{Outcome, Reading};
use crate::text::Clean;

/// So many minutes are kept: a release of three days. What is older is in no peak, no cost and no baseline any more.
const KEPT: usize = 3 * 24 * 60;
/// So many make the trend.
const TREND: i64 = 30;

/// Minutes, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Minutes {
    minutes: VecDeque<(i64, BTreeMap<Clean, Outcome>)>,
    last: BTreeMap<Clean, Outcome>,
}

impl Minutes {
    /// Takes a version's running sums at `at`: what they grew by belongs to that minute.
    pub fn count(&mut self, version: &Clean, at: Time, sums: Outcome) {
        let before = self.last.insert(version.clone(), sums);
        // The sums begin at 0 with the watching: what was counted before belongs to no minute.
        let before = before.unwrap_or(Outcome { bad: 0.0, total: 0.0 });
        let grown = Outcome { bad: (sums.bad - before.bad).max(0.0), total: (sums.total - before.total).max(0.0) };
        let minute = at.timestamp().div_euclid(60);
        if self.minutes.back().is_none_or(|(last, _)| *last < minute) {
            self.minutes.push_back((minute, BTreeMap::new()));
            if self.minutes.len() > KEPT {
                self.minutes.pop_front();
            }
        }
        if let Some((_, versions)) = self.minutes.back_mut() {
            let one = versions.entry(version.clone()).or_insert(Outcome { bad: 0.0, total: 0.0 });
            *one = one.plus(&grown);
        }
    }

    /// The largest share of one minute with enough requests, and when that minute began.
    pub fn peak(&self, sides: &Sides) -> Option<(f64, Time)> {
        let shares = self.minutes.iter().filter_map(|(minute, versions)| Some((share(versions, sides)?, *minute)));
        let (value, minute) = shares.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        Some((value, DateTime::from_timestamp(minute * 60, 0)?))
    }

    /// The share of each of the last thirty whole minutes and the running one; `None` where too few requests were seen.
    pub fn trend(&self, sides: &Sides, now: Time) -> Vec<Option<f64>> {
        let end = now.timestamp().div_euclid(60);
        let mut shares = vec![None; usize::try_from(TREND).unwrap_or_default()];
        for (minute, versions) in &self.minutes {
            if let Ok(back) = usize::try_from(end - minute)
                && let Some(place) = shares.len().checked_sub(1 + back)
                && let Some(slot) = shares.get_mut(place)
            {
                *slot = share(versions, sides);
            }
        }
        shares
    }

    /// The minutes that were counted, oldest first. The failed requests end in `failed`: what came before the first minute is in all of them.
    pub fn course(&self, sides: &Sides, failed: f64) -> Vec<Minute> {
        let bad = |versions: &BTreeMap<Clean, Outcome>| sum(versions, &sides.new).bad;
        let mut so_far = (failed - self.minutes.iter().map(|(_, versions)| bad(versions)).sum::<f64>()).max(0.0);
        let minute = |(minute, versions): &(i64, BTreeMap<Clean, Outcome>)| {
            so_far += bad(versions);
            Some(Minute { at: DateTime::from_timestamp(minute * 60, 0)?, share: share(versions, sides), failed: so_far })
        };
        self.minutes.iter().filter_map(minute).collect()
    }

    /// What the release has cost, minute by minute.
    pub fn spent(&self, sides: &Sides, before: Option<f64>) -> Spent {
        let mut spent = Spent::default();
        for (_, versions) in &self.minutes {
            let (new, old) = (sum(versions, &sides.new), sum(versions, &sides.old));
            spent.add(reading(new), reading(old), before);
        }
        spent
    }

    /// What the old version did before the new one's first request; `None` where that was not watched.
    pub fn before(&self, sides: &Sides) -> Option<Outcome> {
        let first = self.minutes.iter().position(|(_, versions)| sum(versions, &sides.new).total > 0.0)?;
        let earlier = self.minutes.iter().take(first).map(|(_, versions)| sum(versions, &sides.old));
        let seen = earlier.fold(Outcome { bad: 0.0, total: 0.0 }, |all, one| all.plus(&one));
        (seen.total > 0.0).then_some(seen)
    }
}

fn sum(versions: &BTreeMap<Clean, Outcome>, hashes: &[Clean]) -> Outcome {
    hashes.iter().filter_map(|hash| versions.get(hash)).fold(Outcome { bad: 0.0, total: 0.0 }, |all, one| all.plus(one))
}

fn reading(seen: Outcome) -> Reading<Outcome> {
    Outcome::counted(seen.bad, seen.total)
}

fn share(versions: &BTreeMap<Clean, Outcome>, sides: &Sides) -> Option<f64> {
    // With nothing being released there is nobody whose share it could be.
    if sides.new.is_empty() {
        return None;
    }
    let all: f64 = versions.values().map(|one| one.total).sum();
    (all >= FEWEST_REQUESTS && all.is_finite()).then(|| sum(versions, &sides.new).total / all)
}

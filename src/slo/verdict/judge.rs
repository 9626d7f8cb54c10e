//! The state of a comparison over time: running sums of both versions come in at every look, evidence goes out.
//! It refuses to count what it did not see whole: a gap, a reset and a partial answer add nothing, least of all clean requests.

use super::lately::{Beginnings, Bucket};
use super::old::Old;
use super::{Arm, Compared, Counting, Evidence, Limits, Spread, Trouble, Weight};
use crate::slo::attribution::Downgrade;
use crate::slo::ratio::Missing;
use crate::slo::{Objective, Outcome, Reading};
use crate::text::Clean;
use chrono::{DateTime, Utc};
use std::{collections::VecDeque, time::Duration};

/// Both versions are compared in buckets of at least this: pods are scraped at different moments, and a caller that retries does so at once.
const BUCKET: Duration = Duration::from_secs(60);
/// Looks further apart than this leave a gap. What counters of pods that died in it had counted last was not seen.
const LONGEST_STEP: Duration = Duration::from_secs(120);
/// Without a look for so long, nothing is known of now. The lookback of an instant query.
const STALE: Duration = Duration::from_secs(300);
/// Without a request for so long, nobody asks any more.
const QUIET: Duration = Duration::from_secs(300);
/// Buckets that make the pace at least: the last minutes.
const PACE: usize = 5;
/// And at most, the last hour.
const LONGEST_PACE: usize = 60;
/// Requests a pace is told from: of fewer, more minutes are taken. With a hundred, chance moves it by a tenth or two; with four, by half.
const PACED_BY: f64 = 100.0;

/// The running sums of both versions at a moment, as counted over their pods (`Tally::watched`): never falling, in the cluster's time.
/// A version without pods is no traffic; one that could not be read, in part or whole, is no data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// When the counters were scraped or asked.
    pub at: DateTime<Utc>,
    /// The version that is judged.
    pub new: Reading<Outcome>,
    /// The version it is judged against.
    pub stable: Reading<Outcome>,
    /// Pods of the judged version that have had errors, where counted by pod; else 0.
    pub failing_pods: usize,
}

/// One version against stable, for one indicator. Begin anew with every new pod template, not with every step.
#[derive(Debug, Clone)]
pub struct Judge {
    version: Clean,
    indicator: Clean,
    limits: Limits,
    before: Option<Outcome>,
    counting: Counting,
    /// Up to where both were counted.
    base: Option<(DateTime<Utc>, Outcome, Outcome)>,
    /// The newest look that could not be taken, and why.
    unread: Option<(DateTime<Utc>, Arm, Missing)>,
    weight: Weight,
    compared: Compared,
    closed: Bucket,
    open: Bucket,
    recent: VecDeque<(f64, Duration)>,
    spread: Spread,
    beginnings: Beginnings,
    old: Old,
    missed: Duration,
    last_request: Option<DateTime<Utc>>,
}

const EMPTY: Outcome = Bucket::NONE.new;

impl Judge {
    /// Begins with nothing. Sums of the first look are where counting starts.
    pub fn new(version: impl Into<Clean>, objective: &Objective) -> Judge {
        Judge {
            version: version.into(),
            indicator: objective.name().clone(),
            limits: Limits::of(objective),
            before: None,
            counting: Counting::Exact,
            base: None,
            unread: None,
            weight: Weight::default(),
            compared: Compared::default(),
            closed: Bucket::NONE,
            open: Bucket::NONE,
            recent: VecDeque::new(),
            spread: Spread::default(),
            beginnings: Beginnings::default(),
            old: Old::default(),
            missed: Duration::ZERO,
            last_request: None,
        }
    }

    /// What the old version did before the release, frozen: compared with where the old one gets too little.
    #[must_use]
    pub fn with_baseline(mut self, before: Option<Outcome>) -> Judge {
        self.before = before.filter(|before| before.total > 0.0);
        self
    }

    /// The same where it is only known by now: what the old version did before is the same whenever it is learnt.
    pub fn learn_baseline(&mut self, before: Option<Outcome>) {
        self.before = self.before.or(before.filter(|before| before.total > 0.0));
    }

    /// Counts from the version's first pod on: its sums were 0 then, and the old version's were `stable`.
    #[must_use]
    pub fn since(mut self, at: DateTime<Utc>, stable: Outcome) -> Judge {
        self.base = Some((at, EMPTY, stable));
        self
    }

    /// Says that bad requests are a lower bound.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Judge {
        self.counting = counting;
        self
    }

    /// The version that is judged.
    pub fn version(&self) -> &Clean {
        &self.version
    }

    /// Takes a look. One that is not later than the last adds nothing; one that could not be read is remembered as such.
    pub fn look(&mut self, look: &Look) {
        let newest = self.base.map(|(at, ..)| at).max(self.unread.map(|(at, ..)| at));
        if newest.is_some_and(|newest| look.at <= newest) {
            return;
        }
        let last = self.base.map_or([EMPTY; 2], |(_, new, stable)| [new, stable]);
        let (new, stable) = match (sums(look.new, last[0]), sums(look.stable, last[1])) {
            (Ok(new), Ok(stable)) => (new, stable),
            (Err(why), _) => return self.unread = Some((look.at, Arm::New, why)),
            (_, Err(why)) => return self.unread = Some((look.at, Arm::Stable, why)),
        };
        let Some((from, new_before, stable_before)) = self.base else {
            self.base = Some((look.at, new, stable));
            self.last_request = None;
            self.unread = None;
            return;
        };
        let span = (look.at - from).to_std().unwrap_or_default();
        let fell = |now: Outcome, then: Outcome| now.total < then.total || now.bad < then.bad;
        if span > LONGEST_STEP || fell(new, new_before) || fell(stable, stable_before) {
            self.missed += span;
        } else {
            let step = |now: Outcome, then: Outcome| Outcome { bad: now.bad - then.bad, total: now.total - then.total };
            let bucket = Bucket { new: step(new, new_before), stable: step(stable, stable_before), length: span };
            for (arm, seen) in [(Arm::New, bucket.new), (Arm::Stable, bucket.stable)] {
                // Errors scraped a moment before the requests they belong to: the next look has both.
                if seen.bad > seen.total * (1.0 + 1e-9) {
                    let why = Missing::MoreBadThanTotal { bad: seen.bad, total: seen.total };
                    return self.unread = Some((look.at, arm, why));
                }
            }
            if bucket.new.total > 0.0 {
                self.last_request = Some(look.at);
            }
            self.take(bucket);
            self.spread.pods = self.spread.pods.max(look.failing_pods);
        }
        self.base = Some((look.at, new, stable));
        self.unread = None;
    }

    fn take(&mut self, bucket: Bucket) {
        self.open = self.open.plus(&bucket);
        if self.open.length >= BUCKET {
            let (weight, compared) = self.weighed();
            self.beginnings.add(&self.open, &weight, &compared);
            (self.weight, self.compared) = (self.weight.plus(&weight), self.compared.plus(&compared));
            self.old.add(self.open.stable);
            self.spread.minutes += usize::from(self.open.new.bad > 0.0);
            self.recent.push_back((self.open.new.total, self.open.length));
            if self.recent.len() > LONGEST_PACE {
                self.recent.pop_front();
            }
            self.closed = self.closed.plus(&self.open);
            self.open = Bucket::NONE;
        }
    }

    /// What the bucket that is still open weighs, and what it was compared with.
    fn weighed(&self) -> (Weight, Compared) {
        let (mut weight, mut compared) = (Weight::default(), Compared::default());
        let Bucket { new, stable, .. } = self.open;
        if new.total <= 0.0 {
            return (weight, compared);
        }
        let downgrade = Compared::downgrade(new, stable, self.closed.stable.total + stable.total);
        // What ails the old one too would else be held against the new one as soon as it gets nearly everything.
        let before = self.before.filter(|_| self.worsened().is_none());
        match (downgrade, before) {
            (Some(why), Some(before)) => {
                weight.add_frozen(new, before);
                compared.before += new.total;
                compared.why = Some(why);
            }
            // The test is exact for the smallest counts, and says nothing where a side has none.
            (why, _) => {
                weight.add(new, stable);
                if why == Some(Downgrade::StableGone) {
                    compared.nothing += new.total
                } else {
                    compared.stable += new.total
                }
                compared.why = why;
            }
        }
        (weight, compared)
    }

    /// What the old version did last, where that is surely worse than before the release.
    fn worsened(&self) -> Option<Outcome> {
        self.old.worsened(self.open.stable, self.before)
    }

    /// What is known at `now`. `trouble` is what was seen without statistics.
    pub fn evidence(&self, now: DateTime<Utc>, trouble: Option<Trouble>) -> Evidence {
        let all = self.closed.plus(&self.open);
        let since = |at: DateTime<Utc>| (now - at).to_std().unwrap_or_default();
        let mut evidence = Evidence::none(self.version.clone(), self.indicator.clone(), self.limits);
        let (weight, compared) = self.weighed();
        (evidence.weight, evidence.compared) = (self.weight.plus(&weight), self.compared.plus(&compared));
        evidence.lately = self.beginnings.with(&self.open, &weight, &compared);
        evidence.worsened = self.worsened();
        evidence.trouble = trouble;
        evidence.before = self.before;
        evidence.counting = self.counting;
        evidence.window = all.length;
        evidence.missed = self.missed;
        evidence.spread = Spread { minutes: self.spread.minutes + usize::from(self.open.new.bad > 0.0), pods: self.spread.pods };
        (evidence.new, evidence.stable) = (all.new, all.stable);
        evidence.age = self.base.map(|(at, ..)| since(at));
        evidence.gap = match (self.unread, self.base) {
            (Some((_, arm, why)), _) => Some((arm, why)),
            (None, None) => Some((Arm::New, Missing::TotalAbsent)),
            (None, Some((at, ..))) => (since(at) > STALE).then_some((Arm::New, Missing::Stale)),
        };
        evidence.quiet = self.last_request.map(since).filter(|quiet| *quiet >= QUIET);
        evidence.pace = self.pace();
        evidence
    }

    /// Requests a second of the judged version over the last minutes, and over as many before them as it takes to tell a pace at all.
    fn pace(&self) -> f64 {
        let (mut requests, mut time) = (self.open.new.total, self.open.length.as_secs_f64());
        for (taken, (more, length)) in self.recent.iter().rev().enumerate() {
            if taken >= PACE && requests >= PACED_BY {
                break;
            }
            (requests, time) = (requests + more, time + length.as_secs_f64());
        }
        if time > 0.0 { requests / time } else { 0.0 }
    }
}

/// Running sums of a version. One without traffic stands where it stood: its pods are gone, not what they did.
fn sums(reading: Reading<Outcome>, before: Outcome) -> Result<Outcome, Missing> {
    match reading {
        Reading::Value(sums) => Ok(sums),
        Reading::NoTraffic => Ok(before),
        Reading::NoData(why) => Err(why),
    }
}

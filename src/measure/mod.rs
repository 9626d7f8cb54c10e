//! Turns what a metrics server answered into what is shown of one release: counts, shares, budgets, and the questions they rest on.
//! Pure: it is handed answers and "now", asks nothing itself, and never fills a gap.

mod budgets;
mod counters;
mod evidence;
mod minutes;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ports::metrics::{Asked, Bucket, Found};
use crate::release::telemetry::{Arm, Comparison, Metering, Telemetry};
use crate::release::words::{Side, side};
use crate::release::{Release, Time};
use crate::slo::exposure::{Counted, disagreement};
use crate::slo::quantile::Buckets;
use crate::slo::{Objective, Outcome, Reading};
use crate::text::Clean;
use counters::Counters;
use evidence::Ledger;

/// The window of the headline share.
const SHARE_WINDOW: Duration = Duration::from_secs(60);
/// The longest window of the comparison.
const COMPARED: Duration = Duration::from_secs(300);

/// What the board's questions told by window: when, and for each version its hash, all requests and bad ones.
pub(crate) type Rows = BTreeMap<Duration, (Time, Vec<(Clean, f64, f64)>)>;

/// Follows what is measured of one release while it is open.
#[derive(Debug, Clone)]
pub struct Meter {
    counters: Counters,
    fresh: Option<(Time, Duration)>,
    latency: Vec<Bucket>,
    quantiles: Vec<(Clean, f64, f64)>,
    rows: Rows,
    callers: Option<(usize, usize)>,
    unreached: Option<f64>,
    budgets: budgets::Answers,
    ledger: Ledger,
}

/// Until the samples tell, this is taken for the time between them.
const USUAL_INTERVAL: Duration = Duration::from_secs(30);

/// The hashes on each side of the exchange.
pub(crate) struct Sides {
    new: Vec<Clean>,
    old: Vec<Clean>,
}

impl Sides {
    fn of(release: &Release) -> Self {
        let of = |wanted: Side| release.versions.iter().filter(|v| side(release, v) == wanted).map(|v| v.hash.clone()).collect();
        Self { new: of(Side::New), old: of(Side::Old) }
    }
}

impl Meter {
    /// Begins at `now`, in the cluster's time.
    pub fn new(now: Time) -> Self {
        Self {
            counters: Counters::new(now),
            fresh: None,
            latency: Vec::new(),
            quantiles: Vec::new(),
            rows: BTreeMap::new(),
            callers: None,
            unreached: None,
            budgets: budgets::Answers::default(),
            ledger: Ledger::default(),
        }
    }

    /// Takes an answer in. `release` tells what is known of its pods at this moment.
    pub fn take(&mut self, release: &Release, asked: Asked, found: Found) {
        self.ledger.answered(&asked, &found);
        match found {
            Found::Counters(readings) if !asked.partial => self.counters.feed(release, asked.at, &readings),
            // A partial answer lacks pods: fed in, they would seem to be born again with the next one.
            Found::Counters(_) => {}
            Found::History(moments) => {
                // What came before is fed before: counters that were faster begin again after it.
                let Some((first, _)) = moments.first() else { return };
                self.counters = Counters::new(*first);
                for (at, readings) in moments {
                    self.counters.feed(release, at, &readings);
                }
            }
            Found::Fresh(at, interval) => self.fresh = Some((at, interval)),
            Found::Quantiles(_, quantiles) => self.quantiles = quantiles,
            Found::Row(window, versions) if !asked.partial => {
                self.rows.insert(window, (asked.at, versions));
            }
            Found::Row(..) => {}
            Found::Latency(_, buckets) => self.latency = buckets,
            Found::Callers { new, all } => self.callers = Some((new, all)),
            Found::Unreached(_, requests) => self.unreached = Some(requests),
            other => self.budgets.take(asked.at, asked.partial, other),
        }
    }

    /// A question was not answered: what it fed ages, and says so.
    pub fn miss(&mut self, about: Clean, query: Clean, sentence: Clean) {
        self.ledger.missed(about, query, sentence);
    }

    /// What is known at `now`, of the release as it stands.
    pub fn read(&self, release: &Release, objectives: &[Objective], metering: Metering, now: Time) -> Telemetry {
        let sides = Sides::of(release);
        let share = self.share(&sides, now);
        let configured = release.exposure.configured.as_ref().map(|share| share.value);
        let comparison = self.compare(&sides);
        let before = self.counters.before(&sides);
        let count = self.counters.count(&sides.new);
        let budgets = objectives
            .iter()
            .map(|objective| {
                self.budgets.read(&budgets::Beside {
                    objective,
                    rows: &self.rows,
                    comparison: comparison.as_ref(),
                    before,
                    share: share.ok().map(|measured| measured.share),
                    next: release.exposure.next,
                })
            })
            .collect();
        Telemetry {
            metering,
            share,
            as_of: self.newest(),
            disagreement: share.ok().zip(configured).and_then(|(measured, configured)| disagreement(measured, configured)),
            affected: count.as_ref().map(|count| count.total.since_start),
            failed: count.as_ref().map(|count| count.bad.since_start),
            at_least: count.as_ref().is_some_and(|count| count.total.at_least),
            spent: self.counters.minutes().spent(&sides, before),
            peak: self.counters.minutes().peak(&sides),
            trend: self.counters.minutes().trend(&sides, now),
            comparison,
            callers: self.callers,
            unreached: self.unreached,
            budgets,
            evidence: self.ledger.evidence(),
        }
    }

    /// The moment of the newest sample: as the counters' own time stamps tell, else of the newest answer.
    fn newest(&self) -> Option<Time> {
        let row = self.rows.values().map(|(at, _)| *at).max();
        self.fresh.map(|(at, _)| at).or(self.counters.newest()).or(row)
    }

    fn share(&self, sides: &Sides, now: Time) -> Result<crate::slo::exposure::Measured, crate::slo::exposure::Unmeasured> {
        let newest = self.newest();
        let (new, rest) = if self.counters.newest().is_some() {
            let window = |hashes: &[Clean]| self.counters.over(hashes, SHARE_WINDOW).and_then(|window| window.events());
            let rest: Vec<Clean> = self.counters.versions().filter(|hash| !sides.new.contains(hash)).cloned().collect();
            (window(&sides.new), window(&rest))
        } else {
            // On the board nobody follows each pod: the shortest window's rates have to do.
            let versions = self.rows.values().next().map_or(&[][..], |(_, versions)| versions);
            let sum = |new: bool| {
                let mine: Vec<f64> = versions.iter().filter(|(hash, ..)| sides.new.contains(hash) == new).map(|(_, all, _)| *all).collect();
                (!mine.is_empty()).then(|| mine.iter().sum())
            };
            (sum(true), sum(false))
        };
        let interval = self.fresh.map_or(USUAL_INTERVAL, |(_, interval)| interval);
        // What is asked every so often is never younger than that.
        let pace = self.counters.pace().unwrap_or(USUAL_INTERVAL);
        let age = newest.map_or(Duration::MAX, |at| (now - at).to_std().unwrap_or_default());
        Counted { new, rest, age, interval: interval.max(pace) }.measured()
    }

    fn compare(&self, sides: &Sides) -> Option<Comparison> {
        let new = self.counters.over(&sides.new, COMPARED)?;
        // Both over the same stretch: an old version that was busier before the new one came is another one.
        let old = self.counters.over(&sides.old, new.covers.max(Duration::from_secs(1)));
        let arm = |hashes: &[Clean], seen: Reading<Outcome>| Arm {
            seen,
            since_start: self.counters.count(hashes).map(|count| Outcome { bad: count.bad.since_start, total: count.total.since_start }),
            at_least: self.counters.count(hashes).is_some_and(|count| count.total.at_least),
            p50: self.quantile(hashes, 0.5),
            p99: self.quantile(hashes, 0.99),
        };
        let gone = Reading::NoTraffic;
        Some(Comparison { old: arm(&sides.old, old.map_or(gone, |o| o.seen)), new: arm(&sides.new, new.seen), covers: new.covers })
    }

    fn quantile(&self, hashes: &[Clean], q: f64) -> Option<Reading<crate::slo::quantile::Quantile>> {
        if let Some((_, _, seconds)) = self.quantiles.iter().find(|(hash, at, _)| hashes.contains(hash) && *at == q) {
            return Some(if seconds.is_nan() { Reading::NoTraffic } else { Reading::Value(crate::slo::quantile::Quantile::At(*seconds)) });
        }
        let mut sums: Vec<(f64, f64)> = Vec::new();
        for bucket in self.latency.iter().filter(|bucket| hashes.contains(&bucket.version)) {
            sums.push((bucket.le, bucket.count));
        }
        Buckets::new(sums)?.quantile(q)
    }
}

//! Turns what a metrics server answered into what is shown of one release: counts, shares, budgets, and the questions they rest on.
//! Pure: it is handed answers and "now", asks nothing itself, and never fills a gap.

mod budgets;
mod compared;
mod counters;
mod courses;
mod events;
mod evidence;
mod judged;
mod latest;
mod minutes;
mod periods;
mod promised;
mod share;
mod verdicts;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use crate::ports::metrics::{Asked, Bucket, Found};
use crate::release::telemetry::{Alert, Metering, Telemetry, fresh_for};
use crate::release::words::{Side, side};
use crate::release::{Release, Time};
use crate::slo::exposure::disagreement;
use crate::slo::verdict::Judgement;
use crate::text::Clean;
use counters::Counters;
use events::Events;
use evidence::Ledger;
use share::runs;
use verdicts::{Indicator, Judges, UNJUDGED};

pub use promised::{JudgedBy, Promised};
pub use share::SHARE_WINDOW;
pub use verdicts::trouble;

/// The longest window of the comparison.
const COMPARED: Duration = Duration::from_secs(300);

/// What the board's questions told by window: when, and for each version its hash, all requests and bad ones.
pub(crate) type Rows = BTreeMap<Duration, (Time, Vec<(Clean, f64, f64)>)>;

/// Version, quantile (0..=1), seconds.
type Quantiles = Vec<(Clean, f64, f64)>;

/// Follows what is measured of one release while it is open.
#[derive(Debug, Clone)]
pub struct Meter {
    counters: Counters,
    fresh: Option<(Time, Duration)>,
    latency: Option<(Time, Vec<Bucket>)>,
    quantiles: Option<(Time, Quantiles)>,
    rows: Rows,
    /// Between the last two answers over the shortest window of the board.
    rows_pace: Option<Duration>,
    callers: Option<(Time, (usize, usize))>,
    unreached: Option<(Time, f64)>,
    alerts: Option<(Time, Vec<Alert>)>,
    budgets: budgets::Answers,
    /// Of objectives that count otherwise than by status codes, by their names.
    events: BTreeMap<Clean, Events>,
    ledger: Ledger,
}

/// Twice the slowest pace of asking: an answer so old stands for nothing that is now.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(10);

fn is_old(at: Time, now: Time) -> bool {
    now - at > FORGOTTEN
}

/// Whether what was counted last tells whose errors those of now are.
fn is_fresh(counters: &Counters, now: Time) -> bool {
    counters.newest().is_some_and(|at| now - at <= fresh_for(COMPARED))
}

/// The hashes on each side of the exchange.
pub(crate) struct Sides {
    new: Vec<Clean>,
    old: Vec<Clean>,
    /// Neither: left over from another rollout, or an experiment's baseline.
    others: Vec<Clean>,
}

impl Sides {
    /// Once it is out, the version that was released against all that were counted beside it.
    fn counted(release: &Release, versions: &[Clean]) -> Self {
        if release.under_way {
            return Self::of(release);
        }
        let last = &release.control.new_hash;
        let old = versions.iter().filter(|hash| *hash != last).cloned().collect();
        Self { new: vec![last.clone()], old, others: Vec::new() }
    }

    fn of(release: &Release) -> Self {
        let of = |wanted: Side| release.versions.iter().filter(|v| side(release, v) == wanted).map(|v| v.hash.clone()).collect();
        Self { new: of(Side::New), old: of(Side::Old), others: of(Side::Other) }
    }
}

impl Meter {
    /// Begins at `now`, in the cluster's time.
    pub fn new(now: Time) -> Self {
        Self {
            counters: Counters::new(now),
            fresh: None,
            latency: None,
            quantiles: None,
            rows: BTreeMap::new(),
            rows_pace: None,
            callers: None,
            unreached: None,
            alerts: None,
            budgets: budgets::Answers::default(),
            events: BTreeMap::new(),
            ledger: Ledger::default(),
        }
    }

    /// Takes an answer in. `release` tells what is known of its pods at this moment.
    pub fn take(&mut self, release: &Release, asked: Asked, found: Found) {
        self.ledger.answered(&asked, &found);
        match found {
            Found::Counters(readings) if !asked.partial => self.counters.feed(release, asked.at, &readings),
            // A partial answer lacks pods: fed in, they would seem to be born again with the next one.
            Found::Counters(_) => self.counters.withheld(asked.at),
            Found::Events { promise, pods, at_least } if !asked.partial => {
                self.events_of(promise, asked.at).feed(release, asked.at, pods, at_least);
            }
            Found::Events { promise, .. } => self.events_of(promise, asked.at).counters.withheld(asked.at),
            Found::History(_) | Found::EventsBefore(..) if asked.partial => {}
            Found::EventsBefore(promise, moments) => self.events_of(promise, asked.at).look_back(release, moments),
            Found::History(moments) => self.counters.look_back(release, &moments),
            Found::Fresh(at, interval) => latest::put(&mut self.fresh, (at, interval)),
            Found::Quantiles(_, quantiles) => latest::put(&mut self.quantiles, (asked.at, quantiles)),
            Found::Row(window, versions) if !asked.partial && self.rows.get(&window).is_none_or(|(known, _)| *known <= asked.at) => {
                let before = self.rows.insert(window, (asked.at, versions));
                if let (Some((before, _)), Some((shortest, _))) = (before, self.rows.first_key_value())
                    && *shortest == window
                {
                    self.rows_pace = (asked.at - before).to_std().ok();
                }
            }
            Found::Row(..) => {}
            Found::Latency(_, buckets) => latest::put(&mut self.latency, (asked.at, buckets)),
            Found::Callers { new, all } => latest::put(&mut self.callers, (asked.at, (new, all))),
            // A part of the rules may be missing too: what is not told may still fire.
            Found::Alerts(alerts) if !asked.partial => latest::put(&mut self.alerts, (asked.at, alerts)),
            Found::Alerts(_) => {}
            Found::Unreached(_, requests) => latest::put(&mut self.unreached, (asked.at, requests)),
            other => self.budgets.take(asked.at, asked.partial, other),
        }
    }

    fn events_of(&mut self, promise: Clean, at: Time) -> &mut Events {
        self.events.entry(promise).or_insert_with(|| Events::new(at))
    }

    /// A question was not answered: what it fed ages, and says so.
    pub fn miss(&mut self, about: Clean, query: Clean, sentence: Clean) {
        self.ledger.missed(about, query, sentence);
    }

    /// What is known at `now`, of the release as it stands.
    pub fn read(&self, release: &Release, promised: &[Promised], metering: Metering, now: Time) -> Telemetry {
        let sides = Sides::of(release);
        let share = self.share(release, &sides, now);
        let configured = release.exposure.configured.as_ref().map(|share| share.value);
        let comparison = self.compare(&self.counters, &sides, now);
        let before = self.counters.before(&sides);
        let count = self.counters.count(&sides.new);
        let judged = self.judged(promised);
        let each = |verdicts: &dyn Fn(&Judges, &Indicator) -> Vec<Judgement>| -> Vec<Judgement> {
            judged.iter().flat_map(|(counters, indicator)| verdicts(counters.map_or(&UNJUDGED, Counters::judges), indicator)).collect()
        };
        let spent = self.counters.minutes().spent(&sides, before);
        let budgets = promised
            .iter()
            .map(|promised| {
                let own = self.own(promised);
                let of_its_own = own.filter(|own| is_fresh(own, now)).and_then(|own| self.compare(own, &sides, now));
                let of_all = comparison.as_ref().filter(|_| is_fresh(&self.counters, now));
                self.budgets.read(&budgets::Beside {
                    now,
                    promised,
                    sides: &sides,
                    rows: &self.rows,
                    comparison: if promised.judged_by == JudgedBy::Requests { of_all } else { of_its_own.as_ref() },
                    before: own.map_or(before, |own| own.before(&sides)),
                    share: share.ok().map(|measured| measured.share),
                    next: release.exposure.next,
                    spent: own.map_or(spent, |own| own.minutes().spent(&sides, own.before(&sides))),
                })
            })
            .collect();
        Telemetry {
            metering,
            share,
            as_of: self.newest(),
            counted_at: self.counted_at(),
            disagreement: share.ok().zip(configured).and_then(|(measured, configured)| disagreement(measured, configured)),
            affected: count.as_ref().map(|count| count.total.since_start),
            failed: count.as_ref().map(|count| count.bad.since_start),
            at_least: count.as_ref().is_some_and(|count| count.total.at_least),
            verdicts: self.paged(release, each(&|judges, indicator| judges.verdicts(release, &sides, indicator, now)), now),
            bystanders: each(&|judges, indicator| judges.bystanders(release, &sides, indicator, now)),
            released: each(&|judges, indicator| judges.released(release, indicator, now).into_iter().collect()),
            glance: self.glance(release, &sides, &judged, now),
            spent,
            peak: self.counters.minutes().peak(&sides),
            trend: self.counters.minutes().trend(&sides, now),
            minutes: count.as_ref().map(|count| self.counters.minutes().course(&sides, count.bad.since_start)).unwrap_or_default(),
            comparison,
            callers: self.callers.filter(|(at, _)| !is_old(*at, now)).map(|(_, callers)| callers),
            requests_per_user: None,
            alerts: self.alerts.iter().filter(|(at, _)| !is_old(*at, now)).flat_map(|(_, alerts)| alerts.iter().cloned()).collect(),
            unreached: self.unreached.filter(|(at, _)| !is_old(*at, now)).map(|(_, requests)| requests),
            budgets,
            evidence: self.ledger.evidence(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! What is left of each objective's budget, how fast it goes, and whose doing that is.
//! Never takes a gap for zero: a window that was not answered has no burn.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use super::courses::Courses;
use super::latest::insert;
use super::periods::{Periods, at_most};
use crate::ports::metrics::Found;
use crate::release::Time;
use crate::release::telemetry::{BudgetFrom, BudgetState, Comparison, now_of};
use crate::slo::attribution::Attribution;
use crate::slo::budget::Budget;
use crate::slo::burn::Burn;
use crate::slo::exposure::FEWEST_REQUESTS;
use crate::slo::outcome::Answer;
use crate::slo::ratio::Missing;
use crate::slo::reach::Next;
use crate::slo::spent::Spent;
use crate::slo::tier::{self, Evidence, Tier};
use crate::slo::{Objective, Outcome, Reading};
use crate::text::Clean;

/// An objective whose own answers are so much older than the board's is not asked about any more: longer than the slowest of them waits.
const LEFT_ALONE: TimeDelta = TimeDelta::minutes(3);

/// The longest window whose traffic is taken for that of the whole one.
const TYPICAL: Duration = Duration::from_secs(6 * 3600);

/// Shorter ones tell of a moment and not of how busy a service is.
const HOUR: Duration = Duration::from_secs(3600);

/// The longest window that raw series are asked over.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Version by its hash, errors, all.
type Arms = Vec<(Clean, Answer, Answer)>;

/// The newest answers of every objective.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    windows: BTreeMap<(Clean, Duration), (Time, Reading<Outcome>)>,
    recorded: BTreeMap<Clean, (Time, Clean, bool, f64)>,
    /// Error ratios that are kept by somebody else, by window.
    ratios: BTreeMap<(Clean, Duration), (Time, f64)>,
    splits: BTreeMap<Clean, (Time, Arms)>,
    /// The group that is told of, of how many.
    groups: BTreeMap<Clean, (Time, Clean, usize)>,
    /// For how long of its window each was recorded.
    watched: BTreeMap<Clean, (Time, Duration)>,
    /// How it went; of objectives by groups, under the group.
    ways: Ways,
    by_group: BTreeMap<Clean, Ways>,
}

/// How the objectives went, or one group of each.
#[derive(Debug, Clone, Default)]
struct Ways {
    trends: BTreeMap<Clean, (Time, Vec<(Time, f64)>)>,
    courses: Courses,
    periods: Periods,
}

impl Ways {
    fn take(&mut self, at: Time, partial: bool, found: Found) {
        match found {
            Found::Trend(promise, points) => {
                insert(&mut self.trends, promise, (at, points));
            }
            other => {
                if let Some(other) = self.periods.take(at, partial, other) {
                    self.courses.take(partial, other);
                }
            }
        }
    }
}

/// What stands beside an objective's own answers.
pub(crate) struct Beside<'a> {
    pub now: Time,
    pub promised: &'a super::Promised,
    pub sides: &'a super::Sides,
    /// All requests and bad ones by window, where the board asked for many releases at once.
    pub rows: &'a super::Rows,
    pub comparison: Option<&'a Comparison>,
    /// The old version's error ratio before the release.
    pub before: Option<f64>,
    /// The new version's measured share.
    pub share: Option<f64>,
    /// Its share after the next step.
    pub next: Option<f64>,
    /// What the release has cost so far.
    pub spent: Spent,
}

impl Answers {
    pub fn take(&mut self, at: Time, partial: bool, found: Found) {
        match found {
            Found::Window { promise, window, errors, total } => {
                let whole = |answer: Answer| if partial { Answer::Partial } else { answer };
                insert(&mut self.windows, (promise, window), (at, Outcome::read(whole(errors), whole(total))));
            }
            // The largest of some is not the largest of all.
            Found::Recorded { promise, series, is_remaining, value } if value.is_finite() && !partial => {
                insert(&mut self.recorded, promise, (at, series, is_remaining, value));
            }
            Found::Ratio { promise, window, value } if !partial => {
                insert(&mut self.ratios, (promise, window), (at, value));
            }
            Found::Split(promise, _, arms) if !partial => {
                insert(&mut self.splits, promise, (at, arms));
            }
            Found::Group { promise, name, of } if !partial => {
                if self.groups.get(&promise).is_none_or(|(_, known, _)| *known != name) {
                    self.ratios.retain(|(whose, _), _| *whose != promise);
                    self.recorded.remove(&promise);
                }
                self.groups.insert(promise, (at, name, of));
            }
            Found::Filled { promise, watched } if !partial => {
                self.watched.insert(promise, (at, watched));
            }
            Found::OfGroup { group, found } => self.by_group.entry(group).or_default().take(at, partial, *found),
            other => self.ways.take(at, partial, other),
        }
    }

    pub fn read(&self, beside: &Beside<'_>) -> BudgetState {
        let objective = &beside.promised.objective;
        let counted = self.windows(beside);
        let kept = self.kept(beside);
        let mut worked_out: BTreeMap<Duration, Time> = counted.iter().map(|(window, at, _)| (*window, *at)).collect();
        let windows: Vec<(Duration, Reading<Outcome>)> = counted.into_iter().map(|(window, _, seen)| (window, seen)).collect();
        // What a rule keeps of a window comes before what is counted of it: that is the number its alerts look at.
        // What is counted is of all groups together: beside a burn of one of them it could make a page that none of them is worth.
        let group = self.groups.get(objective.name()).filter(|(at, ..)| !super::is_old(*at, beside.now));
        let is_apart = group.is_some() && !kept.is_empty();
        let mut burns: BTreeMap<Duration, Reading<Burn>> =
            windows.iter().filter(|_| !is_apart).map(|(window, seen)| (*window, objective.burn_of(*seen))).collect();
        for (window, at, burn) in kept {
            // Whoever keeps it has stopped, and counting goes on.
            if !is_apart && worked_out.get(&window).is_some_and(|counted| *counted - at > LEFT_ALONE) {
                continue;
            }
            burns.insert(window, burn);
            worked_out.insert(window, at);
        }
        let is_counted = !windows.is_empty() || burns.is_empty();
        // Errors that were counted tell how much a ratio rests on; where nothing was, the ratio is all there is.
        let burn = |window: Duration| {
            let bad = windows.iter().find(|(length, _)| *length == window).and_then(|(_, seen)| seen.value()).map_or(0.0, |seen| seen.bad);
            (burns.get(&window).copied().unwrap_or(Reading::NoData(untold(window, is_counted))), bad)
        };
        let period = objective.period(beside.now);
        // The curve is that of the group which the figures are of: the one that is worst now.
        let whole = &self.ways;
        let ways = group.and_then(|(_, name, _)| self.by_group.get(name)).unwrap_or(whole);
        let of_period = ways.periods.left(objective, beside.now);
        let since = of_period.as_ref().and_then(|left| left.filled);
        let (left, from, left_at) = match of_period {
            Some(told) => (told.budget, Some(told.from), Some(told.at)),
            None => self.left(beside, &windows, &worked_out),
        };
        let is_recorded = matches!(from, Some(BudgetFrom::Recorded(_)));
        let watched = self.watched.get(objective.name()).filter(|(at, _)| is_recorded && !super::is_old(*at, beside.now));
        let as_of = worked_out.values().max().copied();
        let said = &beside.promised.tiers;
        let tiers: Vec<Tier> = if said.is_empty() { Tier::standard(objective).to_vec() } else { said.clone() };
        let tiers: Vec<(Tier, tier::State)> = tiers
            .into_iter()
            .map(|one| {
                let ((long, bad), (short, _)) = (burn(one.long), burn(one.short));
                let evidence = left.value().map_or(Evidence::Ample, |left| left.evidence(bad));
                (one, one.state(objective, long, short, evidence))
            })
            .collect();
        let split = self.split(beside);
        // Its own errors are others than the family's: only its own counts say whose they are.
        let attribution = match (beside.comparison, split) {
            (Some(both), _) => Attribution::of(objective, both.new.seen, both.old.seen, beside.before),
            (None, Some((new, old))) => Attribution::of(objective, new, old, None),
            (None, None) => Reading::NoData(Missing::TotalAbsent),
        };
        let burns: Vec<(Duration, Reading<Burn>)> = burns.into_iter().collect();
        let now = now_of(&burns).map(|(_, burn)| burn);
        let gone = |left: Budget, burn: Burn| match period {
            Some(period) => left.exhaustion_within(burn, period.elapsed(beside.now), period.rest(beside.now)),
            None => left.exhaustion(burn, objective),
        };
        let exhaustion = |burn: Option<Burn>| left.value().zip(burn).map(|(left, burn)| gone(left, burn));
        BudgetState {
            objective: objective.clone(),
            bad: beside.promised.judged_by.bad(),
            burn_down: match objective.calendar() {
                Some(_) => ways.periods.course(objective, beside.now),
                None => ways.courses.read(objective, recorded_now(&left, &from, as_of), beside.now),
            },
            period,
            from,
            group: group.map(|(_, name, of)| (name.clone(), *of)),
            filled: watched.map(|(_, watched)| objective.filled(*watched)).or(since),
            fires: tier::worst(tiers.iter().copied()),
            exhaustion: exhaustion(now),
            promoted_exhaustion: exhaustion(attribution.value().map(|a| a.if_promoted)),
            next: next(beside, &attribution),
            attribution,
            trend: ways
                .trends
                .get(objective.name())
                .filter(|(at, _)| !super::is_old(*at, beside.now))
                .map(|(_, points)| points.iter().map(|(_, ratio)| ratio_burn(*ratio, objective)).collect())
                .unwrap_or_default(),
            own: own(beside, &windows),
            as_of,
            worked_out,
            left_at,
            provenance: beside.promised.provenance.clone(),
            counts: windows.iter().filter(|_| !is_apart).filter_map(|(window, seen)| Some((*window, seen.value()?))).collect(),
            split: split.and_then(|(new, old)| new.value().zip(old.value())),
            left,
            burns,
            tiers,
        }
    }

    /// Burns that follow from ratios somebody keeps, and when each was worked out.
    fn kept(&self, beside: &Beside<'_>) -> Vec<(Duration, Time, Reading<Burn>)> {
        let objective = &beside.promised.objective;
        let burn = |at: Time, value: f64| match Reading::recorded(value) {
            _ if super::is_old(at, beside.now) => Reading::NoData(Missing::Stale),
            ratio => ratio.map(|ratio| Burn::at(ratio, objective)),
        };
        // Longer than the objective's own window tells nothing of its budget.
        let fits = self.ratios.iter().filter(|((promise, window), _)| promise == objective.name() && *window < objective.window());
        fits.map(|((_, window), (at, value))| (*window, *at, burn(*at, *value))).collect()
    }

    /// What the new versions and the old ones had by the objective's own counters or queries.
    fn split(&self, beside: &Beside<'_>) -> Option<(Reading<Outcome>, Reading<Outcome>)> {
        if let (false, Some(both)) = (beside.promised.is_built_in, beside.comparison) {
            return Some((both.new.seen, both.old.seen));
        }
        let (_, arms) = self.splits.get(beside.promised.objective.name()).filter(|(at, _)| !super::is_old(*at, beside.now))?;
        let side = |hashes: &[Clean]| {
            let mine = arms.iter().filter(|(hash, ..)| hashes.contains(hash)).map(|(_, bad, total)| Outcome::read(*bad, *total));
            let seen: Vec<Outcome> = mine.filter_map(Reading::value).collect();
            let sum = seen.iter().copied().reduce(|one, other| one.plus(&other));
            sum.map_or(Reading::NoTraffic, Reading::Value)
        };
        Some((side(&beside.sides.new), side(&beside.sides.old)))
    }

    /// What each window held, the shortest first, and when that was worked out. The board's rows stand in where an objective has no answers
    /// of its own, or has had none for long: its release was open and is not any more.
    fn windows(&self, beside: &Beside<'_>) -> Vec<(Duration, Time, Reading<Outcome>)> {
        let own = self.windows.iter().filter(|((promise, _), _)| promise == beside.promised.objective.name());
        let mut windows: Vec<(Duration, Time, Reading<Outcome>)> = own.map(|((_, window), (at, seen))| (*window, *at, *seen)).collect();
        let newest = |all: &[(Duration, Time, Reading<Outcome>)]| all.iter().map(|(_, at, _)| *at).max();
        // What the board counts of all requests says nothing of an objective that counts otherwise.
        let rows = beside.rows.iter().filter(|_| beside.promised.is_built_in);
        let rows: Vec<(Duration, Time, Reading<Outcome>)> = rows.map(|(window, (at, versions))| (*window, *at, whole(versions))).collect();
        if newest(&windows).is_none_or(|own| newest(&rows).is_some_and(|row| row - own > LEFT_ALONE)) {
            windows = rows;
        }
        let known = |at: Time, seen| if super::is_old(at, beside.now) { Reading::NoData(Missing::Stale) } else { seen };
        windows.into_iter().map(|(window, at, seen)| (window, at, known(at, seen))).collect()
    }

    /// From a recorded series over the whole window, else counted over the longest one that was asked for: then what went before is not
    /// known, and at most this is left. When that was worked out.
    fn left(
        &self,
        beside: &Beside<'_>,
        windows: &[(Duration, Reading<Outcome>)],
        worked_out: &BTreeMap<Duration, Time>,
    ) -> (Reading<Budget>, Option<BudgetFrom>, Option<Time>) {
        let objective = &beside.promised.objective;
        let elapsed = objective.period(beside.now).map(|period| period.elapsed(beside.now));
        // What is recorded of the last so many days is of no period of the calendar.
        let recorded = self.recorded.get(objective.name()).filter(|(at, ..)| elapsed.is_none() && !super::is_old(*at, beside.now));
        if let Some((at, series, is_remaining, value)) = recorded {
            let budget = if *is_remaining {
                Reading::Value(Budget { remaining: *value, events: None })
            } else {
                Reading::recorded(*value).map(|ratio| Budget::of_ratio(ratio, objective))
            };
            return (budget, Some(BudgetFrom::Recorded(series.clone())), Some(*at));
        }
        let mut fit = windows.iter().filter(|(window, _)| elapsed.is_none_or(|elapsed| *window <= elapsed));
        let known = fit.clone().rev().find(|(_, seen)| seen.value().is_some());
        let Some((window, seen)) = known.or_else(|| fit.next_back()) else {
            let why = if windows.is_empty() { Missing::TotalAbsent } else { Missing::JustBegun };
            return (Reading::NoData(why), None, None);
        };
        let whole = elapsed.unwrap_or(objective.window()).as_secs_f64();
        let part = (busy(windows, *window) / whole).min(1.0);
        let budget = seen.and_then(|seen| Budget::of(seen, objective).map(|budget| at_most(budget, part)));
        (budget, Some(BudgetFrom::Counted(*window)), worked_out.get(window).copied())
    }
}

/// For how many seconds at its busiest a window's requests would have lasted: no longer than it is. Counters that are younger than the window
/// leave it in part empty, and what is left is more than as much again in each of the days before would leave.
fn busy(windows: &[(Duration, Reading<Outcome>)], length: Duration) -> f64 {
    let seen = |window: &Duration, seen: &Reading<Outcome>| Some((window.as_secs_f64(), seen.value()?.total));
    let known = || windows.iter().filter(|(window, _)| (HOUR..=length).contains(window)).filter_map(|(window, all)| seen(window, all));
    let busiest = known().map(|(seconds, total)| total / seconds).fold(0.0, f64::max);
    let all = known().find(|(seconds, _)| *seconds == length.as_secs_f64()).map_or(0.0, |(_, total)| total);
    if busiest > 0.0 { (all / busiest).min(length.as_secs_f64()) } else { length.as_secs_f64() }
}

/// Why a window has no burn though its objective may have others: nobody asks for more than a day, and not for what is recorded alone.
fn untold(window: Duration, is_counted: bool) -> Missing {
    match (window > LONGEST, is_counted) {
        (true, _) => Missing::NotAsked(window),
        (false, true) => Missing::TotalAbsent,
        (false, false) => Missing::Unrecorded(window),
    }
}

/// What is left now, where it is of the same kind as a recorded course.
fn recorded_now(left: &Reading<Budget>, from: &Option<BudgetFrom>, as_of: Option<Time>) -> Option<(Time, f64)> {
    matches!(from, Some(BudgetFrom::Recorded(_))).then(|| as_of.zip(left.value().map(|left| left.remaining))).flatten()
}

/// What the release took of the whole budget, at the traffic of the longest window up to a few hours: a day may be longer than the counters
/// are old. Errors of another kind than the objective's are none of its, and a few requests tell nothing.
fn own(beside: &Beside<'_>, windows: &[(Duration, Reading<Outcome>)]) -> Option<f64> {
    let (promised, spent) = (beside.promised, beside.spent);
    let mut known = windows.iter().filter(|(window, _)| *window <= TYPICAL).filter_map(|(window, seen)| Some((window, seen.value()?)));
    let (window, seen) = known.next_back().filter(|_| promised.judged_by.has_counts() && spent.requests >= FEWEST_REQUESTS)?;
    // A period of the calendar has as much as there was so far.
    let so_far = promised.objective.period(beside.now).map(|period| period.elapsed(beside.now).max(*window));
    let total = seen.total * so_far.unwrap_or(promised.objective.window()).as_secs_f64() / window.as_secs_f64();
    spent.of_budget(&promised.objective, total).value()
}

fn whole(versions: &[(Clean, f64, f64)]) -> Reading<Outcome> {
    let sum = |of: fn(&(Clean, f64, f64)) -> f64| versions.iter().map(of).sum::<f64>();
    Outcome::counted(sum(|one| one.2), sum(|one| one.1))
}

fn ratio_burn(ratio: f64, objective: &Objective) -> Option<f64> {
    // A ratio that can't be is no burn: the two queries count different things.
    Reading::recorded(ratio).value().map(|ratio| Burn::at(ratio, objective).get())
}

fn next(beside: &Beside<'_>, attribution: &Reading<Attribution>) -> Option<Next> {
    let (share, then) = (beside.share?, beside.next?);
    let attribution = attribution.value()?;
    let rest = attribution.baseline?.error_ratio(&beside.promised.objective);
    let new = attribution.if_promoted.error_ratio(&beside.promised.objective);
    Some(Next::step(&beside.promised.objective, share, then, new, rest))
}

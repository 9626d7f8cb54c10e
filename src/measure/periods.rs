//! What the period of a calendar has left so far, and how it went: from a recorded ratio since its start, or from as much as may be counted.
//! Never counts a period that is over for the one of now, and never takes traffic that is still to come for granted.

use std::collections::BTreeMap;
use std::time::Duration;

use super::is_old;
use crate::ports::metrics::Found;
use crate::release::Time;
use crate::release::telemetry::BudgetFrom;
use crate::slo::budget::{Budget, Events};
use crate::slo::burndown::BurnDown;
use crate::slo::calendar::Period;
use crate::slo::{Objective, Outcome, Reading};
use crate::text::Clean;

/// The newest answers, by objective.
#[derive(Debug, Clone, Default)]
pub(super) struct Periods(BTreeMap<Clean, Seen>);

#[derive(Debug, Clone)]
struct Seen {
    at: Time,
    from: Time,
    step: Duration,
    series: Option<Clean>,
    buckets: Vec<(Time, Reading<Outcome>)>,
}

/// What is left of the period of now.
pub(super) struct Left {
    pub budget: Reading<Budget>,
    pub from: BudgetFrom,
    pub at: Time,
    /// How much of what is over of the period is known, 0..=1; `None` where the rest is not asked for.
    pub filled: Option<f64>,
}

impl Periods {
    /// Takes what is of a period; hands back the rest.
    pub fn take(&mut self, at: Time, partial: bool, found: Found) -> Option<Found> {
        let Found::Period { promise, from, step, series, buckets } = found else { return Some(found) };
        if !partial && !buckets.is_empty() {
            let buckets = buckets.into_iter().map(|(at, errors, total)| (at, Outcome::read(errors, total))).collect();
            self.0.insert(promise, Seen { at, from, step, series, buckets });
        }
        None
    }

    /// What is left at `now`; `None` where that was not told of this period, or too long ago.
    pub fn left(&self, objective: &Objective, now: Time) -> Option<Left> {
        let (period, seen) = self.of(objective, now)?;
        if is_old(seen.at, now) {
            return None;
        }
        let known: Vec<Outcome> = seen.buckets.iter().filter_map(|(_, seen)| seen.value()).collect();
        let sum = known.into_iter().reduce(|one, other| one.plus(&other)).map_or(Reading::NoTraffic, Reading::Value);
        let budget = sum.and_then(|sum| Budget::of(sum, objective));
        let covers = seen.step.as_secs_f64() * seen.buckets.iter().filter(|(_, seen)| !matches!(seen, Reading::NoData(_))).count() as f64;
        if seen.from > period.from {
            let reach = (seen.at - seen.from).to_std().unwrap_or_default();
            let part = (reach.as_secs_f64() / period.elapsed(seen.at).as_secs_f64()).min(1.0);
            let budget = budget.map(|budget| at_most(budget, part));
            return Some(Left { budget, from: BudgetFrom::Counted(reach), at: seen.at, filled: None });
        }
        let is_recorded = seen.series.is_some();
        let budget = budget.map(|budget| Budget { events: budget.events.filter(|_| !is_recorded), ..budget });
        let filled = (covers / period.elapsed(seen.at).as_secs_f64()).min(1.0);
        Some(Left { budget, from: BudgetFrom::Since(seen.series.clone()), at: seen.at, filled: Some(filled) })
    }

    /// How it went from its start on, as last told.
    pub fn course(&self, objective: &Objective, now: Time) -> Option<BurnDown> {
        let (period, seen) = self.of(objective, now)?;
        if seen.from == period.from {
            return BurnDown::so_far(&seen.buckets, seen.step, objective, period.from);
        }
        let so_far = Objective::new(objective.name().clone(), objective.target(), period.elapsed(now)).ok()?;
        BurnDown::counted(&seen.buckets, seen.step, &so_far)
    }

    fn of(&self, objective: &Objective, now: Time) -> Option<(Period, &Seen)> {
        let (period, seen) = (objective.period(now)?, self.0.get(objective.name())?);
        (seen.at > period.from && seen.from >= period.from).then_some((period, seen))
    }
}

/// What is left where only a `part` (0..=1) of what is over is known: its traffic is taken for that of the rest, and the rest for clean.
pub(super) fn at_most(budget: Budget, part: f64) -> Budget {
    Budget {
        remaining: 1.0 - budget.consumed() * part,
        events: budget.events.map(|events| Events { bad: events.bad, allowed: events.allowed / part }),
    }
}

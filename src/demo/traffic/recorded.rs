//! A recording rule over thirty days of a workload's requests: what is left of its error budget.
//! Never painted: the days before the first tick are drawn hour by hour by the same model, and every tick since is counted.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use serde::Deserialize;

use super::draw::{binomial, poisson};
use super::state::Truth;
use super::table::{Load, span};
use crate::demo::prometheus::{Labels, SeriesId, Store};

/// A `[[traffic.recorded]]` table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Recorded {
    /// What is recorded: one of [`METRICS`].
    pub metric: String,
    /// Name of the objective.
    pub slo: String,
    /// Name of the service it is promised for.
    pub service: String,
    /// The share of requests that must not fail.
    pub target: f64,
    /// Days before 0 on which more failed.
    #[serde(default)]
    pub incident: Vec<Incident>,
}

/// A time before 0 at which more requests failed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Incident {
    /// How long before 0 it began.
    before: String,
    #[serde(rename = "for")]
    lasts: String,
    errors: f64,
}

const REMAINING: &str = "slo:period_error_budget_remaining:ratio";
const ERRORS: &str = "slo:sli_error:ratio_rate30d";
const AVAILABILITY: &str = "pyrra_availability";
/// What can be recorded, as Sloth and Pyrra call it.
const METRICS: [&str; 3] = [REMAINING, ERRORS, AVAILABILITY];
/// Hours in the window.
const WINDOW: i64 = 30 * 24;

impl Recorded {
    /// # Errors
    /// A sentence naming the field.
    pub(super) fn check(&self) -> Result<(), String> {
        if !METRICS.contains(&self.metric.as_str()) {
            return Err(format!("`metric = \"{}\"` is none of those recorded here: {}", self.metric, METRICS.join(", ")));
        }
        if !(self.target > 0.0 && self.target < 1.0) {
            return Err(format!("`target = {}` is no share between 0 and 1", self.target));
        }
        self.incident.iter().try_for_each(|incident| incident.span().map(drop))
    }

    fn labels(&self) -> Labels {
        let id = format!("{}-{}", self.service, self.slo);
        let sloth = [("sloth_id", id.as_str()), ("sloth_service", &self.service), ("sloth_slo", &self.slo)];
        let pyrra = [("slo", id.as_str())];
        let own: &[(&str, &str)] = if self.metric == AVAILABILITY { &pyrra } else { &sloth };
        Labels::of(&[&[("__name__", self.metric.as_str())], own].concat())
    }
}

impl Incident {
    /// Beginning and end before 0.
    fn span(&self) -> Result<(TimeDelta, TimeDelta), String> {
        let begins = span(&self.before)?;
        if !(0.0..=1.0).contains(&self.errors) {
            return Err(format!("`errors = {}` of an incident is no share between 0 and 1", self.errors));
        }
        Ok((begins, begins - span(&self.lasts)?))
    }

    /// How much of the hour that ends `end` before 0 it takes.
    fn part_of(&self, end: TimeDelta) -> f64 {
        let Ok((from, to)) = self.span() else { return 0.0 };
        let overlap = from.min(end + TimeDelta::hours(1)) - to.max(end);
        (overlap.num_seconds() as f64 / 3600.0).clamp(0.0, 1.0)
    }
}

/// One rule and its window.
pub(super) struct Rule {
    said: Recorded,
    id: Option<SeriesId>,
    /// Hours since 1970 with their requests, oldest first.
    hours: VecDeque<(i64, Truth)>,
    sum: Truth,
}

impl Rule {
    pub(super) fn new(said: Recorded) -> Self {
        Self { said, id: None, hours: VecDeque::new(), sum: Truth::default() }
    }

    /// Draws the days before the first tick, and writes what the rule gave at each of their hours: the window before them is drawn too, by a
    /// generator of its own, so that the days themselves are what they are without it.
    pub(super) fn begin(&mut self, load: &Load, rng: &mut Rng, series: &mut Store, now: DateTime<Utc>, origin: DateTime<Utc>) {
        let this = hour(now);
        let mut earlier = Rng::with_seed(!rng.get_seed());
        for at in this - 2 * WINDOW..this {
            let rng = if at < this - WINDOW { &mut earlier } else { &mut *rng };
            let end = origin - DateTime::from_timestamp((at + 1) * 3600, 0).unwrap_or(origin);
            let drawn = self.hour(load, rng, end);
            self.add(at, drawn);
            if at >= this - WINDOW && at + 1 < this {
                self.write(series, (at + 1) * 3_600_000);
            }
        }
    }

    /// The requests of the hour that ends `end` before 0.
    fn hour(&self, load: &Load, rng: &mut Rng, end: TimeDelta) -> Truth {
        let requests = poisson(rng, load.rate * 3600.0);
        let bad = self.said.incident.iter().map(|incident| (incident.part_of(end), incident.errors));
        let (mut left, mut failures) = (requests, 0);
        for (part, errors) in bad {
            let struck = binomial(rng, left, part);
            left -= struck;
            failures += binomial(rng, struck, errors);
        }
        failures += binomial(rng, left, load.errors);
        Truth { requests, failures }
    }

    /// Counts a tick.
    pub(super) fn count(&mut self, now: DateTime<Utc>, more: Truth) {
        self.add(hour(now), more);
    }

    fn add(&mut self, at: i64, more: Truth) {
        match self.hours.back_mut().filter(|(hour, _)| *hour == at) {
            Some((_, sum)) => *sum = sum.and(more),
            None => self.hours.push_back((at, more)),
        }
        self.sum = self.sum.and(more);
        while let Some((_, old)) = self.hours.front().filter(|(hour, _)| *hour < at - WINDOW) {
            self.sum.requests -= old.requests;
            self.sum.failures -= old.failures;
            self.hours.pop_front();
        }
    }

    /// Writes what the rule gives now.
    pub(super) fn write(&mut self, series: &mut Store, at_ms: i64) {
        let errors = self.sum.failures as f64 / self.sum.requests.max(1) as f64;
        let value = match self.said.metric.as_str() {
            REMAINING => 1.0 - errors / (1.0 - self.said.target),
            ERRORS => errors,
            _ => 1.0 - errors,
        };
        let id = *self.id.get_or_insert_with(|| {
            let id = series.series(self.said.labels());
            series.keep(id);
            id
        });
        series.append(id, at_ms, value);
    }
}

fn hour(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(3600)
}

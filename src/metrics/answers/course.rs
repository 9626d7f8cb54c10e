//! How an objective's budget went over a stretch, from what is recorded of it or from counts of short stretches.
//! Never fills a gap: a moment that the answer does not name is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::questions::{Form, Stretch};
use super::super::reply::{Reply, Series};
use super::super::templates::{AVAILABILITY, RATIO, RECORDED_LABEL, REMAINING, SLI_LABEL};
use super::groups;
use crate::objects::Time;
use crate::ports::metrics::{Found, Promise};
use crate::slo::Answer;
use crate::text::Clean;

pub(super) fn course(promises: &[Promise], name: &Clean, stretch: Stretch, form: Form, reply: &Reply) -> Vec<Found> {
    let Some(promise) = promises.iter().find(|promise| promise.name == *name) else { return Vec::new() };
    if let (Stretch::Period, Form::Stretches { from, step, .. }) = (stretch, form) {
        return groups::each(promise, reply.data.series(), |series| period(promise, from, step, series));
    }
    let Form::Range { step, .. } = form else { return Vec::new() };
    match stretch {
        Stretch::Period => Vec::new(),
        Stretch::Counted => buckets(name, step, &reply.data.series().iter().collect::<Vec<_>>()).into_iter().collect(),
        Stretch::Window | Stretch::Day => {
            groups::each(promise, reply.data.series(), |series| recorded(name, step, stretch == Stretch::Window, series))
        }
    }
}

/// How good a series is, 0 the best, and how its values are read.
type Kind = (u8, fn(f64) -> f64);

/// What a series says, the best first: what is left as it is, then the ratio it is reckoned from, then the share of good events.
fn kind(series: &Series) -> Option<Kind> {
    match series.labels.get(RECORDED_LABEL) {
        REMAINING | "slo:period_error_budget_remaining:ratio" => Some((0, |left| left)),
        RATIO => Some((1, |errors| errors)),
        usual if usual.starts_with("slo:sli_error:ratio_rate") => Some((1, |errors| errors)),
        AVAILABILITY | "pyrra_availability" => Some((2, |good| 1.0 - good)),
        _ => None,
    }
}

fn recorded(name: &Clean, step: Duration, is_whole: bool, series: &[&Series]) -> Option<Found> {
    let known = series.iter().filter_map(|series| Some((kind(series)?, series)));
    let ((rank, read), series) = known.min_by_key(|((rank, _), _)| *rank)?;
    let points = series.points.iter().map(|point| (point.at, read(point.value))).filter(|(_, value)| value.is_finite()).collect();
    Some(Found::Course { promise: name.clone(), step, is_whole, is_remaining: rank == 0, points })
}

/// Mean ratios of stretches, each of which weighs alike, else counts.
fn period(promise: &Promise, from: Time, step: Duration, series: &[&Series]) -> Option<Found> {
    let told = |series, buckets| Found::Period { promise: promise.name.clone(), from, step, series, buckets };
    if let Some(ratios) = series.iter().find(|series| series.labels.get(SLI_LABEL) == RATIO) {
        let known = ratios.points.iter().filter(|point| point.value.is_finite());
        let buckets = known.map(|point| (point.at, Answer::Value(point.value), Answer::Value(1.0))).collect();
        let name = promise.since.as_ref().and_then(|since| since.recorded.as_deref()).and_then(|series| series.split('{').next());
        return Some(told(name.map(Clean::from), buckets));
    }
    match buckets(&promise.name, step, series)? {
        Found::Buckets { buckets, .. } => Some(told(None, buckets)),
        _ => None,
    }
}

fn buckets(name: &Clean, step: Duration, series: &[&Series]) -> Option<Found> {
    let counts = |which: &str| -> BTreeMap<Time, f64> {
        let series = series.iter().filter(|series| series.labels.get(SLI_LABEL) == which);
        // A rate a second, times the stretch: requests.
        series.flat_map(|series| &series.points).map(|point| (point.at, point.value * step.as_secs_f64())).collect()
    };
    let (bad, total) = (counts("bad"), counts("total"));
    let moments: BTreeSet<Time> = bad.keys().chain(total.keys()).copied().collect();
    let answer = |counts: &BTreeMap<Time, f64>, at: &Time| counts.get(at).map_or(Answer::Absent, |value| Answer::Value(*value));
    let buckets = moments.iter().map(|at| (*at, answer(&bad, at), answer(&total, at))).collect();
    (!moments.is_empty()).then(|| Found::Buckets { promise: name.clone(), step, buckets })
}

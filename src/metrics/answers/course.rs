//! How an objective's budget went over a stretch, from what is recorded of it or from counts of short stretches.
//! Never fills a gap: a moment that the answer does not name is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::questions::{Form, Stretch};
use super::super::reply::{Reply, Series};
use super::super::templates::{AVAILABILITY, RATIO, RECORDED_LABEL, REMAINING, SLI_LABEL};
use crate::objects::Time;
use crate::ports::metrics::{Found, Promise};
use crate::slo::Answer;
use crate::text::Clean;

pub(super) fn course(promises: &[Promise], name: &Clean, stretch: Stretch, form: Form, reply: &Reply) -> Vec<Found> {
    let (Form::Range { step, .. }, true) = (form, promises.iter().any(|promise| promise.name == *name)) else { return Vec::new() };
    let found = match stretch {
        Stretch::Counted => buckets(name, step, reply),
        Stretch::Window | Stretch::Day => recorded(name, step, stretch == Stretch::Window, reply),
    };
    found.into_iter().collect()
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

fn recorded(name: &Clean, step: Duration, is_whole: bool, reply: &Reply) -> Option<Found> {
    let known = reply.data.series().iter().filter_map(|series| Some((kind(series)?, series)));
    let ((rank, read), series) = known.min_by_key(|((rank, _), _)| *rank)?;
    let points = series.points.iter().map(|point| (point.at, read(point.value))).filter(|(_, value)| value.is_finite()).collect();
    Some(Found::Course { promise: name.clone(), step, is_whole, is_remaining: rank == 0, points })
}

fn buckets(name: &Clean, step: Duration, reply: &Reply) -> Option<Found> {
    let counts = |which: &str| -> BTreeMap<Time, f64> {
        let series = reply.data.series().iter().filter(|series: &&Series| series.labels.get(SLI_LABEL) == which);
        // A rate a second, times the stretch: requests.
        series.flat_map(|series| &series.points).map(|point| (point.at, point.value * step.as_secs_f64())).collect()
    };
    let (bad, total) = (counts("bad"), counts("total"));
    let moments: BTreeSet<Time> = bad.keys().chain(total.keys()).copied().collect();
    let answer = |counts: &BTreeMap<Time, f64>, at: &Time| counts.get(at).map_or(Answer::Absent, |value| Answer::Value(*value));
    let buckets = moments.iter().map(|at| (*at, answer(&bad, at), answer(&total, at))).collect();
    (!moments.is_empty()).then(|| Found::Buckets { promise: name.clone(), step, buckets })
}

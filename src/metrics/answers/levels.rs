//! Totals and errors of objectives over windows, their trend, and what recording rules keep.
//! Never fills a gap: an absent series is told as absent, a window without requests as not a number.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::questions::{Sli, Span};
use super::super::reply::{Reply, Series};
use super::super::templates::{
    AVAILABILITY, PROMISE_LABEL, RATIO, RECORDED_LABEL, REMAINING, SHORTEST, SLI_LABEL, VERSION_LABEL, WHAT_LABEL, WINDOW_LABEL, step,
};
use super::groups;
use crate::objects::Time;
use crate::ports::metrics::{Found, Promise, Subject};
use crate::slo::Answer;
use crate::text::Clean;

/// The objectives that share an idea of errors.
fn of<'a>(promises: &'a [Promise], sli: &'a Sli) -> impl Iterator<Item = &'a Promise> {
    promises.iter().filter(move |promise| match sli {
        Sli::Family => promise.is_built_in(),
        Sli::Own(name) => !promise.is_built_in() && promise.name == *name,
    })
}

pub(super) fn windows(promises: &[Promise], sli: &Sli, span: Span, reply: &Reply) -> Vec<Found> {
    let mut all = Vec::new();
    for window in span.asked(of(promises, sli)) {
        let length = Duration::from_secs(window.seconds().into());
        let over = window.to_string();
        let events = |which: &str| {
            let fits =
                |sample: &&super::super::reply::Sample| sample.labels.get(SLI_LABEL) == which && sample.labels.get(WINDOW_LABEL) == over;
            // A rate a second, times the window: requests.
            let value = reply.data.samples().iter().find(fits).map(|sample| sample.point.value * length.as_secs_f64());
            value.map_or(Answer::Absent, Answer::Value)
        };
        let (errors, total) = (events("bad"), events("total"));
        // A longer window than an objective's own was not asked for its sake.
        for promise in of(promises, sli).filter(|promise| promise.window >= length) {
            all.push(Found::Window { promise: promise.name.clone(), window: length, errors, total });
        }
    }
    all
}

pub(super) fn trends(promises: &[Promise], sli: &Sli, reply: &Reply) -> Vec<Found> {
    let each =
        |promise: &Promise| groups::each(promise, reply.data.series(), |series| Some(Found::Trend(promise.name.clone(), trend(series))));
    of(promises, sli).flat_map(each).collect()
}

fn trend(series: &[&Series]) -> Vec<(Time, f64)> {
    let points = |which: &str| -> BTreeMap<Time, f64> {
        let series = series.iter().find(|series| series.labels.get(SLI_LABEL) == which);
        series.into_iter().flat_map(|series| &series.points).map(|point| (point.at, point.value)).collect()
    };
    let bad = points("bad");
    let kept = points(RATIO);
    let counted: Vec<(Time, f64)> =
        points("total").into_iter().map(|(at, total)| (at, ratio(bad.get(&at).copied().unwrap_or(0.0), total))).collect();
    if kept.is_empty() { counted } else { kept.into_iter().collect() }
}

/// Errors that are absent while there is traffic are none; without traffic there is no ratio.
fn ratio(bad: f64, total: f64) -> f64 {
    if total > 0.0 { bad / total } else { f64::NAN }
}

pub(super) fn recorded(subject: &Subject, promises: &[Promise], reply: &Reply) -> Vec<Found> {
    let services: Vec<&str> = subject.service_names().chain([subject.workload.as_str()]).collect();
    let read = |promise: &Promise| {
        let is_named = |name: &str| services.iter().any(|service| format!("{service}-{}", promise.name) == name);
        let value = |metric: &str| {
            let mut samples = reply.data.samples().iter().filter(|sample| sample.labels.get(RECORDED_LABEL) == metric);
            let found =
                samples.find(|sample| sample.labels.get("sloth_slo") == promise.name.as_str() || is_named(sample.labels.get("slo")));
            found.map(|sample| sample.point.value).filter(|value| value.is_finite())
        };
        let told = |series: &str, is_remaining, value| {
            Some(Found::Recorded { promise: promise.name.clone(), series: Clean::from(series), is_remaining, value })
        };
        let remaining = "slo:period_error_budget_remaining:ratio";
        let ratio = format!("slo:sli_error:ratio_rate{}d", promise.window.as_secs() / 86_400);
        let availability = "pyrra_availability";
        match (value(remaining), value(&ratio), value(availability)) {
            (Some(left), ..) => told(remaining, true, left),
            (_, Some(errors), _) => told(&ratio, false, errors),
            (.., Some(available)) => told(availability, false, 1.0 - available),
            _ => None,
        }
    };
    promises
        .iter()
        .filter(|promise| promise.kept.is_empty() && promise.since.is_none())
        .filter_map(read)
        .chain(promises.iter().flat_map(|promise| kept(promise, reply)))
        .collect()
}

/// What is kept of one objective, each figure as it came.
fn kept(promise: &Promise, reply: &Reply) -> Vec<Found> {
    let mine = |sample: &&super::super::reply::Sample| sample.labels.get(PROMISE_LABEL) == promise.name.as_str();
    let name = |expression: &str| Clean::from(expression.split('{').next().unwrap_or_default().trim());
    let told = |expression: &str, is_remaining, value| Found::Recorded {
        promise: promise.name.clone(),
        series: name(expression),
        is_remaining,
        value,
    };
    let (samples, group) = groups::worst(promise, reply.data.samples().iter().filter(mine).collect());
    // First, so that figures of another group are let go of before those of this one come.
    let group = group.map(|(name, of)| Found::Group { promise: promise.name.clone(), name, of });
    let mut all: Vec<Found> = group.into_iter().collect();
    let mut whole = None;
    for sample in samples {
        let value = sample.point.value;
        match sample.labels.get(RECORDED_LABEL) {
            REMAINING => whole = promise.kept.remaining.as_deref().map(|expression| told(expression, true, value)),
            AVAILABILITY if whole.is_none() => {
                whole = promise.kept.availability.as_deref().map(|expression| told(expression, false, 1.0 - value));
            }
            RATIO => {
                let window = sample.labels.get(WINDOW_LABEL).parse().map(Duration::from_secs);
                let known = promise.kept.ratios.iter().find(|(length, _)| window.as_ref().is_ok_and(|window| window == length));
                let Some((window, expression)) = known else { continue };
                if *window == promise.window && whole.is_none() {
                    whole = Some(told(expression, false, value));
                }
                all.push(Found::Ratio { promise: promise.name.clone(), window: *window, value });
            }
            _ => {}
        }
    }
    all.extend(whole);
    all
}

/// For how long of its window anything was recorded of an objective. The shortest ratio has gaps where nothing was measured, which those over
/// a longer window bridge; where it was not recorded, whatever stands for the whole window has to do.
pub(super) fn filled(promises: &[Promise], name: &Clean, reply: &Reply) -> Vec<Found> {
    let Some(promise) = promises.iter().find(|promise| promise.name == *name) else { return Vec::new() };
    let moments = |is_shortest: bool| {
        let mine = reply.data.samples().iter().filter(|sample| (sample.labels.get(WHAT_LABEL) == SHORTEST) == is_shortest);
        mine.map(|sample| sample.point.value).filter(|value| value.is_finite()).reduce(f64::max)
    };
    // No moment that was looked at had a value: what is recorded is younger than a step.
    let seen = moments(true).or_else(|| moments(false)).unwrap_or(0.0).max(0.0);
    let watched = Duration::try_from_secs_f64(seen * step(promise.window).as_secs_f64()).unwrap_or(promise.window);
    vec![Found::Filled { promise: name.clone(), watched: watched.min(promise.window) }]
}

/// An objective's own counts by version: those that the answer does not name were asked for and are absent.
pub(super) fn split(promises: &[Promise], name: &Clean, window: Duration, reply: &Reply) -> Vec<Found> {
    let Some(promise) = promises.iter().find(|promise| promise.name == *name) else { return Vec::new() };
    let answer = |hash: &Clean, which: &str| {
        let fits = |sample: &&super::super::reply::Sample| {
            sample.labels.get(SLI_LABEL) == which && sample.labels.get(VERSION_LABEL) == hash.as_str()
        };
        let value = reply.data.samples().iter().find(fits).map(|sample| sample.point.value * window.as_secs_f64());
        value.map_or(Answer::Absent, Answer::Value)
    };
    let arms = promise.arms.iter().map(|(hash, _)| (hash.clone(), answer(hash, "bad"), answer(hash, "total"))).collect();
    vec![Found::Split(name.clone(), window, arms)]
}

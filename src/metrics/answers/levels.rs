//! Totals and errors of objectives over windows, their trend, and what recording rules keep.
//! Never fills a gap: an absent series is told as absent, a window without requests as not a number.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::questions::{Sli, Span};
use super::super::reply::{Reply, Series};
use super::super::templates::{RECORDED_LABEL, SLI_LABEL, WINDOW_LABEL};
use crate::objects::Time;
use crate::ports::metrics::{Found, Promise, Subject};
use crate::slo::Answer;
use crate::text::Clean;

/// The objectives that share an idea of errors.
fn of<'a>(promises: &'a [Promise], sli: &'a Sli) -> impl Iterator<Item = &'a Promise> {
    promises.iter().filter(move |promise| match sli {
        Sli::Family => promise.queries.is_none(),
        Sli::Own(name) => promise.queries.is_some() && promise.name == *name,
    })
}

pub(super) fn windows(promises: &[Promise], sli: &Sli, span: Span, reply: &Reply) -> Vec<Found> {
    let mut all = Vec::new();
    for window in span.windows() {
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
    let points = |which: &str| -> BTreeMap<Time, f64> {
        let series = reply.data.series().iter().find(|series: &&Series| series.labels.get(SLI_LABEL) == which);
        series.into_iter().flat_map(|series| &series.points).map(|point| (point.at, point.value)).collect()
    };
    let bad = points("bad");
    let ratios: Vec<(Time, f64)> =
        points("total").into_iter().map(|(at, total)| (at, ratio(bad.get(&at).copied().unwrap_or(0.0), total))).collect();
    of(promises, sli).map(|promise| Found::Trend(promise.name.clone(), ratios.clone())).collect()
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
    promises.iter().filter_map(read).collect()
}

//! The questions behind the figures, each with its newest answer: what the `why` view prints.
//! Keeps no values: those are in the figures.

use std::time::Duration;

use crate::ports::metrics::{Asked, Found};
use crate::release::figures::{duration, plural};
use crate::release::telemetry::Evidence;
use crate::text::Clean;

/// Questions in the order in which they were first answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    entries: Vec<Evidence>,
}

impl Ledger {
    pub fn answered(&mut self, asked: &Asked, found: &Found) {
        let (about, sample) = told(found);
        self.put(Evidence {
            about: Clean::from(about),
            query: asked.query.clone(),
            at: Some(asked.at),
            took: asked.took,
            sample: Clean::from(sample),
            doubt: asked.doubt.clone(),
        });
    }

    pub fn missed(&mut self, about: Clean, query: Clean, sentence: Clean) {
        match self.entries.iter_mut().find(|entry| entry.query == query) {
            Some(entry) => entry.doubt = Some(sentence),
            None => self.put(Evidence {
                about,
                query,
                at: None,
                took: Duration::ZERO,
                sample: Clean::from("never answered"),
                doubt: Some(sentence),
            }),
        }
    }

    /// A question about the same thing takes the place of the one before it.
    fn put(&mut self, entry: Evidence) {
        match self.entries.iter_mut().find(|old| old.about == entry.about) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    pub fn evidence(&self) -> Vec<Evidence> {
        self.entries.clone()
    }
}

fn told(found: &Found) -> (String, String) {
    let many = |n: usize, one: &str| plural(i64::try_from(n).unwrap_or(i64::MAX), one);
    let span = |window: &Duration| duration(i64::try_from(window.as_secs()).unwrap_or(i64::MAX));
    match found {
        Found::Counters(readings) => ("requests by version".to_owned(), many(readings.len(), "counter")),
        Found::History(moments) => ("requests before this was opened".to_owned(), many(moments.len(), "moment")),
        Found::Events { promise, pods, .. } => (format!("{promise} by pod"), many(pods.len(), "pod")),
        Found::EventsBefore(promise, moments) => (format!("{promise} before this was opened"), many(moments.len(), "moment")),
        Found::Fresh(_, interval) => ("the newest sample".to_owned(), format!("one each {}", span(interval))),
        Found::Quantiles(window, quantiles) => (format!("latencies over {}", span(window)), many(quantiles.len(), "quantile")),
        Found::Latency(window, buckets) => (format!("latencies over {}", span(window)), many(buckets.len(), "bucket")),
        Found::Window { promise, window, errors, total } => {
            (format!("{promise} over {}", span(window)), format!("errors {}, all {}", answer(errors), answer(total)))
        }
        Found::Recorded { promise, series, value, .. } => (format!("{promise} recorded"), format!("{series} = {value}")),
        Found::Group { promise, name, of } => (format!("{promise} by group"), format!("{name} is the worst of {of}")),
        Found::OfGroup { group, found } => {
            let (about, came) = told(found);
            (format!("{about}, {group}"), came)
        }
        Found::Filled { promise, watched } => {
            (format!("how much of its window {promise} was recorded"), format!("{} of it", span(watched)))
        }
        Found::Ratio { promise, window, value } => (format!("{promise} recorded over {}", span(window)), format!("a ratio of {value}")),
        Found::Split(promise, window, arms) => (format!("{promise} by version over {}", span(window)), many(arms.len(), "version")),
        Found::Trend(promise, points) => (format!("{promise} over the last half hour"), many(points.len(), "point")),
        Found::Course { promise, is_whole, points, .. } => {
            let stretch = if *is_whole { "over its window" } else { "recorded over the last day" };
            (format!("{promise} {stretch}"), many(points.len(), "point"))
        }
        Found::Buckets { promise, buckets, .. } => (format!("{promise} counted over the last day"), many(buckets.len(), "point")),
        Found::Period { promise, buckets, .. } => (format!("{promise} since its period began"), many(buckets.len(), "point")),
        Found::Callers { new, all } => ("callers".to_owned(), format!("{new} of {all}")),
        Found::Unreached(window, n) => (format!("requests that reached no pod over {}", span(window)), format!("{n:.0}")),
        Found::Alerts(alerts) => ("alerts that fire".to_owned(), many(alerts.len(), "alert")),
        Found::Row(window, versions) => (format!("requests over {}", span(window)), many(versions.len(), "version")),
    }
}

fn answer(answer: &crate::slo::Answer) -> String {
    use crate::slo::Answer as A;
    match answer {
        A::Value(value) => format!("{value:.4}"),
        A::Absent => "absent".to_owned(),
        A::Stale => "stale".to_owned(),
        A::Failed => "not answered".to_owned(),
        A::Partial => "in part".to_owned(),
    }
}

//! Counters of an objective that counts otherwise than by status codes: events by pod, and requests slower than a bound.
//! Never compares two histograms by different bounds, and never takes a bound for another without saying so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::dialect::{Shape, Source};
use super::super::questions::{QuestionId, Span};
use super::super::reply::{Labels, Reply};
use super::super::templates::{SLI_LABEL, WINDOW_LABEL};
use super::release::keeper;
use crate::objects::Time;
use crate::ports::metrics::{Events, Found, Promise, Subject};
use crate::slo::Answer;
use crate::text::Clean;

/// A pod's version and its name.
type Pod = (Clean, Clean);

/// Whose, and read by what.
pub(super) struct Whose<'a> {
    pub subject: &'a Subject,
    pub promise: &'a Promise,
    pub source: Option<&'a Source>,
}

/// Where the line between quick and slow is drawn among the bounds of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bound {
    /// In the histogram's own unit.
    le: f64,
    /// It lies above the threshold: what is between the two can't be told, and is not called slow.
    is_above: bool,
}

/// What the question about `whose` found.
pub(super) fn events(id: &QuestionId, whose: &Whose<'_>, reply: &Reply, doubts: &mut Vec<String>) -> Option<Found> {
    let is_now = matches!(id, QuestionId::Events(..));
    let promise = whose.promise.name.clone();
    let mut moments: BTreeMap<Time, BTreeMap<Pod, Series>> = BTreeMap::new();
    let samples = reply.data.samples().iter().map(|sample| (&sample.labels, sample.point));
    let points = reply.data.series().iter().flat_map(|series| series.points.iter().map(|point| (&series.labels, *point)));
    for (labels, point) in samples.chain(points).filter(|(_, point)| point.value.is_finite()) {
        let Some(pod) = whose.pod(labels) else { continue };
        moments.entry(point.at).or_default().entry(pod).or_default().put(labels, point.value);
    }
    let bound = whose.bound(moments.values().flat_map(BTreeMap::values), doubts);
    let read = |pods: BTreeMap<Pod, Series>| -> Vec<Events> {
        let one = |((version, pod), series): (Pod, Series)| {
            let (total, bad) = whose.counted(&series, bound)?;
            Some(Events { version, pod, total, bad, bound: bound.map(|bound| bound.le) })
        };
        pods.into_iter().filter_map(one).collect()
    };
    if is_now {
        let pods = moments.into_values().next().map(read).unwrap_or_default();
        return Some(Found::Events { promise, pods, at_least: bound.is_some_and(|bound| bound.is_above) });
    }
    Some(Found::EventsBefore(promise, moments.into_iter().map(|(at, pods)| (at, read(pods))).collect()))
}

/// Slow requests and all over each window.
pub(super) fn windows(whose: &Whose<'_>, span: Span, reply: &Reply, doubts: &mut Vec<String>) -> Vec<Found> {
    let mut all = Vec::new();
    for window in span.asked([whose.promise]) {
        let (length, over) = (Duration::from_secs(window.seconds().into()), window.to_string());
        let mut series = Series::default();
        for sample in reply.data.samples().iter().filter(|sample| sample.labels.get(WINDOW_LABEL) == over) {
            series.put(&sample.labels, sample.point.value * length.as_secs_f64());
        }
        let counted = whose.counted(&series, whose.bound([&series], doubts));
        let (errors, total) = counted.map_or((Answer::Absent, Answer::Absent), |(total, bad)| (Answer::Value(bad), Answer::Value(total)));
        if whose.promise.window >= length {
            all.push(Found::Window { promise: whose.promise.name.clone(), window: length, errors, total });
        }
    }
    all
}

/// The share of slow requests over time.
pub(super) fn trend(whose: &Whose<'_>, reply: &Reply, doubts: &mut Vec<String>) -> Found {
    let mut moments: BTreeMap<Time, Series> = BTreeMap::new();
    for series in reply.data.series() {
        for point in &series.points {
            moments.entry(point.at).or_default().put(&series.labels, point.value);
        }
    }
    let bound = whose.bound(moments.values(), doubts);
    let ratio = |series: &Series| {
        let (total, bad) = whose.counted(series, bound)?;
        Some(if total > 0.0 { bad / total } else { f64::NAN })
    };
    let points = moments.iter().filter_map(|(at, series)| Some((*at, ratio(series)?))).collect();
    Found::Trend(whose.promise.name.clone(), points)
}

/// The values of one pod, or of all.
#[derive(Debug, Clone, Default)]
struct Series {
    /// By what they are marked.
    marked: BTreeMap<String, f64>,
    /// By the bound, in the order of bounds; infinity last.
    buckets: Vec<(f64, f64)>,
}

impl Series {
    fn put(&mut self, labels: &Labels, value: f64) {
        match labels.get("le").parse::<f64>() {
            Ok(le) if !le.is_nan() => {
                let place = self.buckets.partition_point(|(known, _)| *known < le);
                match self.buckets.get_mut(place) {
                    Some((known, sum)) if *known == le => *sum += value,
                    _ => self.buckets.insert(place, (le, value)),
                }
            }
            _ => *self.marked.entry(labels.get(SLI_LABEL).to_owned()).or_default() += value,
        }
    }
}

impl Whose<'_> {
    fn pod(&self, labels: &Labels) -> Option<Pod> {
        if let Some(counters) = &self.promise.counters {
            let pod = labels.get(counters.pod_label);
            let mut owners = self.subject.versions.iter().filter(|version| version.owns(pod));
            let (owner, other) = (owners.next()?, owners.next());
            return other.is_none().then(|| (owner.hash.clone(), Clean::from(pod)));
        }
        let source = self.source?;
        Some((source.version_of(self.subject, labels)?.hash.clone(), keeper(source, labels)))
    }

    /// The lowest bound that everybody has and that is not below the threshold.
    fn bound<'a>(&self, all: impl IntoIterator<Item = &'a Series>, doubts: &mut Vec<String>) -> Option<Bound> {
        let latency = self.source?.latency.as_ref().filter(|latency| latency.shape == Shape::Classic)?;
        let threshold = self.promise.slower_than?.as_secs_f64();
        let least = threshold / latency.unit * (1.0 - 1e-9);
        let bits = |series: &Series| -> BTreeSet<u64> {
            let fitting = series.buckets.iter().map(|(le, _)| *le).filter(|le| *le >= least && le.is_finite());
            fitting.map(f64::to_bits).collect()
        };
        // Positive floats have the order of their bits.
        let shared = all.into_iter().map(bits).reduce(|one, other| &one & &other)?;
        let Some(le) = shared.first().map(|bits| f64::from_bits(*bits)) else {
            doubts.push(format!("its histograms have no bound at or above {threshold} s in common, so slow requests can't be told"));
            return None;
        };
        let is_above = le * latency.unit > threshold * (1.0 + 1e-9);
        if is_above {
            doubts.push(format!("no bound at {threshold} s: only what took longer than {} s is counted as slow", le * latency.unit));
        }
        Some(Bound { le, is_above })
    }

    /// All events and bad ones.
    fn counted(&self, series: &Series, bound: Option<Bound>) -> Option<(f64, f64)> {
        let marked = |mark: &str| series.marked.get(mark).copied();
        let (total, good) = if let Some(counters) = &self.promise.counters {
            // What is absent was never counted.
            let (total, some) = (marked("total")?, marked("some").unwrap_or(0.0));
            (total, if counters.is_good { some } else { total - some })
        } else if let Some(bound) = bound {
            let at = |le: f64| series.buckets.iter().find(|(known, _)| *known == le).map(|(_, value)| *value);
            (at(f64::INFINITY)?, at(bound.le)?)
        } else {
            (marked("total")?, marked("some")?)
        };
        Some((total, (total - good).max(0.0)))
    }
}

#[cfg(test)]
mod tests;

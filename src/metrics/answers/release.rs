//! Counters, their age, latencies and callers of one release.
//! Never puts a series under a version that its labels do not name.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::dialect::{Shape, Source};
use super::super::questions::QuestionId;
use super::super::reply::{Labels, Reply, Sample};
use super::super::templates::{ARM_LABEL, QUANTILE_LABEL, VERSION_LABEL, WHAT_LABEL};
use super::super::window::Window;
use crate::objects::Time;
use crate::ports::metrics::{Bucket, Found, Reading, Subject};
use crate::text::Clean;

/// The window of all questions here but the raw counters.
const WINDOW: Window = Window::BURN[0];
/// The time between two samples where it can't be told, and its bounds.
const USUAL_INTERVAL: Duration = Duration::from_secs(30);
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(3600);

pub(super) fn figures(id: &QuestionId, subject: &Subject, source: &Source, reply: &Reply, doubts: &mut Vec<String>) -> Option<Found> {
    let samples = reply.data.samples();
    let window = Duration::from_secs(WINDOW.seconds().into());
    match id {
        QuestionId::Counters(_) => {
            let readings: Vec<Reading> =
                samples.iter().filter_map(|sample| reading(subject, source, &sample.labels, sample.point.value)).collect();
            doubt_counters(source, samples.len(), readings.len(), doubts);
            Some(Found::Counters(readings))
        }
        QuestionId::History(_) => {
            let mut moments: BTreeMap<Time, Vec<Reading>> = BTreeMap::new();
            for series in reply.data.series() {
                for point in &series.points {
                    moments.entry(point.at).or_default().extend(reading(subject, source, &series.labels, point.value));
                }
            }
            Some(Found::History(moments.into_iter().collect()))
        }
        QuestionId::Fresh(_) => fresh(samples),
        QuestionId::Latency(_) => latency(source, samples, window),
        QuestionId::Callers(_) => {
            let count = |arm: &str| samples.iter().filter(|sample| sample.labels.get(ARM_LABEL) == arm).count();
            Some(Found::Callers { new: count("new"), all: count("all") })
        }
        QuestionId::Unreached(_) => {
            let rate = samples.first().map(|sample| sample.point.value).filter(|rate| rate.is_finite())?;
            Some(Found::Unreached(window, rate * window.as_secs_f64()))
        }
        _ => None,
    }
}

fn doubt_counters(source: &Source, all: usize, told: usize, doubts: &mut Vec<String>) {
    if source.code_label().is_none() {
        doubts.push("its counters have no status code: errors can't be told".to_owned());
    }
    if told == 0 && all > 0 {
        doubts.push(format!("none of {all} series names a version of this release"));
    }
}

fn reading(subject: &Subject, source: &Source, labels: &Labels, value: f64) -> Option<Reading> {
    let version = source.version_of(subject, labels)?.hash.clone();
    let code = source.code_label().map_or("", |label| labels.get(label));
    value.is_finite().then(|| Reading { version, pod: keeper(source, labels), code: Clean::from(code), bad: source.is_bad(code), value })
}

/// What keeps the counters of a series: its pod, or what stands in for it.
pub(super) fn keeper(source: &Source, labels: &Labels) -> Clean {
    let pod = source.pod_label.map_or("", |label| labels.get(label));
    if !pod.is_empty() {
        return Clean::from(pod);
    }
    let parts: Vec<&str> = source.keepers().into_iter().map(|label| labels.get(label)).filter(|part| !part.is_empty()).collect();
    Clean::from(parts.join("/"))
}

/// `None` while there is nothing to be fresh.
fn fresh(samples: &[Sample]) -> Option<Found> {
    let value = |what: &str| samples.iter().find(|one| one.labels.get(WHAT_LABEL) == what).map(|one| one.point.value);
    let newest = value("newest").filter(|at| at.is_finite())?;
    let at = Time::from_timestamp_millis((newest * 1000.0).round() as i64)?;
    let interval = value("interval").and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(USUAL_INTERVAL);
    Some(Found::Fresh(at, interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)))
}

fn latency(source: &Source, samples: &[Sample], window: Duration) -> Option<Found> {
    let latency = source.latency.as_ref()?;
    let version = |sample: &Sample| Clean::from(sample.labels.get(VERSION_LABEL));
    let finite = samples.iter().filter(|sample| sample.point.value.is_finite());
    let number = |sample: &Sample, label: &str| sample.labels.get(label).parse::<f64>().ok().filter(|number| !number.is_nan());
    if latency.shape == Shape::Native {
        let quantile = |sample: &Sample| Some((version(sample), number(sample, QUANTILE_LABEL)?, sample.point.value * latency.unit));
        return Some(Found::Quantiles(window, finite.filter_map(quantile).collect()));
    }
    let bucket = |sample: &Sample| {
        let le = number(sample, "le")? * latency.unit;
        Some(Bucket { version: version(sample), le, count: sample.point.value * window.as_secs_f64() })
    };
    let mut buckets: Vec<Bucket> = finite.filter_map(bucket).collect();
    buckets.sort_by(|a, b| a.version.cmp(&b.version).then(a.le.total_cmp(&b.le)));
    Some(Found::Latency(window, buckets))
}

//! What a reply says of a release, in the app's terms.
//! Never gives a series to a version that it does not name, and never turns a missing series into a zero.

use std::collections::BTreeMap;
use std::time::Duration;

use super::dialect::Source;
use super::questions::{LATELY, RECORDED};
use super::reply::{Data, Labels, Reply};
use super::templates::board::OWNER_LABEL;
use super::templates::{ARM_LABEL, QUANTILE_LABEL, SLI_LABEL, VERSION_LABEL, WINDOW_LABEL};
use super::window::Window;
use crate::objects::Time;
use crate::ports::metrics::{Bucket, Found, Measurable, Part, Reading};
use crate::slo::Answer;
use crate::text::Clean;

/// Raw counters now.
pub(super) fn counters(source: &Source, one: &Measurable, reply: &Reply) -> Found {
    Found::Counters(reply.data.samples().iter().filter_map(|sample| reading(source, one, &sample.labels, sample.point.value)).collect())
}

/// Raw counters of the past, moment by moment.
pub(super) fn history(source: &Source, one: &Measurable, reply: &Reply) -> Found {
    let mut moments: BTreeMap<Time, Vec<Reading>> = BTreeMap::new();
    for series in reply.data.series() {
        for point in &series.points {
            moments.entry(point.at).or_default().extend(reading(source, one, &series.labels, point.value));
        }
    }
    Found::History(moments.into_iter().collect())
}

fn reading(source: &Source, one: &Measurable, labels: &Labels, value: f64) -> Option<Reading> {
    let version = one.subject.versions.get(source.version_of(&one.subject, labels)?)?;
    let code = source.code_label().map_or("", |label| labels.get(label));
    let pod = source.pod_label.map_or("", |label| labels.get(label));
    // Where pods are not named, whatever keeps the counter stands for one.
    let keeper = [pod, labels.get("controller_pod"), labels.get("instance")].into_iter().find(|name| !name.is_empty());
    Some(Reading {
        version: version.hash.clone(),
        pod: Clean::from(keeper.unwrap_or("all")),
        code: Clean::from(code),
        bad: source.is_bad(code),
        value,
    })
}

/// How old the counters are; `None` while there are none.
pub(super) fn fresh(reply: &Reply) -> Option<Found> {
    let value = |what: &str| reply.data.samples().iter().find(|sample| sample.labels.get("what") == what).map(|sample| sample.point.value);
    let newest = value("newest").filter(|at| at.is_finite())?;
    let at = chrono::DateTime::from_timestamp_millis((newest * 1000.0) as i64)?;
    let interval = value("interval").filter(|seconds| seconds.is_finite() && *seconds > 0.0).unwrap_or(30.0);
    Some(Found::Fresh(at, Duration::from_secs_f64(interval.min(3600.0))))
}

/// Buckets, or quantiles where histograms are native.
pub(super) fn latency(source: &Source, reply: &Reply) -> Option<Found> {
    let unit = source.latency.as_ref()?.unit;
    let over = Duration::from_secs(u64::from(LATELY.seconds()));
    let samples = reply.data.samples();
    let version = |labels: &Labels| Clean::from(labels.get(VERSION_LABEL));
    if samples.iter().any(|sample| !sample.labels.get(QUANTILE_LABEL).is_empty()) {
        let quantile = |labels: &Labels| labels.get(QUANTILE_LABEL).parse::<f64>().ok();
        let all = samples.iter().filter_map(|one| Some((version(&one.labels), quantile(&one.labels)?, one.point.value * unit)));
        return Some(Found::Quantiles(over, all.collect()));
    }
    let bound = |labels: &Labels| match labels.get("le") {
        "+Inf" => Some(f64::INFINITY),
        le => le.parse::<f64>().ok().map(|le| le * unit),
    };
    let bucket = |one: &super::reply::Sample| {
        Some(Bucket { version: version(&one.labels), le: bound(&one.labels)?, count: one.point.value * over.as_secs_f64() })
    };
    Some(Found::Latency(over, samples.iter().filter_map(bucket).collect()))
}

/// Errors and requests over each of `windows`, for each of `promises`.
pub(super) fn windows(promises: &[Clean], windows: &[Window], reply: &Reply) -> Vec<Found> {
    let answer = |sli: &str, window: Window| {
        let name = window.to_string();
        let found = reply.data.samples().iter().find(|one| one.labels.get(SLI_LABEL) == sli && one.labels.get(WINDOW_LABEL) == name);
        found.map_or(Answer::Absent, |one| Answer::Value(one.point.value * f64::from(window.seconds())))
    };
    let all = promises.iter().flat_map(|promise| windows.iter().map(move |window| (promise, *window)));
    all.map(|(promise, window)| Found::Window {
        promise: promise.clone(),
        window: Duration::from_secs(u64::from(window.seconds())),
        errors: answer("bad", window),
        total: answer("total", window),
    })
    .collect()
}

/// Error ratios over time.
pub(super) fn trend(promises: &[Clean], reply: &Reply) -> Vec<Found> {
    let mut moments: BTreeMap<Time, (Option<f64>, f64)> = BTreeMap::new();
    for series in reply.data.series() {
        for point in &series.points {
            let moment = moments.entry(point.at).or_default();
            if series.labels.get(SLI_LABEL) == "bad" { moment.1 = point.value } else { moment.0 = Some(point.value) }
        }
    }
    let points: Vec<(Time, f64)> = moments.into_iter().filter_map(|(at, (total, bad))| Some((at, bad / total?))).collect();
    promises.iter().map(|promise| Found::Trend(promise.clone(), points.clone())).collect()
}

/// What a recorded series says is left; `None` where nothing is recorded.
pub(super) fn recorded(promise: &Clean, reply: &Reply) -> Option<Found> {
    let value = reply.data.samples().first()?.point.value;
    let series = Clean::from(RECORDED);
    Some(Found::Recorded { promise: promise.clone(), series, is_remaining: true, value })
}

/// What recorded series say is left of one release's budgets, out of the board's answer.
pub(super) fn recorded_of(one: &Measurable, reply: &Reply) -> Vec<Found> {
    let mine = reply.data.samples().iter().filter(|sample| sample.labels.get("sloth_service") == one.subject.workload.as_str());
    mine.filter_map(|sample| {
        let promise = one.promises.iter().find(|promise| promise.name == sample.labels.get("sloth_slo"))?;
        let series = Clean::from(RECORDED);
        Some(Found::Recorded { promise: promise.name.clone(), series, is_remaining: true, value: sample.point.value })
    })
    .collect()
}

/// Callers of the new version and of any.
pub(super) fn callers(reply: &Reply) -> Found {
    let count = |arm: &str| reply.data.samples().iter().filter(|one| one.labels.get(ARM_LABEL) == arm).count();
    Found::Callers { new: count("new"), all: count("all") }
}

/// Requests that failed before they reached a pod: those with a response flag.
pub(super) fn unreached(reply: &Reply) -> Found {
    let flagged = reply.data.samples().iter().filter(|one| !matches!(one.labels.get("response_flags"), "" | "-"));
    let over = Duration::from_secs(u64::from(LATELY.seconds()));
    Found::Unreached(over, flagged.map(|one| one.point.value * over.as_secs_f64()).sum())
}

/// One release's part of the board's answer, over each of `windows`.
pub(super) fn rows(source: &Source, one: &Measurable, windows: &[Window], data: &Data) -> Vec<Found> {
    let mut found = Vec::new();
    for window in windows {
        let name = window.to_string();
        let mut versions: BTreeMap<Clean, (f64, f64)> = BTreeMap::new();
        for sample in data.samples().iter().filter(|sample| sample.labels.get(WINDOW_LABEL) == name) {
            if sample.labels.get(source.namespace_label) != one.subject.namespace.as_str() {
                continue;
            }
            let Some(version) = row_version(source, one, &sample.labels) else { continue };
            let count = sample.point.value * f64::from(window.seconds());
            let entry = versions.entry(version).or_default();
            if sample.labels.get(SLI_LABEL) == "bad" { entry.1 += count } else { entry.0 += count }
        }
        if !versions.is_empty() {
            let versions = versions.into_iter().map(|(hash, (all, bad))| (hash, all, bad)).collect();
            found.push(Found::Row(Duration::from_secs(u64::from(window.seconds())), versions));
        }
    }
    found
}

fn row_version(source: &Source, one: &Measurable, labels: &Labels) -> Option<Clean> {
    let owner = labels.get(OWNER_LABEL);
    if !owner.is_empty() {
        return one.subject.versions.iter().find(|version| version.replica_set == owner).map(|version| version.hash.clone());
    }
    if let Some(place) = source.version_of(&one.subject, labels) {
        return one.subject.versions.get(place).map(|version| version.hash.clone());
    }
    // A mesh that can't tell versions apart still tells what the workload does as a whole.
    let workload = [labels.get("destination_workload"), labels.get("deployment")].into_iter().find(|name| !name.is_empty())?;
    let old = one.subject.versions.iter().find(|version| version.part == Part::Old);
    one.subject.workloads().contains(&workload).then(|| old.map(|version| version.hash.clone())).flatten()
}

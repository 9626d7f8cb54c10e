//! How a release went by minutes: the new version's measured share, and the requests it failed so far.
//! Refuses to draw minutes that were not counted: they stay blank, and what came before the first is said.

use chrono::TimeDelta;
use ratatui::text::Line;

use super::{Chart, Curve, LEAST, ceiling};
use crate::release::telemetry::{Minute, Telemetry};
use crate::release::{Release, Time};
use crate::theme::{Glyph, Role};
use crate::view::format::{duration, fold_to, moment, rounded};
use crate::view::paint::Paint;

/// A chart is never about less.
const SHORTEST: TimeDelta = TimeDelta::minutes(30);
/// So much of the time before a release stands beside it.
const BEFORE: TimeDelta = TimeDelta::minutes(5);

/// When the release began, as far as its objects or counts tell: its new version was made, or got its first requests where it was made for an
/// earlier release.
pub(super) fn began(release: &Release) -> Option<Time> {
    if !release.under_way {
        return None;
    }
    let made = |new: bool| release.versions.iter().filter(|version| version.runs_new == new).filter_map(|version| version.created).max();
    let (new, old) = (made(true), made(false));
    if new > old {
        return new;
    }
    let minutes = &release.telemetry.as_deref()?.minutes;
    let first = minutes.iter().position(|minute| minute.share.is_some_and(|share| share > 0.0))?;
    // Where it got requests from the first minute on, it began earlier.
    (first > 0).then(|| minutes.get(first).map(|minute| minute.at)).flatten()
}

/// The new version's share of requests over time, with a heading, in `height` lines.
pub fn share(release: &Release, paint: &Paint<'_>, room: usize, height: usize) -> Vec<Line<'static>> {
    let Some((minutes, from)) = minutes(release, paint.now) else { return Vec::new() };
    if minutes.iter().all(|minute| minute.share.is_none()) {
        return Vec::new();
    }
    let most = minutes.iter().filter_map(|minute| minute.share).fold(0.0, f64::max);
    let top = [0.05, 0.1, 0.2, 0.5].into_iter().find(|top| *top >= most).unwrap_or(1.0);
    let points = minutes.iter().map(|minute| (minute.at, minute.share));
    let ticks = vec![(top, format!("{:.0} %", top * 100.0)), (0.0, "0 %".to_owned())];
    let heading = format!("{} share of requests, measured", Glyph::New.utf8());
    drawn(release, paint, (heading, Role::VersionNew), chart(runs(points), Role::VersionNew, Glyph::New, top, ticks, from), (room, height))
}

/// The requests that the new version failed so far, with a heading, in `height` lines.
pub fn failed(release: &Release, paint: &Paint<'_>, room: usize, height: usize) -> Vec<Line<'static>> {
    let Some((minutes, from)) = minutes(release, paint.now) else { return Vec::new() };
    let Some(most) = minutes.last().map(|minute| minute.failed) else { return Vec::new() };
    let least = if release.telemetry.as_ref().is_some_and(|telemetry| telemetry.at_least) { "at least " } else { "" };
    let earlier = minutes.first().map(|minute| minute.at).filter(|first| began(release).is_some_and(|began| began < *first));
    let before = earlier.map(|at| format!("; by minutes from {} on", moment(at, paint.now, paint.zone))).unwrap_or_default();
    let top = ceiling(most).max(10.0);
    let points = minutes.iter().map(|minute| (minute.at, Some(minute.failed)));
    let ticks = vec![(top, rounded(top)), (0.0, "0".to_owned())];
    let heading = format!("{} requests failed so far: {least}{}{before}", Glyph::Failed.utf8(), rounded(most));
    drawn(release, paint, (heading, Role::Text), chart(runs(points), Role::VersionNew, Glyph::Failed, top, ticks, from), (room, height))
}

/// The requests that failed by the end of each of the last minutes, oldest first: what a line of levels shows where a curve has no room.
pub fn failed_by_minute(release: &Release, now: Time) -> Vec<Option<f64>> {
    let Some((minutes, _)) = minutes(release, now) else { return Vec::new() };
    let last = now.timestamp().div_euclid(60);
    let of = |at: i64| minutes.iter().find(|minute| minute.at.timestamp() == at * 60).map(|minute| minute.failed);
    (last - SHORTEST.num_minutes() + 1..=last).map(of).collect()
}

/// The minutes to be shown, and where the time begins; `None` while there are not two.
fn minutes(release: &Release, now: Time) -> Option<(&[Minute], Time)> {
    let telemetry: &Telemetry = release.telemetry.as_deref().filter(|_| release.under_way)?;
    let (first, last) = (telemetry.minutes.first()?.at, telemetry.minutes.last()?.at);
    let from = began(release).map_or(first, |began| began - BEFORE).max(first).min(now - SHORTEST);
    let at = telemetry.minutes.partition_point(|minute| minute.at < from);
    (first < last).then(|| (telemetry.minutes.get(at..).unwrap_or_default(), from)).filter(|(minutes, _)| !minutes.is_empty())
}

/// Stretches without a gap: a minute that was not counted, or without enough requests to tell, ends one.
fn runs(points: impl Iterator<Item = (Time, Option<f64>)>) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut is_open = false;
    for (at, value) in points {
        let Some(value) = value else {
            is_open = false;
            continue;
        };
        // In the middle of its minute.
        let at = at.timestamp() as f64 + 30.0;
        match runs.last_mut().filter(|run| is_open && run.last().is_some_and(|(last, _)| at - last < 90.0)) {
            Some(run) => run.push((at, value)),
            None => runs.push(vec![(at, value)]),
        }
        is_open = true;
    }
    runs
}

fn chart(runs: Vec<Vec<(f64, f64)>>, role: Role, twin: Glyph, top: f64, ticks: Vec<(f64, String)>, from: Time) -> Chart {
    let curves = runs.into_iter().map(|points| Curve { points, role, twin }).collect();
    Chart { curves, x: [from.timestamp() as f64; 2], y: [0.0, top], ticks, rule: None, mark: None, ends: [String::new(), "now".to_owned()] }
}

fn drawn(
    release: &Release,
    paint: &Paint<'_>,
    (heading, role): (String, Role),
    mut chart: Chart,
    (room, height): (usize, usize),
) -> Vec<Line<'static>> {
    let [from, _] = chart.x;
    let now = paint.now.timestamp();
    // As a whole minute is counted before it is over, the last point may lie ahead of now.
    chart.x[1] = now.max(from as i64 + 60) as f64 + 30.0;
    chart.mark = began(release).map(|at| at.timestamp() as f64).filter(|at| *at > from);
    chart.ends[0] = format!("{} ago", duration((now - from as i64 + 30) / 60 * 60));
    let mut lines: Vec<Line<'static>> =
        fold_to(&heading, room, 2).into_iter().map(|line| Line::from(paint.span(role, paint.twins(&line).into_owned()))).collect();
    let left = height.saturating_sub(lines.len());
    let curve = if left < LEAST { Vec::new() } else { chart.lines(paint, room, left) };
    if curve.is_empty() {
        return Vec::new();
    }
    lines.extend(curve);
    lines
}

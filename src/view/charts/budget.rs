//! The burn-down of an error budget: what was left over the window, where the release began, and what it took.
//! Refuses to draw what is not known as untouched: a stretch before the first figure is left out, and said.

use ratatui::text::Line;

use super::{Chart, Curve};
use crate::release::telemetry::BudgetState;
use crate::release::{Release, Time};
use crate::slo::burndown::BurnDown;
use crate::theme::{Glyph, Role};
use crate::view::format::{budget_left, duration, moment, seconds, width, window};
use crate::view::paint::Paint;

/// The fewest lines that a chart is worth: four of curve, one of time.
pub const LEAST: usize = 5;

/// A heading and the chart in `height` lines; nothing where there is no course or no room.
pub fn burn_down(release: &Release, one: &BudgetState, paint: &Paint<'_>, room: usize, height: usize) -> Vec<Line<'static>> {
    let Some(course) = &one.burn_down else { return Vec::new() };
    let began = super::course::began(release).filter(|at| *at > course.from);
    let said = [Some((Role::Dim, heading(course, one, paint.now))), took(release, one, paint).map(|own| (Role::VersionNew, own))];
    let said = said.into_iter().flatten().filter_map(|(role, words)| Some((role, words.into_iter().find(|one| width(one) <= room)?)));
    let mut lines: Vec<Line<'static>> = said.map(|(role, words)| Line::from(paint.span(role, paint.twins(&words).into_owned()))).collect();
    // Where there is little room the curve goes before what the panel says anyhow.
    lines.truncate(height.saturating_sub(LEAST).max(1));
    let left = height.saturating_sub(lines.len());
    if left < LEAST {
        return Vec::new();
    }
    let drawn = chart(course, began, paint).lines(paint, room, left);
    if drawn.is_empty() {
        return Vec::new();
    }
    lines.extend(drawn);
    lines
}

/// `Left of the budget over 30 d`, or how far back it is known; the longest first.
fn heading(course: &BurnDown, one: &BudgetState, now: Time) -> Vec<String> {
    let (long, short) = if course.is_at_most { ("At most left of the budget", "At most left") } else { ("Left of the budget", "Left") };
    if course.is_whole {
        let of = one.period.map_or_else(|| format!("over {}", window(one.objective.window())), |period| format!("of {}", period.name()));
        let long = if one.period.is_some() { long.trim_end_matches(" of the budget") } else { long };
        return [long, short].map(|what| format!("{what} {of}")).to_vec();
    }
    let last = about(seconds(course.from, now));
    let [long, short] = [long, short].map(|what| format!("{what}, last {last}"));
    vec![format!("{long}; before that is not known"), format!("{short}; before: not known"), short]
}

/// Whole minutes of an hour, hours of two days, else days: a caption that does not count.
fn about(seconds: i64) -> String {
    match seconds {
        ..5400 => duration((seconds + 30) / 60 * 60),
        5400..172_800 => format!("{} h", (seconds + 1800) / 3600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    }
}

/// What the release took of the whole, the longest first. What it took before its minutes were counted is not in it, so that it is told since when.
fn took(release: &Release, one: &BudgetState, paint: &Paint<'_>) -> Option<Vec<String>> {
    let own = one.own.filter(|_| release.under_way)? * 100.0;
    let sign = Glyph::New.utf8();
    let counted = release.telemetry.as_deref()?.minutes.first().map(|minute| minute.at);
    let since =
        super::course::began(release).max(counted).map(|at| format!(" since {}", moment(at, paint.now, paint.zone))).unwrap_or_default();
    let part = match own {
        ..=0.0 => return Some(vec![format!("{sign} this release took none of it{since}"), format!("{sign} this release took none of it")]),
        ..0.05 => "less than 0.1".to_owned(),
        ..9.95 => format!("about {own:.1}"),
        _ => format!("about {own:.0}"),
    };
    Some(vec![
        format!("{sign} this release took {part} % of it{since}"),
        format!("{sign} this release took {part} %{since}"),
        format!("{sign} it took {part} %{since}"),
    ])
}

fn chart(course: &BurnDown, began: Option<Time>, paint: &Paint<'_>) -> Chart {
    let at = |at: Time| at.timestamp() as f64;
    let lowest = lowest(course.lowest());
    let mut curves = Vec::new();
    for run in course.runs() {
        let points: Vec<(f64, f64)> = run.iter().map(|(when, left)| (at(*when), left.clamp(lowest, 1.0))).collect();
        let split = began.map_or(points.len(), |began| points.partition_point(|(when, _)| *when < at(began)));
        let (before, since) = points.split_at(split);
        curves.extend(parts(before, Role::Text, Glyph::Old));
        // The stroke that leads into the release belongs to it.
        let joint = before.last().into_iter().chain(since).copied().collect::<Vec<_>>();
        curves.extend(parts(if since.is_empty() { &[] } else { &joint }, Role::VersionNew, Glyph::New));
    }
    let mut ticks = vec![(1.0, "100 %".to_owned()), (0.0, "0 %".to_owned())];
    if lowest < 0.0 {
        ticks.push((lowest, budget_left(lowest)));
    }
    let ends = [format!("{} ago", about(seconds(course.from, paint.now))), "now".to_owned()];
    let to = paint.now.max(course.to);
    Chart {
        curves,
        x: [at(course.from), at(to).max(at(course.from) + 1.0)],
        y: [lowest, 1.0],
        ticks,
        rule: Some(0.0),
        mark: began.map(at),
        ends,
    }
}

/// The points as they are, and what lies below nothing in a look of its own.
fn parts(points: &[(f64, f64)], role: Role, twin: Glyph) -> Vec<Curve> {
    if points.is_empty() {
        return Vec::new();
    }
    let mut crossed: Vec<(f64, f64)> = Vec::with_capacity(points.len() + 2);
    for (at, left) in points {
        if let Some((then, before)) = crossed.last().copied().filter(|(_, before)| before * left < 0.0) {
            crossed.push((then + (at - then) * before / (before - left), 0.0));
        }
        crossed.push((*at, *left));
    }
    let below: Vec<Vec<(f64, f64)>> =
        crossed.split(|(_, left)| *left > 0.0).filter(|run| run.iter().any(|(_, left)| *left < 0.0)).map(<[(f64, f64)]>::to_vec).collect();
    let all = Curve { points: crossed, role, twin };
    std::iter::once(all).chain(below.into_iter().map(|points| Curve { points, role: Role::Danger, twin: Glyph::Failed })).collect()
}

/// The foot of the scale: nothing left, or a round number of quarters below it. So far below that the rest would be flat is not told apart.
fn lowest(left: f64) -> f64 {
    let steps = [0.0, -0.25, -0.5, -1.0, -2.0];
    steps.into_iter().find(|step| *step <= left).unwrap_or(-4.0)
}

//! New against old over the same minutes: requests, errors with their interval, latencies.
//! Never judges: it says which is worse, by how much, and whether chance could explain it.

use ratatui::text::Line;

use super::budget::via;
use super::row::Row;
use super::scene::Scene;
use crate::release::telemetry::{Arm, Comparison, Telemetry};
use crate::release::words::aged;
use crate::slo::exposure::FEWEST_REQUESTS;
use crate::slo::interval::{newcombe, wilson};
use crate::slo::quantile::Quantile;
use crate::slo::verdict::Bad;
use crate::slo::{Outcome, Reading};
use crate::theme::{Glyph, Role};
use crate::view::format::{duration, error_ratio, latency, rounded, times};

/// Whether there is anything to compare.
pub fn of<'a>(scene: &'a Scene) -> Option<&'a Comparison> {
    let telemetry = scene.release.telemetry.as_ref()?;
    telemetry.comparison.as_ref().filter(|_| scene.release.under_way)
}

/// What stands behind the title.
pub fn behind(scene: &Scene, both: &Comparison) -> String {
    let told = |telemetry: &Telemetry| (aged(telemetry, scene.paint.now), via(scene, telemetry));
    let (aged, via) = scene.release.telemetry.as_deref().map(told).unwrap_or_default();
    format!("last {}{aged}{via}", duration(i64::try_from(both.covers.as_secs()).unwrap_or(i64::MAX)))
}

/// The panel's lines.
pub fn lines(scene: &Scene, both: &Comparison, room: usize) -> Vec<Line<'static>> {
    let columns = Columns::of(room);
    let mut lines = vec![head(scene, &columns)];
    lines.push(requests(scene, both, &columns));
    lines.push(ratios(scene, "failed", [both.old.seen.value(), both.new.seen.value()], &columns, room));
    // What is promised of latency is judged by its own counts: they are what a verdict on it rests on.
    let budgets = scene.release.telemetry.iter().flat_map(|telemetry| &telemetry.budgets);
    for (new, old) in budgets.filter(|one| one.bad == Bad::Slow).filter_map(|one| one.split).take(2) {
        lines.push(ratios(scene, "too slow", [Some(old), Some(new)], &columns, room));
    }
    for (name, of) in [("p50", (|arm: &Arm| arm.p50) as fn(&Arm) -> Option<Reading<Quantile>>), ("p99", |arm: &Arm| arm.p99)] {
        if let (Some(old), Some(new)) = (of(&both.old), of(&both.new)) {
            let many = [&both.old, &both.new].iter().all(|arm| arm.seen.value().is_some_and(|seen| seen.total >= FEWEST_REQUESTS));
            lines.push(quantile(scene, (name, many), old, new, &columns, room));
        }
    }
    lines
}

/// Where the two figures end.
struct Columns {
    old: usize,
    new: usize,
    /// Whether there is room for the give-or-take.
    wide: bool,
}

impl Columns {
    fn of(room: usize) -> Self {
        if room >= 52 { Self { old: 20, new: 38, wide: true } } else { Self { old: 18, new: 28, wide: false } }
    }
}

fn head(scene: &Scene, columns: &Columns) -> Line<'static> {
    let old = format!("{} old", scene.paint.glyph(Glyph::Old));
    let new = format!("{} new", scene.paint.glyph(Glyph::New));
    Row::new(scene.paint).until(columns.old, Role::VersionOld, old).until(columns.new, Role::VersionNew, new).line()
}

fn requests(scene: &Scene, both: &Comparison, columns: &Columns) -> Line<'static> {
    let said = |arm: &Arm| match arm.seen {
        Reading::Value(seen) => (Role::Text, rounded(seen.total)),
        Reading::NoTraffic => (Role::Warning, "none".to_owned()),
        Reading::NoData(_) => (Role::Warning, "no data".to_owned()),
    };
    let ((old_role, old), (new_role, new)) = (said(&both.old), said(&both.new));
    Row::new(scene.paint).text("requests").until(columns.old, old_role, old).until(columns.new, new_role, new).line()
}

/// The share of bad requests, of the old version and of the new one.
fn ratios(scene: &Scene, name: &'static str, seen: [Option<Outcome>; 2], columns: &Columns, room: usize) -> Line<'static> {
    let [old, new] = seen.map(|one| one.and_then(|seen| wilson(seen).map(|interval| (seen, interval))));
    let said = |one: Option<(Outcome, crate::slo::interval::Interval)>| {
        one.map_or_else(|| scene.paint.glyph(Glyph::Dash).to_owned(), |(_, interval)| error_ratio(interval.observed))
    };
    let give = |one: Option<(Outcome, crate::slo::interval::Interval)>| {
        one.filter(|_| columns.wide).map_or_else(String::new, |(_, interval)| {
            let half = interval.half_width() * 100.0;
            let decimals = if half < 10.0 { 2 } else { 0 };
            format!(" {}{half:.decimals$}", scene.paint.glyph(Glyph::PlusMinus))
        })
    };
    let mut row = Row::new(scene.paint).text(name).until(columns.old, Role::Text, said(old)).dim(give(old));
    row = row.until(columns.new, Role::Strong, said(new)).dim(give(new));
    let (Some((old, was)), Some((new, is))) = (old, new) else { return row.line() };
    let sure = newcombe(new, old).is_some_and(|difference| !difference.holds(0.0));
    let (glyph, role) = match (sure, is.observed > was.observed) {
        (true, true) => (Glyph::Worse, Role::Danger),
        (true, false) => (Glyph::Better, Role::VerdictPass),
        (false, _) => (Glyph::Same, Role::Dim),
    };
    let factor = if sure { times(was.observed, is.observed).unwrap_or_default() } else { String::new() };
    row.until(room, role, format!("{} {factor}", scene.paint.glyph(glyph)).trim_end()).line()
}

fn quantile(
    scene: &Scene,
    (name, many): (&'static str, bool),
    old: Reading<Quantile>,
    new: Reading<Quantile>,
    columns: &Columns,
    room: usize,
) -> Line<'static> {
    let said = |one: Reading<Quantile>| match one {
        Reading::Value(Quantile::At(seconds)) => latency(seconds),
        Reading::Value(Quantile::Over(bound)) => format!("> {}", latency(bound)),
        Reading::NoTraffic | Reading::NoData(_) => scene.paint.glyph(Glyph::Dash).to_owned(),
    };
    let row = Row::new(scene.paint).text(name).until(columns.old, Role::Text, said(old)).until(columns.new, Role::Text, said(new));
    match (old, new) {
        (Reading::Value(Quantile::At(was)), Reading::Value(Quantile::At(is))) if was > 0.0 && many => {
            let factor = is / was;
            // A quantile out of buckets is no nearer than about a fifth: less than that is no news.
            let (glyph, role) = match factor {
                1.25.. => (Glyph::Worse, Role::Warning),
                ..0.8 => (Glyph::Better, Role::Dim),
                _ => (Glyph::Same, Role::Dim),
            };
            row.until(room, role, format!("{} {factor:.1}x", scene.paint.glyph(glyph))).line()
        }
        _ => row.line(),
    }
}

//! The error budget: what is left, how fast it goes, and how much of that is this release's doing.
//! Never green on a gap: what is not measured says so, and what would make it measurable.

mod short;

use std::time::Duration;

use ratatui::text::Line;

use super::row::Row;
use super::scene::Scene;
use crate::release::telemetry::{BudgetFrom, BudgetState, Metering, Telemetry};
use crate::release::words::{aged, burning, dated, emptied, filled, grouped, is_at_most, resets, span_of};
use crate::slo::burn::Burn;
use crate::slo::tier::{Severity, State};
use crate::slo::{Gap, Reading};
use crate::theme::{Glyph, Role};
use crate::view::format::{age, budget_left, burn, clip, exact, fold, fold_to, rounded, seconds, seconds_left, target, width, window};

pub use short::short;

/// Title and what stands behind it.
pub fn title(scene: &Scene) -> (String, String) {
    let name = "Error budget".to_owned();
    let Some(telemetry) = &scene.release.telemetry else { return (name, "not measured".to_owned()) };
    let behind = match telemetry.by_weight().first() {
        Some(one) => {
            let objective = &one.objective;
            format!("{} {} · {}{}", scene.veiled(objective.name()), target(objective.target()), span_of(one), via(scene, telemetry))
        }
        None => "not measured".to_owned(),
    };
    (name, behind)
}

/// ` · via the API server`: the way figures come by, behind a title; nothing where it is the program's own.
pub fn via(scene: &Scene, telemetry: &Telemetry) -> String {
    match &telemetry.metering {
        Metering::Live(counted) if !counted.way.is_empty() => format!(" · via {}", scene.veiled(&counted.way)),
        _ => String::new(),
    }
}

/// The panel's lines.
pub fn lines(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let Some(telemetry) = &scene.release.telemetry else {
        return said(
            scene,
            Role::Dim,
            "Not measured: no Prometheus is named. --prometheus URL, or [prometheus] in config.toml, makes it so.",
            room,
        );
    };
    let mut lines = trouble(scene, telemetry, room);
    let fresh = matches!(telemetry.metering, Metering::Live(_));
    // Without a metric there is nothing to say of each.
    let told = telemetry.by_weight().into_iter().filter(|one| fresh || one.as_of.is_some() || one.left.value().is_some());
    for (n, one) in told.enumerate() {
        if n > 0 {
            let head = format!("{}  {} · {}", one.objective.name(), target(one.objective.target()), span_of(one));
            lines.push(Row::new(scene.paint).put(Role::Header, scene.veiled(&head)).line());
        }
        lines.extend(one_budget(scene, one, fresh, room));
    }
    if telemetry.budgets.is_empty() && lines.is_empty() {
        let key = &scene.release.key;
        let words = format!("No objective of {}/{} is known yet: the cluster and Prometheus are being asked.", key.namespace, key.name);
        lines.extend(said(scene, Role::Dim, &scene.veiled(&words), room));
    }
    lines
}

/// What keeps it from being measured, in words.
fn trouble(scene: &Scene, telemetry: &Telemetry, room: usize) -> Vec<Line<'static>> {
    match &telemetry.metering {
        Metering::Live(_) => Vec::new(),
        Metering::Unnamed => said(scene, Role::Dim, "Not measured: no Prometheus is named.", room),
        Metering::Unfound(sentence) => said(scene, Role::Dim, &scene.veiled(&format!("Not measured: {sentence}")), room),
        Metering::Waiting(_) => said(scene, Role::Dim, "Not measured yet: Prometheus is being asked.", room),
        Metering::NoMetrics(looked_for) => {
            let words = format!("No data: no metric counts its requests. Looked for {looked_for}.");
            said(scene, Role::Warning, &scene.veiled(&words), room)
        }
        Metering::Failing { word, sentence, retry_at } => {
            let left = seconds_left(scene.paint.now, *retry_at);
            let again = if left > 0 { format!(", again in {left} s") } else { ", asked again now".to_owned() };
            // Its word may be one about what answered, and is no sentence with a subject.
            let mut lines = said(scene, Role::Warning, &scene.veiled(&format!("No data: {word}{again}")), room);
            if telemetry.budgets.iter().all(|one| one.as_of.is_none()) {
                lines.extend(said(scene, Role::Warning, &scene.veiled(sentence), room));
            }
            lines
        }
    }
}

fn one_budget(scene: &Scene, one: &BudgetState, fresh: bool, room: usize) -> Vec<Line<'static>> {
    let mut lines = vec![left(scene, one, room)];
    // How fast it goes matters more than how that is known, where both do not fit.
    lines.extend(burns(scene, one, room));
    lines.extend(basis(scene, one, room));
    if let Some((long, short)) = one.tiers.iter().find_map(|(tier, state)| (*state == State::Fires).then_some((tier.long, tier.short))) {
        let word = if one.fires == Some(Severity::Page) { "pages" } else { "opens a ticket" };
        let words = format!("{} {word}: over {} and {}", scene.paint.glyph(Glyph::Worse), window(long), window(short));
        lines.push(Row::new(scene.paint).put(Role::Danger, words).line());
    }
    if let Some(words) = emptied(one, scene.paint.now) {
        lines.push(Row::new(scene.paint).text(words).line());
    }
    if scene.release.under_way {
        lines.extend(whose(scene, one, room));
    }
    if one.trend.iter().any(Option::is_some) {
        lines.push(trend(scene, &one.trend, "5 m burn, last 30 min", room));
    }
    if let Some(at) = one.as_of.filter(|at| !fresh || seconds(*at, scene.paint.now) >= 90) {
        lines.push(Row::new(scene.paint).put(Role::Warning, format!("as of {} ago", age(seconds(at, scene.paint.now)))).line());
    }
    lines
}

/// `61 % left   ████████████▋░░░░░░░`, or `2 of 7 allowed errors` where percentages mean little.
fn left(scene: &Scene, one: &BudgetState, room: usize) -> Line<'static> {
    let budget = match one.left {
        Reading::Value(budget) => budget,
        _ => return gap(scene, one.left.gap(), room),
    };
    let words = match budget.events.filter(|_| budget.low_traffic()) {
        Some(events) => events.to_string(),
        None => {
            format!("{}{} left", if is_at_most(one) { "at most " } else { "" }, budget_left(budget.remaining))
        }
    };
    let words = format!("{words}{}", dated(one.left_at, scene.paint.now));
    let role = if budget.remaining <= 0.0 { Role::Danger } else { Role::Strong };
    let row = Row::new(scene.paint).put(role, words).text("  ");
    let bar_room = room.saturating_sub(row.used());
    if bar_room < 8 {
        return row.line();
    }
    let filled = scene.paint.glyphs.bar(budget.remaining.clamp(0.0, 1.0), bar_room);
    let rest = bar_room.saturating_sub(width(&filled));
    row.put(Role::Text, filled).put(Role::BarTrack, scene.paint.glyph(Glyph::BarTrack).repeat(rest)).line()
}

/// How what is left was found: a recorded series, or a part of the window.
fn basis(scene: &Scene, one: &BudgetState, room: usize) -> Vec<Line<'static>> {
    let origin = &one.provenance;
    let by = if origin.method.is_empty() { "by requests" } else { origin.method.as_str() };
    let words = match &one.from {
        // The person's own objective, and what others record of it: they do not say how.
        Some(BudgetFrom::Recorded(_)) if origin.is_own_file || origin.method.is_empty() => {
            Some(format!("as recorded over {}{}", window(one.objective.window()), filled(one)))
        }
        Some(BudgetFrom::Recorded(_)) => Some(format!("as recorded over {}{}, {by}", window(one.objective.window()), filled(one))),
        Some(BudgetFrom::Counted(length)) if origin.is_by_slices => {
            Some(format!("counted by requests here, last {} only; promised {by}", window(*length)))
        }
        Some(BudgetFrom::Counted(length)) => Some(format!("counted by requests, last {} only", window(*length))),
        Some(BudgetFrom::Since(Some(series))) => Some(format!("mean of {series} since it began{}, whatever the traffic", filled(one))),
        Some(BudgetFrom::Since(None)) => Some(format!("counted by requests since it began{}", filled(one))),
        None => None,
    };
    let period = resets(one, scene.paint.now);
    // What the person wrote needs no telling where it is from.
    let from = (!origin.is_own_file && !origin.from.is_empty()).then(|| origin.from.to_string());
    let unsplit = origin
        .unsplit
        .as_ref()
        .filter(|_| !origin.is_own_file && scene.release.under_way)
        .map(|_| "whole service, not by version".to_owned());
    let dead = one.tiers.iter().filter(|(_, state)| matches!(state, State::Dead(_))).map(|(tier, _)| {
        let word = if tier.severity == Severity::Page { "page" } else { "ticket" };
        format!("the {word} over {} and {} can't fire", window(tier.long), window(tier.short))
    });
    let all = period.into_iter().chain(words).chain(grouped(one)).chain(from).chain(unsplit).chain(dead);
    all.flat_map(|words| fold_to(&scene.veiled(&words), room, 3)).map(|line| Row::new(scene.paint).dim(line).line()).collect()
}

const CELL: usize = 6;

/// The windows above their burns, and the threshold that pages.
fn burns(scene: &Scene, one: &BudgetState, room: usize) -> Vec<Line<'static>> {
    if one.burns.is_empty() {
        return Vec::new();
    }
    // The windows that page; the longer ones are on the `why` screen.
    let fits = (room.saturating_sub(5) / CELL).min(4);
    let mut head = Row::new(scene.paint).text("     ");
    let mut row = Row::new(scene.paint).text("burn ");
    let pages = one.tiers.iter().filter(|(tier, _)| tier.severity == Severity::Page).flat_map(|(tier, _)| [tier.short, tier.long]);
    let pages: Vec<Duration> = pages.collect();
    let has_pages = one.burns.iter().any(|(length, _)| pages.contains(length));
    let shown = one.burns.iter().filter(|(length, _)| !has_pages || pages.contains(length));
    for (length, reading) in shown.take(fits) {
        head = head.dim(format!("{:>CELL$}", window(*length)));
        let (role, text) = match reading {
            Reading::Value(value) => (over(one, *length, *value), burn(value.get())),
            Reading::NoTraffic => (Role::Dim, scene.paint.glyph(Glyph::Dash).to_owned()),
            Reading::NoData(_) => (Role::Warning, "?".to_owned()),
        };
        row = row.put(role, format!("{text:>CELL$}"));
    }
    if let Some((tier, _)) = one.tiers.iter().find(|(tier, state)| tier.severity == Severity::Page && !matches!(state, State::Dead(_))) {
        let words = format!("page {}", exact(tier.threshold.get()));
        if row.used() + width(&words) < room {
            row = row.until(room, Role::Dim, words);
        }
    }
    let mut lines = vec![head.line(), row.line()];
    // The oldest of what is shown speaks for all: no figure is newer than it looks.
    let shown = one.burns.iter().take(fits).filter(|(_, reading)| reading.value().is_some());
    let oldest = shown.filter_map(|(length, _)| one.worked_out.get(length)).min().copied();
    let old = dated(oldest, scene.paint.now);
    if !old.is_empty() {
        lines.push(Row::new(scene.paint).put(Role::Warning, format!("burn as of{}", old.trim_start_matches(','))).line());
    }
    lines
}

/// A burn above the threshold of a tier that looks over this window.
fn over(one: &BudgetState, length: std::time::Duration, value: Burn) -> Role {
    let over = one.tiers.iter().any(|(tier, _)| (tier.long == length || tier.short == length) && value > tier.threshold);
    match () {
        () if over => Role::Danger,
        () if value.get() > 1.0 => Role::Warning,
        () => Role::Text,
    }
}

/// This release's own part, and what it will be once everybody gets it.
fn whose(scene: &Scene, one: &BudgetState, room: usize) -> Vec<Line<'static>> {
    let attribution = match one.attribution {
        Reading::Value(attribution) => attribution,
        Reading::NoTraffic => return said(scene, Role::Dim, "this release's share: no traffic on it", room),
        Reading::NoData(_) => return Vec::new(),
    };
    let mut lines = Vec::new();
    let words = match attribution.attributable {
        Some(own) => format!("this release's share  {} of {}", burn(own.get()), burn(attribution.service.get())),
        None => format!("this release's share: {}", attribution.compared),
    };
    lines.extend(said(scene, Role::Text, &words, room));
    let unsure = one.promotion_unsure().map(|seen| format!("{} of {} failed, too few to say", rounded(seen.bad), rounded(seen.total)));
    let promoted = unsure.clone().unwrap_or_else(|| burn(attribution.if_promoted.get()));
    let mut row = Row::new(scene.paint).text(format!("if promoted  {promoted}"));
    if unsure.is_none()
        && let Some(words) = one.promoted_exhaustion.and_then(burning)
    {
        row = row.until(room, Role::Text, words);
    }
    lines.push(row.line());
    // Both rest on the newest counters of both versions.
    let old = scene.release.telemetry.as_ref().map_or_else(String::new, |telemetry| aged(telemetry, scene.paint.now));
    if !old.is_empty() {
        lines.push(Row::new(scene.paint).put(Role::Warning, format!("share and promotion as of{}", old.trim_start_matches(','))).line());
    }
    lines
}

/// A line of levels with its caption, the highest value the top.
pub fn trend(scene: &Scene, values: &[Option<f64>], caption: &str, room: usize) -> Line<'static> {
    let most = values.iter().flatten().copied().fold(0.0_f64, f64::max);
    let caption = if room >= width(caption) + 12 { format!("  {caption}") } else { String::new() };
    let fits = room.saturating_sub(width(&caption));
    let shown = values.iter().skip(values.len().saturating_sub(fits));
    let levels: String =
        shown.map(|value| value.map_or(" ", |value| scene.paint.glyphs.spark(if most > 0.0 { value / most } else { 0.0 }))).collect();
    Row::new(scene.paint).put(Role::VersionNew, levels).dim(caption).line()
}

fn gap(scene: &Scene, gap: Option<Gap>, room: usize) -> Line<'static> {
    let words = gap.map_or_else(String::new, |gap| crate::release::words::capital(&gap.to_string()));
    Row::new(scene.paint).put(Role::Warning, clip(&words, room)).line()
}

fn said(scene: &Scene, role: Role, words: &str, room: usize) -> Vec<Line<'static>> {
    fold(words, room).into_iter().map(|line| Row::new(scene.paint).put(role, line).line()).collect()
}

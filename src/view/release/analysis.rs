//! New against old as it is counted, then what the controller itself measures, and its experiments.
//! Refuses to judge: conditions, counts and outcomes are the controller's.

use ratatui::text::Line;

use super::compared;
use super::row::Row;
use super::scene::Scene;
use crate::objects::{AnalysisPhase, Kind};
use crate::release::words::{capital, outcome};
use crate::release::{Analysis, AnalysisRole, Experiment, Measured};
use crate::theme::{Glyph, Role};
use crate::view::charts::intervals;
use crate::view::format::{age, fold, fold_to, letter, plural, seconds, share, shorten, width};

/// Whether the controller measures or experiments at all.
pub fn any(scene: &Scene) -> bool {
    !scene.release.analyses.is_empty() || !scene.release.experiments.is_empty()
}

/// Title and what stands behind it.
pub fn title(scene: &Scene) -> (String, String) {
    let release = scene.release;
    if let Some(both) = compared::of(scene) {
        return ("New against old".to_owned(), compared::behind(scene, both));
    }
    match (release.analyses.is_empty(), release.experiments.is_empty()) {
        (true, true) => ("New against old".to_owned(), "not measured".to_owned()),
        (true, false) => ("Experiments".to_owned(), String::new()),
        (false, true) => ("Analysis".to_owned(), "the controller's own".to_owned()),
        (false, false) => ("Analysis and experiments".to_owned(), String::new()),
    }
}

/// The panel's lines, with ranges drawn where `height` has room for them beside everything that is said.
pub fn lines_in(scene: &Scene, room: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines = lines(scene, room);
    if let Some(both) = compared::of(scene) {
        let drawn = intervals(both, scene.paint, room);
        if lines.len().saturating_add(drawn.len()) <= height {
            let below = compared::lines(scene, both, room).len();
            lines.splice(below..below, drawn);
        }
    }
    lines
}

/// The panel's lines.
fn lines(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let mut lines = compared::of(scene).map(|both| compared::lines(scene, both, room)).unwrap_or_default();
    for analysis in &scene.release.analyses {
        run(scene, analysis, room, &mut lines);
    }
    for one in &scene.release.experiments {
        experiment(scene, one, room, &mut lines);
    }
    for kind in [Kind::AnalysisRun, Kind::Experiment] {
        if let Some(why) = scene.missing(kind) {
            lines.extend(fold(&capital(&why), room).into_iter().map(|line| Row::new(scene.paint).put(Role::Warning, line).line()));
        }
    }
    if lines.is_empty() {
        let words = if scene.release.under_way {
            "Not measured: needs a Prometheus that counts requests by version."
        } else {
            "Nothing is being released: there is nothing to compare."
        };
        lines.extend(fold(words, room).into_iter().map(|l| calm(scene, l)));
    }
    lines
}

fn calm(scene: &Scene, words: String) -> Line<'static> {
    Row::new(scene.paint).dim(words).line()
}

/// The sign and the look of an outcome.
pub fn look(phase: AnalysisPhase) -> (Glyph, Role) {
    match phase {
        AnalysisPhase::Successful => (Glyph::Done, Role::VerdictPass),
        AnalysisPhase::Failed | AnalysisPhase::Error => (Glyph::Failed, Role::VerdictFail),
        AnalysisPhase::Running => (Glyph::Now, Role::PhaseProgressing),
        AnalysisPhase::Pending => (Glyph::Next, Role::Dim),
        AnalysisPhase::Inconclusive | AnalysisPhase::Unknown => (Glyph::Unknown, Role::VerdictUnknown),
    }
}

fn role(role: AnalysisRole) -> &'static str {
    match role {
        AnalysisRole::Step => "step",
        AnalysisRole::Background => "background",
        AnalysisRole::PrePromotion => "before switch",
        AnalysisRole::PostPromotion => "after switch",
        AnalysisRole::Experiment => "experiment",
    }
}

fn run(scene: &Scene, one: &Analysis, room: usize, lines: &mut Vec<Line<'static>>) {
    let (glyph, look) = look(one.phase);
    let kind = role(one.role);
    let said = outcome(one.phase);
    let name = shorten(&one.name, room.saturating_sub(width(kind) + width(said) + 6));
    lines.push(
        Row::new(scene.paint).put(look, scene.paint.glyph(glyph)).text(format!(" {kind}  ")).dim(name).until(room, look, said).line(),
    );
    for metric in &one.metrics {
        self::metric(scene, metric, room, false, lines);
    }
    for metric in &one.dry_run {
        self::metric(scene, metric, room, true, lines);
    }
    // The run's message mostly repeats its metric's; it is said where no metric says why.
    if !one.message.is_empty() && one.metrics.iter().all(|m| m.message.is_empty()) {
        lines.extend(fold_to(&scene.veiled(&one.message), room.saturating_sub(2), 3).into_iter().map(|l| calm(scene, format!("  {l}"))));
    }
}

/// Name and how many measurements of how many; below it the last value against its condition, and what went wrong.
fn metric(scene: &Scene, one: &Measured, room: usize, dry: bool, lines: &mut Vec<Line<'static>>) {
    let (glyph, look) = look(one.phase);
    let progress = counts(one);
    let name = shorten(&one.name, room.saturating_sub(width(&progress) + 6));
    let row = Row::new(scene.paint).text("  ").put(if dry { Role::Dim } else { look }, scene.paint.glyph(glyph)).text(" ");
    lines.push(row.put(if dry { Role::Dim } else { Role::Text }, name).until(room, Role::Text, progress).line());
    let left = room.saturating_sub(4);
    let value = one.last.as_deref().unwrap_or(one.without_value());
    let against = if one.condition.is_empty() { String::new() } else { format!("  {}", short(&one.condition)) };
    let when = one.at.map(|at| format!("  {} ago", age(seconds(at, scene.paint.now)))).unwrap_or_default();
    let mut row = Row::new(scene.paint).text("    ").put(if dry { Role::Dim } else { Role::Strong }, shorten(value, left));
    for part in [against, when] {
        if row.used() + width(&part) <= room {
            row = row.dim(part);
        }
    }
    lines.push(row.line());
    let mut more = Vec::new();
    let [_, failed, undecided, errors] = one.counts;
    for (n, word) in [(failed, "failed"), (undecided, "undecided"), (errors, "could not be taken")] {
        if n > 0 {
            more.push(format!("{n} {word}"));
        }
    }
    if dry {
        more.push("dry run: decides nothing".to_owned());
    }
    if !one.message.is_empty() {
        more.push(scene.veiled(&one.message));
    }
    lines.extend(fold_to(&more.join(", "), left, 2).into_iter().map(|l| calm(scene, format!("    {l}"))));
}

/// `3 of 5`: measurements taken of those wanted.
fn counts(one: &Measured) -> String {
    let taken: i64 = one.counts.iter().sum();
    one.wanted.map_or_else(|| plural(taken, "value"), |wanted| format!("{taken} of {wanted}"))
}

/// A condition without what every condition begins with: `result[0] >= 0.95` says `>= 0.95` to a reader.
fn short(condition: &str) -> String {
    let rest = condition.trim().strip_prefix("result").map(|rest| rest.strip_prefix("[0]").unwrap_or(rest).trim_start());
    match rest {
        Some(rest) if rest.starts_with(['<', '>', '=', '!']) && !rest.contains("result") => rest.to_owned(),
        _ => condition.to_owned(),
    }
}

fn experiment(scene: &Scene, one: &Experiment, room: usize, lines: &mut Vec<Line<'static>>) {
    let (glyph, look) = look(one.phase);
    let said = outcome(one.phase);
    let name = shorten(&one.name, room.saturating_sub(width(said) + 16));
    lines.push(Row::new(scene.paint).put(look, scene.paint.glyph(glyph)).text(" experiment  ").dim(name).until(room, look, said).line());
    for arm in &one.arms {
        let images = arm.images.iter().map(|i| crate::view::format::tag(i)).collect::<Vec<_>>().join(", ");
        let gets = arm.share.as_ref().map_or_else(|| "?".to_owned(), |s| format!("{} {}", share(s.value, s.label), letter(s.label)));
        let pods = format!("{}  {gets}", plural(arm.available, "pod"));
        let row = Row::new(scene.paint).text("    ").text(shorten(&arm.name, 14)).to(20);
        let left = room.saturating_sub(row.used() + width(&pods) + 1);
        lines.push(row.dim(shorten(&images, left)).until(room, Role::Text, pods).line());
    }
    if !one.message.is_empty() {
        lines.extend(fold_to(&scene.veiled(&one.message), room.saturating_sub(4), 2).into_iter().map(|l| calm(scene, format!("    {l}"))));
    }
}

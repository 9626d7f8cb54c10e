//! The ladder: every step with where it stands, what it makes of the share, and the countdown of the current one.
//! Refuses to count by itself: moments and shares come from the release.

use ratatui::text::Line;

use super::row::Row;
use super::scene::Scene;
use super::words_ladder;
use crate::release::words::{rung, step};
use crate::release::{CountdownKind, Step, StepKind, StepState};
use crate::theme::{Glyph, Role};
use crate::view::format::{countdown, seconds_left, shorten, times, told, width};

/// Title and what stands behind it.
pub fn title(scene: &Scene) -> (String, String) {
    let none = if scene.release.abort.is_some() { "aborted" } else { "" };
    let place = rung(scene.release).map_or_else(
        || none.to_owned(),
        |(n, of)| if scene.release.under_way { format!("{n} of {of}") } else { format!("{n} of {of} done") },
    );
    ("Steps".to_owned(), place)
}

/// Where the current rung stands in the lines, to keep it in sight.
pub fn anchor(scene: &Scene) -> usize {
    scene.release.steps.iter().position(|s| s.state == StepState::Current).unwrap_or(0)
}

/// The ladder, one line a step.
pub fn lines(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<_> = if scene.release.steps.is_empty() {
        words_ladder::lines(scene, room)
    } else {
        scene.release.steps.iter().map(|step| line(scene, step, room)).collect()
    };
    for (kind, words) in [(CountdownKind::ProgressDeadline, "called stuck in"), (CountdownKind::ScaleDown, "pods kept warm for")] {
        if let Some(at) = scene.release.countdowns.iter().filter(|c| c.kind == kind).map(|c| c.at).min() {
            let left = countdown(seconds_left(scene.paint.now, at));
            lines.push(Row::new(scene.paint).text("  ").dim(words).until(room, Role::Dim, left).line());
        }
    }
    lines
}

fn line(scene: &Scene, one: &Step, room: usize) -> Line<'static> {
    let (glyph, mark, words) = look(state(scene, one));
    let (role, beside) = beside(scene, one);
    let left = room.saturating_sub(2 + if beside.is_empty() { 0 } else { width(&beside) + 1 });
    Row::new(scene.paint)
        .put(mark, scene.paint.glyph(glyph))
        .text(" ")
        .put(words, shorten(&scene.veiled(&step(one)), left))
        .until(room, role, beside)
        .line()
}

/// Where a step stands; after an abort the controller's index is back at the first step, and nobody stands there.
fn state(scene: &Scene, one: &Step) -> StepState {
    if scene.release.abort.is_some() && one.state == StepState::Current { StepState::Ahead } else { one.state }
}

/// The sign of a state, its look, and the look of the words beside it.
pub fn look(state: StepState) -> (Glyph, Role, Role) {
    match state {
        StepState::Done => (Glyph::Done, Role::PhaseHealthy, Role::Dim),
        StepState::Current => (Glyph::Now, Role::PhaseProgressing, Role::Strong),
        StepState::Ahead => (Glyph::Next, Role::Dim, Role::Text),
    }
}

fn beside(scene: &Scene, step: &Step) -> (Role, String) {
    let countdowns = &scene.release.countdowns;
    if step.state == StepState::Current {
        let kind = if matches!(step.kind, StepKind::Experiment(_)) { CountdownKind::Experiment } else { CountdownKind::Pause };
        return match countdowns.iter().find(|c| c.kind == kind) {
            Some(c) => (Role::Strong, format!("{} left", countdown(seconds_left(scene.paint.now, c.at)))),
            None if matches!(step.kind, StepKind::Pause(None)) => (Role::PhasePaused, String::new()),
            None => (Role::Text, String::new()),
        };
    }
    match (step.state, step.share_after) {
        (StepState::Ahead, Some(to)) => (Role::Text, change(scene, to)),
        _ => (Role::Text, String::new()),
    }
}

/// What a share of `to` means against what is exposed now: `→ 2.5x`, or the share where nothing is exposed yet.
fn change(scene: &Scene, to: f64) -> String {
    let from = scene.release.exposure.headline.as_ref().map_or(0.0, |share| share.value);
    times(from, to).map_or_else(|| format!("→ {}", told(to)), |factor| format!("→ {factor}"))
}

/// The ladder in two lines: one sign a step, then the step one stands on.
pub fn strip(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let steps = &scene.release.steps;
    if steps.is_empty() {
        return words_ladder::strip(scene, room);
    }
    let mut row = Row::new(scene.paint);
    let at = anchor(scene);
    let first = if steps.len() * 4 > room { at.saturating_sub(3) } else { 0 };
    if first > 0 {
        row = row.dim(format!("{first} done  "));
    }
    for (i, one) in steps.iter().enumerate().skip(first) {
        let (glyph, mark, words) = look(state(scene, one));
        let name = short(one);
        let rest = steps.len() - i;
        if row.used() + width(&name) + 3 + if rest > 1 { 9 } else { 0 } > room {
            row = row.dim(format!("+{rest} more"));
            break;
        }
        row = row.put(mark, scene.paint.glyph(glyph)).put(words, format!(" {name}")).text("  ");
    }
    let mut lines = vec![row.line()];
    if let Some(current) = steps.iter().find(|s| state(scene, s) == StepState::Current) {
        let (glyph, mark, words) = look(state(scene, current));
        let (role, beside) = self::beside(scene, current);
        let name = shorten(&scene.veiled(&step(current)), room.saturating_sub(6 + width(&beside)));
        let row = Row::new(scene.paint).put(mark, scene.paint.glyph(glyph)).text(" ").put(words, name).text("  ").put(role, beside);
        let then = steps.get(at + 1).map(|next| {
            let (_, change) = self::beside(scene, next);
            format!("   then {} {change}", scene.veiled(&step(next)))
        });
        let then = then.filter(|then| row.used() + width(then.trim_end()) <= room).unwrap_or_default();
        lines.push(row.dim(then.trim_end()).line());
    }
    lines
}

/// A step in one short word: `20`, `5m`, `analysis`.
fn short(one: &Step) -> String {
    match &one.kind {
        StepKind::SetWeight(weight) => weight.to_string(),
        StepKind::Pause(Some(seconds)) => crate::view::format::duration(*seconds).replace(' ', ""),
        StepKind::Pause(None) => "pause".to_owned(),
        StepKind::SetCanaryScale(_) => "scale".to_owned(),
        StepKind::Analysis(_) => "analysis".to_owned(),
        StepKind::Experiment(_) => "experiment".to_owned(),
        StepKind::SetHeaderRoute(_) => "header".to_owned(),
        StepKind::SetMirrorRoute(_) => "mirror".to_owned(),
        StepKind::Plugin(_) => "plugin".to_owned(),
        StepKind::Round(at, _) => format!("round {at}"),
        StepKind::Promote => "promote".to_owned(),
        StepKind::Unknown(word) => word.to_string(),
    }
}

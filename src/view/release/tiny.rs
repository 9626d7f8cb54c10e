//! The cockpit without frames, for the smallest terminals: one line a question, in the order people ask them.
//! Refuses to scroll: what does not fit is one key away in the full panels.

use ratatui::text::Line;

use super::row::Row;
use super::scene::Scene;
use super::{budget, exposure, grid, steps, timeline, versions};
use crate::release::words::{rung, step};
use crate::release::{CountdownKind, StepState, Strategy};
use crate::theme::Role;
use crate::view::format::{countdown, seconds_left, shorten, width};

/// The lines below the verdict.
pub fn lines(scene: &Scene, room: usize, height: usize) -> Vec<Line<'static>> {
    let (look, share) = exposure::short(scene);
    let budget = budget::short(scene, room.saturating_sub(10));
    let mut lines = vec![
        Row::new(scene.paint).dim(" gets it ").put(look, shorten(&share, room.saturating_sub(10))).line(),
        Row::new(scene.paint).dim(" budget  ").put(budget.0, shorten(&budget.1, room.saturating_sub(10))).line(),
        place(scene, room),
    ];
    lines.extend(versions::bars(scene, room.saturating_sub(2), true).into_iter().take(3).map(indented));
    lines.extend(grid::first_reason(scene, room.saturating_sub(2)).map(indented));
    let left = height.saturating_sub(lines.len());
    lines.extend(timeline::lines(scene, room.saturating_sub(2), false).into_iter().take(left).map(indented));
    lines
}

fn indented(mut line: Line<'static>) -> Line<'static> {
    line.spans.insert(0, " ".into());
    line
}

/// `step 4 of 9  pause 10m   5m48s left`.
fn place(scene: &Scene, room: usize) -> Line<'static> {
    let release = scene.release;
    let row = Row::new(scene.paint).dim(" step    ");
    let Some((n, of)) = rung(release) else {
        let r = release.replicas;
        let words = match release.strategy {
            _ if release.abort.is_some() => "aborted, on no step".to_owned(),
            _ if !release.under_way => "nothing is being released".to_owned(),
            Strategy::BlueGreen => "preview, then the switch".to_owned(),
            _ => format!("{} of {} pods replaced", r.updated, r.desired),
        };
        let left = release.countdowns.iter().find(|c| c.kind != CountdownKind::ScaleDown);
        let left = left.map_or_else(String::new, |c| countdown(seconds_left(scene.paint.now, c.at)));
        return row.text(shorten(&words, room.saturating_sub(18))).until(room.saturating_sub(1), Role::Strong, left).line();
    };
    let row = row.put(Role::Strong, format!("{n} of {of}"));
    let Some(current) = release.steps.iter().find(|s| s.state == StepState::Current) else { return row.line() };
    let left = release.countdowns.iter().find(|c| matches!(c.kind, CountdownKind::Pause | CountdownKind::Experiment));
    let left = left.map_or_else(String::new, |c| format!("{} left", countdown(seconds_left(scene.paint.now, c.at))));
    let name = shorten(&scene.veiled(&step(current)), room.saturating_sub(row.used() + width(&left) + 4));
    let (_, _, words) = steps::look(current.state);
    row.text("  ").put(words, name).until(room.saturating_sub(1), Role::Strong, left).line()
}

//! What happened: events and decisions in one list, the newest first.
//! Refuses to order by anything but the cluster's own time.

use ratatui::text::{Line, Span};

use super::row::Row;
use super::scene::{Scene, as_count};
use crate::objects::Kind;
use crate::release::words::capital;
use crate::release::{Happening, HappeningKind};
use crate::theme::Role;
use crate::view::format::{clip, count, fold, moment, plural};

/// Title and what stands behind it.
pub fn title(_scene: &Scene) -> (String, String) {
    ("What happened".to_owned(), String::new())
}

fn kind(kind: HappeningKind) -> &'static str {
    match kind {
        HappeningKind::Pod => "pod",
        HappeningKind::Step => "step",
        HappeningKind::Analysis => "analysis",
        HappeningKind::Scale => "scale",
        HappeningKind::Routine => "routine",
        HappeningKind::Alert => "alert",
        HappeningKind::Controller => "control",
    }
}

/// The panel's lines; with `whole` every sentence is wrapped instead of clipped.
pub fn lines(scene: &Scene, room: usize, whole: bool) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(why) = scene.missing(Kind::Event) {
        lines.extend(fold(&capital(&why), room).into_iter().map(|l| Row::new(scene.paint).put(Role::Warning, l).line()));
    } else if scene.release.timeline.is_empty() {
        lines.push(Row::new(scene.paint).dim(clip("Nothing has happened that the cluster still remembers.", room)).line());
    }
    // What every pod goes through would bury what matters: it stands in the whole list only.
    let shown = scene.release.timeline.iter().filter(|one| whole || one.kind != HappeningKind::Routine);
    shown.for_each(|one| happening(scene, one, room, whole, &mut lines));
    let routine = scene.release.timeline.iter().filter(|one| one.kind == HappeningKind::Routine).count();
    if routine > 0 && !whole {
        let words = format!("{} of pods starting and stopping left out", plural(as_count(routine), "event"));
        lines.push(Row::new(scene.paint).dim(clip(&words, room)).line());
    }
    lines
}

fn happening(scene: &Scene, one: &Happening, room: usize, whole: bool, lines: &mut Vec<Line<'static>>) {
    let narrow = room < 60;
    let mut row = Row::new(scene.paint).dim(moment(one.at, scene.paint.now, scene.paint.zone)).text("  ");
    if !narrow {
        row = row.text(format!("{:<10}", kind(one.kind)));
    }
    let indent = row.used();
    let look = if one.warning { Role::Warning } else { Role::Text };
    let times = if one.count > 1 { format!("  {}x", count(one.count)) } else { String::new() };
    let words = scene.veiled(&one.text);
    let left = room.saturating_sub(indent);
    if whole {
        let mut wrapped = fold(&format!("{words}{times}"), left).into_iter();
        lines.push(row.put(look, wrapped.next().unwrap_or_default()).line());
        lines.extend(wrapped.map(|l| Row::new(scene.paint).text(" ".repeat(indent)).put(look, l).line()));
        return;
    }
    let mut line = row.put(look, clip(&words, left.saturating_sub(times.len()))).line();
    if !times.is_empty() {
        line.push_span(Span::styled(times, scene.paint.style(Role::Dim)));
    }
    lines.push(line);
}

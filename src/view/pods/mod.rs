//! The pods of a release: those in trouble first, one line each, the reason in words; the chosen one in full below.
//! Refuses to show a pod that runs but is not ready as anything that looks healthy.

mod columns;
mod detail;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::format::{clip, count, fold, plural};
use super::paint::{Paint, frame, lines};
use super::release::{Row, Scene};
use crate::app::{Cockpit, Pods};
use crate::objects::Kind;
use crate::release::words::capital;
use crate::release::{PodState, PodView, Release};
use crate::theme::{Glyph, Role};
use columns::Columns;

/// Draws the list into `area` and, where asked for, the selected pod in full below it. `unread` names kinds that could not be read, and why.
pub fn draw(release: &Release, ui: &Pods, unread: &[(Kind, String)], paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let cockpit = Cockpit::default();
    let scene = Scene::new(release, &cockpit, unread, paint);
    let rows = ui.rows(release);
    let selected = ui.current(release);
    let detail = selected.filter(|_| ui.detail);
    let below = detail.map_or(0, |_| (area.height / 2).clamp(5.min(area.height), 16));
    let above = Rect { height: area.height.saturating_sub(below), ..area };
    let room = usize::from(area.width);
    let mut head = head(&scene, ui, rows.len(), room);
    let columns = Columns::of(&scene, &rows, room);
    if !rows.is_empty() {
        head.push(columns.heading(&scene));
    }
    lines(&head, above, buf);
    let top = u16::try_from(head.len()).unwrap_or(u16::MAX).min(above.height);
    let list = Rect { y: above.y + top, height: above.height - top, ..above };
    draw_rows(&scene, &rows, (selected, ui), &columns, list, buf);
    if let Some(pod) = detail {
        let place = Rect { y: area.bottom().saturating_sub(below), height: below, ..area };
        let inner = frame(&pod.name, true, paint, place, buf);
        lines(&detail::lines(&scene, pod, usize::from(inner.width)), inner, buf);
    }
}

/// The pods as lines under their headings, in trouble first, for a panel with room for them.
pub(crate) fn list(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let rows = Pods::default().rows(scene.release);
    let columns = Columns::of(scene, &rows, room);
    std::iter::once(columns.heading(scene)).chain(rows.iter().map(|pod| columns.line(scene, pod, false, false))).collect()
}

fn draw_rows(scene: &Scene, rows: &[&PodView], (selected, ui): (Option<&PodView>, &Pods), columns: &Columns, area: Rect, buf: &mut Buffer) {
    let height = usize::from(area.height);
    let at = rows.iter().position(|pod| Some(*pod) == selected).unwrap_or(0);
    let cut_off = rows.len() > height;
    // The last line says how many there are more; the selection keeps a row of company where there is one.
    let shown = if cut_off { height.saturating_sub(1) } else { height };
    let first = (at + 2).saturating_sub(shown).min(rows.len().saturating_sub(shown));
    let first = if at < first { at } else { first };
    for (pod, y) in rows.iter().skip(first).take(shown).zip(area.y..) {
        columns.line(scene, pod, Some(*pod) == selected, ui.marks.contains(&pod.uid)).render(Rect { y, height: 1, ..area }, buf);
    }
    if cut_off && height > 0 {
        let (before, after) = (first, rows.len() - (first + shown).min(rows.len()));
        let said: Vec<String> =
            [(before, "above"), (after, "more")].iter().filter(|(n, _)| *n > 0).map(|(n, w)| format!("+{n} {w}")).collect();
        let y = area.bottom() - 1;
        Row::new(scene.paint).text("   ").dim(said.join("  ")).line().render(Rect { y, height: 1, ..area }, buf);
    }
}

/// How many of how many are in which state, what is shown of them, and what could not be read.
fn head(scene: &Scene, ui: &Pods, shown: usize, room: usize) -> Vec<Line<'static>> {
    let pods = &scene.release.pods;
    let mut out = Vec::new();
    if pods.is_empty() {
        let words = scene.missing(Kind::Pod).map_or_else(|| "This release has no pods.".to_owned(), |why| format!("{}.", capital(&why)));
        out.extend(fold(&words, room.saturating_sub(2)).into_iter().map(|l| Row::new(scene.paint).text(" ").put(Role::Warning, l).line()));
        return out;
    }
    let number = |wanted: fn(&PodState) -> bool| pods.iter().filter(|p| wanted(&p.state)).count();
    let failing = number(|s| matches!(s, PodState::Failing(_)));
    let states = [
        (Role::PodReady, Glyph::Ready, number(|s| *s == PodState::Ready), "ready"),
        (Role::PodFailing, Glyph::Failed, failing, "failing"),
        (Role::PodStarting, Glyph::Starting, number(|s| *s == PodState::Starting), "starting"),
        (Role::PodTerminating, Glyph::Terminating, number(|s| *s == PodState::Terminating), "ending"),
    ];
    let total = i64::try_from(pods.len()).unwrap_or(i64::MAX);
    let mut row = Row::new(scene.paint).text(" ").put(Role::Strong, plural(total, "pod"));
    for (role, glyph, n, word) in states.into_iter().filter(|(_, _, n, _)| *n > 0) {
        let n = count(i64::try_from(n).unwrap_or(i64::MAX));
        let words = if room < 60 { format!("{}{n}", scene.paint.glyph(glyph)) } else { format!("{n} {word}") };
        row = row.text("  ").put(role, words);
    }
    if !ui.marks.is_empty() {
        row = row.text(format!("  {} marked", ui.marks.len()));
    }
    let mut view = format!("by {}{}", ui.sort.word(), if ui.reversed { ", reversed" } else { "" });
    if !ui.filter.is_empty() {
        view = format!("/{}  {shown} shown, esc shows all", ui.filter);
    }
    let left = room.saturating_sub(row.used() + 4);
    out.push(if left >= 8 { row.text("   ").dim(clip(&view, left)).line() } else { row.line() });
    if let Some(why) = scene.missing(Kind::Pod) {
        let words = clip(&capital(&why), room.saturating_sub(2));
        out.push(Row::new(scene.paint).text(" ").put(Role::Warning, words).line());
    }
    if shown == 0 {
        out.push(Row::new(scene.paint).text(" ").text(clip("No pod matches.", room.saturating_sub(2))).line());
    }
    out
}

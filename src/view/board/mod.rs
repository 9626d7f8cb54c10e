//! The board: every release in scope, those that need a person first. Columns that fit the width; a cell never shows half a number.

mod columns;
mod head;
mod row;
mod window;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use self::columns::{Columns, heading};
use self::head::{counts, empty, sources};
use self::row::{release_line, two_lines};
use self::window::Window;
use super::format;
use super::paint::{Paint, lines};
use crate::app::{Group, Row, State};
use crate::keys::Action;
use crate::objects::Time;
use crate::release::ReleaseRef;
use crate::theme::{Glyph, Role};

/// Below this width a release takes two lines: its name and share, and why below.
const NARROW: usize = 60;

/// Draws the board.
pub fn draw(state: &State, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let at = state.moment(now);
    let rows = state.board().rows(state.shown(), at);
    let mut head = Vec::new();
    if let Some(counts) = counts(state, at, paint, width) {
        head.push(Line::from(vec![Span::raw(" "), paint.span(Role::Text, counts)]));
    }
    if !state.board().filter.is_empty() {
        let text = format!(" filter: {}   {} shows all", state.board().filter, state.key_of(Action::Back));
        head.push(Line::from(paint.span(Role::Warning, format::cut(&text, width, paint.ellipsis()))));
    }
    head.extend(sources(state, width, paint));
    if rows.is_empty() {
        head.extend(empty(state, width, paint));
        lines(&head, area, buf);
        return;
    }
    let measured = state.shown().values().any(|release| release.telemetry.is_some());
    let columns = Columns::of(width, longest_name(state, paint), measured);
    if width >= NARROW {
        let spread = Line::from(
            paint.span(Role::Header, format!("    RELEASE AND WHY{}", format::right("VERSIONS  STEP  EXPOSED", width.saturating_sub(20)))),
        );
        head.push(if state.board().spread { spread } else { heading(&columns, paint) });
    }
    let top = u16::try_from(head.len()).unwrap_or(2).min(area.height);
    lines(&head, Rect { height: top, ..area }, buf);
    let list = Rect { y: area.y + top, height: area.height.saturating_sub(top), ..area };
    let heights: Vec<usize> = rows.iter().map(|row| height(row, state, width)).collect();
    let selected =
        rows.iter().position(|row| matches!(row, Row::Release(key) if Some(key) == state.board().selected.as_ref())).unwrap_or(0);
    let window = Window::around(selected, &heights, usize::from(list.height));
    let mut y = list.y;
    for (n, row) in rows.iter().enumerate().take(window.last).skip(window.first) {
        let hidden = if n == window.first { window.skip } else { 0 };
        let room = usize::from(list.bottom().saturating_sub(y));
        for line in line(row, state, at, &columns, paint, width).iter().skip(hidden).take(room) {
            buf.set_line(list.x, y, line, list.width);
            y += 1;
        }
    }
    more(&rows, &window, paint, list, buf);
}

/// Says how many releases stand above and below, in the last line.
fn more(rows: &[Row], window: &Window, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let releases = |rows: &[Row]| rows.iter().filter(|row| matches!(row, Row::Release(_))).count();
    let above = releases(&rows[..(window.first + usize::from(window.skip > 0)).min(rows.len())]);
    let below = releases(&rows[window.whole.min(rows.len())..]);
    if !window.cut || area.height == 0 {
        return;
    }
    let said = [(above, "above"), (below, if above > 0 { "below" } else { "more" })];
    let text: Vec<String> = said.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("+{n} {word}")).collect();
    let (y, width) = (area.bottom().saturating_sub(1), usize::from(area.width));
    let line = Line::from(paint.span(Role::Dim, format::right(&text.join("  "), width)));
    buf.set_line(area.x, y, &line, area.width);
}

/// The longest name on the board, in columns.
fn longest_name(state: &State, paint: &Paint<'_>) -> usize {
    let of = |key: &ReleaseRef| format::width(&paint.namespace(&key.namespace)) + 1 + format::width(&key.name);
    state.shown().keys().map(of).max().unwrap_or(0)
}

/// Lines that a row takes.
fn height(row: &Row, state: &State, width: usize) -> usize {
    match row {
        Row::Release(_) if width < NARROW || state.board().spread => 2,
        _ => 1,
    }
}

fn line(row: &Row, state: &State, at: Time, c: &Columns, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    match row {
        Row::Heading(group, members, folded) => {
            let name = match group {
                Group::NeedsYou => "needs you",
                Group::Moving => "moving",
                Group::Steady => "steady",
            };
            let rule = paint.glyph(Glyph::Rule);
            let fold = if *folded { format!("  {members} folded") } else { String::new() };
            let text = format!(" {rule}{rule} {name}{fold} ");
            let rest = width.saturating_sub(format::width(&text) + 1);
            vec![Line::from(paint.span(Role::Border, format!("{text}{}", rule.repeat(rest))))]
        }
        Row::Release(key) => match state.shown().get(key) {
            Some(release) if width < NARROW || state.board().spread => two_lines(release, state, at, paint, width),
            Some(release) => vec![release_line(release, state, at, c, paint)],
            // Rows come from what is shown: this one went between the two.
            None => vec![Line::default(); height(row, state, width)],
        },
    }
}

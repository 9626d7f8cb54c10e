//! The frame of a panel: its title, the lines that shorten, and how many more there are.
//! Refuses to leave lines out without a word.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Widget};

use super::layout::Place;
use super::scene::Scene;
use super::{anchor, content, title};
use crate::theme::Role;
use crate::view::format::{cut, shorten, width};

/// Draws a panel into its place.
pub fn draw(scene: &Scene, place: Place, buf: &mut Buffer) {
    let Place { panel, area } = place;
    let focused = scene.ui.focus == panel;
    let border = if focused { Role::BorderFocused } else { Role::Border };
    let lines = content(scene, place);
    let inner = Rect {
        x: area.x.saturating_add(2),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    let room = usize::from(inner.height);
    let first = first(scene.ui.scroll.get(panel as usize).copied().unwrap_or(0), lines.len(), room, anchor(scene, panel));
    let more = lines.len().saturating_sub(first + room);
    let mut block = Block::new()
        .borders(Borders::ALL)
        .border_set(scene.paint.glyphs.border(focused))
        .border_style(scene.paint.style(border))
        .title_top(heading(scene, title(scene, panel), usize::from(area.width)));
    let hidden = [(first, "above"), (more, "more")].into_iter().filter(|(n, _)| *n > 0);
    let hidden = hidden.map(|(n, word)| format!("+{n} {word}")).collect::<Vec<_>>().join("  ");
    if !hidden.is_empty() && width(&hidden) + 6 < usize::from(area.width) {
        block = block.title_bottom(Line::from(Span::styled(format!(" {hidden} "), scene.paint.style(Role::Dim))).right_aligned());
    }
    block.render(area.intersection(buf.area), buf);
    for (line, y) in lines.into_iter().skip(first).zip(inner.y..inner.bottom()) {
        line.render(Rect { y, height: 1, ..inner }.intersection(buf.area), buf);
    }
}

/// The first line shown of `rows` where `room` are shown: `anchor` is in sight until somebody scrolls by `by` lines.
fn first(by: isize, rows: usize, room: usize, anchor: usize) -> usize {
    let follows = if anchor + 1 < room { 0 } else { anchor.saturating_sub(room / 2) };
    let last = rows.saturating_sub(room);
    follows.min(last).saturating_add_signed(by).min(last)
}

fn heading(scene: &Scene, (name, behind): (String, String), room: usize) -> Line<'static> {
    let room = room.saturating_sub(2);
    let mut spans = vec![Span::styled(format!(" {} ", shorten(&name, room.saturating_sub(2))), scene.paint.style(Role::Title))];
    let left = room.saturating_sub(width(&name) + 3);
    // Of several facts the last go first, whole.
    let mut behind = behind.as_str();
    while width(behind) > left
        && let Some((before, _)) = behind.rsplit_once(" · ")
    {
        behind = before;
    }
    // The second blank between the two is the first to go.
    let gap = if width(behind) < left { " " } else { "" };
    if !behind.is_empty() && left > 3 {
        spans.push(Span::styled(
            format!("{gap}{} ", scene.paint.twins(&cut(behind, left, scene.paint.ellipsis()))),
            scene.paint.style(Role::Dim),
        ));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn scrolling_stops_at_both_ends() {
        assert_eq!(first(-3, 10, 4, 0), 0);
        assert_eq!(first(99, 10, 4, 0), 6);
        assert_eq!(first(3, 3, 4, 0), 0, "a list that shrank is not scrolled off");
    }

    #[test]
    fn the_current_step_is_in_sight_until_someone_scrolls() {
        assert_eq!(first(0, 20, 6, 1), 0);
        assert_eq!(first(0, 20, 6, 10), 7);
        assert_eq!(first(0, 20, 6, 19), 14);
        assert_eq!(first(-2, 20, 6, 10), 5);
    }
}

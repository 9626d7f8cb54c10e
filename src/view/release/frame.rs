//! The frame of a panel: its title, the lines that fit, and how many more there are.
//! Refuses to leave lines out without a word.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Widget};

use super::layout::Place;
use super::scene::Scene;
use super::{anchor, content, title};
use crate::theme::Role;
use crate::view::format::{fit, width};

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
    let first = scene.ui.first(panel, lines.len(), room, anchor(scene, panel));
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

fn heading(scene: &Scene, (name, behind): (String, String), room: usize) -> Line<'static> {
    let room = room.saturating_sub(4);
    let mut spans = vec![Span::styled(format!(" {} ", fit(&name, room)), scene.paint.style(Role::Title))];
    let left = room.saturating_sub(width(&name) + 3);
    if !behind.is_empty() && left > 3 {
        spans.push(Span::styled(format!(" {} ", scene.paint.twins(&fit(&behind, left))), scene.paint.style(Role::Dim)));
    }
    Line::from(spans)
}

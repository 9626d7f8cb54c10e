//! The plan screen: what would be sent, what that does, what the server says to it, and what it takes to send it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::format;
use super::paint::{Paint, scrolled};
use crate::app::State;
use crate::objects::Time;
use crate::theme::Role;

/// Draws it, and returns how far it can be scrolled.
pub fn draw(state: &State, _now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let Some(open) = state.plan() else { return 0 };
    let mut out = Vec::new();
    let text = match &open.planned {
        Ok(change) => format!("{} {}", open.key.name, change.effect),
        Err(refusal) => format!("{} {}", refusal.why, refusal.instead),
    };
    for line in format::fold(&text, usize::from(area.width)) {
        out.push(Line::from(paint.span(Role::Text, line)));
    }
    scrolled(&out, state.scrolled(), paint, area, buf)
}

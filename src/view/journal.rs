//! The journal screen: what was done, by whom, and what came of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::paint::{Paint, scrolled};
use crate::app::State;
use crate::theme::Role;

/// Draws it, and returns how far it can be scrolled.
pub fn draw(state: &State, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let out: Vec<Line<'_>> = state
        .journal()
        .shown()
        .iter()
        .map(|e| Line::from(paint.span(Role::Text, format!("{} {}", e.at.format("%H:%M:%S"), e.intent))))
        .collect();
    scrolled(&out, state.scrolled(), paint, area, buf)
}

//! The revisions screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::paint::{Paint, lines};
use crate::app::State;
use crate::release::Release;
use crate::theme::Role;

/// Draws it.
pub fn draw(state: &State, _release: &Release, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let history = state.history().unwrap_or_default();
    let out: Vec<Line<'_>> =
        history.revisions.iter().map(|r| Line::from(paint.span(Role::Text, format!("r{} {:?}", r.number, r.outcome)))).collect();
    lines(&out, area, buf);
}

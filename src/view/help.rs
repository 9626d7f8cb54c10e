//! Help: the keys of the screen below, from the keymap in force, and what the signs mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::{Paint, scrolled};
use crate::app::State;
use crate::keys::help;
use crate::theme::{Glyph, Role};

/// Draws it, and returns how far it can be scrolled.
pub fn draw(state: &State, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let width = usize::from(inner.width);
    let mode = State::mode_of(state.screen_below());
    let needle = state.help_filter().to_lowercase();
    let mut out = vec![Line::from(paint.span(Role::Title, format!("Keys of the {mode} screen")))];
    if !needle.is_empty() {
        out.push(Line::from(paint.span(Role::Warning, format!("filter: {needle}   esc shows all"))));
    }
    for entry in help(state.keymap(), mode) {
        let keys = entry.keys.join("  ");
        let text = entry.action.about();
        if !needle.is_empty() && !format!("{keys} {} {text}", entry.action).to_lowercase().contains(&needle) {
            continue;
        }
        let keys = if keys.is_empty() { "palette".to_owned() } else { keys };
        out.push(Line::from(vec![
            paint.span(Role::Key, format::pad(&format::cut(&keys, 18, paint.ellipsis()), 20)),
            paint.span(Role::Text, format::cut(text, width.saturating_sub(20), paint.ellipsis())),
        ]));
    }
    if needle.is_empty() {
        out.push(Line::default());
        out.push(Line::from(paint.span(Role::Title, "Signs")));
        for glyph in [Glyph::Old, Glyph::New, Glyph::Other, Glyph::Failed, Glyph::Starting, Glyph::Terminating, Glyph::Now, Glyph::Paused] {
            out.push(Line::from(vec![
                paint.span(Role::Strong, format!("{}  ", paint.glyph(glyph))),
                paint.span(Role::Text, glyph.about()),
            ]));
        }
        let letters = "m measured, c configured (what a router was told), i inferred (counted from ready endpoints), ? unknown";
        out.extend(format::wrap(letters, width, 2, paint.ellipsis()).into_iter().map(|l| Line::from(paint.span(Role::Text, l))));
        let zone = format!("Times are local, UTC{}; ages are in the cluster's time.", state.zone());
        out.push(Line::from(vec![Span::raw(""), paint.span(Role::Dim, format::cut(&zone, width, paint.ellipsis()))]));
    }
    scrolled(&out, state.scrolled(), paint, inner, buf)
}

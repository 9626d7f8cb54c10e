//! What drawing needs beside the data: looks, signs, the moment, and whether the picture is fresh.
//! Refuses to decide anything: it only carries.

use std::borrow::Cow;

use chrono::FixedOffset;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Widget};

use super::format;
use super::hide::Names;
use crate::objects::Time;
use crate::text::Clean;
use crate::theme::{Glyph, Glyphs, Role, Theme};

/// Looks, signs and the moment.
#[derive(Debug, Clone, Copy)]
pub struct Paint<'a> {
    /// The look of every role.
    pub theme: &'a Theme,
    /// UTF-8 or ASCII.
    pub glyphs: Glyphs,
    /// Now, in the server's time.
    pub now: Time,
    /// For wall clocks.
    pub zone: FixedOffset,
    /// Names of clusters, namespaces and images are hidden.
    pub redact: bool,
    /// Those names, where they are hidden.
    pub names: Option<&'a Names>,
    /// The picture is not fresh: everything is drawn dim.
    pub stale: bool,
}

impl<'a> Paint<'a> {
    /// The look of a role; dim where the picture is stale.
    pub fn style(&self, role: Role) -> Style {
        if self.stale { self.theme.style(Role::Dim) } else { self.theme.style(role) }
    }

    /// A piece of text in a role.
    pub fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.style(role))
    }

    /// A sign.
    pub fn glyph(&self, glyph: Glyph) -> &'static str {
        self.glyphs.get(glyph)
    }

    /// A sign in its role.
    pub fn sign(&self, role: Role, glyph: Glyph) -> Span<'static> {
        Span::styled(self.glyph(glyph), self.style(role))
    }

    /// `text` with every sign replaced by its twin where only ASCII can be trusted; names keep their letters.
    pub fn twins<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.glyphs.ascii || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let mut letter = [0; 4];
        Cow::Owned(text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
            let c = &*c.encode_utf8(&mut letter);
            out.push_str(Glyph::ALL.iter().find(|g| g.utf8() == c).map_or(c, |g| g.ascii()));
            out
        }))
    }

    /// The sign for what was left out.
    pub fn ellipsis(&self) -> &'static str {
        self.glyph(Glyph::Ellipsis)
    }

    /// An arrow from one to the other.
    pub fn arrow(&self) -> &'static str {
        self.glyph(Glyph::Arrow)
    }

    /// A name fitted to a width.
    pub fn fit(&self, text: &str, room: usize) -> String {
        format::fit(text, room, self.ellipsis())
    }

    /// An image's tag, or what stands for it on a shared screen.
    pub fn tag(&self, images: &[Clean]) -> String {
        let tags: Vec<String> = images.iter().map(|i| format::tag(i)).collect();
        tags.join("+")
    }

    /// A sentence from outside, fit for a shared screen where that was asked for.
    pub fn hide(&self, text: &str) -> String {
        self.names.map_or_else(|| text.to_owned(), |names| names.hide(text).into_owned())
    }

    /// A namespace, or what stands for it on a shared screen.
    pub fn namespace(&self, name: &str) -> String {
        if self.redact { placeholder("ns", name) } else { name.to_owned() }
    }
}

/// A row as it looks when it is selected: one style all along, so that nothing in it is patchy.
pub fn selected(line: Line<'static>, paint: &Paint<'_>) -> Line<'static> {
    let style = paint.style(Role::Selection);
    let spans = line.spans.into_iter().map(|span| Span::styled(span.content, style));
    Line::from(spans.collect::<Vec<_>>()).style(style)
}

/// What stands for a hidden name: the same for the same name, and different for others as far as a number can tell.
pub fn placeholder(what: &str, name: &str) -> String {
    let sum = name.bytes().fold(0_u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b)));
    format!("{what}-{:03}", sum % 1000)
}

/// Draws a frame with a title and returns the room inside. The title loses its middle where it does not fit.
pub fn frame(title: &str, focused: bool, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> Rect {
    let room = usize::from(area.width.saturating_sub(4));
    let border = paint.style(if focused { Role::BorderFocused } else { Role::Border });
    let title = Line::from(vec![Span::raw(" "), paint.span(Role::Title, paint.fit(title, room)), Span::raw(" ")]);
    let block = Block::default().borders(Borders::ALL).border_set(paint.glyphs.border(focused)).border_style(border).title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    Rect { x: inner.x.saturating_add(1), width: inner.width.saturating_sub(2), ..inner }
}

/// Draws lines from the top; what does not fit below is left out.
pub fn lines(lines: &[Line<'_>], area: Rect, buf: &mut Buffer) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        buf.set_line(area.x, y, line, area.width);
    }
}

/// Draws a window of lines that begins `scroll` lines down; where lines are left out below, the last one says how many.
/// Returns how far one can scroll at most.
pub fn scrolled(all: &[Line<'_>], scroll: usize, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let height = usize::from(area.height);
    let furthest = all.len().saturating_sub(height.max(1));
    let from = scroll.min(furthest);
    let shown = &all[from..];
    if shown.len() <= height || height == 0 {
        lines(shown, area, buf);
        return furthest;
    }
    lines(&shown[..height - 1], area, buf);
    let more = paint.span(Role::Dim, format!("+{} more", shown.len() - (height - 1)));
    buf.set_line(area.x, area.bottom().saturating_sub(1), &Line::from(more), area.width);
    furthest
}

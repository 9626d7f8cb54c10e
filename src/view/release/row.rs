//! One line of a panel, built from left to right in the looks of the theme.
//! Refuses to know what it says.

use ratatui::text::{Line, Span};

use crate::theme::Role;
use crate::view::format::{shorten, width};
use crate::view::paint::Paint;

/// A line under construction.
pub struct Row<'p> {
    paint: &'p Paint<'p>,
    spans: Vec<Span<'static>>,
    used: usize,
}

impl<'p> Row<'p> {
    /// An empty line.
    pub fn new(paint: &'p Paint<'p>) -> Self {
        Self { paint, spans: Vec::new(), used: 0 }
    }

    /// Adds text.
    #[must_use]
    pub fn put(mut self, role: Role, text: impl AsRef<str>) -> Self {
        let text = self.paint.twins(text.as_ref()).into_owned();
        self.used += width(&text);
        self.spans.push(Span::styled(text, self.paint.style(role)));
        self
    }

    /// Adds ordinary text.
    #[must_use]
    pub fn text(self, text: impl AsRef<str>) -> Self {
        self.put(Role::Text, text)
    }

    /// Adds text of second rank.
    #[must_use]
    pub fn dim(self, text: impl AsRef<str>) -> Self {
        self.put(Role::Dim, text)
    }

    /// Fills up with blanks to a column; one blank at least, where the column is passed already.
    #[must_use]
    pub fn to(self, column: usize) -> Self {
        let gap = column.saturating_sub(self.used).max(1);
        self.text(" ".repeat(gap))
    }

    /// Adds text so that it ends at `column`, where there is room for it after one blank.
    #[must_use]
    pub fn until(self, column: usize, role: Role, text: impl AsRef<str>) -> Self {
        let text = shorten(text.as_ref(), column.saturating_sub(self.used + 1));
        let start = column.saturating_sub(width(&text));
        if text.is_empty() { self } else { self.to(start).put(role, text) }
    }

    /// Columns taken.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Done.
    pub fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

//! The lines of a plan under construction: a label on the left and what it says beside it, folded to the room there is.
//! Never cuts anything: what is too long goes on below.

use ratatui::text::Line;

use crate::theme::Role;
use crate::view::format;
use crate::view::paint::Paint;

/// How wide the labels are where they stand beside what they label.
const LABELS: usize = 16;
/// How wide they may be where there is less room.
const NARROW: usize = 15;

/// Lines, and how they are broken.
pub struct Sheet<'a> {
    /// What is drawn with.
    pub paint: &'a Paint<'a>,
    room: usize,
    lines: Vec<Line<'static>>,
}

impl<'a> Sheet<'a> {
    /// An empty one of so many columns.
    pub fn new(paint: &'a Paint<'a>, room: usize) -> Self {
        Self { paint, room, lines: Vec::new() }
    }

    /// How far what is said is moved to the right of its labels.
    fn indent(&self) -> usize {
        match self.room {
            ..60 => 2,
            60..90 => NARROW,
            _ => LABELS,
        }
    }

    /// Columns for what is said.
    pub fn beside(&self) -> usize {
        self.room.saturating_sub(self.indent())
    }

    /// A sentence without a label, over the whole width.
    pub fn sentence(&mut self, role: Role, text: &str) {
        for line in format::fold(&self.shown(text), self.room) {
            self.lines.push(Line::from(self.paint.span(role, line)));
        }
    }

    /// A label, and a sentence beside it.
    pub fn fact(&mut self, label: &str, role: Role, text: &str) {
        let text = self.shown(text);
        let broken = if self.is_narrow() && !label.is_empty() {
            // Too narrow for a column of labels: the sentence begins behind its label.
            format::fold(&format!("{label}: {text}"), self.beside())
        } else {
            format::fold(&text, self.beside())
        };
        self.labelled(label, role, broken);
    }

    /// Another sentence under the same label.
    pub fn more(&mut self, role: Role, text: &str) {
        self.fact("", role, text);
    }

    /// A label, and lines beside it that are broken already.
    pub fn labelled(&mut self, label: &str, role: Role, broken: Vec<String>) {
        let indent = self.indent();
        let mut label = label.to_owned();
        for (n, text) in broken.into_iter().enumerate() {
            let head = if self.is_narrow() { String::new() } else { std::mem::take(&mut label) };
            let indent = if self.is_narrow() && n == 0 && !label.is_empty() { 0 } else { indent };
            self.lines.push(Line::from(vec![self.paint.span(Role::Title, format::pad(&head, indent)), self.paint.span(role, text)]));
        }
    }

    /// Adds the lines of another sheet of the same width.
    pub fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    fn is_narrow(&self) -> bool {
        self.room < 60
    }

    /// An empty line, unless there is one already, or nothing yet.
    pub fn gap(&mut self) {
        if self.room >= 60 && self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
    }

    /// Text as it may be shown here: without hidden names, and without signs this terminal can't show.
    pub fn shown(&self, text: &str) -> String {
        let hidden = self.paint.hide(text);
        self.paint.twins(&hidden).into_owned()
    }

    /// Done.
    pub fn lines(self) -> Vec<Line<'static>> {
        self.lines
    }
}

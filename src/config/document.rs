//! A TOML file read so that every word still knows its line.
//! Refuses to stop at the first mistake: what can be read is read, and all that is wrong is listed.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::mistake::{Mistake, quote, unknown};

/// A value with its place in the file.
pub type Item<'t> = Spanned<DeValue<'t>>;
/// A key with its place in the file.
pub type Word<'t> = Spanned<DeString<'t>>;

/// The newest layout of files this program reads.
pub const FORMAT: i64 = 1;

/// A text that came from a file, or was compiled in, with the name it is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The name it is chosen by, such as `vim`.
    pub name: String,
    /// The file, as the person would name it.
    pub file: String,
    /// What it says.
    pub text: String,
}

/// A parsed file, and the mistakes found in it so far.
pub struct Document<'t> {
    file: &'t str,
    text: &'t str,
    root: DeTable<'t>,
    /// What is wrong with it, in no order until [`Document::finish`].
    pub mistakes: Vec<Mistake>,
    broken: Vec<usize>,
}

impl<'t> Document<'t> {
    /// Parses as much as can be parsed.
    #[must_use]
    pub fn parse(file: &'t str, text: &'t str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut document = Self { file, text, root: root.into_inner(), mistakes: Vec::new(), broken: Vec::new() };
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            document.mistake(&span, error.message().replace('\n', ", "));
            document.broken.push(document.line(&span));
        }
        document
    }

    /// Whether part of it could not be parsed at all.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        !self.broken.is_empty()
    }

    /// The tables and values at the top, to be walked with [`entries`].
    #[must_use]
    pub fn take_root(&mut self) -> DeTable<'t> {
        std::mem::take(&mut self.root)
    }

    /// The line a place is on, from 1.
    #[must_use]
    pub fn line(&self, span: &Range<usize>) -> usize {
        let end = span.start.min(self.text.len());
        1 + self.text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count()
    }

    /// The file, as the person would name it.
    #[must_use]
    pub const fn file(&self) -> &'t str {
        self.file
    }

    /// Notes something wrong.
    pub fn mistake(&mut self, span: &Range<usize>, what: impl Into<String>) {
        let line = self.line(span);
        // Where the syntax is broken, what was recovered is a guess: one complaint a line is enough.
        if !self.broken.contains(&line) {
            self.mistakes.push(Mistake { file: self.file.to_owned(), line, what: what.into() });
        }
    }

    /// Notes a key that means nothing here.
    pub fn unknown_key<'w>(&mut self, key: &Word<'_>, place: &str, valid: impl IntoIterator<Item = &'w str>) {
        let what = unknown(key.get_ref(), &format!("key {place}"), valid);
        self.mistake(&key.span(), what);
    }

    /// The string an item holds, or a mistake that says what belongs there.
    pub fn string<'i>(&mut self, key: &str, item: &'i Item<'_>) -> Option<&'i str> {
        let found = item.get_ref().as_str();
        if found.is_none() {
            self.wrong_type(&quote(key), item, "text in quotes");
        }
        found
    }

    /// The table an item holds, or a mistake that says what belongs there.
    pub fn table<'i, 'v>(&mut self, key: &str, item: &'i Item<'v>) -> Option<&'i DeTable<'v>> {
        let found = item.get_ref().as_table();
        if found.is_none() {
            self.wrong_type(&quote(key), item, "a table");
        }
        found
    }

    /// Notes a value of the wrong kind. `what` is how the sentence begins.
    pub fn wrong_type(&mut self, what: &str, item: &Item<'_>, wanted: &str) {
        let what = format!("{what} wants {wanted}, and this is {}", kind(item.get_ref()));
        self.mistake(&item.span(), what);
    }

    /// Checks the `format` line.
    pub fn format(&mut self, item: &Item<'_>) {
        let found = item.get_ref().as_integer().and_then(|n| i64::from_str_radix(&n.as_str().replace('_', ""), n.radix()).ok());
        match found {
            Some(FORMAT) => {}
            Some(other) => self.mistake(&item.span(), format!("this flightdeck reads format {FORMAT}, and the file says {other}")),
            None => self.wrong_type("'format'", item, "the number 1"),
        }
    }

    /// All mistakes, by line.
    #[must_use]
    pub fn finish(mut self) -> Vec<Mistake> {
        self.mistakes.sort();
        self.mistakes.dedup();
        self.mistakes
    }
}

/// The entries of a table in the order of the file.
#[must_use]
pub fn entries<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a Word<'t>, &'a Item<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

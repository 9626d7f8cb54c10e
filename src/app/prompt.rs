//! A line being typed: a filter, a palette query, a namespace.

use crate::keys::{Chord, Key, Mods};
use crate::text::Clean;

/// What is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// Rows are filtered while typing.
    Filter,
    /// Actions are searched.
    Palette,
    /// A namespace is chosen.
    Namespace,
    /// A plan is confirmed: a note, or a name.
    Confirm,
    /// An image is set: `container=image`.
    Image,
    /// A note is written.
    Note,
    /// A guard is armed: what it does, and when.
    Guard,
}

/// A line being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What is typed so far.
    pub text: String,
    /// Where in it the next character goes, in bytes; always between two characters.
    cursor: usize,
    /// Which of the matches is selected.
    pub selected: usize,
    /// What stood there before, for leaving without a change.
    pub before: String,
    /// Why it was not taken as it stands; gone with the next change.
    pub refusal: Option<Clean>,
}

/// A name or a query is never longer.
const LONGEST: usize = 253;

impl Prompt {
    /// An empty one, or one that goes on from `before`.
    pub fn new(kind: PromptKind, before: String) -> Self {
        let text = if kind == PromptKind::Filter { before.clone() } else { String::new() };
        Self { kind, cursor: text.len(), text, selected: 0, before, refusal: None }
    }

    /// One with something typed already, to be taken or changed.
    pub fn filled(kind: PromptKind, text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len(), ..Self::new(kind, String::new()) }
    }

    /// What stands before the cursor, and what stands after it.
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Adds text at the cursor, cleaned like all text from outside, as far as there is room.
    pub fn insert(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        let clean: String = Clean::from(text).chars().take(room).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
        self.changed();
    }

    fn changed(&mut self) {
        self.selected = 0;
        self.refusal = None;
    }

    /// An editing key. Returns whether it was one.
    pub fn edit(&mut self, chord: Chord) -> bool {
        let (before, after) = self.halves();
        let back = before.chars().next_back().map_or(0, char::len_utf8);
        let on = after.chars().next().map_or(0, char::len_utf8);
        let word = before.len() - before.trim_end().rfind(' ').map_or(0, |at| at + 1);
        let cut = |n: usize| self.cursor - n..self.cursor;
        match (chord.key(), chord.mods()) {
            (Key::Left, Mods::NONE) => self.cursor -= back,
            (Key::Right, Mods::NONE) => self.cursor += on,
            (Key::Backspace, Mods::NONE) => self.remove(cut(back)),
            (Key::Delete, Mods::NONE) => self.remove(self.cursor..self.cursor + on),
            (Key::Char('w'), Mods::CTRL) => self.remove(cut(word)),
            (Key::Char('u'), Mods::CTRL) => self.remove(0..self.cursor),
            _ => return false,
        }
        true
    }

    fn remove(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
        self.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str, keys: &[&str]) -> String {
        let mut prompt = Prompt::new(PromptKind::Palette, String::new());
        prompt.insert(text);
        for key in keys {
            assert!(prompt.edit(Chord::parse(key).unwrap_or_else(|e| panic!("{e}"))), "{key} edits");
        }
        let (before, after) = prompt.halves();
        format!("{before}|{after}")
    }

    #[test]
    fn it_edits_where_the_cursor_stands() {
        assert_eq!(typed("copy", &["left", "left", "backspace"]), "c|py");
        assert_eq!(typed("copy", &["left", "delete", "left"]), "co|p");
        assert_eq!(typed("copy name", &["ctrl-w"]), "copy |");
        assert_eq!(typed("copy name", &["left", "left", "ctrl-u"]), "|me");
    }

    #[test]
    fn the_cursor_stands_between_characters_and_stops_at_the_ends() {
        assert_eq!(typed("支払", &["left", "left", "left", "backspace", "right"]), "支|払");
        assert_eq!(typed("", &["left", "right", "delete", "backspace", "ctrl-w"]), "|");
    }

    #[test]
    fn pasted_text_is_cleaned_and_bounded() {
        assert_eq!(typed("a\x1b[2Jb\nc", &[]), "a\u{fffd}[2Jb c|");
        assert_eq!(typed(&"x".repeat(10_000), &[]).len(), 254);
    }
}

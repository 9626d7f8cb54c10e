//! A line being typed: a filter, a palette query, a namespace.

/// What is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// Rows are filtered while typing.
    Filter,
    /// Actions are searched.
    Palette,
    /// A namespace is chosen.
    Namespace,
}

/// A line being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What is typed so far.
    pub text: String,
    /// Which of the matches is selected.
    pub selected: usize,
    /// What stood there before, for leaving without a change.
    pub before: String,
}

/// A name or a query is never longer.
const LONGEST: usize = 253;

impl Prompt {
    /// An empty one, or one that goes on from `before`.
    pub fn new(kind: PromptKind, before: String) -> Self {
        let text = if kind == PromptKind::Filter { before.clone() } else { String::new() };
        Self { kind, text, selected: 0, before }
    }

    /// Adds a character, if it is one that can be shown and there is room.
    pub fn push(&mut self, c: char) {
        if !c.is_control() && self.text.chars().count() < LONGEST {
            self.text.push(c);
            self.selected = 0;
        }
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        self.text.pop();
        self.selected = 0;
    }
}

//! Turns presses into actions, one chord at a time, and tells what may follow while a sequence is open.
//! Refuses to guess: a press that continues nothing does nothing, and never fires as a new one.

use std::sync::Arc;

use super::action::Action;
use super::chord::{ALWAYS_QUITS, Chord, Key};
use super::keymap::Keymap;
use super::mode::Mode;
use super::sequence::Chords;

/// A way an open sequence can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// What is still to be pressed.
    pub rest: String,
    /// What it will do.
    pub action: Action,
}

/// What a press came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Press {
    /// A sequence is open, and can go on in these ways.
    Pending(Vec<Continuation>),
    /// Do this.
    Action(Action),
    /// Nothing is bound here. In a mode that takes text, what was pressed is text.
    Nothing,
}

/// The keymap in force with the sequence that is being pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolver {
    keymap: Arc<Keymap>,
    mode: Mode,
    pending: Vec<Chord>,
}

impl Resolver {
    /// A resolver with nothing pressed.
    #[must_use]
    pub const fn new(keymap: Arc<Keymap>) -> Self {
        Self { keymap, mode: Mode::Global, pending: Vec::new() }
    }

    /// The keymap in force.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// What has been pressed of an open sequence.
    #[must_use]
    pub fn pending(&self) -> &[Chord] {
        &self.pending
    }

    /// Takes one press. A sequence begun in another mode is forgotten.
    pub fn press(&mut self, mode: Mode, chord: Chord) -> Press {
        if mode != self.mode {
            self.pending.clear();
            self.mode = mode;
        }
        // Whatever a file says, and wherever one is: this leaves.
        if chord == ALWAYS_QUITS {
            self.pending.clear();
            return Press::Action(Action::Quit);
        }
        let open = !self.pending.is_empty();
        self.pending.push(chord);
        if let Some(binding) = self.keymap.get(mode, &self.pending) {
            let action = binding.action;
            self.pending.clear();
            return Press::Action(action);
        }
        let follows: Vec<Continuation> = self.continuations(mode);
        if follows.is_empty() || (open && chord.key() == Key::Esc) {
            self.pending.clear();
            return Press::Nothing;
        }
        Press::Pending(follows)
    }

    fn continuations(&self, mode: Mode) -> Vec<Continuation> {
        let pressed = self.pending.as_slice();
        let rest = |chords: &Chords| {
            let rest = chords.as_slice().strip_prefix(pressed)?;
            Some(rest.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        };
        self.keymap
            .bindings(mode)
            .filter_map(|(chords, binding)| Some(Continuation { rest: rest(chords)?, action: binding.action }))
            .collect()
    }
}

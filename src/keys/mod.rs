//! Keys: what can be done, which chord does it where, and the text that says so.
//! Refuses to read files, to know the terminal's event types, and to act.

mod action;
mod chord;
mod hints;
mod keymap;
mod mode;
mod read;
mod resolver;
mod sequence;

pub use action::Action;
pub use chord::{ALWAYS_QUITS, Chord, Key, Mods};
pub use hints::{Entry, Hint, help, hints, print};
pub use keymap::{Binding, Keymap, SHIPPED, load, shelf};
pub use mode::Mode;
pub use resolver::{Continuation, Press, Resolver};
pub use sequence::Chords;

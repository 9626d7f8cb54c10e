//! Keys: what can be done, which chord does it where, and the text that says so.
//! Refuses to read files, to know the terminal's event types, and to act.

mod action;
mod mode;

pub use action::Action;
pub use mode::Mode;

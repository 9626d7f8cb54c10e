//! Draws the state into a buffer.
//! Refuses to change the state, and to know the terminal.

pub mod format;
pub mod paint;
pub mod release;

//! Draws the state. Pure: the same state and moment give the same cells.

pub mod format;
pub mod paint;
pub mod release;

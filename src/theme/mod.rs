//! Looks: roles, the styles themes give them, what a weaker terminal gets, and the glyphs.
//! Refuses to read files or the environment itself: both are handed in.

mod glyph;
mod role;

pub use glyph::{Glyph, Glyphs};
pub use role::Role;

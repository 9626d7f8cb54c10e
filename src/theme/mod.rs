//! Looks: roles, the styles themes give them, what a weaker terminal gets, and the glyphs.
//! Refuses to read files or the environment itself: both are handed in.

mod colour;
mod depth;
mod glyph;
mod lint;
mod print;
mod read;
mod role;
mod sheet;

pub use colour::{Shade, contrast, rgb};
pub use depth::{Depth, Screen, detect};
pub use glyph::{Glyph, Glyphs};
pub use lint::lint;
pub use print::print;
pub use read::Background;
pub use role::Role;
pub use sheet::{Ink, SHIPPED, Theme, load, shelf};

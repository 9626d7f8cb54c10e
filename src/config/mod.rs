//! The person's files: what they say, where they are wrong, and what is in force because of them.
//! Refuses to write any of them, to read the current directory, and to be silent about a mistake.

mod document;
mod mistake;
mod shelf;

pub use document::{Document, FORMAT, Item, Text, Word, entries};
pub use mistake::{Mistake, nearest, quote, unknown};
pub use shelf::{NOTHING, Shelf};

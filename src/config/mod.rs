//! The person's files: what they say, where they are wrong, and what is in force because of them.
//! Refuses to write any of them, to read the current directory, and to be silent about a mistake.

mod document;
pub mod files;
mod in_force;
mod mistake;
pub mod openslo;
mod policy;
mod settings;
mod shelf;
mod value;

pub use document::{Document, FORMAT, Item, Text, Word, entries};
pub use in_force::{Asked, InForce, assemble};
pub use mistake::{Mistake, nearest, quote, unknown};
pub use policy::{Because, Freeze, Frozen, Need, Policy, Rule, Ruling, Source, Window, checks, gates, next_freeze, rule, zone_named};
pub use settings::{Chosen, Config, Loaded, Objective, Prometheus, load};
pub use shelf::{NOTHING, Shelf};

//! [`Refusal`]: why an intent can't be done as asked, and what works instead.

use super::Verb;
use crate::text::Clean;

/// A refusal. Never without a way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked.
    pub asked: Verb,
    /// Why not, a sentence.
    pub why: Clean,
    /// What works instead, a sentence.
    pub instead: Clean,
    /// The verbs that sentence speaks of, the nearest first.
    pub offers: Vec<Verb>,
}

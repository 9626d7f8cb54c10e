//! temporary
use super::policy::{Need, Policy};
use crate::objects::{ReleaseRef, Time};
use crate::release::acting::Verb;
use crate::text::Clean;

/// What policies say.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// strictest
    pub confirm: Need,
    /// why denied
    pub denied: Option<Clean>,
    /// note
    pub note_required: bool,
    /// freeze
    pub freeze: Option<Frozen>,
    /// read-only
    pub read_only: bool,
}

/// A freeze in force.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// end
    pub until: Time,
    /// why
    pub why: Clean,
}

/// rule
pub fn rule(_policies: &[Policy], _context: &Clean, _release: &ReleaseRef, _verb: Verb, _now: Time) -> Ruling {
    Ruling { confirm: Need::Key, denied: None, note_required: false, freeze: None, read_only: false }
}

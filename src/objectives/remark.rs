//! What was wrong or doubtful in something that was read, with its place.
//! Refuses to be an error: one mistake costs the line it stands in, and the rest is read.

use std::fmt;

use super::Found;
use super::templates::{Canary, Template};
use crate::text::Clean;

/// A sentence about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where: an object, a file with its document, and the path of the field in it.
    pub place: Clean,
    /// What is so there and what follows, as a clause without a full stop.
    pub what: Clean,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// What one source held.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// The objectives in it, in its order.
    pub found: Vec<Found>,
    /// What was wrong in it, in its order.
    pub remarks: Vec<Remark>,
    /// Templates of analyses: what they amount to depends on who runs them.
    pub templates: Vec<Template>,
    /// Flagger's Canaries, which say what the values of Flagger's templates have to be.
    pub canaries: Vec<Canary>,
}

impl Read {
    /// Both, with what another source held behind.
    #[must_use]
    pub fn and(mut self, other: Read) -> Read {
        self.found.extend(other.found);
        self.remarks.extend(other.remarks);
        self.templates.extend(other.templates);
        self.canaries.extend(other.canaries);
        self
    }
}

/// Remarks as they are made.
#[derive(Debug, Default)]
pub(super) struct Remarks(pub Vec<Remark>);

impl Remarks {
    /// Notes `what` about `place`.
    pub fn note(&mut self, place: &str, what: impl Into<Clean>) {
        self.0.push(Remark { place: Clean::from(place), what: what.into() });
    }
}

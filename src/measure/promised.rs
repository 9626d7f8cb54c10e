//! An objective of a release as it is measured, and what its verdict rests on.
//! Refuses to take failed requests for something else that was promised: what can't be counted by version says so.

use crate::release::telemetry::Provenance;
use crate::slo::Objective;
use crate::slo::tier::Tier;
use crate::slo::verdict::Bad;

/// An objective to be read, and what is known of it besides the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Promised {
    /// What is promised.
    pub objective: Objective,
    /// Its alerts; empty for those that are usual at its window.
    pub tiers: Vec<Tier>,
    /// Whether it is measured by the metrics of the release as such, not by queries or series of its own.
    pub is_built_in: bool,
    /// What its verdict rests on.
    pub judged_by: JudgedBy,
    /// Where it came from.
    pub provenance: Provenance,
}

/// What the verdict on an objective rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgedBy {
    /// Failed requests of the release as such.
    Requests,
    /// The same, since its own events can't be counted by version.
    Instead,
    /// Its own events.
    Events(Bad),
    /// Nothing: what it counts can't be counted by version, and failed requests say nothing of it.
    Nothing,
}

impl JudgedBy {
    /// Whether what it counts is counted by version.
    pub(super) fn has_counts(self) -> bool {
        matches!(self, Self::Requests | Self::Events(_))
    }

    /// What is counted as bad.
    pub(super) fn bad(self) -> Bad {
        match self {
            Self::Requests | Self::Instead => Bad::Failed,
            Self::Events(bad) => bad,
            Self::Nothing => Bad::Slow,
        }
    }

    /// Whether failed requests, or what somebody's own queries call errors, are judged.
    pub(super) fn counts_errors(self) -> bool {
        matches!(self, Self::Requests | Self::Instead | Self::Events(Bad::Failed))
    }
}

impl From<Objective> for Promised {
    fn from(objective: Objective) -> Self {
        Self { objective, tiers: Vec::new(), is_built_in: true, judged_by: JudgedBy::Requests, provenance: Provenance::default() }
    }
}

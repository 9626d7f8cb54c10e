//! Where Flagger stands, by its own phase: which of its levers are looked at there, and which are not.
//! Never takes a weight from it: its status forgets that while it waits for promotion.

use crate::objects::Canary;
use crate::release::{Release, Role};

/// What Flagger is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It builds the primary, or has not seen the Canary yet.
    Building,
    /// Nothing is released.
    Idle,
    /// The target's template was changed, and it has not looked since.
    NotBegun,
    /// It has taken a version back; that version is still in the target's template.
    Failed,
    /// It waits before the first pod, for `confirm-rollout`.
    Waiting,
    /// It analyses.
    Analysing,
    /// It waits for `confirm-promotion`, with all of the analysis' weight at the new version.
    WaitingPromotion,
    /// The primary is being replaced, or the traffic goes back to it: failed checks are not looked at any more.
    Promoting,
    /// The Canary is being deleted.
    Deleted,
}

impl Stands {
    /// Of a Canary and its reading.
    pub fn of(canary: &Canary, release: &Release) -> Self {
        match canary.status.phase.as_str() {
            "" | "Initializing" => Self::Building,
            "Waiting" => Self::Waiting,
            "Progressing" => Self::Analysing,
            "WaitingPromotion" => Self::WaitingPromotion,
            "Promoting" | "Finalising" => Self::Promoting,
            "Terminating" | "Terminated" => Self::Deleted,
            "Failed" => Self::Failed,
            // Without an analysis it ends before the primary has replaced its pods.
            _ if release.versions.iter().any(|version| version.role == Role::New) => Self::Promoting,
            _ if release.under_way => Self::NotBegun,
            _ => Self::Idle,
        }
    }

    /// Whether its pods may be serving: it has begun, and is not done.
    pub const fn is_in_flight(self) -> bool {
        matches!(self, Self::Analysing | Self::WaitingPromotion | Self::Promoting)
    }

    /// Whether its failed checks are looked at.
    pub const fn is_checked(self) -> bool {
        matches!(self, Self::Analysing | Self::WaitingPromotion)
    }
}

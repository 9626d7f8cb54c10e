//! Where a Canary stands, in Flagger's own words, and which of its weights may be believed there (flagger pkg/controller/scheduler.go).
//! Never takes a phase for a reason: Failed says the same whatever it failed by.

use crate::objects::{Canary, Condition, Time};
use crate::release::{Phase, Strategy};
use crate::text::Clean;

/// `status.phase`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Flagger has not looked at it yet, or writes a word not known here.
    Unseen,
    /// The primary is being made.
    Initializing,
    /// Never released anything yet.
    Initialized,
    /// The gate before the first pods is closed.
    Waiting,
    /// Analysing, or waiting for pods.
    Progressing,
    /// The gate before the promotion is closed; checks go on.
    WaitingPromotion,
    /// The primary takes the new template.
    Promoting,
    /// All requests are back on the primary, the target is about to be scaled down.
    Finalising,
    /// Promoted.
    Succeeded,
    /// Rolled back.
    Failed,
    /// The Canary is being deleted.
    Terminating,
}

impl Stage {
    /// Of a Canary.
    pub fn of(canary: &Canary) -> Self {
        match canary.status.phase.as_str() {
            "Initializing" => Self::Initializing,
            "Initialized" => Self::Initialized,
            "Waiting" => Self::Waiting,
            "Progressing" => Self::Progressing,
            "WaitingPromotion" => Self::WaitingPromotion,
            "Promoting" => Self::Promoting,
            "Finalising" => Self::Finalising,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            "Terminating" | "Terminated" => Self::Terminating,
            _ => Self::Unseen,
        }
    }

    /// Whether a new version is on its way: from the gate before its first pods to the end of its promotion.
    pub const fn in_flight(self) -> bool {
        matches!(self, Self::Waiting | Self::Progressing | Self::WaitingPromotion | Self::Promoting | Self::Finalising)
    }

    /// Whether the primary has been given the new template.
    pub const fn promotes(self) -> bool {
        matches!(self, Self::Promoting | Self::Finalising)
    }

    /// Whether Flagger's checks run in it, as far as pods are ready and nobody suspended it.
    pub const fn checks(self) -> bool {
        matches!(self, Self::Progressing | Self::WaitingPromotion)
    }
}

/// How it goes, which no field says: rounds without a match, and the provider that has no weights, make it blue-green
/// (flagger pkg/apis/flagger/v1beta1/canary.go, `GetAnalysisStrategy` and the scheduler's treatment of `kubernetes`).
pub fn strategy(canary: &Canary) -> Strategy {
    let analysis = &canary.spec.analysis;
    let rounds = analysis.iterations > 0 && !analysis.has_match;
    if rounds || is_plain(canary) { Strategy::BlueGreen } else { Strategy::Canary }
}

/// Whether requests are told apart by what they carry (A/B).
pub fn is_ab(canary: &Canary) -> bool {
    canary.spec.analysis.has_match && canary.spec.analysis.iterations > 0 && !is_plain(canary)
}

/// Whether it goes by weights.
pub fn has_weights(canary: &Canary) -> bool {
    canary.spec.analysis.iterations <= 0 && !is_plain(canary)
}

/// The provider that routes nothing: plain Services.
pub fn is_plain(canary: &Canary) -> bool {
    canary.spec.provider == *"kubernetes"
}

/// Its one condition, where it speaks of the phase.
pub fn promoted(canary: &Canary) -> Option<&Condition> {
    let status = &canary.status;
    status.conditions.iter().find(|condition| condition.kind == "Promoted" && condition.reason == status.phase)
}

/// When the release now under way began: the condition stays `Unknown` from then to the end. `None` where nothing is on its way.
pub fn began(canary: &Canary) -> Option<Time> {
    Stage::of(canary).in_flight().then(|| promoted(canary)).flatten()?.last_transition_time
}

/// In Argo's words, and why in Flagger's. `rolls`: the primary has not replaced all of its pods.
pub fn phase(canary: &Canary, stage: Stage, rolls: bool) -> (Phase, Option<Clean>) {
    let suspended = canary.spec.suspend;
    let phase = match stage {
        Stage::Failed => Phase::Degraded,
        _ if suspended => Phase::Paused,
        Stage::Waiting | Stage::WaitingPromotion => Phase::Paused,
        Stage::Initialized | Stage::Succeeded if !rolls => Phase::Healthy,
        _ => Phase::Progressing,
    };
    let own = promoted(canary).map(|condition| condition.message.as_str()).filter(|message| !message.is_empty());
    let before = match stage {
        _ if suspended => Some("suspended: nothing is checked, nothing moves"),
        Stage::Waiting => Some("the gate confirm-rollout is closed"),
        Stage::WaitingPromotion => Some("the gate confirm-promotion is closed"),
        Stage::Unseen => Some("Flagger has not looked at it yet"),
        Stage::Initialized | Stage::Succeeded if rolls => Some("the primary still replaces its pods"),
        Stage::Terminating => Some("it is being deleted"),
        _ => None,
    };
    let message = match (before, own) {
        (Some(before), Some(own)) => Some(format!("{before}: {own}")),
        (before, own) => before.or(own).map(str::to_owned),
    };
    (phase, message.map(Clean::from))
}

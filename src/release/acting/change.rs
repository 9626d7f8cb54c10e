//! [`Change`]: an intent turned into what would be sent and what that does. The plan screen prints it, the dry-run sends it, the journal
//! stores it, the tests compare it.

use chrono::TimeDelta;

use super::{Difference, Goal, Intent, Premise, Write};
use crate::objects::ReleaseRef;
use crate::text::Clean;

/// What confirms it, as far as the plan itself tells (law 5); a policy may ask for more, never for less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirm {
    /// One different key.
    Key,
    /// The release's name, typed; why so much is asked for.
    Typed(Clean),
}

/// Exposure of the new version before and after, 0..=1, where each can be told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Exposed {
    /// Now.
    pub before: Option<f64>,
    /// Once it has taken effect.
    pub after: Option<f64>,
}

/// One stage of a change: a write, or only something to wait for.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What it does, in a few words.
    pub name: Clean,
    /// What is sent; `None` where this stage only waits.
    pub write: Option<Write>,
    /// What must hold when it is sent.
    pub premises: Vec<Premise>,
    /// What must be seen before it counts as done.
    pub goal: Goal,
    /// How long the controller may take before an alarm is due.
    pub patience: TimeDelta,
}

/// A change, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What was asked.
    pub intent: Intent,
    /// Of which release.
    pub release: ReleaseRef,
    /// What happens to traffic, in one sentence.
    pub effect: Clean,
    /// What stays behind, what is disarmed, what to do afterwards: a sentence each.
    pub notes: Vec<Clean>,
    /// Exposure before and after.
    pub exposed: Exposed,
    /// What is sent, in order. Empty only for a note.
    pub stages: Vec<Stage>,
    /// What could go wrong, worst first.
    pub risks: Vec<Clean>,
    /// Who will undo it, where that is known.
    pub undone_by: Option<Clean>,
    /// What confirms it.
    pub confirm: Confirm,
    /// The pod template before and after, where it changes.
    pub diff: Vec<Difference>,
}

impl Change {
    /// The first write: what the dry-run sends.
    pub fn first_write(&self) -> Option<&Write> {
        self.stages.iter().find_map(|stage| stage.write.as_ref())
    }
}

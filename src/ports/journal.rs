//! The journal as the app needs it: entries, and where they go before anything is sent.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::objects::Time;
use crate::text::Clean;

/// What a line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// About to be sent. Written, and on disk, before it is.
    About,
    /// What the server answered.
    Answer,
    /// It took effect, or did not in time.
    Effect,
    /// A plan that was not sent after all, and why.
    Unsent,
    /// A note.
    Note,
    /// A guard was armed, counts down, acted, or was disarmed.
    Guard,
}

/// One line of the journal. Every key is always present.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of this format: 1.
    pub format: u32,
    /// The action it belongs to: all its lines carry the same one.
    pub action: Clean,
    /// When, by this machine's clock.
    pub at: Time,
    /// What it tells.
    pub told: Told,
    /// User as the API server names them; empty where it does not tell.
    pub user: Clean,
    /// Their groups.
    pub groups: Vec<Clean>,
    /// Context.
    pub context: Clean,
    /// `rollout/NS/NAME`.
    pub release: Clean,
    /// UID of the object that is written.
    pub uid: Clean,
    /// The verb of `flightdeck act`.
    pub intent: Clean,
    /// The stage's name; empty for the action as a whole.
    pub stage: Clean,
    /// `PATCH rollouts/checkout/status merge`.
    pub request: Clean,
    /// The body as it is sent, values of secret-looking names left out.
    pub patch: Value,
    /// What the dry-run said.
    pub dry_run: Clean,
    /// What the server answered.
    pub answer: Clean,
    /// What was seen of its effect.
    pub effect: Clean,
    /// What the person wrote, or the reason of an override.
    pub note: Clean,
}

/// Where entries go and come from. Calls may block for as long as a disk does.
pub trait Journal: Send + Sync {
    /// Appends one whole line and waits until it is on disk.
    ///
    /// # Errors
    /// A sentence; then nothing may be sent.
    fn append(&self, entry: &Entry) -> Result<(), Clean>;

    /// The newest entries, newest first, at most `most`, and how many lines could not be read.
    ///
    /// # Errors
    /// A sentence.
    fn read(&self, most: usize) -> Result<(Vec<Entry>, usize), Clean>;
}

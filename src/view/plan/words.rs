//! What a plan is called and what its confirming key does, in the words people use for it.
//! Never says more than the intent: what it does to traffic, the plan itself says.

use crate::app::OpenPlan;
use crate::release::acting::{Intent, Verb};
use crate::release::words::capital;

/// What the plan does, as its title says it, without the release's name: `Roll back`, `Wake the controller of`.
pub fn title(open: &OpenPlan) -> String {
    if open.wakes {
        return "Wake the controller of".to_owned();
    }
    match &open.intent {
        Intent::RollBack(target) if target.at_once => "Roll back at once".to_owned(),
        Intent::Terminate(_) => "End the analysis of".to_owned(),
        Intent::SetImage(_) => "Set the image of".to_owned(),
        Intent::Advance => "Go on with".to_owned(),
        Intent::Note => "Note on".to_owned(),
        other => capital(other.verb().words()),
    }
}

/// What the confirming key does: `abort now`.
pub fn deed(open: &OpenPlan) -> String {
    if open.wakes {
        return "wake it".to_owned();
    }
    let words = match open.intent.verb() {
        Verb::Abort => "abort now",
        Verb::Pause => "pause now",
        Verb::RollBack => "roll back now",
        Verb::Skip => "skip it",
        Verb::Switch => "switch now",
        Verb::Retry => "retry now",
        Verb::Restart => "restart its pods",
        Verb::Resume => "resume now",
        Verb::Note => "write the note",
        other => other.words(),
    };
    words.to_owned()
}

/// As much of a UID as tells it from others: what stands before its first dash, and a sign that there is more.
pub fn short(uid: &str, ellipsis: &str) -> String {
    let first = uid.split('-').next().unwrap_or_default();
    let part: String = first.chars().take(8).collect();
    if part.len() < uid.len() { format!("{part}{ellipsis}") } else { part }
}

/// A sentence that ends where it ends: with one full stop, whoever wrote it.
pub fn sentence(text: &str) -> String {
    let text = capital(text.trim());
    if text.ends_with(['.', '?', '!', ':']) { text } else { format!("{text}.") }
}

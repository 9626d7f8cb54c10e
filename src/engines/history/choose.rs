//! The revision to go back to: the newest one that was healthy and is not what is in force.
//! Never simply the second highest number, and never one that differs only by having been restarted.

use serde_json::Value;

use crate::engines::plan::RETRIED;
use crate::release::acting::{Outcome, Revision, bare};
use crate::text::Clean;

/// Where `kubectl rollout restart` writes that it did.
pub const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// Whether two templates make the same pods, but for when they were restarted.
pub fn same_but_restarted(a: &Value, b: &Value) -> bool {
    let plain = |template: &Value| {
        let mut template = template.clone();
        if let Some(annotations) = template.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
            annotations.remove(RESTARTED_AT);
            annotations.remove(RETRIED);
        }
        bare(&template)
    };
    plain(a) == plain(b)
}

/// The number to go back to, and why that one. `revisions` are newest first.
pub fn chosen(revisions: &[Revision], in_force: &Value) -> Option<(i64, Clean)> {
    let back = || revisions.iter().filter(|r| r.number > 0 && !r.current && !same_but_restarted(&r.template, in_force));
    let passed_over = |chosen: &Revision| {
        let bad: Vec<String> = back().filter(|r| r.number > chosen.number).map(|r| format!("r{}", r.number)).collect();
        if bad.is_empty() { String::new() } else { format!(" (passed over: {})", bad.join(", ")) }
    };
    for revision in back() {
        if let Outcome::Good(why) = &revision.outcome {
            return Some((
                revision.number,
                Clean::from(format!("the newest other revision known to have been healthy: {why}{}", passed_over(revision))),
            ));
        }
    }
    let revision = back().find(|r| !matches!(r.outcome, Outcome::Bad(_)))?;
    let (Outcome::Unknown(why) | Outcome::Good(why) | Outcome::Bad(why)) = &revision.outcome;
    Some((
        revision.number,
        Clean::from(format!("none is known to have been healthy; this is the newest not known to be bad: {why}{}", passed_over(revision))),
    ))
}

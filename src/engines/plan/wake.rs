//! The safe retry of an action that the controller has not reacted to: an annotation that makes it look again, and nothing that counts twice.
//! Never repeats the action: a promote that is sent twice can skip a step (argo-rollouts #4694 is the miss, `promote.go` the double press).

use chrono::SecondsFormat;
use serde_json::json;

use crate::objects::{Kind, Time};
use crate::release::Release;
use crate::release::acting::{Change, Confirm, Exposed, Intent, PatchKind, Premise, Refusal, Stage, Verb, Write};
use crate::text::Clean;

/// The annotation that is written: only its change counts.
pub const WOKEN: &str = "flightdeck.dev/woken";

/// Plans to wake the controller of `release`, which has not reacted to `stage` of `intent`.
///
/// # Errors
/// A refusal where another plan is the way.
pub fn wake(release: &Release, intent: &Intent, stage: &Stage, now: Time) -> Result<Change, Refusal> {
    if stage.goal.met(release) {
        return Err(Refusal {
            asked: intent.verb(),
            why: Clean::from("it has taken effect in the meantime"),
            instead: Clean::from("look at the release: nothing needs to be sent"),
            offers: vec![Verb::Note],
        });
    }
    let at = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    let write = Write {
        kind: release.key.kind,
        namespace: release.key.namespace.clone(),
        name: release.key.name.clone(),
        uid: release.uid.clone(),
        subresource: "",
        patch: PatchKind::Merge,
        body: json!({ "metadata": { "annotations": { WOKEN: at } } }),
    };
    let controller = match release.key.kind {
        Kind::Rollout => "the Argo Rollouts controller",
        Kind::Canary => "Flagger",
        _ => "the Deployment controller",
    };
    let before = release.exposure.headline.as_ref().map(|share| share.value);
    Ok(Change {
        intent: intent.clone(),
        release: release.key.clone(),
        effect: Clean::from(format!("Wakes {controller}: what was asked for is written already, and it has not reacted.")),
        notes: vec![Clean::from("Only an annotation changes; nothing is asked for a second time.")],
        exposed: Exposed { before, after: before },
        stages: vec![Stage {
            name: Clean::from("wake the controller"),
            write: Some(write),
            premises: vec![Premise::Uid(release.uid.clone())],
            goal: stage.goal.clone(),
            patience: stage.patience,
        }],
        risks: vec![Clean::from("If the controller is down, nothing happens: look at its own pods.")],
        undone_by: None,
        confirm: Confirm::Key,
        diff: Vec::new(),
    })
}

//! The safe retry of an action that the controller has not reacted to: an annotation that makes it look again, and nothing that counts twice.
//! Flagger looks at its Canary every interval and no annotation wakes it: there the same write goes out again, which sets and never adds.
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
    if release.key.kind == Kind::Canary {
        return again(release, intent, stage);
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

/// The same write once more, resting on the same premises.
fn again(release: &Release, intent: &Intent, stage: &Stage) -> Result<Change, Refusal> {
    let refuse = |why: &str, instead: &str, offers: &[Verb]| Refusal {
        asked: intent.verb(),
        why: Clean::from(why),
        instead: Clean::from(instead),
        offers: offers.to_vec(),
    };
    if stage.write.is_none() {
        return Err(refuse(
            "Flagger looks by itself at every interval, and nothing wakes it in between",
            "wait for its next look; if none comes, look at Flagger's own pods and at those of the primary",
            &[Verb::Note],
        ));
    }
    if stage.premises.iter().any(|premise| !premise.holds(release)) {
        return Err(refuse("what it rested on has moved since", "look at the release, and plan it anew", &[intent.verb()]));
    }
    let before = release.exposure.headline.as_ref().map(|share| share.value);
    Ok(Change {
        intent: intent.clone(),
        release: release.key.clone(),
        effect: Clean::from("Sends the same write once more: Flagger may have written over it in the look in which it arrived."),
        notes: vec![Clean::from("It sets a field and adds nothing to it: sent twice it does what it does once.")],
        exposed: Exposed { before, after: before },
        stages: vec![stage.clone()],
        risks: vec![Clean::from(
            "If Flagger is down, nothing happens: look at its own pods. While the primary is not ready it does nothing either.",
        )],
        undone_by: None,
        confirm: Confirm::Key,
        diff: Vec::new(),
    })
}

//! Promote fully: `skipAnalysis`, and back off once it is done: left on, every later release would go unchecked.
//! Refuses where Flagger would not look at it: before its first pod's gate, and while the new pods are not ready.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::ground::Ground;
use super::{look, stands::Stands};
use crate::objects::Deployment;
use crate::release::Phase;
use crate::release::acting::{Change, Confirm, Goal, Premise, Refusal, Stage, Verb};
use crate::text::Clean;

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    refused(ground)?;
    let suspended = ground.release.paused_by_hand;
    // One write for both: the first look after it promotes, and none comes in between.
    let body = if suspended { json!({"spec": {"skipAnalysis": true, "suspend": null}}) } else { json!({"spec": {"skipAnalysis": true}}) };
    let mut premises = ground.exactly();
    premises.push(Premise::NotPromoting);
    let mut stages = vec![skip(ground, body, premises)];
    stages.extend(take_back(ground));
    let (old, new) = (ground.old_name(), ground.new_name());
    let effect =
        format!("At {} Flagger puts {new} into the primary without another check; the primary rolls to it, → 100 %.", ground.next_look());
    let mut change = ground.change(effect, stages);
    change.exposed.after = Some(1.0);
    change.confirm = Confirm::Typed(reason(ground).into());
    change
        .notes
        .push("All traffic goes to the primary while its pods are being replaced: its own rolling update is the only brake.".into());
    change
        .notes
        .push("skipAnalysis stays until it is taken back, which is the second stage: left on, every later release goes unchecked.".into());
    if suspended {
        change.notes.push("It is suspended: the same write ends that, as suspended nothing is promoted.".into());
    }
    if let Some(why) = ground.primary_unready() {
        change.risks.push(format!("The primary is not ready ({why}): Flagger does nothing before it is.").into());
    }
    change.risks.push(format!("From then on nothing takes it back by itself; the way back to {old} is a roll back.").into());
    Ok(change)
}

/// The first write of a promotion that leaves the analysis out. It ends one way or the other; either way the wish is taken back after it.
pub fn skip(ground: &Ground<'_>, body: Value, premises: Vec<Premise>) -> Stage {
    let goal = Goal::Any(vec![Goal::Promoted, Goal::Phase(Phase::Healthy), Goal::Aborted]);
    ground.stage("leave the analysis out", Some(ground.spec(body)), premises, goal, look::looks(ground.canary, 2))
}

/// What follows once Flagger is done: later releases are analysed again, and the primary is seen to run it.
fn take_back(ground: &Ground<'_>) -> [Stage; 2] {
    let write = ground.spec(json!({"spec": {"skipAnalysis": null}}));
    let back = "have later releases analysed again";
    [
        ground.stage(back, Some(write), vec![ground.uid()], Goal::PromoteAsked(false), look::looks(ground.canary, 0)),
        ground.stage("wait until the primary runs it", None, vec![ground.uid()], Goal::Promoted, rolls(ground.primary())),
    ]
}

/// How long the primary's pods may take: what it allows between two signs of progress, and a little more.
pub fn rolls(primary: Option<&Deployment>) -> TimeDelta {
    let seconds = primary.and_then(|primary| primary.spec.progress_deadline_seconds);
    // The API server writes the int32 maximum for "no deadline".
    TimeDelta::seconds(seconds.filter(|s| (1..i64::from(i32::MAX)).contains(s)).unwrap_or(600)) + TimeDelta::seconds(30)
}

fn reason(ground: &Ground<'_>) -> String {
    let mut left: Vec<String> = vec!["what is left of the analysis".to_owned()];
    left.extend(ground.gates("confirm-traffic-increase"));
    left.extend(ground.gates("confirm-promotion"));
    format!("{} is left out", left.join(", "))
}

fn refused(ground: &Ground<'_>) -> Result<(), Refusal> {
    ground.alive()?;
    if ground.control().promote_full && ground.stands() != Stands::Idle {
        let suspended = ground.release.paused_by_hand;
        return Err(ground.refuse(
            "skipAnalysis is set already: Flagger promotes it at its next look, once its pods are ready.",
            if suspended { "It is suspended: resume lets Flagger look." } else { "Wait for it; pause keeps it from being promoted." },
            if suspended { &[Verb::Resume] } else { &[Verb::Pause] },
        ));
    }
    if ground.control().abort_asked && ground.stands().is_checked() {
        return Err(ground.refuse(
            "Its failed checks have reached the threshold: Flagger's next look takes it back.",
            "Wait for that; retry then has it analysed again.",
            &[Verb::Abort],
        ));
    }
    match ground.stands() {
        Stands::Waiting => Err(ground.refuse(
            format!(
                "It waits at {}, before its first pod, and that gate is not left out by skipAnalysis.",
                ground.gate_words("confirm-rollout")
            ),
            "The gate is opened there and not at the Canary; then promote fully works as soon as its pods are ready.",
            &[Verb::Pause],
        )),
        Stands::Promoting => Err(ground.refuse(
            "It is being promoted already.",
            "Wait until the primary runs it; then roll back is the way back.",
            &[Verb::Pause],
        )),
        Stands::NotBegun => Err(ground.refuse(
            format!("Flagger has not begun it yet: it does so at {}.", ground.next_look()),
            "Wait until its pods are ready, then promote fully; pause holds it before its first pod.",
            &[Verb::Pause],
        )),
        Stands::Failed => Err(ground.refuse(
            "It has failed, and its pods are gone.",
            "Retry has it analysed again; then it can be promoted fully.",
            &[Verb::Retry, Verb::RollBack],
        )),
        Stands::Idle => Err(ground.refuse(
            "Nothing is being released.",
            "Set an image to begin a release, or roll back to an earlier version.",
            &[Verb::SetImage, Verb::RollBack],
        )),
        _ => not_ready(ground),
    }
}

fn not_ready(ground: &Ground<'_>) -> Result<(), Refusal> {
    let Some(why) = ground.target_unready() else { return Ok(()) };
    let new = ground.new_name();
    Err(ground.refuse(
        Clean::from(format!("{new} is not ready ({why}): Flagger promotes nothing before it is.")),
        "Wait until its pods are ready; pause freezes it where it is, abort takes it back.",
        &if ground.release.paused_by_hand { vec![Verb::Abort] } else { vec![Verb::Pause, Verb::Abort] },
    ))
}

//! Abort: the failed checks are put at the threshold, and Flagger's own next look takes the version back as it would by itself.
//! Refuses where that look comes by no such test: before the first pod, and once the primary is being replaced.

use serde_json::{Value, json};

use super::ground::Ground;
use super::{look, stands::Stands};
use crate::release::acting::{Change, Goal, Premise, Refusal, Stage, Verb};
use crate::release::{figures, words};
use crate::text::Clean;

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    refused(ground)?;
    let unready = ground.target_unready();
    let suspended = ground.release.paused_by_hand;
    let limit = ground.canary.spec.analysis.limit();
    let write = ground.status(json!({"status": {"failedChecks": limit}}));
    let done = Goal::All(vec![Goal::Aborted, Goal::NoExposure]);
    let patience = look::looks(ground.canary, 1);
    let mut stages = Vec::new();
    match look_at_it(suspended, unready.is_some()) {
        None => stages.push(ground.stage("put its failed checks at the threshold", Some(write), ground.same(), done, patience)),
        Some(spec) => {
            let wish = ground.stage("put its failed checks at the threshold", Some(write), ground.same(), Goal::AbortAsked, patience);
            let mut premises = ground.same();
            premises.push(Premise::AbortAsked);
            premises.push(Premise::PausedByHand(suspended));
            let name = match (suspended, unready.is_some()) {
                (true, true) => "end the suspension, without waiting for its pods",
                (true, false) => "end the suspension",
                _ => "let Flagger look without waiting for its pods",
            };
            stages.push(wish);
            stages.push(ground.stage(name, Some(ground.spec(spec)), premises, done, patience));
        }
    }
    if unready.is_some() {
        stages.push(restore(ground));
    }
    let mut change = ground.change(effect(ground), stages);
    change.exposed.after = Some(0.0);
    change.notes = notes(ground, unready.as_deref());
    change.risks = risks(ground, unready.is_some());
    Ok(change)
}

/// What makes Flagger's next look come by the failed checks: `None` where it does so by itself.
fn look_at_it(suspended: bool, unready: bool) -> Option<Value> {
    match (suspended, unready) {
        (false, false) => None,
        (true, false) => Some(json!({"spec": {"suspend": null}})),
        (false, true) => Some(json!({"spec": {"analysis": {"canaryReadyThreshold": 0}}})),
        (true, true) => Some(json!({"spec": {"suspend": null, "analysis": {"canaryReadyThreshold": 0}}})),
    }
}

/// Later releases wait for as many pods as before.
fn restore(ground: &Ground<'_>) -> Stage {
    let was = ground.canary.spec.analysis.canary_ready_threshold;
    let write = ground.spec(json!({"spec": {"analysis": {"canaryReadyThreshold": was}}}));
    ground.stage("put the ready threshold back", Some(write), vec![ground.uid()], Goal::ReadyThreshold(was), look::looks(ground.canary, 0))
}

fn effect(ground: &Ground<'_>) -> String {
    let (old, new, next) = (ground.old_name(), ground.new_name(), ground.next_look());
    match ground.release.exposure.headline.as_ref() {
        _ if ground.before() == Some(0.0) => format!("{new} gets nothing now; at {next} Flagger fails it and takes its pods away."),
        Some(share) => format!("At {next} Flagger fails {new} and gives all traffic to {old}: {} → 0 %.", words::exposed(share)),
        None => format!("At {next} Flagger fails {new} and gives all traffic to {old}."),
    }
}

fn notes(ground: &Ground<'_>, unready: Option<&str>) -> Vec<Clean> {
    let mut notes: Vec<Clean> = Vec::new();
    // There is a cut that does not wait for a look (suspend it, put the route's weight to 0, then this): it writes an object of the router's,
    // is three writes longer, and a session that ends between them leaves a suspended release. It is not offered.
    let every = look::interval(ground.canary);
    if let Some(share) = ground.share().filter(|_| ground.before() != Some(0.0)) {
        notes.push(format!("Until that look, up to {} from now, {} keeps {share}.", figures::duration(every), ground.new_name()).into());
    }
    if ground.release.paused_by_hand {
        notes.push(
            "It is suspended, and suspended Flagger looks at nothing: the failed checks are written first, so that the first look after it fails it and takes no step."
                .into(),
        );
    }
    if let Some(why) = unready {
        notes.push(
            format!(
                "Its pods are not ready ({why}), and before they are Flagger looks at no check: the ready threshold is put to 0 for that look, and back after it."
            )
            .into(),
        );
    }
    notes.push(
        format!("The target's template still names {}: retry has it analysed again, roll back takes it out for good.", ground.new_name())
            .into(),
    );
    notes
}

fn risks(ground: &Ground<'_>, unready: bool) -> Vec<Clean> {
    let mut risks: Vec<Clean> = Vec::new();
    if let Some(why) = ground.primary_unready() {
        risks.push(format!("The primary is not ready ({why}): Flagger does nothing before it is, and then all traffic goes to it.").into());
    } else if let Some((primary, target)) = ground.primary().zip(ground.target())
        && primary.status.ready_replicas < target.spec.replicas.unwrap_or(1)
    {
        let (ready, beside) = (primary.status.ready_replicas, target.spec.replicas.unwrap_or(1));
        risks.push(format!("The primary takes all traffic at once with {ready} ready, where the new version has {beside}.").into());
    }
    if let Some(why) = ground.target_incomplete().filter(|_| unready) {
        risks.push(
            format!("Flagger looks only once every pod is of the newest template, and {why}: if nothing moves, mend that or pause it.")
                .into(),
        );
    }
    if ground.control().promote_full {
        risks.push("skipAnalysis is set: once its pods are ready it is promoted instead, as that is looked at first.".into());
    }
    risks.push(
        "A check that fails in this very moment may overwrite it with its own count: sending it again is safe, it sets and does not add."
            .into(),
    );
    risks
}

fn refused(ground: &Ground<'_>) -> Result<(), Refusal> {
    ground.alive()?;
    let held = ground.release.paused_by_hand;
    match ground.stands() {
        Stands::Failed => Err(ground.refuse(
            "It has failed already, and its traffic is gone.",
            "Roll back takes it out of the target's template; retry has it analysed again.",
            &[Verb::RollBack, Verb::Retry],
        )),
        Stands::Waiting => Err(ground.refuse(
            "It waits before its first pod: nobody gets it, and Flagger looks at no check there.",
            "Roll back takes it out of the target's template while the gate is shut; pause holds it meanwhile.",
            if held { &[Verb::RollBack] } else { &[Verb::Pause, Verb::RollBack] },
        )),
        Stands::NotBegun => Err(ground.refuse(
            "Flagger has not begun it yet: nobody gets it.",
            "Pause holds it before its first pod; roll back takes it out of the target's template.",
            if held { &[Verb::RollBack] } else { &[Verb::Pause, Verb::RollBack] },
        )),
        Stands::Promoting => Err(ground.refuse(
            "It is being promoted: the primary is taking the new template in, and failed checks are not looked at any more.",
            "Pause stops it where it is, with the share of now; else wait until Flagger is done, then roll back all at once.",
            if held { &[Verb::Resume] } else { &[Verb::Pause] },
        )),
        Stands::Idle => Err(ground.refuse(
            "Nothing is being released.",
            "Roll back goes to an earlier version, as a release of its own.",
            &[Verb::RollBack],
        )),
        _ if ground.control().abort_asked && !held && ground.target_unready().is_none() => Err(ground.refuse(
            "Its failed checks have reached the threshold already.",
            format!("Flagger takes it back at {}; pause would keep it from that.", ground.next_look()),
            &[],
        )),
        _ => Ok(()),
    }
}

//! Abort: takes the traffic off what is being released, and says what that leaves behind.
//! Refuses where no update is under way: there it would do harm or nothing.

use serde_json::json;

use super::ground::{Ground, stage};
use super::{patience, say, switch};
use crate::release::acting::{Change, Goal, Premise, Refusal, Stage, Verb};
use crate::release::words;
use crate::text::Clean;

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    refused(ground)?;
    let write = ground.status(json!({"status": {"abort": true}}));
    let mut stages = vec![stage("Abort", Some(write), ground.same(), Goal::Aborted)];
    // A pause by hand stops pods from being replaced and Services from being switched, after an abort too: the controller aborts
    // and the traffic stays. Aborted, nothing goes forward any more, so that pause can end.
    let freed = ground.release.paused_by_hand && !weight_moves(ground);
    if freed {
        stages.push(end_pause(ground));
    }
    let drain = !weight_moves(ground) && !ground.blue_green();
    match stages.last_mut() {
        // Weight and Service move at once: seen together with the abort.
        Some(last) if !drain => last.goal = Goal::All(vec![last.goal.clone(), Goal::NoExposure]),
        _ => {
            let mut gone = stage("Wait until its traffic is gone", None, vec![Premise::Uid(ground.release.uid.clone())], Goal::NoExposure);
            gone.patience = patience::drains(ground);
            stages.push(gone);
        }
    }
    let mut change = ground.change(effect(ground), stages);
    change.exposed.after = Some(0.0);
    change.notes = notes(ground, freed);
    change.risks = risks(ground);
    Ok(change)
}

fn refused(ground: &Ground<'_>) -> Result<(), Refusal> {
    let control = ground.control();
    let new = ground.new_name();
    if control.aborted && ground.changing() {
        return Err(ground.refuse(
            "It is aborted already.",
            format!("Roll back takes {new} out of the spec for good; retry starts it again."),
            ground.after_abort(),
        ));
    }
    if control.stable_hash.is_empty() {
        return Err(ground.refuse(
            "This is its first release: there is no stable version to give the traffic to.",
            "Pause stops it where it is; set an image to mend it.",
            &[Verb::Pause, Verb::SetImage],
        ));
    }
    if !ground.changing() && !control.observed {
        return Err(ground.refuse(
            "The controller has not begun the newest version yet: there is no update to abort.",
            "Pause holds it before its first pod; roll back takes it out of the spec.",
            &[Verb::Pause, Verb::RollBack],
        ));
    }
    if !ground.changing() {
        return Err(ground.refuse(
            "No update is under way: an abort now would only mark it as failed.",
            "Roll back goes to an earlier revision.",
            &[Verb::RollBack],
        ));
    }
    Ok(())
}

/// Whether a router takes the traffic away at once, whatever the pods do.
fn weight_moves(ground: &Ground<'_>) -> bool {
    ground.routed() && !dynamic(ground)
}

fn dynamic(ground: &Ground<'_>) -> bool {
    ground.routed() && ground.rollout.spec.strategy.canary.as_ref().is_some_and(|canary| canary.dynamic_stable_scale)
}

fn end_pause(ground: &Ground<'_>) -> Stage {
    let control = ground.control();
    let premises = vec![
        Premise::Uid(ground.release.uid.clone()),
        Premise::Releasing(control.new_hash.clone()),
        Premise::Stable(control.stable_hash.clone()),
        Premise::Aborted(true),
        Premise::PausedByHand(true),
    ];
    let write = ground.spec(json!({"spec": {"paused": false}}));
    stage("End the pause by hand", Some(write), premises, Goal::PausedByHand(false))
}

fn effect(ground: &Ground<'_>) -> String {
    let (old, new) = (ground.old_name(), ground.new_name());
    let share = ground.release.exposure.headline.as_ref();
    let from = share.map_or_else(String::new, |share| format!(": {} → 0 %", words::exposed(share)));
    if ground.before() == Some(0.0) && !ground.blue_green() {
        return format!("{new} gets nothing now; its pods are taken away.");
    }
    if ground.blue_green() {
        return if switch::switched(ground) {
            format!("All traffic goes back from {new} to {old}{from}.")
        } else {
            format!("All traffic stays with {old}; the preview of {new} is taken away.")
        };
    }
    if dynamic(ground) {
        return format!("{new} loses its traffic step by step, backwards, as {old} grows again{from}.");
    }
    if ground.routed() {
        return format!("The router takes all traffic off {new} at once{from}.");
    }
    format!("Pods of {new} are replaced by pods of {old}, a few at a time{from}.")
}

fn notes(ground: &Ground<'_>, freed: bool) -> Vec<Clean> {
    let new = ground.new_name();
    let mut notes: Vec<Clean> =
        vec![format!("The spec still names {new}: retry, or any edit, sends it out again. Roll back takes it out for good.").into()];
    if freed {
        notes.push("It is paused by hand, which would stop the traffic from moving: that pause ends as soon as the abort is seen.".into());
    } else if ground.release.paused_by_hand {
        notes.push("It stays paused by hand: its traffic goes, its pods stay until it is resumed.".into());
    }
    if weight_moves(ground) && !ground.release.paused_by_hand {
        let delay = ground.rollout.spec.strategy.canary.as_ref().and_then(|canary| canary.abort_scale_down_delay_seconds).unwrap_or(30);
        notes.push(match delay {
            ..=0 => "Its pods stay for good: abortScaleDownDelaySeconds is 0.".into(),
            seconds => format!("Its pods stay for another {}, without traffic.", crate::release::figures::duration(seconds)).into(),
        });
    }
    if ground.waits_to_unpause() {
        notes.push("Its last pause has just been ended; the abort counts all the same.".into());
    }
    notes
}

fn risks(ground: &Ground<'_>) -> Vec<Clean> {
    let mut risks: Vec<Clean> = Vec::new();
    if ground.control().promote_full {
        risks.push(
            "All the way was asked for: the controller may ignore an abort until the new pods are available. If it does, roll back.".into(),
        );
    }
    let new_ready = words::new_version(ground.release).is_none_or(|new| new.desired > 0 && new.available >= new.desired);
    if switch::switched(ground) && !new_ready {
        risks.push(
            format!(
                "The controller switches back only while every pod of {} is available, and not all are: if the traffic stays, roll back.",
                ground.new_name()
            )
            .into(),
        );
    }
    let Some(old) = words::old_version(ground.release) else { return risks };
    let wanted = ground.release.replicas.desired;
    let at_once = weight_moves(ground) || switch::switched(ground);
    if old.ready == 0 {
        risks.push(format!("{} has no ready pod: requests fail until it has.", ground.old_name()).into());
    } else if at_once && old.ready < wanted {
        risks.push(format!("{} has {} of {} ready and takes all traffic at once.", ground.old_name(), old.ready, say::pods(wanted)).into());
    }
    risks
}

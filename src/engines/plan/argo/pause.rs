//! Pause: stops a release where it is, and says what a pause does not stop.
//! Refuses to stop pods from being taken away after an abort.

use serde_json::json;

use super::ground::{Ground, stage};
use super::say;
use super::switch::switches_by_itself;
use crate::release::acting::{Change, Goal, Premise, Refusal, Verb};
use crate::release::words;

/// Plans it.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>) -> Result<Change, Refusal> {
    if ground.release.paused_by_hand {
        let resumable = ground.reacted().is_ok();
        let stops = ground.changing() && !ground.control().aborted;
        let mut offers = Vec::new();
        offers.extend(resumable.then_some(Verb::Resume));
        offers.extend(stops.then_some(Verb::Abort));
        let instead = if stops { "Resume ends that pause; abort takes the traffic back." } else { "Resume ends that pause." };
        return Err(ground.refuse("It is paused by hand already.", instead, &offers));
    }
    let draining = ground.release.versions.iter().filter(|v| v.runs_new).map(|v| v.current).sum::<i64>();
    if ground.control().aborted && ground.changing() && draining > 0 {
        return Err(ground.refuse(
            format!("It is aborted and its last {} are being taken away: a pause would stop that.", say::pods(draining)),
            "Wait until they are gone, or roll back to take it out of the spec.",
            &[Verb::RollBack],
        ));
    }
    // Towards safety little may stand in the way: neither the step nor the version must be the one on screen.
    let premises = vec![Premise::Uid(ground.release.uid.clone()), Premise::PausedByHand(false)];
    let write = ground.spec(json!({"spec": {"paused": true}}));
    let stages = vec![stage("Pause", Some(write), premises, Goal::PausedByHand(true))];
    if !ground.changing() {
        let mut change = ground.change("Nothing is being released: the next release is held before its first pod.", stages);
        change.exposed.after = None;
        change.notes.push("ReplicaSets are not scaled while it lasts, for an autoscaler neither.".into());
        return Ok(change);
    }
    let share = ground.release.exposure.headline.as_ref().map(words::exposed);
    let place = ground.step().map_or_else(String::new, |index| format!(" in {}", ground.step_words(index)));
    // What starts goes on to be ready, whoever has paused: where no router says otherwise it gets requests then.
    let starting = words::new_version(ground.release).map_or(0, |new| new.current - new.ready).max(0);
    let comes = starting > 0 && !ground.routed() && !ground.blue_green();
    let more = if comes {
        format!(", and more once {} that {} ready", say::pods(starting), if starting == 1 { "starts is" } else { "start are" })
    } else {
        String::new()
    };
    let stays = share.map_or_else(String::new, |share| format!("; {} keeps {share}{more}", ground.new_name()));
    let mut change = ground.change(format!("Stops it{place}{stays}."), stages);
    change.notes = notes(ground);
    if comes {
        change.exposed.after = None;
    }
    if ground.control().promote_full {
        change.risks.push("All the way was asked for: it goes on from there once resumed.".into());
    }
    Ok(change)
}

fn notes(ground: &Ground<'_>) -> Vec<crate::text::Clean> {
    let mut notes: Vec<crate::text::Clean> = Vec::new();
    let stopped = match (ground.blue_green(), switches_by_itself(ground)) {
        (true, true) => "Stopped: the switch, also the one by itself, and scaling, for an autoscaler too.",
        (true, false) => "Stopped: the switch, and scaling, for an autoscaler too.",
        (false, _) => "Stopped: the next step, and scaling, for an autoscaler too.",
    };
    notes.push(stopped.into());
    let running = ground.running_words();
    if !running.is_empty() {
        notes.push(format!("Goes on: {}; it may still abort this.", running.join(" and ")).into());
    } else if analysed(ground) {
        notes.push("An analysis is not stopped by a pause: one that is due still runs, and may abort.".into());
    }
    if ground.routed() {
        notes.push("Goes on: the controller still writes the present weight to the router.".into());
    }
    if !ground.blue_green() {
        notes.push("Pods already started may still become ready.".into());
    }
    if let Some(end) = ground.pause_ends() {
        notes.push(format!("The timed pause's clock runs on, to {}: resumed after that, it goes on at once.", say::at(end)).into());
    }
    notes
}

/// Whether the spec asks for analyses that a pause does not hold.
fn analysed(ground: &Ground<'_>) -> bool {
    let strategy = &ground.rollout.spec.strategy;
    let canary = strategy.canary.as_ref().is_some_and(|canary| canary.analysis.is_some());
    canary || strategy.blue_green.as_ref().is_some_and(|bg| bg.pre_promotion_analysis.is_some() || bg.post_promotion_analysis.is_some())
}

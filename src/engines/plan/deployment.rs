//! Plans for Deployments: pause, resume, restart. It has no steps, no gates and no abort; each of those is refused with what works instead.
//! Refuses to restart what is paused: its pods would stay as they are, and be replaced at some later moment that nobody chose.

mod refusals;
#[cfg(test)]
mod tests;

use chrono::SecondsFormat;
use serde_json::json;

use super::template::{TAKEN_IN, merge, pods_turned, premises, undone_by};
use crate::engines::versions;
use crate::objects::{Time, World};
use crate::release::acting::{Change, Confirm, Exposed, Goal, Intent, Premise, Refusal, Stage};
use crate::release::{Phase, Release, Strategy};
use crate::text::Clean;

/// Plans `intent` on the Deployment of `release`.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(world: &World, release: &Release, intent: &Intent) -> Result<Change, Refusal> {
    match intent {
        Intent::Pause => pause(release),
        Intent::Resume => resume(world, release, intent),
        // The only thing that a Deployment waits for is a person who paused it.
        Intent::Advance if release.paused_by_hand => resume(world, release, intent),
        Intent::Restart(at) => restart(world, release, *at),
        Intent::Note => Ok(bare(release, intent, "Nothing is sent to the cluster: the note goes into the journal.")),
        Intent::RollBack(target) => super::rollback::plan(world, release, *target),
        Intent::SetImage(images) => super::image::plan(world, release, images),
        other => Err(refusals::refused(release, other.verb())),
    }
}

/// A change without stages yet.
fn bare(release: &Release, intent: &Intent, effect: impl Into<String>) -> Change {
    Change {
        intent: intent.clone(),
        release: release.key.clone(),
        effect: Clean::from(effect.into()),
        notes: Vec::new(),
        exposed: Exposed::default(),
        stages: Vec::new(),
        risks: Vec::new(),
        undone_by: None,
        confirm: Confirm::Key,
        diff: Vec::new(),
    }
}

fn share(release: &Release) -> Option<f64> {
    release.exposure.headline.as_ref().map(|share| share.value)
}

fn grounds(release: &Release) -> Vec<Premise> {
    let template = release.control.template.as_ref();
    template.map_or_else(|| vec![Premise::Uid(release.uid.clone())], |holder| premises(release, holder))
}

fn pause(release: &Release) -> Result<Change, Refusal> {
    if release.paused_by_hand {
        return Err(refusals::paused_already());
    }
    let effect = if release.under_way {
        "Stops the update where it is: old and new pods both go on serving, in the mix of now."
    } else {
        "Nothing is being released: the next change of the template waits until it is resumed."
    };
    let mut change = bare(release, &Intent::Pause, effect);
    change.exposed = Exposed { before: share(release), after: share(release) };
    if release.under_way {
        change.notes.push("An autoscaler goes on scaling both versions.".into());
    }
    change.notes.push(if release.phase == Phase::Degraded {
        "Its progress deadline has passed already; pausing does not take that back.".into()
    } else {
        "The progress deadline stands still while it is paused.".into()
    });
    change.stages = vec![Stage {
        name: "pause".into(),
        write: Some(merge(release, "", json!({"spec": {"paused": true}}))),
        premises: grounds(release),
        goal: Goal::PausedByHand(true),
        patience: TAKEN_IN,
    }];
    Ok(change)
}

fn resume(world: &World, release: &Release, intent: &Intent) -> Result<Change, Refusal> {
    if !release.paused_by_hand {
        return Err(refusals::not_paused(release));
    }
    // A template that was changed while it was paused has no ReplicaSet yet.
    let deployment = world.deployment(&release.key.namespace, &release.key.name);
    let waiting = deployment.is_some_and(|deployment| versions::newest_set(world, deployment).is_none());
    let effect = if waiting {
        "The change of the template that was made while it was paused begins, and goes to every pod."
    } else if release.under_way {
        "The update goes on by itself to every pod: a Deployment has no further step to stop at."
    } else {
        "Changes of the template roll out at once again; one that was made while it was paused begins now."
    };
    let mut change = bare(release, intent, effect);
    let moves = waiting || release.under_way;
    change.exposed = Exposed { before: share(release), after: moves.then_some(1.0).or_else(|| share(release)) };
    if release.under_way && release.phase == Phase::Degraded {
        change.risks.push("Its progress deadline had passed: its new pods did not become available.".into());
    }
    if moves && release.strategy == Strategy::Recreate {
        change.risks.push("Recreate: nothing answers between the last old pod and the first new one.".into());
    }
    change.stages = vec![Stage {
        name: "resume".into(),
        write: Some(merge(release, "", json!({"spec": {"paused": false}}))),
        premises: grounds(release),
        goal: Goal::PausedByHand(false),
        patience: TAKEN_IN,
    }];
    Ok(change)
}

fn restart(world: &World, release: &Release, at: Time) -> Result<Change, Refusal> {
    if release.paused_by_hand {
        return Err(refusals::restart_paused());
    }
    let pods = release.replicas.desired;
    let effect = match (release.strategy, release.limits) {
        (Strategy::Recreate, _) => format!("Stops all {pods} pods, then starts {pods} of the same version: nothing is served in between."),
        (_, Some(limits)) => {
            let missing = if limits.unavailable == 0 { "none".to_owned() } else { limits.unavailable.to_string() };
            format!(
                "Replaces all {pods} pods by new ones of the same version: at most {} more than wanted, {missing} missing.",
                limits.surge
            )
        }
        _ => format!("Replaces all {pods} pods by new ones of the same version."),
    };
    let mut change = bare(release, &Intent::Restart(at), effect);
    change.notes.push("It makes a new revision with the same images; a roll back passes it over.".into());
    change.undone_by =
        undone_by(release).map(|_| "What writes this spec from Git leaves the annotation of a restart alone, as a rule.".into());
    if release.under_way {
        change.risks.push("An update is under way: the restart takes the new version to every pod.".into());
        change.exposed = Exposed { before: share(release), after: Some(1.0) };
    }
    let written = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let body = json!({
        "metadata": {"annotations": {"kubernetes.io/change-cause": "flightdeck: restart"}},
        "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": written}}}},
    });
    change.stages = vec![
        Stage {
            name: "ask for the restart".into(),
            write: Some(merge(release, "", body)),
            premises: grounds(release),
            goal: Goal::ReleasingOther(release.control.new_hash.clone()),
            patience: TAKEN_IN,
        },
        Stage {
            name: "wait until every pod is new".into(),
            write: None,
            premises: Vec::new(),
            goal: Goal::All(vec![Goal::ReleasingOther(release.control.new_hash.clone()), Goal::Promoted]),
            patience: pods_turned(world, release),
        },
    ];
    Ok(change)
}

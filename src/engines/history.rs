//! The revisions of a workload, how each ended, and the one to go back to.
//! Never claims more than the objects tell: where nothing is left that tells, a revision's end is unknown.

mod argo;
mod choose;
mod clean;
mod deployment;
mod evidence;
mod flagger;
mod set;
#[cfg(test)]
mod tests;

pub use choose::{RESTARTED_AT, same_but_restarted};

use std::sync::Arc;

use serde_json::Value;

use crate::objects::{Kind, World};
use crate::release::Release;
use crate::release::acting::{History, Outcome, Revision, bare, template_differences};
use set::Set;

/// The revisions of `release`, where they were read ([`World::remember_history`]): newest first, with the one `roll back` would choose.
/// A revision's age is that of its ReplicaSet; one that was used again has the age of its first use.
pub fn history(world: &World, release: &Release) -> Option<History> {
    let raw = world.history(&release.key)?;
    let in_force = clean::template(&raw.holder["spec"]["template"], None);
    let sets: Vec<Set> = set::of(world, release, &raw.replica_sets);
    let current = current(release, &sets, &in_force);
    let revisions: Vec<Revision> = sets
        .iter()
        .enumerate()
        .map(|(at, set)| {
            let outcome = match release.key.kind {
                Kind::Rollout => argo::outcome(world, release, &sets, set),
                Kind::Canary => flagger::outcome(world, release, &sets, set),
                _ => deployment::outcome(world, release, &sets, set),
            };
            revision(set, outcome, current == Some(at), &in_force)
        })
        .collect();
    let chosen = choose::chosen(&revisions, &in_force);
    Some(History { revisions, chosen })
}

/// Which set runs the template in force: by what it runs; by its hash where no set runs just that and the controller has seen the newest spec.
/// Not so for a paused Deployment: what was written while it was paused has no set yet, and its newest set runs something else.
fn current(release: &Release, sets: &[Set], in_force: &Value) -> Option<usize> {
    let wanted = bare(in_force);
    let trusted = release.control.observed && !(release.key.kind == Kind::Deployment && release.paused_by_hand);
    let by_hash = || sets.iter().position(|set| trusted && set.hash == release.control.new_hash && !set.hash.is_empty());
    sets.iter().position(|set| bare(&set.template) == wanted).or_else(by_hash)
}

fn revision(set: &Set, outcome: Outcome, current: bool, in_force: &Value) -> Revision {
    Revision {
        number: set.number,
        uid: set.meta.uid.clone(),
        replica_set: set.meta.name.clone(),
        hash: set.hash.clone(),
        created: set.meta.creation_timestamp,
        images: set.images(),
        pods: (set.desired, set.available),
        change_cause: set.meta.annotation("kubernetes.io/change-cause").cloned(),
        outcome,
        current,
        diff: template_differences(in_force, &set.template),
        template: Arc::new(set.template.clone()),
    }
}

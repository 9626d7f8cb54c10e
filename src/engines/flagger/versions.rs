//! The versions of a Canary: the target's set is what is tried, the primary's what serves; while one is promoted there are three.
//! Never lists what holds no pods and plays no part.

use super::parts::{Parts, holds};
use super::stage::{self, Stage};
use crate::engines::versions::{REVISION, finish, version};
use crate::objects::{Canary, ReplicaSet, World};
use crate::release::{PodView, Role, Strategy, Version};

/// Its versions and their pods.
pub fn of(world: &World, canary: &Canary, parts: &Parts<'_>, stage: Stage, pods_known: bool) -> (Vec<Version>, Vec<PodView>) {
    let blue_green = stage::strategy(canary) == Strategy::BlueGreen;
    let (tried, serving) = if blue_green { (Role::Preview, Role::Active) } else { (Role::Canary, Role::Stable) };
    let is = |one: Option<&ReplicaSet>, set: &ReplicaSet| one.is_some_and(|one| one.metadata.uid == set.metadata.uid);
    let hash = |set: &ReplicaSet| set.metadata.label("pod-template-hash").cloned().unwrap_or_default();
    let mut all = Vec::new();
    for set in &parts.of_target {
        let new = is(parts.new, set);
        // An earlier try of a release that was changed on its way still takes requests.
        let role = if new { tried } else { Role::Other };
        if new || holds(set) {
            let runs_new = new || stage.in_flight();
            all.push(version(set, hash(set), role, runs_new && !is_stable(parts, set, new), REVISION));
        }
    }
    for set in &parts.of_primary {
        let (stable, promoted) = (is(parts.stable, set), is(parts.promoted, set));
        if !stable && !promoted && !holds(set) {
            continue;
        }
        let role = if promoted {
            Role::New
        } else if stable {
            serving
        } else {
            Role::Other
        };
        let mut one = version(set, hash(set), role, promoted, REVISION);
        one.revision = parts.revision_of(set);
        all.push(one);
    }
    // With no primary yet, the target serves by itself.
    if parts.of_primary.is_empty() && stage != Stage::Failed {
        for one in all.iter_mut().filter(|one| one.role == Role::Other) {
            one.role = serving;
            one.runs_new = false;
        }
    }
    finish(world, all, pods_known)
}

/// A set of the target that runs what the primary runs, and is not what is being released.
fn is_stable(parts: &Parts<'_>, set: &ReplicaSet, new: bool) -> bool {
    !new && parts.stable.is_some_and(|stable| stable.spec.template.images() == set.spec.template.images())
}

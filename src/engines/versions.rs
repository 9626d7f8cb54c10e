//! Versions of a workload, read off its ReplicaSets, and the parts they play.
//! Never trusts a hash to say what runs: an experiment's candidate has a hash of its own and still runs the new version.

use super::pods;
use crate::objects::{Deployment, Kind, ReplicaSet, Rollout, Time, World};
use crate::release::{PodView, Release, Role, Version};
use crate::text::Clean;

/// The label that names an Argo version.
pub const ARGO_HASH: &str = "rollouts-pod-template-hash";
const ARGO_REVISION: &str = "rollout.argoproj.io/revision";
/// The annotation that names a Deployment's revision.
pub const REVISION: &str = "deployment.kubernetes.io/revision";

/// Every version of a Rollout that holds pods or plays a part, newest revision first, and their pods.
pub fn of_rollout(world: &World, rollout: &Rollout, pods_known: bool) -> (Vec<Version>, Vec<PodView>) {
    let status = &rollout.status;
    let own: Vec<&ReplicaSet> = world.replica_sets_of(&rollout.metadata.uid).collect();
    let new_images = own.iter().find(|s| s.metadata.label(ARGO_HASH) == Some(&status.current_pod_hash)).map(|s| s.spec.template.images());
    let stable_images = own.iter().find(|s| s.metadata.label(ARGO_HASH) == Some(&status.stable_rs)).map(|s| s.spec.template.images());
    let mut out = Vec::new();
    for set in &own {
        let hash = set.metadata.label(ARGO_HASH).cloned().unwrap_or_default();
        let role = role(rollout, &hash);
        if role == Role::Other && set.desired() == 0 && set.status.replicas == 0 {
            continue;
        }
        let runs_new = hash == status.current_pod_hash && status.current_pod_hash != status.stable_rs;
        out.push(version(set, hash, role, runs_new, ARGO_REVISION));
    }
    for experiment in world.experiments_of(&rollout.metadata.uid) {
        for set in world.replica_sets_of(&experiment.metadata.uid) {
            if set.desired() == 0 && set.status.replicas == 0 {
                continue;
            }
            let images = set.spec.template.images();
            let runs_new = new_images.as_ref() == Some(&images) && stable_images.as_ref() != Some(&images);
            let hash = set.metadata.label(ARGO_HASH).cloned().unwrap_or_default();
            out.push(version(set, hash, Role::Experiment, runs_new, ARGO_REVISION));
        }
    }
    finish(world, out, pods_known)
}

/// Every version of a Deployment that holds pods, and the newest one, newest revision first, and their pods.
pub fn of_deployment(world: &World, deployment: &Deployment, pods_known: bool) -> (Vec<Version>, Vec<PodView>) {
    let newest = newest_set(world, deployment).map(|s| s.metadata.uid.clone());
    let mut out = Vec::new();
    let mut others = false;
    for set in world.replica_sets_of(&deployment.metadata.uid) {
        let is_newest = Some(&set.metadata.uid) == newest.as_ref();
        if !is_newest && set.desired() == 0 && set.status.replicas == 0 {
            continue;
        }
        others |= !is_newest;
        let hash = set.metadata.label("pod-template-hash").cloned().unwrap_or_default();
        out.push(version(set, hash, if is_newest { Role::New } else { Role::Old }, is_newest, REVISION));
    }
    if !others {
        for version in &mut out {
            version.role = Role::Old;
            version.runs_new = false;
        }
    }
    finish(world, out, pods_known)
}

/// At most so many of the ReplicaSets without pods are named: as many as a workload keeps unless it is told otherwise.
const EARLIER: usize = 10;

/// The ReplicaSets of a release that are none of its versions any more, the newest first.
pub fn earlier(world: &World, release: &Release) -> Vec<Clean> {
    let served_by = world.canary(&release.key.namespace, &release.key.name).filter(|_| release.key.kind == Kind::Canary);
    let named = served_by.map(|canary| [canary.target().cloned(), canary.primary()]).unwrap_or_default();
    let deployments = named.iter().flatten().filter_map(|name| world.deployment(&release.key.namespace, name));
    let owners = std::iter::once(&release.uid).chain(deployments.map(|deployment| &deployment.metadata.uid));
    let mut sets: Vec<&ReplicaSet> = owners.flat_map(|owner| world.replica_sets_of(owner)).collect();
    sets.retain(|set| release.versions.iter().all(|version| version.uid != set.metadata.uid));
    sets.sort_by(|a, b| {
        b.metadata.creation_timestamp.cmp(&a.metadata.creation_timestamp).then_with(|| a.metadata.name.cmp(&b.metadata.name))
    });
    sets.iter().take(EARLIER).map(|set| set.metadata.name.clone()).collect()
}

/// The ReplicaSet of the Deployment's present template: the one with the highest revision.
pub fn newest_set<'a>(world: &'a World, deployment: &Deployment) -> Option<&'a ReplicaSet> {
    let same = |s: &&ReplicaSet| s.spec.template.images() == deployment.spec.template.images();
    let sets: Vec<&ReplicaSet> = world.replica_sets_of(&deployment.metadata.uid).collect();
    let wanted = deployment.metadata.annotation(REVISION);
    sets.iter()
        .find(|s| wanted.is_some() && s.metadata.annotation(REVISION) == wanted && same(s))
        .or_else(|| sets.iter().filter(|s| same(s)).max_by_key(|s| revision(s, REVISION)))
        .copied()
}

/// When a version kept warm goes (annotation `scale-down-deadline`).
pub fn scale_down_at(set: &ReplicaSet) -> Option<Time> {
    let text = set.metadata.annotation("scale-down-deadline")?;
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A revision number; 0 when there is none.
pub fn revision(set: &ReplicaSet, annotation: &str) -> i64 {
    set.metadata.annotation(annotation).and_then(|r| r.parse().ok()).unwrap_or(0)
}

fn role(rollout: &Rollout, hash: &Clean) -> Role {
    let status = &rollout.status;
    if rollout.spec.strategy.blue_green.is_some() {
        if *hash == status.blue_green.active_selector {
            return Role::Active;
        }
        if *hash == status.blue_green.preview_selector {
            return Role::Preview;
        }
    }
    if *hash == status.stable_rs {
        Role::Stable
    } else if *hash == status.current_pod_hash {
        Role::Canary
    } else {
        Role::Other
    }
}

/// A version as its ReplicaSet tells it.
pub(super) fn version(set: &ReplicaSet, hash: Clean, role: Role, runs_new: bool, annotation: &str) -> Version {
    Version {
        uid: set.metadata.uid.clone(),
        replica_set: set.metadata.name.clone(),
        role,
        runs_new,
        hash,
        revision: revision(set, annotation),
        label: set.spec.template.labels().get("version").cloned().unwrap_or_default(),
        images: set.spec.template.images(),
        desired: set.desired(),
        current: set.status.replicas,
        ready: set.status.ready_replicas,
        available: set.status.available_replicas,
        mix: None,
        scale_down_at: scale_down_at(set),
        created: set.metadata.creation_timestamp,
        change_cause: set.metadata.annotation("kubernetes.io/change-cause").cloned(),
    }
}

/// Puts versions in order and reads their pods, where those are known.
pub(super) fn finish(world: &World, mut versions: Vec<Version>, pods_known: bool) -> (Vec<Version>, Vec<PodView>) {
    versions.sort_by(|a, b| b.revision.cmp(&a.revision).then_with(|| a.role.cmp(&b.role)).then_with(|| a.replica_set.cmp(&b.replica_set)));
    let mut all = Vec::new();
    if pods_known {
        for version in &mut versions {
            let views = pods::of_version(world, &version.uid);
            version.mix = Some(pods::mix(&views, version.desired));
            all.extend(views);
        }
    }
    (versions, all)
}

//! One ReplicaSet of a workload as its history needs it: the raw template, and what the newest watch says of its pods and numbers.
//! Refuses ReplicaSets of others: an experiment's, or those of the Deployment behind a `workloadRef`.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::clean;
use crate::engines::versions::{ARGO_HASH, REVISION};
use crate::objects::{Kind, Meta, Time, World};
use crate::release::Release;
use crate::text::Clean;

/// A ReplicaSet that the workload controls.
pub struct Set {
    /// Its metadata: as watched where it is, else as it was read.
    pub meta: Meta,
    /// Its revision; 0 when unknown.
    pub number: i64,
    /// The numbers it had before it was used again.
    pub before: Vec<i64>,
    /// Its pod template hash.
    pub hash: Clean,
    /// Pods wanted.
    pub desired: i64,
    /// Pods available.
    pub available: i64,
    /// Its template without what the controller put in.
    pub template: Value,
}

impl Set {
    /// Images by container.
    pub fn images(&self) -> Vec<Clean> {
        let containers = self.template["spec"]["containers"].as_array().into_iter().flatten();
        containers.map(|container| Clean::from(container["image"].as_str().unwrap_or_default())).collect()
    }

    /// Whether it is, or once was, the revision of that number.
    pub fn was(&self, number: i64) -> bool {
        number > 0 && (self.number == number || self.before.contains(&number))
    }
}

/// The sets that the workload controls, newest revision first.
pub fn of(world: &World, release: &Release, raw: &[Arc<Value>]) -> Vec<Set> {
    let mut sets: Vec<Set> = raw.iter().filter_map(|raw| read(world, release, raw)).collect();
    sets.sort_by(|a, b| {
        b.number
            .cmp(&a.number)
            .then_with(|| b.meta.creation_timestamp.cmp(&a.meta.creation_timestamp))
            .then_with(|| a.meta.name.cmp(&b.meta.name))
    });
    sets
}

fn read(world: &World, release: &Release, raw: &Value) -> Option<Set> {
    let meta = Meta::deserialize(&raw["metadata"]).ok()?;
    // Flagger's are those of the Deployment that people deploy to.
    let target = release.control.template.as_ref().filter(|_| release.key.kind == Kind::Canary);
    let own = target.map_or(&release.uid, |target| &target.uid);
    if meta.owner.as_ref().is_none_or(|owner| owner.uid != *own) {
        return None;
    }
    let watched = world.replica_set(&meta.uid);
    // The watch is newer than what was read once; a set that is gone since is kept as it was read.
    let meta = watched.map_or(meta, |set| set.metadata.clone());
    let argo = release.key.kind == Kind::Rollout;
    let hash = meta.label(if argo { ARGO_HASH } else { "pod-template-hash" }).cloned().unwrap_or_default();
    let number = |pointer: &str, none: i64| raw.pointer(pointer).and_then(Value::as_i64).unwrap_or(none);
    let (current, before) = numbers_of(&meta, release.key.kind);
    Some(Set {
        number: current,
        before,
        hash,
        desired: watched.map_or_else(|| number("/spec/replicas", 1), |set| set.desired()),
        available: watched.map_or_else(|| number("/status/availableReplicas", 0), |set| set.status.available_replicas),
        template: clean::template(&raw["spec"]["template"], Some(&raw["metadata"])),
        meta,
    })
}

/// The revision number of a ReplicaSet of a workload of that kind, 0 when there is none, and those it had before.
fn numbers_of(meta: &Meta, kind: Kind) -> (i64, Vec<i64>) {
    let revision = if kind == Kind::Rollout { "rollout.argoproj.io/revision" } else { REVISION };
    let number = meta.annotation(revision).and_then(|number| number.parse().ok()).unwrap_or(0);
    let before = meta.annotation(&format!("{revision}-history"));
    (number, before.map(|list| list.split(',').filter_map(|n| n.trim().parse().ok()).collect()).unwrap_or_default())
}

/// When the revision of that number began, where its ReplicaSet was made for it: one that was used again does not tell.
pub fn began(sets: &[Set], number: i64) -> Option<Time> {
    let set = sets.iter().find(|set| set.was(number))?;
    let first = set.before.iter().copied().chain([set.number]).min()?;
    (first == number).then_some(set.meta.creation_timestamp)?
}

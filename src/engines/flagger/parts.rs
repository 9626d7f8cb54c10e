//! The two Deployments of a Canary and the ReplicaSets that count: target, primary, what is new, what is stable.
//! Never compares pod template hashes across the two: Flagger marks each promotion in the primary's template, so they always differ.

use super::stage::{self, Stage};
use crate::engines::versions::{REVISION, newest_set, revision};
use crate::objects::{Canary, Deployment, ReplicaSet, Time, World};
use crate::text::Clean;

/// What a Canary releases, and where it stands.
pub struct Parts<'a> {
    /// What people deploy to: its pods are the new version.
    pub target: Option<&'a Deployment>,
    /// The copy that serves between releases.
    pub primary: Option<&'a Deployment>,
    /// All sets of the target.
    pub of_target: Vec<&'a ReplicaSet>,
    /// All sets of the primary.
    pub of_primary: Vec<&'a ReplicaSet>,
    /// The target's set of its present template.
    pub newest: Option<&'a ReplicaSet>,
    /// The set that is being released, or was when it failed. `None` where nothing is.
    pub new: Option<&'a ReplicaSet>,
    /// The primary's set of its present template.
    pub present: Option<&'a ReplicaSet>,
    /// The primary's set of what is being promoted, while it is being promoted.
    pub promoted: Option<&'a ReplicaSet>,
    /// The primary's set of what was there before, or the only one.
    pub stable: Option<&'a ReplicaSet>,
}

impl<'a> Parts<'a> {
    /// Of a Canary at that stage.
    pub fn of(world: &'a World, canary: &Canary, stage: Stage) -> Self {
        let namespace = &canary.metadata.namespace;
        let deployment = |name: Option<&Clean>| name.and_then(|name| world.deployment(namespace, name));
        let (target, primary) = (deployment(canary.target()), deployment(canary.primary().as_ref()));
        let sets = |of: Option<&Deployment>| -> Vec<&'a ReplicaSet> {
            of.map(|of| world.replica_sets_of(&of.metadata.uid).collect()).unwrap_or_default()
        };
        let (of_target, of_primary) = (sets(target), sets(primary));
        let newest = target.and_then(|target| newest_set(world, target));
        let present = primary.and_then(|primary| newest_set(world, primary));
        let promoted = present.filter(|set| promotes(canary, stage, set, &of_primary));
        let others = of_primary.iter().copied().filter(|set| promoted.is_some_and(|p| p.metadata.uid != set.metadata.uid));
        let before = others.max_by_key(|set| (holds(set), revision(set, REVISION)));
        let mut parts = Self { target, primary, of_target, of_primary, newest, new: None, present, promoted, stable: before.or(present) };
        parts.new = match stage {
            Stage::Failed => parts.failed(canary),
            _ if stage.in_flight() => newest,
            _ => None,
        };
        parts
    }

    /// What failed: not what somebody has put into the target since, be it what was promoted before.
    fn failed(&self, canary: &Canary) -> Option<&'a ReplicaSet> {
        let at = stage::promoted(canary).and_then(|condition| condition.last_transition_time);
        let stable = self.present.map(|set| set.spec.template.images());
        let is_other = |set: &ReplicaSet| stable.as_ref() != Some(&set.spec.template.images());
        let was_there = |set: &ReplicaSet| at.is_none() || set.metadata.creation_timestamp <= at;
        if self.newest.is_some_and(|newest| is_other(newest) && was_there(newest)) {
            return self.newest;
        }
        let tried = self.of_target.iter().copied().filter(|set| is_other(set) && was_there(set));
        tried.max_by_key(|set| revision(set, REVISION)).or(self.newest)
    }

    /// The revision under which people know what a set of the primary runs: that of the target's set with the same images.
    pub fn revision_of(&self, set: &ReplicaSet) -> i64 {
        let images = set.spec.template.images();
        let same = |other: &&&ReplicaSet| other.spec.template.images() == images;
        let is_new = |other: &ReplicaSet| self.new.is_some_and(|new| new.metadata.uid == other.metadata.uid);
        let promoted = self.promoted.is_some_and(|promoted| promoted.metadata.uid == set.metadata.uid);
        let numbers = |new: bool| self.of_target.iter().filter(same).filter(move |s| is_new(s) == new).map(|s| revision(s, REVISION)).max();
        let (first, then) = if promoted { (numbers(true), numbers(false)) } else { (numbers(false), numbers(true)) };
        first.or(then).unwrap_or(0)
    }

    /// Whether the primary is replacing pods.
    pub fn rolls(&self) -> bool {
        let present = self.present.map(|set| &set.metadata.uid);
        self.of_primary.iter().any(|set| Some(&set.metadata.uid) != present && holds(set)) && present.is_some()
    }

    /// Whether any pod of the target is there.
    pub fn target_holds_pods(&self) -> bool {
        self.of_target.iter().any(|set| holds(set))
    }

    /// Whether what is being released is what the primary runs already, by its images.
    pub fn nothing_new(&self) -> bool {
        let images = |set: Option<&ReplicaSet>| set.map(|set| set.spec.template.images()).filter(|images| !images.is_empty());
        let (new, stable) = (images(self.new), images(self.stable));
        let twin = self.of_target.iter().filter(|set| Some(set.spec.template.images()) == new).count();
        // With the same images and a set of its own it differs in something else.
        new.is_some() && new == stable && twin < 2
    }
}

/// Whether a set has, or is to have, pods.
pub fn holds(set: &ReplicaSet) -> bool {
    set.status.replicas > 0 || set.desired() > 0
}

/// Whether the primary's present set is what is being promoted: each promotion makes a set of its own, so its age tells. After one
/// without analysis, which ends while the primary still rolls, older pods do.
fn promotes(canary: &Canary, stage: Stage, present: &ReplicaSet, all: &[&ReplicaSet]) -> bool {
    let older_hold = || all.iter().any(|set| set.metadata.uid != present.metadata.uid && holds(set));
    let since = |began: Option<Time>| began.is_some() && present.metadata.creation_timestamp >= began;
    match stage {
        _ if stage.promotes() => since(stage::began(canary)) && all.len() > 1,
        Stage::Initialized | Stage::Succeeded => older_hold(),
        _ => false,
    }
}

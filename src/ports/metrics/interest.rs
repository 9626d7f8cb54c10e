//! What the app wants measured: releases, under the names by which metrics know them.
//! Says neither how often nor in which words they are asked for.

use super::promise::Promise;
use crate::objects::ReleaseRef;
use crate::text::Clean;

/// What a version is to the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Runs what is being released.
    New,
    /// Runs what is replaced.
    Old,
    /// Neither.
    Other,
}

/// The names under which one version is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNames {
    /// Its pod-template hash.
    pub hash: Clean,
    /// Its ReplicaSet.
    pub replica_set: Clean,
    /// The pods seen so far, gone ones too.
    pub pods: Vec<Clean>,
    /// What it is to the release.
    pub part: Part,
    /// The `version` label of its pods, where they have one: what a mesh calls it.
    pub label: Clean,
}

/// The names under which a release is measured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Its namespace.
    pub namespace: Clean,
    /// The name of the Deployment or Rollout.
    pub workload: Clean,
    /// The Services that select its pods.
    pub services: Vec<Clean>,
    /// The Ingresses in front of them.
    pub ingress: Vec<Clean>,
    /// Its versions.
    pub versions: Vec<VersionNames>,
    /// Its ReplicaSets whose pods are gone: what they answered is the service's too.
    pub earlier: Vec<Clean>,
}

/// One release to be measured as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurable {
    /// Which: answers carry it.
    pub release: ReleaseRef,
    /// Under which names.
    pub subject: Subject,
    /// What is promised of it.
    pub promises: Vec<Promise>,
}

/// What is to be measured now. Nothing else is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricInterest {
    /// The open release.
    pub open: Option<Measurable>,
    /// The release that is guarded while another one is open: followed as closely.
    pub guarded: Option<Measurable>,
    /// What the board shows: shares and burn of each, by one question for all of them.
    pub board: Vec<Measurable>,
    /// Questions which pods some series are of: what an objective counts.
    pub covering: Vec<Clean>,
}

impl MetricInterest {
    /// The releases whose every pod is followed.
    pub fn followed(&self) -> impl Iterator<Item = &Measurable> {
        self.open.iter().chain(&self.guarded)
    }

    /// Every release something is asked of; one may stand here twice.
    pub fn all(&self) -> impl Iterator<Item = &Measurable> {
        self.followed().chain(&self.board)
    }
}

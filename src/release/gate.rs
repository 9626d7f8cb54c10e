//! What holds a release up or sends it back: countdowns, analyses, experiments, aborts, and alarms that no phase tells.

use super::{Share, Time};
use crate::objects::AnalysisPhase;
use crate::text::Clean;

/// What a countdown counts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountdownKind {
    /// A timed pause ends and the release goes on.
    Pause,
    /// Blue-green switches by itself.
    AutoPromotion,
    /// The controller gives up waiting for progress.
    ProgressDeadline,
    /// A version kept warm goes.
    ScaleDown,
    /// An experiment ends.
    Experiment,
}

/// Something that happens by itself at a known moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Countdown {
    /// What.
    pub kind: CountdownKind,
    /// When, in the cluster's time.
    pub at: Time,
    /// What it concerns, e.g. a version's hash; empty for the release itself.
    pub about: Clean,
}

/// What an analysis gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnalysisRole {
    /// A step.
    Step,
    /// Runs beside the steps.
    Background,
    /// Before a blue-green switch.
    PrePromotion,
    /// After a blue-green switch.
    PostPromotion,
    /// An experiment's.
    Experiment,
}

/// One AnalysisRun.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Name of the run.
    pub name: Clean,
    /// What it gates.
    pub role: AnalysisRole,
    /// Its phase.
    pub phase: AnalysisPhase,
    /// Why.
    pub message: Clean,
    /// Start.
    pub started: Option<Time>,
    /// Metrics that decide.
    pub metrics: Vec<Measured>,
    /// Metrics that are only watched.
    pub dry_run: Vec<Measured>,
}

/// One metric of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Name.
    pub name: Clean,
    /// Its phase.
    pub phase: AnalysisPhase,
    /// Last value, as text.
    pub last: Option<Clean>,
    /// When it was taken.
    pub at: Option<Time>,
    /// The condition it is held against.
    pub condition: Clean,
    /// Measurements that passed, failed, were inconclusive, could not be taken.
    pub counts: [i64; 4],
    /// Measurements wanted in all; `None` without end.
    pub wanted: Option<i64>,
    /// Why, where the controller says so.
    pub message: Clean,
}

impl Measured {
    /// What stands in place of a value: Flagger keeps those that pass to itself.
    pub fn without_value(&self) -> &'static str {
        if self.counts.iter().any(|count| *count > 0) { "its value is not told" } else { "no value yet" }
    }
}

/// One Experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Name.
    pub name: Clean,
    /// Its phase.
    pub phase: AnalysisPhase,
    /// Why.
    pub message: Clean,
    /// Its versions.
    pub arms: Vec<ExperimentArm>,
}

/// One version of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct ExperimentArm {
    /// Name in the template.
    pub name: Clean,
    /// Images.
    pub images: Vec<Clean>,
    /// Available pods.
    pub available: i64,
    /// Its share of requests, where it can be told.
    pub share: Option<Share>,
}

/// An abort and what led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Abort {
    /// When.
    pub at: Option<Time>,
    /// From the outcome back to the first cause: controller's message, analysis, metric with value, count and limit.
    pub chain: Vec<Clean>,
}

/// What a person must know though no phase says it.
#[derive(Debug, Clone, PartialEq)]
pub enum Alarm {
    /// Aborted, and the canary still gets traffic: share 0..=1, since when.
    AbortedStillExposed {
        /// Share still going to the canary.
        share: f64,
        /// Abort time.
        since: Option<Time>,
    },
    /// The weight says one thing, the pods another (too few replicas to keep the promise).
    WeightNotKept {
        /// What the weight says, 0..=1.
        weight: f64,
        /// What the pods say, 0..=1.
        pods: f64,
    },
    /// The tool that goes with the engine says less than what is exposed (an experiment's pods behind the Service).
    ExposedBesideWeight {
        /// What the tool says, 0..=1.
        weight: f64,
        /// What the endpoints say, 0..=1.
        pods: f64,
    },
    /// Weights out of range, as written.
    WeightOutOfRange(i64),
    /// Pods of the new version fail: how many of how many, first reason in words.
    PodsFailing {
        /// Failing.
        failing: i64,
        /// There.
        of: i64,
        /// Reason in words.
        reason: Clean,
    },
    /// The controller has not reacted to the last change of the spec.
    NotObserved,
}

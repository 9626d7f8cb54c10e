//! [`Release`] itself: what it is, where it stands, and its ladder.

use super::acting::Control;
use super::telemetry::Telemetry;
use super::{Abort, Alarm, Analysis, Countdown, Experiment, Exposure, PodView, ReleaseRef, Time, Uid, Version};
use crate::objects::{Kind, Selector};
use crate::text::Clean;

/// What carries a release out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// The Argo Rollouts controller.
    ArgoRollouts,
    /// Kubernetes' own Deployment controller.
    Deployment,
    /// Flagger.
    Flagger,
}

/// How versions are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// Step by step.
    Canary,
    /// All at once, behind a switch.
    BlueGreen,
    /// Pod by pod.
    Rolling,
    /// All old pods go before the first new one starts.
    Recreate,
}

/// Argo's four words, for every engine. Degraded does not mean that pods are bad: a cleanly aborted release is Degraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Done; everything runs what it should.
    Healthy,
    /// Moving.
    Progressing,
    /// Standing still on purpose.
    Paused,
    /// Aborted, timed out or invalid.
    Degraded,
}

/// Where on the ladder a release stands, as Argo counts: `index` steps of `total` are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Steps done, 0..=total.
    pub index: usize,
    /// Steps in all.
    pub total: usize,
}

/// Weights in the engine's own units, as its own tool prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// What the steps ask for.
    pub set: i64,
    /// What the tool says is in force.
    pub actual: i64,
    /// What all weights add up to, usually 100.
    pub max: i64,
}

/// Pod counts as the engine's own tool counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replicas {
    /// Wanted.
    pub desired: i64,
    /// There, of all versions.
    pub current: i64,
    /// Of the newest version.
    pub updated: i64,
    /// Ready.
    pub ready: i64,
    /// Ready for long enough.
    pub available: i64,
}

/// How many pods a rolling change may add or miss, resolved to numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Above the wanted number.
    pub surge: i64,
    /// Below the wanted number.
    pub unavailable: i64,
}

/// One rung of the ladder.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// Where it stands.
    pub state: StepState,
    /// The share of requests that the new version gets once this step is done, in 0..=1, where the step changes it.
    pub share_after: Option<f64>,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Where we stand.
    Current,
    /// Ahead.
    Ahead,
}

/// What a step does: Argo's eight kinds, and those of engines without steps of their own.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// Share of traffic, in the engine's units.
    SetWeight(i64),
    /// Wait so many seconds, or (`None`) until a person goes on.
    Pause(Option<i64>),
    /// Number of canary pods apart from the weight, in words such as `2 pods` or `match the weight`.
    SetCanaryScale(Clean),
    /// A gate by measurements; its templates.
    Analysis(Vec<Clean>),
    /// Versions beside the two; their names.
    Experiment(Vec<Clean>),
    /// All requests with one of these headers.
    SetHeaderRoute(Vec<Clean>),
    /// A copy of so many per cent of the requests.
    SetMirrorRoute(i64),
    /// A plugin's own.
    Plugin(Clean),
    /// One of several rounds of checks without a weight: which, counted from 1, of how many.
    Round(i64, i64),
    /// The new version takes the old one's place.
    Promote,
    /// A step this program does not know, in its own word.
    Unknown(Clean),
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HappeningKind {
    /// A pod.
    Pod,
    /// A step, a pause, a weight.
    Step,
    /// An analysis.
    Analysis,
    /// Numbers of pods.
    Scale,
    /// What every pod goes through: scheduled, pulled, created, started, stopped.
    Routine,
    /// An alert began to fire.
    Alert,
    /// Everything else a controller said.
    Controller,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// When, in the cluster's time.
    pub at: Time,
    /// What kind.
    pub kind: HappeningKind,
    /// A sentence.
    pub text: Clean,
    /// Whether the cluster called it a warning.
    pub warning: bool,
    /// How often it was said.
    pub count: i64,
}

/// One release, whole: what every screen reads. Built anew by its engine when one of its objects changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its name.
    pub key: ReleaseRef,
    /// The workload's UID.
    pub uid: Uid,
    /// The workload's resourceVersion.
    pub resource_version: Clean,
    /// Who carries it out.
    pub engine: Engine,
    /// How.
    pub strategy: Strategy,
    /// Where it stands, in one word.
    pub phase: Phase,
    /// Why, in the engine's own words.
    pub message: Option<Clean>,
    /// Since when it is in that phase, as far as the objects tell.
    pub since: Option<Time>,
    /// Whether two versions are being exchanged now (also while paused, aborted with pods left, or stuck).
    pub under_way: bool,
    /// The switches that actions turn and rest on.
    pub control: Control,
    /// Paused by a person (`spec.paused`).
    pub paused_by_hand: bool,
    /// The ladder; empty for engines without one.
    pub steps: Vec<Step>,
    /// Where on it.
    pub position: Option<Position>,
    /// Weights; `None` where there are none.
    pub weight: Option<Weight>,
    /// Pod counts.
    pub replicas: Replicas,
    /// Surge limits, where the engine has them.
    pub limits: Option<Limits>,
    /// Every version that holds pods, and the newest and the stable one always: newest revision first.
    pub versions: Vec<Version>,
    /// Its other ReplicaSets, the newest first: their pods are gone, and what they answered is still counted in the metrics.
    pub earlier: Vec<Clean>,
    /// The pods, where they were read: by version, then name.
    pub pods: Vec<PodView>,
    /// Who gets the new version.
    pub exposure: Exposure,
    /// What runs out and when.
    pub countdowns: Vec<Countdown>,
    /// The controller's analyses of this revision, newest first.
    pub analyses: Vec<Analysis>,
    /// Its experiments of this revision, newest first.
    pub experiments: Vec<Experiment>,
    /// Whether and why it was aborted.
    pub abort: Option<Abort>,
    /// What a person must know though no phase says it, worst first.
    pub alarms: Vec<Alarm>,
    /// What happened, newest first, as far as events were read.
    pub timeline: Vec<Happening>,
    /// Which pods belong to it (for the watch that is opened with the release).
    pub selector: Selector,
    /// Why the last change was made, from `kubernetes.io/change-cause`.
    pub change_cause: Option<Clean>,
    /// What is measured of it; laid over by whoever asks (the app), not by the engine.
    pub telemetry: Option<Box<Telemetry>>,
}

impl Release {
    /// The Deployment that is released, where the release itself is another object: a Canary's target, or what a Rollout refers to.
    pub fn released_deployment(&self) -> Option<&Clean> {
        let holder = self.control.template.as_ref().filter(|holder| holder.kind == Kind::Deployment)?;
        (self.key.kind != Kind::Deployment).then_some(&holder.name)
    }

    /// Whether a person who writes that name means it: its own, or that of the Deployment Flagger releases for it. `kind` where one was said.
    pub fn is_named(&self, kind: Option<Kind>, namespace: &str, name: &str) -> bool {
        let own = self.key.name == *name && kind.is_none_or(|kind| kind == self.key.kind);
        let target = self.released_deployment().filter(|_| self.engine == Engine::Flagger);
        let of_target = kind.is_none_or(|kind| kind == Kind::Deployment) && target.is_some_and(|target| *target == *name);
        self.key.namespace == *namespace && (own || of_target)
    }
}

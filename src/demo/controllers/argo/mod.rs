//! Argo Rollouts inside the embedded cluster: the Rollout, AnalysisRun and Experiment controllers.
//! They never touch pods but to restart them, and never decide what a client should see: they write the objects the real controllers write.
//!
//! Rules are named by the file of argo-rollouts they follow. Where a recording of the real controller and its source disagree, the recording wins.
//! Not done: step and traffic plugins (a `plugin` step ends in an aborted update that says so), ephemeral pod metadata, anti-affinity, ping-pong
//! services and target-group verification. Routers other than nginx get their weights in `status.canary.weights` only.

mod analysis;
mod analysis_step;
mod bluegreen;
mod canary;
mod conditions;
mod counts;
mod duration;
mod experiment;
mod experiment_step;
mod expression;
mod lapse;
mod objects;
mod pause;
mod persist;
mod phase;
mod provider;
mod replicasets;
mod restart;
mod revision;
mod rollout;
mod run_template;
mod services;
mod spec;
mod template;
mod traffic;
mod validation;
mod workload;

pub use counts::{CanaryPlan, Totals, basic_canary, weighted_split};
pub use lapse::Lapse;
pub use template::pod_template_hash;

use super::super::faults::Schedule;
use super::super::sim::Controller;

/// Who the events are from, as in the real controller.
const COMPONENT: &str = "rollouts-controller";
/// The label that tells versions apart on ReplicaSets, pods and Service selectors.
const HASH_LABEL: &str = "rollouts-pod-template-hash";
/// Revision of a ReplicaSet, a Rollout, a run.
const REVISION: &str = "rollout.argoproj.io/revision";
/// Revisions a reused ReplicaSet had before.
const REVISION_HISTORY: &str = "rollout.argoproj.io/revision-history";
/// `spec.replicas` of the Rollout when the ReplicaSet was last scaled.
const DESIRED: &str = "rollout.argoproj.io/desired-replicas";
/// Generation of the object a `workloadRef` names.
const WORKLOAD_GENERATION: &str = "rollout.argoproj.io/workload-generation";
/// When a ReplicaSet kept warm goes.
const DEADLINE: &str = "scale-down-deadline";

/// The controllers of Argo Rollouts, ready for a [`super::super::sim::Sim`].
pub fn controllers() -> Vec<Box<dyn Controller>> {
    vec![Box::new(rollout::Rollouts), Box::new(analysis::AnalysisRuns), Box::new(experiment::Experiments)]
}

/// The same, with a Rollout controller that fails its Rollouts at these times.
pub(in crate::demo) fn lapsing(lapses: Schedule<Lapse>) -> Vec<Box<dyn Controller>> {
    vec![Box::new(lapse::Lapsing::new(lapses)), Box::new(analysis::AnalysisRuns), Box::new(experiment::Experiments)]
}

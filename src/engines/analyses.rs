//! The controller's own analyses and experiments, and why a release was aborted.
//! Dry-run metrics stand apart: they never decide.

use super::pods;
use crate::objects::{AnalysisPhase, AnalysisRun, IntOrString, MetricResult, Rollout, World};
use crate::release::words;
use crate::release::{Abort, Analysis, AnalysisRole, Experiment, ExperimentArm, Measured, PodState};
use crate::text::Clean;

const REVISION: &str = "rollout.argoproj.io/revision";

/// The analyses of the Rollout's present revision, newest first.
pub fn of_rollout(world: &World, rollout: &Rollout) -> Vec<Analysis> {
    let revision = rollout.metadata.annotation(REVISION);
    let mut runs: Vec<(&AnalysisRun, AnalysisRole)> = world
        .analysis_runs_of(&rollout.metadata.uid)
        .filter(|run| run.metadata.annotation(REVISION).is_none() || run.metadata.annotation(REVISION) == revision)
        .map(|run| (run, role(run)))
        .collect();
    for experiment in world.experiments_of(&rollout.metadata.uid).filter(|e| e.metadata.annotation(REVISION) == revision) {
        runs.extend(world.analysis_runs_of(&experiment.metadata.uid).map(|run| (run, AnalysisRole::Experiment)));
    }
    runs.sort_by(|(a, _), (b, _)| {
        b.metadata.creation_timestamp.cmp(&a.metadata.creation_timestamp).then_with(|| a.metadata.name.cmp(&b.metadata.name))
    });
    runs.into_iter().map(|(run, role)| analysis(run, role)).collect()
}

/// The experiments of the Rollout's present revision, newest first.
pub fn experiments(world: &World, rollout: &Rollout) -> Vec<Experiment> {
    let revision = rollout.metadata.annotation(REVISION);
    let mut all: Vec<_> = world.experiments_of(&rollout.metadata.uid).filter(|e| e.metadata.annotation(REVISION) == revision).collect();
    all.sort_by_key(|e| std::cmp::Reverse(e.metadata.creation_timestamp));
    all.into_iter()
        .map(|e| Experiment {
            name: e.metadata.name.clone(),
            phase: e.status.phase,
            message: e.status.message.clone(),
            arms: e
                .spec
                .templates
                .iter()
                .map(|t| {
                    let status = e.status.template_statuses.iter().find(|s| s.name == t.name);
                    ExperimentArm {
                        name: t.name.clone(),
                        images: t.template.images(),
                        available: status.map_or(0, |s| s.available_replicas),
                        share: None,
                    }
                })
                .collect(),
        })
        .collect()
}

/// Whether and why it was aborted: the controller's message, then the run and the metric that failed, then failing pods.
pub fn abort(world: &World, rollout: &Rollout) -> Option<Abort> {
    let status = &rollout.status;
    // Asked for is not done: the controller writes since when, and its phase, once it has taken it in.
    if !status.abort || status.aborted_at.is_none() && status.phase != *"Degraded" {
        return None;
    }
    let mut chain = Vec::new();
    if !status.message.is_empty() {
        chain.push(status.message.clone());
    }
    for analysis in of_rollout(world, rollout).into_iter().filter(|a| matches!(a.phase, AnalysisPhase::Failed | AnalysisPhase::Error)) {
        for metric in analysis.metrics.iter().filter(|m| matches!(m.phase, AnalysisPhase::Failed | AnalysisPhase::Error)) {
            let value = metric.last.as_ref().map_or_else(|| "no value".to_owned(), |v| format!("last value {v}"));
            let condition = if metric.condition.is_empty() { String::new() } else { format!(", wanted {}", metric.condition) };
            chain.push(format!("{}: {} {value}{condition}, {} failed", analysis.name, metric.name, metric.counts[1]).into());
        }
    }
    let failing = world
        .replica_sets_of(&rollout.metadata.uid)
        .filter(|s| s.metadata.label(super::versions::ARGO_HASH) == Some(&status.current_pod_hash))
        .flat_map(|s| pods::of_version(world, &s.metadata.uid))
        .find_map(|p| if let PodState::Failing(trouble) = p.state { Some(words::trouble(&trouble)) } else { None });
    chain.extend(failing.map(|reason| Clean::from(format!("its pods: {reason}"))));
    Some(Abort { at: status.aborted_at, chain })
}

fn role(run: &AnalysisRun) -> AnalysisRole {
    match run.metadata.label("rollout-type").map(Clean::as_str) {
        Some("Step") => AnalysisRole::Step,
        Some("PrePromotion") => AnalysisRole::PrePromotion,
        Some("PostPromotion") => AnalysisRole::PostPromotion,
        _ => AnalysisRole::Background,
    }
}

fn analysis(run: &AnalysisRun, role: AnalysisRole) -> Analysis {
    let (dry_run, metrics) =
        run.status.metric_results.iter().map(|r| (r.dry_run, measured(run, r))).partition::<Vec<_>, _>(|(dry, _)| *dry);
    Analysis {
        name: run.metadata.name.clone(),
        role,
        phase: run.status.phase,
        message: run.status.message.clone(),
        started: run.status.started_at.or(run.metadata.creation_timestamp),
        metrics: metrics.into_iter().map(|(_, m)| m).collect(),
        dry_run: dry_run.into_iter().map(|(_, m)| m).collect(),
    }
}

fn measured(run: &AnalysisRun, result: &MetricResult) -> Measured {
    let spec = run.spec.metrics.iter().find(|m| m.name == result.name);
    let condition = spec.map(|s| {
        if s.success_condition.is_empty() { Clean::from(format!("not {}", s.failure_condition)) } else { s.success_condition.clone() }
    });
    let last = result.measurements.last();
    Measured {
        name: result.name.clone(),
        phase: result.phase,
        last: last.map(|m| m.value.clone()).filter(|v| !v.is_empty()),
        at: last.and_then(|m| m.finished_at),
        condition: condition.filter(|c| *c != "not ").unwrap_or_default(),
        counts: [result.successful, result.failed, result.inconclusive, result.error],
        wanted: spec.and_then(|s| s.count.as_ref()).and_then(|c| match c {
            IntOrString::Int(n) => Some(*n),
            IntOrString::Text(text) => text.parse().ok(),
        }),
        message: result.message.clone(),
    }
}

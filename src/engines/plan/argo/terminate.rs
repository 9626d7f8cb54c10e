//! Terminate: ends one analysis run early.
//! Refuses to guess which one where several run.

use serde_json::json;

use super::ground::{Ground, stage};
use super::say;
use crate::objects::{AnalysisRun, Kind};
use crate::release::acting::{Change, Confirm, Goal, PatchKind, Premise, Refusal, Verb, Write};
use crate::release::{Analysis, AnalysisRole, words};
use crate::text::Clean;

/// Plans it. `named`: the run that was chosen.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>, named: Option<&Clean>) -> Result<Change, Refusal> {
    let run = chosen(ground, named)?;
    let Some(object) = object(ground, &run.name) else {
        return Err(ground.refuse(
            format!("Analysis {} is no longer there.", run.name),
            "Look at the release again: what runs is on it.",
            &[],
        ));
    };
    let write = Write {
        kind: Kind::AnalysisRun,
        namespace: object.metadata.namespace.clone(),
        name: object.metadata.name.clone(),
        uid: object.metadata.uid.clone(),
        // An AnalysisRun has no subresources.
        subresource: "",
        patch: PatchKind::Merge,
        body: json!({"spec": {"terminate": true}}),
    };
    let mut premises = ground.same();
    premises.push(Premise::RunGoing(run.name.clone()));
    let stages = vec![stage("End the analysis", Some(write), premises, Goal::RunEnded(run.name.clone()))];
    let what = words::capital(&say::run_words(run));
    let follows = match run.role {
        AnalysisRole::Step => "the step counts as passed and it goes on",
        AnalysisRole::PrePromotion => "the way to the switch is free",
        AnalysisRole::PostPromotion => "the new version becomes stable",
        AnalysisRole::Background => "nothing measures this release any more",
        AnalysisRole::Experiment => "its experiment goes on without it",
    };
    let mut change = ground.change(format!("{what} ends now. Unless it has failed already it counts as passed: {follows}."), stages);
    change.exposed.after = None;
    change.confirm = Confirm::Typed(format!("analysis {} is ended before it has decided", run.name).into());
    for metric in run.metrics.iter().filter(|metric| metric.counts[1] + metric.counts[3] > 0) {
        let [_, failed, _, error] = metric.counts;
        change.risks.push(format!("Metric {}: {failed} failed, {error} could not be taken so far.", metric.name).into());
    }
    if run.role == AnalysisRole::Background {
        change.notes.push("Without it nothing aborts this by itself.".into());
    }
    Ok(change)
}

fn chosen<'a>(ground: &'a Ground<'_>, named: Option<&Clean>) -> Result<&'a Analysis, Refusal> {
    let running: Vec<&Analysis> = ground.running().collect();
    let list = running.iter().map(|run| run.name.to_string()).collect::<Vec<_>>().join(", ");
    match (named, running.as_slice()) {
        (_, []) => Err(ground.refuse("No analysis is running.", "There is nothing to end: its steps say what holds the release.", &[])),
        (None, [only]) => Ok(only),
        (None, several) => Err(ground.refuse(
            format!("{} analyses are running.", several.len()),
            format!("Name the one to end: {list}."),
            &[Verb::Terminate],
        )),
        (Some(name), several) => several.iter().find(|run| run.name == *name).copied().ok_or_else(|| {
            ground.refuse(format!("Analysis {name} is not running."), format!("Name one that is: {list}."), &[Verb::Terminate])
        }),
    }
}

fn object<'a>(ground: &'a Ground<'_>, name: &Clean) -> Option<&'a AnalysisRun> {
    let mut own = ground.world.analysis_runs_of(&ground.release.uid);
    own.find(|run| run.metadata.name == *name).or_else(|| {
        let experiments = ground.world.experiments_of(&ground.release.uid);
        experiments.flat_map(|experiment| ground.world.analysis_runs_of(&experiment.metadata.uid)).find(|run| run.metadata.name == *name)
    })
}

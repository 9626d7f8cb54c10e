//! What happened to a release, from the cluster's Events, newest first.
//! Events carry whole seconds: within one, the order in which the server stored them tells, and names where it does not.

use std::collections::BTreeMap;

use crate::objects::{Event, Uid, World};
use crate::release::{Happening, HappeningKind};
use crate::text::Clean;

/// So many lines are kept.
const KEPT: usize = 200;
/// What is put before the words of an event that stands for several.
pub const COMBINED: &str = "(combined from similar events): ";

/// The events about the workload, its versions, their pods, its analyses and experiments.
pub fn of(world: &World, owner: &Uid) -> Vec<Happening> {
    let mut owners = vec![owner.clone()];
    owners.extend(world.experiments_of(owner).map(|e| e.metadata.uid.clone()));
    of_all(world, &owners)
}

/// The events about all of these, their versions, pods and analyses.
pub fn of_all(world: &World, owners: &[Uid]) -> Vec<Happening> {
    let mut events: BTreeMap<&Uid, &Event> = BTreeMap::new();
    for uid in owners {
        collect(&mut events, world.events_about(uid));
        for set in world.replica_sets_of(uid) {
            collect(&mut events, world.events_about(&set.metadata.uid));
            collect(&mut events, world.events_of_pods(&set.metadata.namespace, &set.metadata.name));
        }
        for run in world.analysis_runs_of(uid) {
            collect(&mut events, world.events_about(&run.metadata.uid));
        }
    }
    let mut lines: Vec<(u64, Happening)> = events.values().filter_map(|event| Some((stored(event), line(event)?))).collect();
    lines.sort_by(|(turn, a), (other, b)| b.at.cmp(&a.at).then_with(|| other.cmp(turn)).then_with(|| a.text.cmp(&b.text)));
    lines.into_iter().take(KEPT).map(|(_, line)| line).collect()
}

fn collect<'a>(into: &mut BTreeMap<&'a Uid, &'a Event>, events: impl Iterator<Item = &'a Event>) {
    into.extend(events.map(|e| (&e.metadata.uid, e)));
}

/// When the server last stored it: resource versions of one kind grow (every API server's storage does so, though clients are not promised it).
fn stored(event: &Event) -> u64 {
    event.metadata.resource_version.parse().unwrap_or(0)
}

fn line(event: &Event) -> Option<Happening> {
    let kind = match (event.involved_object.kind.as_str(), event.reason.as_str()) {
        ("Pod", "Scheduled" | "Pulling" | "Pulled" | "Created" | "Started" | "Killing")
        | ("ReplicaSet", "SuccessfulCreate" | "SuccessfulDelete") => HappeningKind::Routine,
        ("Pod", _) => HappeningKind::Pod,
        ("AnalysisRun", _) => HappeningKind::Analysis,
        ("Canary", _) => flagger(&event.message),
        (_, reason) if reason.starts_with("AnalysisRun") => HappeningKind::Analysis,
        (_, "ScalingReplicaSet") => HappeningKind::Scale,
        (_, reason) if reason.contains("Step") || reason.contains("Weight") || reason.contains("Paused") || reason.contains("Resumed") => {
            HappeningKind::Step
        }
        _ => HappeningKind::Controller,
    };
    let text = if event.involved_object.kind == "Pod" {
        Clean::from(format!("{}: {}", event.involved_object.name, event.message))
    } else {
        event.message.clone()
    };
    Some(Happening { at: event.at()?, kind, text, warning: event.kind == "Warning", count: event.count.max(1) })
}

/// Flagger gives every event the same reason: its words tell.
fn flagger(message: &str) -> HappeningKind {
    let said = message.strip_prefix(COMBINED).unwrap_or(message);
    match said.split(' ').next().unwrap_or_default() {
        "Advance" | "Routing" | "Copying" => HappeningKind::Step,
        "Halt" | "Starting" | "Metric" => HappeningKind::Analysis,
        _ => HappeningKind::Controller,
    }
}

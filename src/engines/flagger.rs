//! Reads a Canary of Flagger into a [`Release`]. Rules: flagger `pkg/controller/scheduler.go` and what 1.44 was seen to do.
//! Never takes the status for the traffic: the router is read, and where it is not, only the phases in which the status is honest count.

mod abort;
mod checks;
mod control;
mod exposure;
mod ladder;
mod parts;
mod route;
mod said;
mod selector;
mod stage;
#[cfg(test)]
mod tests;
mod versions;

use super::{pods, timeline};
use crate::objects::{Canary, Deployment, Kind, Time, Uid, World};
use crate::release::{Alarm, Countdown, CountdownKind, Engine, Exposure, Label, Release, ReleaseRef, Replicas, Weight};
use crate::text::Clean;
use parts::Parts;
use route::Routed;
use stage::Stage;

/// Reads the Canary of that name.
pub fn read(world: &World, key: &ReleaseRef) -> Option<Release> {
    let canary = world.canary(&key.namespace, &key.name)?;
    let stage = Stage::of(canary);
    let parts = Parts::of(world, canary, stage);
    let words = said::about(world, canary);
    let routed = Routed::of(world, canary, stage);
    let rolls = !stage.promotes() && matches!(stage, Stage::Initialized | Stage::Succeeded) && parts.rolls();
    let (phase, message) = stage::phase(canary, stage, rolls);
    let weight = routed.share().filter(|_| stage::has_weights(canary)).map(|share| (share * 100.0).round() as i64);
    let (steps, position) = ladder::of(canary, stage, weight);
    let unready = stage.checks() && parts.target.is_some_and(|target| is_unready(canary, target));
    let exposed = routed.share().is_some_and(|share| share > 0.0) || !routed.beside.is_empty();
    let (versions, pods) = versions::of(world, canary, &parts, stage, world.knows(Kind::Pod, key));
    let owners: Vec<Uid> = std::iter::once(&canary.metadata)
        .chain([parts.target, parts.primary].into_iter().flatten().map(|deployment| &deployment.metadata))
        .map(|meta| meta.uid.clone())
        .collect();
    let mut release = Release {
        key: key.clone(),
        uid: canary.metadata.uid.clone(),
        resource_version: canary.metadata.resource_version.clone(),
        engine: Engine::Flagger,
        strategy: stage::strategy(canary),
        phase,
        message: message.map(|message| with_remarks(message, canary, &parts)),
        since: control::since(canary, stage, &words),
        under_way: match stage {
            Stage::Progressing | Stage::WaitingPromotion | Stage::Promoting | Stage::Finalising => true,
            Stage::Waiting => parts.target_holds_pods(),
            Stage::Failed => parts.target_holds_pods() || exposed,
            _ => rolls,
        },
        control: control::of(canary, &parts, stage, &words),
        paused_by_hand: canary.spec.suspend,
        weight: self::weight(canary, stage, weight),
        steps,
        position,
        replicas: replicas(&parts),
        limits: None,
        versions,
        earlier: Vec::new(),
        pods,
        exposure: Exposure::default(),
        countdowns: deadline(canary, stage, &parts).into_iter().collect(),
        analyses: checks::of(canary, stage, position, &words, unready).into_iter().collect(),
        experiments: Vec::new(),
        abort: abort::of(world, canary, stage, &parts, &words),
        alarms: Vec::new(),
        timeline: timeline::of_all(world, &owners),
        selector: selector::of(parts.target, parts.primary),
        change_cause: parts.target.and_then(|target| target.metadata.annotation("kubernetes.io/change-cause")).cloned(),
        telemetry: None,
    };
    release.exposure = exposure::of(world, canary, &release, &parts, &routed, stage);
    release.alarms = alarms(canary, stage, &release);
    Some(release)
}

/// What a person has to know with the message, though Flagger does not say it.
fn with_remarks(message: Clean, canary: &Canary, parts: &Parts<'_>) -> Clean {
    let mut said = vec![message.trim_end_matches('.').to_owned()];
    if Stage::of(canary).in_flight() && parts.nothing_new() {
        said.push("The new pods run what the primary runs already: setting the image back does not end a release".to_owned());
    }
    if canary.spec.analysis.mirror && Stage::of(canary).checks() {
        said.push("Requests may be copied to the new version, as its spec asks".to_owned());
    }
    if canary.target().is_none() {
        said.push(format!("Its target is a {}, whose pods are not read", canary.spec.target_ref.kind));
    }
    if said.len() == 1 { message } else { Clean::from(said.join(". ")) }
}

/// What is told, and what the router sends. While it waits for promotion the status says 0, and the router knows better.
fn weight(canary: &Canary, stage: Stage, routed: Option<i64>) -> Option<Weight> {
    let told = canary.status.canary_weight;
    let set = if stage == Stage::WaitingPromotion { routed.or_else(|| ladder::weights(canary).last().copied())? } else { told };
    stage::has_weights(canary).then(|| Weight { set, actual: routed.unwrap_or(set), max: 100 })
}

/// The primary's pods are what is wanted; those of the target come and go with a release.
fn replicas(parts: &Parts<'_>) -> Replicas {
    let of = |field: fn(&Deployment) -> i64| {
        let both = [parts.primary, parts.target].into_iter().flatten();
        both.map(field).fold(0, i64::saturating_add)
    };
    let updated = if parts.new.is_some() { parts.target } else { parts.primary };
    Replicas {
        desired: parts.primary.or(parts.target).map_or(0, |deployment| deployment.spec.replicas.unwrap_or(1)),
        current: of(|deployment| deployment.status.replicas),
        updated: updated.map_or(0, |deployment| deployment.status.updated_replicas),
        ready: of(|deployment| deployment.status.ready_replicas),
        available: of(|deployment| deployment.status.available_replicas),
    }
}

/// Whether Flagger waits for the target's pods: until then it checks nothing, takes no step and cuts no weight
/// (flagger pkg/canary/deployment_ready.go).
fn is_unready(canary: &Canary, target: &Deployment) -> bool {
    let status = &target.status;
    let wanted = target.spec.replicas.unwrap_or(1);
    let threshold = canary.spec.analysis.canary_ready_threshold.unwrap_or(100).clamp(0, 100);
    let enough = wanted.max(0).saturating_mul(threshold).saturating_add(99) / 100;
    status.observed_generation < target.metadata.generation || status.updated_replicas < wanted || status.available_replicas < enough
}

/// When it gives up on pods that do not become ready: its own deadline counts from when the Deployment became unavailable, the Deployment's
/// from its last progress. It looks only once an interval.
fn deadline(canary: &Canary, stage: Stage, parts: &Parts<'_>) -> Option<Countdown> {
    let deployment = if stage == Stage::Promoting { parts.primary } else { parts.target }?;
    let looks = (stage.checks() && is_unready(canary, deployment) || stage == Stage::Promoting && parts.rolls()) && !canary.spec.suspend;
    if !looks {
        return None;
    }
    let condition = |kind: &str| deployment.status.conditions.iter().find(|condition| condition.kind == kind);
    let plus = |at: Option<Time>, seconds: i64| {
        let seconds = chrono::TimeDelta::try_seconds(seconds).filter(|_| seconds < i64::from(i32::MAX))?;
        at?.checked_add_signed(seconds)
    };
    let unavailable = condition("Available").filter(|c| c.status == "False" && c.reason == "MinimumReplicasUnavailable");
    let own = unavailable.and_then(|c| plus(c.last_update_time, canary.spec.progress_deadline_seconds.unwrap_or(600)));
    let progressing = condition("Progressing").filter(|c| c.status == "True" && c.reason != "NewReplicaSetAvailable");
    let its = progressing.and_then(|c| plus(c.last_update_time, deployment.spec.progress_deadline_seconds.unwrap_or(600)));
    let at = own.into_iter().chain(its).min()?;
    Some(Countdown { kind: CountdownKind::ProgressDeadline, at, about: Clean::default() })
}

fn alarms(canary: &Canary, stage: Stage, release: &Release) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let headline = release.exposure.headline.as_ref().filter(|share| share.label != Label::Unknown);
    let exposed = headline.map_or(0.0, |share| share.value);
    if stage == Stage::Failed && exposed > 0.0 {
        alarms.push(Alarm::AbortedStillExposed { share: exposed, since: release.since });
    }
    alarms.extend(pods::failing_alarm(release));
    if let Some(weight) = release.weight.filter(|weight| release.under_way && !(0..=weight.max).contains(&weight.set)) {
        alarms.push(Alarm::WeightOutOfRange(weight.set));
    }
    if canary.status.phase.is_empty() {
        alarms.push(Alarm::NotObserved);
    }
    alarms
}

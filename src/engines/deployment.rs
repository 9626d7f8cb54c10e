//! Reads a Deployment into a [`Release`]. The ladder is kubectl's (`polymorphichelpers/rollout_status.go`), with "paused" in front as health checks have it.
//! Never guesses a deadline after the controller called the rollout complete.

use super::argo::resolve;
use super::{control, exposure, pods, timeline, versions};
use crate::objects::{Condition, Deployment, Kind, Time, World};
use crate::release::{Alarm, Countdown, CountdownKind, Engine, Limits, Phase, Release, ReleaseRef, Replicas, Strategy};
use crate::text::Clean;

/// Reads the Deployment of that name.
pub fn read(world: &World, key: &ReleaseRef) -> Option<Release> {
    let deployment = world.deployment(&key.namespace, &key.name)?;
    let (spec, status) = (&deployment.spec, &deployment.status);
    let desired = spec.replicas.unwrap_or(1);
    let (phase, message) = phase(deployment, desired);
    let (versions, pods) = versions::of_deployment(world, deployment, world.knows(Kind::Pod, key));
    let recreate = spec.strategy.kind == "Recreate";
    let complete = phase == Phase::Healthy;
    let mut release = Release {
        key: key.clone(),
        uid: deployment.metadata.uid.clone(),
        resource_version: deployment.metadata.resource_version.clone(),
        engine: Engine::Deployment,
        strategy: if recreate { Strategy::Recreate } else { Strategy::Rolling },
        phase,
        message,
        since: since(world, deployment, phase),
        under_way: !complete && versions.len() > 1 || phase == Phase::Progressing,
        control: control::of_deployment(world, deployment),
        paused_by_hand: spec.paused,
        steps: Vec::new(),
        position: None,
        weight: None,
        replicas: Replicas {
            desired,
            current: status.replicas,
            updated: status.updated_replicas,
            ready: status.ready_replicas,
            available: status.available_replicas,
        },
        limits: (!recreate).then(|| limits(deployment, desired)),
        versions,
        earlier: Vec::new(),
        pods,
        exposure: exposure::Exposure::default(),
        countdowns: deadline(deployment, phase),
        analyses: Vec::new(),
        experiments: Vec::new(),
        abort: None,
        alarms: Vec::new(),
        timeline: timeline::of(world, &deployment.metadata.uid),
        selector: spec.selector.clone(),
        change_cause: deployment.metadata.annotation("kubernetes.io/change-cause").cloned(),
        telemetry: None,
    };
    release.exposure = exposure::of_deployment(world, deployment, &release);
    if release.exposure.headline.is_some() {
        release.exposure.next = Some(1.0);
    }
    release.alarms.extend(pods::failing_alarm(&release));
    if deployment.metadata.generation > status.observed_generation {
        release.alarms.push(Alarm::NotObserved);
    }
    Some(release)
}

fn condition<'a>(deployment: &'a Deployment, kind: &str) -> Option<&'a Condition> {
    deployment.status.conditions.iter().find(|c| c.kind == kind)
}

fn phase(deployment: &Deployment, desired: i64) -> (Phase, Option<Clean>) {
    let status = &deployment.status;
    let say = |phase, text: String| (phase, Some(Clean::from(text)));
    if deployment.metadata.generation > status.observed_generation {
        return say(Phase::Progressing, "spec update not observed".into());
    }
    let progressing = condition(deployment, "Progressing");
    if let Some(exceeded) = progressing.filter(|c| c.reason == "ProgressDeadlineExceeded") {
        return say(Phase::Degraded, format!("ProgressDeadlineExceeded: {}", exceeded.message));
    }
    if let Some(failure) = condition(deployment, "ReplicaFailure").filter(|c| c.status == "True" && status.replicas < desired) {
        return say(Phase::Degraded, format!("{}: {}", failure.reason, failure.message));
    }
    let complete = status.updated_replicas >= desired
        && status.replicas <= status.updated_replicas
        && status.available_replicas >= status.updated_replicas;
    if deployment.spec.paused {
        let text = if complete {
            "paused by hand".to_owned()
        } else {
            format!("paused by hand with {} of {desired} updated", status.updated_replicas)
        };
        return say(Phase::Paused, text);
    }
    if status.updated_replicas < desired {
        return say(Phase::Progressing, format!("{} of {desired} updated", status.updated_replicas));
    }
    if status.replicas > status.updated_replicas {
        return say(Phase::Progressing, format!("{} old pods are pending termination", status.replicas - status.updated_replicas));
    }
    if status.available_replicas < status.updated_replicas {
        return say(Phase::Progressing, format!("{} of {} updated pods are available", status.available_replicas, status.updated_replicas));
    }
    (Phase::Healthy, None)
}

/// Since when, as far as objects tell: a roll began when its ReplicaSet was made, or when an old one was taken up again.
fn since(world: &World, deployment: &Deployment, phase: Phase) -> Option<Time> {
    let progressing = condition(deployment, "Progressing");
    let written = progressing.and_then(|c| c.last_update_time);
    match phase {
        Phase::Healthy | Phase::Paused | Phase::Degraded => written,
        Phase::Progressing => versions::newest_set(world, deployment).and_then(|set| set.metadata.creation_timestamp),
    }
    .or(deployment.metadata.creation_timestamp)
}

fn limits(deployment: &Deployment, desired: i64) -> Limits {
    let rolling = &deployment.spec.strategy.rolling_update;
    let surge = resolve(rolling.max_surge.as_ref(), desired, true, false);
    let unavailable = resolve(rolling.max_unavailable.as_ref(), desired, false, false);
    // Both 0 would never move: the controller takes 1 unavailable (deployment util ResolveFenceposts).
    if surge == 0 && unavailable == 0 { Limits { surge, unavailable: 1 } } else { Limits { surge, unavailable } }
}

fn deadline(deployment: &Deployment, phase: Phase) -> Vec<Countdown> {
    let progressing = condition(deployment, "Progressing").filter(|c| c.status == "True" && c.reason != "NewReplicaSetAvailable");
    if phase != Phase::Progressing || deployment.spec.paused {
        return Vec::new();
    }
    let seconds = deployment.spec.progress_deadline_seconds.unwrap_or(600);
    // The API server writes this for "no deadline" (int32 maximum).
    let at = progressing.filter(|_| seconds < i64::from(i32::MAX)).and_then(|c| c.last_update_time);
    let at = at.and_then(|at| at.checked_add_signed(chrono::TimeDelta::try_seconds(seconds)?));
    at.map(|at| Countdown { kind: CountdownKind::ProgressDeadline, at, about: Clean::default() }).into_iter().collect()
}

//! What state a pod is in, and why, in the kubelet's own reasons.
//! A Running pod that is not ready never counts as ready.

use crate::objects::{ContainerStatus, Pod, Uid, World};
use crate::release::words;
use crate::release::{Alarm, PodMix, PodState, PodView, Release, Trouble};
use crate::text::Clean;

/// The pods of a version, by name.
pub fn of_version(world: &World, version: &Uid) -> Vec<PodView> {
    let mut views: Vec<PodView> = world.pods_of(version).map(|pod| view(world, pod, version)).collect();
    views.sort_by(|a, b| a.name.cmp(&b.name));
    views
}

/// How many of a version that wants `desired` are in which state. What an eviction left behind is failing only while it is missed: once others
/// stand in its place it is kept as a record.
pub fn mix(pods: &[PodView], desired: i64) -> PodMix {
    let mut mix = PodMix::default();
    for pod in pods {
        mix.restarts = mix.restarts.saturating_add(pod.restarts);
        match pod.state {
            PodState::Ready => mix.ready += 1,
            PodState::Starting => mix.starting += 1,
            PodState::Failing(_) => mix.failing += 1,
            PodState::Terminating => mix.terminating += 1,
        }
    }
    if mix.ready >= desired {
        mix.failing -= pods.iter().filter(|pod| matches!(pod.state, PodState::Failing(Trouble::Evicted(_)))).count() as i64;
    }
    mix
}

/// The alarm of failing pods of the new version, if there are any. An evicted one whose place is taken is none of them.
pub fn failing_alarm(release: &Release) -> Option<Alarm> {
    let new: Vec<&Uid> = release.versions.iter().filter(|v| v.runs_new).map(|v| &v.uid).collect();
    let counted: Vec<&PodView> = release.pods.iter().filter(|p| new.contains(&&p.version) && !words::was_replaced(release, p)).collect();
    let of = counted.len();
    let failing: Vec<&Trouble> =
        counted.iter().filter_map(|p| if let PodState::Failing(trouble) = &p.state { Some(trouble) } else { None }).collect();
    let first = failing.first()?;
    Some(Alarm::PodsFailing { failing: failing.len() as i64, of: of as i64, reason: words::trouble(first).into() })
}

fn view(world: &World, pod: &Pod, version: &Uid) -> PodView {
    let statuses = &pod.status.container_statuses;
    let ends = statuses.iter().flat_map(|c| [&c.state.terminated, &c.last_state.terminated]).flatten();
    PodView {
        uid: pod.metadata.uid.clone(),
        name: pod.metadata.name.clone(),
        version: version.clone(),
        state: state(world, pod),
        containers: (statuses.iter().filter(|c| c.ready).count(), pod.spec.containers.len().max(statuses.len())),
        restarts: statuses.iter().map(|c| c.restart_count).fold(0, i64::saturating_add),
        last_end: ends.filter_map(|t| t.finished_at).max(),
        node: pod.spec.node_name.clone(),
        zone: pod.metadata.label("topology.kubernetes.io/zone").cloned().unwrap_or_default(),
        created: pod.metadata.creation_timestamp,
    }
}

fn state(world: &World, pod: &Pod) -> PodState {
    if pod.metadata.deletion_timestamp.is_some() {
        return PodState::Terminating;
    }
    if pod.status.reason == "Evicted" {
        return PodState::Failing(Trouble::Evicted(pod.status.message.clone()));
    }
    let all = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    if let Some(trouble) = all.filter(|c| !c.ready).find_map(container_trouble) {
        return PodState::Failing(trouble);
    }
    if pod.status.phase == "Failed" {
        let reason = if pod.status.reason.is_empty() { "failed".into() } else { pod.status.reason.clone() };
        return PodState::Failing(Trouble::Other(reason));
    }
    let unscheduled = pod.status.conditions.iter().find(|c| c.kind == "PodScheduled" && c.status == "False");
    if let Some(condition) = unscheduled.filter(|c| c.reason == "Unschedulable") {
        return PodState::Failing(Trouble::Unschedulable(condition.message.clone()));
    }
    if pod.is_ready() {
        return PodState::Ready;
    }
    // Running and not ready: failing once its probe was seen to fail, starting before.
    let probe =
        world.events_about(&pod.metadata.uid).filter(|e| e.reason == "Unhealthy" && e.message.contains("eadiness")).max_by_key(|e| e.at());
    if let Some(event) = probe.filter(|_| pod.status.phase == "Running") {
        return PodState::Failing(Trouble::NotReady(event.message.clone()));
    }
    if pod.status.container_statuses.iter().any(|c| c.restart_count > 0) {
        return PodState::Failing(Trouble::NotReady(Clean::default()));
    }
    PodState::Starting
}

fn container_trouble(container: &ContainerStatus) -> Option<Trouble> {
    let last = container.last_state.terminated.as_ref().or(container.state.terminated.as_ref());
    let crash =
        || Trouble::CrashLoop { exit_code: last.map(|t| t.exit_code), out_of_memory: last.is_some_and(|t| t.reason == "OOMKilled") };
    if let Some(waiting) = &container.state.waiting {
        return match waiting.reason.as_str() {
            "CrashLoopBackOff" => Some(crash()),
            "ImagePullBackOff"
            | "ErrImagePull"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "RegistryUnavailable"
            | "ImageInspectError" => Some(Trouble::ImagePull(waiting.reason.clone())),
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" | "PreCreateHookError" | "PostStartHookError" => {
                Some(Trouble::Create(waiting.reason.clone()))
            }
            _ => None,
        };
    }
    match &container.state.terminated {
        Some(end) if end.exit_code != 0 || end.reason == "OOMKilled" => Some(crash()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(state: PodState) -> PodView {
        PodView {
            uid: Uid("p".into()),
            name: Clean::from("p"),
            version: Uid("v".into()),
            state,
            containers: (1, 1),
            restarts: 0,
            last_end: None,
            node: Clean::default(),
            zone: Clean::default(),
            created: None,
        }
    }

    #[test]
    fn an_evicted_pod_whose_place_is_taken_is_history() {
        let evicted = || pod(PodState::Failing(Trouble::Evicted(Clean::default())));
        let crashed = pod(PodState::Failing(Trouble::Other(Clean::from("failed"))));
        let failing = |pods: &[PodView], desired| mix(pods, desired).failing;
        assert_eq!(failing(&[evicted(), evicted(), pod(PodState::Ready)], 1), 0);
        assert_eq!(failing(&[evicted(), pod(PodState::Ready)], 2), 1, "it is missed");
        assert_eq!(failing(&[evicted(), crashed, pod(PodState::Ready)], 1), 1, "only what was evicted is history");
    }
}

//! How long a controller may take for what it was asked, before an alarm is due.
//! Refuses to wait for ever, and to alarm over a replacement of pods that takes as long as it must.

use chrono::TimeDelta;

use super::ground::Ground;

/// Seconds until the controller should have reacted to a write. It reacts within 30 ms when it is well.
pub const REACTS: i64 = 30;

/// Seconds a pod is given to start, beyond what the spec asks of it.
const STARTS: i64 = 30;

/// Until the controller should have reacted.
pub fn reacts() -> TimeDelta {
    TimeDelta::seconds(REACTS)
}

/// Until `pods` should have been replaced, `at_once` at a time: rounds, each as long as a pod takes to be available.
pub fn replaces(ground: &Ground<'_>, pods: i64, at_once: i64) -> TimeDelta {
    let at_once = at_once.max(1);
    let rounds = pods.max(0).saturating_add(at_once - 1) / at_once;
    let each = ground.rollout.spec.min_ready_seconds.max(0).saturating_add(STARTS);
    let seconds = rounds.saturating_mul(each).saturating_add(REACTS);
    TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX)
}

/// Until the new version should run everywhere: never before the controller itself would call it stuck.
pub fn turns_over(ground: &Ground<'_>) -> TimeDelta {
    let seconds = ground.rollout.spec.progress_deadline_seconds.filter(|seconds| *seconds > 0).unwrap_or(600);
    let deadline = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
    replaces(ground, ground.release.replicas.desired, at_once(ground)).max(deadline)
}

/// Until the pods of what is being released should be gone.
pub fn drains(ground: &Ground<'_>) -> TimeDelta {
    let pods = ground.release.versions.iter().filter(|version| version.runs_new).map(|version| version.current).sum();
    replaces(ground, pods, at_once(ground))
}

fn at_once(ground: &Ground<'_>) -> i64 {
    ground.release.limits.map_or(1, |limits| limits.surge.saturating_add(limits.unavailable))
}

//! Reads an Argo Rollout into a [`Release`]. Rules: argo-rollouts `utils/rollout/rolloututil.go` and `pkg/kubectl-argo-rollouts/info`.
//! Never looks at metrics and never at a clock.

use super::{analyses, control, exposure, pods, timeline, versions};
use crate::objects::{AnalysisPhase, IntOrString, Kind, ReplicaSet, Rollout, StepSpec, Time, World};
use crate::release::{
    Alarm, Countdown, CountdownKind, Engine, Limits, Phase, Position, Release, ReleaseRef, Replicas, Step, StepKind, StepState, Strategy,
    Weight,
};
use crate::text::Clean;

/// Reads the Rollout of that name.
pub fn read(world: &World, key: &ReleaseRef) -> Option<Release> {
    let rollout = world.rollout(&key.namespace, &key.name)?;
    let status = &rollout.status;
    let blue_green = rollout.spec.strategy.blue_green.is_some();
    let (phase, message) = phase(rollout);
    let position = position(rollout);
    let sets: Vec<&ReplicaSet> = world.replica_sets_of(&rollout.metadata.uid).collect();
    let weight = (!blue_green).then(|| weight(rollout, position, &sets));
    let pods_known = world.knows(Kind::Pod, key);
    let (versions, pods) = versions::of_rollout(world, rollout, pods_known);
    let holds_pods = |hash: &Clean| versions.iter().any(|v| v.hash == *hash && (v.current > 0 || v.desired > 0));
    let changing = !status.stable_rs.is_empty() && status.stable_rs != status.current_pod_hash;
    let under_way =
        changing && (!status.abort || holds_pods(&status.current_pod_hash)) || phase == Phase::Progressing && !status.stable_rs.is_empty();
    let mut release = Release {
        key: key.clone(),
        uid: rollout.metadata.uid.clone(),
        resource_version: rollout.metadata.resource_version.clone(),
        engine: Engine::ArgoRollouts,
        strategy: if blue_green { Strategy::BlueGreen } else { Strategy::Canary },
        phase,
        message,
        since: since(rollout, phase, &sets),
        under_way: under_way || changing,
        control: control::of_rollout(world, rollout),
        paused_by_hand: rollout.spec.paused,
        steps: steps(rollout, position),
        position,
        weight,
        replicas: Replicas {
            desired: rollout.spec.replicas.unwrap_or(1),
            current: status.replicas,
            updated: status.updated_replicas,
            ready: status.ready_replicas,
            available: status.available_replicas,
        },
        limits: limits(rollout),
        versions,
        earlier: Vec::new(),
        pods,
        exposure: exposure::Exposure::default(),
        countdowns: countdowns(world, rollout, &sets),
        analyses: analyses::of_rollout(world, rollout),
        experiments: analyses::experiments(world, rollout),
        abort: analyses::abort(world, rollout),
        alarms: Vec::new(),
        timeline: timeline::of(world, &rollout.metadata.uid),
        selector: rollout.spec.selector.clone(),
        change_cause: None,
        telemetry: None,
    };
    release.exposure = exposure::of_rollout(world, rollout, &release);
    release.exposure.ingresses =
        rollout.spec.strategy.canary.iter().filter_map(|c| c.traffic_routing.as_ref()).flat_map(|r| r.ingresses.clone()).collect();
    exposure::share_after_steps(rollout, &mut release);
    exposure::share_of_arms(world, rollout, &mut release);
    release.alarms = alarms(rollout, &release);
    Some(release)
}

/// Phase and message (GetRolloutPhase): first match wins.
fn phase(rollout: &Rollout) -> (Phase, Option<Clean>) {
    let status = &rollout.status;
    if status.observed_generation.parse::<i64>().is_ok_and(|seen| seen < rollout.metadata.generation) {
        return (Phase::Progressing, Some("spec update not observed".into()));
    }
    if status.controller_pause && status.pause_conditions.is_empty() {
        return (Phase::Progressing, Some("waiting to unpause".into()));
    }
    if rollout.spec.workload_ref.is_some()
        && let Some(wanted) = rollout.metadata.annotation("rollout.argoproj.io/workload-generation")
        && wanted.parse::<i64>().is_ok()
        && status.workload_observed_generation != *wanted
    {
        return (Phase::Progressing, Some("spec update not observed".into()));
    }
    let message = (!status.message.is_empty()).then(|| status.message.clone());
    match status.phase.as_str() {
        "Healthy" => (Phase::Healthy, message),
        "Degraded" => (Phase::Degraded, message),
        "Paused" => (Phase::Paused, message),
        "Progressing" => (Phase::Progressing, message),
        _ => calculated(rollout),
    }
}

/// What controllers before 1.0 left to the client (CalculateRolloutPhase).
fn calculated(rollout: &Rollout) -> (Phase, Option<Clean>) {
    let (spec, status) = (&rollout.spec, &rollout.status);
    let say = |phase, text: &str| (phase, Some(Clean::from(text)));
    for condition in &status.conditions {
        if condition.kind == "InvalidSpec" {
            return (Phase::Degraded, Some(format!("InvalidSpec: {}", condition.message).into()));
        }
        if condition.reason == "RolloutAborted" || condition.reason == "ProgressDeadlineExceeded" {
            return (Phase::Degraded, Some(format!("{}: {}", condition.reason, condition.message).into()));
        }
    }
    if spec.paused {
        return say(Phase::Paused, "manually paused");
    }
    if let Some(pause) = status.pause_conditions.first() {
        return (Phase::Paused, Some(pause.reason.clone()));
    }
    let desired = spec.replicas.unwrap_or(1);
    if spec.restart_at.is_some() && spec.restart_at != status.restarted_at {
        return say(Phase::Progressing, "rollout is restarting");
    }
    if status.updated_replicas < desired {
        return say(Phase::Progressing, "more replicas need to be updated");
    }
    if status.available_replicas < status.updated_replicas {
        return say(Phase::Progressing, "updated replicas are still becoming available");
    }
    if spec.strategy.blue_green.is_some() {
        if status.blue_green.active_selector.is_empty() || status.blue_green.active_selector != status.current_pod_hash {
            return say(Phase::Progressing, "active service cutover pending");
        }
        if status.stable_rs.is_empty() || status.stable_rs != status.current_pod_hash {
            return say(Phase::Progressing, "waiting for analysis to complete");
        }
    } else {
        if spec.strategy.canary.as_ref().is_some_and(|c| c.traffic_routing.is_none()) && status.replicas > status.updated_replicas {
            return say(Phase::Progressing, "old replicas are pending termination");
        }
        if status.stable_rs.is_empty() || status.stable_rs != status.current_pod_hash {
            return say(Phase::Progressing, "waiting for all steps to complete");
        }
    }
    (Phase::Healthy, None)
}

fn position(rollout: &Rollout) -> Option<Position> {
    let total = rollout.spec.strategy.canary.as_ref().map_or(0, |c| c.steps.len());
    let index = rollout.status.current_step_index?;
    (total > 0).then(|| Position { index: usize::try_from(index).unwrap_or(0).min(total), total })
}

/// What all weights add up to.
pub fn max_weight(rollout: &Rollout) -> i64 {
    let routing = rollout.spec.strategy.canary.as_ref().and_then(|c| c.traffic_routing.as_ref());
    routing.and_then(|r| r.max_traffic_weight).filter(|max| *max > 0).unwrap_or(100)
}

/// The weight that holds after the first `done` steps: the last `setWeight` among steps 0..=`done`.
pub fn set_weight_at(rollout: &Rollout, done: usize) -> i64 {
    let steps = rollout.spec.strategy.canary.as_ref().map_or(&[][..], |c| &c.steps);
    if done >= steps.len() {
        return max_weight(rollout);
    }
    steps.iter().take(done + 1).rev().find_map(|s| s.set_weight).unwrap_or(0)
}

/// Set and actual weight as the plugin prints them (info/rollout_info.go).
fn weight(rollout: &Rollout, position: Option<Position>, sets: &[&ReplicaSet]) -> Weight {
    let status = &rollout.status;
    let max = max_weight(rollout);
    let current = position.filter(|p| p.index < p.total);
    let set = if status.abort { 0 } else { current.map_or(max, |p| set_weight_at(rollout, p.index)) };
    let routed = rollout.spec.strategy.canary.as_ref().is_some_and(|c| c.traffic_routing.is_some());
    let actual = match current {
        None => max,
        Some(_) if status.available_replicas <= 0 => 0,
        Some(_) if routed => status.canary.weights.as_ref().map_or(set, |w| w.canary.weight),
        Some(_) => {
            let canary = sets.iter().find(|s| s.metadata.label(versions::ARGO_HASH) == Some(&status.current_pod_hash));
            canary.map_or(0, |s| s.status.available_replicas.saturating_mul(max) / status.available_replicas)
        }
    };
    Weight { set, actual, max }
}

fn steps(rollout: &Rollout, position: Option<Position>) -> Vec<Step> {
    let Some(canary) = &rollout.spec.strategy.canary else { return Vec::new() };
    let index = position.map_or(0, |p| p.index);
    let state = |n: usize| match n.cmp(&index) {
        std::cmp::Ordering::Less => StepState::Done,
        std::cmp::Ordering::Equal => StepState::Current,
        std::cmp::Ordering::Greater => StepState::Ahead,
    };
    canary.steps.iter().enumerate().map(|(n, spec)| Step { kind: step_kind(spec), state: state(n), share_after: None }).collect()
}

fn step_kind(spec: &StepSpec) -> StepKind {
    if let Some(weight) = spec.set_weight {
        return StepKind::SetWeight(weight);
    }
    if let Some(pause) = &spec.pause {
        return StepKind::Pause(pause.duration.as_ref().and_then(seconds));
    }
    if let Some(scale) = &spec.set_canary_scale {
        return StepKind::SetCanaryScale(match (scale.replicas, scale.weight) {
            (Some(1), _) => "1 pod".into(),
            (Some(n), _) => format!("{n} pods").into(),
            (None, Some(w)) => format!("{w} % of the pods").into(),
            (None, None) => "match the weight".into(),
        });
    }
    if let Some(analysis) = &spec.analysis {
        return StepKind::Analysis(analysis.templates.iter().map(|t| t.template_name.clone()).collect());
    }
    if let Some(experiment) = &spec.experiment {
        return StepKind::Experiment(experiment.templates.iter().map(|t| t.name.clone()).collect());
    }
    if let Some(route) = &spec.set_header_route {
        return StepKind::SetHeaderRoute(route.matches.iter().map(|m| m.header_name.clone()).collect());
    }
    if let Some(route) = &spec.set_mirror_route {
        return StepKind::SetMirrorRoute(route.percentage.unwrap_or(100));
    }
    match &spec.plugin {
        Some(plugin) => StepKind::Plugin(plugin.name.clone()),
        None => StepKind::Unknown("unknown step".into()),
    }
}

/// A duration as Argo writes it: seconds as a number or a numeric string, or Go's form such as `1h30m`.
pub fn seconds(duration: &IntOrString) -> Option<i64> {
    match duration {
        IntOrString::Int(seconds) => Some(*seconds),
        IntOrString::Text(text) => {
            text.parse::<i64>().ok().or_else(|| humantime::parse_duration(text).ok().and_then(|d| i64::try_from(d.as_secs()).ok()))
        }
    }
}

fn limits(rollout: &Rollout) -> Option<Limits> {
    let canary = rollout.spec.strategy.canary.as_ref()?;
    let desired = rollout.spec.replicas.unwrap_or(1);
    // A string without `%` is a percentage too (utils/defaults): the documented default is "25".
    let surge = resolve(canary.max_surge.as_ref(), desired, true, true);
    let unavailable = resolve(canary.max_unavailable.as_ref(), desired, false, true);
    Some(if surge == 0 && unavailable == 0 { Limits { surge, unavailable: 1 } } else { Limits { surge, unavailable } })
}

/// A number or percentage of `desired`; absent means 25 %. `bare_percent` reads strings without `%` as percentages too.
pub fn resolve(value: Option<&IntOrString>, desired: i64, round_up: bool, bare_percent: bool) -> i64 {
    let percent = match value {
        None => 25,
        Some(IntOrString::Int(n)) => return (*n).max(0),
        Some(IntOrString::Text(text)) => match text.strip_suffix('%').map(str::parse::<i64>) {
            Some(Ok(percent)) => percent,
            Some(Err(_)) => 25,
            None if bare_percent => text.parse().unwrap_or(25),
            None => return text.parse().unwrap_or(0),
        },
    };
    let share = desired.saturating_mul(percent.max(0));
    if round_up { share.saturating_add(99) / 100 } else { share / 100 }
}

/// Since when it is in its phase, as far as conditions tell.
fn since(rollout: &Rollout, phase: Phase, sets: &[&ReplicaSet]) -> Option<Time> {
    let status = &rollout.status;
    let condition = |kind: &str| status.conditions.iter().find(|c| c.kind == kind).and_then(|c| c.last_transition_time);
    match phase {
        Phase::Paused => status.pause_conditions.iter().filter_map(|p| p.start_time).min().or_else(|| condition("Paused")),
        Phase::Degraded => status.aborted_at.or_else(|| condition("Progressing")).or_else(|| condition("InvalidSpec")),
        Phase::Healthy => condition("Healthy").or_else(|| condition("Completed")),
        // The condition turns true once and stays so over releases: this one began no earlier than its ReplicaSet.
        Phase::Progressing => {
            let new = sets.iter().find(|set| set.metadata.label(versions::ARGO_HASH) == Some(&status.current_pod_hash));
            condition("Progressing").max(new.and_then(|set| set.metadata.creation_timestamp))
        }
    }
    .or(rollout.metadata.creation_timestamp)
}

fn countdowns(world: &World, rollout: &Rollout, sets: &[&ReplicaSet]) -> Vec<Countdown> {
    let (spec, status) = (&rollout.spec, &rollout.status);
    let mut out = Vec::new();
    let plus = |at: Time, seconds: i64| at.checked_add_signed(chrono::TimeDelta::try_seconds(seconds)?);
    let mut add = |kind, at: Option<Time>, about: Clean| out.extend(at.map(|at| Countdown { kind, at, about }));
    let pause = status.pause_conditions.iter().find(|p| p.reason == "CanaryPauseStep").and_then(|p| p.start_time);
    if let (Some(start), Some(canary), Some(index)) = (pause, &spec.strategy.canary, status.current_step_index) {
        let step = usize::try_from(index).ok().and_then(|i| canary.steps.get(i));
        let length = step.and_then(|s| s.pause.as_ref()).and_then(|p| p.duration.as_ref()).and_then(seconds);
        if !spec.paused {
            add(CountdownKind::Pause, length.and_then(|l| plus(start, l)), Clean::default());
        }
    }
    let preview = status.pause_conditions.iter().find(|p| p.reason == "BlueGreenPause").and_then(|p| p.start_time);
    if let (Some(start), Some(bg)) = (preview, &spec.strategy.blue_green)
        && !spec.paused
    {
        add(CountdownKind::AutoPromotion, bg.auto_promotion_seconds.filter(|s| *s > 0).and_then(|s| plus(start, s)), Clean::default());
    }
    let progressing = status.conditions.iter().find(|c| c.kind == "Progressing");
    let counts = status.phase == "Progressing" && !spec.paused && status.pause_conditions.is_empty();
    if let Some(condition) = progressing.filter(|c| counts && c.status == "True" && c.reason != "NewReplicaSetAvailable") {
        let at = condition.last_update_time.and_then(|at| plus(at, spec.progress_deadline_seconds.unwrap_or(600)));
        add(CountdownKind::ProgressDeadline, at, Clean::default());
    }
    for set in sets.iter().filter(|s| s.desired() > 0) {
        add(CountdownKind::ScaleDown, versions::scale_down_at(set), set.metadata.label(versions::ARGO_HASH).cloned().unwrap_or_default());
    }
    for experiment in world.experiments_of(&rollout.metadata.uid).filter(|e| e.status.phase == AnalysisPhase::Running) {
        let length = seconds(&IntOrString::Text(experiment.spec.duration.clone()));
        let at = experiment.status.available_at.and_then(|from| plus(from, length?));
        add(CountdownKind::Experiment, at, experiment.metadata.name.clone());
    }
    out.sort_by_key(|c| c.at);
    out
}

fn alarms(rollout: &Rollout, release: &Release) -> Vec<Alarm> {
    let status = &rollout.status;
    let mut alarms = Vec::new();
    let exposed = release.exposure.headline.as_ref().map_or(0.0, |s| s.value);
    if release.abort.is_some() && exposed > 0.0 {
        alarms.push(Alarm::AbortedStillExposed { share: exposed, since: status.aborted_at });
    }
    alarms.extend(pods::failing_alarm(release));
    if let Some(w) = release.weight
        && release.under_way
        && release.strategy == Strategy::Canary
    {
        if !(0..=w.max).contains(&w.actual) {
            alarms.push(Alarm::WeightOutOfRange(w.actual));
        }
        let routed = rollout.spec.strategy.canary.as_ref().is_some_and(|c| c.traffic_routing.is_some());
        let inferred = release.exposure.inferred.as_ref().map(|s| s.value);
        if let Some(pods) = inferred.filter(|_| !routed && !status.abort) {
            let promised = ratio(w.set, w.max);
            let told = ratio(w.actual, w.max);
            let experimenting = !status.canary.current_experiment.is_empty();
            if experimenting && pods > told + 0.02 {
                alarms.push(Alarm::ExposedBesideWeight { weight: told, pods });
            } else if release.phase != Phase::Progressing && pods > promised + 0.1 {
                alarms.push(Alarm::WeightNotKept { weight: promised, pods });
            }
        }
    }
    if release.message.as_ref().is_some_and(|m| *m == "spec update not observed") {
        alarms.push(Alarm::NotObserved);
    }
    alarms
}

/// A weight as a share, 0..=1.
pub fn ratio(weight: i64, max: i64) -> f64 {
    if max <= 0 { 0.0 } else { (weight as f64 / max as f64).clamp(0.0, 1.0) }
}

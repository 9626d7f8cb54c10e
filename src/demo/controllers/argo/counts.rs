//! How many pods each version gets: the arithmetic of argo-rollouts utils/replicaset/canary.go.
//! Pure: it reads numbers and returns numbers, and never looks at pods.

use serde_json::Value;

use super::objects::{Set, flag, has, number};
use super::spec;

/// What a ReplicaSet asks for and has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// `spec.replicas`.
    pub spec: i64,
    /// Pods available.
    pub available: i64,
}

/// The inputs of a canary without routing.
#[derive(Debug, Clone, Copy, Default)]
pub struct CanaryPlan {
    /// `spec.replicas` of the Rollout.
    pub replicas: i64,
    /// Weight wanted for the canary.
    pub weight: i64,
    /// The weight that stands for everything.
    pub max_weight: i64,
    /// Pods allowed above `replicas`.
    pub max_surge: i64,
    /// Pods allowed to be missing.
    pub max_unavailable: i64,
    /// The new version.
    pub new: Option<Totals>,
    /// The stable version, when it is another.
    pub stable: Option<Totals>,
    /// All other versions together.
    pub others: Totals,
}

/// Splits pods by weight: of the candidates rounded up or down, with or without one pod more, the one nearest to the weight;
/// ties go to the larger canary (approximateWeightedCanaryStableReplicaCounts).
pub fn weighted_split(replicas: i64, weight: i64, max_weight: i64, max_surge: i64) -> (i64, i64) {
    if replicas == 0 || max_weight == 0 {
        return (0, 0);
    }
    let floor = (replicas * weight).div_euclid(max_weight);
    let ceil = (replicas * weight + max_weight - 1).div_euclid(max_weight);
    // A canary of none is no canary, unless there is one pod in all and no room for a second.
    let zero_allowed = weight == 0 || weight == max_weight || (replicas == 1 && max_surge == 0);
    let mut options = Vec::with_capacity(4);
    if ceil < replicas || zero_allowed {
        options.push((ceil, replicas));
    }
    if floor != ceil && (floor != 0 || zero_allowed) {
        options.push((floor, replicas));
    }
    if max_surge > 0 {
        options.push((ceil, replicas + 1));
        if floor != ceil && (floor != 0 || zero_allowed) {
            options.push((floor, replicas + 1));
        }
    }
    // |canary/total - weight/max|, compared without fractions.
    let distance = |(canary, total): (i64, i64)| ((canary * max_weight - weight * total).abs(), total);
    let mut best: Option<(i64, i64)> = None;
    for option in options {
        let nearer = best.is_none_or(|best| {
            let ((d1, t1), (d2, t2)) = (distance(option), distance(best));
            d1 * t2 < d2 * t1
        });
        if nearer {
            best = Some(option);
        }
    }
    let (canary, total) = best.unwrap_or((ceil, replicas));
    (canary, total - canary)
}

/// The counts new and stable should ask for right now, within surge and unavailability (CalculateReplicaCountsForBasicCanary).
pub fn basic_canary(plan: &CanaryPlan) -> (i64, i64) {
    let (mut want_new, mut want_stable) = weighted_split(plan.replicas, plan.weight, plan.max_weight, plan.max_surge);
    if plan.stable.is_none() {
        // Nothing to share with: the new version gets everything, whatever the step says.
        (want_new, want_stable) = (plan.replicas, 0);
    }
    let (mut new, mut stable) = (plan.new.map_or(0, |t| t.spec), plan.stable.map_or(0, |t| t.spec));
    let mut room = plan.replicas + plan.max_surge - (new + stable + plan.others.spec);
    if let Some(now) = plan.stable
        && now.spec < want_stable
        && room > 0
    {
        stable = want_stable.min(now.spec + room);
        room -= stable - now.spec;
    }
    if let Some(now) = plan.new
        && now.spec < want_new
        && room > 0
    {
        new = want_new.min(now.spec + room);
    }
    if plan.others.spec > 0 {
        // Old versions go first, before new or stable give up a pod.
        return (new, stable);
    }
    let least = plan.replicas - plan.max_unavailable;
    let growing = plan.new.is_none_or(|now| want_new >= now.spec);
    let spare = for_scale_down(plan.new, !growing) + for_scale_down(plan.stable, growing) - least;
    if spare <= 0 {
        return (new, stable);
    }
    // Only the version whose pods needn't be available gives any up; the other only what surge doesn't allow.
    let most = plan.replicas + plan.max_surge;
    if !growing {
        new = drain(plan.new, want_new, spare, new);
        (new, stable) = within_limits(plan.new, plan.stable, new, stable, most, least);
    } else if plan.stable.is_some() {
        stable = drain(plan.stable, want_stable, spare, stable);
        (stable, new) = within_limits(plan.stable, plan.new, stable, new, most, least);
    }
    (new, stable)
}

/// Fewer pods, as far as wanted and allowed (calculateScaleDownReplicaCount).
fn drain(set: Option<Totals>, want: i64, spare: i64, count: i64) -> i64 {
    set.filter(|set| set.spec > want).map_or(count, |set| want.max(set.spec - spare))
}

/// Keeps both counts together within surge and unavailability: what is too much comes off the version that stays, as far as its
/// pods can be missed, and then off the one that goes (adjustReplicaWithinLimits).
fn within_limits(goes: Option<Totals>, stays: Option<Totals>, mut going: i64, mut staying: i64, most: i64, least: i64) -> (i64, i64) {
    let Some(stays) = stays else { return (going, staying) };
    staying -= (staying + going - most).max(0);
    let available = goes.map_or(0, |set| set.available.min(going)) + stays.available.min(staying);
    let lost = (stays.available - staying).max(0);
    staying += lost.min((least - available).max(0));
    going -= (staying + going - most).max(0);
    (going, staying)
}

/// Pods that count against the minimum; the version that shrinks may count pods that aren't available (GetReplicasForScaleDown).
fn for_scale_down(set: Option<Totals>, ignore_availability: bool) -> i64 {
    let Some(set) = set else { return 0 };
    if set.spec < set.available || ignore_availability { set.spec } else { set.available }
}

/// Pods a weight stands for, rounded up.
pub fn pods_for(replicas: i64, weight: i64, max_weight: i64) -> i64 {
    (replicas * weight + max_weight - 1).div_euclid(max_weight.max(1))
}

/// The weight of the last `setWeight` at or before the current step (GetCurrentSetWeight).
pub fn set_weight(ro: &Value) -> i64 {
    if flag(ro, "/status/abort") {
        return 0;
    }
    let (Some(index), Some(_)) = (spec::step_index(ro), spec::current_step(ro)) else { return spec::max_weight(ro) };
    spec::steps(ro)[..=index].iter().rev().find_map(|step| number(step, "/setWeight")).unwrap_or(0)
}

/// The `setCanaryScale` in force, if any (UseSetCanaryScale).
fn canary_scale(ro: &Value) -> Option<&Value> {
    // An abort ends it, unless the manifest says to leave the canary up.
    if !spec::is_routed(ro) || (flag(ro, "/status/abort") && spec::abort_delay(ro).0.is_some()) {
        return None;
    }
    let index = spec::step_index(ro)?;
    spec::current_step(ro)?;
    let scale = spec::steps(ro)[..=index].iter().rev().find_map(|step| step.get("setCanaryScale"))?;
    (!flag(scale, "/matchTrafficWeight")).then_some(scale)
}

/// Fixed canary pods, or the weight to scale by (GetCanaryReplicasOrWeight).
pub fn replicas_or_weight(ro: &Value) -> (Option<i64>, i64) {
    if flag(ro, "/status/promoteFull") || !has(ro, "/status/stableRS") || ro["status"]["stableRS"] == ro["status"]["currentPodHash"] {
        return (None, spec::max_weight(ro));
    }
    if let Some(scale) = canary_scale(ro) {
        if let Some(replicas) = number(scale, "/replicas") {
            return (Some(replicas), 0);
        }
        if let Some(weight) = number(scale, "/weight") {
            return (None, weight);
        }
    }
    (None, set_weight(ro))
}

/// The counts of a canary whose traffic a router shares out (CalculateReplicaCountsForTrafficRoutedCanary).
pub fn routed_canary(ro: &Value, weights: Option<&Value>) -> (i64, i64) {
    let (of, max) = (spec::replicas(ro), spec::max_weight(ro));
    let (fixed, weight) = replicas_or_weight(ro);
    let mut canary = fixed.unwrap_or_else(|| at_least_minimum(ro, pods_for(of, weight, max)));
    if !spec::is_dynamic(ro) {
        return (canary, of);
    }
    let mut stable = pods_for(of, max - weight, max);
    if let Some(weights) = weights.filter(|w| !w.is_null()) {
        // Never fewer pods than the traffic already sent needs.
        stable = stable.max(pods_for(of, number(weights, "/stable/weight").unwrap_or(0), max));
        if flag(ro, "/status/abort") {
            canary = canary.max(pods_for(of, number(weights, "/canary/weight").unwrap_or(0), max));
        }
    }
    (at_least_minimum(ro, canary), at_least_minimum(ro, stable))
}

/// A version that has pods at all has `minPodsPerReplicaSet` (CheckMinPodsPerReplicaSet).
fn at_least_minimum(ro: &Value, count: i64) -> i64 {
    let least = number(ro, "/spec/strategy/canary/minPodsPerReplicaSet").filter(|_| spec::is_routed(ro)).unwrap_or(0);
    if count == 0 { 0 } else { count.max(least) }
}

/// The plan for a canary without routing, read off the objects.
pub fn plan(ro: &Value, new: Option<&Set>, stable: Option<&Set>, others: &[&Set]) -> CanaryPlan {
    let totals = |set: &Set| Totals { spec: set.spec, available: set.available };
    CanaryPlan {
        replicas: spec::replicas(ro),
        weight: replicas_or_weight(ro).1,
        max_weight: spec::max_weight(ro),
        max_surge: spec::max_surge(ro),
        max_unavailable: spec::max_unavailable(ro),
        new: new.map(totals),
        stable: stable.filter(|s| new.is_none_or(|n| n.name != s.name)).map(totals),
        others: Totals { spec: others.iter().map(|s| s.spec).sum(), available: others.iter().map(|s| s.available).sum() },
    }
}

/// Whether every version has the pods the step asks for: the canary's available, stable's at least created
/// (AtDesiredReplicaCountsForCanary).
pub fn at_desired(ro: &Value, new: Option<&Set>, stable: Option<&Set>, others: &[&Set], weights: Option<&Value>) -> bool {
    let (Some(new), Some(stable)) = (new, stable) else { return false };
    let routed = spec::is_routed(ro);
    let (want_new, want_stable) =
        if routed { routed_canary(ro, weights) } else { basic_canary(&plan(ro, Some(new), Some(stable), others)) };
    if want_new != new.spec || !enough(ro, new.available, want_new) {
        return false;
    }
    if !(routed && spec::is_dynamic(ro)) && (want_stable != stable.spec || want_stable != stable.actual) {
        return false;
    }
    // A router keeps traffic from old versions; without one their pods serve.
    routed || others.iter().all(|set| set.available == 0)
}

/// Whether the available pods reach the step's threshold: all of them, or `replicaProgressThreshold`.
fn enough(ro: &Value, available: i64, want: i64) -> bool {
    let threshold = "/spec/strategy/canary/replicaProgressThreshold";
    if !has(ro, threshold) {
        return available == want;
    }
    let value = number(ro, &format!("{threshold}/value")).unwrap_or(100);
    match ro.pointer(&format!("{threshold}/type")).and_then(Value::as_str) {
        Some("Pods") => available >= value.min(want),
        _ => available >= pods_for(want, value, 100),
    }
}

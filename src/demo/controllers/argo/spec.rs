//! What a Rollout's spec says, with the defaults of argo-rollouts utils/defaults.
//! Never reads status, but for the step the Rollout is at.

use chrono::TimeDelta;
use serde_json::Value;

use super::objects::{flag, go_duration, has, list, number, text};

/// `spec.replicas`, 1 when absent.
pub fn replicas(ro: &Value) -> i64 {
    number(ro, "/spec/replicas").unwrap_or(1)
}

/// Whether the strategy is canary.
pub fn is_canary(ro: &Value) -> bool {
    has(ro, "/spec/strategy/canary")
}

/// Whether the strategy is blue-green.
pub fn is_blue_green(ro: &Value) -> bool {
    has(ro, "/spec/strategy/blueGreen")
}

/// Whether a router carries the weight.
pub fn is_routed(ro: &Value) -> bool {
    has(ro, "/spec/strategy/canary/trafficRouting")
}

/// The canary's steps.
pub fn steps(ro: &Value) -> &[Value] {
    list(ro, "/spec/strategy/canary/steps")
}

/// The weight that stands for all traffic.
pub fn max_weight(ro: &Value) -> i64 {
    number(ro, "/spec/strategy/canary/trafficRouting/maxTrafficWeight").unwrap_or(100)
}

/// Whether stable shrinks as the canary grows.
pub fn is_dynamic(ro: &Value) -> bool {
    flag(ro, "/spec/strategy/canary/dynamicStableScale")
}

/// The index of the current step; `None` without steps (utils/replicaset, GetCurrentCanaryStep).
pub fn step_index(ro: &Value) -> Option<usize> {
    if steps(ro).is_empty() {
        return None;
    }
    Some(usize::try_from(number(ro, "/status/currentStepIndex").unwrap_or(0)).unwrap_or(0))
}

/// The current step, if one is left.
pub fn current_step(ro: &Value) -> Option<&Value> {
    steps(ro).get(step_index(ro)?)
}

/// A number or percentage of the replicas; texts without `%` are percentages too (utils/defaults).
fn share(value: Option<&Value>, default: &str, of: i64, up: bool) -> i64 {
    let percent = |text: &str| {
        let parts = text.trim_end_matches('%').parse::<i64>().unwrap_or(0) * of;
        if up { (parts + 99).div_euclid(100) } else { parts.div_euclid(100) }
    };
    match value {
        Some(Value::Number(n)) => n.as_i64().unwrap_or(0),
        Some(Value::String(text)) => percent(text),
        _ => percent(default),
    }
}

/// Surge and unavailability allowed, resolved together: both 0 makes 1 unavailable (utils/replicaset, resolveFenceposts).
fn fences(ro: &Value) -> (i64, i64) {
    let of = replicas(ro);
    let strategy = if is_canary(ro) { "/spec/strategy/canary" } else { "/spec/strategy/blueGreen" };
    let field = |name: &str| ro.pointer(&format!("{strategy}/{name}"));
    let surge = share(field("maxSurge"), "25", of, true);
    let unavailable = share(field("maxUnavailable"), if is_canary(ro) { "25" } else { "0" }, of, false);
    (surge, if surge == 0 && unavailable == 0 { 1 } else { unavailable })
}

/// Pods allowed above `spec.replicas`.
pub fn max_surge(ro: &Value) -> i64 {
    fences(ro).0
}

/// Pods allowed to be missing.
pub fn max_unavailable(ro: &Value) -> i64 {
    let of = replicas(ro);
    if of == 0 { 0 } else { fences(ro).1.min(of) }
}

/// Seconds without progress after which the update is called stuck.
pub fn progress_deadline(ro: &Value) -> TimeDelta {
    TimeDelta::seconds(number(ro, "/spec/progressDeadlineSeconds").unwrap_or(600))
}

/// How long an old version is kept warm after the switch.
pub fn scale_down_delay(ro: &Value) -> TimeDelta {
    let seconds = if is_blue_green(ro) {
        number(ro, "/spec/strategy/blueGreen/scaleDownDelaySeconds").unwrap_or(30)
    } else if is_routed(ro) {
        number(ro, "/spec/strategy/canary/scaleDownDelaySeconds").unwrap_or(30)
    } else {
        0
    };
    TimeDelta::seconds(seconds)
}

/// How long an aborted version is kept; `None` = for ever. The flag says whether the manifest said so itself.
pub fn abort_delay(ro: &Value) -> (Option<TimeDelta>, bool) {
    let strategy = if is_blue_green(ro) { "blueGreen" } else { "canary" };
    match number(ro, &format!("/spec/strategy/{strategy}/abortScaleDownDelaySeconds")) {
        Some(0) => (None, true),
        Some(seconds) => (Some(TimeDelta::seconds(seconds)), true),
        None if is_blue_green(ro) || is_routed(ro) => (Some(TimeDelta::seconds(30)), false),
        None => (None, false),
    }
}

/// How many old versions may be kept warm at once.
pub fn scale_down_revision_limit(ro: &Value) -> i64 {
    let strategy = if is_blue_green(ro) { "blueGreen" } else { "canary" };
    number(ro, &format!("/spec/strategy/{strategy}/scaleDownDelayRevisionLimit")).unwrap_or(i64::MAX)
}

/// The length of a pause step; `None` = until somebody promotes.
pub fn pause_duration(step: &Value) -> Option<TimeDelta> {
    step.pointer("/pause/duration").and_then(go_duration)
}

/// Seconds after which blue-green promotes by itself, 0 = never by time.
pub fn auto_promotion_seconds(ro: &Value) -> i64 {
    number(ro, "/spec/strategy/blueGreen/autoPromotionSeconds").unwrap_or(0)
}

/// Whether blue-green promotes without a person.
pub fn auto_promotion(ro: &Value) -> bool {
    ro.pointer("/spec/strategy/blueGreen/autoPromotionEnabled").and_then(Value::as_bool).unwrap_or(true)
}

/// Whether the controller pauses a blue-green update at all (rollout/bluegreen.go, needsBlueGreenControllerPause).
pub fn pauses_blue_green(ro: &Value) -> bool {
    !auto_promotion(ro) || auto_promotion_seconds(ro) > 0
}

/// The step in words, as events tell it (utils/rollout, CanaryStepString).
pub fn step_text(step: &Value) -> String {
    if let Some(weight) = number(step, "/setWeight") {
        return format!("setWeight: {weight}");
    }
    if let Some(pause) = step.get("pause") {
        return match &pause["duration"] {
            Value::String(text) => format!("pause: {text}"),
            Value::Number(seconds) => format!("pause: {seconds}"),
            _ => "pause".into(),
        };
    }
    if let Some(scale) = step.get("setCanaryScale") {
        if flag(scale, "/matchTrafficWeight") {
            return "setCanaryScale{matchTrafficWeight: true}".into();
        }
        return match (number(scale, "/weight"), number(scale, "/replicas")) {
            (Some(weight), _) => format!("setCanaryScale{{weight: {weight}}}"),
            (None, Some(replicas)) => format!("setCanaryScale{{replicas: {replicas}}}"),
            (None, None) => "setCanaryScale".into(),
        };
    }
    for name in ["experiment", "analysis", "setHeaderRoute", "setMirrorRoute"] {
        if step.get(name).is_some() {
            return name.into();
        }
    }
    match text(step, "/plugin/name") {
        "" => "invalid".into(),
        name => format!("plugin: {name}"),
    }
}

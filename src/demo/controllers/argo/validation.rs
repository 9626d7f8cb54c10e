//! What makes a Rollout's spec unusable, in the words of the real validation (argo-rollouts pkg/apis/rollouts/validation).
//! Only what a person gets wrong in strategy, steps, selector and references; the API server checks the rest.

use serde_json::Value;

use crate::demo::store::{ANALYSISTEMPLATES, INGRESSES, Key, SERVICES, Store};

use super::objects::{flag, go_duration, has, list, number, text};
use super::{spec, workload};

/// The first problem, as `field: kind: details`.
pub fn problem(store: &Store, ro: &Value) -> Option<String> {
    selector(ro).or_else(|| strategy(ro)).or_else(|| references(store, ro))
}

fn invalid(field: &str, value: &str, why: &str) -> Option<String> {
    Some(format!("{field}: Invalid value: {value}: {why}"))
}

fn selector(ro: &Value) -> Option<String> {
    let by_reference = has(ro, "/spec/workloadRef");
    if !has(ro, "/spec/selector") && !by_reference {
        return Some("spec.selector: Required value: Rollout has missing field '.spec.selector'".into());
    }
    if by_reference && !has(ro, "/spec/template") {
        return None;
    }
    let labels = &ro["spec"]["template"]["metadata"]["labels"];
    let wanted = ro["spec"]["selector"]["matchLabels"].as_object();
    if wanted.is_none_or(|w| w.is_empty()) && list(ro, "/spec/selector/matchExpressions").is_empty() {
        return invalid("spec.selector", "{}", "empty selector is invalid for deployment");
    }
    if wanted.into_iter().flatten().any(|(key, value)| labels.get(key) != Some(value)) {
        let mut told: Vec<String> = labels.as_object().into_iter().flatten().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        told.sort();
        let told = format!("map[string]string{{{}}}", told.join(", "));
        return invalid("spec.template.metadata.labels", &told, "`selector` does not match template `labels`");
    }
    let ready = number(ro, "/spec/minReadySeconds").unwrap_or(0);
    let deadline = spec::progress_deadline(ro).num_seconds();
    if deadline <= ready {
        return invalid("spec.progressDeadlineSeconds", &deadline.to_string(), "must be greater than minReadySeconds");
    }
    None
}

fn strategy(ro: &Value) -> Option<String> {
    match (spec::is_canary(ro), spec::is_blue_green(ro)) {
        (false, false) => Some(
            "spec.strategy.strategy: Required value: Rollout has missing field '.spec.strategy.canary or .spec.strategy.blueGreen'".into(),
        ),
        (true, true) => invalid("spec.strategy.strategy", "\"blueGreen: true canary: true\"", "Multiple Strategies can not be listed"),
        (true, false) => canary(ro),
        (false, true) => blue_green(ro),
    }
}

fn blue_green(ro: &Value) -> Option<String> {
    let (active, preview) = (text(ro, "/spec/strategy/blueGreen/activeService"), text(ro, "/spec/strategy/blueGreen/previewService"));
    if active == preview {
        let why = "This rollout uses the same service for the active and preview services, but two different services are required.";
        return invalid("spec.strategy.activeService", &format!("\"{active}\""), why);
    }
    None
}

fn canary(ro: &Value) -> Option<String> {
    let (stable, canary) = (text(ro, "/spec/strategy/canary/stableService"), text(ro, "/spec/strategy/canary/canaryService"));
    if !stable.is_empty() && stable == canary {
        let why = "This rollout uses the same service for the stable and canary services, but two different services are required.";
        return invalid("spec.strategy.stableService", &format!("\"{stable}\""), why);
    }
    if has(ro, "/spec/strategy/canary/trafficRouting/nginx") && (stable.is_empty() || canary.is_empty()) {
        let why = "Canary service and Stable service must to be set to use Traffic Routing";
        return invalid("spec.strategy.trafficRouting", "\"nginx\"", why);
    }
    if !spec::is_routed(ro) && has(ro, "/spec/strategy/canary/scaleDownDelaySeconds") {
        let value = ro["spec"]["strategy"]["canary"]["scaleDownDelaySeconds"].to_string();
        return invalid(
            "spec.strategy.scaleDownDelaySeconds",
            &value,
            "Canary scaleDownDelaySeconds can only be used with traffic routing",
        );
    }
    if !spec::is_routed(ro) && spec::is_dynamic(ro) {
        let why = "Canary dynamicStableScale can only be used with traffic routing";
        return invalid("spec.strategy.dynamicStableScale", "true", why);
    }
    let zero = |field: &str| matches!(ro.pointer(&format!("/spec/strategy/canary/{field}")), Some(v) if *v == 0 || *v == "0" || *v == "0%");
    if zero("maxSurge") && zero("maxUnavailable") {
        return invalid("spec.strategy.maxSurge", "0", "MaxSurge and MaxUnavailable both can not be zero");
    }
    spec::steps(ro).iter().enumerate().find_map(|(at, step)| step_problem(ro, at, step))
}

fn step_problem(ro: &Value, at: usize, step: &Value) -> Option<String> {
    const KINDS: [&str; 8] =
        ["experiment", "setWeight", "setCanaryScale", "pause", "analysis", "setHeaderRoute", "setMirrorRoute", "plugin"];
    let field = format!("spec.strategy.steps[{at}]");
    if KINDS.iter().filter(|kind| has(step, &format!("/{kind}"))).count() != 1 {
        let told = format!(
            "step.Experiment: {} step.Pause: {} step.SetWeight: {}",
            has(step, "/experiment"),
            has(step, "/pause"),
            has(step, "/setWeight")
        );
        let why = "Step must have one of the following set: experiment, setWeight, setCanaryScale or pause";
        return invalid(&field, &format!("\"{told}\""), why);
    }
    let max = spec::max_weight(ro);
    if let Some(weight) = number(step, "/setWeight").filter(|w| !(0..=max).contains(w)) {
        return invalid(&format!("{field}.setWeight"), &weight.to_string(), &format!("SetWeight needs to be between 0 and {max}"));
    }
    if let Some(duration) = step.pointer("/pause/duration").filter(|d| !d.is_null())
        && go_duration(duration).is_none_or(|d| d.num_seconds() < 0)
    {
        return invalid(&format!("{field}.pause.duration"), &duration.to_string(), "Duration needs to be greater than 0");
    }
    let routed = spec::is_routed(ro);
    for (kind, why) in [
        ("setCanaryScale", "SetCanaryScale requires TrafficRouting to be set"),
        ("setHeaderRoute", "SetHeaderRoute requires TrafficRouting, supports Istio and ALB and Apisix"),
        ("setMirrorRoute", "SetMirrorRoute requires TrafficRouting, supports Istio only"),
    ] {
        if has(step, &format!("/{kind}")) && !routed {
            return invalid(&format!("{field}.{kind}"), &step[kind].to_string(), why);
        }
    }
    None
}

fn references(store: &Store, ro: &Value) -> Option<String> {
    let namespace = text(ro, "/metadata/namespace");
    if has(ro, "/spec/workloadRef") && !has(ro, "/spec/template") {
        let (kind, name) = (text(ro, "/spec/workloadRef/kind"), text(ro, "/spec/workloadRef/name"));
        let key = workload::key_of(ro, namespace);
        return match key {
            None => invalid("spec.workloadRef.name", &format!("\"{name}\""), &format!("workloads of kind {kind} are not supported")),
            Some(_) => invalid("spec.workloadRef.name", &format!("\"{name}\""), &format!("deployments.apps \"{name}\" not found")),
        };
    }
    for field in ["canary/stableService", "canary/canaryService", "blueGreen/activeService", "blueGreen/previewService"] {
        let name = text(ro, &format!("/spec/strategy/{field}"));
        if !name.is_empty() && store.get(&Key::new(SERVICES, namespace, name)).is_none() {
            let field = field.replace('/', ".");
            return invalid(&format!("spec.strategy.{field}"), &format!("\"{name}\""), &format!("service \"{name}\" not found"));
        }
    }
    let ingress = text(ro, "/spec/strategy/canary/trafficRouting/nginx/stableIngress");
    if !ingress.is_empty() && store.get(&Key::new(INGRESSES, namespace, ingress)).is_none() {
        let field = "spec.strategy.canary.trafficRouting.nginx.stableIngress";
        return invalid(field, &format!("\"{ingress}\""), &format!("ingress.networking.k8s.io \"{ingress}\" not found"));
    }
    templates(ro).find_map(|(field, template)| {
        let name = text(template, "/templateName");
        let known = flag(template, "/clusterScope") || store.get(&Key::new(ANALYSISTEMPLATES, namespace, name)).is_some();
        if known {
            return None;
        }
        invalid(&field, &format!("\"{name}\""), &format!("AnalysisTemplate '{name}' not found"))
    })
}

/// Every AnalysisTemplate the strategy names, with the field that does.
fn templates(ro: &Value) -> impl Iterator<Item = (String, &Value)> {
    let fixed =
        ["canary/analysis", "blueGreen/prePromotionAnalysis", "blueGreen/postPromotionAnalysis"].into_iter().flat_map(move |path| {
            let field = format!("spec.strategy.{}.templates", path.replace('/', "."));
            list(ro, &format!("/spec/strategy/{path}/templates")).iter().map(move |template| (field.clone(), template))
        });
    let steps = spec::steps(ro).iter().enumerate().flat_map(|(at, step)| {
        let of = |path: &'static str| {
            list(step, path).iter().map(move |template| (format!("spec.strategy.canary.steps[{at}].analysis.templates"), template))
        };
        of("/analysis/templates").chain(of("/experiment/analyses"))
    });
    fixed.chain(steps)
}

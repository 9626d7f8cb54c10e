//! `rollouts.argoproj.io`, as far as it is read. Field names and meanings: the project's own CRD.
//! Takes what is malformed for absent, and judges nothing.

mod analyses;
mod status;
mod steps;

use serde::Deserialize;

use super::lenient::{IntOrString, null_as_default};
use super::meta::{Meta, Selector, Time};
use super::template::PodTemplate;
use crate::text::Clean;

pub use analyses::{AnalysisArgument, AnalysisRef, ArgumentSource, FieldRef, RunStatusRef};
pub use status::{BlueGreenStatus, CanaryStatus, CanaryWeights, PauseCondition, RolloutStatus, WeightDestination};
pub use steps::{StepPause, StepSpec};

/// An Argo Rollout.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Rollout {
    /// Metadata.
    pub metadata: Meta,
    /// What is wanted.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: RolloutSpec,
    /// What its controller says.
    #[serde(deserialize_with = "null_as_default")]
    pub status: RolloutStatus,
}

/// What is wanted of a Rollout.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RolloutSpec {
    /// Pods wanted; absent means 1.
    pub replicas: Option<i64>,
    /// Which pods are its own.
    #[serde(deserialize_with = "null_as_default")]
    pub selector: Selector,
    /// What its pods run, unless `workload_ref` says where that stands.
    #[serde(deserialize_with = "null_as_default")]
    pub template: PodTemplate,
    /// The workload whose template it takes.
    pub workload_ref: Option<WorkloadRef>,
    /// Paused by hand.
    #[serde(deserialize_with = "null_as_default")]
    pub paused: bool,
    /// Pods older than this are replaced.
    pub restart_at: Option<Time>,
    /// Within which going back needs no steps.
    #[serde(deserialize_with = "null_as_default")]
    pub rollback_window: RollbackWindow,
    /// Seconds a pod must be ready before it counts as available.
    #[serde(deserialize_with = "null_as_default")]
    pub min_ready_seconds: i64,
    /// Seconds without progress after which the controller says so; absent means 600.
    pub progress_deadline_seconds: Option<i64>,
    /// Whether a missed deadline aborts.
    #[serde(deserialize_with = "null_as_default")]
    pub progress_deadline_abort: bool,
    /// How versions are exchanged.
    #[serde(deserialize_with = "null_as_default")]
    pub strategy: RolloutStrategy,
}

impl RolloutSpec {
    /// Every analysis it names: beside the steps, in them, before and after the switch.
    pub fn analyses(&self) -> impl Iterator<Item = &AnalysisRef> {
        let canary = self.strategy.canary.iter();
        let canary = canary.flat_map(|canary| canary.analysis.iter().chain(canary.steps.iter().filter_map(|step| step.analysis.as_ref())));
        let switch = self.strategy.blue_green.iter();
        canary.chain(switch.flat_map(|switch| switch.pre_promotion_analysis.iter().chain(&switch.post_promotion_analysis)))
    }
}

/// The strategy: one of the two, both absent or present is an invalid spec.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RolloutStrategy {
    /// Step by step.
    pub canary: Option<CanarySpec>,
    /// All at once, with a preview.
    pub blue_green: Option<BlueGreenSpec>,
}

/// How far back a Rollout goes without steps and analyses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct RollbackWindow {
    /// So many revisions; absent means none.
    #[serde(deserialize_with = "null_as_default")]
    pub revisions: i64,
}

/// Where a Rollout takes its template from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WorkloadRef {
    /// Kind, `Deployment` nearly always.
    #[serde(deserialize_with = "null_as_default")]
    pub kind: Clean,
    /// Name, in the Rollout's namespace.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
}

/// A canary strategy.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CanarySpec {
    /// Service of the canary's pods.
    #[serde(deserialize_with = "null_as_default")]
    pub canary_service: Clean,
    /// Service of the stable pods.
    #[serde(deserialize_with = "null_as_default")]
    pub stable_service: Clean,
    /// The ladder.
    #[serde(deserialize_with = "null_as_default")]
    pub steps: Vec<StepSpec>,
    /// Who splits the traffic; absent means that replica counts do.
    pub traffic_routing: Option<TrafficRouting>,
    /// Pods above the wanted number; strings without `%` are percentages too, absent means 25 %.
    pub max_surge: Option<IntOrString>,
    /// Pods below the wanted number; absent means 25 %.
    pub max_unavailable: Option<IntOrString>,
    /// Background analysis.
    pub analysis: Option<AnalysisRef>,
    /// Stable shrinks as the canary grows.
    #[serde(deserialize_with = "null_as_default")]
    pub dynamic_stable_scale: bool,
    /// Seconds the canary stays after an abort; 0 keeps it for good.
    pub abort_scale_down_delay_seconds: Option<i64>,
}

/// Who splits the traffic: the routers' names as keys, and the sum of weights.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrafficRouting {
    /// Routers named in the spec, e.g. `nginx`, `istio`, or a plugin's name.
    pub routers: Vec<Clean>,
    /// The Ingresses ingress-nginx splits: `stableIngress` and `stableIngresses`.
    pub ingresses: Vec<Clean>,
    /// What all weights add up to; absent means 100.
    pub max_traffic_weight: Option<i64>,
}

impl<'de> Deserialize<'de> for TrafficRouting {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = std::collections::BTreeMap::<Clean, serde_json::Value>::deserialize(deserializer)?;
        let mut routing = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "maxTrafficWeight" => routing.max_traffic_weight = value.as_i64(),
                "managedRoutes" => {}
                "plugins" => {
                    routing.routers.extend(value.as_object().into_iter().flatten().map(|(plugin, _)| Clean::from(plugin.as_str())))
                }
                _ if !value.is_null() => {
                    if name == "nginx" {
                        let several = value["stableIngresses"].as_array().into_iter().flatten();
                        let named = [&value["stableIngress"]].into_iter().chain(several).filter_map(serde_json::Value::as_str);
                        routing.ingresses.extend(named.filter(|name| !name.is_empty()).map(Clean::from));
                    }
                    routing.routers.push(name);
                }
                _ => {}
            }
        }
        Ok(routing)
    }
}

/// A blue-green strategy.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BlueGreenSpec {
    /// Service everybody uses.
    #[serde(deserialize_with = "null_as_default")]
    pub active_service: Clean,
    /// Service of the new version before the switch.
    #[serde(deserialize_with = "null_as_default")]
    pub preview_service: Clean,
    /// Whether it switches by itself; absent means yes.
    pub auto_promotion_enabled: Option<bool>,
    /// Seconds from the pause to the switch.
    pub auto_promotion_seconds: Option<i64>,
    /// Seconds the old version stays after the switch; absent means 30.
    pub scale_down_delay_seconds: Option<i64>,
    /// Gate before the switch.
    pub pre_promotion_analysis: Option<AnalysisRef>,
    /// Gate after the switch.
    pub post_promotion_analysis: Option<AnalysisRef>,
}

//! `rollouts.argoproj.io`, as far as it is read. Field names and meanings: the project's own CRD.

use serde::Deserialize;

use super::lenient::{IntOrString, null_as_default};
use super::meta::{Condition, Meta, Selector, Time};
use super::template::PodTemplate;
use crate::text::Clean;

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

/// One rung of the ladder: exactly one field is set in a valid spec.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StepSpec {
    /// Share of traffic, in units of `maxTrafficWeight`.
    pub set_weight: Option<i64>,
    /// Wait.
    pub pause: Option<StepPause>,
    /// Number of canary pods, apart from the weight.
    pub set_canary_scale: Option<SetCanaryScale>,
    /// A gate by measurements.
    pub analysis: Option<AnalysisRef>,
    /// Further versions beside the two.
    pub experiment: Option<ExperimentStep>,
    /// All matching requests go to the canary.
    pub set_header_route: Option<SetHeaderRoute>,
    /// Matching requests are sent to the canary too, answers thrown away.
    pub set_mirror_route: Option<SetMirrorRoute>,
    /// A plugin's own step.
    pub plugin: Option<StepPlugin>,
}

/// A pause; no duration means until a person goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct StepPause {
    /// Seconds as a number, or a duration such as `10m`.
    pub duration: Option<IntOrString>,
}

/// Number of canary pods.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SetCanaryScale {
    /// So many.
    pub replicas: Option<i64>,
    /// So many per cent.
    pub weight: Option<i64>,
    /// As many as the weight asks for.
    #[serde(deserialize_with = "null_as_default")]
    pub match_traffic_weight: bool,
}

/// Which templates an analysis runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AnalysisRef {
    /// Templates.
    #[serde(deserialize_with = "null_as_default")]
    pub templates: Vec<TemplateRef>,
    /// The step from which a background analysis runs.
    pub starting_step: Option<i64>,
    /// What the Rollout fills its templates' arguments with.
    #[serde(deserialize_with = "null_as_default")]
    pub args: Vec<AnalysisArgument>,
}

/// What a Rollout fills an argument of a template with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AnalysisArgument {
    /// The argument's name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// A text.
    pub value: Option<Clean>,
    /// Or the place it is taken from.
    #[serde(deserialize_with = "null_as_default")]
    pub value_from: ArgumentSource,
}

/// Where an argument is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ArgumentSource {
    /// The hash of a version: `Latest` or `Stable`.
    pub pod_template_hash_value: Option<Clean>,
    /// A field of the Rollout.
    pub field_ref: Option<FieldRef>,
}

/// A field of the Rollout itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FieldRef {
    /// Its path, such as `metadata.name` or `metadata.labels['app']`.
    #[serde(deserialize_with = "null_as_default")]
    pub field_path: Clean,
}

/// A template's name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TemplateRef {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub template_name: Clean,
    /// Whether it is a ClusterAnalysisTemplate.
    #[serde(deserialize_with = "null_as_default")]
    pub cluster_scope: bool,
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

/// An experiment step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ExperimentStep {
    /// Its versions.
    #[serde(deserialize_with = "null_as_default")]
    pub templates: Vec<ExperimentStepTemplate>,
    /// How long it runs; absent means until its analyses end.
    pub duration: Option<Clean>,
}

/// A version of an experiment step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExperimentStepTemplate {
    /// Name.
    pub name: Clean,
    /// `stable` or `canary`.
    #[serde(deserialize_with = "null_as_default")]
    pub spec_ref: Clean,
    /// Pods.
    pub replicas: Option<i64>,
    /// Share of traffic, with routing.
    pub weight: Option<i64>,
}

/// A header route.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SetHeaderRoute {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// What matches; empty removes the route.
    #[serde(rename = "match", deserialize_with = "null_as_default")]
    pub matches: Vec<HeaderMatch>,
}

/// A header that is matched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HeaderMatch {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub header_name: Clean,
}

/// A mirror route.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct SetMirrorRoute {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// Per cent of the matching requests.
    pub percentage: Option<i64>,
}

/// A plugin step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct StepPlugin {
    /// The plugin's name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
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

/// What the controller says of a Rollout.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RolloutStatus {
    /// `Healthy`, `Degraded`, `Progressing` or `Paused`; empty before controller 1.0.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: Clean,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// Generation this status belongs to: a number written as a string.
    #[serde(deserialize_with = "null_as_default")]
    pub observed_generation: Clean,
    /// The same for the referenced workload.
    #[serde(deserialize_with = "null_as_default")]
    pub workload_observed_generation: Clean,
    /// Aborted.
    #[serde(deserialize_with = "null_as_default")]
    pub abort: bool,
    /// Since when.
    pub aborted_at: Option<Time>,
    /// What it waits for.
    #[serde(deserialize_with = "null_as_default")]
    pub pause_conditions: Vec<PauseCondition>,
    /// The controller paused it.
    #[serde(deserialize_with = "null_as_default")]
    pub controller_pause: bool,
    /// All the way was asked for.
    #[serde(deserialize_with = "null_as_default")]
    pub promote_full: bool,
    /// Hash of the newest template.
    #[serde(deserialize_with = "null_as_default")]
    pub current_pod_hash: Clean,
    /// Hash of the version that is known good.
    #[serde(rename = "stableRS", deserialize_with = "null_as_default")]
    pub stable_rs: Clean,
    /// Steps done.
    pub current_step_index: Option<i64>,
    /// Pods of all versions.
    #[serde(deserialize_with = "null_as_default")]
    pub replicas: i64,
    /// Pods of the newest version.
    #[serde(deserialize_with = "null_as_default")]
    pub updated_replicas: i64,
    /// Ready pods (blue-green: of the active version).
    #[serde(deserialize_with = "null_as_default")]
    pub ready_replicas: i64,
    /// Available pods (blue-green: of the active version).
    #[serde(deserialize_with = "null_as_default")]
    pub available_replicas: i64,
    /// Conditions.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Vec<Condition>,
    /// Last restart done.
    pub restarted_at: Option<Time>,
    /// Canary details.
    #[serde(deserialize_with = "null_as_default")]
    pub canary: CanaryStatus,
    /// Blue-green details.
    #[serde(deserialize_with = "null_as_default")]
    pub blue_green: BlueGreenStatus,
}

/// Why the controller waits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PauseCondition {
    /// `CanaryPauseStep`, `BlueGreenPause`, `InconclusiveAnalysisRun` or `InconclusiveExperiment`.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Clean,
    /// Since when.
    pub start_time: Option<Time>,
}

/// Canary details.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CanaryStatus {
    /// What the controller last wrote to the router.
    pub weights: Option<CanaryWeights>,
    /// The analysis that is the present step.
    pub current_step_analysis_run_status: Option<RunStatusRef>,
    /// The analysis beside the steps.
    pub current_background_analysis_run_status: Option<RunStatusRef>,
    /// Name of the running experiment.
    #[serde(deserialize_with = "null_as_default")]
    pub current_experiment: Clean,
    /// `ping` or `pong`, whichever is stable.
    #[serde(deserialize_with = "null_as_default")]
    pub stable_ping_pong: Clean,
}

/// Weights as last written to the router, in units of `maxTrafficWeight`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CanaryWeights {
    /// The canary's.
    #[serde(deserialize_with = "null_as_default")]
    pub canary: WeightDestination,
    /// The stable version's.
    #[serde(deserialize_with = "null_as_default")]
    pub stable: WeightDestination,
    /// Experiments' versions.
    #[serde(deserialize_with = "null_as_default")]
    pub additional: Vec<WeightDestination>,
    /// Whether the router confirmed it; absent where none can.
    pub verified: Option<bool>,
}

/// One version's weight.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WeightDestination {
    /// Weight.
    #[serde(deserialize_with = "null_as_default")]
    pub weight: i64,
    /// Service it goes to.
    #[serde(deserialize_with = "null_as_default")]
    pub service_name: Clean,
    /// Version.
    #[serde(deserialize_with = "null_as_default")]
    pub pod_template_hash: Clean,
}

/// A reference to an AnalysisRun with its last known state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct RunStatusRef {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// Phase.
    #[serde(deserialize_with = "null_as_default")]
    pub status: Clean,
    /// Why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
}

/// Blue-green details.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BlueGreenStatus {
    /// Version behind the active Service.
    #[serde(deserialize_with = "null_as_default")]
    pub active_selector: Clean,
    /// Version behind the preview Service.
    #[serde(deserialize_with = "null_as_default")]
    pub preview_selector: Clean,
    /// Gate before the switch.
    pub pre_promotion_analysis_run_status: Option<RunStatusRef>,
    /// Gate after the switch.
    pub post_promotion_analysis_run_status: Option<RunStatusRef>,
}

//! `canaries.flagger.app`: a release by Flagger, cut down to the fields that decide what it does next.
//! Never says what a phase means: a weight of 0 in the status is not always a share of 0.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::lenient::null_as_default;
use super::meta::{Condition, Meta, Time};
use crate::text::Clean;

/// A Canary.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Canary {
    /// Metadata.
    pub metadata: Meta,
    /// What is wanted.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: FlaggerSpec,
    /// What Flagger says.
    #[serde(deserialize_with = "null_as_default")]
    pub status: FlaggerStatus,
}

impl Canary {
    /// The Deployment that people deploy to, and whose pods are the new version; `None` for other kinds of targets.
    pub fn target(&self) -> Option<&Clean> {
        let target = &self.spec.target_ref;
        (*target.kind == *"Deployment" && !target.name.is_empty()).then_some(&target.name)
    }

    /// The copy that serves all requests between releases.
    pub fn primary(&self) -> Option<Clean> {
        self.target().map(|name| Clean::from(format!("{name}-primary")))
    }

    /// Whether its failed checks have reached the threshold: Flagger's next look takes it back.
    pub fn is_failing(&self) -> bool {
        self.status.failed_checks >= self.spec.analysis.limit()
    }

    /// Whether a Gateway's HTTPRoute may carry its requests: it is named as the provider, or none is named.
    pub fn is_routed_by_gateway(&self) -> bool {
        let provider = self.spec.provider.as_str();
        provider.is_empty() || provider.starts_with("gatewayapi")
    }

    /// The name of the Service that clients use: `spec.service.name`, or the target's.
    pub fn service(&self) -> &Clean {
        let own = &self.spec.service.name;
        if own.is_empty() { &self.spec.target_ref.name } else { own }
    }
}

/// What is wanted of a Canary.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FlaggerSpec {
    /// What carries the requests, where it is not what Flagger was started with: `istio`, `gatewayapi:v1`, `kubernetes`, …
    #[serde(deserialize_with = "null_as_default")]
    pub provider: Clean,
    /// What is released.
    #[serde(deserialize_with = "null_as_default")]
    pub target_ref: TargetWorkload,
    /// Seconds without progress after which it fails; absent means 600.
    pub progress_deadline_seconds: Option<i64>,
    /// Whether the next change is promoted without being analysed.
    #[serde(deserialize_with = "null_as_default")]
    pub skip_analysis: bool,
    /// Whether Flagger keeps its hands off: no steps, no checks, no roll back.
    #[serde(deserialize_with = "null_as_default")]
    pub suspend: bool,
    /// The Service in front.
    #[serde(deserialize_with = "null_as_default")]
    pub service: FlaggerService,
    /// How it goes, and what it is checked by. `canaryAnalysis` is its name of before 1.0.
    #[serde(alias = "canaryAnalysis", deserialize_with = "null_as_default")]
    pub analysis: FlaggerAnalysis,
}

/// The workload that a Canary releases.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct TargetWorkload {
    /// `Deployment`, `DaemonSet` or a Knative `Service`.
    #[serde(deserialize_with = "null_as_default")]
    pub kind: Clean,
    /// Its name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
}

/// The Service that a Canary makes.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct FlaggerService {
    /// Its name; empty means the target's.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
}

/// How a Canary is carried out.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FlaggerAnalysis {
    /// Time between two looks, as Go writes durations; empty means 60 s, and less than 10 s is taken as 10 s.
    #[serde(deserialize_with = "null_as_default")]
    pub interval: Clean,
    /// Failed checks after which it is rolled back; 0 and less behave as 1.
    #[serde(deserialize_with = "null_as_default")]
    pub threshold: i64,
    /// Weight from which on it is promoted; 0 means 100.
    #[serde(deserialize_with = "null_as_default")]
    pub max_weight: i64,
    /// What is added with each step.
    #[serde(deserialize_with = "null_as_default")]
    pub step_weight: i64,
    /// The weights in order, in place of equal steps.
    #[serde(deserialize_with = "null_as_default")]
    pub step_weights: Vec<i64>,
    /// Rounds without weights (blue-green, A/B).
    #[serde(deserialize_with = "null_as_default")]
    pub iterations: i64,
    /// Whether requests are told apart by what they carry (A/B).
    #[serde(rename = "match", deserialize_with = "any")]
    pub has_match: bool,
    /// Whether requests are copied to the new version first.
    #[serde(deserialize_with = "null_as_default")]
    pub mirror: bool,
    /// Per cent of the new version's pods that have to be ready; absent means 100.
    pub canary_ready_threshold: Option<i64>,
    /// What it is checked by.
    #[serde(deserialize_with = "null_as_default")]
    pub metrics: Vec<FlaggerMetric>,
    /// What is asked besides: gates, checks, a roll back from outside.
    #[serde(deserialize_with = "null_as_default")]
    pub webhooks: Vec<FlaggerWebhook>,
}

impl FlaggerAnalysis {
    /// Failed checks after which it is rolled back: at least 1, whatever is written.
    pub fn limit(&self) -> i64 {
        self.threshold.max(1)
    }
}

/// One check by a measurement.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FlaggerMetric {
    /// Its name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// What its value has to keep to.
    #[serde(deserialize_with = "null_as_default")]
    pub threshold_range: FlaggerRange,
}

/// The range of a value; an end that is absent is open.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct FlaggerRange {
    /// At least.
    pub min: Option<f64>,
    /// At most.
    pub max: Option<f64>,
}

/// One question to somebody else.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct FlaggerWebhook {
    /// Its name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// `confirm-rollout`, `pre-rollout`, `rollout`, `confirm-traffic-increase`, `confirm-promotion`, `rollback`, …
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Clean,
    /// Who is asked.
    #[serde(deserialize_with = "null_as_default")]
    pub url: Clean,
}

/// What Flagger says of a Canary.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FlaggerStatus {
    /// `Initializing`, `Initialized`, `Waiting`, `Progressing`, `WaitingPromotion`, `Promoting`, `Finalising`, `Succeeded`, `Failed`,
    /// `Terminating`, `Terminated`; empty before Flagger has seen it.
    #[serde(deserialize_with = "null_as_default")]
    pub phase: Clean,
    /// The weight as Flagger tells it. Forced to 0 while it waits for promotion, and always 0 without weights: the router knows better.
    #[serde(deserialize_with = "null_as_default")]
    pub canary_weight: i64,
    /// Checks that failed so far; 0 again once it has ended.
    #[serde(deserialize_with = "null_as_default")]
    pub failed_checks: i64,
    /// Rounds done (blue-green, A/B).
    #[serde(deserialize_with = "null_as_default")]
    pub iterations: i64,
    /// Hash of the template last taken in; not a pod template hash.
    #[serde(deserialize_with = "null_as_default")]
    pub last_applied_spec: Clean,
    /// Hash of the template last promoted.
    #[serde(deserialize_with = "null_as_default")]
    pub last_promoted_spec: Clean,
    /// When the status was last written: not since when the phase holds.
    pub last_transition_time: Option<Time>,
    /// `Promoted`; its reason is the phase.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: Vec<Condition>,
}

/// Whether a list holds anything, whatever it is.
fn any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_array().is_some_and(|list| !list.is_empty()))
}

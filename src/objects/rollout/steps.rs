//! The rungs of a canary's ladder, as its spec writes them.
//! Does not check that exactly one field of a rung is set: the controller does.

use serde::Deserialize;

use super::super::lenient::{IntOrString, null_as_default};
use super::analyses::AnalysisRef;
use crate::text::Clean;

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

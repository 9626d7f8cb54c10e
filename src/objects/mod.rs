//! The Kubernetes objects flightdeck reads, cut down to the fields it uses, and [`World`], the index of them.
//! Never talks to a cluster and never draws conclusions: what an object means is `engines`' work.
//!
//! Every struct decodes leniently: unknown fields are skipped, missing or null ones take their default, so that a newer or
//! older controller never blanks the screen. Text is cleaned while it is decoded.

mod analysis;
mod deployment;
mod endpoints;
mod event;
mod experiment;
mod flagger;
mod history;
mod http_route;
mod labels;
mod lenient;
mod meta;
mod pod;
mod replica_set;
mod rollout;
mod template;
mod world;

pub use analysis::{AnalysisPhase, AnalysisRun, Measurement, MetricResult, MetricSpec, RunSummary};
pub use deployment::{Deployment, DeploymentSpec, DeploymentStatus};
pub use endpoints::{Endpoint, EndpointSlice, Service};
pub use event::Event;
pub use experiment::{Experiment, ExperimentTemplate, TemplateStatus};
pub use flagger::{
    Canary, FlaggerAnalysis, FlaggerMetric, FlaggerRange, FlaggerService, FlaggerSpec, FlaggerStatus, FlaggerWebhook, TargetWorkload,
};
pub use history::RawHistory;
pub use http_route::{BackendRef, HeaderMatch, HttpRoute, HttpRouteMatch, HttpRouteRule, HttpRouteSpec};
pub use labels::Labels;
pub use lenient::IntOrString;
pub use meta::{Condition, Meta, OwnerRef, Requirement, Selector, Time, Uid};
pub use pod::{ContainerState, ContainerStatus, Pod};
pub use replica_set::ReplicaSet;
pub use rollout::{
    AnalysisArgument, AnalysisRef, ArgumentSource, BlueGreenSpec, BlueGreenStatus, CanarySpec, CanaryStatus, CanaryWeights, FieldRef,
    PauseCondition, Rollout, RolloutSpec, RolloutStatus, RunStatusRef, StepPause, StepSpec, WeightDestination, WorkloadRef,
};
pub use template::{Container, PodTemplate};
pub use world::{ReleaseRef, SourceId, Touched, World, WorldEvent};

/// The kinds of objects that are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `rollouts.argoproj.io`.
    Rollout,
    /// `deployments.apps`.
    Deployment,
    /// `replicasets.apps`.
    ReplicaSet,
    /// `pods`.
    Pod,
    /// `services`.
    Service,
    /// `endpointslices.discovery.k8s.io`.
    EndpointSlice,
    /// `events`.
    Event,
    /// `analysisruns.argoproj.io`.
    AnalysisRun,
    /// `experiments.argoproj.io`.
    Experiment,
    /// `canaries.flagger.app`.
    Canary,
    /// `httproutes.gateway.networking.k8s.io`.
    HttpRoute,
}

impl Kind {
    /// Every kind, in the order in which a person would name them.
    pub const ALL: [Self; 11] = [
        Self::Rollout,
        Self::Canary,
        Self::Deployment,
        Self::ReplicaSet,
        Self::Pod,
        Self::Service,
        Self::EndpointSlice,
        Self::HttpRoute,
        Self::Event,
        Self::AnalysisRun,
        Self::Experiment,
    ];

    /// API group, empty for the core group.
    pub fn group(self) -> &'static str {
        match self {
            Self::Rollout | Self::AnalysisRun | Self::Experiment => "argoproj.io",
            Self::Deployment | Self::ReplicaSet => "apps",
            Self::EndpointSlice => "discovery.k8s.io",
            Self::Canary => "flagger.app",
            Self::HttpRoute => "gateway.networking.k8s.io",
            Self::Pod | Self::Service | Self::Event => "",
        }
    }

    /// API version inside the group.
    pub fn version(self) -> &'static str {
        match self.group() {
            "argoproj.io" => "v1alpha1",
            "flagger.app" => "v1beta1",
            _ => "v1",
        }
    }

    /// Whether it comes with a controller: a cluster without that one does not serve it.
    pub fn is_custom(self) -> bool {
        matches!(self.group(), "argoproj.io" | "flagger.app" | "gateway.networking.k8s.io")
    }

    /// Plural, as it stands in paths and in access rules.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Rollout => "rollouts",
            Self::Deployment => "deployments",
            Self::ReplicaSet => "replicasets",
            Self::Pod => "pods",
            Self::Service => "services",
            Self::EndpointSlice => "endpointslices",
            Self::Event => "events",
            Self::AnalysisRun => "analysisruns",
            Self::Experiment => "experiments",
            Self::Canary => "canaries",
            Self::HttpRoute => "httproutes",
        }
    }

    /// The name in `kind:` of manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rollout => "Rollout",
            Self::Deployment => "Deployment",
            Self::ReplicaSet => "ReplicaSet",
            Self::Pod => "Pod",
            Self::Service => "Service",
            Self::EndpointSlice => "EndpointSlice",
            Self::Event => "Event",
            Self::AnalysisRun => "AnalysisRun",
            Self::Experiment => "Experiment",
            Self::Canary => "Canary",
            Self::HttpRoute => "HTTPRoute",
        }
    }

    /// The resource as RBAC spells it, e.g. `rollouts.argoproj.io` or `pods`.
    pub fn resource(self) -> String {
        match self.group() {
            "" => self.plural().to_owned(),
            group => format!("{}.{group}", self.plural()),
        }
    }
}

/// One object of any watched kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// An Argo Rollout.
    Rollout(Box<Rollout>),
    /// A Deployment.
    Deployment(Box<Deployment>),
    /// A ReplicaSet.
    ReplicaSet(Box<ReplicaSet>),
    /// A Pod.
    Pod(Box<Pod>),
    /// A Service.
    Service(Box<Service>),
    /// An EndpointSlice.
    EndpointSlice(Box<EndpointSlice>),
    /// An Event.
    Event(Box<Event>),
    /// An AnalysisRun.
    AnalysisRun(Box<AnalysisRun>),
    /// An Experiment.
    Experiment(Box<Experiment>),
    /// A release by Flagger.
    Canary(Box<Canary>),
    /// An HTTPRoute.
    HttpRoute(Box<HttpRoute>),
}

impl Object {
    /// Decodes one object of `kind` from JSON.
    ///
    /// # Errors
    /// When the bytes are not JSON, or a field used has a type it can't be read as.
    pub fn decode(kind: Kind, json: &[u8]) -> Result<Self, serde_json::Error> {
        fn read<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<Box<T>, serde_json::Error> {
            serde_json::from_slice(json).map(Box::new)
        }
        Ok(match kind {
            Kind::Rollout => Self::Rollout(read(json)?),
            Kind::Deployment => Self::Deployment(read(json)?),
            Kind::ReplicaSet => Self::ReplicaSet(read(json)?),
            Kind::Pod => Self::Pod(read(json)?),
            Kind::Service => Self::Service(read(json)?),
            Kind::EndpointSlice => Self::EndpointSlice(read(json)?),
            Kind::Event => Self::Event(read(json)?),
            Kind::AnalysisRun => Self::AnalysisRun(read(json)?),
            Kind::Experiment => Self::Experiment(read(json)?),
            Kind::Canary => Self::Canary(read(json)?),
            Kind::HttpRoute => Self::HttpRoute(read(json)?),
        })
    }

    /// Its metadata.
    pub fn meta(&self) -> &Meta {
        match self {
            Self::Rollout(o) => &o.metadata,
            Self::Deployment(o) => &o.metadata,
            Self::ReplicaSet(o) => &o.metadata,
            Self::Pod(o) => &o.metadata,
            Self::Service(o) => &o.metadata,
            Self::EndpointSlice(o) => &o.metadata,
            Self::Event(o) => &o.metadata,
            Self::AnalysisRun(o) => &o.metadata,
            Self::Experiment(o) => &o.metadata,
            Self::Canary(o) => &o.metadata,
            Self::HttpRoute(o) => &o.metadata,
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Rollout(_) => Kind::Rollout,
            Self::Deployment(_) => Kind::Deployment,
            Self::ReplicaSet(_) => Kind::ReplicaSet,
            Self::Pod(_) => Kind::Pod,
            Self::Service(_) => Kind::Service,
            Self::EndpointSlice(_) => Kind::EndpointSlice,
            Self::Event(_) => Kind::Event,
            Self::AnalysisRun(_) => Kind::AnalysisRun,
            Self::Experiment(_) => Kind::Experiment,
            Self::Canary(_) => Kind::Canary,
            Self::HttpRoute(_) => Kind::HttpRoute,
        }
    }
}

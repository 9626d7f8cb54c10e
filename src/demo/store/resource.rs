//! Which kinds of objects the embedded server serves, and what names one of them.
//! Refuses to know anything of what an object holds.

use std::cmp::Ordering;

use serde_json::Value;

/// One kind of object the embedded server serves. Group and plural tell it from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resource {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// API version inside the group.
    pub version: &'static str,
    /// Plural, as it stands in paths.
    pub plural: &'static str,
    /// Kind, as it stands in objects.
    pub kind: &'static str,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether `/status` is an endpoint of its own, so that writes to the main one leave `status` alone.
    pub status: bool,
}

impl Ord for Resource {
    fn cmp(&self, other: &Self) -> Ordering {
        // Keys are compared all day, nearly always within one resource, whose texts are then the same constants.
        if std::ptr::eq(self.plural, other.plural) && std::ptr::eq(self.group, other.group) {
            return Ordering::Equal;
        }
        (self.group, self.plural).cmp(&(other.group, other.plural))
    }
}

impl PartialOrd for Resource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! resources {
    ($($(#[$doc:meta])* $name:ident = $group:literal $version:literal $plural:literal $kind:literal ns=$ns:literal status=$status:literal;)*) => {
        $($(#[$doc])* pub const $name: Resource = Resource { group: $group, version: $version, plural: $plural, kind: $kind, namespaced: $ns, status: $status };)*
        /// Every resource the embedded server knows.
        pub const RESOURCES: &[Resource] = &[$($name),*];
    };
}

resources! {
    /// Namespaces.
    NAMESPACES = "" "v1" "namespaces" "Namespace" ns=false status=true;
    /// Nodes, where the pods run.
    NODES = "" "v1" "nodes" "Node" ns=false status=true;
    /// Pods.
    PODS = "" "v1" "pods" "Pod" ns=true status=true;
    /// Services.
    SERVICES = "" "v1" "services" "Service" ns=true status=true;
    /// Core Events.
    EVENTS = "" "v1" "events" "Event" ns=true status=false;
    /// Deployments.
    DEPLOYMENTS = "apps" "v1" "deployments" "Deployment" ns=true status=true;
    /// ReplicaSets.
    REPLICASETS = "apps" "v1" "replicasets" "ReplicaSet" ns=true status=true;
    /// Jobs: kept and served; no controller runs them.
    JOBS = "batch" "v1" "jobs" "Job" ns=true status=true;
    /// EndpointSlices.
    ENDPOINTSLICES = "discovery.k8s.io" "v1" "endpointslices" "EndpointSlice" ns=true status=false;
    /// Ingresses, where nginx routing keeps its weight.
    INGRESSES = "networking.k8s.io" "v1" "ingresses" "Ingress" ns=true status=true;
    /// CustomResourceDefinitions, so that clients can see whether Argo Rollouts is installed.
    CRDS = "apiextensions.k8s.io" "v1" "customresourcedefinitions" "CustomResourceDefinition" ns=false status=true;
    /// Argo Rollouts.
    ROLLOUTS = "argoproj.io" "v1alpha1" "rollouts" "Rollout" ns=true status=true;
    /// Argo AnalysisRuns: no status subresource, as in the real CRD.
    ANALYSISRUNS = "argoproj.io" "v1alpha1" "analysisruns" "AnalysisRun" ns=true status=false;
    /// Argo AnalysisTemplates.
    ANALYSISTEMPLATES = "argoproj.io" "v1alpha1" "analysistemplates" "AnalysisTemplate" ns=true status=false;
    /// Argo Experiments: no status subresource, as in the real CRD.
    EXPERIMENTS = "argoproj.io" "v1alpha1" "experiments" "Experiment" ns=true status=false;
    /// Sloth's PrometheusServiceLevels, where objectives are written down.
    SERVICELEVELS = "sloth.slok.dev" "v1" "prometheusservicelevels" "PrometheusServiceLevel" ns=true status=true;
    /// Flagger's Canaries.
    CANARIES = "flagger.app" "v1beta1" "canaries" "Canary" ns=true status=true;
    /// Flagger's MetricTemplates: the queries its checks ask.
    METRICTEMPLATES = "flagger.app" "v1beta1" "metrictemplates" "MetricTemplate" ns=true status=true;
    /// HTTPRoutes of the Gateway API, where Flagger keeps its weights.
    HTTPROUTES = "gateway.networking.k8s.io" "v1" "httproutes" "HTTPRoute" ns=true status=true;
}

/// Where an object is: what it is, its namespace (empty for cluster scope) and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is.
    pub resource: Resource,
    /// Namespace, empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Key {
    /// The key of `name` in `namespace`.
    pub fn new(resource: Resource, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { resource, namespace: namespace.into(), name: name.into() }
    }

    /// The key of an object, read off its metadata.
    pub fn of(resource: Resource, object: &Value) -> Self {
        let meta = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        let namespace = if resource.namespaced { meta("namespace") } else { String::new() };
        Self { resource, namespace, name: meta("name") }
    }
}

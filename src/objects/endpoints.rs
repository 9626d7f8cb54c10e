//! `services` and `endpointslices.discovery.k8s.io`: who really gets the traffic when no router says otherwise.

use serde::Deserialize;

use super::Labels;
use super::lenient::null_as_default;
use super::meta::{Meta, Uid};
use crate::text::Clean;

/// A Service.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Metadata.
    pub metadata: Meta,
    /// What it selects.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: ServiceSpec,
}

/// What a Service selects.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceSpec {
    /// Labels of the pods behind it; empty means that somebody else fills its endpoints.
    #[serde(deserialize_with = "null_as_default")]
    pub selector: Labels,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Clean,
}

/// An EndpointSlice.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct EndpointSlice {
    /// Metadata; the label `kubernetes.io/service-name` names the Service.
    pub metadata: Meta,
    /// Endpoints.
    #[serde(deserialize_with = "null_as_default")]
    pub endpoints: Vec<Endpoint>,
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Endpoint {
    /// Ready, serving, terminating.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: EndpointConditions,
    /// The pod behind it.
    pub target_ref: Option<TargetRef>,
    /// Node it runs on.
    #[serde(deserialize_with = "null_as_default")]
    pub node_name: Clean,
    /// Zone it runs in.
    #[serde(deserialize_with = "null_as_default")]
    pub zone: Clean,
}

/// An endpoint's conditions. An absent `ready` means ready (Kubernetes API, EndpointConditions).
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct EndpointConditions {
    /// Gets new connections.
    pub ready: Option<bool>,
    /// Would answer, even while terminating.
    pub serving: Option<bool>,
    /// On its way out.
    pub terminating: Option<bool>,
}

/// What stands behind an endpoint.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct TargetRef {
    /// Kind, `Pod` nearly always.
    #[serde(deserialize_with = "null_as_default")]
    pub kind: Clean,
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// UID.
    #[serde(deserialize_with = "null_as_default")]
    pub uid: Uid,
}

impl EndpointSlice {
    /// The Service it belongs to.
    pub fn service(&self) -> Option<&Clean> {
        self.metadata.label("kubernetes.io/service-name")
    }
}

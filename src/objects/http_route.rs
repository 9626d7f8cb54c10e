//! `httproutes.gateway.networking.k8s.io`: which share of the requests a Gateway sends where.
//! Reads weights only: who is matched by a rule is told as far as there are conditions at all.

use serde::Deserialize;

use super::lenient::null_as_default;
use super::meta::Meta;
use crate::text::Clean;

/// An HTTPRoute.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct HttpRoute {
    /// Metadata.
    pub metadata: Meta,
    /// What goes where.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: HttpRouteSpec,
}

/// The rules of an HTTPRoute, the first that matches decides.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct HttpRouteSpec {
    /// In order.
    #[serde(deserialize_with = "null_as_default")]
    pub rules: Vec<HttpRouteRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HttpRouteRule {
    /// Whom it is for; empty means everybody.
    #[serde(deserialize_with = "null_as_default")]
    pub matches: Vec<HttpRouteMatch>,
    /// Where its requests go.
    #[serde(deserialize_with = "null_as_default")]
    pub backend_refs: Vec<BackendRef>,
}

/// One condition on a request.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct HttpRouteMatch {
    /// Headers that it has to carry.
    #[serde(deserialize_with = "null_as_default")]
    pub headers: Vec<HeaderMatch>,
}

/// One header that a request has to carry.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct HeaderMatch {
    /// Its name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
}

/// One place where requests go.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct BackendRef {
    /// Name of the Service, as a rule.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// Its part of the sum of all weights of its rule; absent means 1.
    pub weight: Option<i64>,
}

//! Reads a request's path: which resource, namespace, name and subresource it means.
//! Never looks at objects: whether they exist is for whoever answers.

use crate::demo::crds::served;
use crate::demo::store::{RESOURCES, Resource, Store};

/// What a path points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// `/version`.
    Version,
    /// `/livez` and its like.
    Health,
    /// `/openapi/v2`.
    OpenapiV2,
    /// `/openapi/v3` and below.
    OpenapiV3(String),
    /// `/api`, `/apis`, `/apis/GROUP`, `/api/v1`, `/apis/GROUP/VERSION`.
    Discovery(Vec<String>),
    /// A question about oneself: group, version, plural.
    Review(&'static str, &'static str),
    /// Objects.
    Objects(Place),
    /// What a Service serves: namespace, `[SCHEME:]NAME[:PORT]`, and the path there.
    Proxy(String, String, String),
    /// Nothing here.
    Unknown,
}

/// Objects of one resource: one of them, or all of a namespace, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) resource: Resource,
    /// `None`: all namespaces, or cluster scope.
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) sub: Option<String>,
}

/// The reviews served: group and plural, all at version v1.
pub(super) const REVIEWS: &[(&str, &str)] = &[
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authentication.k8s.io", "selfsubjectreviews"),
];

/// What `path` points at in a cluster with these definitions.
pub(super) fn parse(store: &Store, path: &str) -> Target {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["version"] => Target::Version,
        ["livez" | "readyz" | "healthz", ..] => Target::Health,
        ["openapi", "v2"] => Target::OpenapiV2,
        ["openapi", "v3", rest @ ..] => Target::OpenapiV3(rest.join("/")),
        ["api" | "apis"] | ["api", _] | ["apis", _] | ["apis", _, _] => Target::Discovery(parts.iter().map(|p| (*p).to_owned()).collect()),
        ["api", "v1", "namespaces", namespace, "services", name, "proxy", ..] => {
            let rest = path.split_once("/proxy").map_or("", |(_, rest)| rest);
            Target::Proxy((*namespace).to_owned(), (*name).to_owned(), if rest.is_empty() { "/".to_owned() } else { rest.to_owned() })
        }
        ["api", version, rest @ ..] => objects(store, "", version, rest),
        ["apis", group, "v1", plural] if REVIEWS.contains(&(group, plural)) => {
            let found = REVIEWS.iter().find(|review| **review == (*group, *plural));
            found.map_or(Target::Unknown, |(group, plural)| Target::Review(group, plural))
        }
        ["apis", group, version, rest @ ..] => objects(store, group, version, rest),
        _ => Target::Unknown,
    }
}

fn objects(store: &Store, group: &str, version: &str, rest: &[&str]) -> Target {
    let find = |plural: &str, namespaced: bool| {
        let found = RESOURCES.iter().find(|r| r.group == group && r.version == version && r.plural == plural);
        found.copied().filter(|r| r.namespaced == namespaced && served(store, *r))
    };
    let place = |resource: Option<Resource>, namespace: Option<&str>, name: Option<&str>, sub: Option<&str>| match resource {
        Some(resource) => Target::Objects(Place {
            resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            sub: sub.map(str::to_owned),
        }),
        None => Target::Unknown,
    };
    match rest {
        [plural] => place(find(plural, false).or_else(|| find(plural, true)), None, None, None),
        ["namespaces", name, sub @ ("status" | "finalize")] => place(find("namespaces", false), None, Some(name), Some(sub)),
        ["namespaces", namespace, plural] => place(find(plural, true), Some(namespace), None, None),
        [plural, name] => place(find(plural, false), None, Some(name), None),
        ["namespaces", namespace, plural, name] => place(find(plural, true), Some(namespace), Some(name), None),
        ["namespaces", namespace, plural, name, sub] => place(find(plural, true), Some(namespace), Some(name), Some(sub)),
        [plural, name, sub] => place(find(plural, false), None, Some(name), Some(sub)),
        _ => Target::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::store::{CRDS, DEPLOYMENTS, NAMESPACES, PODS};

    fn at(path: &str) -> Option<Place> {
        match parse(&Store::new(1), path) {
            Target::Objects(place) => Some(place),
            _ => None,
        }
    }

    fn place(resource: Resource, namespace: &str, name: &str, sub: &str) -> Option<Place> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Some(Place { resource, namespace: some(namespace), name: some(name), sub: some(sub) })
    }

    #[test]
    fn finds_objects() {
        assert_eq!(at("/api/v1/pods"), place(PODS, "", "", ""));
        assert_eq!(at("/api/v1/namespaces"), place(NAMESPACES, "", "", ""));
        assert_eq!(at("/api/v1/namespaces/pay"), place(NAMESPACES, "", "pay", ""));
        assert_eq!(at("/api/v1/namespaces/pay/status"), place(NAMESPACES, "", "pay", "status"));
        assert_eq!(at("/api/v1/namespaces/pay/pods/a/log"), place(PODS, "pay", "a", "log"));
        assert_eq!(at("/apis/apps/v1/namespaces/pay/deployments/a"), place(DEPLOYMENTS, "pay", "a", ""));
        let crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.argoproj.io";
        assert_eq!(at(crd), place(CRDS, "", "rollouts.argoproj.io", ""));
    }

    #[test]
    fn nothing_where_nothing_is() {
        for path in ["/apis/apps/v1/deployments/a", "/apis/apps/v2/deployments", "/api/v1/namespaces/pay/nodes", "/x", "/"] {
            assert_eq!(parse(&Store::new(1), path), Target::Unknown, "{path}");
        }
        assert_eq!(parse(&Store::new(1), "/apis/argoproj.io/v1alpha1/rollouts"), Target::Unknown, "without its definition");
    }
}

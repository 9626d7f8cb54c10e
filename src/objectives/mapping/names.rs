//! Names as a ground for mapping, where no series names pods: labels in the objective's query, then the service it is filed under.
//! Refuses a part of a name: `cart` is not `cart-worker`.

use promql_parser::label::MatchOp;
use promql_parser::parser::VectorSelector;

use super::{Ground, Workload};
use crate::objectives::Found;

/// Labels that name a workload or its Service, and whether the name may have more behind it (an arm's own name).
const NAMING: [&str; 15] = [
    "destination_workload",
    "destination_service_name",
    "destination_app",
    "destination_canonical_service",
    "deployment",
    "workload",
    "service",
    "exported_service",
    "service_name",
    "app",
    "app_kubernetes_io_name",
    "ingress",
    "exported_ingress",
    "job",
    "envoy_cluster_name",
];
const NAMESPACES: [&str; 4] = ["exported_namespace", "destination_workload_namespace", "destination_service_namespace", "namespace"];

/// Metrics counted in front of the pods: their pod is the proxy's.
pub(super) fn is_edge(found: &Found) -> bool {
    const EDGES: [&str; 6] = ["nginx_ingress_", "traefik_", "envoy_cluster_", "istio_", "haproxy_", "kong_"];
    let queries = found.sli.queries();
    queries.iter().any(|query| EDGES.iter().any(|edge| query.text().contains(edge)))
}

/// The best ground that names give.
pub(super) fn by_label(found: &Found, workload: &Workload) -> Option<(Ground, f64, String)> {
    let names = || std::iter::once(&workload.release.name).chain(&workload.also_called).filter(|name| !name.is_empty());
    if let Some(expr) = found.sli.widest().and_then(|query| query.parse().ok()) {
        let mut selectors = Vec::new();
        super::coverage::selectors(&expr, &mut selectors);
        let elsewhere = |selector: &&VectorSelector| {
            let matchers = &selector.matchers.matchers;
            matchers
                .iter()
                .filter(|matcher| NAMESPACES.contains(&matcher.name.as_str()))
                .any(|matcher| !matcher.is_match(&workload.release.namespace))
                || matchers.iter().any(|matcher| names().any(|name| is_namesake(matcher, name, &workload.release.namespace)))
        };
        for selector in selectors.iter().filter(|selector| !elsewhere(selector)) {
            for (at, label) in NAMING.iter().enumerate() {
                let matcher = selector.matchers.matchers.iter().find(|matcher| {
                    matcher.name == *label && matches!(matcher.op, MatchOp::Equal | MatchOp::Re(_)) && !matcher.is_match("")
                });
                let Some(matcher) = matcher else { continue };
                let Some(name) = names().find(|name| matches(matcher, name, &workload.release.namespace)) else { continue };
                let score = 0.9 - at as f64 / 100.0;
                return Some((Ground::Label, score, format!("Its query asks for {label} {}, and {name} is one.", matcher.value)));
            }
        }
        if !selectors.is_empty() && selectors.iter().all(elsewhere) {
            return None;
        }
    }
    let is_near = found.namespace.is_empty() || found.namespace == workload.release.namespace;
    let named = names().find(|name| **name == found.service).filter(|_| is_near && !found.service.is_empty())?;
    let score = if found.namespace.is_empty() { 0.3 } else { 0.5 };
    Some((Ground::Name, score, format!("It is filed under the service {named}.")))
}

/// Whether it names a workload of that name in another namespace: `staging/checkout`.
fn is_namesake(matcher: &promql_parser::label::Matcher, name: &str, namespace: &str) -> bool {
    let is_naming = NAMING.contains(&matcher.name.as_str()) && matches!(matcher.op, MatchOp::Equal);
    is_naming && matcher.value.rsplit_once('/').is_some_and(|(before, last)| last == name && !is_in(before, namespace))
}

fn is_in(before: &str, namespace: &str) -> bool {
    before.rsplit('/').next() == Some(namespace)
}

/// A value such as `checkout` or `shop/checkout` names a release, the latter (a PodMonitor's form) one of that namespace only; a pattern that
/// matches everything names none.
fn matches(matcher: &promql_parser::label::Matcher, name: &str, namespace: &str) -> bool {
    let is_pattern_for_all = matcher.is_match("a-name-that-nothing-has-1b7f");
    let last = matcher.value.rsplit(['/', '@']).next().unwrap_or_default();
    let is_here = matcher.value.rsplit_once('/').is_none_or(|(before, _)| is_in(before, namespace));
    !is_pattern_for_all && (matcher.is_match(name) || matches!(matcher.op, MatchOp::Equal) && last == name && is_here)
}

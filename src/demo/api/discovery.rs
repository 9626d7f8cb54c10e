//! Discovery: which groups, versions and resources the server has, from the same table that serves them.
//! Never lists a custom resource whose definition is not there. Aggregated discovery is not offered: clients fall back by themselves.

use serde_json::{Value, json};

use super::path::REVIEWS;
use super::refusal::{Answer, Refusal};
use super::scale::scalable;
use crate::demo::crds::served;
use crate::demo::store::{
    CRDS, DEPLOYMENTS, ENDPOINTSLICES, EVENTS, INGRESSES, JOBS, NAMESPACES, NODES, PODS, REPLICASETS, RESOURCES, ROLLOUTS, Resource,
    SERVICES, Store,
};

/// `apps/v1`, or `v1` in the core group.
pub(super) fn group_version(resource: Resource) -> String {
    if resource.group.is_empty() { resource.version.to_owned() } else { format!("{}/{}", resource.group, resource.version) }
}

/// Answers a discovery path.
pub(super) fn discover(store: &Store, path: &[String]) -> Answer<Value> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["api"] => Ok(json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] })),
        ["apis"] => {
            let groups: Vec<Value> = groups(store).into_iter().map(|(name, version)| group(name, version)).collect();
            Ok(json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups }))
        }
        ["api", "v1"] => Ok(resources(store, "", "v1")),
        ["apis", name] => {
            let found = groups(store).into_iter().find(|(group, _)| group == name).ok_or_else(Refusal::no_such_path)?;
            let mut answer = group(found.0, found.1);
            answer["kind"] = json!("APIGroup");
            answer["apiVersion"] = json!("v1");
            Ok(answer)
        }
        ["apis", name, version] if groups(store).contains(&(name, version)) => Ok(resources(store, name, version)),
        _ => Err(Refusal::no_such_path()),
    }
}

/// Groups but the core one, with their version, in the table's order.
fn groups(store: &Store) -> Vec<(&'static str, &'static str)> {
    let mut groups: Vec<(&str, &str)> = Vec::new();
    let of_objects = RESOURCES.iter().filter(|r| !r.group.is_empty() && served(store, **r)).map(|r| (r.group, r.version));
    for pair in of_objects.chain(REVIEWS.iter().map(|(group, _)| (*group, "v1"))) {
        if !groups.contains(&pair) {
            groups.push(pair);
        }
    }
    groups
}

fn group(name: &str, version: &str) -> Value {
    let version = json!({ "groupVersion": format!("{name}/{version}"), "version": version });
    json!({ "name": name, "versions": [version], "preferredVersion": version })
}

fn resources(store: &Store, group: &str, version: &str) -> Value {
    let mut list = Vec::new();
    for resource in RESOURCES.iter().filter(|r| r.group == group && r.version == version && served(store, **r)) {
        let verbs = json!(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]);
        let (short, all) = names(*resource);
        let mut entry = json!({ "name": resource.plural, "singularName": resource.kind.to_lowercase(), "namespaced": resource.namespaced,
                                "kind": resource.kind, "verbs": verbs });
        if !short.is_empty() {
            entry["shortNames"] = json!(short);
        }
        if all {
            entry["categories"] = json!(["all"]);
        }
        list.push(entry);
        let mut sub = |name: &str, kind: &str, verbs: &[&str]| {
            list.push(json!({ "name": format!("{}/{name}", resource.plural), "singularName": "", "namespaced": resource.namespaced,
                              "kind": kind, "verbs": verbs }));
            list.len() - 1
        };
        if resource.status {
            sub("status", resource.kind, &["get", "patch", "update"]);
        }
        if *resource == PODS {
            sub("log", "Pod", &["get"]);
        }
        if scalable(*resource) {
            let index = sub("scale", "Scale", &["get", "patch", "update"]);
            list[index]["group"] = json!("autoscaling");
            list[index]["version"] = json!("v1");
        }
    }
    for (_, plural) in REVIEWS.iter().filter(|(of, _)| *of == group) {
        let kind = match *plural {
            "selfsubjectaccessreviews" => "SelfSubjectAccessReview",
            "selfsubjectrulesreviews" => "SelfSubjectRulesReview",
            _ => "SelfSubjectReview",
        };
        list.push(json!({ "name": plural, "singularName": kind.to_lowercase(), "namespaced": false, "kind": kind, "verbs": ["create"] }));
    }
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": list })
}

/// Short names, and whether `kubectl get all` means it.
fn names(resource: Resource) -> (&'static [&'static str], bool) {
    match resource {
        PODS => (&["po"], true),
        SERVICES => (&["svc"], true),
        DEPLOYMENTS => (&["deploy"], true),
        REPLICASETS => (&["rs"], true),
        JOBS => (&[], true),
        ROLLOUTS => (&["ro"], false),
        NAMESPACES => (&["ns"], false),
        NODES => (&["no"], false),
        EVENTS => (&["ev"], false),
        INGRESSES => (&["ing"], false),
        CRDS => (&["crd", "crds"], false),
        ENDPOINTSLICES => (&[], false),
        _ => match resource.plural {
            "analysisruns" => (&["ar"], false),
            "analysistemplates" => (&["at"], false),
            "experiments" => (&["exp"], false),
            "canaries" | "metrictemplates" => (&[], true),
            _ => (&[], false),
        },
    }
}

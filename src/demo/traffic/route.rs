//! Where the requests for a workload go at one moment: the router's weights, and who is ready behind each Service.
//! Believes nothing but objects: a weight is what the Rollout's status or the Canary's HTTPRoute says, an endpoint what a slice says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::table::Load;
use crate::demo::controllers::meta;
use crate::demo::store::{CANARIES, DEPLOYMENTS, ENDPOINTSLICES, HTTPROUTES, Key, PODS, ROLLOUTS, SERVICES, Store};

/// Some of the requests, and the pods that share them evenly.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arm {
    /// Percent of all requests.
    pub share: f64,
    /// Names, sorted. Nobody answers where there is none.
    pub pods: Vec<String>,
    /// The Service they were sent to; empty where a router picked the pods itself.
    pub service: String,
}

/// The workload requests are for: a Rollout, else a Deployment of that name.
pub(super) fn workload<'a>(store: &'a Store, load: &Load) -> Option<&'a Value> {
    let named = |resource| store.get(&Key::new(resource, load.namespace.as_str(), load.name.as_str()));
    named(ROLLOUTS).or_else(|| named(DEPLOYMENTS)).map(|object| &**object)
}

/// The arms of a workload's requests; their shares add up to 100.
pub(super) fn arms(store: &Store, load: &Load, workload: &Value) -> Vec<Arm> {
    let canary = &workload["spec"]["strategy"]["canary"];
    let to_service = |share: f64, name: &str| Arm { share, pods: endpoints(store, &load.namespace, name), service: name.to_owned() };
    if let Some(service) = canary_of(store, load).and_then(|canary| apex(store, load, canary)) {
        let split = route(store, &load.namespace, &service);
        let all: i64 = split.iter().map(|(_, weight)| weight).sum();
        if all == 0 {
            return vec![to_service(100.0, &service)];
        }
        let open = split.iter().filter(|(_, weight)| *weight > 0);
        return open.map(|(name, weight)| to_service(100.0 * *weight as f64 / all as f64, name)).collect();
    }
    if canary["trafficRouting"].is_null() {
        let active = meta::text(&workload["spec"]["strategy"]["blueGreen"]["activeService"]);
        let service = load.service.clone().or_else(|| (!active.is_empty()).then(|| active.to_owned()));
        let service = service.or_else(|| service_of(store, load, workload)).unwrap_or_else(|| load.name.clone());
        return vec![to_service(100.0, &service)];
    }
    let weights = &workload["status"]["canary"]["weights"];
    let split = [(&weights["canary"], &canary["canaryService"]), (&weights["stable"], &canary["stableService"])];
    let additional = weights["additional"].as_array().into_iter().flatten().map(|weight| (weight, &Value::Null));
    let split: Vec<(&Value, &Value)> = split.into_iter().chain(additional).filter(|(weight, _)| meta::int(&weight["weight"]) > 0).collect();
    let all: i64 = split.iter().map(|(weight, _)| meta::int(&weight["weight"])).sum();
    if all == 0 {
        return vec![to_service(100.0, meta::text(&canary["stableService"]))];
    }
    let arm = |(weight, service): &(&Value, &Value)| {
        let share = 100.0 * meta::int(&weight["weight"]) as f64 / all as f64;
        match (weight["serviceName"].as_str(), service.as_str()) {
            (Some(name), _) | (None, Some(name)) => to_service(share, name),
            _ => Arm { share, pods: of_version(store, &load.namespace, meta::text(&weight["podTemplateHash"])), service: String::new() },
        }
    };
    split.iter().map(arm).collect()
}

/// Whose pods a workload's are: the labels its own have, and those of the primary that a Canary made of it.
pub(super) fn selectors<'a>(store: &'a Store, load: &'a Load, workload: &'a Value) -> Vec<&'a Value> {
    let primary = canary_of(store, load).map(|_| Key::new(DEPLOYMENTS, load.namespace.as_str(), format!("{}-primary", load.name)));
    let primary = primary.and_then(|key| store.get(&key)).map(|object| &**object);
    [Some(workload), primary].into_iter().flatten().map(|object| &object["spec"]["selector"]["matchLabels"]).collect()
}

/// The Canary whose target the workload is.
fn canary_of<'a>(store: &'a Store, load: &'a Load) -> Option<&'a Value> {
    let all = store.list(CANARIES, Some(&load.namespace)).map(|(_, canary)| &**canary);
    all.into_iter().find(|canary| canary["spec"]["targetRef"]["name"] == load.name.as_str())
}

/// The Service callers name, once the Canary's controller made it.
fn apex(store: &Store, load: &Load, canary: &Value) -> Option<String> {
    let name = canary["spec"]["service"]["name"].as_str().unwrap_or(&load.name);
    store.get(&Key::new(SERVICES, load.namespace.as_str(), name)).map(|_| name.to_owned())
}

/// The Services an HTTPRoute of this name sends requests to that match no header, and their weights. None where there is no such route.
fn route(store: &Store, namespace: &str, name: &str) -> Vec<(String, i64)> {
    let Some(route) = store.get(&Key::new(HTTPROUTES, namespace, name)) else { return Vec::new() };
    let any = |rule: &&Value| rule["matches"].as_array().is_none_or(|all| all.is_empty() || all.iter().any(|one| one["headers"].is_null()));
    let rule = route["spec"]["rules"].as_array().and_then(|rules| rules.iter().find(any));
    let backends = rule.and_then(|rule| rule["backendRefs"].as_array()).into_iter().flatten();
    backends.map(|one| (meta::text(&one["name"]).to_owned(), one["weight"].as_i64().unwrap_or(1))).collect()
}

/// The share of a workload's requests that pods of one image tag get, percent, and the pod template hashes of those pods.
pub(in crate::demo) fn share_of(store: &Store, load: &Load, tag: &str) -> (f64, BTreeSet<String>) {
    let (mut share, mut hashes) = (0.0, BTreeSet::new());
    let Some(workload) = workload(store, load) else { return (share, hashes) };
    for arm in arms(store, load, workload) {
        for name in &arm.pods {
            let Some(pod) = store.get(&Key::new(PODS, load.namespace.as_str(), name.as_str())) else { continue };
            let image = meta::text(&pod["spec"]["containers"][0]["image"]);
            if image.rsplit_once(':').is_some_and(|(_, own)| own == tag) {
                share += arm.share / arm.pods.len() as f64;
                hashes.insert(hash(pod).to_owned());
            }
        }
    }
    (share, hashes)
}

/// The pods a Service's slices call ready, sorted.
fn endpoints(store: &Store, namespace: &str, service: &str) -> Vec<String> {
    let slices = store.prefixed(ENDPOINTSLICES, namespace, meta::generate_name(service));
    let own = slices.filter(|(_, slice)| slice["metadata"]["labels"]["kubernetes.io/service-name"] == service);
    let all = own.flat_map(|(_, slice)| slice["endpoints"].as_array().into_iter().flatten());
    let open = all.filter(|end| end["conditions"]["ready"] == true && end["conditions"]["terminating"] != true);
    let names: BTreeSet<&str> = open.filter_map(|end| end["targetRef"]["name"].as_str()).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// The ready pods of one version, for weights without a Service.
fn of_version(store: &Store, namespace: &str, version: &str) -> Vec<String> {
    let pods = store.list(PODS, Some(namespace)).filter(|(_, pod)| hash(pod) == version && meta::pod_ready(pod) && !meta::terminating(pod));
    pods.map(|(key, _)| key.name.clone()).collect()
}

/// The version a pod belongs to, by the hash of its template.
pub(super) fn hash(pod: &Value) -> &str {
    let labels = &pod["metadata"]["labels"];
    labels["rollouts-pod-template-hash"].as_str().unwrap_or_else(|| meta::text(&labels["pod-template-hash"]))
}

/// The Service that leads to a workload: the one of its name, else the first whose selector its pods meet.
fn service_of(store: &Store, load: &Load, workload: &Value) -> Option<String> {
    let labels = &workload["spec"]["template"]["metadata"]["labels"];
    let leads = |service: &Value| meta::selects(&service["spec"]["selector"], labels);
    let all = || store.list(SERVICES, Some(&load.namespace)).filter(|(_, service)| leads(service)).map(|(key, _)| &key.name);
    all().find(|name| **name == load.name).or_else(|| all().next()).cloned()
}

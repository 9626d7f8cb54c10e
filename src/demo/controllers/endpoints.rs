//! The EndpointSlice controller: for each Service with a selector, the pods behind it and whether they take requests.
//! Never reads weights or routes: a slice says who could be asked, not who is.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::meta;
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{ENDPOINTSLICES, Key, LogEntry, NODES, PODS, Part, SERVICES, Store, stamp};

/// Manages EndpointSlices.
pub struct EndpointSlices;

/// How many endpoints go into one slice (--max-endpoints-per-slice).
const PER_SLICE: usize = 100;
const SERVICE_LABEL: &str = "kubernetes.io/service-name";

impl Controller for EndpointSlices {
    fn name(&self) -> &'static str {
        "endpointslice-controller"
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::milliseconds(15)
    }

    fn interested(&self, store: &Store, entry: &LogEntry) -> Vec<Key> {
        match entry.key.resource {
            SERVICES => vec![entry.key.clone()],
            PODS => {
                let before = entry.before.as_deref().filter(|_| entry.happened == crate::demo::store::Happened::Modified);
                if before.is_some_and(|before| same_endpoint(before, &entry.object)) {
                    return Vec::new();
                }
                let hit = |service: &Value| {
                    let selector = &service["spec"]["selector"];
                    meta::selects(selector, &entry.object["metadata"]["labels"])
                        || before.is_some_and(|before| meta::selects(selector, &before["metadata"]["labels"]))
                };
                let services = store.list(SERVICES, Some(&entry.key.namespace));
                services.filter(|(_, service)| hit(service)).map(|(key, _)| key.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let mut slices: Vec<Key> = cx
            .store
            .prefixed(ENDPOINTSLICES, &key.namespace, meta::generate_name(&key.name))
            .filter(|(_, slice)| slice["metadata"]["labels"][SERVICE_LABEL] == key.name.as_str())
            .map(|(key, _)| key.clone())
            .collect();
        let service = cx.store.get(key).cloned();
        let Some(service) = service.filter(|service| service["spec"]["selector"].is_object()) else {
            slices.iter().for_each(|slice| drop(cx.store.delete(slice)));
            return None;
        };
        let selector = &service["spec"]["selector"];
        let behind = cx.store.list(PODS, Some(&key.namespace)).filter(|(_, pod)| meta::selects(selector, &pod["metadata"]["labels"]));
        let pods: Vec<_> = behind.map(|(_, pod)| pod.clone()).filter(|pod| has_address(pod)).collect();
        let open = service["spec"]["publishNotReadyAddresses"] == true;
        let endpoints: Vec<Value> = pods.iter().map(|pod| endpoint(pod, open, cx.store)).collect();
        let ports = ports(&service, pods.first().map_or(&Value::Null, |pod| pod));
        let mut chunks: Vec<Value> = endpoints.chunks(PER_SLICE).map(|chunk| json!(chunk)).collect();
        if chunks.is_empty() {
            chunks.push(Value::Null);
        }
        for extra in slices.split_off(chunks.len().min(slices.len())) {
            cx.store.delete(&extra);
        }
        let mut slices = slices.into_iter();
        let trigger = stamp(cx.now);
        for chunk in chunks {
            match slices.next() {
                Some(slice) if cx.store.get(&slice).is_some_and(|slice| slice["endpoints"] == chunk && slice["ports"] == ports) => {}
                Some(slice) => {
                    let _ = cx.store.edit(&slice, Part::Main, |slice| {
                        slice["endpoints"] = chunk;
                        slice["ports"] = ports.clone();
                        slice["metadata"]["annotations"]["endpoints.kubernetes.io/last-change-trigger-time"] = json!(trigger);
                    });
                }
                None => {
                    let slice = json!({
                        "metadata": {
                            "generateName": meta::generate_name(&key.name), "namespace": key.namespace,
                            "labels": { "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io", SERVICE_LABEL: key.name },
                            "annotations": { "endpoints.kubernetes.io/last-change-trigger-time": trigger },
                            "ownerReferences": meta::owner_ref(&service),
                        },
                        "addressType": "IPv4", "endpoints": chunk, "ports": ports,
                    });
                    let _ = cx.store.create(ENDPOINTSLICES, slice, cx.now);
                }
            }
        }
        None
    }
}

/// Whether a pod's change can't matter to any slice.
fn same_endpoint(a: &Value, b: &Value) -> bool {
    a["status"]["podIP"] == b["status"]["podIP"]
        && a["status"]["phase"] == b["status"]["phase"]
        && a["metadata"]["labels"] == b["metadata"]["labels"]
        && meta::pod_ready(a) == meta::pod_ready(b)
        && meta::terminating(a) == meta::terminating(b)
}

fn has_address(pod: &Value) -> bool {
    pod["status"]["podIP"].is_string() && !matches!(meta::text(&pod["status"]["phase"]), "Failed" | "Succeeded")
}

/// One endpoint (endpointslice/utils.go podToEndpoint).
fn endpoint(pod: &Value, open: bool, store: &Store) -> Value {
    let (serving, terminating) = (meta::pod_ready(pod), meta::terminating(pod));
    let node = meta::text(&pod["spec"]["nodeName"]);
    let zone = store.get(&Key::new(NODES, "", node)).map(|node| node["metadata"]["labels"]["topology.kubernetes.io/zone"].clone());
    let mut endpoint = json!({
        "addresses": [pod["status"]["podIP"]],
        "conditions": { "ready": open || (serving && !terminating), "serving": serving, "terminating": terminating },
        "targetRef": { "kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"] },
        "nodeName": node,
    });
    if let Some(zone) = zone.filter(Value::is_string) {
        endpoint["zone"] = zone;
    }
    endpoint
}

/// The Service's ports as the pods open them; a named target port is looked up in the first pod.
fn ports(service: &Value, pod: &Value) -> Value {
    if pod.is_null() {
        return Value::Null;
    }
    let named = |name: &str| {
        let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
        let mut ports = containers.flat_map(|container| container["ports"].as_array().into_iter().flatten());
        ports.find(|port| port["name"] == name).map_or(Value::Null, |port| port["containerPort"].clone())
    };
    let of = |port: &Value| {
        let target = match &port["targetPort"] {
            Value::String(name) => named(name),
            Value::Null => port["port"].clone(),
            number => number.clone(),
        };
        json!({ "name": port["name"].as_str().unwrap_or(""), "protocol": port["protocol"].as_str().unwrap_or("TCP"), "port": target })
    };
    service["spec"]["ports"].as_array().into_iter().flatten().map(of).collect()
}

//! A pod template without what an API server fills in by itself: a custom resource's template never got these defaults, a ReplicaSet's did.
//! Never drops a value that differs from the default.

use serde_json::{Map, Value, json};

/// The template in the form in which two of them are compared. Equal forms make equal pods.
///
/// Rules: the defaulting of `k8s.io/api/core/v1` (pod spec, container, probe, port, volume sources).
#[must_use]
pub fn bare(template: &Value) -> Value {
    let mut out = template.clone();
    if let Some(meta) = out.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("creationTimestamp");
    }
    if let Some(spec) = out.get_mut("spec").and_then(Value::as_object_mut) {
        pod(spec);
    }
    prune(&mut out);
    out
}

fn pod(spec: &mut Map<String, Value>) {
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
            self::container(container);
        }
    }
    for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        self::volume(volume);
    }
    // The API server copies the one into the other, its older name.
    if spec.get("serviceAccount") == spec.get("serviceAccountName") {
        spec.remove("serviceAccount");
    }
    drop_defaults(
        spec,
        &[
            ("restartPolicy", json!("Always")),
            ("terminationGracePeriodSeconds", json!(30)),
            ("dnsPolicy", json!("ClusterFirst")),
            ("schedulerName", json!("default-scheduler")),
            ("hostNetwork", json!(false)),
        ],
    );
}

fn container(container: &mut Map<String, Value>) {
    let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
    let name = image.rsplit('/').next().unwrap_or_default();
    let latest = !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest");
    drop_defaults(
        container,
        &[
            ("terminationMessagePath", json!("/dev/termination-log")),
            ("terminationMessagePolicy", json!("File")),
            ("imagePullPolicy", json!(if latest { "Always" } else { "IfNotPresent" })),
        ],
    );
    for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        drop_defaults(port, &[("protocol", json!("TCP"))]);
    }
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe).and_then(Value::as_object_mut) else { continue };
        drop_defaults(
            probe,
            &[("timeoutSeconds", json!(1)), ("periodSeconds", json!(10)), ("successThreshold", json!(1)), ("failureThreshold", json!(3))],
        );
        if let Some(get) = probe.get_mut("httpGet").and_then(Value::as_object_mut) {
            drop_defaults(get, &[("scheme", json!("HTTP")), ("path", json!("/"))]);
        }
        if let Some(grpc) = probe.get_mut("grpc").and_then(Value::as_object_mut) {
            drop_defaults(grpc, &[("service", json!(""))]);
        }
    }
    for variable in container.get_mut("env").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(field) = variable.pointer_mut("/valueFrom/fieldRef").and_then(Value::as_object_mut) {
            drop_defaults(field, &[("apiVersion", json!("v1"))]);
        }
        // An empty value may be left out, and is by some writers.
        if let Some(variable) = variable.as_object_mut() {
            drop_defaults(variable, &[("value", json!(""))]);
        }
    }
    requests(container);
}

/// A limit without a request is its own request.
fn requests(container: &mut Map<String, Value>) {
    let Some(resources) = container.get_mut("resources").and_then(Value::as_object_mut) else { return };
    let Some(limits) = resources.get("limits").and_then(Value::as_object).cloned() else { return };
    if let Some(requests) = resources.get_mut("requests").and_then(Value::as_object_mut) {
        requests.retain(|name, value| limits.get(name) != Some(value));
    }
}

fn volume(volume: &mut Map<String, Value>) {
    for source in ["configMap", "secret", "projected", "downwardAPI"] {
        if let Some(source) = volume.get_mut(source).and_then(Value::as_object_mut) {
            drop_defaults(source, &[("defaultMode", json!(420))]);
        }
    }
    if let Some(host) = volume.get_mut("hostPath").and_then(Value::as_object_mut) {
        drop_defaults(host, &[("type", json!(""))]);
    }
}

fn drop_defaults(map: &mut Map<String, Value>, defaults: &[(&str, Value)]) {
    for (field, value) in defaults {
        if map.get(*field) == Some(value) {
            map.remove(*field);
        }
    }
}

/// Takes out nulls, and the empty `resources` and `securityContext` that a server spells out. Other empty objects mean something (`emptyDir: {}`).
fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            let empty = |v: &Value| v.as_object().is_some_and(Map::is_empty) || v.as_array().is_some_and(Vec::is_empty);
            map.retain(|key, v| {
                !(v.is_null()
                    || empty(v)
                        && matches!(
                            key.as_str(),
                            "resources"
                                | "securityContext"
                                | "requests"
                                | "limits"
                                | "labels"
                                | "annotations"
                                | "env"
                                | "args"
                                | "command"
                                | "volumes"
                                | "affinity"
                                | "metadata"
                        ))
            });
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

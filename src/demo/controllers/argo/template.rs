//! Pod templates: the defaults an API server adds, the comparison that ignores them, and the hash that names a version.
//! The hash is not the real controller's number for the same template (that depends on Go's field order), only its shape.

use serde_json::{Value, json};

use super::HASH_LABEL;
use super::objects::remove;

/// The defaults a real API server adds to every pod template, without which an undo would look like a new version.
const CONTAINER_DEFAULTS: [(&str, &str); 3] =
    [("terminationMessagePath", "/dev/termination-log"), ("terminationMessagePolicy", "File"), ("imagePullPolicy", "IfNotPresent")];

fn pod_defaults() -> [(&'static str, Value); 5] {
    [
        ("restartPolicy", json!("Always")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("dnsPolicy", json!("ClusterFirst")),
        ("securityContext", json!({})),
        ("schedulerName", json!("default-scheduler")),
    ]
}

/// The template with the API server's defaults filled in.
pub fn with_defaults(template: &Value) -> Value {
    let mut template = template.clone();
    each_container(&mut template, |container| {
        for (field, value) in CONTAINER_DEFAULTS {
            if container[field].is_null() {
                container[field] = json!(value);
            }
        }
    });
    for (field, value) in pod_defaults() {
        if template["spec"][field].is_null() {
            template["spec"][field] = value;
        }
    }
    template
}

/// The template without defaults, empty fields and the hash label: equal for equal versions.
pub fn bare(template: &Value) -> Value {
    let mut template = template.clone();
    each_container(&mut template, |container| {
        for (field, value) in CONTAINER_DEFAULTS {
            if container[field] == value {
                remove(container, field);
            }
        }
    });
    for (field, value) in pod_defaults() {
        if template["spec"][field] == value {
            remove(&mut template["spec"], field);
        }
    }
    if let Some(meta) = template.get_mut("metadata") {
        remove(meta, "creationTimestamp");
        if let Some(labels) = meta.get_mut("labels") {
            remove(labels, HASH_LABEL);
        }
    }
    prune(&mut template);
    template
}

fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            map.retain(|_, v| !(v.is_null() || v.as_object().is_some_and(serde_json::Map::is_empty)));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

fn each_container(template: &mut Value, mut change: impl FnMut(&mut Value)) {
    for field in ["containers", "initContainers"] {
        if let Some(items) = template["spec"].get_mut(field).and_then(Value::as_array_mut) {
            items.iter_mut().for_each(&mut change);
        }
    }
}

/// The hash that stands in labels and names: FNV-1a of the template, written in letters that spell no words (utils/hash).
pub fn pod_template_hash(template: &Value, collisions: Option<i64>) -> String {
    hash_of(&bare(template), collisions)
}

/// The hash of an experiment's template, the hash label of the version it copies included.
pub fn labelled_hash(template: &Value) -> String {
    hash_of(template, None)
}

/// The hash of the canary steps, by which a change of steps is noticed (utils/conditions, ComputeStepHash).
pub fn step_hash(steps: &[Value]) -> String {
    let mut steps = Value::Array(steps.to_vec());
    prune(&mut steps);
    hash_of(&steps, None)
}

fn hash_of(value: &Value, collisions: Option<i64>) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut text = String::new();
    canonical(value, &mut text);
    if let Some(count) = collisions {
        text.push_str(&count.to_string());
    }
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.to_string().bytes().map(|digit| char::from(LETTERS[usize::from(digit) % LETTERS.len()])).collect()
}

/// JSON with keys in order, so that the order a client wrote them in makes no new version.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for key in keys {
                out.push_str(key);
                out.push(':');
                canonical(&map[key], out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

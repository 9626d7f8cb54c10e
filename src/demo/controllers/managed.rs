//! The `managedFields` controllers leave on pods: the size and shape real ones have, for clusters of real size.
//! Worked out from the pod when it is written out, never stored; what clients write is recorded by the API.

use serde_json::{Map, Value, json};

/// Fields that tell the items of a list apart (the `x-kubernetes-list-map-keys` of the types used here).
const KEYS: &[&[&str]] = &[&["name"], &["type"], &["ip"], &["containerPort", "protocol"], &["uid"]];
/// Lists that are one value to the server.
const ATOMIC: &[&str] = &["tolerations", "args", "command", "sources", "items", "topologySpreadConstraints"];

/// Who wrote which fields of a pod: its ReplicaSet's controller the most, its kubelet the status. Null for other kinds.
pub fn of(object: &Value) -> Value {
    if object["kind"] != "Pod" {
        return Value::Null;
    }
    let meta = &object["metadata"];
    let made = json!({ "metadata": { "annotations": meta["annotations"], "generateName": meta["generateName"], "labels": meta["labels"],
                                     "ownerReferences": meta["ownerReferences"] }, "spec": object["spec"] });
    let mut entries = vec![entry("kube-controller-manager", None, &made, &meta["creationTimestamp"])];
    if !object["status"]["startTime"].is_null() {
        entries.push(entry("kubelet", Some("status"), &json!({ "status": object["status"] }), &object["status"]["startTime"]));
    }
    Value::Array(entries)
}

/// One entry: who, through which subresource, and every field of `part`.
fn entry(manager: &str, subresource: Option<&str>, part: &Value, time: &Value) -> Value {
    let mut entry = json!({ "manager": manager, "operation": "Update", "apiVersion": "v1", "time": time, "fieldsType": "FieldsV1", "fieldsV1": fields(part) });
    if let Some(subresource) = subresource {
        entry["subresource"] = json!(subresource);
    }
    entry
}

fn fields(value: &Value) -> Value {
    let mut out = Map::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let inner = match value {
            Value::Object(_) => fields(value),
            Value::Array(items) if !ATOMIC.contains(&name.as_str()) => list(items),
            _ => json!({}),
        };
        out.insert(format!("f:{name}"), inner);
    }
    Value::Object(out)
}

fn list(items: &[Value]) -> Value {
    let mut out = Map::new();
    for item in items {
        let Some(keys) = KEYS.iter().find(|keys| keys.iter().all(|key| !item[*key].is_null())) else { return json!({}) };
        let pairs: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), item[*key].clone())).collect();
        let mut inner = Map::from_iter([(".".to_owned(), json!({}))]);
        inner.extend(fields(item).as_object().cloned().unwrap_or_default());
        out.insert(format!("k:{}", Value::Object(pairs)), Value::Object(inner));
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_keyed_as_real_ones() {
        let pod = json!({ "spec": { "containers": [{ "name": "app", "ports": [{ "containerPort": 80, "protocol": "TCP" }] }], "tolerations": [{ "key": "a" }] } });
        let entry = entry("kube-controller-manager", None, &pod, &json!("2026-11-21T02:43:00Z"));
        let containers = &entry["fieldsV1"]["f:spec"]["f:containers"]["k:{\"name\":\"app\"}"];
        assert_eq!(containers["f:name"], json!({}));
        assert_eq!(containers["f:ports"]["k:{\"containerPort\":80,\"protocol\":\"TCP\"}"]["."], json!({}));
        assert_eq!(entry["fieldsV1"]["f:spec"]["f:tolerations"], json!({}));
    }
}

//! Small readers for stored objects: numbers, texts, times, labels, owners.
//! Never fails on a missing field: absent reads as the API's zero value.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::demo::store::{Key, REPLICASETS, Resource, Store};

use super::{DEADLINE, DESIRED, HASH_LABEL, REVISION};

/// A text field, empty when absent.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A number field, `None` when absent or not a number.
pub fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer).and_then(Value::as_i64)
}

/// A boolean field, false when absent.
pub fn flag(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or_default()
}

/// Whether a field is there at all and not null.
pub fn has(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).is_some_and(|v| !v.is_null())
}

/// A list, empty when absent.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A time in RFC 3339.
pub fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|t| t.with_timezone(&Utc))
}

/// An annotation, empty when absent.
pub fn annotation<'a>(object: &'a Value, name: &str) -> &'a str {
    object["metadata"]["annotations"].get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Sets or removes an annotation, making the map when needed and dropping it when empty.
pub fn set_annotation(object: &mut Value, name: &str, value: Option<&str>) {
    let meta = &mut object["metadata"];
    if !meta["annotations"].is_object() {
        meta["annotations"] = json!({});
    }
    if let Some(map) = meta["annotations"].as_object_mut() {
        match value {
            Some(value) => drop(map.insert(name.to_owned(), json!(value))),
            None => drop(map.shift_remove(name)),
        }
        if map.is_empty() {
            remove(meta, "annotations");
        }
    }
}

/// Removes a field of an object.
pub fn remove(value: &mut Value, field: &str) {
    if let Some(map) = value.as_object_mut() {
        map.shift_remove(field);
    }
}

/// Whether `object` is controlled by the owner with this UID.
pub fn owned_by(object: &Value, uid: &str) -> bool {
    list(object, "/metadata/ownerReferences").iter().any(|o| o["controller"] == true && o["uid"] == uid)
}

/// The name of the controlling owner of this kind.
pub fn owner_of<'a>(object: &'a Value, kind: &str) -> Option<&'a str> {
    list(object, "/metadata/ownerReferences").iter().find(|o| o["controller"] == true && o["kind"] == kind)?["name"].as_str()
}

/// The reference a child carries to `owner`.
pub fn owner_reference(owner: &Value) -> Value {
    json!([{ "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
             "controller": true, "blockOwnerDeletion": true }])
}

/// The objects of one resource that `owner` controls, in name order.
pub fn children(store: &Store, resource: Resource, owner: &Value) -> Vec<Value> {
    let (namespace, uid) = (text(owner, "/metadata/namespace"), text(owner, "/metadata/uid"));
    store.list(resource, Some(namespace)).filter(|(_, o)| owned_by(o, uid)).map(|(_, o)| (**o).clone()).collect()
}

/// A duration as manifests write it: whole seconds, or Go's "1h5m30s". `None` when unreadable.
pub fn go_duration(value: &Value) -> Option<TimeDelta> {
    if let Some(seconds) = value.as_i64() {
        return TimeDelta::try_seconds(seconds);
    }
    let text = value.as_str()?;
    if let Ok(seconds) = text.parse::<i64>() {
        return TimeDelta::try_seconds(seconds);
    }
    humantime::parse_duration(text).ok().and_then(|d| TimeDelta::from_std(d).ok())
}

/// A label selector as `kubectl` prints it: `app=web,tier in (a,b)`.
pub fn selector_text(selector: &Value) -> String {
    let empty = Map::new();
    let labels = selector["matchLabels"].as_object().unwrap_or(&empty);
    let mut parts: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect();
    parts.sort();
    parts.join(",")
}

/// A ReplicaSet as the arithmetic sees it.
#[derive(Debug, Clone, Default)]
pub struct Set {
    /// Name.
    pub name: String,
    /// The version's hash.
    pub hash: String,
    /// `spec.replicas`.
    pub spec: i64,
    /// `status.replicas`.
    pub actual: i64,
    /// `status.readyReplicas`.
    pub ready: i64,
    /// `status.availableReplicas`.
    pub available: i64,
    /// Revision annotation, 0 when absent.
    pub revision: i64,
    /// The desired-replicas annotation.
    pub desired: Option<i64>,
    /// The scale-down-deadline annotation.
    pub deadline: Option<DateTime<Utc>>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// The object.
    pub object: Value,
}

impl Set {
    /// Reads a ReplicaSet.
    pub fn of(object: &Value) -> Self {
        Self {
            name: text(object, "/metadata/name").to_owned(),
            hash: object["metadata"]["labels"].get(HASH_LABEL).and_then(Value::as_str).unwrap_or_default().to_owned(),
            spec: number(object, "/spec/replicas").unwrap_or(1),
            actual: number(object, "/status/replicas").unwrap_or(0),
            ready: number(object, "/status/readyReplicas").unwrap_or(0),
            available: number(object, "/status/availableReplicas").unwrap_or(0),
            revision: annotation(object, REVISION).parse().unwrap_or(0),
            desired: annotation(object, DESIRED).parse().ok(),
            deadline: time(&object["metadata"]["annotations"][DEADLINE]),
            created: time(&object["metadata"]["creationTimestamp"]),
            object: object.clone(),
        }
    }

    /// Where it is stored.
    pub fn key(&self) -> Key {
        Key::of(REPLICASETS, &self.object)
    }

    /// Whether it has all the pods it asks for, and asks for some (utils/replicaset, IsReplicaSetAvailable).
    pub fn is_available(&self) -> bool {
        self.spec != 0 && self.actual != 0 && self.available >= self.spec
    }
}

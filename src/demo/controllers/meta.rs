//! Small readers and writers of the fields all controllers share: owners, conditions, times, labels, int-or-percent.
//! Decides nothing: every rule that is one controller's own stands in that controller's file.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::demo::store::{Key, PODS, REPLICASETS, Resource, Store, stamp};

/// The controlling owner of an object.
pub fn controller_of(object: &Value) -> Option<&Value> {
    object["metadata"]["ownerReferences"].as_array()?.iter().find(|owner| owner["controller"] == true)
}

/// Whether `object` is controlled by the object with `uid`.
pub fn is_controlled_by(object: &Value, uid: &Value) -> bool {
    controller_of(object).is_some_and(|owner| owner["uid"] == *uid)
}

/// The reference a controller writes into what it creates.
pub fn owner_ref(owner: &Value) -> Value {
    json!([{ "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
             "controller": true, "blockOwnerDeletion": true }])
}

/// The owner's key, when the controlling owner is of this resource.
pub fn owner_key(object: &Value, resource: Resource) -> Option<Key> {
    let owner = controller_of(object)?;
    let group = owner["apiVersion"].as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
    (owner["kind"] == resource.kind && group == resource.group)
        .then(|| Key::new(resource, text(&object["metadata"]["namespace"]), text(&owner["name"])))
}

/// A string field, empty when absent.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An integer field, 0 when absent.
pub fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// A time as Kubernetes writes it.
pub fn time(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

/// An integer or a percentage of `total`, rounded as the field wants it.
pub fn int_or_percent(value: &Value, total: i64, round_up: bool) -> i64 {
    if let Some(number) = value.as_i64() {
        return number;
    }
    let percent: i64 = text(value).trim_end_matches('%').parse().unwrap_or(0);
    if round_up { (percent * total + 99).div_euclid(100) } else { (percent * total).div_euclid(100) }
}

/// Whether an object is on its way out.
pub fn terminating(object: &Value) -> bool {
    !object["metadata"]["deletionTimestamp"].is_null()
}

/// Whether `labels` carry every pair of `selector`. An empty selector matches nothing here, as in a Service.
pub fn selects(selector: &Value, labels: &Value) -> bool {
    selector.as_object().is_some_and(|pairs| !pairs.is_empty() && pairs.iter().all(|(key, value)| labels[key] == *value))
}

/// One condition of a status.
pub fn condition<'a>(status: &'a Value, kind: &str) -> Option<&'a Value> {
    status["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}

/// Whether a pod's Ready condition is true.
pub fn pod_ready(pod: &Value) -> bool {
    condition(&pod["status"], "Ready").is_some_and(|ready| ready["status"] == "True")
}

/// When a pod counts as available: its Ready transition plus `min_ready` seconds. `None` while it is not ready.
/// (pkg/api/v1/pod/util.go IsPodAvailable)
pub fn available_from(pod: &Value, min_ready: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let ready = condition(&pod["status"], "Ready").filter(|ready| ready["status"] == "True")?;
    if min_ready == 0 {
        return Some(now);
    }
    Some(time(&ready["lastTransitionTime"])? + chrono::TimeDelta::seconds(min_ready))
}

/// Sets or removes a number that Kubernetes leaves out of the JSON when it is 0.
pub fn set_count(map: &mut Map<String, Value>, field: &str, count: i64) {
    if count == 0 {
        map.shift_remove(field);
    } else {
        map.insert(field.to_owned(), json!(count));
    }
}

/// The pods a ReplicaSet made, terminating ones too. Found by the name prefix it gives them, so the cost is theirs alone.
pub fn pods_of<'a>(store: &'a Store, set: &'a Value) -> impl Iterator<Item = (&'a Key, &'a std::sync::Arc<Value>)> + 'a {
    let uid = &set["metadata"]["uid"];
    store
        .prefixed(PODS, text(&set["metadata"]["namespace"]), generate_name(text(&set["metadata"]["name"])))
        .filter(move |(_, pod)| is_controlled_by(pod, uid))
}

/// The ReplicaSets an object controls, in name order.
pub fn sets_of(store: &Store, owner: &Value) -> Vec<std::sync::Arc<Value>> {
    let uid = &owner["metadata"]["uid"];
    let namespace = text(&owner["metadata"]["namespace"]);
    store.list(REPLICASETS, Some(namespace)).filter(|(_, set)| is_controlled_by(set, uid)).map(|(_, set)| set.clone()).collect()
}

/// The prefix of the names generated for an owner's children (58 characters at most, as the API server cuts it).
pub fn generate_name(owner: &str) -> String {
    let mut prefix = format!("{owner}-");
    prefix.truncate(58);
    prefix
}

/// The moment as a JSON string.
pub fn stamped(at: DateTime<Utc>) -> Value {
    json!(stamp(at))
}

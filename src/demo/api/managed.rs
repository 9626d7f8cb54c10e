//! Keeps `managedFields`: who wrote which fields through the API, and when.
//! A record, not ownership: nothing is ever refused because of it, and a write that only removes fields leaves no entry, as observed.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::demo::store::{Part, stamp};

/// Who writes, and through what.
pub(in crate::demo) struct Writer<'a> {
    pub(in crate::demo) manager: &'a str,
    /// `status`, `scale` or empty.
    pub(in crate::demo) subresource: &'a str,
    pub(in crate::demo) now: DateTime<Utc>,
}

/// Adds to `new` what `writer` changed against `old`.
pub(in crate::demo) fn record(old: Option<&Value>, new: &mut Value, part: Part, writer: &Writer<'_>) {
    let mut changed = Map::new();
    for (field, value) in new.as_object().into_iter().flatten() {
        let ours = match (field.as_str(), part) {
            ("status", Part::Status) => true,
            (_, Part::Status) | ("status" | "apiVersion" | "kind", Part::Main) => false,
            _ => true,
        };
        if ours {
            note(&mut changed, field, old.and_then(|old| old.get(field)), value);
        }
    }
    if let Some(Value::Object(meta)) = changed.get_mut("f:metadata") {
        // Kept by the server, not by writers.
        for own in ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "name", "namespace", "selfLink"] {
            meta.shift_remove(&format!("f:{own}"));
        }
        if meta.is_empty() {
            changed.shift_remove("f:metadata");
        }
    }
    if changed.is_empty() {
        return;
    }
    let mut entries = new["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    let same = |entry: &&mut Value| {
        entry["manager"] == writer.manager
            && entry["operation"] == "Update"
            && entry["subresource"].as_str().unwrap_or_default() == writer.subresource
    };
    let mut fields = Value::Object(changed);
    if let Some(entry) = entries.iter_mut().find(same) {
        let mut all = entry["fieldsV1"].take();
        union(&mut all, &fields);
        fields = all;
    }
    entries.retain_mut(|entry| !same(&entry));
    let mut entry = json!({ "manager": writer.manager, "operation": "Update", "apiVersion": new["apiVersion"], "time": stamp(writer.now),
                            "fieldsType": "FieldsV1", "fieldsV1": fields });
    if !writer.subresource.is_empty() {
        entry["subresource"] = json!(writer.subresource);
    }
    entries.push(entry);
    new["metadata"]["managedFields"] = Value::Array(entries);
}

/// Notes the fields of `new` that `old` has not or has otherwise.
fn note(into: &mut Map<String, Value>, field: &str, old: Option<&Value>, new: &Value) {
    if old == Some(new) {
        return;
    }
    let mut inner = Map::new();
    if let Some(map) = new.as_object() {
        for (name, value) in map {
            note(&mut inner, name, old.and_then(|old| old.get(name)), value);
        }
        if inner.is_empty() && !map.is_empty() {
            return;
        }
    }
    into.insert(format!("f:{field}"), Value::Object(inner));
}

fn union(all: &mut Value, more: &Value) {
    for (field, inner) in more.as_object().into_iter().flatten() {
        match all.get_mut(field) {
            Some(there) => union(there, inner),
            None => all[field.as_str()] = inner.clone(),
        }
    }
}

/// The manager's name: what the client says, else the first word of its user agent (apiserver handlers `managerOrUserAgent`).
pub(super) fn manager<'a>(field_manager: Option<&'a str>, user_agent: Option<&'a str>) -> &'a str {
    let agent = || user_agent.and_then(|agent| agent.split(['/', ' ']).next()).filter(|name| !name.is_empty());
    field_manager.filter(|name| !name.is_empty()).or_else(agent).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(manager: &str) -> Writer<'_> {
        Writer { manager, subresource: "", now: crate::demo::clock::origin() }
    }

    #[test]
    fn names_changed_fields_and_merges_the_same_writer() {
        let old = json!({ "apiVersion": "apps/v1", "metadata": { "name": "a" }, "spec": { "replicas": 1, "paused": true } });
        let mut new = json!({ "apiVersion": "apps/v1", "metadata": { "name": "a" }, "spec": { "replicas": 2 }, "status": { "x": 1 } });
        record(Some(&old), &mut new, Part::Main, &writer("kubectl"));
        assert_eq!(new["metadata"]["managedFields"][0]["fieldsV1"], json!({ "f:spec": { "f:replicas": {} } }));
        let old = new.clone();
        new["spec"]["minReadySeconds"] = json!(3);
        record(Some(&old), &mut new, Part::Main, &writer("kubectl"));
        assert_eq!(new["metadata"]["managedFields"].as_array().unwrap().len(), 1);
        assert_eq!(new["metadata"]["managedFields"][0]["fieldsV1"], json!({ "f:spec": { "f:replicas": {}, "f:minReadySeconds": {} } }));
    }

    #[test]
    fn a_write_that_only_removes_leaves_no_entry() {
        let old = json!({ "metadata": {}, "status": { "pauseConditions": [1], "x": 1 } });
        let mut new = json!({ "metadata": {}, "status": { "x": 1 } });
        record(Some(&old), &mut new, Part::Status, &writer("flightdeck"));
        assert!(new["metadata"].get("managedFields").is_none());
    }

    #[test]
    fn manager_names() {
        assert_eq!(manager(Some("me"), Some("kubectl/v1")), "me");
        assert_eq!(manager(None, Some("kubectl/v1.32 (linux)")), "kubectl");
        assert_eq!(manager(None, None), "unknown");
    }
}

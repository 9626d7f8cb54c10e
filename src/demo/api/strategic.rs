//! Strategic merge patch: a merge patch in which lists of things with a name are merged by that name.
//! Knows only the lists that releases meet; every other list is replaced whole, as the real server does with lists it has no merge key for.

use serde_json::{Map, Value};

use super::refusal::{Answer, Refusal};

/// Merge keys by the list's field name (patchMergeKey in k8s.io/api's core/v1 and apps/v1 types).
/// `ports` differs by owner: a container's by containerPort, a Service's by port.
fn merge_key(path: &[&str], sample: &Value) -> Option<&'static str> {
    Some(match *path.last()? {
        "containers" | "initContainers" | "ephemeralContainers" | "env" | "volumes" | "imagePullSecrets" => "name",
        "volumeMounts" => "mountPath",
        "volumeDevices" => "devicePath",
        "ports" if path.contains(&"containers") || sample.get("containerPort").is_some() => "containerPort",
        "ports" => "port",
        "conditions" => "type",
        "ownerReferences" => "uid",
        "hostAliases" | "podIPs" | "hostIPs" => "ip",
        "topologySpreadConstraints" => "topologyKey",
        "taints" => "key",
        _ => return None,
    })
}

/// Lists of plain values that are merged as sets.
const SETS: &[&str] = &["finalizers", "podCIDRs"];

/// Merges `patch` into `object`.
pub(super) fn merge(object: &mut Value, patch: &Value) -> Answer<()> {
    merge_value(object, patch, &mut Vec::new())
}

fn merge_value<'a>(object: &mut Value, patch: &'a Value, path: &mut Vec<&'a str>) -> Answer<()> {
    let Some(fields) = patch.as_object() else {
        *object = patch.clone();
        return Ok(());
    };
    match fields.get("$patch").and_then(Value::as_str) {
        Some("replace") => {
            *object = Value::Object(fields.iter().filter(|(name, _)| *name != "$patch").map(|(n, v)| (n.clone(), v.clone())).collect());
            return Ok(());
        }
        Some("delete") => {
            *object = Value::Object(Map::new());
            return Ok(());
        }
        Some("merge") | None => {}
        Some(other) => return Err(Refusal::bad_request(format!("unknown patch type found: {other}"))),
    }
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    for (field, change) in fields {
        if field.starts_with("$setElementOrder/") || field == "$patch" {
            continue;
        }
        if field == "$retainKeys" {
            let keep: Vec<&str> = change.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if let Some(map) = object.as_object_mut() {
                map.retain(|name, _| keep.contains(&name.as_str()));
            }
            continue;
        }
        if let Some(list) = field.strip_prefix("$deleteFromPrimitiveList/") {
            if let (Some(there), Some(gone)) = (object.get_mut(list).and_then(Value::as_array_mut), change.as_array()) {
                there.retain(|value| !gone.contains(value));
            }
            continue;
        }
        if change.is_null() {
            if let Some(map) = object.as_object_mut() {
                map.shift_remove(field);
            }
            continue;
        }
        path.push(field);
        match change.as_array() {
            Some(items) => merge_list(&mut object[field.as_str()], items, path)?,
            None => merge_value(&mut object[field.as_str()], change, path)?,
        }
        path.pop();
    }
    Ok(())
}

fn merge_list<'a>(object: &mut Value, items: &'a [Value], path: &mut Vec<&'a str>) -> Answer<()> {
    if path.last().is_some_and(|field| SETS.contains(field)) {
        let mut all = object.as_array().cloned().unwrap_or_default();
        all.extend(items.iter().filter(|item| !object.as_array().is_some_and(|there| there.contains(item))).cloned());
        *object = Value::Array(all);
        return Ok(());
    }
    let sample = items.iter().find(|item| item.get("$patch").is_none()).or(items.first()).unwrap_or(&Value::Null);
    let Some(key) = merge_key(path, sample) else {
        *object = Value::Array(items.to_vec());
        return Ok(());
    };
    let directive = |item: &Value| item.get("$patch").and_then(Value::as_str).map(str::to_owned);
    let mut all = object.as_array().cloned().unwrap_or_default();
    if items.iter().any(|item| directive(item).as_deref() == Some("replace")) {
        *object = Value::Array(items.iter().filter(|item| directive(item).is_none()).cloned().collect());
        return Ok(());
    }
    for item in items {
        let Some(name) = item.get(key) else {
            let field = path.join(".");
            return Err(Refusal::bad_request(format!("map: {item} does not contain declared merge key: {key} (in {field})")));
        };
        let place = all.iter().position(|there| there.get(key) == Some(name));
        match (directive(item).as_deref(), place) {
            (Some("delete"), Some(place)) => drop(all.remove(place)),
            (Some("delete"), None) => {}
            (_, Some(place)) => merge_value(&mut all[place], item, path)?,
            (_, None) => {
                let mut fresh = Value::Object(Map::new());
                merge_value(&mut fresh, item, path)?;
                all.push(fresh);
            }
        }
    }
    *object = Value::Array(all);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(mut object: Value, patch: Value) -> Value {
        merge(&mut object, &patch).unwrap();
        object
    }

    #[test]
    fn containers_by_name_and_their_env_by_name() {
        let pod = json!({ "spec": { "containers": [
            { "name": "web", "image": "web:1", "env": [{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }] },
            { "name": "side", "image": "side:1" } ] } });
        let patch = json!({ "spec": { "$setElementOrder/containers": [{ "name": "web" }],
            "containers": [{ "name": "web", "image": "web:2", "env": [{ "name": "A", "$patch": "delete" }, { "name": "C", "value": "3" }] }] } });
        let after = merged(pod, patch);
        assert_eq!(
            after["spec"]["containers"],
            json!([{ "name": "web", "image": "web:2", "env": [{ "name": "B", "value": "2" }, { "name": "C", "value": "3" }] },
                   { "name": "side", "image": "side:1" }])
        );
    }

    #[test]
    fn ports_by_their_own_key() {
        let after = merged(
            json!({ "containers": [{ "name": "a", "ports": [{ "containerPort": 80 }] }] }),
            json!({ "containers": [{ "name": "a", "ports": [{ "containerPort": 80, "name": "http" }, { "containerPort": 90 }] }] }),
        );
        assert_eq!(after["containers"][0]["ports"], json!([{ "containerPort": 80, "name": "http" }, { "containerPort": 90 }]));
        let after = merged(json!({ "ports": [{ "port": 80, "targetPort": 1 }] }), json!({ "ports": [{ "port": 80, "targetPort": 2 }] }));
        assert_eq!(after["ports"], json!([{ "port": 80, "targetPort": 2 }]));
    }

    #[test]
    fn other_lists_and_directives() {
        let after = merged(
            json!({ "args": ["a", "b"], "x": { "y": 1, "z": 2 }, "gone": 1 }),
            json!({ "args": ["c"], "x": { "$patch": "replace", "w": 3 }, "gone": null }),
        );
        assert_eq!(after, json!({ "args": ["c"], "x": { "w": 3 } }));
        let after = merged(
            json!({ "strategy": { "type": "RollingUpdate", "rollingUpdate": {} } }),
            json!({ "strategy": { "$retainKeys": ["type"], "type": "Recreate" } }),
        );
        assert_eq!(after, json!({ "strategy": { "type": "Recreate" } }));
        let after = merged(
            json!({ "conditions": [{ "type": "A", "status": "True" }] }),
            json!({ "conditions": [{ "$patch": "replace" }, { "type": "B" }] }),
        );
        assert_eq!(after["conditions"], json!([{ "type": "B" }]));
        assert_eq!(merge(&mut json!({}), &json!({ "containers": [{ "image": "x" }] })).unwrap_err().code, 400);
    }
}

//! The `/scale` subresource: an object's replica count as an autoscaling/v1 Scale.
//! Never touches anything but `spec.replicas`.

use axum::body::Body;
use axum::http::{Method, Response, header};
use serde_json::{Value, json};

use super::ask::Ask;
use super::managed;
use super::patch::{self, PatchKind};
use super::refusal::{Answer, Refusal};
use crate::demo::store::{DEPLOYMENTS, Part, REPLICASETS, ROLLOUTS, Resource};

/// Whether the resource has a `/scale`.
pub(super) fn scalable(resource: Resource) -> bool {
    matches!(resource, DEPLOYMENTS | REPLICASETS | ROLLOUTS)
}

/// GET, PUT and PATCH of a Scale.
pub(super) fn scale(ask: &Ask) -> Answer<Response<Body>> {
    let key = ask.key()?;
    let resource = key.resource;
    if !scalable(resource) {
        return Err(Refusal::no_such_path());
    }
    let missing = || Refusal::not_found(resource, &key.name);
    if ask.method == Method::GET {
        let found = ask.cluster.read(|sim| sim.store.get(&key).cloned()).ok_or_else(missing)?;
        return Ok(super::respond::json(200, &of(resource, &found)));
    }
    let sent = match ask.method {
        Method::PUT => Some(ask.object()?),
        Method::PATCH => None,
        _ => return Err(Refusal::method_not_allowed()),
    };
    let writer = ask.writer();
    let written = ask.cluster.write(|sim| {
        let old = sim.store.get(&key).cloned().ok_or_else(missing)?;
        let wanted = match sent {
            Some(scale) => scale,
            // A Scale is a built-in kind whatever it scales, so strategic merge is fine.
            None => patch::apply(PatchKind::of(ask.header(header::CONTENT_TYPE), false)?, &of(resource, &old), &ask.body)?,
        };
        let uid = &wanted["metadata"]["uid"];
        if !uid.is_null() && *uid != old["metadata"]["uid"] {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let why =
                format!("Precondition failed: UID in precondition: {}, UID in object meta: {}", text(uid), text(&old["metadata"]["uid"]));
            return Err(Refusal::conflict(resource, &key.name, &why));
        }
        let replicas = match &wanted["spec"]["replicas"] {
            Value::Null => 0,
            value => value
                .as_i64()
                .ok_or_else(|| Refusal::bad_request(format!("spec.replicas: Invalid value: {value}: must be of type integer")))?,
        };
        if replicas < 0 {
            let why = format!("spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0");
            return Err(Refusal::invalid(resource, &key.name, &why));
        }
        let mut new = (*old).clone();
        new["spec"]["replicas"] = json!(replicas);
        if let Some(rv) = wanted["metadata"]["resourceVersion"].as_str().filter(|rv| !rv.is_empty()) {
            new["metadata"]["resourceVersion"] = json!(rv);
        }
        managed::record(Some(&old), &mut new, Part::Main, &writer);
        let written =
            if ask.query.dry_run { sim.store.would_update(resource, Part::Main, new) } else { sim.store.update(resource, Part::Main, new) };
        let written = written.map_err(|e| Refusal::of(e, resource, &key.name))?;
        ask.visit(sim, &key, Some(&old), &written);
        Ok(written)
    })?;
    Ok(super::respond::json(200, &of(resource, &written)))
}

/// The Scale of an object.
fn of(resource: Resource, object: &Value) -> Value {
    let meta = &object["metadata"];
    let (replicas, selector) = if resource == ROLLOUTS {
        (object["status"]["HPAReplicas"].as_i64(), object["status"]["selector"].as_str().unwrap_or_default().to_owned())
    } else {
        let labels = object["spec"]["selector"]["matchLabels"].as_object();
        let pairs: Vec<String> =
            labels.into_iter().flatten().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
        (object["status"]["replicas"].as_i64(), pairs.join(","))
    };
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": { "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"],
                      "resourceVersion": meta["resourceVersion"], "creationTimestamp": meta["creationTimestamp"] },
        // Absent means one for what the server scales (apps/v1 defaults; Argo's spec.replicas).
        "spec": { "replicas": object["spec"]["replicas"].as_i64().unwrap_or(1) },
        "status": { "replicas": replicas.unwrap_or(0), "selector": selector },
    })
}

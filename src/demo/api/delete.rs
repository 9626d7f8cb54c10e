//! Deletes objects: pods get their time to end, everything else goes at once and takes with it what it owns.
//! Never leaves an orphan unless asked to.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::{Answer, Refusal};
use super::respond;
use super::selector::Selection;
use crate::demo::crds::is_custom;
use crate::demo::sim::Sim;
use crate::demo::store::{CRDS, Key, NAMESPACES, PODS, RESOURCES};

/// What the client wants of a deletion: query parameters and the DeleteOptions in the body.
struct Wishes {
    orphan: bool,
    at_once: bool,
    dry_run: bool,
    uid: Option<String>,
    resource_version: Option<String>,
}

fn wishes(ask: &Ask) -> Answer<Wishes> {
    let options = if ask.body.is_empty() { Value::Null } else { ask.object()? };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let propagation = ask.query.propagation.clone().or_else(|| text(&options["propagationPolicy"]));
    let grace = ask.query.grace_seconds.or_else(|| options["gracePeriodSeconds"].as_i64());
    let dry = options["dryRun"].as_array().is_some_and(|list| list.iter().any(|entry| entry == "All"));
    Ok(Wishes {
        orphan: propagation.as_deref() == Some("Orphan") || options["orphanDependents"] == true,
        at_once: grace == Some(0),
        dry_run: ask.query.dry_run || dry,
        uid: text(&options["preconditions"]["uid"]),
        resource_version: text(&options["preconditions"]["resourceVersion"]),
    })
}

/// DELETE of one object.
pub(super) fn one(ask: &Ask) -> Answer<Response<Body>> {
    let key = ask.key()?;
    let wishes = wishes(ask)?;
    let (last, gone) = ask.cluster.write(|sim| {
        let old = sim.store.get(&key).cloned().ok_or_else(|| Refusal::not_found(key.resource, &key.name))?;
        let meta = &old["metadata"];
        for (label, field, wanted) in [("UID", "uid", &wishes.uid), ("ResourceVersion", "resourceVersion", &wishes.resource_version)] {
            let had = meta[field].as_str().unwrap_or_default();
            if let Some(wanted) = wanted.as_deref().filter(|wanted| *wanted != had) {
                let why = format!("Precondition failed: {label} in precondition: {wanted}, {label} in object meta: {had}");
                return Err(Refusal::conflict(key.resource, &key.name, &why));
            }
        }
        if !wishes.dry_run {
            remove(sim, &key, &wishes);
        }
        let left = sim.store.get(&key).cloned();
        Ok((left.clone().unwrap_or(old), left.is_none() || wishes.dry_run && key.resource != PODS))
    })?;
    if !gone {
        return Ok(ask.answer(200, &last));
    }
    let details = json!({ "name": key.name, "group": key.resource.group, "kind": key.resource.plural, "uid": last["metadata"]["uid"] });
    Ok(respond::json(200, &json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })))
}

/// DELETE of a collection: everything selected.
pub(super) fn collection(ask: &Ask) -> Answer<Response<Body>> {
    let resource = ask.place.resource;
    let selection = Selection::parse(resource, &ask.query.label_selector, &ask.query.field_selector)?;
    let wishes = wishes(ask)?;
    let objects = ask.cluster.write(|sim| {
        let all = sim.store.list(resource, ask.place.namespace.as_deref()).filter(|(_, object)| selection.holds(object));
        let all: Vec<_> = all.map(|(key, object)| (key.clone(), object.clone())).collect();
        if !wishes.dry_run {
            all.iter().for_each(|(key, _)| remove(sim, key, &wishes));
        }
        all.into_iter().map(|(_, object)| (*object).clone()).collect::<Vec<_>>()
    });
    let api = super::discovery::group_version(resource);
    Ok(respond::json(
        200,
        &json!({ "kind": format!("{}List", resource.kind), "apiVersion": api, "metadata": { "resourceVersion": ask.cluster.revision().to_string() }, "items": objects }),
    ))
}

/// Removes an object, then what it owned (the garbage collector's background deletion, done at once).
fn remove(sim: &mut Sim, key: &Key, wishes: &Wishes) {
    if key.resource == PODS && !wishes.at_once {
        // The node's agent removes it when its containers have ended.
        let now = sim.now();
        return sim.store.mark_deleted(key, now);
    }
    let Some(last) = sim.store.delete(key) else { return };
    let inside: Vec<Key> = match key.resource {
        NAMESPACES => keys(sim, |k, _| k.namespace == key.name),
        CRDS => keys(sim, |k, _| is_custom(k.resource) && key.name == format!("{}.{}", k.resource.plural, k.resource.group)),
        _ if wishes.orphan => Vec::new(),
        _ => {
            let uid = last["metadata"]["uid"].clone();
            let owned = |owner: &Value| owner["uid"] == uid;
            keys(sim, |k, object| {
                k.namespace == key.namespace && object["metadata"]["ownerReferences"].as_array().is_some_and(|list| list.iter().any(owned))
            })
        }
    };
    let background = Wishes { orphan: false, at_once: false, dry_run: false, uid: None, resource_version: None };
    for child in inside {
        remove(sim, &child, &background);
    }
}

fn keys(sim: &Sim, wanted: impl Fn(&Key, &Value) -> bool) -> Vec<Key> {
    let all = RESOURCES.iter().flat_map(|resource| sim.store.list(*resource, None));
    all.filter(|(key, object)| wanted(key, object)).map(|(key, _)| key.clone()).collect()
}

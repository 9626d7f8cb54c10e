//! Creates, replaces and patches objects and their status, for real or as a dry run.
//! Never merges on its own: what may be written in which part is the storage's rule, how a patch applies is the patch's.

use axum::body::Body;
use axum::http::{Method, Response, header};
use serde_json::{Value, json};

use super::ask::Ask;
use super::managed;
use super::patch::{self, PatchKind};
use super::refusal::{Answer, Refusal};
use super::validate;
use crate::demo::crds::is_custom;
use crate::demo::store::{Key, NAMESPACES, Part, StoreError, is_stale};

/// POST to a collection.
pub(super) fn create(ask: &Ask) -> Answer<Response<Body>> {
    let resource = ask.place.resource;
    let mut object = ask.object()?;
    validate::identity(ask, &mut object)?;
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    validate::object(resource, &object, Part::Main).map_err(|why| why.refusal(resource, &name))?;
    if let Some(meta) = object["metadata"].as_object_mut() {
        for own in ["resourceVersion", "uid", "generation", "creationTimestamp", "deletionTimestamp", "managedFields"] {
            meta.shift_remove(own);
        }
    }
    if resource.status
        && let Some(map) = object.as_object_mut()
    {
        map.shift_remove("status");
    }
    validate::defaults(resource, &mut object);
    let writer = ask.writer();
    object["apiVersion"] = json!(super::discovery::group_version(resource));
    managed::record(None, &mut object, Part::Main, &writer);
    let made = ask.cluster.write(|sim| {
        if let Some(namespace) = ask.place.namespace.as_deref() {
            // A cluster whose scenario has no Namespace objects at all does not check.
            let mut namespaces = sim.store.list(NAMESPACES, None).peekable();
            if namespaces.peek().is_some() && !namespaces.any(|(key, _)| key.name == namespace) {
                return Err(Refusal::not_found(NAMESPACES, namespace));
            }
        }
        ask.admit("create", None, &object)?;
        let made = if ask.query.dry_run {
            sim.store.would_create(resource, object, writer.now).map(std::sync::Arc::new)
        } else {
            sim.create(resource, object)
        };
        let made = made.map_err(|e| Refusal::of(e, resource, &name))?;
        ask.visit(sim, &Key::of(resource, &made), None, &made);
        Ok(made)
    })?;
    Ok(ask.answer(201, &made))
}

/// PUT and PATCH of an object or its status.
pub(super) fn update(ask: &Ask, part: Part) -> Answer<Response<Body>> {
    let key = ask.key()?;
    let resource = key.resource;
    let custom = is_custom(resource);
    if part == Part::Status && !resource.status {
        return Err(Refusal::no_such_path());
    }
    let sent = match ask.method {
        Method::PUT => Sent::Whole(ask.object()?),
        _ => Sent::Patch(PatchKind::of(ask.header(header::CONTENT_TYPE), custom)?),
    };
    let writer = ask.writer();
    let written = ask.cluster.write(|sim| {
        let Some(old) = sim.store.get(&key).cloned() else { return Err(Refusal::not_found(resource, &key.name)) };
        let mut new = match sent {
            Sent::Whole(object) => object,
            Sent::Patch(kind) => patch::apply(kind, &old, &ask.body)?,
        };
        validate::identity(ask, &mut new)?;
        if ask.method == Method::PUT && custom && new["metadata"]["resourceVersion"].as_str().is_none_or(str::is_empty) {
            return Err(Refusal::invalid(
                resource,
                &key.name,
                "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
            ));
        }
        // The storage looks at the version first: of an object made anew it is another one, and that is a conflict.
        if is_stale(&old, &new) {
            return Err(Refusal::of(StoreError::Conflict(key.clone()), resource, &key.name));
        }
        uid(&old, &new, part, custom).map_err(|why| Refusal::of(StoreError::Invalid(why), resource, &key.name))?;
        validate::object(resource, &new, part).map_err(|why| why.refusal(resource, &key.name))?;
        ask.admit("update", Some(&old), &new)?;
        // What the client says of managedFields is not believed, except that it may empty them.
        if new["metadata"]["managedFields"] != old["metadata"]["managedFields"] && new["metadata"]["managedFields"] != json!([{}]) {
            new["metadata"]["managedFields"] = old["metadata"]["managedFields"].clone();
        }
        if new["metadata"]["managedFields"].is_null()
            && let Some(meta) = new["metadata"].as_object_mut()
        {
            meta.shift_remove("managedFields");
        }
        managed::record(Some(&old), &mut new, part, &writer);
        let written = if ask.query.dry_run { sim.store.would_update(resource, part, new) } else { sim.store.update(resource, part, new) };
        let written = written.map_err(|e| Refusal::of(e, resource, &key.name))?;
        ask.visit(sim, &key, Some(&old), &written);
        Ok(written)
    })?;
    Ok(ask.answer(200, &written))
}

/// What a write brings.
enum Sent {
    Whole(Value),
    Patch(PatchKind),
}

/// A uid sent must be the stored one, but on a custom resource's status, where it is ignored (observed on a real server).
fn uid(old: &Value, new: &Value, part: Part, custom: bool) -> Result<(), String> {
    let (had, sent) = (&old["metadata"]["uid"], &new["metadata"]["uid"]);
    let ignored = custom && part == Part::Status;
    if ignored || sent.is_null() || had == sent {
        return Ok(());
    }
    Err(format!("metadata.uid: Invalid value: \"{}\": field is immutable", sent.as_str().unwrap_or_default()))
}

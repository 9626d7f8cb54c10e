//! Writes as an API server's storage takes them: what it fills in, what it refuses, what raises the generation.
//! Never lets a write through that rests on a version that is not the stored one, and leaves no trace of one that changes nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Happened, Key, LogEntry, Part, Resource, Store, StoreError, Stored, stamp, suffix};

impl Store {
    /// Creates an object: fills in uid, creationTimestamp, generation, resourceVersion and a generated name.
    pub fn create(&mut self, resource: Resource, object: Value, now: DateTime<Utc>) -> Result<Arc<Value>, StoreError> {
        let mut rng = self.rng.clone();
        let (key, object) = self.planned_create(&mut rng, resource, object, now)?;
        self.rng = rng;
        Ok(self.put(key, Happened::Added, object))
    }

    /// Puts an object there as if it had stood before everything else: it uses up no UID, name or revision, and no controller is told of it.
    pub fn found(&mut self, resource: Resource, mut object: Value, born: DateTime<Utc>) {
        // Drawn from its own name, so that every UID drawn later is what it would have been.
        let seed = object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .bytes()
            .fold(7, |sum: u64, byte| sum.wrapping_mul(31) + u64::from(byte));
        let mut rng = fastrand::Rng::with_seed(seed);
        object["metadata"]["creationTimestamp"] = json!(stamp(born));
        if let Ok((key, mut object)) = self.planned_create(&mut rng, resource, object, born) {
            object["metadata"]["resourceVersion"] = json!("1");
            let encoded = self.encoded();
            self.objects.insert(key, Stored { object: Arc::new(object), encoded });
        }
    }

    /// What [`Store::create`] would make, without making it (a dry run): no name, UID or revision is used up.
    pub fn would_create(&self, resource: Resource, object: Value, now: DateTime<Utc>) -> Result<Value, StoreError> {
        self.planned_create(&mut self.rng.clone(), resource, object, now).map(|(_, object)| object)
    }

    fn planned_create(
        &self,
        rng: &mut fastrand::Rng,
        resource: Resource,
        mut object: Value,
        now: DateTime<Utc>,
    ) -> Result<(Key, Value), StoreError> {
        object["apiVersion"] =
            json!(if resource.group.is_empty() { resource.version.to_owned() } else { format!("{}/{}", resource.group, resource.version) });
        object["kind"] = json!(resource.kind);
        if object["metadata"]["name"].as_str().unwrap_or_default().is_empty() {
            let Some(prefix) = object["metadata"]["generateName"].as_str().map(str::to_owned) else {
                return Err(StoreError::Invalid("metadata.name: Required value: name or generateName is required".into()));
            };
            object["metadata"]["name"] = json!(format!("{prefix}{}", suffix(rng)));
        }
        let key = Key::of(resource, &object);
        if self.objects.contains_key(&key) {
            return Err(StoreError::Exists(key));
        }
        let uid = uid(rng);
        let meta = &mut object["metadata"];
        meta["uid"] = json!(uid);
        if meta["creationTimestamp"].is_null() {
            meta["creationTimestamp"] = json!(stamp(now));
        }
        meta["generation"] = json!(1);
        Ok((key, object))
    }

    /// Replaces the object's main part or its status. A resourceVersion in `object` must be the stored one (else [`StoreError::Conflict`]);
    /// without one the write is unconditional. A change of anything but metadata and status raises `generation`.
    /// A write that changes nothing leaves no trace, as in a real API server.
    pub fn update(&mut self, resource: Resource, part: Part, object: Value) -> Result<Arc<Value>, StoreError> {
        match self.planned_update(resource, part, object)? {
            Planned::Same(old) => Ok(old),
            Planned::New(key, new) => Ok(self.put(key, Happened::Modified, new)),
        }
    }

    /// What [`Store::update`] would make of the object, without making it (a dry run). The resourceVersion stays the stored one.
    pub fn would_update(&self, resource: Resource, part: Part, object: Value) -> Result<Arc<Value>, StoreError> {
        match self.planned_update(resource, part, object)? {
            Planned::Same(old) => Ok(old),
            Planned::New(_, new) => Ok(Arc::new(new)),
        }
    }

    fn planned_update(&self, resource: Resource, part: Part, mut object: Value) -> Result<Planned, StoreError> {
        let key = Key::of(resource, &object);
        let Some(old) = self.get(&key).cloned() else { return Err(StoreError::NotFound(key)) };
        if is_stale(&old, &object) {
            return Err(StoreError::Conflict(key));
        }
        let mut new;
        match part {
            Part::Status => {
                new = (*old).clone();
                replace_field(&mut new, "status", object.get_mut("status").map(Value::take));
                // Who wrote what is kept for status writes too; all other metadata stays as it is.
                if let Some(managed) = object["metadata"].get_mut("managedFields").map(Value::take) {
                    replace_field(&mut new["metadata"], "managedFields", Some(managed));
                }
            }
            Part::Whole => new = object,
            Part::Main => {
                if let Some(uid) = object["metadata"]["uid"].as_str()
                    && old["metadata"]["uid"].as_str() != Some(uid)
                {
                    return Err(StoreError::Invalid(format!("metadata.uid: Invalid value: \"{uid}\": field is immutable")));
                }
                if resource.status {
                    replace_field(&mut object, "status", old.get("status").cloned());
                }
                for field in ["uid", "creationTimestamp", "generation", "deletionTimestamp"] {
                    replace_field(&mut object["metadata"], field, old["metadata"].get(field).cloned());
                }
                object["apiVersion"] = old["apiVersion"].clone();
                object["kind"] = old["kind"].clone();
                new = object;
            }
        }
        new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"].clone();
        if new == *old {
            return Ok(Planned::Same(old));
        }
        if part != Part::Whole && spec_of(&new) != spec_of(&old) {
            new["metadata"]["generation"] = json!(old["metadata"]["generation"].as_i64().unwrap_or(0) + 1);
        }
        Ok(Planned::New(key, new))
    }

    /// Reads an object, lets `change` edit it, writes the part back. `Ok(None)` when it does not exist.
    pub fn edit(&mut self, key: &Key, part: Part, change: impl FnOnce(&mut Value)) -> Result<Option<Arc<Value>>, StoreError> {
        let Some(old) = self.get(key) else { return Ok(None) };
        let mut object = (**old).clone();
        change(&mut object);
        self.update(key.resource, part, object).map(Some)
    }

    /// Replaces an object's status, at the cost of one copy, and of none when it is the same. What controllers do most.
    pub fn set_status(&mut self, key: &Key, status: Value) {
        let Some(old) = self.get(key) else { return };
        if old["status"] != status {
            let mut object = (**old).clone();
            object["status"] = status;
            self.put(key.clone(), Happened::Modified, object);
        }
    }

    /// Marks a pod as terminating (the end of its grace period goes into deletionTimestamp) without removing it.
    /// No effect when it is gone or already marked.
    pub fn mark_deleted(&mut self, key: &Key, now: DateTime<Utc>) {
        let Some(old) = self.get(key) else { return };
        if old["metadata"]["deletionTimestamp"].is_null() {
            let mut object = (**old).clone();
            // Clients take both for given on whatever is being deleted (kubectl 1.20 describe panics without the grace period).
            let grace = object["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(30);
            object["metadata"]["deletionTimestamp"] = json!(stamp(now + chrono::TimeDelta::seconds(grace)));
            object["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
            self.put(key.clone(), Happened::Modified, object);
        }
    }

    /// Removes an object at once and returns its last state.
    pub fn delete(&mut self, key: &Key) -> Option<Arc<Value>> {
        let old = self.objects.remove(key)?.object;
        self.rv += 1;
        let mut last = (*old).clone();
        last["metadata"]["resourceVersion"] = json!(self.rv.to_string());
        let last = Arc::new(last);
        self.append(LogEntry {
            rv: self.rv,
            key: key.clone(),
            happened: Happened::Deleted,
            object: last.clone(),
            before: Some(old),
            encoded: self.encoded(),
        });
        Some(last)
    }
}

/// Whether `sent` names a version that `stored` no longer is. Without one a write is unconditional.
pub(in crate::demo) fn is_stale(stored: &Value, sent: &Value) -> bool {
    let sent = sent["metadata"]["resourceVersion"].as_str();
    sent.is_some_and(|rv| !rv.is_empty() && stored["metadata"]["resourceVersion"].as_str() != Some(rv))
}

/// Everything but identity, metadata and status: what `generation` counts.
fn spec_of(object: &Value) -> Vec<(&String, &Value)> {
    let skip = ["metadata", "status", "apiVersion", "kind"];
    object.as_object().into_iter().flatten().filter(|(field, _)| !skip.contains(&field.as_str())).collect()
}

/// What an update comes to.
enum Planned {
    /// Nothing changes.
    Same(Arc<Value>),
    /// This is to be stored.
    New(Key, Value),
}

/// Sets or removes a field.
fn replace_field(object: &mut Value, field: &str, value: Option<Value>) {
    match value {
        Some(value) => object[field] = value,
        None => drop(object.as_object_mut().and_then(|o| o.shift_remove(field))),
    }
}

fn uid(rng: &mut fastrand::Rng) -> String {
    let (a, b) = (rng.u64(..), rng.u64(..));
    format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff)
}

//! The objects of the embedded cluster and the log of every change to them, as an API server's storage keeps them.
//! Never decides what an object should become: that is the controllers' work. Never waits, never talks HTTP.

mod resource;
mod writing;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

pub use resource::*;
pub(super) use writing::is_stale;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It was created.
    Added,
    /// It was changed.
    Modified,
    /// It went; the entry holds its last state.
    Deleted,
}

/// One line of the change log.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// The store's revision after this change.
    pub rv: u64,
    /// Which object.
    pub key: Key,
    /// What happened to it.
    pub happened: Happened,
    /// The object after the change (for a deletion: as it was, with the deletion's own resourceVersion).
    pub object: Arc<Value>,
    /// The object before the change; watches with selectors need it to say DELETED when an object leaves the selection.
    pub before: Option<Arc<Value>>,
    /// `object` as JSON, written out once for all who watch and list it.
    pub encoded: Encoded,
}

/// An object's JSON, made when first asked for and shared by every list and watch that sends this version of it.
#[derive(Debug, Clone, Default)]
pub struct Encoded {
    json: Arc<OnceLock<Bytes>>,
    managed: Option<Managed>,
}

/// Works out an object's `managedFields` from its other fields; null for none.
pub type Managed = fn(&Value) -> Value;

impl Encoded {
    /// The JSON of `object`, which must be the version this was stored beside.
    pub fn bytes(&self, object: &Value) -> Bytes {
        let plain = || Bytes::from(object.to_string());
        let full = |managed: Managed| {
            let fields = managed(object);
            if fields.is_null() {
                return plain();
            }
            let mut object = object.clone();
            object["metadata"]["managedFields"] = fields;
            Bytes::from(object.to_string())
        };
        let bare = object["metadata"]["managedFields"].is_null();
        self.json.get_or_init(|| self.managed.filter(|_| bare).map_or_else(plain, full)).clone()
    }
}

/// An object as it is stored: its present version and that version's JSON.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The present version.
    pub object: Arc<Value>,
    /// Its JSON, made on demand.
    pub encoded: Encoded,
}

/// Why a write was refused, in the API server's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// 404.
    NotFound(Key),
    /// 409 AlreadyExists.
    Exists(Key),
    /// 409 Conflict: the resourceVersion sent is not the stored one.
    Conflict(Key),
    /// 422: a sentence naming the field.
    Invalid(String),
    /// 410: the revision asked for is older than the log reaches.
    Gone,
}

/// Which half of an object a write may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything but `status` (where the resource has a status endpoint).
    Main,
    /// `status` alone.
    Status,
    /// Both at once and without a new generation, as the API server's own endpoints write (a pod's binding), and a Deployment's
    /// status endpoint, which lets annotations through.
    Whole,
}

/// Storage: objects by key, a revision counter, and a bounded log of changes.
pub struct Store {
    rv: u64,
    objects: BTreeMap<Key, Stored>,
    log: VecDeque<LogEntry>,
    log_limit: usize,
    compacted: u64,
    managed: Option<Managed>,
    rng: fastrand::Rng,
}

/// Formats a time as Kubernetes does: RFC 3339, whole seconds, `Z`.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Store {
    /// An empty store; `seed` decides every UID and generated name.
    pub fn new(seed: u64) -> Self {
        Self {
            rv: 1,
            objects: BTreeMap::new(),
            log: VecDeque::new(),
            log_limit: 200_000,
            compacted: 0,
            managed: None,
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// From now on objects nobody recorded the writers of are written out with these `managedFields`. They are half of a real pod's JSON, and
    /// kept beside every stored version they would be more than half of a large cluster's memory.
    pub fn write_managed(&mut self, managed: Managed) {
        self.managed = Some(managed);
    }

    fn encoded(&self) -> Encoded {
        Encoded { json: Arc::default(), managed: self.managed }
    }

    /// The newest revision.
    pub fn revision(&self) -> u64 {
        self.rv
    }

    /// The object at `key`.
    pub fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(key).map(|stored| &stored.object)
    }

    /// The object at `key` with its JSON.
    pub fn stored(&self, key: &Key) -> Option<&Stored> {
        self.objects.get(key)
    }

    /// The objects of one resource, in key order, in one namespace or in all.
    pub fn list<'a>(&'a self, resource: Resource, namespace: Option<&'a str>) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> + 'a {
        self.list_stored(resource, namespace).map(|(key, stored)| (key, &stored.object))
    }

    /// As [`Store::list`], with the JSON of each object.
    pub fn list_stored<'a>(&'a self, resource: Resource, namespace: Option<&'a str>) -> impl Iterator<Item = (&'a Key, &'a Stored)> + 'a {
        let from = Key::new(resource, namespace.unwrap_or_default(), "");
        self.objects.range(from..).take_while(move |(key, _)| key.resource == resource && namespace.is_none_or(|ns| key.namespace == ns))
    }

    /// The objects of one resource in one namespace whose names begin with `prefix`, in key order.
    pub fn prefixed(&self, resource: Resource, namespace: &str, prefix: String) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        let from = Key::new(resource, namespace, prefix.clone());
        let here = from.namespace.clone();
        self.objects
            .range(from..)
            .take_while(move |(key, _)| key.resource == resource && key.namespace == here && key.name.starts_with(&prefix))
            .map(|(key, stored)| (key, &stored.object))
    }

    /// The oldest revision a watch may start from.
    pub fn compacted(&self) -> u64 {
        self.compacted
    }

    /// The changes after revision `rv`, oldest first. `Err(Gone)` when the log no longer reaches back that far.
    pub fn since(&self, rv: u64) -> Result<impl Iterator<Item = &LogEntry>, StoreError> {
        if rv < self.compacted {
            return Err(StoreError::Gone);
        }
        let from = self.log.partition_point(|entry| entry.rv <= rv);
        Ok(self.log.range(from..))
    }

    /// Forgets the log up to now, so that older watches get 410 (what a compacted etcd does).
    pub fn compact(&mut self) {
        self.log.clear();
        self.compacted = self.rv;
    }

    /// Five characters as Kubernetes puts behind generated names.
    pub fn suffix(&mut self) -> String {
        suffix(&mut self.rng)
    }

    fn put(&mut self, key: Key, happened: Happened, mut object: Value) -> Arc<Value> {
        self.rv += 1;
        object["metadata"]["resourceVersion"] = json!(self.rv.to_string());
        let object = Arc::new(object);
        let encoded = self.encoded();
        let before = self.objects.insert(key.clone(), Stored { object: object.clone(), encoded: encoded.clone() });
        let before = before.map(|stored| stored.object);
        self.append(LogEntry { rv: self.rv, key, happened, object: object.clone(), before, encoded });
        object
    }

    fn append(&mut self, entry: LogEntry) {
        self.log.push_back(entry);
        while self.log.len() > self.log_limit {
            if let Some(dropped) = self.log.pop_front() {
                self.compacted = dropped.rv;
            }
        }
    }
}

fn suffix(rng: &mut fastrand::Rng) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    (0..5).map(|_| char::from(ALPHABET[rng.usize(..ALPHABET.len())])).collect()
}

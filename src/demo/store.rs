//! The objects of the embedded cluster and the log of every change to them, as an API server's storage keeps them.
//! Never decides what an object should become: that is the controllers' work. Never waits, never talks HTTP.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// One kind of object the embedded server serves. Group and plural tell it from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resource {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// API version inside the group.
    pub version: &'static str,
    /// Plural, as it stands in paths.
    pub plural: &'static str,
    /// Kind, as it stands in objects.
    pub kind: &'static str,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether `/status` is an endpoint of its own, so that writes to the main one leave `status` alone.
    pub status: bool,
}

impl Ord for Resource {
    fn cmp(&self, other: &Self) -> Ordering {
        // Keys are compared all day, nearly always within one resource, whose texts are then the same constants.
        if std::ptr::eq(self.plural, other.plural) && std::ptr::eq(self.group, other.group) {
            return Ordering::Equal;
        }
        (self.group, self.plural).cmp(&(other.group, other.plural))
    }
}

impl PartialOrd for Resource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! resources {
    ($($(#[$doc:meta])* $name:ident = $group:literal $version:literal $plural:literal $kind:literal ns=$ns:literal status=$status:literal;)*) => {
        $($(#[$doc])* pub const $name: Resource = Resource { group: $group, version: $version, plural: $plural, kind: $kind, namespaced: $ns, status: $status };)*
        /// Every resource the embedded server knows.
        pub const RESOURCES: &[Resource] = &[$($name),*];
    };
}

resources! {
    /// Namespaces.
    NAMESPACES = "" "v1" "namespaces" "Namespace" ns=false status=true;
    /// Nodes, where the pods run.
    NODES = "" "v1" "nodes" "Node" ns=false status=true;
    /// Pods.
    PODS = "" "v1" "pods" "Pod" ns=true status=true;
    /// Services.
    SERVICES = "" "v1" "services" "Service" ns=true status=true;
    /// Core Events.
    EVENTS = "" "v1" "events" "Event" ns=true status=false;
    /// Deployments.
    DEPLOYMENTS = "apps" "v1" "deployments" "Deployment" ns=true status=true;
    /// ReplicaSets.
    REPLICASETS = "apps" "v1" "replicasets" "ReplicaSet" ns=true status=true;
    /// Jobs: kept and served; no controller runs them.
    JOBS = "batch" "v1" "jobs" "Job" ns=true status=true;
    /// EndpointSlices.
    ENDPOINTSLICES = "discovery.k8s.io" "v1" "endpointslices" "EndpointSlice" ns=true status=false;
    /// Ingresses, where nginx routing keeps its weight.
    INGRESSES = "networking.k8s.io" "v1" "ingresses" "Ingress" ns=true status=true;
    /// CustomResourceDefinitions, so that clients can see whether Argo Rollouts is installed.
    CRDS = "apiextensions.k8s.io" "v1" "customresourcedefinitions" "CustomResourceDefinition" ns=false status=true;
    /// Argo Rollouts.
    ROLLOUTS = "argoproj.io" "v1alpha1" "rollouts" "Rollout" ns=true status=true;
    /// Argo AnalysisRuns: no status subresource, as in the real CRD.
    ANALYSISRUNS = "argoproj.io" "v1alpha1" "analysisruns" "AnalysisRun" ns=true status=false;
    /// Argo AnalysisTemplates.
    ANALYSISTEMPLATES = "argoproj.io" "v1alpha1" "analysistemplates" "AnalysisTemplate" ns=true status=false;
    /// Argo Experiments: no status subresource, as in the real CRD.
    EXPERIMENTS = "argoproj.io" "v1alpha1" "experiments" "Experiment" ns=true status=false;
    /// Sloth's PrometheusServiceLevels, where objectives are written down.
    SERVICELEVELS = "sloth.slok.dev" "v1" "prometheusservicelevels" "PrometheusServiceLevel" ns=true status=true;
}

/// Where an object is: what it is, its namespace (empty for cluster scope) and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is.
    pub resource: Resource,
    /// Namespace, empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Key {
    /// The key of `name` in `namespace`.
    pub fn new(resource: Resource, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { resource, namespace: namespace.into(), name: name.into() }
    }

    /// The key of an object, read off its metadata.
    pub fn of(resource: Resource, object: &Value) -> Self {
        let meta = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        let namespace = if resource.namespaced { meta("namespace") } else { String::new() };
        Self { resource, namespace, name: meta("name") }
    }
}

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

/// Whether `sent` names a version that `stored` no longer is. Without one a write is unconditional.
pub(super) fn is_stale(stored: &Value, sent: &Value) -> bool {
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

fn suffix(rng: &mut fastrand::Rng) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    (0..5).map(|_| char::from(ALPHABET[rng.usize(..ALPHABET.len())])).collect()
}

fn uid(rng: &mut fastrand::Rng) -> String {
    let (a, b) = (rng.u64(..), rng.u64(..));
    format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff)
}

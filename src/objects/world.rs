//! [`World`]: everything known of the cluster now, indexed by identity, owner and name, with the releases that each change touches.
//! Never waits and never concludes. The cost of a change depends on the change, not on how much there is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    AnalysisRun, Canary, Deployment, EndpointSlice, Event, Experiment, HttpRoute, Kind, Object, Pod, RawHistory, ReplicaSet, Rollout,
    Service, Uid,
};
use crate::text::Clean;

/// Which watch an object came from. Two watches may see the same object; it stays while one of them sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u64);

/// A workload that may be a release of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseRef {
    /// Its namespace.
    pub namespace: Clean,
    /// Its name.
    pub name: Clean,
    /// [`Kind::Rollout`], [`Kind::Canary`] or [`Kind::Deployment`].
    pub kind: Kind,
}

/// One thing a watch said.
#[derive(Debug, Clone, PartialEq)]
pub enum WorldEvent {
    /// A complete list: what this source saw before and is not in it is gone.
    Replace(Kind, Vec<Object>),
    /// Added or changed.
    Apply(Object),
    /// Gone.
    Delete(Kind, Uid),
    /// The source was closed: what only it saw is forgotten.
    Close,
}

/// What is known of the cluster.
#[derive(Debug, Default, Clone)]
pub struct World {
    objects: HashMap<Uid, Object>,
    names: BTreeMap<(Kind, Clean, Clean), Uid>,
    children: HashMap<Uid, BTreeSet<(Kind, Uid)>>,
    slices: HashMap<(Clean, Clean), BTreeSet<Uid>>,
    events: HashMap<Uid, BTreeSet<Uid>>,
    pod_events: HashMap<(Clean, Clean), BTreeSet<Uid>>,
    /// Deployments that serve a release of another kind: which ones.
    references: BTreeMap<(Clean, Clean), BTreeSet<ReleaseRef>>,
    sources: HashMap<SourceId, Source>,
    seen_by: HashMap<Uid, Vec<SourceId>>,
    histories: HashMap<ReleaseRef, RawHistory>,
}

/// What one watch has shown.
#[derive(Debug, Clone)]
struct Source {
    kind: Kind,
    scope: Option<ReleaseRef>,
    complete: bool,
    seen: HashSet<Uid>,
}

/// The releases a change touches: they have to be read again before the next frame.
pub type Touched = BTreeSet<ReleaseRef>;

impl World {
    /// Makes a source known before its first word. `scope` is the release it was opened for; `None` means that it covers all that is shown.
    pub fn open(&mut self, id: SourceId, kind: Kind, scope: Option<ReleaseRef>) {
        self.sources.insert(id, Source { kind, scope, complete: false, seen: HashSet::new() });
    }

    /// Whether every object of `kind` that belongs to `release` has been listed. `false` also where the list was denied: then nothing may be concluded from absence.
    pub fn knows(&self, kind: Kind, release: &ReleaseRef) -> bool {
        self.sources.values().any(|s| s.complete && s.kind == kind && s.scope.as_ref().is_none_or(|scope| scope == release))
    }

    /// Whether a source has been listed whole once.
    pub fn is_complete(&self, id: SourceId) -> bool {
        self.sources.get(&id).is_some_and(|source| source.complete)
    }

    /// Takes in one event of a source and returns the releases it touches. Events of sources that were never opened, or are closed, change nothing.
    pub fn apply(&mut self, id: SourceId, event: WorldEvent) -> Touched {
        let mut touched = Touched::new();
        if !self.sources.contains_key(&id) {
            return touched;
        }
        match event {
            WorldEvent::Apply(object) => self.put(id, object, &mut touched),
            WorldEvent::Delete(_, uid) => self.unsee(id, &uid, &mut touched),
            WorldEvent::Replace(_, objects) => {
                let fresh: HashSet<Uid> = objects.iter().map(|o| o.meta().uid.clone()).collect();
                let old: Vec<Uid> = self.sources.get(&id).map(|s| s.seen.difference(&fresh).cloned().collect()).unwrap_or_default();
                for uid in &old {
                    self.unsee(id, uid, &mut touched);
                }
                for object in objects {
                    self.put(id, object, &mut touched);
                }
                if let Some(source) = self.sources.get_mut(&id) {
                    source.complete = true;
                    touched.extend(source.scope.clone());
                }
            }
            WorldEvent::Close => {
                let seen: Vec<Uid> = self.sources.get(&id).map(|s| s.seen.iter().cloned().collect()).unwrap_or_default();
                for uid in &seen {
                    self.unsee(id, uid, &mut touched);
                }
                if let Some(source) = self.sources.remove(&id) {
                    touched.extend(source.scope);
                }
            }
        }
        touched
    }

    /// The resourceVersion of an object, where it is known.
    pub fn version_of(&self, uid: &Uid) -> Option<Clean> {
        self.objects.get(uid).map(|object| object.meta().resource_version.clone())
    }

    /// Keeps the revisions of a release, read when somebody wants to go back. Only the newest reading is kept.
    pub fn remember_history(&mut self, history: RawHistory) {
        self.histories.insert(history.release.clone(), history);
    }

    /// Forgets the revisions of every release but `kept`: they hold whole pod templates.
    pub fn forget_histories(&mut self, kept: Option<&ReleaseRef>) {
        self.histories.retain(|key, _| Some(key) == kept);
    }

    /// The revisions of a release, where they were read.
    pub fn history(&self, release: &ReleaseRef) -> Option<&RawHistory> {
        self.histories.get(release)
    }

    /// Every workload that is a release of its own: Rollouts, Canaries, and Deployments that serve neither.
    pub fn releases(&self) -> impl Iterator<Item = ReleaseRef> + '_ {
        self.names
            .keys()
            .filter(|(kind, _, _)| matches!(kind, Kind::Rollout | Kind::Canary | Kind::Deployment))
            .map(|(kind, namespace, name)| ReleaseRef { namespace: namespace.clone(), name: name.clone(), kind: *kind })
            .filter(|release| self.is_release(release))
    }

    /// Whether `release` is there and stands for itself.
    pub fn is_release(&self, release: &ReleaseRef) -> bool {
        let referenced = || self.references.contains_key(&(release.namespace.clone(), release.name.clone()));
        self.uid(release.kind, &release.namespace, &release.name).is_some() && !(release.kind == Kind::Deployment && referenced())
    }

    /// The Rollout of that name.
    pub fn rollout(&self, namespace: &Clean, name: &Clean) -> Option<&Rollout> {
        match self.named(Kind::Rollout, namespace, name)? {
            Object::Rollout(o) => Some(o),
            _ => None,
        }
    }

    /// The Deployment of that name.
    pub fn deployment(&self, namespace: &Clean, name: &Clean) -> Option<&Deployment> {
        match self.named(Kind::Deployment, namespace, name)? {
            Object::Deployment(o) => Some(o),
            _ => None,
        }
    }

    /// The Canary of that name.
    pub fn canary(&self, namespace: &Clean, name: &Clean) -> Option<&Canary> {
        match self.named(Kind::Canary, namespace, name)? {
            Object::Canary(o) => Some(o),
            _ => None,
        }
    }

    /// The HTTPRoute of that name.
    pub fn http_route(&self, namespace: &Clean, name: &Clean) -> Option<&HttpRoute> {
        match self.named(Kind::HttpRoute, namespace, name)? {
            Object::HttpRoute(o) => Some(o),
            _ => None,
        }
    }

    /// The pod with that UID.
    pub fn pod(&self, uid: &Uid) -> Option<&Pod> {
        match self.objects.get(uid)? {
            Object::Pod(o) => Some(o),
            _ => None,
        }
    }

    /// The ReplicaSet with that UID.
    pub fn replica_set(&self, uid: &Uid) -> Option<&ReplicaSet> {
        match self.objects.get(uid)? {
            Object::ReplicaSet(o) => Some(o),
            _ => None,
        }
    }

    /// The ReplicaSets that `owner` controls, in UID order.
    pub fn replica_sets_of<'a>(&'a self, owner: &Uid) -> impl Iterator<Item = &'a ReplicaSet> + 'a {
        self.children_of(owner).filter_map(|o| if let Object::ReplicaSet(o) = o { Some(&**o) } else { None })
    }

    /// The pods that `owner` (a ReplicaSet) controls, in UID order.
    pub fn pods_of<'a>(&'a self, owner: &Uid) -> impl Iterator<Item = &'a Pod> + 'a {
        self.children_of(owner).filter_map(|o| if let Object::Pod(o) = o { Some(&**o) } else { None })
    }

    /// The AnalysisRuns that `owner` (a Rollout or an Experiment) controls, in UID order.
    pub fn analysis_runs_of<'a>(&'a self, owner: &Uid) -> impl Iterator<Item = &'a AnalysisRun> + 'a {
        self.children_of(owner).filter_map(|o| if let Object::AnalysisRun(o) = o { Some(&**o) } else { None })
    }

    /// The Experiments that `owner` (a Rollout) controls, in UID order.
    pub fn experiments_of<'a>(&'a self, owner: &Uid) -> impl Iterator<Item = &'a Experiment> + 'a {
        self.children_of(owner).filter_map(|o| if let Object::Experiment(o) = o { Some(&**o) } else { None })
    }

    /// The Services of a namespace, as far as they are watched, in name order.
    pub fn services_in<'a>(&'a self, namespace: &Clean) -> impl Iterator<Item = &'a Service> + 'a {
        self.of_kind_in(Kind::Service, namespace).filter_map(|o| if let Object::Service(o) = o { Some(&**o) } else { None })
    }

    /// The EndpointSlices of a Service, in UID order.
    pub fn slices_of<'a>(&'a self, namespace: &Clean, service: &Clean) -> impl Iterator<Item = &'a EndpointSlice> + 'a {
        let uids = self.slices.get(&(namespace.clone(), service.clone())).into_iter().flatten();
        uids.filter_map(|uid| if let Some(Object::EndpointSlice(o)) = self.objects.get(uid) { Some(&**o) } else { None })
    }

    /// The Events about the object with that UID, in UID order.
    pub fn events_about<'a>(&'a self, uid: &Uid) -> impl Iterator<Item = &'a Event> + 'a {
        self.as_events(self.events.get(uid))
    }

    /// The Events about pods named after a ReplicaSet, also pods that are gone.
    pub fn events_of_pods<'a>(&'a self, namespace: &Clean, replica_set: &Clean) -> impl Iterator<Item = &'a Event> + 'a {
        self.as_events(self.pod_events.get(&(namespace.clone(), replica_set.clone())))
    }

    /// How many objects of `kind` are held.
    pub fn count(&self, kind: Kind) -> usize {
        self.names.range((kind, Clean::default(), Clean::default())..).take_while(|((k, _, _), _)| *k == kind).count()
    }

    fn as_events<'a>(&'a self, uids: Option<&'a BTreeSet<Uid>>) -> impl Iterator<Item = &'a Event> + 'a {
        uids.into_iter().flatten().filter_map(|uid| if let Some(Object::Event(o)) = self.objects.get(uid) { Some(&**o) } else { None })
    }

    fn children_of<'a>(&'a self, owner: &Uid) -> impl Iterator<Item = &'a Object> + 'a {
        self.children.get(owner).into_iter().flatten().filter_map(|(_, uid)| self.objects.get(uid))
    }

    fn of_kind_in<'a>(&'a self, kind: Kind, namespace: &Clean) -> impl Iterator<Item = &'a Object> + 'a {
        let namespace = namespace.clone();
        self.names
            .range((kind, namespace.clone(), Clean::default())..)
            .take_while(move |((k, ns, _), _)| *k == kind && *ns == namespace)
            .filter_map(|(_, uid)| self.objects.get(uid))
    }

    fn uid(&self, kind: Kind, namespace: &Clean, name: &Clean) -> Option<&Uid> {
        self.names.get(&(kind, namespace.clone(), name.clone()))
    }

    fn named(&self, kind: Kind, namespace: &Clean, name: &Clean) -> Option<&Object> {
        self.objects.get(self.uid(kind, namespace, name)?)
    }

    fn put(&mut self, id: SourceId, object: Object, touched: &mut Touched) {
        let uid = object.meta().uid.clone();
        if let Some(source) = self.sources.get_mut(&id) {
            source.seen.insert(uid.clone());
        }
        let seen_by = self.seen_by.entry(uid.clone()).or_default();
        if !seen_by.contains(&id) {
            seen_by.push(id);
        }
        if self.objects.get(&uid) == Some(&object) {
            return;
        }
        if let Some(old) = self.objects.remove(&uid) {
            self.touch(&old, touched);
            self.unindex(&old);
        }
        self.index(&object);
        self.objects.insert(uid.clone(), object);
        if let Some(new) = self.objects.get(&uid) {
            self.touch(new, touched);
        }
    }

    fn unsee(&mut self, id: SourceId, uid: &Uid, touched: &mut Touched) {
        if let Some(source) = self.sources.get_mut(&id) {
            source.seen.remove(uid);
        }
        let Some(seen_by) = self.seen_by.get_mut(uid) else { return };
        seen_by.retain(|source| *source != id);
        if !seen_by.is_empty() {
            return;
        }
        self.seen_by.remove(uid);
        if let Some(old) = self.objects.remove(uid) {
            self.touch(&old, touched);
            self.unindex(&old);
        }
    }

    fn index(&mut self, object: &Object) {
        let meta = object.meta();
        self.names.insert((object.kind(), meta.namespace.clone(), meta.name.clone()), meta.uid.clone());
        if let Some(owner) = &meta.owner {
            self.children.entry(owner.uid.clone()).or_default().insert((object.kind(), meta.uid.clone()));
        }
        match object {
            Object::EndpointSlice(o) => {
                if let Some(service) = o.service() {
                    self.slices.entry((meta.namespace.clone(), service.clone())).or_default().insert(meta.uid.clone());
                }
            }
            Object::Event(o) => {
                self.events.entry(o.involved_object.uid.clone()).or_default().insert(meta.uid.clone());
                if let Some(stem) = pod_stem(o) {
                    self.pod_events.entry((meta.namespace.clone(), stem)).or_default().insert(meta.uid.clone());
                }
            }
            Object::Rollout(_) | Object::Canary(_) => {
                for served_by in referenced(object) {
                    self.references.entry(served_by).or_default().insert(named_by(object));
                }
            }
            _ => {}
        }
    }

    fn unindex(&mut self, object: &Object) {
        let meta = object.meta();
        let name = (object.kind(), meta.namespace.clone(), meta.name.clone());
        if self.names.get(&name) == Some(&meta.uid) {
            self.names.remove(&name);
        }
        if let Some(owner) = &meta.owner {
            remove_from(&mut self.children, &owner.uid, &(object.kind(), meta.uid.clone()));
        }
        match object {
            Object::EndpointSlice(o) => {
                if let Some(service) = o.service() {
                    remove_from(&mut self.slices, &(meta.namespace.clone(), service.clone()), &meta.uid);
                }
            }
            Object::Event(o) => {
                remove_from(&mut self.events, &o.involved_object.uid, &meta.uid);
                if let Some(stem) = pod_stem(o) {
                    remove_from(&mut self.pod_events, &(meta.namespace.clone(), stem), &meta.uid);
                }
            }
            Object::Rollout(_) | Object::Canary(_) => {
                for served_by in referenced(object) {
                    if let Some(releases) = self.references.get_mut(&served_by) {
                        releases.remove(&named_by(object));
                        if releases.is_empty() {
                            self.references.remove(&served_by);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Adds the releases that `object` is part of.
    fn touch(&self, object: &Object, touched: &mut Touched) {
        let meta = object.meta();
        match object {
            Object::Rollout(_) | Object::Canary(_) => {
                touched.insert(named_by(object));
                touched.extend(referenced(object).map(|(namespace, name)| ReleaseRef { namespace, name, kind: Kind::Deployment }));
            }
            Object::Deployment(_) => self.touch_served(object, touched),
            Object::HttpRoute(_) => {
                if let Some(owner) = &meta.owner {
                    self.touch_by_uid(&owner.uid, touched);
                }
            }
            Object::ReplicaSet(_) | Object::Pod(_) | Object::AnalysisRun(_) | Object::Experiment(_) => {
                if let Some(owner) = &meta.owner {
                    self.touch_by_uid(&owner.uid, touched);
                }
            }
            Object::Service(service) => self.touch_behind(service, touched),
            Object::EndpointSlice(slice) => {
                if let Some(service) = slice.service()
                    && let Some(Object::Service(service)) = self.named(Kind::Service, &meta.namespace, service)
                {
                    self.touch_behind(service, touched);
                }
            }
            Object::Event(event) => {
                self.touch_by_uid(&event.involved_object.uid, touched);
                if let Some(stem) = pod_stem(event)
                    && let Some(uid) = self.uid(Kind::ReplicaSet, &meta.namespace, &stem)
                {
                    self.touch_by_uid(uid, touched);
                }
            }
        }
    }

    /// Walks up the owners. Five levels are more than Kubernetes has; the bound keeps a cycle of hostile objects finite.
    fn touch_by_uid(&self, uid: &Uid, touched: &mut Touched) {
        let mut at = uid.clone();
        for _ in 0..5 {
            let Some(object) = self.objects.get(&at) else { return };
            let meta = object.meta();
            match object.kind() {
                Kind::Rollout | Kind::Canary => {
                    touched.insert(named_by(object));
                    return;
                }
                Kind::Deployment => {
                    self.touch_served(object, touched);
                    return;
                }
                _ => match &meta.owner {
                    Some(owner) => at = owner.uid.clone(),
                    None => return,
                },
            }
        }
    }

    /// A Deployment, and the releases that it serves.
    fn touch_served(&self, deployment: &Object, touched: &mut Touched) {
        let meta = deployment.meta();
        touched.insert(named_by(deployment));
        touched.extend(self.references.get(&(meta.namespace.clone(), meta.name.clone())).into_iter().flatten().cloned());
    }

    fn touch_behind(&self, service: &Service, touched: &mut Touched) {
        if service.spec.selector.is_empty() {
            return;
        }
        let namespace = &service.metadata.namespace;
        let open = self.sources.values().filter_map(|s| s.scope.as_ref()).filter(|r| r.namespace == *namespace);
        touched.extend(open.cloned());
    }
}

/// The Deployments that serve a release of another kind: the one whose template a Rollout takes; what Flagger releases, and its copy.
fn referenced(object: &Object) -> impl Iterator<Item = (Clean, Clean)> {
    let names = match object {
        Object::Rollout(o) => {
            let target = o.spec.workload_ref.as_ref().filter(|target| target.kind == "Deployment");
            [target.map(|target| target.name.clone()), None]
        }
        Object::Canary(o) => [o.target().cloned(), o.primary()],
        _ => [None, None],
    };
    let namespace = object.meta().namespace.clone();
    names.into_iter().flatten().map(move |name| (namespace.clone(), name))
}

/// The release that an object of a release's kind stands for.
fn named_by(object: &Object) -> ReleaseRef {
    let meta = object.meta();
    ReleaseRef { namespace: meta.namespace.clone(), name: meta.name.clone(), kind: object.kind() }
}

/// The ReplicaSet's name in a pod's: everything before the last dash.
fn pod_stem(event: &Event) -> Option<Clean> {
    let involved = &event.involved_object;
    (involved.kind == "Pod").then(|| involved.name.rsplit_once('-').map(|(stem, _)| Clean::from(stem))).flatten()
}

fn remove_from<K: std::hash::Hash + Eq, V: Ord>(index: &mut HashMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(set) = index.get_mut(key) {
        set.remove(value);
        if set.is_empty() {
            index.remove(key);
        }
    }
}

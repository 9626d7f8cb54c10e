//! The cluster as it was at any of its versions, read as the cockpit reads it: rebuilt from the store's own log of changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::store::{Happened, Key, LogEntry, RESOURCES};
use flightdeck::engines;
use flightdeck::objects::{Kind, Object, RawHistory, ReleaseRef, SourceId, World, WorldEvent};
use flightdeck::release::Release;
use serde_json::Value;

const KINDS: [Kind; 8] =
    [Kind::Rollout, Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::Service, Kind::EndpointSlice, Kind::AnalysisRun, Kind::Experiment];

/// Every object at one version.
pub struct Replica {
    objects: BTreeMap<Key, Arc<Value>>,
    /// Changes that are not in yet.
    ahead: std::collections::VecDeque<LogEntry>,
    taken: u64,
}

impl Replica {
    /// As the cluster is now.
    pub fn of(cluster: &Cluster) -> Self {
        cluster.read(|sim| {
            let all = RESOURCES.iter().flat_map(|resource| sim.store.list(*resource, None));
            let objects = all.map(|(key, object)| (key.clone(), object.clone())).collect();
            Self { objects, ahead: std::collections::VecDeque::new(), taken: sim.store.revision() }
        })
    }

    /// Fetches what has changed since; nothing of it is in yet.
    pub fn fetch(&mut self, cluster: &Cluster) {
        cluster.read(|sim| {
            let fresh: Vec<LogEntry> = sim.store.since(self.taken).unwrap().cloned().collect();
            self.taken = sim.store.revision();
            self.ahead.extend(fresh);
        });
    }

    /// Lets in every change up to this version.
    pub fn up_to(&mut self, version: u64) {
        while self.ahead.front().is_some_and(|entry| entry.rv <= version)
            && let Some(entry) = self.ahead.pop_front()
        {
            match entry.happened {
                Happened::Deleted => drop(self.objects.remove(&entry.key)),
                Happened::Added | Happened::Modified => drop(self.objects.insert(entry.key, entry.object)),
            }
        }
    }

    /// The newest version that is known.
    pub fn newest(&self) -> u64 {
        self.taken
    }

    /// The world as a cockpit has it that has heard everything, the revisions of `key` read.
    pub fn world(&self, key: &ReleaseRef) -> World {
        let mut world = World::default();
        for (n, kind) in KINDS.into_iter().enumerate() {
            let source = SourceId(n as u64);
            world.open(source, kind, None);
            let of_kind = self.objects.iter().filter(|(key, _)| key.resource.plural == kind.plural());
            let objects = of_kind.map(|(_, object)| Object::decode(kind, object.to_string().as_bytes()).unwrap()).collect();
            world.apply(source, WorldEvent::Replace(kind, objects));
        }
        let of = |plural: &'static str| self.objects.iter().filter(move |(key, _)| key.resource.plural == plural);
        let holder = of(key.kind.plural()).find(|(k, _)| k.name == key.name.as_str() && k.namespace == key.namespace.as_str());
        if let Some((_, holder)) = holder {
            let replica_sets = of("replicasets").filter(|(k, _)| k.namespace == key.namespace.as_str()).map(|(_, o)| o.clone()).collect();
            world.remember_history(RawHistory { release: key.clone(), holder: holder.clone(), replica_sets });
        }
        world
    }

    /// The release as it was.
    pub fn release(&self, key: &ReleaseRef) -> Option<(World, Release)> {
        let world = self.world(key);
        let release = engines::read(&world, key)?;
        Some((world, release))
    }
}

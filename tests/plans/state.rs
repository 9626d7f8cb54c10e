//! States to plan from: a recorded life at a moment, with what a case changes in it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use flightdeck::engines;
use flightdeck::objects::{Kind, Object, SourceId, World, WorldEvent};
use flightdeck::release::Release;
use flightdeck::release::acting::{Change, Intent, Refusal};
use serde_json::Value;

pub const LIVES: [&str; 8] = [
    "argo-canary-life",
    "argo-canary-double-promote",
    "argo-analysis-aborts",
    "argo-analysis-inconclusive",
    "argo-blue-green-life",
    "argo-routed-life",
    "argo-workload-ref",
    "argo-experiment",
];

type Events = Arc<Vec<(i64, bool, Value)>>;

fn events(life: &str) -> Events {
    static READ: LazyLock<Mutex<HashMap<String, Events>>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap();
    read.entry(life.to_owned())
        .or_insert_with(|| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings").join(format!("{life}.jsonl"));
            let lines = std::fs::read_to_string(path).unwrap();
            let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let ours = events.filter(|e| e["type"] != "BOOKMARK" && Kind::ALL.iter().any(|kind| kind.name() == e["object"]["kind"]));
            Arc::new(ours.map(|mut e| (e["at_ms"].as_i64().unwrap(), e["type"] == "DELETED", e["object"].take())).collect())
        })
        .clone()
}

/// The objects of a life at a moment.
#[derive(Clone)]
pub struct State(BTreeMap<String, Value>);

/// Every moment at which the Rollout of a life was written.
pub fn moments(life: &str) -> Vec<i64> {
    let events = events(life);
    let mut moments: Vec<i64> = events.iter().filter(|(_, _, object)| object["kind"] == "Rollout").map(|(at, ..)| *at).collect();
    moments.dedup();
    moments
}

impl State {
    pub fn at(life: &str, at_ms: i64) -> Self {
        let mut objects = BTreeMap::new();
        for (_, deleted, object) in events(life).iter().filter(|(at, ..)| *at <= at_ms) {
            let uid = object["metadata"]["uid"].as_str().unwrap().to_owned();
            if *deleted {
                objects.remove(&uid);
            } else {
                objects.insert(uid, object.clone());
            }
        }
        Self(objects)
    }

    /// The first object of that kind.
    pub fn edit(&mut self, kind: &str, change: impl FnOnce(&mut Value)) -> &mut Self {
        change(self.0.values_mut().find(|object| object["kind"] == kind).unwrap());
        self
    }

    pub fn rollout(&mut self, change: impl FnOnce(&mut Value)) -> &mut Self {
        self.edit("Rollout", change)
    }

    /// The ReplicaSet of that hash.
    pub fn version(&mut self, hash: &str, change: impl FnOnce(&mut Value)) -> &mut Self {
        let of = |o: &&mut Value| o["kind"] == "ReplicaSet" && o["metadata"]["labels"]["rollouts-pod-template-hash"] == hash;
        change(self.0.values_mut().find(of).unwrap());
        self
    }

    /// The object of that kind, as it stands.
    pub fn object(&self, kind: &str) -> Value {
        self.0.values().find(|object| object["kind"] == kind).unwrap().clone()
    }

    pub fn world(&self) -> World {
        let mut world = World::default();
        for (n, kind) in Kind::ALL.into_iter().enumerate() {
            world.open(SourceId(n as u64), kind, None);
            let own = self.0.values().filter(|object| object["kind"] == kind.name());
            let decoded = own.map(|object| Object::decode(kind, &serde_json::to_vec(object).unwrap()).unwrap()).collect();
            world.apply(SourceId(n as u64), WorldEvent::Replace(kind, decoded));
        }
        world
    }

    pub fn release(&self) -> Release {
        read(&self.world()).expect("a rollout")
    }

    pub fn plan(&self, intent: &Intent) -> Result<Change, Refusal> {
        let world = self.world();
        engines::plan(&world, &read(&world).expect("a rollout"), intent)
    }
}

pub fn read(world: &World) -> Option<Release> {
    let key = world.releases().find(|release| release.kind == Kind::Rollout)?;
    engines::read(world, &key)
}

/// Every intent that is this engine's own.
pub fn intents() -> Vec<Intent> {
    vec![
        Intent::Advance,
        Intent::Resume,
        Intent::Skip,
        Intent::PromoteFull,
        Intent::Pause,
        Intent::Abort,
        Intent::Retry,
        Intent::Restart("2026-11-21T03:00:00.25Z".parse().unwrap()),
        Intent::Terminate(None),
        Intent::Switch,
        Intent::Note,
    ]
}

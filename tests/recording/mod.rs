//! Recorded lives of releases: watch events as the real controllers caused them, put into a [`World`] in any order a watch may produce.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flightdeck::objects::{Kind, Object, SourceId, World, WorldEvent};
use serde_json::Value;

/// In which order events reach the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they were recorded.
    AsRecorded,
    /// Each kind's in its own order, the kinds mixed by a seed: watches of different kinds are not ordered among each other.
    ShuffledAcrossKinds(u64),
    /// Each one twice, and now and then an older one of the same object's kind again before the newest.
    Repeated,
    /// Half way through every watch starts anew with a list.
    RelistInTheMiddle,
}

/// One recorded life.
pub struct Life {
    events: Vec<(i64, Kind, bool, Object)>,
    says: Vec<Value>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings")
}

impl Life {
    pub fn load(name: &str) -> Self {
        let text = std::fs::read_to_string(folder().join(format!("{name}.jsonl"))).unwrap();
        let mut events = Vec::new();
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let object = &event["object"];
            let Some(kind) = Kind::ALL.into_iter().find(|k| k.name() == object["kind"]) else { continue };
            if event["type"] == "BOOKMARK" {
                continue;
            }
            let decoded = Object::decode(kind, &serde_json::to_vec(object).unwrap()).unwrap();
            events.push((event["at_ms"].as_i64().unwrap(), kind, event["type"] == "DELETED", decoded));
        }
        let says = std::fs::read_to_string(folder().join(format!("{name}.says.jsonl"))).unwrap_or_default();
        Self { events, says: says.lines().map(|l| serde_json::from_str(l).unwrap()).collect() }
    }

    /// What the plugin said, in order.
    pub fn says(&self) -> &[Value] {
        &self.says
    }

    /// The moment of the last event.
    pub fn end(&self) -> i64 {
        self.events.last().map_or(0, |e| e.0)
    }

    /// The world after all events up to that moment.
    pub fn world_at(&self, at_ms: i64, order: Order) -> World {
        let mut world = World::default();
        for (n, kind) in Kind::ALL.into_iter().enumerate() {
            world.open(SourceId(n as u64), kind, None);
            world.apply(SourceId(n as u64), WorldEvent::Replace(kind, Vec::new()));
        }
        let until: Vec<&(i64, Kind, bool, Object)> = self.events.iter().filter(|e| e.0 <= at_ms).collect();
        match order {
            Order::AsRecorded => until.iter().for_each(|e| apply(&mut world, e)),
            Order::ShuffledAcrossKinds(seed) => shuffled(&until, seed).into_iter().for_each(|e| apply(&mut world, e)),
            Order::Repeated => until.iter().for_each(|e| {
                apply(&mut world, e);
                apply(&mut world, e);
            }),
            Order::RelistInTheMiddle => {
                let (before, after) = until.split_at(until.len() / 2);
                before.iter().for_each(|e| apply(&mut world, e));
                relist(&mut world, before);
                after.iter().for_each(|e| apply(&mut world, e));
            }
        }
        world
    }
}

fn source(kind: Kind) -> SourceId {
    SourceId(Kind::ALL.iter().position(|k| *k == kind).unwrap() as u64)
}

fn apply(world: &mut World, (_, kind, deleted, object): &(i64, Kind, bool, Object)) {
    let event = if *deleted { WorldEvent::Delete(*kind, object.meta().uid.clone()) } else { WorldEvent::Apply(object.clone()) };
    world.apply(source(*kind), event);
}

fn shuffled<'a>(events: &[&'a (i64, Kind, bool, Object)], seed: u64) -> Vec<&'a (i64, Kind, bool, Object)> {
    let mut lanes: BTreeMap<Kind, std::collections::VecDeque<_>> = BTreeMap::new();
    for event in events {
        lanes.entry(event.1).or_default().push_back(*event);
    }
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut out = Vec::new();
    while !lanes.is_empty() {
        let kind = *lanes.keys().nth(rng.usize(..lanes.len())).unwrap();
        let lane = lanes.get_mut(&kind).unwrap();
        out.extend(lane.pop_front());
        if lane.is_empty() {
            lanes.remove(&kind);
        }
    }
    out
}

fn relist(world: &mut World, seen: &[&(i64, Kind, bool, Object)]) {
    for kind in Kind::ALL {
        let mut alive: BTreeMap<_, Object> = BTreeMap::new();
        for (_, _, deleted, object) in seen.iter().filter(|e| e.1 == kind) {
            if *deleted {
                alive.remove(&object.meta().uid);
            } else {
                alive.insert(object.meta().uid.clone(), object.clone());
            }
        }
        world.apply(source(kind), WorldEvent::Replace(kind, alive.into_values().collect()));
    }
}

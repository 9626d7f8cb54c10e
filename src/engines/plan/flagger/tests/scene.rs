//! A Canary as it stood at a moment of a recorded life, with what a case changes in it, and the few fields of its reading that plans rest on.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engines::{plan, versions};
use crate::objects::{Kind, Object, RawHistory, ReleaseRef, Selector, SourceId, World, WorldEvent};
use crate::release::acting::{Change, Control, Gate, Holder, Intent, Refusal, Verb};
use crate::release::{Engine, Exposure, Label, Phase, Release, Replicas, Share, Strategy};
use crate::text::Clean;

const LEVERS: &str = include_str!("../../../../../tests/data/recordings/flagger-levers.jsonl");
const GATES: &str = include_str!("../../../../../tests/data/recordings/flagger-gates-life.jsonl");

/// The objects of a life at a moment.
#[derive(Clone)]
pub struct Scene(BTreeMap<String, Value>);

impl Scene {
    /// `billing`: 10 s between looks, threshold 2, no gates.
    pub fn levers(at_ms: i64) -> Self {
        Self::at(LEVERS, at_ms)
    }

    /// `cart`: the same with all three gates.
    pub fn gates(at_ms: i64) -> Self {
        Self::at(GATES, at_ms)
    }

    fn at(life: &str, at_ms: i64) -> Self {
        let mut objects = BTreeMap::new();
        for line in life.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let object = &event["object"];
            if event["at_ms"].as_i64().unwrap() > at_ms || event["type"] == "BOOKMARK" {
                continue;
            }
            let uid = object["metadata"]["uid"].as_str().unwrap().to_owned();
            if event["type"] == "DELETED" {
                objects.remove(&uid);
            } else {
                objects.insert(uid, object.clone());
            }
        }
        Self(objects)
    }

    fn find(&mut self, kind: &str, name: impl Fn(&str) -> bool) -> &mut Value {
        let is = |object: &&mut Value| object["kind"] == kind && name(object["metadata"]["name"].as_str().unwrap());
        self.0.values_mut().find(is).unwrap()
    }

    /// Changes the Canary.
    pub fn canary(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        edit(self.find("Canary", |_| true));
        self
    }

    /// Changes the Deployment that people deploy to.
    pub fn target(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        edit(self.find("Deployment", |name| !name.ends_with("-primary")));
        self
    }

    /// Changes the primary.
    pub fn primary(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        edit(self.find("Deployment", |name| name.ends_with("-primary")));
        self
    }

    pub fn suspended(self) -> Self {
        self.canary(|canary| canary["spec"]["suspend"] = json!(true))
    }

    /// One of the target's pods is not available.
    pub fn unready(self) -> Self {
        self.target(|target| {
            let pods = target["status"]["updatedReplicas"].as_i64().unwrap();
            target["status"]["availableReplicas"] = json!(pods - 1);
        })
    }

    pub fn world(&self) -> World {
        let mut world = World::default();
        let mut holder = None;
        let mut sets = Vec::new();
        for kind in [Kind::Canary, Kind::Deployment, Kind::ReplicaSet, Kind::HttpRoute, Kind::Event] {
            let id = SourceId(kind as u64);
            world.open(id, kind, None);
            for object in self.0.values().filter(|object| object["kind"] == kind.name()) {
                world.apply(id, WorldEvent::Apply(Object::decode(kind, &serde_json::to_vec(object).unwrap()).unwrap()));
                match kind {
                    Kind::ReplicaSet => sets.push(Arc::new(object.clone())),
                    Kind::Deployment if !object["metadata"]["name"].as_str().unwrap().ends_with("-primary") => {
                        holder = Some(object.clone())
                    }
                    _ => {}
                }
            }
        }
        let release = key(&world);
        world.remember_history(RawHistory { release, holder: Arc::new(holder.unwrap()), replica_sets: sets });
        world
    }

    pub fn plan(&self, intent: &Intent) -> Result<Change, Refusal> {
        let world = self.world();
        plan(&world, &read(&world), intent)
    }

    pub fn release(&self) -> Release {
        read(&self.world())
    }

    /// Why it is refused and what works, in one line; every verb it offers has to be planned.
    pub fn refused(&self, asked: &Intent) -> String {
        let refusal = self.plan(asked).unwrap_err();
        for verb in &refusal.offers {
            let offered = intent(*verb);
            // How many revisions are left is told by the revisions only.
            let works = self.plan(&offered).map_or_else(|why| why.why.starts_with("There is no older revision"), |_| true);
            assert!(works, "{} offers {}, which is refused", refusal.why, verb.name());
        }
        format!("{} {}", refusal.why, refusal.instead)
    }
}

/// Of a verb, with the least it needs.
pub fn intent(verb: Verb) -> Intent {
    match verb {
        Verb::Resume => Intent::Resume,
        Verb::PromoteFull => Intent::PromoteFull,
        Verb::Pause => Intent::Pause,
        Verb::Abort => Intent::Abort,
        Verb::Retry => Intent::Retry,
        Verb::Restart => Intent::Restart("2026-11-21T04:00:00Z".parse().unwrap()),
        Verb::RollBack => Intent::RollBack(crate::release::acting::RollBack::default()),
        Verb::SetImage => Intent::SetImage(vec![("*".into(), "registry.example/billing:9.9.9".into())]),
        other => panic!("{} is never offered", other.name()),
    }
}

/// What is sent, in order: place and body.
pub fn sent(change: &Change) -> Vec<(String, Value)> {
    let writes = change.stages.iter().filter_map(|stage| stage.write.as_ref());
    writes.map(|write| (write.place().to_string(), write.body.clone())).collect()
}

/// All its sentences.
pub fn said(change: &Change) -> String {
    let more = change.notes.iter().chain(&change.risks).map(ToString::to_string).collect::<Vec<_>>();
    format!("{} {}", change.effect, more.join(" "))
}

fn key(world: &World) -> ReleaseRef {
    world.releases().find(|release| release.kind == Kind::Canary).unwrap()
}

/// The fields that plans rest on.
fn read(world: &World) -> Release {
    let key = key(world);
    let canary = world.canary(&key.namespace, &key.name).unwrap();
    let target = world.deployment(&key.namespace, canary.target().unwrap()).unwrap();
    let primary = canary.primary().and_then(|name| world.deployment(&key.namespace, &name));
    let hash = |deployment| versions::newest_set(world, deployment).and_then(|set| set.metadata.label("pod-template-hash").cloned());
    let stable = primary.and_then(hash).unwrap_or_default();
    let phase = canary.status.phase.as_str();
    let under_way = matches!(phase, "Waiting" | "Progressing" | "WaitingPromotion" | "Promoting" | "Finalising");
    let gate = match phase {
        "Waiting" => Some("confirm-rollout"),
        "WaitingPromotion" => Some("confirm-promotion"),
        _ => None,
    };
    let weight = world.http_route(&key.namespace, canary.service()).and_then(|route| {
        let backends = &route.spec.rules.first()?.backend_refs;
        backends.iter().find(|backend| backend.name.ends_with("-canary"))?.weight
    });
    let share = weight.map(|weight| Share {
        value: weight as f64 / 100.0,
        label: Label::Configured,
        source: Clean::from("HTTPRoute"),
        as_of: None,
    });
    Release {
        uid: canary.metadata.uid.clone(),
        resource_version: canary.metadata.resource_version.clone(),
        engine: Engine::Flagger,
        strategy: Strategy::Canary,
        phase: match phase {
            "Failed" => Phase::Degraded,
            _ if canary.spec.suspend || gate.is_some() => Phase::Paused,
            _ if under_way => Phase::Progressing,
            _ => Phase::Healthy,
        },
        message: None,
        since: None,
        under_way,
        control: Control {
            generation: canary.metadata.generation,
            observed: true,
            gates: gate.map(|reason| Gate { reason: reason.into(), since: None }).into_iter().collect(),
            promote_full: canary.spec.skip_analysis,
            aborted: phase == "Failed",
            abort_asked: canary.is_failing(),
            ready_threshold: canary.spec.analysis.canary_ready_threshold,
            new_hash: if under_way { hash(target).unwrap_or_default() } else { stable.clone() },
            stable_hash: stable,
            template: Some(Holder {
                kind: Kind::Deployment,
                name: target.metadata.name.clone(),
                uid: target.metadata.uid.clone(),
                resource_version: target.metadata.resource_version.clone(),
                generation: target.metadata.generation,
            }),
            ..Control::default()
        },
        paused_by_hand: canary.spec.suspend,
        steps: Vec::new(),
        position: None,
        weight: None,
        replicas: Replicas::default(),
        limits: None,
        versions: Vec::new(),
        pods: Vec::new(),
        exposure: Exposure { headline: share.clone(), configured: share, ..Exposure::default() },
        countdowns: Vec::new(),
        analyses: Vec::new(),
        experiments: Vec::new(),
        abort: None,
        alarms: Vec::new(),
        timeline: Vec::new(),
        earlier: Vec::new(),
        selector: Selector::default(),
        change_cause: None,
        telemetry: None,
        key,
    }
}

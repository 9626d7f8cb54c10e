//! A small cluster with one Rollout called `web`, to do things to.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::controllers::behaviour::Table;
use flightdeck::demo::controllers::{argo, base};
use flightdeck::demo::sim::{Controller, Sim};
use flightdeck::demo::store::{INGRESSES, Key, NODES, Part, REPLICASETS, ROLLOUTS, SERVICES};
use serde_json::{Value, json};

use super::pods::{Pods, recorded};

/// A cluster with one Rollout of these steps, its first version healthy.
pub struct Lab {
    pub sim: Sim,
    pub key: Key,
}

impl Lab {
    pub fn new(replicas: i64, canary: Value, services: &[&str]) -> Self {
        Self::with(json!({ "replicas": replicas, "strategy": { "canary": canary } }), services)
    }

    pub fn with(spec: Value, services: &[&str]) -> Self {
        Self::after(|_| {}, spec, services)
    }

    /// The same, with what `before` creates there first.
    pub fn after(before: impl FnOnce(&mut Sim), spec: Value, services: &[&str]) -> Self {
        Self::on(vec![Box::new(Pods::new(recorded))], before, spec, services)
    }

    /// The same over the embedded cluster's own pods, which get ready at once.
    pub fn on_pods(spec: Value, services: &[&str]) -> Self {
        let node = json!({ "metadata": { "name": "node-000" }, "status": { "allocatable": { "pods": "110" } } });
        Self::on(base(Table::instant()), |sim| drop(sim.create(NODES, node).unwrap()), spec, services)
    }

    fn on(floor: Vec<Box<dyn Controller>>, before: impl FnOnce(&mut Sim), spec: Value, services: &[&str]) -> Self {
        let mut controllers = argo::controllers();
        controllers.extend(floor);
        let mut sim = Sim::new(1, DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap(), controllers);
        for service in services {
            let service = json!({ "metadata": { "name": service, "namespace": "lab" }, "spec": { "selector": { "app": "web" } } });
            sim.create(SERVICES, service).unwrap();
        }
        if let Some(ingress) = spec.pointer("/strategy/canary/trafficRouting/nginx/stableIngress") {
            let backend = json!({ "service": { "name": spec["strategy"]["canary"]["stableService"], "port": { "number": 80 } } });
            let rules =
                json!([{ "host": "web.example", "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } }]);
            sim.create(INGRESSES, json!({ "metadata": { "name": ingress, "namespace": "lab" }, "spec": { "rules": rules } })).unwrap();
        }
        before(&mut sim);
        let mut spec = spec;
        spec["selector"] = json!({ "matchLabels": { "app": "web" } });
        if spec["workloadRef"].is_null() {
            spec["template"] = template("web:1");
        }
        sim.create(ROLLOUTS, json!({ "metadata": { "name": "web", "namespace": "lab" }, "spec": spec })).unwrap();
        let mut lab = Self { sim, key: Key::new(ROLLOUTS, "lab", "web") };
        lab.run(10);
        lab
    }

    pub fn run(&mut self, seconds: i64) {
        let until = self.sim.now() + TimeDelta::seconds(seconds);
        let mut work = 0;
        while self.sim.next_due().is_some_and(|at| at <= until) {
            self.sim.step();
            work += 1;
            assert!(work < 20_000, "the controllers never come to rest: {:#}", self.ro()["status"]);
        }
        self.sim.run_until(until);
    }

    pub fn ro(&self) -> Value {
        (**self.sim.store.get(&self.key).unwrap()).clone()
    }

    pub fn status(&self, pointer: &str) -> Value {
        self.ro()["status"].pointer(pointer).cloned().unwrap_or_default()
    }

    pub fn image(&mut self, image: &str) {
        self.sim.edit(&self.key, Part::Main, |ro| ro["spec"]["template"] = template(image)).unwrap();
    }

    pub fn patch(&mut self, field: &str, value: Value) {
        self.sim.edit(&self.key, Part::Status, |ro| ro["status"][field] = value).unwrap();
    }

    /// What the plugin's promote writes at a pause.
    pub fn promote(&mut self) {
        self.sim.edit(&self.key, Part::Status, |ro| drop(ro["status"].as_object_mut().unwrap().shift_remove("pauseConditions"))).unwrap();
    }

    /// Pods asked for, by image.
    pub fn pods(&self) -> BTreeMap<String, i64> {
        let mut pods = BTreeMap::new();
        for (_, set) in self.sim.store.list(REPLICASETS, None) {
            let image = set["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap();
            let replicas = set["spec"]["replicas"].as_i64().unwrap();
            if replicas > 0 {
                *pods.entry(image.to_owned()).or_default() += replicas;
            }
        }
        pods
    }
}

pub fn template(image: &str) -> Value {
    json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "web", "image": image }] } })
}

pub fn pods(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().filter(|(_, n)| *n > 0).map(|(image, n)| ((*image).to_owned(), *n)).collect()
}

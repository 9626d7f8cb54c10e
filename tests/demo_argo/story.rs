//! Reads a recorded life of a Rollout, drives the same one through the simulation, and lines the two up.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::controllers::behaviour::{Behaviour, Fate, Table};
use flightdeck::demo::controllers::{argo, base};
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{
    ANALYSISRUNS, ANALYSISTEMPLATES, DEPLOYMENTS, Happened, INGRESSES, Key, NODES, Part, ROLLOUTS, Resource, SERVICES,
};
use serde_json::{Value, json};

use super::life::Life;
use super::pods::{Pods, recorded};

/// One line of a trimmed recording. Lines a client caused, and not the controller, are marked when the recording is trimmed.
pub struct Line {
    pub at: i64,
    pub added: bool,
    pub by_client: bool,
    pub object: Value,
}

/// What the plugin said at a moment.
pub struct Said {
    pub at: i64,
    pub note: String,
    pub counts: [i64; 5],
    pub told: Value,
}

/// What stands below the Argo controllers.
#[derive(Debug, Clone, Copy)]
pub enum Floor {
    /// Only what ReplicaSets say of their pods, at the recording's pace.
    Counts,
    /// The embedded cluster's own scheduler, kubelets, ReplicaSet and EndpointSlice controllers.
    Pods,
}

pub struct Story {
    pub t0: DateTime<Utc>,
    pub lines: Vec<Line>,
    pub says: Vec<Said>,
}

fn resource(kind: &str) -> Resource {
    match kind {
        "Rollout" => ROLLOUTS,
        "Service" => SERVICES,
        "Ingress" => INGRESSES,
        "Deployment" => DEPLOYMENTS,
        "AnalysisTemplate" => ANALYSISTEMPLATES,
        other => panic!("no story creates a {other}"),
    }
}

impl Story {
    pub fn read(name: &str) -> Self {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings");
        let read = |suffix: &str| std::fs::read_to_string(folder.join(format!("argo-{name}.{suffix}.jsonl"))).unwrap();
        let mut t0 = DateTime::UNIX_EPOCH;
        let mut lines: Vec<Line> = Vec::new();
        let mut spec: BTreeMap<String, Value> = BTreeMap::new();
        for line in read("trimmed").lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            if line["type"] == "EPOCH" {
                t0 = DateTime::from_timestamp_millis(line["t0_ms"].as_i64().unwrap()).unwrap();
                continue;
            }
            let mut object = line["object"].take();
            let id = format!("{}/{}", object["kind"], object["metadata"]["name"]);
            // A spec that didn't change is left out of the trimmed file.
            match object.get("spec") {
                Some(s) => drop(spec.insert(id, s.clone())),
                None => object["spec"] = spec.get(&id).cloned().unwrap_or_default(),
            }
            let (at, added) = (line["at_ms"].as_i64().unwrap(), line["type"] == "ADDED");
            lines.push(Line { at, added, by_client: line["by"] == "client", object });
        }
        let says = read("says").lines().map(said).collect();
        Self { t0, lines, says }
    }

    /// The life as recorded.
    pub fn recorded(&self) -> Life {
        let mut life = Life::default();
        let mut seen: BTreeMap<String, i64> = BTreeMap::new();
        for line in &self.lines {
            life.note(line.at, line.added, &line.object, &mut seen);
        }
        life
    }

    /// The same life in the simulation: the same objects and the same writes at the same moments, the same values measured.
    pub fn simulated(&self, floor: Floor) -> Life {
        self.simulated_until(floor, i64::MAX).0
    }

    /// The simulated life up to a moment, and the cluster as it is then.
    pub fn simulated_until(&self, floor: Floor, stop: i64) -> (Life, Sim) {
        let mut sim = self.cluster(floor);
        let mut life = Life::default();
        let mut seen = BTreeMap::new();
        let mut read = sim.store.revision();
        let values = self.values();
        let end = stop.min(self.lines.last().unwrap().at.max(self.says.last().unwrap().at) + 500);
        let mut clients = self.lines.iter().enumerate().filter(|(_, l)| (l.by_client || is_given(l)) && l.at <= stop).peekable();
        // A client's two writes a few milliseconds apart had the controller's answer to the first between them.
        let mut earliest = 0;
        loop {
            let next_write = clients.peek().map(|(_, l)| l.at.max(earliest));
            let until = self.t0 + TimeDelta::milliseconds(next_write.unwrap_or(end));
            while sim.next_due().is_some_and(|at| at <= until) {
                sim.step();
                self.give_values(&mut sim, &values);
                read = self.follow(&sim, read, &mut life, &mut seen);
            }
            sim.run_until(until);
            let Some((index, line)) = clients.next() else { break };
            self.write(&mut sim, index, line);
            read = self.follow(&sim, read, &mut life, &mut seen);
            earliest = next_write.unwrap() + 25;
        }
        (life, sim)
    }

    fn cluster(&self, floor: Floor) -> Sim {
        let mut controllers = argo::controllers();
        if let Floor::Counts = floor {
            controllers.push(Box::new(Pods::new(recorded)));
            return Sim::new(7, self.t0, controllers);
        }
        let instant = Behaviour::instant;
        let slow = Behaviour { ready_after: Duration::from_secs(20), ..instant() };
        let crash = Behaviour { fate: Fate::Crash, after: Duration::from_secs(2), ready_after: Duration::from_secs(60), ..instant() };
        controllers.extend(base(Table::instant().image("-slow", slow).image("-bad", crash)));
        let mut sim = Sim::new(7, self.t0, controllers);
        for n in 0..3 {
            let node = json!({ "metadata": { "name": format!("node-{n:03}") }, "status": { "allocatable": { "pods": "110" } } });
            sim.create(NODES, node).unwrap();
        }
        sim
    }

    fn follow(&self, sim: &Sim, from: u64, life: &mut Life, seen: &mut BTreeMap<String, i64>) -> u64 {
        for entry in sim.store.since(from).unwrap() {
            if entry.happened != Happened::Deleted {
                let at = (sim.now() - self.t0).num_milliseconds();
                life.note(at, entry.happened == Happened::Added, &entry.object, seen);
            }
        }
        sim.store.revision()
    }

    /// Does what the client did: creates the object, or applies the difference its line makes to the line before.
    fn write(&self, sim: &mut Sim, index: usize, line: &Line) {
        let object = &line.object;
        let resource = resource(object["kind"].as_str().unwrap());
        let meta = &object["metadata"];
        if is_given(line) {
            let mut object = object.clone();
            object["metadata"] = json!({ "name": meta["name"], "namespace": meta["namespace"] });
            object.as_object_mut().unwrap().shift_remove("status");
            sim.create(resource, object).unwrap();
            return;
        }
        let same = |l: &&Line| l.object["kind"] == object["kind"] && l.object["metadata"]["name"] == meta["name"];
        let before = &self.lines[..index].iter().rev().find(same).unwrap().object;
        let key = Key::new(resource, meta["namespace"].as_str().unwrap(), meta["name"].as_str().unwrap());
        for (part, field) in [(Part::Main, "spec"), (Part::Status, "status")] {
            let patch = difference(&before[field], &object[field]);
            if let Some(patch) = patch {
                let changed = sim.edit(&key, part, |o| json_patch::merge(&mut o[field], &patch)).unwrap();
                assert!(changed.is_some(), "the client's write found no object");
            }
        }
    }

    /// The values each recorded run measured, metric by metric, in the order of the runs' creation.
    fn values(&self) -> Vec<BTreeMap<String, String>> {
        let mut runs: Vec<(String, BTreeMap<String, Vec<String>>)> = Vec::new();
        for line in self.lines.iter().filter(|l| l.object["kind"] == "AnalysisRun") {
            let name = line.object["metadata"]["name"].as_str().unwrap();
            if !runs.iter().any(|(known, _)| known == name) {
                runs.push((name.to_owned(), BTreeMap::new()));
            }
            let run = &mut runs.iter_mut().find(|(known, _)| known == name).unwrap().1;
            for result in line.object["status"]["metricResults"].as_array().unwrap() {
                let values = run.entry(result["name"].as_str().unwrap().to_owned()).or_default();
                // Measurements are taken one by one and written each time.
                if result["count"].as_u64().unwrap_or(0) as usize > values.len() {
                    let last = result["measurements"].as_array().unwrap().last().unwrap();
                    values.push(last["value"].as_str().unwrap().to_owned());
                }
            }
        }
        let join = |run: BTreeMap<String, Vec<String>>| run.into_iter().map(|(metric, values)| (metric, values.join(","))).collect();
        runs.into_iter().map(|(_, run)| join(run)).collect()
    }

    /// Gives a run that has just been created the values of the recorded run of its place.
    fn give_values(&self, sim: &mut Sim, values: &[BTreeMap<String, String>]) {
        let mut runs: Vec<(u64, Key, bool)> = Vec::new();
        for (key, run) in sim.store.list(ANALYSISRUNS, None) {
            let told = run["metadata"]["labels"]["told"].as_u64();
            let rv = run["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
            runs.push((told.unwrap_or(rv), key.clone(), told.is_some()));
        }
        let known = runs.iter().filter(|(_, _, told)| *told).count();
        runs.sort();
        for (place, (rv, key, _)) in runs.into_iter().filter(|(_, _, told)| !told).enumerate() {
            let values = values.get(known + place).unwrap_or_else(|| panic!("a run the recording doesn't have: {}", key.name));
            sim.edit(&key, Part::Main, |run| {
                run["metadata"]["labels"]["told"] = json!(rv);
                for (metric, series) in values {
                    run["metadata"]["annotations"][format!("demo.flightdeck.dev/values.{metric}")] = json!(series);
                }
            })
            .unwrap();
        }
    }
}

/// Whether the line is an object a person made, not a controller.
fn is_given(line: &Line) -> bool {
    let kinds = ["Rollout", "Service", "Ingress", "Deployment", "AnalysisTemplate"];
    line.added && kinds.iter().any(|k| line.object["kind"] == *k) && line.object["metadata"]["ownerReferences"].is_null()
}

/// The merge patch from one value to another; `None` when they are the same.
fn difference(from: &Value, to: &Value) -> Option<Value> {
    if from == to {
        return None;
    }
    let (Some(a), Some(b)) = (from.as_object(), to.as_object()) else { return Some(to.clone()) };
    let mut patch = serde_json::Map::new();
    for key in a.keys().filter(|k| !b.contains_key(*k)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in b {
        if let Some(inner) = difference(a.get(key).unwrap_or(&Value::Null), value) {
            patch.insert(key.clone(), inner);
        }
    }
    Some(Value::Object(patch))
}

fn said(line: &str) -> Said {
    let told: Value = serde_json::from_str(line).unwrap();
    let count = |field: &str| told[field].as_str().unwrap().parse().unwrap();
    let counts = ["desired", "current", "updated", "ready", "available"].map(count);
    Said { at: told["at_ms"].as_i64().unwrap(), note: told["note"].as_str().unwrap().to_owned(), counts, told }
}

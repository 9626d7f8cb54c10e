//! Reads a recorded life of a Canary, and drives the same one through the simulation.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::controllers::base;
use flightdeck::demo::controllers::behaviour::{Behaviour, Table};
use flightdeck::demo::controllers::flagger::{Flagger, Gate, Gates};
use flightdeck::demo::prometheus::Labels;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{CANARIES, DEPLOYMENTS, Happened, Key, METRICTEMPLATES, NODES, Part, Resource};
use serde_json::{Value, json};

use super::life::Life;

/// One watch event, and what the object was before it.
struct Line {
    at: i64,
    object: Value,
    before: Option<Value>,
}

/// A recorded life.
pub struct Story {
    t0: DateTime<Utc>,
    lines: Vec<Line>,
    /// What the recorder asked, and when.
    pub says: Vec<Value>,
    /// The name of the Canary's target.
    pub target: String,
}

/// What the recorder's services said: the success ratio its Prometheus told, and the gates, each from a millisecond on.
#[derive(Default)]
pub struct Answers {
    pub ratio: &'static [(i64, f64)],
    pub gates: &'static [(&'static str, i64, bool)],
}

impl Story {
    pub fn read(name: &str) -> Self {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings");
        let read = |end: &str| -> Vec<Value> {
            let text = std::fs::read_to_string(folder.join(format!("flagger-{name}.{end}"))).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let mut last: BTreeMap<String, Value> = BTreeMap::new();
        let mut lines = Vec::new();
        for mut line in read("jsonl").into_iter().filter(|line| line["type"] == "ADDED" || line["type"] == "MODIFIED") {
            let object = line["object"].take();
            let before = last.insert(format!("{}/{}", object["kind"], object["metadata"]["name"]), object.clone());
            lines.push(Line { at: line["at_ms"].as_i64().unwrap(), object, before });
        }
        // The real clock is known to the second at each status write; all of them together know it to a few milliseconds.
        let since = |line: &Line| {
            let stamp = line.object["status"]["lastTransitionTime"].as_str()?.parse::<DateTime<Utc>>().ok()?;
            (line.object["kind"] == "Canary").then_some(stamp.timestamp_millis() - line.at)
        };
        let t0 = DateTime::from_timestamp_millis(lines.iter().filter_map(since).max().unwrap() + 10).unwrap();
        let target = lines.iter().find(|line| line.object["kind"] == "Canary").unwrap();
        let target = target.object["spec"]["targetRef"]["name"].as_str().unwrap().to_owned();
        Self { t0, lines, says: read("says.jsonl"), target }
    }

    /// The life as recorded.
    pub fn recorded(&self) -> Life {
        let mut life = Life::default();
        self.lines.iter().for_each(|line| life.note(line.at, &line.object));
        life
    }

    /// The same life in the simulation: the same objects and the same writes of people at the same moments.
    pub fn simulated(&self, answers: &Answers) -> Life {
        let mut sim = self.cluster(answers);
        let mut life = Life::default();
        let mut read = sim.store.revision();
        let end = self.lines.last().unwrap().at.max(self.says.last().unwrap()["at_ms"].as_i64().unwrap());
        for (at, edit) in self.edits().into_iter().map(|(at, edit)| (at, Some(edit))).chain([(end, None)]) {
            let until = self.moment(at);
            while sim.next_due().is_some_and(|due| due <= until) {
                sim.step();
                read = self.follow(&sim, read, &mut life);
            }
            sim.run_until(until);
            if let Some(edit) = edit {
                edit.make(&mut sim);
                read = self.follow(&sim, read, &mut life);
            }
        }
        life
    }

    fn moment(&self, at: i64) -> DateTime<Utc> {
        self.t0 + TimeDelta::milliseconds(at)
    }

    fn cluster(&self, answers: &Answers) -> Sim {
        let never = Behaviour { ready_after: Duration::from_secs(3600), ..Behaviour::instant() };
        let mut controllers = base(Table::instant().image("-bad", never));
        let gate = |(name, at, open): &(&str, i64, bool)| Gate {
            from: self.moment(*at),
            url: format!("http://127.0.0.1:18097/{name}"),
            open: *open,
        };
        let gates = Gates::new(answers.gates.iter().map(gate).collect());
        let first = |wanted: &str| self.lines.iter().find(|line| line.object["kind"] == wanted).unwrap().at;
        let noticed = TimeDelta::milliseconds(first("Service") - first("Canary"));
        controllers.push(Box::new(Flagger::new(gates).first_tick(noticed)));
        let mut sim = Sim::new(7, self.t0, controllers);
        for n in 0..3 {
            let node = json!({ "metadata": { "name": format!("node-{n:03}") }, "status": { "allocatable": { "pods": "110" } } });
            sim.create(NODES, node).unwrap();
        }
        for at in (0..self.lines.last().unwrap().at).step_by(1000) {
            let ratio = answers.ratio.iter().rev().find(|(since, _)| *since <= at).unwrap().1;
            sim.series.put(Labels::of(&[("__name__", "story_success_ratio")]), self.moment(at).timestamp_millis(), ratio);
        }
        sim
    }

    fn follow(&self, sim: &Sim, from: u64, life: &mut Life) -> u64 {
        for entry in sim.store.since(from).unwrap().filter(|entry| entry.happened != Happened::Deleted) {
            life.note((sim.now() - self.t0).num_milliseconds(), &entry.object);
        }
        sim.store.revision()
    }

    /// What people wrote. They made what Flagger doesn't, changed templates and Canaries' specs, and raised `failedChecks` – which Flagger
    /// never does without another lastTransitionTime.
    fn edits(&self) -> Vec<(i64, Edit)> {
        let mut edits = Vec::new();
        for line in &self.lines {
            let (object, name) = (&line.object, line.object["metadata"]["name"].as_str().unwrap());
            let resource = match object["kind"].as_str().unwrap() {
                "Deployment" if name == self.target => DEPLOYMENTS,
                "MetricTemplate" => METRICTEMPLATES,
                "Canary" => CANARIES,
                _ => continue,
            };
            let Some(before) = &line.before else {
                edits.push((line.at, Edit::Create(resource, object.clone())));
                continue;
            };
            let key = Key::of(resource, object);
            let differs = |at: &str| before.pointer(at) != object.pointer(at);
            if resource == DEPLOYMENTS && differs("/spec/template") {
                edits.push((line.at, Edit::Set(key, "/spec/template", object["spec"]["template"].clone())));
            } else if resource == CANARIES && differs("/spec") {
                edits.push((line.at, Edit::Set(key, "/spec", object["spec"].clone())));
            } else if differs("/status/failedChecks") && !differs("/status/lastTransitionTime") {
                edits.push((line.at, Edit::Set(key, "/status/failedChecks", object["status"]["failedChecks"].clone())));
            }
        }
        edits
    }
}

/// A person's write.
enum Edit {
    Create(Resource, Value),
    Set(Key, &'static str, Value),
}

impl Edit {
    fn make(self, sim: &mut Sim) {
        match self {
            Self::Create(resource, mut object) => {
                let meta = &object["metadata"];
                object["metadata"] = json!({ "name": meta["name"], "namespace": meta["namespace"], "labels": meta["labels"] });
                object.as_object_mut().unwrap().shift_remove("status");
                sim.create(resource, object).unwrap();
            }
            Self::Set(key, at, value) => {
                let part = if at.starts_with("/status") { Part::Status } else { Part::Main };
                let changed = sim.edit(&key, part, |object| *object.pointer_mut(at).unwrap() = value).unwrap();
                assert!(changed.is_some(), "a person's write found no object");
            }
        }
    }
}

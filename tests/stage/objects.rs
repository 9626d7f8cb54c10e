//! Objects for the stage: written by hand in YAML, or taken from recorded lives, moved to the stage's own time.

use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use flightdeck::objects::{Kind, Object};
use serde_json::Value;

use super::{Stage, Time};

/// The kind of that name.
pub fn kind(name: &str) -> Kind {
    Kind::ALL.into_iter().find(|k| k.name() == name).unwrap_or_else(|| panic!("{name} is not a kind flightdeck reads"))
}

/// One object of JSON.
pub fn decode(object: &Value) -> Object {
    let kind = kind(object["kind"].as_str().unwrap_or_default());
    Object::decode(kind, &serde_json::to_vec(object).unwrap()).unwrap()
}

/// Objects of YAML, one a document. What has no UID gets its kind, namespace and name for one.
pub fn yaml(text: &str) -> Vec<Object> {
    let documents: Vec<Value> = text.split("\n---").map(|t| serde_saphyr::from_str(t).unwrap_or_else(|e| panic!("{e}:\n{t}"))).collect();
    documents.into_iter().filter(|d| !d.is_null()).map(|mut d| decode(named(&mut d))).collect()
}

fn named(object: &mut Value) -> &Value {
    let word = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let uid = format!("{}/{}/{}", word(&object["kind"]), word(&object["metadata"]["namespace"]), word(&object["metadata"]["name"]));
    if object["metadata"]["uid"].is_null() {
        object["metadata"]["uid"] = Value::from(uid);
    }
    object
}

/// A recorded life: events and the wall clock they began at.
pub struct Life {
    epoch: Time,
    events: Vec<(i64, bool, Value)>,
}

impl Life {
    pub fn load(name: &str) -> Self {
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings");
        let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let events: Vec<(i64, bool, Value)> = lines
            .filter(|e| e["type"] != "BOOKMARK" && Kind::ALL.iter().any(|k| k.name() == e["object"]["kind"]))
            .map(|mut e| (e["at_ms"].as_i64().unwrap(), e["type"] == "DELETED", e["object"].take()))
            .collect();
        // The recording's first object was made as it was first seen.
        let (at, _, first) = events.iter().find(|(_, _, o)| o["metadata"]["creationTimestamp"].is_string()).unwrap();
        let made: Time = first["metadata"]["creationTimestamp"].as_str().unwrap().parse().unwrap();
        Self { epoch: made - TimeDelta::milliseconds(*at), events }
    }

    /// Puts on the stage what had happened by `until`, in milliseconds since the recording began, as if that moment were the stage's now.
    pub fn play(&self, stage: &mut Stage, from: i64, until: i64) {
        let shift = stage.now - (self.epoch + TimeDelta::milliseconds(until));
        for (_, deleted, object) in self.events.iter().filter(|(at, _, _)| *at > from && *at <= until) {
            let mut object = object.clone();
            moved(&mut object, shift);
            let raw = object;
            let object = decode(&raw);
            stage.answers.raw.insert(object.meta().uid.clone(), raw);
            if *deleted { stage.delete(object.kind(), &object.meta().uid) } else { stage.apply(object) }
        }
    }
}

/// Moves every moment in an object by `shift`.
fn moved(value: &mut Value, shift: TimeDelta) {
    match value {
        Value::String(text) if text.len() >= 20 && text.ends_with('Z') => {
            if let Ok(at) = text.parse::<DateTime<Utc>>() {
                let whole = if text.contains('.') { SecondsFormat::Micros } else { SecondsFormat::Secs };
                *text = (at + shift).to_rfc3339_opts(whole, true);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|v| moved(v, shift)),
        Value::Object(fields) => fields.values_mut().for_each(|v| moved(v, shift)),
        _ => {}
    }
}

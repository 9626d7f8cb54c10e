//! What is compared of a life, whether recorded or simulated.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What the recorder puts before the tenth different message and some after it.
const COMBINED: &str = "(combined from similar events): ";

/// Everything noted of a life, each list in order, with the milliseconds since its beginning.
#[derive(Debug, Default)]
pub struct Life {
    pub states: Vec<(i64, Value)>,
    pub routes: Vec<(i64, Value)>,
    pub events: Vec<(i64, Value)>,
    /// Names and selectors of Services.
    pub services: Vec<(i64, Value)>,
    /// Replicas and image, by Deployment.
    pub workloads: BTreeMap<String, Vec<(i64, Value)>>,
    hashes: Vec<String>,
    /// Whether the recorder has begun to combine events.
    combines: bool,
}

impl Life {
    /// Takes note of an object as it was written.
    pub fn note(&mut self, at: i64, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        match object["kind"].as_str().unwrap_or_default() {
            "Canary" => {
                let state = self.state(&object["status"]);
                push(&mut self.states, at, state);
            }
            "HTTPRoute" => {
                let spec = &object["spec"];
                push(&mut self.routes, at, json!([spec["hostnames"], spec["parentRefs"], spec["rules"]]));
            }
            "Event" if object["involvedObject"]["kind"] == "Canary" => {
                let message = object["message"].as_str().unwrap();
                self.combines |= message.starts_with(COMBINED);
                let count = if self.combines { Value::Null } else { object["count"].clone() };
                let said = message.trim_start_matches(COMBINED);
                self.events.push((at, json!([object["type"], object["reason"], object["source"]["component"], said, count])));
            }
            "Service" => {
                let spec = &object["spec"];
                push(&mut self.services, at, json!([name, spec["selector"], spec["ports"], object["metadata"]["labels"]]));
            }
            "Deployment" => {
                let (spec, meta) = (&object["spec"], &object["metadata"]);
                let template = &spec["template"];
                let owner = meta["ownerReferences"][0]["kind"].clone();
                let told = json!({ "replicas": spec["replicas"], "image": template["spec"]["containers"][0]["image"], "owner": owner,
                                   "selector": spec["selector"], "labels": template["metadata"]["labels"], "own": meta["labels"],
                                   "has id": template["metadata"]["annotations"]["flagger-id"].is_string() });
                push(self.workloads.entry(name.to_owned()).or_default(), at, told);
            }
            _ => {}
        }
    }

    fn state(&mut self, status: &Value) -> Value {
        let mut state = status.clone();
        for field in ["lastAppliedSpec", "lastPromotedSpec"] {
            if let Some(hash) = status[field].as_str() {
                state[field] = json!(self.version(hash));
            }
        }
        if let Some(state) = state.as_object_mut() {
            state.shift_remove("lastTransitionTime");
        }
        for condition in state["conditions"].as_array_mut().into_iter().flatten() {
            // Whether both times are one is a rule; which second it was is not.
            let same = condition["lastTransitionTime"] == condition["lastUpdateTime"];
            condition["lastTransitionTime"] = json!(same);
            condition["lastUpdateTime"] = json!("");
        }
        state
    }

    /// Hashes in the order in which they came: v1, v2, …
    fn version(&mut self, hash: &str) -> String {
        let known = self.hashes.iter().position(|known| known == hash).unwrap_or_else(|| {
            self.hashes.push(hash.to_owned());
            self.hashes.len() - 1
        });
        format!("v{}", known + 1)
    }

    /// What the recorder asked at a moment.
    pub fn at(&self, at: i64, target: &str) -> Value {
        let last = |list: &[(i64, Value)]| list.iter().rev().find(|(since, _)| *since <= at).map(|(_, value)| value.clone());
        let state = last(&self.states).unwrap();
        let rule = |rule: &Value| -> Value {
            rule["backendRefs"].as_array().unwrap().iter().map(|one| json!([one["name"], one["weight"]])).collect()
        };
        let route = last(&self.routes).map(|route| route[2].as_array().unwrap().iter().map(rule).collect::<Value>());
        json!({ "phase": state["phase"], "weight": state["canaryWeight"], "iterations": state["iterations"],
                "failed_checks": state["failedChecks"], "condition": state["conditions"][0]["reason"],
                "message": state["conditions"][0]["message"], "route": route,
                "target_replicas": last(&self.workloads[target]).unwrap()["replicas"] })
    }
}

fn push(list: &mut Vec<(i64, Value)>, at: i64, value: Value) {
    if list.last().is_none_or(|(_, last)| *last != value) {
        list.push((at, value));
    }
}

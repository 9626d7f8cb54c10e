//! A life of a Rollout as a list of what its objects said, the same for a recording and for the simulation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What is compared of one written status: everything but pod counts, and the pod counts.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub at: i64,
    pub facts: Value,
    /// desired (not of the status), replicas, updated, ready, available.
    pub counts: [i64; 5],
}

/// A life as either side saw it.
#[derive(Default)]
pub struct Life {
    pub states: Vec<State>,
    /// What each analysis run went through, in the order of their creation.
    pub runs: Vec<Vec<Value>>,
    /// Phases an experiment and its templates went through.
    pub experiments: Vec<Value>,
    /// Events about Rollouts, runs and experiments: (about, type, reason, message), each once.
    pub events: Vec<[String; 4]>,
    /// Which version each Service selects, whenever that changes.
    pub selected: Vec<(String, String)>,
    /// Weights the canary Ingress had.
    pub ingress: Vec<String>,
    /// Hashes in the order their ReplicaSets came.
    versions: Vec<String>,
    /// ReplicaSet scales: the set and what it was scaled to.
    pub scales: Vec<(String, i64)>,
    /// Available pods of each version, whenever they change: moment, version, pods.
    available: Vec<(i64, String, i64)>,
}

impl Life {
    /// Notes an object as it was written.
    pub fn note(&mut self, at: i64, added: bool, object: &Value, seen: &mut BTreeMap<String, i64>) {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        match object["kind"].as_str().unwrap_or_default() {
            "ReplicaSet" => self.note_set(at, added, object, seen),
            "Rollout" => {
                let state = self.state(at, object);
                if self.states.last().is_none_or(|last| last.facts != state.facts || last.counts != state.counts) {
                    self.states.push(state);
                }
            }
            "AnalysisRun" => {
                let place = seen.len() as i64;
                let place = *seen.entry(format!("run {name}")).or_insert(place);
                let place = seen.iter().filter(|(k, v)| k.starts_with("run ") && **v < place).count();
                if self.runs.len() <= place {
                    self.runs.push(Vec::new());
                }
                let facts = run_facts(object);
                if self.runs[place].last() != Some(&facts) {
                    self.runs[place].push(facts);
                }
            }
            "Experiment" => {
                let status = &object["status"];
                let part = |list: &str, phase: &str| -> Vec<Value> {
                    status[list].as_array().into_iter().flatten().map(|t| json!([t["name"], t[phase]])).collect()
                };
                let facts = json!([status["phase"], part("templateStatuses", "status"), part("analysisRuns", "phase")]);
                if self.experiments.last() != Some(&facts) {
                    self.experiments.push(facts);
                }
            }
            "Event" => {
                let text = |pointer: &str| self.plain(object.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
                let event = [text("/involvedObject/kind"), text("/type"), text("/reason"), text("/message")];
                let known = ["Rollout", "AnalysisRun", "Experiment"].contains(&event[0].as_str());
                // Beyond ten alike the real recorder writes one line for many, with its own prefix.
                if known && !event[3].starts_with("(combined from similar events)") && !self.events.contains(&event) {
                    self.events.push(event);
                }
            }
            "Service" => {
                let selected = object["spec"]["selector"]["rollouts-pod-template-hash"].as_str().map(|hash| self.plain(hash));
                let before = self.selected.iter().rev().find(|(service, _)| service == name).map(|(_, version)| version);
                if let Some(version) = selected.filter(|version| before != Some(version)) {
                    self.selected.push((name.to_owned(), version));
                }
            }
            "Ingress" => {
                let weight = &object["metadata"]["annotations"]["nginx.ingress.kubernetes.io/canary-weight"];
                if let Some(weight) = weight.as_str().map(|w| format!("{name} {w}"))
                    && self.ingress.last() != Some(&weight)
                {
                    self.ingress.push(weight);
                }
            }
            _ => {}
        }
    }

    fn note_set(&mut self, at: i64, added: bool, object: &Value, seen: &mut BTreeMap<String, i64>) {
        let owner = &object["metadata"]["ownerReferences"][0];
        if owner["kind"] == "Deployment" {
            return;
        }
        let name = object["metadata"]["name"].as_str().unwrap();
        if owner["kind"] == "Rollout" && added {
            let hash = name.rsplit('-').next().unwrap().to_owned();
            self.versions.push(hash);
        }
        let available = object["status"]["availableReplicas"].as_i64().unwrap_or(0);
        self.available.push((at, name.rsplit('-').next().map(|hash| self.plain(hash)).unwrap(), available));
        let replicas = object["spec"]["replicas"].as_i64().unwrap();
        if seen.insert(format!("set {name}"), replicas) != Some(replicas) && !added {
            self.scales.push((self.plain(name), replicas));
        }
    }

    /// Hashes by the order their versions came: no two clusters hash alike.
    fn plain(&self, text: &str) -> String {
        self.versions.iter().enumerate().fold(text.to_owned(), |text, (at, hash)| text.replace(hash.as_str(), &format!("v{}", at + 1)))
    }

    fn state(&self, at: i64, ro: &Value) -> State {
        let status = &ro["status"];
        let text = |pointer: &str| status.pointer(pointer).and_then(Value::as_str).map(|t| self.plain(t));
        let reasons: Vec<&Value> = status["pauseConditions"].as_array().into_iter().flatten().map(|c| &c["reason"]).collect();
        let run = |path: &str| {
            let pointer = format!("/{path}");
            (status.pointer(&pointer).is_some())
                .then(|| json!([text(&format!("{pointer}/name")), text(&format!("{pointer}/status")), text(&format!("{pointer}/message"))]))
        };
        let condition = |kind: &str| {
            let found = status["conditions"].as_array().into_iter().flatten().find(|c| c["type"] == kind);
            found.map(|c| json!([c["status"], c["reason"], self.plain(c["message"].as_str().unwrap())]))
        };
        let generation = ro["metadata"]["generation"].as_i64().unwrap_or(1);
        let observed: i64 = status["observedGeneration"].as_str().and_then(|o| o.parse().ok()).unwrap_or(0);
        let facts = json!({
            "phase": status["phase"], "message": text("/message"), "step": status["currentStepIndex"], "abort": status["abort"],
            "abortedAt": !status["abortedAt"].is_null(), "controllerPause": status["controllerPause"], "pauses": reasons,
            "promoteFull": status["promoteFull"], "paused": ro["spec"]["paused"], "unobserved": generation - observed,
            "steps": ro["spec"]["strategy"]["canary"]["steps"].as_array().map(Vec::len), "stable": text("/stableRS"), "current": text("/currentPodHash"), "setWeight": set_weight(ro),
            "weights": [status["canary"]["weights"]["canary"]["weight"], text("/canary/weights/canary/podTemplateHash"),
                        status["canary"]["weights"]["stable"]["weight"], text("/canary/weights/stable/podTemplateHash")],
            "step run": run("canary/currentStepAnalysisRunStatus"), "background run": run("canary/currentBackgroundAnalysisRunStatus"),
            "pre run": run("blueGreen/prePromotionAnalysisRunStatus"), "post run": run("blueGreen/postPromotionAnalysisRunStatus"),
            "experiment": text("/canary/currentExperiment"), "active": text("/blueGreen/activeSelector"),
            "preview": text("/blueGreen/previewSelector"), "selector": text("/selector"),
            "Progressing": condition("Progressing"), "Paused": condition("Paused"), "Completed": condition("Completed"),
            "Healthy": condition("Healthy"), "Available": condition("Available"),
            "duration": [status["duration"]["completionStatus"], !status["duration"]["finishedAt"].is_null(),
                         !status["duration"]["manualPauseStartedAt"].is_null()],
            "workload": status["workloadObservedGeneration"],
        });
        let count = |field: &str| status[field].as_i64().unwrap_or(0);
        let desired = ro["spec"]["replicas"].as_i64().unwrap_or(1);
        let counts = [desired, count("replicas"), count("updatedReplicas"), count("readyReplicas"), count("availableReplicas")];
        State { at, facts, counts }
    }

    /// The weight the pods had at a moment, by the plugin's published rule: the router's where there is one, the canary's share of the
    /// available pods where not, everything past the last step.
    pub fn actual_weight(&self, at: i64) -> i64 {
        let state = self.at(at);
        let facts = &state.facts;
        if facts["step"] == facts["steps"] {
            return 100;
        }
        if state.counts[4] == 0 {
            return 0;
        }
        if let Some(weight) = facts["weights"][0].as_i64() {
            return weight;
        }
        let canary = self.available.iter().rev().find(|(when, version, _)| *when <= at && facts["current"] == version.as_str());
        canary.map_or(0, |(_, _, available)| available * 100 / state.counts[4])
    }

    /// What stood in the status at a moment.
    pub fn at(&self, at: i64) -> &State {
        self.states.iter().take_while(|s| s.at <= at).last().unwrap()
    }
}

/// The plugin's set weight, by its published rule.
fn set_weight(ro: &Value) -> Option<i64> {
    let steps = ro["spec"]["strategy"]["canary"]["steps"].as_array()?;
    if ro["status"]["abort"] == true {
        return Some(0);
    }
    let index = ro["status"]["currentStepIndex"].as_u64()? as usize;
    if index >= steps.len() {
        return Some(100);
    }
    Some(steps[..=index].iter().rev().find_map(|s| s["setWeight"].as_i64()).unwrap_or(0))
}

fn run_facts(run: &Value) -> Value {
    let status = &run["status"];
    let mut metrics: Vec<Value> = status["metricResults"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|r| {
            let values: Vec<&Value> = r["measurements"].as_array().into_iter().flatten().map(|m| &m["phase"]).collect();
            json!([
                r["name"],
                r["phase"],
                r["message"],
                r["count"],
                r["successful"],
                r["failed"],
                r["inconclusive"],
                r["error"],
                r["dryRun"],
                values
            ])
        })
        .collect();
    // The real controller measures in parallel: whichever metric is first stands first.
    metrics.sort_by_key(|m| m[0].as_str().unwrap().to_owned());
    json!([status["phase"], status["message"], metrics, status["runSummary"], status["dryRunSummary"]])
}

//! The Experiment controller: a ReplicaSet per template, side by side for a time, and the analyses over them
//! (argo-rollouts experiments/experiment.go).
//! Never moves a version's weight: whoever shares the pods' labels shares their traffic.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{ANALYSISRUNS, EXPERIMENTS, Key, LogEntry, Part, REPLICASETS, ROLLOUTS, SERVICES, Store, stamp};

use super::objects::{Set, flag, go_duration, has, list, number, owner_of, owner_reference, set_annotation, text, time};
use super::run_template::{build_run, create_run, is_over};
use super::{COMPONENT, DEADLINE, HASH_LABEL, conditions, template};

/// How long an experiment's pods stay after its end.
const LINGER: i64 = 30;

/// The controller.
pub struct Experiments;

impl Controller for Experiments {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::milliseconds(6)
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        match entry.key.resource {
            EXPERIMENTS => vec![entry.key.clone()],
            REPLICASETS | ANALYSISRUNS => owner_of(&entry.object, "Experiment")
                .map(|name| Key::new(EXPERIMENTS, entry.key.namespace.as_str(), name))
                .into_iter()
                .collect(),
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let ex = (**cx.store.get(key)?).clone();
        let mut look = Look { status: ex["status"].clone(), ex, cx, again: None };
        if !look.status.is_object() {
            look.status = json!({});
        }
        look.run();
        let (again, status) = (look.again, look.status);
        let _ = cx.store.edit(key, Part::Main, |ex| ex["status"] = status);
        again
    }
}

struct Look<'a, 'c> {
    cx: &'a mut Cx<'c>,
    ex: Value,
    status: Value,
    again: Option<DateTime<Utc>>,
}

impl Look<'_, '_> {
    fn run(&mut self) {
        let terminating = self.is_terminating();
        for template in list(&self.ex, "/spec/templates").to_vec() {
            self.template(&template, terminating);
        }
        for analysis in list(&self.ex, "/spec/analyses").to_vec() {
            self.analysis(&analysis, terminating);
        }
        if !is_over(text(&self.status, "/phase")) {
            self.assess();
        }
    }

    fn name(&self) -> &str {
        text(&self.ex, "/metadata/name")
    }

    fn tell(&mut self, kind: &str, reason: &str, message: &str) {
        self.cx.event(COMPONENT, &self.ex, kind, reason, message);
    }

    fn wake_at(&mut self, at: DateTime<Utc>) {
        let at = at + TimeDelta::milliseconds(2);
        if at > self.cx.now {
            self.again = Some(self.again.map_or(at, |again| again.min(at)));
        }
    }

    fn bad(of: &Value, pointer: &str, field: &str) -> bool {
        list(of, pointer).iter().any(|s| matches!(s[field].as_str(), Some("Failed" | "Error" | "Inconclusive")))
    }

    fn passed(&self) -> bool {
        let end = time(&self.status["availableAt"]).zip(self.ex["spec"].get("duration").and_then(go_duration)).map(|(from, d)| from + d);
        end.is_some_and(|end| end < self.cx.now)
    }

    /// Whether the experiment is to end (utils/experiment, IsTerminating).
    fn is_terminating(&self) -> bool {
        flag(&self.ex, "/spec/terminate")
            || is_over(text(&self.status, "/phase"))
            || Self::bad(&self.status, "/templateStatuses", "status")
            || Self::bad(&self.status, "/analysisRuns", "phase")
            || self.required_done()
    }

    /// Whether every analysis the end depends on has succeeded.
    fn required_done(&self) -> bool {
        let required: Vec<&Value> = list(&self.ex, "/spec/analyses").iter().filter(|a| flag(a, "/requiredForCompletion")).collect();
        let succeeded =
            |a: &&Value| list(&self.status, "/analysisRuns").iter().any(|r| r["name"] == a["name"] && r["phase"] == "Successful");
        !required.is_empty() && required.iter().all(succeeded)
    }

    fn template(&mut self, wanted: &Value, terminating: bool) {
        let name = text(wanted, "/name").to_owned();
        let want = if terminating || self.passed() { 0 } else { number(wanted, "/replicas").unwrap_or(1) };
        let known = list(&self.status, "/templateStatuses").iter().find(|s| s["name"] == name.as_str()).cloned();
        let mut status = known.clone().unwrap_or_else(|| json!({ "name": name }));
        let before = text(&status, "/status").to_owned();
        let key = Key::new(REPLICASETS, text(&self.ex, "/metadata/namespace"), format!("{}-{name}", self.name()));
        match self.cx.store.get(&key).map(|rs| Set::of(rs)) {
            None if want > 0 => {
                self.create_set(wanted, &key);
                status["lastTransitionTime"] = json!(stamp(self.cx.now));
            }
            None => {}
            Some(set) => {
                if has(wanted, "/service") && want > 0 {
                    self.service(wanted, &set, &mut status);
                }
                if set.spec != want && self.scale(&set, want) {
                    status["lastTransitionTime"] = json!(stamp(self.cx.now));
                }
            }
        }
        let set = self.cx.store.get(&key).map(|rs| Set::of(rs)).unwrap_or_default();
        let counts =
            [("replicas", set.actual), ("updatedReplicas", set.actual), ("readyReplicas", set.ready), ("availableReplicas", set.available)];
        for (field, value) in counts {
            if status[field].as_i64().unwrap_or(0) != value {
                status["lastTransitionTime"] = json!(stamp(self.cx.now));
            }
            status[field] = json!(value);
        }
        if !matches!(before.as_str(), "Successful" | "Failed" | "Error") {
            let phase = self.template_phase(&mut status, wanted, terminating);
            status["status"] = json!(phase);
            if phase != before {
                let kind = if matches!(phase, "Failed" | "Error") { "Warning" } else { "Normal" };
                let mut message = format!("Template '{name}' transitioned from {before} -> {phase}");
                if has(&status, "/message") {
                    message = format!("{message}: {}", text(&status, "/message"));
                }
                self.tell(kind, &format!("Template{phase}"), &message);
            }
        }
        self.put("templateStatuses", status);
    }

    fn template_phase(&mut self, status: &mut Value, wanted: &Value, terminating: bool) -> &'static str {
        if self.passed() || terminating {
            return "Successful";
        }
        if number(status, "/availableReplicas") == Some(number(wanted, "/replicas").unwrap_or(1)) {
            return "Running";
        }
        let limit = number(&self.ex, "/spec/progressDeadlineSeconds").unwrap_or(600);
        let from = time(&status["lastTransitionTime"]).unwrap_or(self.cx.now);
        let deadline = from + TimeDelta::seconds(limit);
        if self.cx.now > deadline {
            let name = text(wanted, "/name");
            status["message"] = json!(format!("Template '{name}' exceeded its progressDeadlineSeconds ({limit})"));
            return "Failed";
        }
        self.wake_at(deadline);
        "Progressing"
    }

    fn put(&mut self, field: &str, item: Value) {
        if !self.status[field].is_array() {
            self.status[field] = json!([]);
        }
        let Some(items) = self.status[field].as_array_mut() else { return };
        match items.iter_mut().find(|known| known["name"] == item["name"]) {
            Some(known) => *known = item,
            None => items.push(item),
        }
    }

    fn create_set(&mut self, wanted: &Value, key: &Key) {
        // With its version's hash label still on it, a template hashes to neither stable's nor canary's hash.
        let hash = template::labelled_hash(&wanted["template"]);
        let (mut pods, mut selector) = (wanted["template"].clone(), wanted["selector"].clone());
        pods["metadata"]["labels"][HASH_LABEL] = json!(hash);
        selector["matchLabels"][HASH_LABEL] = json!(hash);
        let mut set = json!({
            "metadata": { "name": key.name, "namespace": key.namespace, "labels": pods["metadata"]["labels"],
                          "annotations": { "experiment.argoproj.io/name": self.ex["metadata"]["name"],
                                           "experiment.argoproj.io/template-name": wanted["name"] },
                          "ownerReferences": owner_reference(&self.ex) },
            "spec": { "replicas": 0, "selector": selector, "template": pods }, "status": { "replicas": 0 },
        });
        if let Some(seconds) = number(wanted, "/minReadySeconds") {
            set["spec"]["minReadySeconds"] = json!(seconds);
        }
        let _ = self.cx.store.create(REPLICASETS, set, self.cx.now);
    }

    /// Scales a template's ReplicaSet; down only after it has lingered.
    fn scale(&mut self, set: &Set, to: i64) -> bool {
        if to == 0 {
            match set.deadline {
                None => {
                    let deadline = self.cx.now + TimeDelta::seconds(number(&self.ex, "/spec/scaleDownDelaySeconds").unwrap_or(LINGER));
                    let told = stamp(deadline);
                    let _ = self.cx.store.edit(&set.key(), Part::Main, |rs| set_annotation(rs, DEADLINE, Some(&told)));
                    self.wake_at(deadline);
                    return false;
                }
                Some(deadline) if deadline > self.cx.now => {
                    self.wake_at(deadline);
                    return false;
                }
                Some(_) => {}
            }
        }
        let _ = self.cx.store.edit(&set.key(), Part::Main, |rs| {
            rs["spec"]["replicas"] = json!(to);
            set_annotation(rs, DEADLINE, None);
        });
        let direction = if to > set.spec { "up" } else { "down" };
        self.tell("Normal", "ScalingReplicaSet", &format!("Scaled {direction} ReplicaSet {} from {} to {to}", set.name, set.spec));
        true
    }

    fn service(&mut self, wanted: &Value, set: &Set, status: &mut Value) {
        let name = match text(wanted, "/service/name") {
            "" => set.name.clone(),
            name => name.to_owned(),
        };
        let key = Key::new(SERVICES, text(&self.ex, "/metadata/namespace"), name.as_str());
        if self.cx.store.get(&key).is_none() {
            let ports: Vec<Value> = list(&set.object, "/spec/template/spec/containers")
                .iter()
                .flat_map(|c| list(c, "/ports"))
                .map(|p| json!({ "name": p["name"], "port": p["containerPort"], "targetPort": p["containerPort"], "protocol": "TCP" }))
                .collect();
            let service = json!({
                "metadata": { "name": name, "namespace": key.namespace, "ownerReferences": owner_reference(&self.ex) },
                "spec": { "type": "ClusterIP", "selector": set.object["spec"]["selector"]["matchLabels"], "ports": ports },
            });
            let _ = self.cx.store.create(SERVICES, service, self.cx.now);
        }
        status["serviceName"] = json!(name);
        status["podTemplateHash"] = json!(set.hash);
    }

    fn analysis(&mut self, wanted: &Value, terminating: bool) {
        let name = text(wanted, "/name").to_owned();
        let known = list(&self.status, "/analysisRuns").iter().find(|r| r["name"] == name.as_str()).cloned();
        let mut status = known.unwrap_or_else(|| json!({ "name": name, "analysisRun": "", "phase": "" }));
        let before = text(&status, "/phase").to_owned();
        if is_over(&before) {
            return;
        }
        let namespace = text(&self.ex, "/metadata/namespace").to_owned();
        if text(&status, "/analysisRun").is_empty() {
            if terminating {
                return;
            }
            // Analyses wait until the versions are there.
            if text(&self.status, "/phase") == "Running" {
                let mut asked = wanted.clone();
                asked["dryRun"] = self.ex["spec"]["dryRun"].clone();
                let run_name = format!("{}-{name}", self.name());
                let made = build_run(self.cx.store, &namespace, &asked, list(wanted, "/args").to_vec()).and_then(|mut run| {
                    run["metadata"]["ownerReferences"] = owner_reference(&self.ex);
                    create_run(self.cx.store, run, &run_name, self.cx.now)
                });
                match made {
                    Ok(run) => {
                        status["analysisRun"] = run["metadata"]["name"].clone();
                        status["phase"] = json!("Pending");
                    }
                    Err(problem) => {
                        status["phase"] = json!("Error");
                        status["message"] = json!(problem);
                    }
                }
            }
        } else {
            let key = Key::new(ANALYSISRUNS, namespace, text(&status, "/analysisRun"));
            match self.cx.store.get(&key).cloned() {
                Some(run) => {
                    if terminating && !is_over(text(&run, "/status/phase")) && !flag(&run, "/spec/terminate") {
                        let _ = self.cx.store.edit(&key, Part::Main, |run| run["spec"]["terminate"] = json!(true));
                    }
                    if !text(&run, "/status/phase").is_empty() {
                        status["phase"] = run["status"]["phase"].clone();
                    }
                    if has(&run, "/status/message") {
                        status["message"] = run["status"]["message"].clone();
                    }
                }
                None => {
                    status["phase"] = json!("Error");
                    status["message"] = json!(format!("AnalysisRun '{}' is gone", key.name));
                }
            }
        }
        let phase = text(&status, "/phase").to_owned();
        if phase != before {
            self.tell_analysis(&name, &before, &phase);
        }
        self.put("analysisRuns", status);
    }

    /// The change is told about the Experiment and, as a warning whatever it is, about the Rollout it belongs to.
    fn tell_analysis(&mut self, name: &str, before: &str, phase: &str) {
        let (reason, message) = (format!("AnalysisRun{phase}"), format!("AnalysisRun '{name}' transitioned from {before} -> {phase}"));
        let kind = if matches!(phase, "Failed" | "Error") { "Warning" } else { "Normal" };
        self.tell(kind, &reason, &message);
        let rollout = owner_of(&self.ex, "Rollout").map(|ro| Key::new(ROLLOUTS, text(&self.ex, "/metadata/namespace"), ro));
        if let Some(ro) = rollout.and_then(|key| self.cx.store.get(&key).cloned()) {
            self.cx.event(COMPONENT, &ro, "Warning", &reason, &message);
        }
    }

    /// The experiment's phase: pending until all versions are there, running for its time, then as bad as the worst part
    /// (calculateStatus).
    fn assess(&mut self) {
        let before = text(&self.status, "/phase").to_owned();
        let statuses = list(&self.status, "/templateStatuses").to_vec();
        let all = |phase: &str| !statuses.is_empty() && statuses.iter().all(|s| s["status"] == phase);
        let worst = [("templateStatuses", "status"), ("analysisRuns", "phase")].iter().find_map(|(items, field)| {
            let bad = |s: &&Value| matches!(s[field].as_str(), Some("Failed" | "Error" | "Inconclusive"));
            list(&self.status, &format!("/{items}"))
                .iter()
                .find(bad)
                .map(|s| (text(s, &format!("/{field}")).to_owned(), text(s, "/message").to_owned()))
        });
        let (phase, message) = match worst {
            Some((phase, message)) => (phase, message),
            None if self.passed() || flag(&self.ex, "/spec/terminate") || self.required_done() => {
                // What has no end of its own is stopped with the experiment, before its phase is told.
                let open =
                    list(&self.status, "/analysisRuns").iter().any(|r| !text(r, "/analysisRun").is_empty() && !is_over(text(r, "/phase")));
                if open {
                    self.stop_runs();
                }
                let why = if flag(&self.ex, "/spec/terminate") { "Experiment Terminated" } else { "" };
                ("Successful".to_owned(), why.to_owned())
            }
            None if all("Running") => ("Running".to_owned(), String::new()),
            None if before == "Running" => ("Running".to_owned(), String::new()),
            None => ("Pending".to_owned(), String::new()),
        };
        if phase == "Running" && self.status["availableAt"].is_null() {
            self.status["availableAt"] = json!(stamp(self.cx.now));
        }
        if !message.is_empty() {
            self.status["message"] = json!(message);
        }
        self.status["phase"] = json!(phase);
        self.note_progress(&phase);
        if phase != before {
            let kind = if matches!(phase.as_str(), "Failed" | "Error") { "Warning" } else { "Normal" };
            self.tell(kind, &format!("Experiment{phase}"), &format!("Experiment transitioned from {before} -> {phase}"));
        }
        if let Some(end) = time(&self.status["availableAt"]).zip(self.ex["spec"].get("duration").and_then(go_duration)).map(|(a, d)| a + d)
        {
            self.wake_at(end);
        }
    }

    fn stop_runs(&mut self) {
        let namespace = text(&self.ex, "/metadata/namespace").to_owned();
        for run in list(&self.status, "/analysisRuns").to_vec() {
            let key = Key::new(ANALYSISRUNS, namespace.as_str(), text(&run, "/analysisRun"));
            if !is_over(text(&run, "/phase")) {
                let _ = self.cx.store.edit(&key, Part::Main, |run| run["spec"]["terminate"] = json!(true));
            }
        }
    }

    fn note_progress(&mut self, phase: &str) {
        let name = self.name().to_owned();
        let (value, reason, told) = match phase {
            "Pending" => ("True", "ReplicaSetUpdated", "is progressing."),
            "Running" => ("True", "NewReplicaSetAvailable", "is running."),
            "Successful" => ("False", "ExperimentCompleted", "has successfully ran and completed."),
            _ => ("False", "ExperimentFailed", "has failed."),
        };
        conditions::set(&mut self.status, self.cx.now, "Progressing", value, reason, &format!("Experiment \"{name}\" {told}"));
    }
}

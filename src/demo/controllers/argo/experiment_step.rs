//! The experiment step of a canary: makes the Experiment and waits for it (argo-rollouts rollout/experiment.go).
//! Never runs it: the Experiment controller does.

use serde_json::{Value, json};

use crate::demo::store::{EXPERIMENTS, Key, Part};

use super::objects::{Set, annotation, children, flag, has, list, owner_reference, text};
use super::rollout::Work;
use super::{HASH_LABEL, REVISION, pause, run_template::is_over, spec};

impl Work<'_, '_> {
    /// The Experiment the status names.
    pub fn current_experiment(&self) -> Option<Value> {
        let name = text(&self.ro, "/status/canary/currentExperiment");
        self.cx.store.get(&Key::new(EXPERIMENTS, self.key.namespace.as_str(), name)).filter(|_| !name.is_empty()).map(|ex| (**ex).clone())
    }

    /// Starts, watches and ends experiments (reconcileExperiments).
    pub fn experiments(&mut self) {
        if self.is_aborted() || flag(&self.ro, "/status/promoteFull") {
            self.cancel_experiments("");
            return;
        }
        if pause::condition(&self.ro, pause::INCONCLUSIVE_RUN).is_some() {
            return;
        }
        let mut keep = String::new();
        let step = spec::current_step(&self.ro).and_then(|s| s.get("experiment")).cloned();
        if let Some(step) = step.filter(|_| self.stable_set().is_some()) {
            let current = self.current_experiment().or_else(|| self.start_experiment(&step));
            if let Some(ex) = current {
                keep = text(&ex, "/metadata/name").to_owned();
                match text(&ex, "/status/phase") {
                    "Inconclusive" => self.pause.add.push(pause::INCONCLUSIVE_EXPERIMENT),
                    "Error" | "Failed" => self.pause.abort = Some(text(&ex, "/status/message").to_owned()),
                    "Successful" => {}
                    _ => self.canary["currentExperiment"] = json!(keep),
                }
            }
        }
        self.cancel_experiments(&keep);
    }

    fn cancel_experiments(&mut self, keep: &str) {
        for ex in children(self.cx.store, EXPERIMENTS, &self.ro) {
            let over = is_over(text(&ex, "/status/phase"));
            if text(&ex, "/metadata/name") != keep && !over && !flag(&ex, "/spec/terminate") {
                let _ = self.cx.store.edit(&Key::of(EXPERIMENTS, &ex), Part::Main, |ex| ex["spec"]["terminate"] = json!(true));
            }
        }
    }

    fn start_experiment(&mut self, step: &Value) -> Option<Value> {
        let (new, stable) = (self.new_set()?.clone(), self.stable_set()?.clone());
        let templates: Vec<Value> = list(step, "/templates").iter().map(|t| template_of(t, &new, &stable)).collect();
        let mut analyses = list(step, "/analyses").to_vec();
        for analysis in &mut analyses {
            let args: Vec<Value> = list(analysis, "/args").iter().map(|arg| self.experiment_arg(arg, &new, &stable)).collect();
            if !args.is_empty() {
                analysis["args"] = Value::Array(args);
            }
        }
        let base = format!("{}-{}-{}-{}", self.key.name, new.hash, self.revision_text(), self.index_text());
        let mut labels = self.ro["metadata"]["labels"].as_object().cloned().unwrap_or_default();
        labels.insert(HASH_LABEL.to_owned(), json!(new.hash));
        let mut ex = json!({
            "metadata": { "namespace": self.key.namespace, "labels": labels, "annotations": { REVISION: annotation(&self.ro, REVISION) },
                          "ownerReferences": owner_reference(&self.ro) },
            "spec": { "analysisRunMetadata": {}, "templates": templates },
            "status": {},
        });
        if !analyses.is_empty() {
            ex["spec"]["analyses"] = Value::Array(analyses);
        }
        for (field, value) in [("duration", &step["duration"]), ("progressDeadlineSeconds", &self.ro["spec"]["progressDeadlineSeconds"])] {
            if !value.is_null() {
                ex["spec"][field] = value.clone();
            }
        }
        if has(step, "/dryRun") {
            ex["spec"]["dryRun"] = step["dryRun"].clone();
        }
        for tries in 0..100 {
            let name = if tries == 0 { base.clone() } else { format!("{base}-{tries}") };
            ex["metadata"]["name"] = json!(name);
            let Ok(created) = self.cx.store.create(EXPERIMENTS, ex.clone(), self.cx.now) else {
                let known = self.cx.store.get(&Key::new(EXPERIMENTS, self.key.namespace.as_str(), name.as_str()));
                if let Some(known) = known.filter(|known| !is_over(text(known, "/status/phase"))) {
                    return Some((**known).clone());
                }
                continue;
            };
            self.tell("ExperimentCreated", &format!("Created Experiment '{name}'"));
            return Some((*created).clone());
        }
        None
    }

    fn experiment_arg(&self, arg: &Value, new: &Set, stable: &Set) -> Value {
        match text(arg, "/valueFrom/podTemplateHashValue") {
            "Latest" => json!({ "name": arg["name"], "value": new.hash }),
            "Stable" => json!({ "name": arg["name"], "value": stable.hash }),
            _ => arg.clone(),
        }
    }

    /// Traffic that goes to the experiment's versions (calculateWeightDestinationsFromExperiment).
    pub fn experiment_weights(&self) -> Vec<Value> {
        let Some(step) = spec::current_step(&self.ro).and_then(|s| s.get("experiment")) else { return Vec::new() };
        let Some(ex) = self.current_experiment().filter(|ex| ex["status"]["phase"] == "Running") else { return Vec::new() };
        let weight_of = |name: &Value| list(step, "/templates").iter().find(|t| t["name"] == *name).map(|t| t["weight"].clone());
        let told = list(&ex, "/status/templateStatuses").iter();
        told.filter_map(|status| {
            let weight = weight_of(&status["name"]).filter(|w| !w.is_null())?;
            Some(json!({ "podTemplateHash": status["podTemplateHash"], "serviceName": status["serviceName"], "weight": weight }))
        })
        .collect()
    }
}

/// One template of the Experiment, taken from the version the step refers to.
fn template_of(wanted: &Value, new: &Set, stable: &Set) -> Value {
    let set = if wanted["specRef"] == "stable" { stable } else { new };
    let from = &set.object["spec"];
    let mut template = json!({ "name": wanted["name"], "selector": from["selector"], "template": from["template"] });
    for (field, value) in
        [("minReadySeconds", &from["minReadySeconds"]), ("replicas", &wanted["replicas"]), ("selector", &wanted["selector"])]
    {
        if !value.is_null() {
            template[field] = value.clone();
        }
    }
    for (key, value) in wanted["metadata"]["labels"].as_object().into_iter().flatten() {
        template["template"]["metadata"]["labels"][key] = value.clone();
        template["selector"]["matchLabels"][key] = value.clone();
    }
    for (key, value) in wanted["metadata"]["annotations"].as_object().into_iter().flatten() {
        template["template"]["metadata"]["annotations"][key] = value.clone();
    }
    if has(wanted, "/weight") || has(wanted, "/service") {
        template["service"] = if wanted["service"].is_object() { wanted["service"].clone() } else { json!({}) };
    }
    template
}

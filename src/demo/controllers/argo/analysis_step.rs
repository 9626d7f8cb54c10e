//! The analysis runs of a Rollout: background, step, before and after promotion (argo-rollouts rollout/analysis.go).
//! Never measures anything: the AnalysisRun controller does.

use serde_json::{Value, json};

use crate::demo::store::{ANALYSISRUNS, Key, Part};

use super::objects::{annotation, children, flag, has, list, number, owner_reference, remove, text};
use super::rollout::Work;
use super::run_template::{build_run, create_run, is_over, merge};
use super::{HASH_LABEL, REVISION, pause, spec};

/// One of the four gates a Rollout may have.
struct Gate {
    strategy: &'static str,
    field: &'static str,
    kind: &'static str,
    /// What an abort by this gate says.
    told: &'static str,
}

const STEP: Gate = Gate { strategy: "canary", field: "currentStepAnalysisRunStatus", kind: "Step", told: "Step-based analysis" };
const BACKGROUND: Gate =
    Gate { strategy: "canary", field: "currentBackgroundAnalysisRunStatus", kind: "Background", told: "Background analysis" };
const PRE: Gate =
    Gate { strategy: "blueGreen", field: "prePromotionAnalysisRunStatus", kind: "PrePromotion", told: "Blue/green pre-promotion analysis" };
const POST: Gate = Gate {
    strategy: "blueGreen",
    field: "postPromotionAnalysisRunStatus",
    kind: "PostPromotion",
    told: "Blue/green post-promotion analysis",
};

impl Work<'_, '_> {
    /// The run the status names for a gate.
    pub fn current_run(&self, strategy: &str, field: &str) -> Option<Value> {
        let name = text(&self.ro, &format!("/status/{strategy}/{field}/name"));
        let key = Key::new(ANALYSISRUNS, self.key.namespace.as_str(), name);
        self.cx.store.get(&key).filter(|_| !name.is_empty()).map(|run| (**run).clone())
    }

    fn run_of(&self, gate: &Gate) -> Option<Value> {
        self.current_run(gate.strategy, gate.field)
    }

    /// Starts, watches and ends the runs that are due (reconcileAnalysisRuns).
    pub fn analysis_runs(&mut self) {
        let gates = if spec::is_blue_green(&self.ro) { [PRE, POST] } else { [STEP, BACKGROUND] };
        let warm = self.new_set().is_some_and(|s| s.deadline.is_some());
        let fresh = text(&self.ro, "/status/stableRS").is_empty();
        if self.is_aborted() || flag(&self.ro, "/status/promoteFull") || warm || fresh || self.is_rollback_within_window() {
            for gate in &gates {
                if let Some(run) = self.run_of(gate) {
                    self.set_current(gate, &run);
                }
            }
            self.cancel_runs(&[]);
            return;
        }
        let mut current = Vec::new();
        for gate in &gates {
            let run = match gate.kind {
                "Step" => self.step_run(),
                "Background" => self.background_run(),
                _ => self.promotion_run(gate),
            };
            let Some(run) = run else { continue };
            self.judge(gate, &run);
            self.set_current(gate, &run);
            self.tell_change(gate, &run);
            current.push(text(&run, "/metadata/name").to_owned());
        }
        self.cancel_runs(&current);
        self.clean_up_runs(&current);
    }

    fn step_run(&mut self) -> Option<Value> {
        let current = self.run_of(&STEP);
        if self.has_pause_conditions() || flag(&self.ro, "/status/abort") {
            return current;
        }
        let index = self.index_text();
        let wanted = spec::current_step(&self.ro)?.get("analysis")?.clone();
        let stale = current.as_ref().is_some_and(|run| run["metadata"]["labels"]["step-index"] != index.as_str());
        if stale {
            return None;
        }
        self.current_or_new(current, &wanted, &index, json!({ "rollout-type": "Step", "step-index": index }))
    }

    fn background_run(&mut self) -> Option<Value> {
        let wanted = self.ro.pointer("/spec/strategy/canary/analysis").filter(|a| !list(a, "/templates").is_empty())?.clone();
        let first = number(&wanted, "/startingStep").unwrap_or(0);
        let index = spec::step_index(&self.ro).map_or(i64::MAX, |i| i64::try_from(i).unwrap_or(i64::MAX));
        if self.is_fully_promoted() || text(&self.ro, "/status/currentPodHash").is_empty() || index < first {
            return None;
        }
        let current = self.run_of(&BACKGROUND);
        if pause::condition(&self.ro, pause::INCONCLUSIVE_RUN).is_some() {
            return current;
        }
        self.current_or_new(current, &wanted, "", json!({ "rollout-type": "Background" }))
    }

    fn promotion_run(&mut self, gate: &Gate) -> Option<Value> {
        let (field, infix) = if gate.kind == "PrePromotion" { ("prePromotionAnalysis", "pre") } else { ("postPromotionAnalysis", "post") };
        let wanted = self.ro.pointer(&format!("/spec/strategy/blueGreen/{field}"))?.clone();
        let current = self.run_of(gate);
        if self.skips_promotion_run(gate, current.is_some()) || pause::condition(&self.ro, pause::INCONCLUSIVE_RUN).is_some() {
            return current;
        }
        self.current_or_new(current, &wanted, infix, json!({ "rollout-type": gate.kind }))
    }

    /// Whether it is too early or too late for the gate (skipPrePromotionAnalysisRun, skipPostPromotionAnalysisRun).
    /// A retry starts the pre-promotion run at once, before the pods are back, as recorded.
    fn skips_promotion_run(&self, gate: &Gate, known: bool) -> bool {
        let Some(new) = self.new_set() else { return true };
        let active = text(&self.ro, "/status/blueGreen/activeSelector");
        let (stable, full) = (text(&self.ro, "/status/stableRS") == new.hash, spec::replicas(&self.ro));
        if gate.kind == "PostPromotion" {
            return stable || active != new.hash || new.spec != full || new.available != full;
        }
        if stable || active.is_empty() || active == new.hash {
            return true;
        }
        let retried = known && has(&self.ro, "/status/abortedAt");
        let want = number(&self.ro, "/spec/strategy/blueGreen/previewReplicaCount").unwrap_or(full);
        !retried && (new.spec != want || new.available != want)
    }

    /// The run that goes on, or a new one where one is needed (needsNewAnalysisRun).
    fn current_or_new(&mut self, current: Option<Value>, wanted: &Value, infix: &str, labels: Value) -> Option<Value> {
        if let Some(run) = &current {
            let inconclusive = flag(&self.ro, "/status/controllerPause")
                && pause::condition(&self.ro, pause::CANARY_PAUSE).is_none()
                && pause::condition(&self.ro, pause::BLUE_GREEN_PAUSE).is_none();
            let again = if inconclusive { run["status"]["phase"] == "Inconclusive" } else { has(&self.ro, "/status/abortedAt") };
            if !again {
                return current;
            }
        }
        let mut name = format!("{}-{}-{}", self.key.name, self.new_hash(), self.revision_text());
        if !infix.is_empty() {
            name = format!("{name}-{infix}");
        }
        let mut labels = labels;
        labels[HASH_LABEL] = json!(self.new_hash());
        for (key, value) in self.ro["spec"]["selector"]["matchLabels"].as_object().into_iter().flatten() {
            labels[key] = value.clone();
        }
        let args = self.resolve_args(list(wanted, "/args"));
        let annotations = json!({ REVISION: annotation(&self.ro, REVISION) });
        let made = build_run(self.cx.store, &self.key.namespace, wanted, args).and_then(|mut run| {
            run["metadata"]["labels"] = labels;
            merge(&mut run["metadata"]["annotations"], &annotations);
            run["metadata"]["ownerReferences"] = owner_reference(&self.ro);
            create_run(self.cx.store, run, &name, self.cx.now)
        });
        match made {
            Ok(run) => Some(run),
            Err(problem) => {
                self.warn("AnalysisRunError", &problem);
                self.pause.abort = Some(problem);
                None
            }
        }
    }

    fn resolve_args(&self, args: &[Value]) -> Vec<Value> {
        let resolve = |arg: &Value| {
            let mut arg = arg.clone();
            if let Some(source) = arg.get("valueFrom").cloned() {
                let value = match text(&source, "/podTemplateHashValue") {
                    "Latest" => Some(self.new_hash()),
                    "Stable" => Some(text(&self.ro, "/status/stableRS").to_owned()),
                    _ => match text(&source, "/fieldRef/fieldPath") {
                        "" => None,
                        path => Some(field_path(&self.ro, path)),
                    },
                };
                if let Some(value) = value {
                    remove(&mut arg, "valueFrom");
                    arg["value"] = json!(value);
                }
            }
            arg
        };
        args.iter().map(resolve).collect()
    }

    /// Pauses or aborts on a run's result.
    fn judge(&mut self, gate: &Gate, run: &Value) {
        match text(run, "/status/phase") {
            "Inconclusive" => self.pause.add.push(pause::INCONCLUSIVE_RUN),
            "Error" | "Failed" => {
                let message = text(run, "/status/message");
                self.pause.abort = Some(format!("{} phase error/failed: {message}", gate.told));
            }
            _ => {}
        }
    }

    /// Puts the run into the status; an aborted canary forgets its runs, a blue-green remembers them (SetCurrentAnalysisRuns).
    fn set_current(&mut self, gate: &Gate, run: &Value) {
        let mut told = json!({ "name": run["metadata"]["name"], "status": text(run, "/status/phase") });
        let message = text(run, "/status/message");
        if !message.is_empty() {
            told["message"] = json!(message);
        }
        if gate.strategy == "blueGreen" {
            self.blue_green[gate.field] = told;
        } else if !flag(&self.ro, "/status/abort") {
            self.canary[gate.field] = told;
        }
    }

    fn tell_change(&mut self, gate: &Gate, run: &Value) {
        let phase = text(run, "/status/phase");
        let before = self.ro["status"][gate.strategy][gate.field].clone();
        if phase.is_empty() || before["name"] != run["metadata"]["name"] || before["status"] == phase {
            return;
        }
        let (name, was) = (text(run, "/metadata/name"), text(&before, "/status"));
        let message = format!("{} Analysis Run '{name}' Status New: '{phase}' Previous: '{was}'", gate.kind);
        let reason = format!("AnalysisRun{phase}");
        if matches!(phase, "Failed" | "Error") { self.warn(&reason, &message) } else { self.tell(&reason, &message) }
    }

    fn cancel_runs(&mut self, keep: &[String]) {
        for run in children(self.cx.store, ANALYSISRUNS, &self.ro) {
            let name = text(&run, "/metadata/name");
            if !keep.iter().any(|k| k == name) && !flag(&run, "/spec/terminate") && !is_over(text(&run, "/status/phase")) {
                let _ = self.cx.store.edit(&Key::of(ANALYSISRUNS, &run), Part::Main, |run| run["spec"]["terminate"] = json!(true));
            }
        }
    }

    /// Old runs beyond the history limits go; without limits in the spec the newest five of each outcome stay.
    fn clean_up_runs(&mut self, keep: &[String]) {
        let limit = |field: &str| usize::try_from(number(&self.ro, &format!("/spec/analysis/{field}")).unwrap_or(5)).unwrap_or(0);
        let limits = [limit("successfulRunHistoryLimit"), limit("unsuccessfulRunHistoryLimit")];
        let mut runs = children(self.cx.store, ANALYSISRUNS, &self.ro);
        runs.retain(|run| is_over(text(run, "/status/phase")) && !keep.iter().any(|k| k == text(run, "/metadata/name")));
        runs.sort_by(|a, b| text(b, "/metadata/creationTimestamp").cmp(text(a, "/metadata/creationTimestamp")));
        let (good, bad): (Vec<Value>, Vec<Value>) = runs.into_iter().partition(|run| run["status"]["phase"] == "Successful");
        for run in good.iter().skip(limits[0]).chain(bad.iter().skip(limits[1])) {
            self.cx.store.delete(&Key::of(ANALYSISRUNS, run));
        }
    }
}

/// The field a `fieldRef` names, of the forms `metadata.name` and `metadata.labels['x']`.
fn field_path(object: &Value, path: &str) -> String {
    let value = match path.split_once('[') {
        Some((parent, key)) => {
            object.pointer(&format!("/{}", parent.replace('.', "/"))).and_then(|p| p.get(key.trim_matches(|c| "[]'\"".contains(c))))
        }
        None => object.pointer(&format!("/{}", path.replace('.', "/"))),
    };
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

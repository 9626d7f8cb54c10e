//! One look at a canary (argo-rollouts rollout/canary.go).
//! Never skips a step but as the real one does: promoted in full, rolled back to stable, or told by a person.

use serde_json::{Value, json};

use super::duration::Milestone;
use super::objects::{flag, list, number, selector_text, text};
use super::rollout::Work;
use super::{counts, pause, persist, spec};

impl Work<'_, '_> {
    /// Moves a canary one look further.
    pub fn canary(&mut self) {
        let changed = self.template_or_steps_changed();
        self.sync_revision();
        if self.new.is_none() {
            return;
        }
        if changed {
            self.sync_canary();
            return;
        }
        self.restart_pods();
        self.clean_up_history();
        self.stable_and_canary_services();
        self.route();
        self.experiments();
        self.analysis_runs();
        if !self.pause.add.is_empty() {
            self.sync_canary();
            return;
        }
        if !self.scale_canary() {
            self.pause_at_step();
            self.plugin_step();
        }
        self.sync_canary();
    }

    /// Scales one version towards what the step asks for; true when it did (reconcileCanaryReplicaSets).
    pub fn scale_canary(&mut self) -> bool {
        if pause::halted(&self.ro) {
            return false;
        }
        self.remove_deadlines();
        self.scale_stable() || self.scale_new() || self.scale_others()
    }

    fn scale_stable(&mut self) -> bool {
        let Some(stable) = self.stable_set().filter(|s| Some(&s.name) != self.new.as_ref()).cloned() else { return false };
        let to = if spec::is_routed(&self.ro) {
            // The weights as stored, not as just decided: stable follows the traffic one look later.
            counts::routed_canary(&self.ro, self.ro.pointer("/status/canary/weights")).1
        } else {
            counts::basic_canary(&counts::plan(&self.ro, self.new_set(), Some(&stable), &self.other_sets())).1
        };
        self.scale(&stable, to)
    }

    /// Pauses at a pause step, or waits for its end (reconcileCanaryPause).
    fn pause_at_step(&mut self) {
        if flag(&self.ro, "/spec/paused") || flag(&self.ro, "/status/promoteFull") || self.is_aborted() {
            return;
        }
        let Some(step) = spec::current_step(&self.ro).filter(|s| s.get("pause").is_some()) else { return };
        match pause::condition(&self.ro, pause::CANARY_PAUSE) {
            None => {
                // A pause of the controller's that is gone was ended by a person.
                if !flag(&self.ro, "/status/controllerPause") {
                    self.pause.add.push(pause::CANARY_PAUSE);
                }
            }
            Some(condition) => {
                let end =
                    super::objects::time(&condition["startTime"]).zip(spec::pause_duration(step)).map(|(start, length)| start + length);
                if let Some(end) = end {
                    self.wake_at(end);
                }
            }
        }
    }

    /// Step plugins aren't part of the embedded cluster: the update is aborted and says why.
    fn plugin_step(&mut self) {
        if self.is_aborted() || self.is_fully_promoted() || self.stable_set().is_none() {
            return;
        }
        let name = spec::current_step(&self.ro).and_then(|s| s.get("plugin")).map(|p| text(p, "/name").to_owned());
        if let Some(name) = name {
            self.pause.abort = Some(format!("Step plugin {name} is not supported by the embedded cluster"));
        }
    }

    /// Whether the current step has done its work (completedCurrentCanaryStep).
    fn step_completed(&self) -> bool {
        let Some(step) = spec::current_step(&self.ro).filter(|_| !flag(&self.ro, "/spec/paused")) else { return false };
        let at_desired = || {
            let weights = self.canary.get("weights");
            counts::at_desired(&self.ro, self.new_set(), self.stable_set(), &self.other_sets(), weights)
        };
        if step.get("pause").is_some() {
            return pause::step_completed(&self.ro, step, self.cx.now);
        }
        if step.get("setWeight").is_some() {
            return at_desired() && self.canary.pointer("/weights/verified").is_none_or(|v| v != false);
        }
        if step.get("setCanaryScale").is_some() {
            return at_desired();
        }
        if step.get("analysis").is_some() {
            return self.current_run("canary", "currentStepAnalysisRunStatus").is_some_and(|run| run["status"]["phase"] == "Successful");
        }
        if step.get("experiment").is_some() {
            return self.current_experiment().is_some_and(|ex| ex["status"]["phase"] == "Successful");
        }
        step.get("setHeaderRoute").is_some() || step.get("setMirrorRoute").is_some()
    }

    /// Makes and writes the canary's status (syncRolloutStatusCanary).
    fn sync_canary(&mut self) {
        let mut status = persist::base(self);
        let (actual, _, available) = self.sums();
        status["availableReplicas"] = json!(available);
        status["HPAReplicas"] = json!(actual);
        status["selector"] = json!(selector_text(&self.ro["spec"]["selector"]));
        status["currentStepHash"] = json!(persist::step_hash(&self.ro));
        let steps = spec::steps(&self.ro).len();
        if self.template_or_steps_changed() {
            self.start_over(status, steps);
            return;
        }
        let mut index = spec::step_index(&self.ro);
        if flag(&self.ro, "/status/promoteFull") || self.is_rollback_within_window() {
            self.pause.clear = true;
            self.pause.unabort = true;
            index = index.map(|_| steps);
        }
        if let Some(reason) = persist::promotion_reason(self, &status) {
            persist::promote_stable(self, &mut status, &reason);
        } else if self.is_aborted() {
            if steps > 0 {
                status["currentStepIndex"] = json!(if self.is_fully_promoted() { steps } else { 0 });
            }
        } else {
            if let Some(at) = index.filter(|at| *at < steps)
                && self.step_completed()
            {
                let told = spec::step_text(&spec::steps(&self.ro)[at]);
                self.tell("RolloutStepCompleted", &format!("Rollout step {}/{steps} completed ({told})", at + 1));
                super::objects::remove(&mut status["canary"], "currentStepAnalysisRunStatus");
                self.pause.remove.push(pause::CANARY_PAUSE);
                index = Some(at + 1);
            }
            status["currentStepIndex"] = json!(index);
        }
        persist::calculate_conditions(self, &mut status);
        persist::persist(self, status);
    }

    /// A new template or new steps: the update starts from the first step, or is over at once when it is the stable version again.
    fn start_over(&mut self, mut status: Value, steps: usize) {
        persist::reset(self, &mut status);
        if steps > 0 && !text(&self.ro, "/status/currentPodHash").is_empty() {
            let back = text(&self.ro, "/status/stableRS") == self.new_hash();
            if back {
                self.tell("SkipSteps", "Rollback to stable ReplicaSets");
                self.milestone = Some(Milestone::RolledBack);
                status["currentStepIndex"] = json!(steps);
            } else if self.is_rollback_within_window() && self.new_set().is_some_and(|s| s.spec > 0) {
                self.tell("SkipSteps", "Rollback to active ReplicaSets within RollbackWindow");
                status["currentStepIndex"] = json!(steps);
            }
        }
        persist::calculate_conditions(self, &mut status);
        persist::persist(self, status);
    }

    /// The index the status speaks of, for names of runs and experiments.
    pub fn index_text(&self) -> String {
        number(&self.ro, "/status/currentStepIndex").unwrap_or(0).to_string()
    }

    /// The pauses stored, if any.
    pub fn has_pause_conditions(&self) -> bool {
        !list(&self.ro, "/status/pauseConditions").is_empty()
    }
}

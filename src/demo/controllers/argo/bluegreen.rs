//! One look at a blue-green update (argo-rollouts rollout/bluegreen.go).
//! Never points the active Service at a version that isn't fully available.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::objects::{flag, has, number, selector_text, text, time};
use super::rollout::Work;
use super::{pause, persist, spec};

impl Work<'_, '_> {
    /// Moves a blue-green update one look further.
    pub fn blue_green(&mut self) {
        self.sync_revision();
        if self.new.is_none() {
            return;
        }
        let (active, preview) = (self.active_service(), self.preview_service());
        if !pause::halted(&self.ro) {
            let hash = self.new_hash();
            self.point(&preview, &hash);
        }
        if !self.template_changed() {
            self.restart_pods();
            self.scale_blue_green();
            self.clean_up_history();
            self.pause_before_switch(&active);
            self.switch_active(&active);
            self.analysis_runs();
        }
        self.sync_blue_green(&active, &preview);
    }

    fn active_service(&self) -> String {
        text(&self.ro, "/spec/strategy/blueGreen/activeService").to_owned()
    }

    fn preview_service(&self) -> String {
        text(&self.ro, "/spec/strategy/blueGreen/previewService").to_owned()
    }

    /// Scales active, new and old versions (reconcileBlueGreenReplicaSets).
    pub fn scale_blue_green(&mut self) {
        if pause::halted(&self.ro) {
            return;
        }
        self.remove_deadlines();
        let active = self.selected(&self.active_service());
        if let Some(set) = self.set_of_hash(&active).cloned() {
            self.scale(&set, spec::replicas(&self.ro));
        }
        // The active version may be the new one and just scaled; what is stored now counts.
        if active != self.new_hash() || self.delays_abort() {
            self.scale_new();
        }
        self.scale_others();
    }

    /// Whether the new version has the pods it should have before a pause or switch (ReadyForPause, IsSaturated).
    fn is_ready(&self, preview_counts: bool) -> bool {
        let Some(new) = self.new_set() else { return false };
        let preview = number(&self.ro, "/spec/strategy/blueGreen/previewReplicaCount");
        let passed = flag(&self.ro, "/status/blueGreen/scaleUpPreviewCheckPoint") || flag(&self.ro, "/status/promoteFull");
        let active = text(&self.ro, "/status/blueGreen/activeSelector");
        let want = match preview {
            Some(count) if preview_counts && !passed && !active.is_empty() && active != new.hash => count,
            _ => spec::replicas(&self.ro),
        };
        new.spec == want && new.available == want
    }

    /// Whether the pause is skipped: back to a version still warm, promoted in full, or nothing to switch (isBlueGreenFastTracked).
    fn is_fast_tracked(&self, active: &str) -> bool {
        let selected = self.selected(active);
        self.was_warm || flag(&self.ro, "/status/promoteFull") || selected.is_empty() || selected == self.new_hash()
    }

    fn pre_promotion_passed(&self) -> bool {
        !has(&self.ro, "/spec/strategy/blueGreen/prePromotionAnalysis")
            || self.current_run("blueGreen", "prePromotionAnalysisRunStatus").is_some_and(|run| run["status"]["phase"] == "Successful")
    }

    /// Pauses before the switch, or ends the pause (reconcileBlueGreenPause).
    fn pause_before_switch(&mut self, active: &str) {
        if flag(&self.ro, "/status/abort") || !self.is_ready(true) || pause::halted(&self.ro) {
            return;
        }
        let passed = flag(&self.ro, "/status/blueGreen/scaleUpPreviewCheckPoint");
        if self.is_fast_tracked(active) || passed || !spec::pauses_blue_green(&self.ro) {
            self.pause.remove.push(pause::BLUE_GREEN_PAUSE);
            return;
        }
        if !self.pre_promotion_passed() {
            return;
        }
        match pause::condition(&self.ro, pause::BLUE_GREEN_PAUSE) {
            None => {
                if !flag(&self.ro, "/status/controllerPause") {
                    self.pause.add.push(pause::BLUE_GREEN_PAUSE);
                }
            }
            Some(_) if pause::blue_green_completed(&self.ro, &self.pause, self.cx.now) => {
                self.pause.remove.push(pause::BLUE_GREEN_PAUSE);
            }
            Some(condition) => {
                let seconds = spec::auto_promotion_seconds(&self.ro);
                if let Some(start) = time(&condition["startTime"]).filter(|_| seconds > 0) {
                    self.wake_at(start + TimeDelta::seconds(seconds));
                }
            }
        }
    }

    /// Points the active Service at the new version when all is passed, at stable when aborted (reconcileActiveService).
    fn switch_active(&mut self, active: &str) {
        if pause::halted(&self.ro) || !self.is_ready(true) || !self.is_ready(false) {
            return;
        }
        let done = pause::blue_green_completed(&self.ro, &self.pause, self.cx.now) && self.pre_promotion_passed();
        let mut target = self.selected(active);
        if self.is_fast_tracked(active) || done {
            target = self.new_hash();
        }
        if flag(&self.ro, "/status/abort") {
            target = text(&self.ro, "/status/stableRS").to_owned();
        }
        self.point(active, &target);
    }

    /// Makes and writes the status (syncRolloutStatusBlueGreen).
    fn sync_blue_green(&mut self, active: &str, preview: &str) {
        let mut status = persist::base(self);
        if self.template_changed() || text(&self.ro, "/status/currentPodHash").is_empty() {
            let back = text(&self.ro, "/status/stableRS") == self.new_hash();
            persist::reset(self, &mut status);
            if back {
                self.milestone = Some(super::duration::Milestone::RolledBack);
            }
        }
        if flag(&self.ro, "/status/promoteFull") || self.is_rollback_within_window() {
            self.pause.clear = true;
            self.pause.unabort = true;
        }
        let set = |status: &mut Value, field: &str, hash: String| {
            if !hash.is_empty() {
                status["blueGreen"][field] = json!(hash);
            }
        };
        set(&mut status, "previewSelector", self.selected(preview));
        set(&mut status, "activeSelector", self.selected(active));
        match persist::promotion_reason(self, &status) {
            Some(reason) => persist::promote_stable(self, &mut status, &reason),
            None if self.preview_check_point() => status["blueGreen"]["scaleUpPreviewCheckPoint"] = json!(true),
            None => {}
        }
        // Ready and available speak of the active version alone, so that a preview never looks like capacity.
        if let Some(set) = self.set_of_hash(text(&status, "/blueGreen/activeSelector")) {
            status["HPAReplicas"] = json!(set.actual);
            status["selector"] = json!(persist::version_selector(set));
            status["availableReplicas"] = json!(set.available);
            status["readyReplicas"] = json!(set.ready);
        } else {
            let (actual, _, available) = self.sums();
            status["HPAReplicas"] = json!(actual);
            status["availableReplicas"] = json!(available);
            status["selector"] = json!(selector_text(&self.ro["spec"]["selector"]));
        }
        persist::calculate_conditions(self, &mut status);
        persist::persist(self, status);
    }

    /// Whether the small preview is through its gates and may grow to full size (calculateScaleUpPreviewCheckPoint).
    fn preview_check_point(&self) -> bool {
        let Some(count) = number(&self.ro, "/spec/strategy/blueGreen/previewReplicaCount").filter(|_| !self.template_changed()) else {
            return false;
        };
        flag(&self.ro, "/status/blueGreen/scaleUpPreviewCheckPoint")
            || (self.pre_promotion_passed()
                && pause::blue_green_completed(&self.ro, &self.pause, self.cx.now)
                && self.new_set().is_some_and(|s| s.available == count))
    }
}

//! The ends of an analysis: everything back to the primary, promotion without a check, and the promoted version's last steps.
//! Never undoes a promotion: what the primary was given it keeps.

use super::TOTAL;
use super::spec::Spec;
use super::tick::{Go, Tick};

impl Tick<'_, '_> {
    /// Everything to the primary, the target to 0 pods, and Failed (scheduler.go rollback).
    pub fn roll_back(&mut self) -> Go {
        let failed = self.failed_checks();
        if failed >= Spec(&self.canary).threshold() {
            let message = format!("Rolling back {} failed checks threshold reached {failed}", self.place());
            self.warn(&message);
        }
        self.set_weights(TOTAL, 0);
        let message = format!("Canary failed! Scaling down {}", self.place());
        self.warn(&message);
        self.scale_target(0);
        self.sync("Failed", 0);
        None
    }

    /// A promoted primary that does not get ready: everything to the target, which stays, and Failed. Read of 1.44, not recorded.
    pub fn fail_over(&mut self) -> Go {
        let message = format!("Promotion of {} failed, primary not ready", self.place());
        self.warn(&message);
        self.tell("Routing all traffic to canary");
        self.set_weights(0, TOTAL);
        self.sync("Failed", TOTAL);
        None
    }

    /// `skipAnalysis`: everything to the primary while it takes the target's template, all in one tick.
    pub fn skip(&mut self) -> Go {
        self.set_weights(TOTAL, 0);
        self.copy_to_primary()?;
        self.scale_target(0);
        self.enter("Succeeded");
        let message = format!("Promotion completed! Canary analysis was skipped for {}", self.target_place());
        self.tell(&message);
        None
    }

    /// The promoted template is on the primary: requests go back to it, at once or step by step.
    pub fn shift_to_primary(&mut self, weight: i64) -> Go {
        let step = Spec(&self.canary).step_back();
        if Spec(&self.canary).is_plain() {
            self.enter("Finalising");
        } else if step == 0 {
            self.tell("Routing all traffic to primary");
            self.set_weights(TOTAL, 0);
            self.enter("Finalising");
        } else if weight > 0 {
            let left = (weight - step).max(0);
            self.set_weights(TOTAL - left, left);
            let message = format!("Advance {} primary weight {}", self.place(), TOTAL - left);
            self.tell(&message);
            if left == 0 { self.enter("Finalising") } else { self.set_figure("canaryWeight", left) }
        }
        None
    }

    /// Nothing goes to the target any more: it goes to 0 pods, and that is that.
    pub fn finish(&mut self) -> Go {
        self.scale_target(0);
        self.enter("Succeeded");
        let message = format!("Promotion completed! Scaling down {}", self.target_place());
        self.tell(&message);
        None
    }

    /// Says so, and gives the primary the target's template.
    pub fn copy_to_primary(&mut self) -> Go {
        let message = format!("Copying {} template spec to {}-primary.{}", self.target_place(), self.target_name(), self.key.namespace);
        self.tell(&message);
        self.promote()
    }
}

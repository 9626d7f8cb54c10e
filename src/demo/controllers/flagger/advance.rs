//! The canary's way up: one weight further each tick, and promotion from the last one (scheduler.go runCanary).
//! Oversteps its maximum by up to one step, as the real one does.

use super::TOTAL;
use super::spec::Spec;
use super::tick::{Go, Tick};

impl Tick<'_, '_> {
    /// The next weight, or promotion where there is none.
    pub fn advance(&mut self, weight: i64) -> Go {
        let spec = Spec(&self.canary);
        let (step, most) = (spec.step_from(weight), spec.most());
        if step <= 0 {
            return None;
        }
        if self.phase() != "WaitingPromotion" {
            self.may_increase()?;
        }
        if weight < most {
            let next = (weight + step).min(TOTAL);
            self.set_weights(TOTAL - next, next);
            self.set_figure("canaryWeight", next);
            let message = format!("Advance {} canary weight {next}", self.place());
            self.tell(&message);
            return None;
        }
        self.may_promote()?;
        self.copy_to_primary()?;
        self.enter("Promoting");
        None
    }
}

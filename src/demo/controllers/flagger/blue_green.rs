//! Blue-green: checks for a number of ticks with nothing on the target, then everything, then promotion (scheduler.go runBlueGreen).
//! Without a router nothing ever goes to the target: the primary's own rolling update is the first that callers meet.

use serde_json::Value;

use super::TOTAL;
use super::spec::Spec;
use super::tick::{Go, Tick};

impl Tick<'_, '_> {
    /// The next iteration, or what comes after the last.
    pub fn iterate(&mut self) -> Go {
        let wanted = Spec(&self.canary).iterations();
        let done = self.canary["status"]["iterations"].as_i64().unwrap_or(0);
        if self.canary["spec"]["analysis"]["match"].as_array().is_some_and(|rules: &Vec<Value>| !rules.is_empty()) {
            return self.halt("A/B testing is not supported by the embedded cluster");
        }
        if done < wanted {
            self.set_figure("iterations", done + 1);
            let message = format!("Advance {} canary iteration {}/{wanted}", self.place(), done + 1);
            self.tell(&message);
            return None;
        }
        self.may_promote()?;
        if done == wanted {
            if !Spec(&self.canary).is_plain() {
                self.tell("Routing all traffic to canary");
                self.set_weights(0, TOTAL);
            }
            self.set_figure("iterations", done + 1);
            return None;
        }
        self.copy_to_primary()?;
        self.enter("Promoting");
        None
    }
}

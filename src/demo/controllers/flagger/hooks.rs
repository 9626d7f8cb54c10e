//! What a Canary's webhooks are asked, and what their answers do (flagger pkg/controller/webhook hooks in scheduler_hooks.go).
//! Calls nobody: the answers are the gates'.

use serde_json::Value;

use super::spec::Spec;
use super::tick::{Go, Tick};
use crate::demo::controllers::meta;

impl Tick<'_, '_> {
    fn hooks(&self, kind: &str) -> Vec<(String, Result<(), String>)> {
        let asked = |hook: &Value| (meta::text(&hook["name"]).to_owned(), self.gates.ask(meta::text(&hook["url"]), self.cx.now));
        Spec(&self.canary).hooks(kind).map(asked).collect()
    }

    /// `confirm-rollout`: closed means Waiting, with nothing scaled up.
    pub fn may_begin(&mut self) -> Go {
        for (name, answer) in self.hooks("confirm-rollout") {
            if answer.is_err() {
                if self.phase() != "Waiting" {
                    self.enter("Waiting");
                    let message = format!("Halt {} advancement waiting for approval {name}", self.place());
                    self.warn(&message);
                }
                return None;
            }
            self.tell(&format!("Confirm-rollout check {name} passed"));
        }
        Some(())
    }

    /// `confirm-traffic-increase`: closed means the same weight, and no phase of its own.
    pub fn may_increase(&mut self) -> Go {
        for (name, answer) in self.hooks("confirm-traffic-increase") {
            if answer.is_err() {
                let message = format!("Halt {} advancement waiting for traffic increase approval {name}", self.place());
                return self.halt(&message);
            }
            self.tell(&format!("Confirm-traffic-increase check {name} passed"));
        }
        Some(())
    }

    /// `confirm-promotion`: closed means WaitingPromotion, while the checks go on.
    pub fn may_promote(&mut self) -> Go {
        for (name, answer) in self.hooks("confirm-promotion") {
            if answer.is_err() {
                if self.phase() != "WaitingPromotion" {
                    self.enter("WaitingPromotion");
                    let message = format!("Halt {} advancement waiting for promotion approval {name}", self.place());
                    self.warn(&message);
                }
                return None;
            }
            self.tell(&format!("Confirm-promotion check {name} passed"));
        }
        Some(())
    }

    /// `rollback`: here yes means back.
    pub fn asked_back(&mut self) -> bool {
        for (name, answer) in self.hooks("rollback") {
            if answer.is_ok() {
                self.warn(&format!("Rollback check {name} passed"));
                return true;
            }
            self.tell(&format!("Rollback hook {name} not signaling a rollback"));
        }
        false
    }

    /// `pre-rollout`, before the first weight.
    pub fn before_rollout(&mut self) -> bool {
        for (name, answer) in self.hooks("pre-rollout") {
            if let Err(error) = answer {
                let message = format!("Halt {} advancement pre-rollout check {name} failed {error}", self.place());
                self.warn(&message);
                return false;
            }
            self.tell(&format!("Pre-rollout check {name} passed"));
        }
        true
    }

    /// `rollout`, at each tick before the metrics.
    pub fn external_checks(&mut self) -> bool {
        for (name, answer) in self.hooks("rollout") {
            if let Err(error) = answer {
                let message = format!("Halt {} advancement external check {name} failed {error}", self.place());
                self.warn(&message);
                return false;
            }
        }
        true
    }
}

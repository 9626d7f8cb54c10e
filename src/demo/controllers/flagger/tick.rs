//! One tick: the order in which Flagger does things, and where each of them ends the tick (flagger pkg/controller/scheduler.go advanceCanary).
//! Decides order alone; what each thing is stands in the file named after it.

use std::sync::Arc;

use serde_json::Value;

use super::gates::Gates;
use super::spec::Spec;
use super::{COMPONENT, REASON};
use crate::demo::controllers::{hash, meta};
use crate::demo::sim::Cx;
use crate::demo::store::{DEPLOYMENTS, Key};

/// A tick of one Canary.
pub struct Tick<'a, 'c> {
    /// Store and clock.
    pub cx: &'a mut Cx<'c>,
    /// Which Canary.
    pub key: Key,
    /// The Canary as it is stored.
    pub canary: Arc<Value>,
    /// What its webhooks' services say.
    pub gates: &'a Gates,
}

/// Whether the tick goes on.
pub type Go = Option<()>;

impl<'a, 'c> Tick<'a, 'c> {
    /// A tick of the Canary there is; `None` where it is gone.
    pub fn read(cx: &'a mut Cx<'c>, key: &Key, gates: &'a Gates) -> Option<Self> {
        let canary = cx.store.get(key)?.clone();
        Some(Self { cx, key: key.clone(), canary, gates })
    }

    /// Looks at the Canary again after a write.
    pub fn refresh(&mut self) {
        if let Some(fresh) = self.cx.store.get(&self.key) {
            self.canary = fresh.clone();
        }
    }

    /// Everything there is to do.
    pub fn run(&mut self) {
        let _ = self.steps();
    }

    fn steps(&mut self) -> Go {
        if self.canary["spec"]["suspend"] == true {
            self.tell("skipping canary run as object is suspended");
            return None;
        }
        self.initialise()?;
        if !self.should_advance() {
            return None;
        }
        if !Spec(&self.canary).skips() {
            self.primary_ready()?;
        }
        let weight = self.weight();
        self.is_under_way()?;
        if matches!(self.phase(), "Progressing" | "WaitingPromotion") && self.is_changed() {
            return self.restart();
        }
        self.canary_ready()?;
        if Spec(&self.canary).skips() {
            return self.skip();
        }
        let checking = matches!(self.phase(), "Progressing" | "WaitingPromotion");
        if checking && self.asked_back() {
            let message = format!("Rolling back {} manual webhook invoked", self.place());
            self.warn(&message);
            return self.roll_back();
        }
        match self.phase() {
            "Promoting" => return self.shift_to_primary(weight),
            "Finalising" => return self.finish(),
            _ => {}
        }
        if checking && self.failed_checks() >= Spec(&self.canary).threshold() {
            return self.roll_back();
        }
        if !self.check(weight) {
            self.set_figure("failedChecks", self.failed_checks() + 1);
            return None;
        }
        if Spec(&self.canary).iterations() > 0 { self.iterate() } else { self.advance(weight) }
    }

    /// Services, primary and route as they should be; the first time, with the target scaled to 0 at the end.
    fn initialise(&mut self) -> Go {
        let first = matches!(self.phase(), "" | "Initializing");
        let Some(target) = self.target() else {
            let message =
                format!("deployment {0}.{1} get query error: deployments.apps \"{0}\" not found", self.target_name(), self.key.namespace);
            return self.halt(&message);
        };
        self.services_beside(&target)?;
        if first && !Spec(&self.canary).skips() {
            self.tell("all the metrics providers are available!");
        }
        self.ensure_primary(&target)?;
        if first && !Spec(&self.canary).skips() {
            self.primary_ready()?;
        }
        self.service_apex(&target)?;
        if first {
            self.scale_target(0);
        }
        self.ensure_route();
        if first {
            self.sync("Initialized", 0);
            let message = format!("Initialization done! {}", self.place());
            self.tell(&message);
        }
        Some(())
    }

    fn should_advance(&mut self) -> bool {
        match self.phase() {
            "Progressing" | "Waiting" | "WaitingPromotion" | "Promoting" | "Finalising" => return true,
            "Failed" => self.sync_failed_after(),
            _ => {}
        }
        self.is_changed()
    }

    /// A failed Canary takes note of a new template before it compares: what it was compared with is what it was before.
    fn sync_failed_after(&mut self) {
        let before = self.canary.clone();
        self.sync_failed();
        self.canary = before;
    }

    /// Whether the target's template is neither the promoted nor the applied one. Going back to the promoted one is deliberately no change.
    fn is_changed(&self) -> bool {
        let (status, hash) = (&self.canary["status"], self.target_hash());
        let known = |field: &str| status[field] == hash.as_str();
        !known("lastPromotedSpec") && !known("lastAppliedSpec")
    }

    /// Goes on where an analysis runs; begins one where none does, which is all that happens in this tick.
    fn is_under_way(&mut self) -> Go {
        if matches!(self.phase(), "Progressing" | "WaitingPromotion" | "Promoting" | "Finalising") {
            return Some(());
        }
        self.refresh();
        self.may_begin()?;
        let message = format!("New revision detected! Scaling up {}", self.target_place());
        self.tell(&message);
        self.scale_target_up();
        self.sync("Progressing", 0);
        None
    }

    /// The template changed in the middle: from the beginning, with nothing on the canary.
    fn restart(&mut self) -> Go {
        self.set_weights(super::TOTAL, 0);
        self.sync("Progressing", 0);
        let message = format!("New revision detected! Restarting analysis for {}", self.target_place());
        self.tell(&message);
        None
    }

    /// The phase, empty before there is one.
    pub fn phase(&self) -> &str {
        meta::text(&self.canary["status"]["phase"])
    }

    /// How many checks have failed in this analysis.
    pub fn failed_checks(&self) -> i64 {
        meta::int(&self.canary["status"]["failedChecks"])
    }

    /// NAME.NAMESPACE of the Canary.
    pub fn place(&self) -> String {
        format!("{}.{}", self.key.name, self.key.namespace)
    }

    /// NAME.NAMESPACE of the target.
    pub fn target_place(&self) -> String {
        format!("{}.{}", self.target_name(), self.key.namespace)
    }

    /// The target's name.
    pub fn target_name(&self) -> &str {
        Spec(&self.canary).target()
    }

    /// The target's key.
    pub fn target_key(&self) -> Key {
        Key::new(DEPLOYMENTS, self.key.namespace.as_str(), self.target_name())
    }

    /// The target.
    pub fn target(&self) -> Option<Arc<Value>> {
        self.cx.store.get(&self.target_key()).cloned()
    }

    /// The hash of the target's pod template; another one than `pod-template-hash`.
    pub fn target_hash(&self) -> String {
        self.target().map(|target| hash::template_hash(&target["spec"]["template"], 0)).unwrap_or_default()
    }

    /// A Normal event.
    pub fn tell(&mut self, message: &str) {
        self.cx.event(COMPONENT, &self.canary, "Normal", REASON, message);
    }

    /// A Warning event.
    pub fn warn(&mut self, message: &str) {
        self.cx.event(COMPONENT, &self.canary, "Warning", REASON, message);
    }

    /// A Warning event that ends the tick.
    pub fn halt(&mut self, message: &str) -> Go {
        self.warn(message);
        None
    }
}

//! Points Services at versions by their hash label (argo-rollouts rollout/service.go).
//! Never makes or deletes a Service: a missing one makes the spec invalid.

use serde_json::{Value, json};

use crate::demo::store::{Key, Part, SERVICES};

use super::objects::{Set, annotation, set_annotation, text};
use super::rollout::Work;
use super::{HASH_LABEL, spec};

/// Which Rollout manages a Service.
const MANAGED_BY: &str = "argo-rollouts.argoproj.io/managed-by-rollouts";

impl Work<'_, '_> {
    /// The Services the strategy names.
    pub fn services(&self) -> Vec<String> {
        ["canary/stableService", "canary/canaryService", "blueGreen/activeService", "blueGreen/previewService"]
            .iter()
            .map(|field| text(&self.ro, &format!("/spec/strategy/{field}")).to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// The hash a Service selects, empty when it selects none.
    pub fn selected(&self, service: &str) -> String {
        let stored = self.cx.store.get(&Key::new(SERVICES, self.key.namespace.as_str(), service));
        stored.and_then(|s| s["spec"]["selector"].get(HASH_LABEL)).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Points a Service at a version (switchServiceSelector).
    pub fn point(&mut self, service: &str, hash: &str) {
        if service.is_empty() || hash.is_empty() {
            return;
        }
        let key = Key::new(SERVICES, self.key.namespace.as_str(), service);
        let before = self.selected(service);
        let managed = self.cx.store.get(&key).is_some_and(|s| !annotation(s, MANAGED_BY).is_empty());
        if before == hash && managed {
            return;
        }
        let rollout = self.key.name.clone();
        let edited = self.cx.store.edit(&key, Part::Main, |service| {
            set_annotation(service, MANAGED_BY, Some(&rollout));
            service["spec"]["selector"][HASH_LABEL] = json!(hash);
        });
        if matches!(edited, Ok(Some(_))) {
            self.tell("SwitchService", &format!("Switched selector for service '{service}' from '{before}' to '{hash}'"));
        }
    }

    /// Stable and canary Services follow their versions, once those are fully available (reconcileStableAndCanaryService).
    /// The real controller points the canary Service of an aborted, routed update to and fro several hundred times, once by this rule
    /// and once by the router's; here only where it comes to rest, at stable, is kept.
    pub fn stable_and_canary_services(&mut self) {
        let stable_service = text(&self.ro, "/spec/strategy/canary/stableService").to_owned();
        let canary_service = text(&self.ro, "/spec/strategy/canary/canaryService").to_owned();
        if let Some(stable) = self.stable_set().filter(|s| s.is_available()).map(|s| s.hash.clone()) {
            self.point(&stable_service, &stable);
        }
        let reset = self.is_aborted() && spec::is_routed(&self.ro) && !spec::is_dynamic(&self.ro) && !self.is_fully_promoted();
        let target = if reset { self.stable_set() } else { self.new_set().filter(|s| s.is_available()) };
        if let Some(hash) = target.map(|s: &Set| s.hash.clone()) {
            self.point(&canary_service, &hash);
        }
    }
}

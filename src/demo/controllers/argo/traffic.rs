//! Decides the canary's traffic weight and tells the router (argo-rollouts rollout/trafficrouting.go, rollout/trafficrouting/nginx).
//! Only nginx has an object of its own here; header and mirror routes are accepted and change no weight.

use serde_json::{Value, json};

use crate::demo::store::{INGRESSES, Key, Part};

use super::objects::{Set, annotation, flag, has, number, owner_reference, set_annotation, text};
use super::rollout::Work;
use super::{counts, spec};

const CANARY: &str = "nginx.ingress.kubernetes.io/canary";
const CANARY_WEIGHT: &str = "nginx.ingress.kubernetes.io/canary-weight";

impl Work<'_, '_> {
    /// Writes the weight that is due (reconcileTrafficRouting).
    pub fn route(&mut self) {
        if !spec::is_routed(&self.ro) {
            self.canary = json!({});
            return;
        }
        let (Some(stable), Some(new)) = (self.stable_set().cloned(), self.new_set().cloned()) else { return };
        let max = spec::max_weight(&self.ro);
        let additional = self.experiment_weights();
        let back = self.rolling_back_to_stable(&new);
        let weight = self.desired_weight(&new, &stable, max, back.is_some());
        // Stable must be able to carry its part before anything is written (checkReplicasAvailable).
        if stable.available < (max - weight) * spec::replicas(&self.ro) / max.max(1) {
            return;
        }
        if has(&self.ro, "/spec/strategy/canary/trafficRouting/nginx") {
            self.write_ingresses(weight, max);
        }
        let others: i64 = additional.iter().filter_map(|d| number(d, "/weight")).sum();
        let service = |field: &str| self.ro["spec"]["strategy"]["canary"][field].clone();
        let destination = |weight: i64, hash: &str, service: Value| {
            let mut destination = json!({ "podTemplateHash": hash, "weight": weight });
            if !service.is_null() {
                destination["serviceName"] = service;
            }
            destination
        };
        let mut weights = json!({
            "canary": destination(weight, back.as_ref().unwrap_or(&new.hash), service("canaryService")),
            "stable": destination(max - weight - others, &stable.hash, service("stableService")),
        });
        if !additional.is_empty() {
            weights["additional"] = Value::Array(additional);
        }
        let before = self.ro["status"]["canary"]["weights"].clone();
        if before != weights {
            let change = match number(&before, "/canary/weight") {
                None => format!("to {weight}"),
                Some(was) if was != weight => format!("from {was} to {weight}"),
                Some(_) => String::new(),
            };
            self.tell("TrafficWeightUpdated", &format!("Traffic weight updated {change}"));
        }
        self.canary["weights"] = weights;
    }

    /// The version that still has traffic when stable was chosen again mid-way and can't carry everything yet, which happens only with
    /// dynamicStableScale (isDynamicallyRollingBackToStable).
    fn rolling_back_to_stable(&self, new: &Set) -> Option<String> {
        let before = text(&self.ro, "/status/canary/weights/canary/podTemplateHash");
        let rolling = self.is_fully_promoted() && spec::is_dynamic(&self.ro) && !before.is_empty() && before != new.hash;
        (rolling && new.available < spec::replicas(&self.ro)).then(|| before.to_owned())
    }

    fn desired_weight(&self, new: &Set, stable: &Set, max: i64, back: bool) -> i64 {
        let ro = &self.ro;
        let replicas = spec::replicas(ro).max(1);
        let stored = number(ro, "/status/canary/weights/canary/weight");
        if self.is_fully_promoted() && !back {
            return 0;
        }
        if back || self.is_aborted() {
            if !spec::is_dynamic(ro) {
                return 0;
            }
            // As much as stable can't carry yet, and never more than before.
            let left = (max - max * stable.available / replicas).clamp(0, max);
            return stored.map_or(left, |before| left.min(before));
        }
        if new.available == 0 {
            return 0;
        }
        if flag(ro, "/status/promoteFull") {
            return if spec::is_dynamic(ro) { (max * new.available / replicas).min(max) } else { stored.unwrap_or(0) };
        }
        let Some(index) = spec::step_index(ro) else { return 0 };
        let steps = spec::steps(ro);
        if !counts::at_desired(ro, Some(new), Some(stable), &self.other_sets(), None) {
            // Not enough pods for the new weight yet: the one before stays.
            let before = steps.iter().take(index).rev().find_map(|s| number(s, "/setWeight"));
            return before.unwrap_or(0);
        }
        if index < steps.len() { counts::set_weight(ro) } else { max }
    }

    fn write_ingresses(&mut self, weight: i64, max: i64) {
        let nginx = self.ro["spec"]["strategy"]["canary"]["trafficRouting"]["nginx"].clone();
        let mut names: Vec<String> =
            super::objects::list(&nginx, "/stableIngresses").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        names.extend(nginx["stableIngress"].as_str().map(str::to_owned));
        for name in names {
            self.write_ingress(&name, &nginx, weight, max);
        }
    }

    fn write_ingress(&mut self, stable: &str, nginx: &Value, weight: i64, max: i64) {
        let name = format!("{}-{stable}-canary", self.key.name);
        let key = Key::new(INGRESSES, self.key.namespace.as_str(), name.as_str());
        let weight = weight.to_string();
        if let Some(stored) = self.cx.store.get(&key) {
            if annotation(stored, CANARY_WEIGHT) != weight {
                self.tell("PatchingCanaryIngress", &format!("Updating Ingress `{name}` to desiredWeight '{weight}'"));
                let _ = self.cx.store.edit(&key, Part::Main, |ingress| set_annotation(ingress, CANARY_WEIGHT, Some(&weight)));
            }
            return;
        }
        let Some(source) = self.cx.store.get(&Key::new(INGRESSES, self.key.namespace.as_str(), stable)).cloned() else {
            self.warn("TrafficRoutingError", &format!("ingress.networking.k8s.io \"{stable}\" not found"));
            return;
        };
        let (from, to) = (text(&self.ro, "/spec/strategy/canary/stableService"), text(&self.ro, "/spec/strategy/canary/canaryService"));
        let mut rules = source["spec"]["rules"].clone();
        for rule in rules.as_array_mut().into_iter().flatten() {
            for path in rule.pointer_mut("/http/paths").and_then(Value::as_array_mut).into_iter().flatten() {
                if path["backend"]["service"]["name"] == from {
                    path["backend"]["service"]["name"] = json!(to);
                }
            }
        }
        let mut ingress = json!({
            "metadata": { "name": name, "namespace": self.key.namespace, "ownerReferences": owner_reference(&self.ro),
                          "annotations": { CANARY: "true", CANARY_WEIGHT: weight } },
            "spec": { "rules": rules }, "status": { "loadBalancer": {} },
        });
        if let Some(class) = source["spec"].get("ingressClassName") {
            ingress["spec"]["ingressClassName"] = class.clone();
        }
        if max != 100 {
            set_annotation(&mut ingress, "nginx.ingress.kubernetes.io/canary-weight-total", Some(&max.to_string()));
        }
        for (field, value) in nginx["additionalIngressAnnotations"].as_object().into_iter().flatten() {
            set_annotation(&mut ingress, &format!("nginx.ingress.kubernetes.io/{field}"), value.as_str());
        }
        self.tell("CreatingCanaryIngress", &format!("Creating canary ingress `{name}` with weight `{weight}`"));
        let _ = self.cx.store.create(INGRESSES, ingress, self.cx.now);
    }
}

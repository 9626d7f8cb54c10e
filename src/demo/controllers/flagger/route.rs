//! The HTTPRoute that holds the weights (flagger pkg/router/gateway_api.go).
//! Believes the route and not the status: the weight is what stands there, also where a person wrote it.

use serde_json::{Value, json};

use super::TOTAL;
use super::services::unmanaged;
use super::spec::Spec;
use super::tick::Tick;
use crate::demo::controllers::meta;
use crate::demo::store::{HTTPROUTES, Key, Part};

impl Tick<'_, '_> {
    fn route_key(&self) -> Key {
        Key::new(HTTPROUTES, self.key.namespace.as_str(), Spec(&self.canary).service())
    }

    /// The target's weight as the route has it, percent. Without a router it is all or nothing: all while it iterates.
    pub fn weight(&self) -> i64 {
        if Spec(&self.canary).is_plain() {
            return if meta::int(&self.canary["status"]["iterations"]) > 0 { TOTAL } else { 0 };
        }
        let beside = format!("{}-canary", Spec(&self.canary).service());
        let Some(route) = self.cx.store.get(&self.route_key()) else { return 0 };
        let backends = route["spec"]["rules"][0]["backendRefs"].as_array().into_iter().flatten();
        backends.into_iter().find(|backend| backend["name"] == beside.as_str()).map_or(0, |backend| meta::int(&backend["weight"]))
    }

    /// Makes the route, or sets right everything in it but the weights.
    pub fn ensure_route(&mut self) {
        if Spec(&self.canary).is_plain() {
            return;
        }
        let weight = self.weight();
        self.write_route(TOTAL - weight, weight);
    }

    /// Sets the weights of primary and target.
    pub fn set_weights(&mut self, primary: i64, target: i64) {
        if !Spec(&self.canary).is_plain() {
            self.write_route(primary, target);
        }
    }

    fn write_route(&mut self, primary: i64, target: i64) {
        let key = self.route_key();
        let service = &self.canary["spec"]["service"];
        let apex = Spec(&self.canary).service();
        let backend = |end: &str, weight: i64| {
            json!({ "group": "", "kind": "Service", "name": format!("{apex}-{end}"), "port": service["port"].as_i64().unwrap_or(80),
                    "weight": weight })
        };
        let matches = match &service["match"] {
            Value::Array(said) if !said.is_empty() => json!(said),
            _ => json!([{ "path": { "type": "PathPrefix", "value": "/" } }]),
        };
        let spec = json!({ "hostnames": service["hosts"], "parentRefs": service["gatewayRefs"],
                           "rules": [{ "backendRefs": [backend("primary", primary), backend("canary", target)], "matches": matches }] });
        if self.cx.store.get(&key).is_some() {
            let _ = self.cx.store.edit(&key, Part::Main, |route| route["spec"] = spec);
            return;
        }
        let metadata = json!({ "name": key.name, "namespace": key.namespace, "annotations": unmanaged(),
                               "ownerReferences": meta::owner_ref(&self.canary) });
        let _ = self.cx.store.create(HTTPROUTES, json!({ "metadata": metadata, "spec": spec }), self.cx.now);
    }
}

//! The three Services of a Canary: the one callers name, and one for each of primary and target (flagger pkg/router/kubernetes_default.go).
//! Routes nothing: which of the two gets how much is the HTTPRoute's.

use serde_json::{Map, Value, json};

use super::primary::selector;
use super::spec::Spec;
use super::tick::{Go, Tick};
use crate::demo::controllers::meta;
use crate::demo::store::{Key, Part, SERVICES};

/// What Flagger writes on what it makes, so that Flux leaves it alone.
pub fn unmanaged() -> Value {
    json!({ "helm.toolkit.fluxcd.io/driftDetection": "disabled", "kustomize.toolkit.fluxcd.io/reconcile": "disabled" })
}

impl Tick<'_, '_> {
    /// `-canary` over the target's pods, `-primary` over the primary's.
    pub fn services_beside(&mut self, target: &Value) -> Go {
        let Some((label, value)) = selector(target) else {
            let message = format!(
                "getSelectorLabel failed: deployment {} spec.selector.matchLabels must contain one of [app name app.kubernetes.io/name]",
                self.target_place()
            );
            return self.halt(&message);
        };
        let apex = Spec(&self.canary).service().to_owned();
        self.ensure_service(&format!("{apex}-canary"), label, value);
        self.ensure_service(&format!("{apex}-primary"), label, &format!("{value}-primary"));
        Some(())
    }

    /// The one callers name, over the primary's pods.
    pub fn service_apex(&mut self, target: &Value) -> Go {
        let (label, value) = selector(target)?;
        let apex = Spec(&self.canary).service().to_owned();
        self.ensure_service(&apex, label, &format!("{value}-primary"));
        Some(())
    }

    /// Makes a Service, or sets right whom the one there selects, also one that somebody else made.
    fn ensure_service(&mut self, name: &str, label: &str, value: &str) {
        let key = Key::new(SERVICES, self.key.namespace.as_str(), name);
        let said = &self.canary["spec"]["service"];
        let port = said["port"].as_i64().unwrap_or(80);
        let target = if said["targetPort"].is_null() { json!(port) } else { said["targetPort"].clone() };
        let ports = json!([{ "name": said["portName"].as_str().unwrap_or("http"), "protocol": "TCP", "port": port, "targetPort": target }]);
        let wanted = Map::from_iter([(label.to_owned(), json!(value))]);
        if let Some(there) = self.cx.store.get(&key) {
            if there["spec"]["selector"] != Value::Object(wanted.clone()) || there["spec"]["ports"] != ports {
                let _ = self.cx.store.edit(&key, Part::Main, |service| {
                    service["spec"]["selector"] = Value::Object(wanted);
                    service["spec"]["ports"] = ports;
                });
            }
            return;
        }
        let sum = key.namespace.bytes().chain(name.bytes()).fold(0, |sum: usize, byte| (sum * 31 + usize::from(byte)) % 60_000);
        let address = format!("10.96.{}.{}", sum / 250, sum % 250 + 2);
        let metadata = json!({ "name": name, "namespace": key.namespace, "labels": { label: name }, "annotations": unmanaged(),
                               "ownerReferences": meta::owner_ref(&self.canary) });
        let service = json!({
            "metadata": metadata,
            "spec": { "ports": ports, "selector": wanted, "clusterIP": address, "clusterIPs": [address], "type": "ClusterIP",
                      "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster" },
            "status": { "loadBalancer": {} },
        });
        let _ = self.cx.store.create(SERVICES, service, self.cx.now);
    }
}

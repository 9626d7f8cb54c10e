//! The CustomResourceDefinitions that make the embedded server serve Argo Rollouts', Sloth's, Flagger's and the Gateway API's kinds, and the rule
//! for when it does.
//! Never a schema: the server does not validate custom resources by it.

use serde_json::json;

use super::sim::Sim;
use super::store::{CRDS, Key, RESOURCES, Resource, Store};

/// The groups whose kinds exist only while their CustomResourceDefinition does.
const ARGO: &str = "argoproj.io";
const SLOTH: &str = "sloth.slok.dev";
const FLAGGER: &str = "flagger.app";
const GATEWAY: &str = "gateway.networking.k8s.io";

/// Whether clients may see this resource now: built-in ones always, others while their CustomResourceDefinition is stored.
pub fn served(store: &Store, resource: Resource) -> bool {
    !is_custom(resource) || store.get(&Key::new(CRDS, "", format!("{}.{}", resource.plural, resource.group))).is_some()
}

/// Whether a CustomResourceDefinition stands behind the resource.
pub fn is_custom(resource: Resource) -> bool {
    matches!(resource.group, ARGO | SLOTH | FLAGGER | GATEWAY)
}

/// Installs Argo Rollouts' definitions, as its manifest does. Those already there stay as they are.
pub fn install_argo(sim: &mut Sim) {
    install(sim, ARGO);
}

/// Installs Sloth's definition. One that is there already stays as it is.
pub fn install_sloth(sim: &mut Sim) {
    install(sim, SLOTH);
}

/// Installs Flagger's definitions, and of the Gateway API the one it routes by. Those already there stay as they are.
pub fn install_flagger(sim: &mut Sim) {
    install(sim, FLAGGER);
    install(sim, GATEWAY);
}

fn install(sim: &mut Sim, group: &str) {
    for resource in RESOURCES.iter().filter(|resource| resource.group == group) {
        let (plural, group, kind) = (resource.plural, resource.group, resource.kind);
        let mut subresources = json!({});
        if resource.status {
            subresources["status"] = json!({});
        }
        if plural == "rollouts" {
            subresources["scale"] = json!({ "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.HPAReplicas",
                                            "labelSelectorPath": ".status.selector" });
        }
        let singular = kind.to_lowercase();
        let names = json!({ "kind": kind, "listKind": format!("{kind}List"), "plural": plural, "singular": singular });
        let accepted = json!([
            { "type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found" },
            { "type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "the initial names have been accepted" },
        ]);
        let version = json!({ "name": resource.version, "served": true, "storage": true, "subresources": subresources,
                              "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } });
        let definition = json!({
            "metadata": { "name": format!("{plural}.{group}") },
            "spec": { "group": group, "names": names, "scope": "Namespaced", "versions": [version] },
            "status": { "acceptedNames": names, "conditions": accepted, "storedVersions": [resource.version] },
        });
        // It fails only where the definition already exists.
        let _ = sim.create(CRDS, definition);
    }
}

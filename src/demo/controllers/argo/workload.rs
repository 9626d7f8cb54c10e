//! Rollouts that take their template from a Deployment: `workloadRef` (argo-rollouts rollout/templateref.go).
//! Never changes the workload but for its replica count, and that only as `scaleDown` says.

use serde_json::{Value, json};

use crate::demo::sim::Cx;
use crate::demo::store::{DEPLOYMENTS, Key, Part, REPLICASETS, Resource};

use super::objects::{annotation, has, number, set_annotation, text};
use super::rollout::Work;
use super::{WORKLOAD_GENERATION, spec};

/// Which stored object a `workloadRef` names.
pub fn key_of(ro: &Value, namespace: &str) -> Option<Key> {
    let resource: Resource = match text(ro, "/spec/workloadRef/kind") {
        "Deployment" => DEPLOYMENTS,
        "ReplicaSet" => REPLICASETS,
        _ => return None,
    };
    Some(Key::new(resource, namespace, text(ro, "/spec/workloadRef/name")))
}

/// Fills in template and selector from the workload. True when the Rollout had to be told of a newer workload first: the write
/// brings the controller back.
pub fn resolve(cx: &mut Cx<'_>, key: &Key, ro: &mut Value) -> bool {
    if !has(ro, "/spec/workloadRef") {
        return false;
    }
    let Some(workload) = key_of(ro, &key.namespace).and_then(|key| cx.store.get(&key).cloned()) else { return false };
    let generation = number(&workload, "/metadata/generation").unwrap_or(1).to_string();
    if annotation(ro, WORKLOAD_GENERATION) != generation {
        let _ = cx.store.edit(key, Part::Main, |ro| set_annotation(ro, WORKLOAD_GENERATION, Some(&generation)));
        return true;
    }
    ro["spec"]["template"] = workload["spec"]["template"].clone();
    if !has(ro, "/spec/selector") {
        ro["spec"]["selector"] = workload["spec"]["selector"].clone();
    }
    false
}

impl Work<'_, '_> {
    /// Scales the workload down as `scaleDown` says: never, once the Rollout is healthy, or pod by pod.
    pub fn scale_workload_down(&mut self, phase: &str) {
        let Some(key) = key_of(&self.ro, &self.key.namespace).filter(|k| k.resource == DEPLOYMENTS) else { return };
        let Some(have) = self.cx.store.get(&key).map(|w| number(w, "/spec/replicas").unwrap_or(1)) else { return };
        let want = match text(&self.ro, "/spec/workloadRef/scaleDown") {
            "onsuccess" if phase == "Healthy" => 0,
            "progressively" => {
                let up = self.new_set().filter(|_| self.sets.len() == 1).map_or(spec::replicas(&self.ro), |s| s.available);
                (spec::replicas(&self.ro) - up).max(0)
            }
            _ => return,
        };
        if want < have {
            let _ = self.cx.store.edit(&key, Part::Main, |workload| workload["spec"]["replicas"] = json!(want));
        }
    }
}

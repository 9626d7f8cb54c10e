//! The primary Deployment: made from the target, and given its template when that is promoted (flagger pkg/canary/deployment_controller.go).
//! Scales the target and nothing else of it: what people write there stays theirs.

use serde_json::{Map, Value, json};

use super::spec::Spec;
use super::tick::{Go, Tick};
use crate::demo::controllers::meta;
use crate::demo::store::{DEPLOYMENTS, Key, Part};

/// The labels that may tell a workload's pods from others', in the order in which they are looked for (`-selector-labels`).
const SELECTORS: [&str; 3] = ["app", "name", "app.kubernetes.io/name"];

/// What of a target's spec a primary shares with it, beside the template.
const SHARED: [&str; 4] = ["progressDeadlineSeconds", "minReadySeconds", "revisionHistoryLimit", "strategy"];

/// The label a target's pods are selected by, and its value.
pub fn selector(target: &Value) -> Option<(&'static str, &str)> {
    let labels = &target["spec"]["selector"]["matchLabels"];
    SELECTORS.iter().find_map(|label| Some((*label, labels[*label].as_str()?)))
}

impl Tick<'_, '_> {
    /// The primary's key.
    pub fn primary_key(&self) -> Key {
        Key::new(DEPLOYMENTS, self.key.namespace.as_str(), Spec(&self.canary).primary())
    }

    /// Makes the primary where there is none. A target without a label to select by ends the tick.
    pub fn ensure_primary(&mut self, target: &Value) -> Go {
        let key = self.primary_key();
        if self.cx.store.get(&key).is_some() {
            return Some(());
        }
        let (label, value) = selector(target)?;
        let value = format!("{value}-primary");
        let mut spec = Map::new();
        spec.insert("replicas".into(), json!(meta::int(&target["spec"]["replicas"]).max(1)));
        spec.insert("selector".into(), json!({ "matchLabels": { label: value } }));
        spec.insert("template".into(), self.template_for(target, label, &value));
        share(&target["spec"], &mut spec);
        let mut metadata = json!({ "name": key.name, "namespace": key.namespace, "labels": { label: value },
                                   "ownerReferences": meta::owner_ref(&self.canary) });
        if target["metadata"]["annotations"].is_object() {
            metadata["annotations"] = target["metadata"]["annotations"].clone();
        }
        // It fails only where one is there already.
        let _ = self.cx.store.create(DEPLOYMENTS, json!({ "metadata": metadata, "spec": spec }), self.cx.now);
        Some(())
    }

    /// Gives the primary the target's template, which makes it roll.
    pub fn promote(&mut self) -> Go {
        let (target, key) = (self.target()?, self.primary_key());
        let (label, value) = selector(&target)?;
        let template = self.template_for(&target, label, &format!("{value}-primary"));
        let _ = self.cx.store.edit(&key, Part::Main, |primary| {
            primary["spec"]["template"] = template;
            if let Some(spec) = primary["spec"].as_object_mut() {
                share(&target["spec"], spec);
            }
            // What was copied from the target when it was made goes, recorded.
            if let Some(metadata) = primary["metadata"].as_object_mut() {
                metadata.shift_remove("annotations");
            }
        });
        Some(())
    }

    /// The target's template with the primary's label, and an id that makes every promotion a new template.
    fn template_for(&mut self, target: &Value, label: &str, value: &str) -> Value {
        let mut template = target["spec"]["template"].clone();
        if !template["metadata"].is_object() {
            template["metadata"] = json!({});
        }
        for field in ["labels", "annotations"] {
            if !template["metadata"][field].is_object() {
                template["metadata"][field] = json!({});
            }
        }
        template["metadata"]["labels"][label] = json!(value);
        let (a, b) = (self.cx.rng.u64(..), self.cx.rng.u64(..));
        let id = format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff);
        template["metadata"]["annotations"]["flagger-id"] = json!(id);
        template
    }

    /// Sets how many pods the target asks for.
    pub fn scale_target(&mut self, replicas: i64) {
        let _ = self.cx.store.edit(&self.target_key(), Part::Main, |target| target["spec"]["replicas"] = json!(replicas));
    }

    /// As many pods for the target as the primary has, where it has none.
    pub fn scale_target_up(&mut self) {
        let asked = self.target().map_or(0, |target| meta::int(&target["spec"]["replicas"]));
        let primary = self.cx.store.get(&self.primary_key()).map_or(1, |primary| meta::int(&primary["spec"]["replicas"]));
        self.scale_target(if asked > 0 { asked } else { primary.max(1) });
    }
}

fn share(from: &Value, to: &mut Map<String, Value>) {
    for field in SHARED {
        if !from[field].is_null() {
            to.insert(field.to_owned(), from[field].clone());
        }
    }
}

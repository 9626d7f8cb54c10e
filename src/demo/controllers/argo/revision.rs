//! Finds or creates the ReplicaSet of the current template and keeps revision numbers (argo-rollouts rollout/sync.go).
//! Never gives a new ReplicaSet pods: it starts at 0 and the strategy scales it.

use serde_json::{Value, json};

use crate::demo::store::{Part, REPLICASETS};

use super::objects::{Set, annotation, flag, number, owner_reference, remove, set_annotation, text};
use super::rollout::Work;
use super::{DESIRED, HASH_LABEL, REVISION, REVISION_HISTORY, WORKLOAD_GENERATION, conditions, spec, template};

impl Work<'_, '_> {
    /// The ReplicaSet of the current template, created when there is none, with its revision and the Rollout's in step
    /// (getAllReplicaSetsAndSyncRevision).
    pub fn sync_revision(&mut self) {
        let newest = self.sets.iter().filter(|s| Some(&s.name) != self.new.as_ref()).map(|s| s.revision).max().unwrap_or(0);
        match self.new_set().cloned() {
            Some(set) => self.raise_revision(&set, newest + 1),
            None => self.create_set(newest + 1),
        }
    }

    fn raise_revision(&mut self, set: &Set, revision: i64) {
        let workload = annotation(&self.ro, WORKLOAD_GENERATION).to_owned();
        let stale_workload = !workload.is_empty() && annotation(&set.object, WORKLOAD_GENERATION) != workload;
        let min_ready = self.ro["spec"]["minReadySeconds"].clone();
        let raise = set.revision < revision;
        if raise || stale_workload || set.object["spec"]["minReadySeconds"] != min_ready {
            let edited = self.cx.store.edit(&set.key(), Part::Main, |rs| {
                if raise || (stale_workload && annotation(rs, REVISION_HISTORY).is_empty()) {
                    let history = match annotation(rs, REVISION_HISTORY) {
                        "" => set.revision.to_string(),
                        before => format!("{before},{}", set.revision),
                    };
                    set_annotation(rs, REVISION_HISTORY, Some(&history));
                }
                set_annotation(rs, REVISION, Some(&set.revision.max(revision).to_string()));
                if !workload.is_empty() {
                    set_annotation(rs, WORKLOAD_GENERATION, Some(&workload));
                }
                match min_ready {
                    Value::Null => remove(&mut rs["spec"], "minReadySeconds"),
                    seconds => rs["spec"]["minReadySeconds"] = seconds,
                }
            });
            if let Ok(Some(stored)) = edited {
                self.replace(&stored);
            }
        }
        self.annotate_revision(set.revision.max(revision));
        if conditions::get(&self.ro["status"], "Progressing").is_none() {
            let message = format!("Found new replica set \"{}\"", set.name);
            self.note("FoundNewReplicaSet", &message);
        }
    }

    fn create_set(&mut self, revision: i64) {
        let mut collisions = number(&self.ro, "/status/collisionCount");
        let mut hash = template::pod_template_hash(&self.ro["spec"]["template"], collisions);
        // Another template with the same hash: count up, as the real one does, until the name is free.
        while self.sets.iter().any(|s| s.hash == hash) {
            collisions = Some(collisions.unwrap_or(0) + 1);
            hash = template::pod_template_hash(&self.ro["spec"]["template"], collisions);
        }
        let mut pods = template::with_defaults(&self.ro["spec"]["template"]);
        pods["metadata"]["labels"][HASH_LABEL] = json!(hash);
        let mut selector = self.ro["spec"]["selector"].clone();
        selector["matchLabels"][HASH_LABEL] = json!(hash);
        let name = format!("{}-{hash}", self.key.name);
        let mut set = json!({
            "metadata": { "name": name, "namespace": self.key.namespace, "labels": pods["metadata"]["labels"],
                          "annotations": { DESIRED: spec::replicas(&self.ro).to_string(), REVISION: revision.to_string() },
                          "ownerReferences": owner_reference(&self.ro) },
            "spec": { "replicas": 0, "selector": selector, "template": pods },
            "status": { "replicas": 0 },
        });
        if let Some(seconds) = number(&self.ro, "/spec/minReadySeconds") {
            set["spec"]["minReadySeconds"] = json!(seconds);
        }
        let workload = annotation(&self.ro, WORKLOAD_GENERATION).to_owned();
        if !workload.is_empty() {
            set_annotation(&mut set, WORKLOAD_GENERATION, Some(&workload));
        }
        match self.cx.store.create(REPLICASETS, set, self.cx.now) {
            Ok(created) => {
                if !workload.is_empty() && annotation(&self.ro, REVISION).is_empty() {
                    // The real controller has just annotated the Rollout with the workload's generation, so its next write of the Rollout
                    // is refused as stale: the look ends here, and the next one finds the ReplicaSet instead of making it.
                    return;
                }
                self.sets.push(Set::of(&created));
                self.new = Some(name.clone());
            }
            Err(refused) => {
                let message = format!("Failed to create new replica set \"{name}\": {refused:?}");
                self.warn("ReplicaSetCreateError", &message);
                return;
            }
        }
        self.annotate_revision(revision);
        self.tell("NewReplicaSetCreated", &format!("Created ReplicaSet {name} (revision {revision})"));
        self.note("NewReplicaSetCreated", &format!("Created new replica set \"{name}\""));
    }

    /// Puts the revision on the Rollout. The real one writes the whole typed object, which drops what its types call empty and
    /// spells out what they have defaults for; both count as changes of the spec.
    fn annotate_revision(&mut self, revision: i64) {
        let revision = revision.to_string();
        if annotation(&self.ro, REVISION) == revision {
            return;
        }
        self.update_main(|ro| {
            set_annotation(ro, REVISION, Some(&revision));
            if ro["spec"].get("paused").is_some_and(|p| p == false) {
                remove(&mut ro["spec"], "paused");
            }
            for step in ro.pointer_mut("/spec/strategy/canary/steps").and_then(Value::as_array_mut).into_iter().flatten() {
                let Some(experiment) = step.get_mut("experiment").and_then(Value::as_object_mut) else { continue };
                experiment.entry("analysisRunMetadata").or_insert_with(|| json!({}));
                for template in experiment.get_mut("templates").and_then(Value::as_array_mut).into_iter().flatten() {
                    if let Some(template) = template.as_object_mut() {
                        template.entry("metadata").or_insert_with(|| json!({}));
                    }
                }
            }
        });
        self.tell("RolloutUpdated", &format!("Rollout updated to revision {revision}"));
    }

    /// Writes the Progressing condition alone, as a whole status update: a stored `false` goes with it.
    fn note(&mut self, reason: &str, message: &str) {
        let mut status = self.ro["status"].clone();
        if !status.is_object() {
            status = json!({ "blueGreen": {}, "canary": {} });
        }
        for field in ["abort", "controllerPause", "promoteFull"] {
            if !flag(&status, &format!("/{field}")) {
                remove(&mut status, field);
            }
        }
        conditions::set(&mut status, self.cx.now, "Progressing", "True", reason, message);
        self.ro["status"] = status.clone();
        let _ = self.cx.store.edit(&self.key, Part::Status, |ro| ro["status"] = status);
    }

    /// Takes over what became of a ReplicaSet.
    pub fn replace(&mut self, stored: &Value) {
        let fresh = Set::of(stored);
        if let Some(set) = self.sets.iter_mut().find(|s| s.name == fresh.name) {
            *set = fresh;
        }
    }

    /// Whether the new version is older than stable by no more than `rollbackWindow.revisions` (isRollbackWithinWindow).
    pub fn is_rollback_within_window(&self) -> bool {
        let window = number(&self.ro, "/spec/rollbackWindow/revisions").unwrap_or(0);
        let (Some(new), Some(stable)) = (self.new_set(), self.stable_set()) else { return false };
        if window <= 0 || new.created >= stable.created {
            return false;
        }
        let between = self.sets.iter().filter(|s| new.created < s.created && s.created < stable.created).count() as i64;
        between < window
    }

    /// The Rollout's revision, as events name it.
    pub fn revision_text(&self) -> String {
        text(&self.ro, "/metadata/annotations/rollout.argoproj.io~1revision").to_owned()
    }
}

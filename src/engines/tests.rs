//! A workload with its revisions, made of objects as the API server holds them, for the tests beside the engines.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::objects::{Kind, Object, RawHistory, ReleaseRef, SourceId, World, WorldEvent};
use crate::release::Release;

/// The objects of one workload. Revision `n` runs `shop:n`, has the hash `hn`, and was made on day `n` of a month.
pub struct Scene {
    kind: Kind,
    pub workload: Value,
    pub sets: Vec<Value>,
    /// The Deployment that the Rollout's `workloadRef` names.
    pub referenced: Option<Value>,
    others: Vec<(Kind, Value)>,
    read: bool,
}

fn template(number: i64) -> Value {
    json!({
        "metadata": {"labels": {"app": "checkout"}},
        "spec": {"containers": [{"name": "app", "image": format!("shop:{number}")}, {"name": "proxy", "image": "proxy:1"}]},
    })
}

impl Scene {
    /// A canary of three steps that runs revision 1, stable.
    pub fn rollout() -> Self {
        let workload = json!({
            "metadata": {"name": "checkout", "namespace": "payments", "uid": "w", "resourceVersion": "7", "generation": 3,
                "annotations": {"rollout.argoproj.io/revision": "1"}},
            "spec": {"replicas": 5, "selector": {"matchLabels": {"app": "checkout"}}, "template": template(1), "progressDeadlineSeconds": 60,
                "strategy": {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}, {"setWeight": 60}]}}},
            "status": {"observedGeneration": "3", "phase": "Healthy", "currentPodHash": "h1", "stableRS": "h1", "currentStepIndex": 3,
                "availableReplicas": 5, "replicas": 5, "updatedReplicas": 5},
        });
        Self { kind: Kind::Rollout, workload, sets: Vec::new(), referenced: None, others: Vec::new(), read: true }
    }

    /// A Deployment of six that runs revision 1, complete.
    pub fn deployment() -> Self {
        let workload = json!({
            "metadata": {"name": "checkout", "namespace": "payments", "uid": "w", "resourceVersion": "7", "generation": 3,
                "annotations": {"deployment.kubernetes.io/revision": "1", "team/note": "kept"}},
            "spec": {"replicas": 6, "selector": {"matchLabels": {"app": "checkout"}}, "template": template(1), "progressDeadlineSeconds": 60,
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}},
            "status": {"observedGeneration": 3, "replicas": 6, "updatedReplicas": 6, "availableReplicas": 6},
        });
        Self { kind: Kind::Deployment, workload, sets: Vec::new(), referenced: None, others: Vec::new(), read: true }
    }

    /// Adds a revision with so many pods wanted and available.
    pub fn revision(mut self, number: i64, wanted: i64, available: i64) -> Self {
        let (label, annotation) = match self.kind {
            Kind::Rollout => ("rollouts-pod-template-hash", "rollout.argoproj.io/revision"),
            _ => ("pod-template-hash", "deployment.kubernetes.io/revision"),
        };
        let hash = format!("h{number}");
        let mut template = template(number);
        template["metadata"]["labels"][label] = json!(hash);
        self.sets.push(json!({
            "metadata": {"name": format!("checkout-{hash}"), "namespace": "payments", "uid": format!("rs{number}"),
                "creationTimestamp": format!("2026-11-{number:02}T10:00:00Z"), "labels": {"app": "checkout", label: hash},
                "annotations": {annotation: number.to_string()}, "ownerReferences": [{"controller": true, "uid": "w"}]},
            "spec": {"replicas": wanted, "template": template},
            "status": {"replicas": wanted, "readyReplicas": available, "availableReplicas": available},
        }));
        self
    }

    /// The template of revision `number` is in force, and the controller has seen that.
    pub fn in_force(mut self, number: i64) -> Self {
        self.workload["spec"]["template"] = template(number);
        match self.kind {
            Kind::Rollout => {
                self.workload["status"]["currentPodHash"] = json!(format!("h{number}"));
                self.workload["metadata"]["annotations"]["rollout.argoproj.io/revision"] = json!(number.to_string());
            }
            _ => self.workload["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!(number.to_string()),
        }
        self
    }

    /// The condition that speaks of the progress of revision `number` (Deployment).
    pub fn progress(mut self, number: i64, reason: &str) -> Self {
        let message = format!("ReplicaSet \"checkout-h{number}\" says {reason}.");
        self.workload["status"]["conditions"] = json!([{"type": "Progressing", "status": "True", "reason": reason, "message": message}]);
        self
    }

    pub fn edit(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        edit(&mut self.workload);
        self
    }

    pub fn set(mut self, number: i64, edit: impl FnOnce(&mut Value)) -> Self {
        edit(self.sets.iter_mut().find(|set| set["metadata"]["uid"] == format!("rs{number}")).unwrap());
        self
    }

    /// An event about the workload at noon of a day.
    pub fn event(mut self, day: i64, reason: &str, message: &str) -> Self {
        let uid = format!("e{}", self.others.len());
        self.others.push((
            Kind::Event,
            json!({"metadata": {"name": uid, "namespace": "payments", "uid": uid}, "reason": reason, "message": message, "type": "Normal",
                "involvedObject": {"kind": "Rollout", "name": "checkout", "uid": "w"}, "lastTimestamp": format!("2026-11-{day:02}T12:00:00Z")}),
        ));
        self
    }

    pub fn other(mut self, kind: Kind, object: Value) -> Self {
        self.others.push((kind, object));
        self
    }

    /// Nobody has read the revisions.
    pub fn unread(mut self) -> Self {
        self.read = false;
        self
    }

    pub fn key(&self) -> ReleaseRef {
        ReleaseRef { namespace: "payments".into(), name: "checkout".into(), kind: self.kind }
    }

    /// The world with all of it, and the release as its engine reads it.
    pub fn play(self) -> (World, Release) {
        let mut world = World::default();
        let key = self.key();
        let mut put = |kind: Kind, value: &Value| {
            let id = SourceId(kind as u64);
            world.open(id, kind, None);
            world.apply(id, WorldEvent::Apply(Object::decode(kind, &serde_json::to_vec(value).unwrap()).unwrap()));
        };
        put(self.kind, &self.workload);
        self.sets.iter().for_each(|set| put(Kind::ReplicaSet, set));
        self.others.iter().for_each(|(kind, object)| put(*kind, object));
        self.referenced.iter().for_each(|deployment| put(Kind::Deployment, deployment));
        if self.read {
            let holder = self.referenced.unwrap_or(self.workload);
            let replica_sets = self.sets.into_iter().map(Arc::new).collect();
            world.remember_history(RawHistory { release: key.clone(), holder: Arc::new(holder), replica_sets });
        }
        let release = crate::engines::read(&world, &key).unwrap();
        (world, release)
    }
}

//! The ReplicaSet controller: keeps as many pods as `spec.replicas` says, and counts them.
//! Never looks at who owns the set: a Deployment, a Rollout and an Experiment get the same service.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::meta;
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{Key, LogEntry, PODS, REPLICASETS, Store};

/// Manages ReplicaSets.
pub struct ReplicaSets;

/// The component name in events.
const COMPONENT: &str = "replicaset-controller";

impl Controller for ReplicaSets {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        match entry.key.resource {
            REPLICASETS => vec![entry.key.clone()],
            PODS => meta::owner_key(&entry.object, REPLICASETS).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let set = cx.store.get(key)?.clone();
        if meta::terminating(&set) {
            return None;
        }
        let pods: Vec<(Key, Arc<Value>)> = meta::pods_of(cx.store, &set).map(|(key, pod)| (key.clone(), pod.clone())).collect();
        let (going, active): (Vec<_>, Vec<_>) = pods.into_iter().partition(|(_, pod)| meta::terminating(pod));
        let active: Vec<_> = active.into_iter().filter(|(_, pod)| !finished(pod)).collect();
        let again = write_status(key, &set, &active, going.len(), cx);
        let wanted = usize::try_from(meta::int(&set["spec"]["replicas"])).unwrap_or(0);
        if active.len() < wanted {
            create_pods(&set, wanted - active.len(), cx);
        } else if active.len() > wanted {
            delete_pods(&set, active, wanted, cx);
        }
        again
    }
}

/// Pods that ended (an eviction leaves them in phase Failed) no longer count.
fn finished(pod: &Value) -> bool {
    matches!(meta::text(&pod["status"]["phase"]), "Failed" | "Succeeded")
}

/// Counts as pkg/controller/replicaset/replica_set_utils.go calculateStatus does. Returns when the next pod comes of age.
fn write_status(key: &Key, set: &Value, active: &[(Key, Arc<Value>)], going: usize, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
    let labels = set["spec"]["template"]["metadata"]["labels"].as_object();
    let min_ready = meta::int(&set["spec"]["minReadySeconds"]);
    let (mut labeled, mut ready, mut available, mut again) = (0, 0, 0, None::<DateTime<Utc>>);
    for (_, pod) in active {
        labeled += i64::from(labels.is_none_or(|labels| labels.iter().all(|(name, value)| pod["metadata"]["labels"][name] == *value)));
        let Some(from) = meta::available_from(pod, min_ready, cx.now) else { continue };
        ready += 1;
        if from <= cx.now {
            available += 1;
        } else {
            again = Some(again.map_or(from, |at| at.min(from)));
        }
    }
    let mut status = set["status"].as_object().cloned().unwrap_or_default();
    status.insert("replicas".into(), json!(active.len()));
    meta::set_count(&mut status, "fullyLabeledReplicas", labeled);
    meta::set_count(&mut status, "readyReplicas", ready);
    meta::set_count(&mut status, "availableReplicas", available);
    status.insert("terminatingReplicas".into(), json!(going));
    status.insert("observedGeneration".into(), set["metadata"]["generation"].clone());
    cx.store.set_status(key, Value::Object(status));
    again
}

fn create_pods(set: &Value, count: usize, cx: &mut Cx<'_>) {
    let template = &set["spec"]["template"];
    let mut meta_fields = json!({
        "generateName": meta::generate_name(meta::text(&set["metadata"]["name"])),
        "namespace": set["metadata"]["namespace"],
        "labels": template["metadata"]["labels"],
    });
    if template["metadata"]["annotations"].is_object() {
        meta_fields["annotations"] = template["metadata"]["annotations"].clone();
    }
    meta_fields["ownerReferences"] = meta::owner_ref(set);
    let mut spec = template["spec"].clone();
    for (field, value) in
        [("restartPolicy", json!("Always")), ("terminationGracePeriodSeconds", json!(30)), ("dnsPolicy", json!("ClusterFirst"))]
    {
        if spec[field].is_null() {
            spec[field] = value;
        }
    }
    let pod = json!({ "metadata": meta_fields, "spec": spec, "status": { "phase": "Pending", "qosClass": qos(&spec) } });
    for _ in 0..count {
        if let Ok(pod) = cx.store.create(PODS, pod.clone(), cx.now) {
            let message = format!("Created pod: {}", meta::text(&pod["metadata"]["name"]));
            cx.event(COMPONENT, set, "Normal", "SuccessfulCreate", &message);
        }
    }
}

/// The class the API server writes: told apart by whether requests and limits are there and equal.
fn qos(spec: &Value) -> &'static str {
    let resources = &spec["containers"][0]["resources"];
    match (resources["requests"].as_object(), resources["limits"].as_object()) {
        (None, None) => "BestEffort",
        (Some(requests), Some(limits)) if requests == limits => "Guaranteed",
        _ => "Burstable",
    }
}

/// Deletes down to `wanted`, the least useful first (pkg/controller/controller_utils.go ActivePodsWithRanks).
fn delete_pods(set: &Value, mut active: Vec<(Key, Arc<Value>)>, wanted: usize, cx: &mut Cx<'_>) {
    let on_node = |node: &Value| active.iter().filter(|(_, pod)| pod["spec"]["nodeName"] == *node && meta::pod_ready(pod)).count();
    let crowd: Vec<usize> = active.iter().map(|(_, pod)| on_node(&pod["spec"]["nodeName"])).collect();
    let mut ranked: Vec<_> = active
        .drain(..)
        .zip(crowd)
        .map(|((key, pod), crowd)| {
            let ready_since = meta::condition(&pod["status"], "Ready").map(|ready| meta::text(&ready["lastTransitionTime"]).to_owned());
            let rank = (
                !pod["spec"]["nodeName"].is_null(),
                meta::text(&pod["status"]["phase"]) == "Running",
                meta::pod_ready(&pod),
                meta::text(&pod["metadata"]["annotations"]["controller.kubernetes.io/pod-deletion-cost"]).parse::<i64>().unwrap_or(0),
                Reverse(crowd),
                Reverse(if meta::pod_ready(&pod) { ready_since } else { None }),
                Reverse(meta::int(&pod["status"]["containerStatuses"][0]["restartCount"])),
                Reverse(meta::text(&pod["metadata"]["creationTimestamp"]).to_owned()),
            );
            (rank, key)
        })
        .collect();
    ranked.sort();
    let surplus = ranked.len() - wanted;
    for (_, key) in ranked.into_iter().take(surplus) {
        cx.store.mark_deleted(&key, cx.now);
        cx.event(COMPONENT, set, "Normal", "SuccessfulDelete", &format!("Deleted pod: {}", key.name));
    }
}

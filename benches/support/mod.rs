//! What the benchmarks share: a stopwatch, resident memory, and objects of real size.

#![allow(dead_code, reason = "each benchmark uses its part")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Pods of a workload.
pub const PODS_EACH: usize = 50;

/// The median time of `runs` runs.
pub fn median<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begin = Instant::now();
            black_box(work());
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[runs / 2]
}

/// Resident memory of a process, in bytes.
pub fn resident(pid: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// One line of a report: what, ours, the yardstick, the ratio, the budget.
pub fn line(what: &str, ours: &str, yardstick: &str, ratio: f64, budget: &str) {
    println!("{what:<44} {ours:>14} {yardstick:>22}   ratio {ratio:>7.3}   {budget}");
}

/// A pod as a real cluster has it: managedFields, probes, env, volumes, tolerations; about 14 KB of JSON.
pub fn pod(workload: usize, index: usize) -> Value {
    let env: Vec<Value> = (0..60)
        .map(|n| json!({ "name": format!("SETTING_NUMBER_{n}"), "value": format!("a value of ordinary length, number {n}") }))
        .collect();
    let fields: serde_json::Map<String, Value> =
        (0..60).map(|n| (format!("k:{{\"name\":\"SETTING_NUMBER_{n}\"}}"), json!({ ".": {}, "f:name": {}, "f:value": {} }))).collect();
    let conditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .map(|kind| json!({ "type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": "2026-11-21T02:00:05Z" }));
    let name = format!("workload-{workload}-6f4d8c9b7-{index:05}");
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "generateName": format!("workload-{workload}-6f4d8c9b7-"), "namespace": "payments",
            "uid": format!("00000000-0000-4000-a000-{:06x}{:06x}", workload, index), "resourceVersion": "1",
            "creationTimestamp": "2026-11-21T02:00:00Z",
            "labels": { "app": format!("workload-{workload}"), "pod-template-hash": "6f4d8c9b7", "topology.kubernetes.io/zone": "zone-a" },
            "annotations": { "cni.example/network-status": "x".repeat(700) },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("workload-{workload}-6f4d8c9b7"),
                "uid": format!("rs-{workload}"), "controller": true, "blockOwnerDeletion": true }],
            "managedFields": [
                { "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "time": "2026-11-21T02:00:00Z", "fieldsType": "FieldsV1",
                  "fieldsV1": { "f:spec": { "f:containers": { "k:{\"name\":\"web\"}": { "f:env": fields } } } } },
                { "manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": "2026-11-21T02:00:05Z", "fieldsType": "FieldsV1",
                  "fieldsV1": { "f:status": { "f:conditions": { "k:{\"type\":\"Ready\"}": { ".": {}, "f:status": {}, "f:type": {} } }, "f:podIP": {} } }, "subresource": "status" },
            ],
        },
        "spec": {
            "nodeName": format!("node-{:03}", index % 40), "serviceAccountName": "default", "restartPolicy": "Always",
            "containers": [{
                "name": "web", "image": format!("registry.example/workload-{workload}:1.4.2"), "env": env,
                "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }],
                "resources": { "requests": { "cpu": "100m", "memory": "64Mi" }, "limits": { "memory": "512Mi" } },
                "readinessProbe": { "httpGet": { "path": "/healthz", "port": 8080, "scheme": "HTTP" }, "periodSeconds": 10, "timeoutSeconds": 1 },
                "livenessProbe": { "httpGet": { "path": "/healthz", "port": 8080, "scheme": "HTTP" }, "periodSeconds": 10, "timeoutSeconds": 1 },
                "volumeMounts": [{ "name": "token", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true }],
            }],
            "volumes": [{ "name": "token", "projected": { "defaultMode": 420, "sources": [{ "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } }] } }],
            "tolerations": [{ "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 }],
        },
        "status": {
            "phase": "Running", "podIP": "10.0.0.1", "hostIP": "10.1.0.1", "startTime": "2026-11-21T02:00:00Z", "qosClass": "Burstable",
            "conditions": conditions,
            "containerStatuses": [{
                "name": "web", "ready": true, "started": true, "restartCount": 0, "image": format!("registry.example/workload-{workload}:1.4.2"),
                "imageID": "registry.example/workload@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
                "containerID": "containerd://5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
                "state": { "running": { "startedAt": "2026-11-21T02:00:02Z" } }, "lastState": {},
            }],
        },
    })
}

/// The Deployment and the ReplicaSet that own the pods of a workload.
pub fn workload(workload: usize, pods: usize) -> [Value; 2] {
    let name = format!("workload-{workload}");
    let template = json!({ "metadata": { "labels": { "app": name } }, "spec": { "containers": [{ "name": "web", "image": format!("registry.example/{name}:1.4.2") }] } });
    let deployment = json!({
        "metadata": { "name": name, "namespace": "payments", "uid": format!("deployment-{workload}"), "resourceVersion": "1", "generation": 1,
            "annotations": { "deployment.kubernetes.io/revision": "1" } },
        "spec": { "replicas": pods, "selector": { "matchLabels": { "app": name } }, "template": template },
        "status": { "observedGeneration": 1, "replicas": pods, "updatedReplicas": pods, "readyReplicas": pods, "availableReplicas": pods,
            "conditions": [{ "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" }] },
    });
    let set = json!({
        "metadata": { "name": format!("{name}-6f4d8c9b7"), "namespace": "payments", "uid": format!("rs-{workload}"), "resourceVersion": "1", "generation": 1,
            "labels": { "app": name, "pod-template-hash": "6f4d8c9b7" }, "annotations": { "deployment.kubernetes.io/revision": "1" },
            "ownerReferences": [{ "kind": "Deployment", "name": name, "uid": format!("deployment-{workload}"), "controller": true }] },
        "spec": { "replicas": pods, "template": template },
        "status": { "observedGeneration": 1, "replicas": pods, "readyReplicas": pods, "availableReplicas": pods },
    });
    [deployment, set]
}

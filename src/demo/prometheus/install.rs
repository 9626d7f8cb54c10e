//! The objects under which the embedded Prometheus stands in the cluster: a namespace, a pod and a Service, as its operator makes them.
//! Stands outside the simulation: no controller looks after them, and nothing else in the cluster is different for their being there.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::demo::store::{NAMESPACES, PODS, SERVICES, Store, stamp};

/// Where it stands.
pub const NAMESPACE: &str = "monitoring";
/// Its Service, as templates of analyses name it.
pub const SERVICE: &str = "prometheus";
/// Its pod.
pub const POD: &str = "prometheus-k8s-0";
/// The port of both.
pub const PORT: u16 = 9090;
/// The port of both that speaks TLS.
pub const TLS_PORT: u16 = 9091;

/// Puts them there, as old as the cluster.
pub fn install(store: &mut Store, born: DateTime<Utc>) {
    let labels = json!({ "app.kubernetes.io/name": "prometheus", "app.kubernetes.io/managed-by": "prometheus-operator" });
    store.found(
        NAMESPACES,
        json!({ "metadata": { "name": NAMESPACE, "labels": { "kubernetes.io/metadata.name": NAMESPACE } },
                "spec": { "finalizers": ["kubernetes"] }, "status": { "phase": "Active" } }),
        born,
    );
    store.found(
        SERVICES,
        json!({
            "metadata": { "name": SERVICE, "namespace": NAMESPACE, "labels": labels },
            "spec": { "type": "ClusterIP", "clusterIP": "None", "clusterIPs": ["None"], "selector": labels,
                      "ports": [{ "name": "web", "protocol": "TCP", "port": PORT, "targetPort": "web" },
                                { "name": "secure", "protocol": "TCP", "port": TLS_PORT, "targetPort": "https" }],
                      "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster" },
            "status": { "loadBalancer": {} },
        }),
        born,
    );
    let since = stamp(born);
    let conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"]
        .map(|kind| json!({ "type": kind, "status": "True", "lastTransitionTime": since }));
    store.found(
        PODS,
        json!({
            "metadata": { "name": POD, "namespace": NAMESPACE, "labels": labels },
            "spec": { "containers": [{ "name": "prometheus", "image": "registry.example/prometheus:v2.42.0",
                                       "ports": [{ "name": "web", "containerPort": PORT, "protocol": "TCP" },
                                                 { "name": "https", "containerPort": TLS_PORT, "protocol": "TCP" }] }], "restartPolicy": "Always" },
            "status": { "phase": "Running", "startTime": since,
                        "conditions": conditions,
                        "containerStatuses": [{ "name": "prometheus", "image": "registry.example/prometheus:v2.42.0", "ready": true, "started": true,
                                                "restartCount": 0, "state": { "running": { "startedAt": since } } }] },
        }),
        born,
    );
}

//! The manifests of a scenario's objects, complete as an API server has them after filling in defaults.
//! Says what is wanted, never what is: the one status in here is a node's.

use serde_json::{Map, Value, json};

use super::{Kind, Nodes, Version, Workload};

pub(super) fn node(pool: &Nodes, number: usize, zone: &str) -> Value {
    let name = format!("{}-{number:03}", pool.pool);
    // A zone is its region and a letter: eu-central-1a.
    let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase()).trim_end_matches('-');
    let labels = json!({ "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                         "topology.kubernetes.io/zone": zone, "topology.kubernetes.io/region": region, "node.kubernetes.io/pool": pool.pool });
    let room = json!({ "cpu": "16", "memory": "65536Mi", "pods": pool.pods.to_string() });
    let address = format!("10.0.{}.{}", number / 250, number % 250 + 4);
    let conditions = json!([{ "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status" }]);
    json!({
        "metadata": { "name": name, "labels": labels }, "spec": { "podCIDR": format!("10.{}.{}.0/24", 244 + number / 256, number % 256) },
        "status": { "capacity": room, "allocatable": room, "conditions": conditions,
                    "addresses": [{ "type": "InternalIP", "address": address }, { "type": "Hostname", "address": name }],
                    "nodeInfo": { "kubeletVersion": "v1.36.1", "containerRuntimeVersion": "containerd://2.2.0", "osImage": "Linux" } },
    })
}

/// The image of one version.
pub(super) fn image(workload: &Workload, version: &Version) -> String {
    let repository = workload.image.clone().unwrap_or_else(|| format!("registry.example/{}", workload.name));
    format!("{repository}:{}", version.tag)
}

pub(super) fn services(workload: &Workload) -> Vec<Value> {
    let own = vec![workload.name.clone()];
    let names = workload.services.as_ref().unwrap_or(&own);
    let one = |(index, name): (usize, &String)| {
        let sum = workload.namespace.bytes().chain(name.bytes()).fold(index, |sum, byte| (sum * 31 + usize::from(byte)) % 60_000);
        let address = format!("10.96.{}.{}", sum / 250, sum % 250 + 2);
        json!({
            "metadata": { "name": name, "namespace": workload.namespace, "labels": labels(workload) },
            "spec": { "type": "ClusterIP", "clusterIP": address, "clusterIPs": [address], "selector": { "app": workload.name },
                      "ports": [{ "name": "http", "protocol": "TCP", "port": 80, "targetPort": "http" }],
                      "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster" },
            "status": { "loadBalancer": {} },
        })
    };
    names.iter().enumerate().map(one).collect()
}

pub(super) fn ingress(workload: &Workload) -> Option<Value> {
    let host = workload.ingress.as_ref()?;
    let service = workload.services.as_ref().and_then(|names| names.first()).unwrap_or(&workload.name);
    let backend = json!({ "service": { "name": service, "port": { "number": 80 } } });
    let paths = json!([{ "path": "/", "pathType": "Prefix", "backend": backend }]);
    Some(json!({
        "metadata": { "name": workload.name, "namespace": workload.namespace, "labels": labels(workload) },
        "spec": { "ingressClassName": "nginx", "rules": [{ "host": host, "http": { "paths": paths } }] },
        "status": { "loadBalancer": {} },
    }))
}

pub(super) fn workload(workload: &Workload, first: &Version) -> Value {
    let mut spec = Map::new();
    spec.insert("replicas".into(), json!(workload.replicas));
    spec.insert("revisionHistoryLimit".into(), json!(10));
    spec.insert("progressDeadlineSeconds".into(), json!(600));
    spec.insert("selector".into(), json!({ "matchLabels": { "app": workload.name } }));
    spec.insert("strategy".into(), strategy(workload));
    spec.insert("template".into(), template(workload, first));
    spec.extend(workload.spec.clone());
    let mut annotations = Map::new();
    if let Some(cause) = &first.cause {
        annotations.insert("kubernetes.io/change-cause".into(), json!(cause));
    }
    let meta = json!({ "name": workload.name, "namespace": workload.namespace, "labels": labels(workload), "annotations": annotations });
    json!({ "metadata": meta, "spec": spec })
}

fn strategy(workload: &Workload) -> Value {
    if workload.kind == Kind::Rollout || workload.strategy["type"] == "Recreate" {
        return if workload.strategy.is_null() { json!({ "canary": {} }) } else { workload.strategy.clone() };
    }
    let said = &workload.strategy["rollingUpdate"];
    let or_quarter = |field: &str| if said[field].is_null() { json!("25%") } else { said[field].clone() };
    json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": or_quarter("maxUnavailable"), "maxSurge": or_quarter("maxSurge") } })
}

fn labels(workload: &Workload) -> Value {
    json!({ "app": workload.name, "app.kubernetes.io/name": workload.name, "app.kubernetes.io/part-of": workload.namespace })
}

/// The pod template of one version.
pub(super) fn template(workload: &Workload, version: &Version) -> Value {
    let probe = |path: &str, period: i64| {
        json!({ "httpGet": { "path": path, "port": "http", "scheme": "HTTP" }, "timeoutSeconds": 1, "periodSeconds": period,
                "successThreshold": 1, "failureThreshold": 3 })
    };
    let mut container = json!({
        "name": "app", "image": image(workload, version),
        "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }],
        "env": env(workload),
        "resources": { "requests": { "cpu": "250m", "memory": "256Mi" }, "limits": { "memory": "512Mi" } },
        "livenessProbe": probe("/livez", 10), "readinessProbe": probe("/readyz", 5),
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent",
    });
    let mut spec = json!({
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "securityContext": {},
        "schedulerName": "default-scheduler", "serviceAccountName": workload.name, "serviceAccount": workload.name,
    });
    if workload.heavy {
        spec["volumes"] = volumes(workload);
        let mounts = spec["volumes"].as_array().into_iter().flatten();
        let mounts: Vec<Value> = mounts
            .map(|volume| json!({ "name": volume["name"], "mountPath": format!("/var/run/{}", volume["name"].as_str().unwrap_or_default()), "readOnly": true }))
            .collect();
        container["volumeMounts"] = json!(mounts);
        container["startupProbe"] = probe("/startz", 2);
        spec["topologySpreadConstraints"] = json!([{ "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
                                                     "labelSelector": { "matchLabels": { "app": workload.name } } }]);
        spec["tolerations"] = json!([
            { "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
            { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
        ]);
    }
    spec["containers"] = json!([container]);
    let mut meta = json!({ "labels": labels(workload) });
    if workload.version_label {
        meta["labels"]["version"] = json!(version.tag);
    }
    if workload.heavy {
        meta["annotations"] = annotations(workload);
    }
    json!({ "metadata": meta, "spec": spec })
}

/// What platforms leave on every pod: injectors' answers and agents' settings, long strings of JSON and templates.
fn annotations(workload: &Workload) -> Value {
    let name = &workload.name;
    let secret =
        |n: usize| format!("{{{{ with secret \"kv/data/{name}/{n}\" }}}}{}{{{{ end }}}}", "export KEY=\"{{ .Data.data.key }}\" ".repeat(5));
    let network = json!([{ "name": "cni", "interface": "eth0", "mac": "02:42:0a:f4:00:07", "default": true, "dns": {}, "mtu": 1450 }]);
    let injected = json!({ "initContainers": ["proxy-init"], "containers": ["proxy"], "volumes": ["workload-socket", "credential-socket", "workload-certs",
        "proxy-envoy", "proxy-data", "proxy-podinfo", "proxy-token", "proxy-ca-cert"], "imagePullSecrets": null, "revision": "stable" });
    json!({
        "prometheus.io/scrape": "true", "prometheus.io/port": "8080", "prometheus.io/path": "/metrics",
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
        "agent.example/inject-secret-a": secret(1), "agent.example/inject-secret-b": secret(2), "agent.example/inject-secret-c": secret(3),
        "agent.example/log-pipeline": format!("{{\"source\":\"{name}\",\"service\":\"{name}\",\"rules\":[{}]}}", ["{\"type\":\"mask_sequences\",\"pattern\":\"[0-9]{13,19}\"}"; 6].join(",")),
        "k8s.v1.cni.cncf.io/network-status": network.to_string(), "sidecar.example/status": injected.to_string(),
    })
}

fn env(workload: &Workload) -> Value {
    let mut env = vec![
        json!({ "name": "PORT", "value": "8080" }),
        json!({ "name": "POD_NAME", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.name" } } }),
    ];
    if workload.heavy {
        let word = |n: usize| ["UPSTREAM", "CACHE", "QUEUE", "LIMIT", "FEATURE", "TRACE", "REGION", "RETRY"][n % 8];
        env.extend((0..16).map(|n| {
            let value = format!(
                "https://{}-{n}.{}.svc.cluster.local:8443/v1?timeout={}ms",
                word(n).to_lowercase(),
                workload.namespace,
                250 * (n + 1)
            );
            json!({ "name": format!("{}_{n:02}_ENDPOINT", word(n)), "value": value })
        }));
    }
    Value::Array(env)
}

/// What injected sidecars, agents and platforms mount into every pod of a long-lived cluster.
fn volumes(workload: &Workload) -> Value {
    let config = |n: usize| json!({ "name": format!("config-{n}"), "configMap": { "name": format!("{}-config-{n}", workload.name), "defaultMode": 420 } });
    let secret = |n: usize| json!({ "name": format!("tls-{n}"), "secret": { "secretName": format!("{}-tls-{n}", workload.name), "defaultMode": 420 } });
    let token = json!({ "name": "kube-api-access", "projected": { "defaultMode": 420, "sources": [
        { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
        { "configMap": { "name": "kube-root-ca.crt", "items": [{ "key": "ca.crt", "path": "ca.crt" }] } },
        { "downwardAPI": { "items": [{ "path": "namespace", "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" } }] } },
    ] } });
    let mut volumes: Vec<Value> = (0..4).map(config).chain((0..2).map(secret)).collect();
    volumes.push(token);
    Value::Array(volumes)
}

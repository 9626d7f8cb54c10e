//! The columns of each kind, as kubectl prints them (pkg/printers/internalversion/printers.go; additionalPrinterColumns of the CRDs).
//! Never computes state: a cell is what the object says.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::pod_cells;
use super::table::since;
use crate::demo::store::{
    CANARIES, CRDS, DEPLOYMENTS, ENDPOINTSLICES, EVENTS, INGRESSES, NAMESPACES, NODES, PODS, REPLICASETS, ROLLOUTS, Resource, SERVICES,
};

/// One column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    /// 0 always shown, 1 only with `-o wide`.
    pub(super) priority: u8,
    pub(super) cell: fn(&Value, DateTime<Utc>) -> Value,
}

macro_rules! columns {
    ($($name:literal $kind:ident $priority:literal $cell:expr;)*) => {
        &[$(Column { name: $name, kind: stringify!($kind), priority: $priority, cell: $cell }),*]
    };
}

const NAME: fn(&Value, DateTime<Utc>) -> Value = |o, _| o["metadata"]["name"].clone();
const AGE: fn(&Value, DateTime<Utc>) -> Value = |o, now| json!(since(&o["metadata"]["creationTimestamp"], now));

/// The columns of a resource.
pub(super) fn of(resource: Resource) -> &'static [Column] {
    match resource {
        PODS => columns! {
            "Name" string 0 NAME;
            "Ready" string 0 |o, _| json!(pod_cells::ready(o));
            "Status" string 0 |o, _| json!(pod_cells::status(o));
            "Restarts" string 0 |o, now| json!(pod_cells::restarts(o, now));
            "Age" string 0 AGE;
            "IP" string 1 |o, _| or_none(&o["status"]["podIP"]);
            "Node" string 1 |o, _| or_none(&o["spec"]["nodeName"]);
            "Nominated Node" string 1 |o, _| or_none(&o["status"]["nominatedNodeName"]);
            "Readiness Gates" string 1 |_, _| json!("<none>");
        },
        DEPLOYMENTS => columns! {
            "Name" string 0 NAME;
            "Ready" string 0 |o, _| json!(format!("{}/{}", int(&o["status"]["readyReplicas"]), o["spec"]["replicas"].as_i64().unwrap_or(1)));
            "Up-to-date" integer 0 |o, _| json!(int(&o["status"]["updatedReplicas"]));
            "Available" integer 0 |o, _| json!(int(&o["status"]["availableReplicas"]));
            "Age" string 0 AGE;
            "Containers" string 1 |o, _| containers(o, "name");
            "Images" string 1 |o, _| containers(o, "image");
            "Selector" string 1 |o, _| labels(&o["spec"]["selector"]["matchLabels"]);
        },
        REPLICASETS => columns! {
            "Name" string 0 NAME;
            "Desired" integer 0 |o, _| json!(o["spec"]["replicas"].as_i64().unwrap_or(1));
            "Current" integer 0 |o, _| json!(int(&o["status"]["replicas"]));
            "Ready" integer 0 |o, _| json!(int(&o["status"]["readyReplicas"]));
            "Age" string 0 AGE;
            "Containers" string 1 |o, _| containers(o, "name");
            "Images" string 1 |o, _| containers(o, "image");
            "Selector" string 1 |o, _| labels(&o["spec"]["selector"]["matchLabels"]);
        },
        ROLLOUTS => columns! {
            "Name" string 0 NAME;
            "Desired" integer 0 |o, _| o["spec"]["replicas"].clone();
            "Current" integer 0 |o, _| o["status"]["replicas"].clone();
            "Up-to-date" integer 0 |o, _| o["status"]["updatedReplicas"].clone();
            "Available" integer 0 |o, _| o["status"]["availableReplicas"].clone();
            "Age" date 0 AGE;
        },
        CANARIES => columns! {
            "Name" string 0 NAME;
            "Status" string 0 |o, _| o["status"]["phase"].clone();
            "Weight" string 0 |o, _| o["status"]["canaryWeight"].clone();
            "Suspended" boolean 1 |o, _| o["spec"]["suspend"].clone();
            "FailedChecks" string 1 |o, _| o["status"]["failedChecks"].clone();
            "Interval" string 1 |o, _| o["spec"]["analysis"]["interval"].clone();
            "StepWeight" string 1 |o, _| o["spec"]["analysis"]["stepWeight"].clone();
            "MaxWeight" string 1 |o, _| o["spec"]["analysis"]["maxWeight"].clone();
            "LastTransitionTime" string 0 |o, _| o["status"]["lastTransitionTime"].clone();
        },
        SERVICES => columns! {
            "Name" string 0 NAME;
            "Type" string 0 |o, _| json!(o["spec"]["type"].as_str().unwrap_or("ClusterIP"));
            "Cluster-IP" string 0 |o, _| or_none(&o["spec"]["clusterIP"]);
            "External-IP" string 0 |_, _| json!("<none>");
            "Port(s)" string 0 |o, _| ports(o);
            "Age" string 0 AGE;
            "Selector" string 1 |o, _| labels(&o["spec"]["selector"]);
        },
        EVENTS => columns! {
            "Last Seen" string 0 |o, now| json!(since(&o["lastTimestamp"], now));
            "Type" string 0 |o, _| o["type"].clone();
            "Reason" string 0 |o, _| o["reason"].clone();
            "Object" string 0 |o, _| involved(o);
            "Subobject" string 1 |o, _| json!(text(&o["involvedObject"]["fieldPath"]));
            "Source" string 1 |o, _| json!(text(&o["source"]["component"]));
            "Message" string 0 |o, _| json!(text(&o["message"]).trim());
            "First Seen" string 1 |o, now| json!(since(&o["firstTimestamp"], now));
            "Count" string 1 |o, _| json!(int(&o["count"]));
            "Name" string 1 NAME;
        },
        NODES => columns! {
            "Name" string 0 NAME;
            "Status" string 0 |o, _| node_status(o);
            "Roles" string 0 |o, _| roles(o);
            "Age" string 0 AGE;
            "Version" string 0 |o, _| json!(text(&o["status"]["nodeInfo"]["kubeletVersion"]));
            "Internal-IP" string 1 |o, _| address(o, "InternalIP");
            "External-IP" string 1 |o, _| address(o, "ExternalIP");
            "OS-Image" string 1 |o, _| unknown(&o["status"]["nodeInfo"]["osImage"]);
            "Kernel-Version" string 1 |o, _| unknown(&o["status"]["nodeInfo"]["kernelVersion"]);
            "Container-Runtime" string 1 |o, _| unknown(&o["status"]["nodeInfo"]["containerRuntimeVersion"]);
        },
        NAMESPACES => columns! {
            "Name" string 0 NAME;
            "Status" string 0 |o, _| json!(o["status"]["phase"].as_str().unwrap_or("Active"));
            "Age" string 0 AGE;
        },
        ENDPOINTSLICES => columns! {
            "Name" string 0 NAME;
            "AddressType" string 0 |o, _| json!(text(&o["addressType"]));
            "Ports" string 0 |o, _| join(&o["ports"], |p| p["port"].as_i64().map(|n| n.to_string()));
            "Endpoints" string 0 |o, _| join(&o["endpoints"], |e| e["addresses"][0].as_str().map(str::to_owned));
            "Age" string 0 AGE;
        },
        INGRESSES => columns! {
            "Name" string 0 NAME;
            "Class" string 0 |o, _| or_none(&o["spec"]["ingressClassName"]);
            "Hosts" string 0 |o, _| join(&o["spec"]["rules"], |r| Some(r["host"].as_str().unwrap_or("*").to_owned()));
            "Address" string 0 |_, _| json!("");
            "Ports" string 0 |o, _| json!(if o["spec"]["tls"].is_null() { "80" } else { "80, 443" });
            "Age" string 0 AGE;
        },
        CRDS => columns! {
            "Name" string 0 NAME;
            "Created At" date 0 |o, _| o["metadata"]["creationTimestamp"].clone();
        },
        _ if matches!(resource.plural, "analysisruns" | "experiments") => columns! {
            "Name" string 0 NAME;
            "Status" string 0 |o, _| json!(text(&o["status"]["phase"]));
            "Age" date 0 AGE;
        },
        _ => columns! {
            "Name" string 0 NAME;
            "Age" date 0 AGE;
        },
    }
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn or_none(value: &Value) -> Value {
    json!(value.as_str().filter(|text| !text.is_empty()).unwrap_or("<none>"))
}

fn unknown(value: &Value) -> Value {
    json!(value.as_str().filter(|text| !text.is_empty()).unwrap_or("<unknown>"))
}

fn join(list: &Value, part: impl Fn(&Value) -> Option<String>) -> Value {
    let parts: Vec<String> = list.as_array().into_iter().flatten().filter_map(part).collect();
    json!(if parts.is_empty() { "<none>".to_owned() } else { parts.join(",") })
}

fn containers(object: &Value, field: &str) -> Value {
    join(&object["spec"]["template"]["spec"]["containers"], |container| container[field].as_str().map(str::to_owned))
}

fn labels(map: &Value) -> Value {
    let parts: Vec<String> = map.as_object().into_iter().flatten().map(|(key, value)| format!("{key}={}", text(value))).collect();
    json!(if parts.is_empty() { "<none>".to_owned() } else { parts.join(",") })
}

fn ports(service: &Value) -> Value {
    join(&service["spec"]["ports"], |port| {
        let node = port["nodePort"].as_i64().map_or(String::new(), |node| format!(":{node}"));
        Some(format!("{}{node}/{}", int(&port["port"]), port["protocol"].as_str().unwrap_or("TCP")))
    })
}

fn involved(event: &Value) -> Value {
    let object = &event["involvedObject"];
    json!(format!("{}/{}", text(&object["kind"]).to_lowercase(), text(&object["name"])))
}

fn node_status(node: &Value) -> Value {
    let conditions = node["status"]["conditions"].as_array();
    let ready = conditions.into_iter().flatten().find(|condition| condition["type"] == "Ready");
    let mut status = match ready {
        Some(condition) if condition["status"] == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if node["spec"]["unschedulable"] == true {
        status.push_str(",SchedulingDisabled");
    }
    json!(status)
}

fn roles(node: &Value) -> Value {
    let labels = node["metadata"]["labels"].as_object();
    let roles: Vec<&str> = labels.into_iter().flatten().filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/")).collect();
    json!(if roles.is_empty() { "<none>".to_owned() } else { roles.join(",") })
}

fn address(node: &Value, kind: &str) -> Value {
    let list = node["status"]["addresses"].as_array();
    or_none(list.into_iter().flatten().find(|address| address["type"] == kind).map_or(&Value::Null, |address| &address["address"]))
}

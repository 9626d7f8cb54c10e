//! What a kubelet writes into a pod's status: phase, conditions and container statuses, shaped as real ones are.
//! Keeps no state and decides nothing; times of transitions are carried over from the status before.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Container, Ended, Life, meta, pull_error, waiting};

/// The whole status of a pod.
pub(super) fn status(life: &Life, pod: &Value, old: &Value, now: DateTime<Utc>) -> Value {
    let empty = Vec::new();
    let containers = pod["spec"]["containers"].as_array().unwrap_or(&empty);
    let statuses: Vec<Value> = containers.iter().enumerate().map(|(index, spec)| container(life, pod, index, spec)).collect();
    let unready: Vec<&str> = statuses.iter().filter(|status| status["ready"] != true).map(|status| meta::text(&status["name"])).collect();
    let started = !matches!(life.container, Container::Creating | Container::PullError | Container::PullBackOff);
    let evicted = matches!(life.container, Container::Evicted { .. });
    let phase = if evicted {
        "Failed"
    } else if started {
        "Running"
    } else {
        "Pending"
    };
    let ready = unready.is_empty();
    let why = (!ready).then(|| ("ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" "))));
    let conditions = json!([
        one("PodReadyToStartContainers", started, None, old, now),
        one("Initialized", true, None, old, now),
        one("Ready", ready, why.clone(), old, now),
        one("ContainersReady", ready, why, old, now),
        one("PodScheduled", true, None, old, now),
    ]);
    let mut status = json!({
        "phase": phase, "conditions": conditions, "hostIP": life.host, "hostIPs": [{ "ip": life.host }],
        "startTime": meta::stamped(life.accepted), "containerStatuses": statuses,
        "qosClass": old["qosClass"],
    });
    if phase == "Running" {
        status["podIP"] = json!(life.ip);
        status["podIPs"] = json!([{ "ip": life.ip }]);
    }
    if evicted {
        status["reason"] = json!("Evicted");
        status["message"] = json!("The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi. ");
    }
    status
}

fn one(kind: &str, met: bool, why: Option<(&str, String)>, old: &Value, now: DateTime<Utc>) -> Value {
    let word = if met { "True" } else { "False" };
    let before = meta::condition(old, kind).filter(|condition| condition["status"] == word);
    let since = before.map_or_else(|| meta::stamped(now), |condition| condition["lastTransitionTime"].clone());
    let mut condition = json!({ "type": kind, "status": word, "lastProbeTime": null, "lastTransitionTime": since });
    if let Some((reason, message)) = why {
        condition["reason"] = json!(reason);
        condition["message"] = json!(message);
    }
    condition
}

/// The status of one container. Only the first meets the template's fate; those beside it just run.
fn container(life: &Life, pod: &Value, index: usize, spec: &Value) -> Value {
    let image = meta::text(&spec["image"]);
    let leads = index == 0;
    let restarts = if leads { life.restarts } else { 0 };
    let (state, ready, running) = match &life.container {
        Container::Creating => (waiting("ContainerCreating", None), false, false),
        Container::Running { since, ready } => {
            (json!({ "running": { "startedAt": meta::stamped(*since) } }), *ready || !leads, *ready || !leads)
        }
        Container::Evicted { since, at } => {
            (ended(&Ended { code: 137, reason: "Error", from: *since, to: *at, id: container_id(pod, index, restarts) }), false, false)
        }
        _ if !leads => (json!({ "running": { "startedAt": meta::stamped(life.accepted) } }), true, true),
        Container::BackOff { seconds: 0 } => (life.ended.as_ref().map(ended).unwrap_or_default(), false, false),
        Container::BackOff { seconds } => (waiting("CrashLoopBackOff", Some(back_off(pod, spec, *seconds))), false, false),
        Container::PullError => (waiting("ErrImagePull", Some(pull_error(image))), false, false),
        Container::PullBackOff => (
            waiting("ImagePullBackOff", Some(format!("Back-off pulling image \"{image}\": ErrImagePull: {}", pull_error(image)))),
            false,
            false,
        ),
    };
    let last = match (&life.ended, &life.container) {
        (Some(last), container) if leads && *container != (Container::BackOff { seconds: 0 }) => ended(last),
        _ => json!({}),
    };
    let pulled = !matches!(life.container, Container::Creating | Container::PullError | Container::PullBackOff);
    let mut status = json!({
        "name": spec["name"], "state": state, "lastState": last, "ready": ready, "restartCount": restarts, "image": image,
        "imageID": if pulled { image_id(image) } else { String::new() }, "started": running,
    });
    if pulled {
        status["containerID"] = json!(container_id(pod, index, restarts));
    }
    status
}

fn back_off(pod: &Value, spec: &Value, seconds: i64) -> String {
    let wait = if seconds >= 60 { format!("{}m{}s", seconds / 60, seconds % 60) } else { format!("{seconds}s") };
    let (name, namespace) = (meta::text(&pod["metadata"]["name"]), meta::text(&pod["metadata"]["namespace"]));
    let (container, uid) = (meta::text(&spec["name"]), meta::text(&pod["metadata"]["uid"]));
    format!("back-off {wait} restarting failed container={container} pod={name}_{namespace}({uid})")
}

fn ended(last: &Ended) -> Value {
    json!({ "terminated": { "exitCode": last.code, "reason": last.reason, "startedAt": meta::stamped(last.from),
                            "finishedAt": meta::stamped(last.to), "containerID": last.id } })
}

/// An identity for each run of each container.
pub(super) fn container_id(pod: &Value, index: usize, restarts: i64) -> String {
    format!("containerd://{}", digest(&format!("{}/{index}/{restarts}", meta::text(&pod["metadata"]["uid"]))))
}

/// One digest per image reference, as a registry would answer for a tag that never moves.
fn image_id(image: &str) -> String {
    let repository = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(image, |(repository, _)| repository);
    format!("{repository}@sha256:{}", digest(image))
}

/// 64 hexadecimal digits that depend on the text alone (four rounds of FNV-1a, not a real SHA-256).
fn digest(text: &str) -> String {
    let round =
        |salt: u64| text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ salt, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (1..=4).map(|salt: u64| format!("{:016x}", round(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)))).collect()
}

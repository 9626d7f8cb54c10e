//! Revisions: which ReplicaSet is the present one, making it, numbering it, what is copied to it, and which old ones go.
//! Never sizes a ReplicaSet but at its birth.

use serde_json::{Map, Value, json};

use super::{COMPONENT, Work, meta, rolling, size, status};
use crate::demo::controllers::hash::template_hash;
use crate::demo::sim::Cx;
use crate::demo::store::{Key, Part, REPLICASETS, StoreError};

pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
pub(super) const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub(super) const MOST: &str = "deployment.kubernetes.io/max-replicas";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
const HASH: &str = "pod-template-hash";
/// Annotations of a Deployment that its ReplicaSets don't get.
const NOT_COPIED: &[&str] =
    &["kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MOST, "deprecated.deployment.rollback.to"];

/// Whether a ReplicaSet's template is the Deployment's, but for the hash label.
pub(super) fn same_template(of_set: &Value, of_deployment: &Value) -> bool {
    same(of_set, of_deployment)
}

/// Equality that takes a null for an absent field, as the API server's typed objects do, and leaves the hash label out.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let covered = |a: &Map<String, Value>, b: &Map<String, Value>, both: bool| {
                let mut fields = a.iter().filter(|(name, value)| !value.is_null() && name.as_str() != HASH);
                fields.all(|(name, value)| b.get(name).is_some_and(|other| !other.is_null() && (!both || same(value, other))))
            };
            covered(a, b, true) && covered(b, a, false)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}

fn number(object: &Value) -> i64 {
    meta::text(&object["metadata"]["annotations"][REVISION]).parse().unwrap_or(0)
}

/// Finds or makes the ReplicaSet of the present template and numbers it (sync.go getNewReplicaSet).
pub(super) fn ensure_new_set(work: &mut Work, cx: &mut Cx<'_>) {
    let next = work.old_sets().iter().map(|set| number(set)).max().unwrap_or(0) + 1;
    match work.new_set().cloned() {
        Some(set) => {
            let min_ready = work.object["spec"]["minReadySeconds"].clone();
            let (desired, most) = (work.replicas(), work.replicas() + work.limits().surge);
            let mut noted = json!({ "metadata": { "annotations": set["metadata"]["annotations"] } });
            annotate(&mut noted, &work.object, next);
            if noted["metadata"]["annotations"][DESIRED].is_null() {
                note_sizes(&mut noted, desired, most);
            }
            let annotations = noted["metadata"]["annotations"].take();
            let patient = meta::int(&set["spec"]["minReadySeconds"]) != meta::int(&min_ready);
            if annotations != set["metadata"]["annotations"] || patient {
                let _ = cx.store.edit(&Key::of(REPLICASETS, &set), Part::Main, |set| {
                    set["metadata"]["annotations"] = annotations;
                    if patient {
                        set["spec"]["minReadySeconds"] = min_ready;
                    }
                });
            }
            work.refresh(cx.store);
            let now_number = work.new_set().map_or(next, |set| number(set));
            let name = meta::text(&set["metadata"]["name"]).to_owned();
            status::number_deployment(work, now_number, status::Born::Found, &name, cx);
        }
        None => create(work, next, cx),
    }
    work.refresh(cx.store);
}

fn create(work: &mut Work, next: i64, cx: &mut Cx<'_>) {
    let object = work.object.clone();
    let mut template = object["spec"]["template"].clone();
    let hash = template_hash(&template, meta::int(&object["status"]["collisionCount"]));
    template["metadata"]["labels"][HASH] = json!(hash);
    let mut selector = object["spec"]["selector"].clone();
    selector["matchLabels"][HASH] = json!(hash);
    let name = format!("{}-{hash}", work.key.name);
    let count = rolling::size_of_new(work, 0);
    let mut spec = json!({ "replicas": count });
    if meta::int(&object["spec"]["minReadySeconds"]) > 0 {
        spec["minReadySeconds"] = object["spec"]["minReadySeconds"].clone();
    }
    spec["selector"] = selector;
    spec["template"] = template.clone();
    let mut set = json!({
        "metadata": { "name": name, "namespace": work.key.namespace, "labels": template["metadata"]["labels"], "annotations": {},
                      "ownerReferences": meta::owner_ref(&object) },
        "spec": spec, "status": { "replicas": 0 },
    });
    annotate(&mut set, &object, next);
    note_sizes(&mut set, work.replicas(), work.replicas() + work.limits().surge);
    match cx.store.create(REPLICASETS, set, cx.now) {
        Ok(_) => {
            if count > 0 {
                cx.event(COMPONENT, &object, "Normal", "ScalingReplicaSet", &format!("Scaled up replica set {name} from 0 to {count}"));
            }
            status::number_deployment(work, next, status::Born::Created, &name, cx);
        }
        // Another template has this hash: count the collision, the next pass computes another hash.
        Err(StoreError::Exists(_)) => {
            let _ = cx.store.edit(&work.key, Part::Status, |object| {
                object["status"]["collisionCount"] = json!(meta::int(&object["status"]["collisionCount"]) + 1);
            });
        }
        Err(_) => {}
    }
}

/// Copies the Deployment's annotations and raises the revision, remembering the one before (deployment_util.go SetNewReplicaSetAnnotations).
fn annotate(set: &mut Value, deployment: &Value, next: i64) {
    for (name, value) in deployment["metadata"]["annotations"].as_object().into_iter().flatten() {
        if !NOT_COPIED.contains(&name.as_str()) {
            set["metadata"]["annotations"][name] = value.clone();
        }
    }
    let annotations = &mut set["metadata"]["annotations"];
    let old = annotations[REVISION].as_str().map(str::to_owned);
    let old_number: i64 = old.as_deref().and_then(|old| old.parse().ok()).unwrap_or(0);
    if old_number >= next {
        return;
    }
    annotations[REVISION] = json!(next.to_string());
    if let Some(old) = old {
        annotations[HISTORY] = match annotations[HISTORY].as_str().filter(|history| !history.is_empty()) {
            Some(history) => json!(format!("{history},{old}")),
            None => json!(old),
        };
    }
}

/// Notes the sizes a ReplicaSet was last scaled for.
pub(super) fn note_sizes(set: &mut Value, desired: i64, most: i64) {
    let annotations = &mut set["metadata"]["annotations"];
    annotations[DESIRED] = json!(desired.to_string());
    annotations[MOST] = json!(most.to_string());
}

/// Whether [`note_sizes`] has nothing to say.
pub(super) fn sized_for(set: &Value, desired: i64, most: i64) -> bool {
    let noted = |name: &str| meta::text(&set["metadata"]["annotations"][name]).parse::<i64>();
    noted(DESIRED) == Ok(desired) && noted(MOST) == Ok(most)
}

/// Deletes the oldest empty ReplicaSets beyond `revisionHistoryLimit` (sync.go cleanupDeployment).
pub(super) fn clean_up(work: &Work, cx: &mut Cx<'_>) {
    let limit = usize::try_from(work.object["spec"]["revisionHistoryLimit"].as_i64().unwrap_or(10)).unwrap_or(0);
    let mut old: Vec<_> = work.old_sets().into_iter().filter(|set| !meta::terminating(set)).collect();
    let surplus = old.len().saturating_sub(limit);
    old.sort_by_key(|set| number(set));
    for set in old.into_iter().take(surplus) {
        let settled = meta::int(&set["metadata"]["generation"]) <= meta::int(&set["status"]["observedGeneration"]);
        if meta::int(&set["status"]["replicas"]) == 0 && size(&set) == 0 && settled {
            cx.store.delete(&Key::of(REPLICASETS, &set));
        }
    }
}

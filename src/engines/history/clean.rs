//! A ReplicaSet's pod template as a person wrote it: without the hash label, the ephemeral metadata and the anti-affinity that a controller put in.
//! Never strips what looks like it but was written by hand: a term of one's own names no hash, and labels go only where the ReplicaSet says they were put in.

use serde_json::{Map, Value};

use crate::engines::versions::ARGO_HASH;

/// The labels that name a version.
const HASHES: [&str; 2] = ["pod-template-hash", ARGO_HASH];
/// What Argo Rollouts put into a ReplicaSet's template besides the template: JSON with `labels` and `annotations`.
const EPHEMERAL: &str = "rollout.argoproj.io/ephemeral-metadata";

/// The template without what was put in; `metadata` is that of the ReplicaSet it was read from.
pub fn template(template: &Value, metadata: Option<&Value>) -> Value {
    let mut out = template.clone();
    if let Some(meta) = out.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.retain(|key, value| !(key == "creationTimestamp" && value.is_null()));
        for hash in HASHES {
            take(meta, "labels", hash);
        }
        let ephemeral =
            metadata.and_then(|m| m["annotations"][EPHEMERAL].as_str()).and_then(|text| serde_json::from_str::<Value>(text).ok());
        for list in ["labels", "annotations"] {
            for (key, value) in ephemeral.as_ref().and_then(|e| e[list].as_object()).into_iter().flatten() {
                if meta.get(list).and_then(|there| there.get(key)) == Some(value) {
                    take(meta, list, key);
                }
            }
        }
    }
    anti_affinity(&mut out);
    out
}

/// Takes one key out of a map, and the map where that leaves it empty.
fn take(meta: &mut Map<String, Value>, list: &str, key: &str) {
    let Some(map) = meta.get_mut(list).and_then(Value::as_object_mut) else { return };
    if map.remove(key).is_some() && map.is_empty() {
        meta.remove(list);
    }
}

/// Takes out the terms that keep a version's pods from the nodes of the stable one's (argo-rollouts `utils/replicaset`, `strategy.*.antiAffinity`):
/// one expression, the hash label `In` one hash, by host.
fn anti_affinity(template: &mut Value) {
    let Some(spec) = template.get_mut("spec").and_then(Value::as_object_mut) else { return };
    let Some(affinity) = spec.get_mut("affinity").and_then(Value::as_object_mut) else { return };
    let Some(anti) = affinity.get_mut("podAntiAffinity").and_then(Value::as_object_mut) else { return };
    let mut taken = false;
    for (list, term) in
        [("requiredDuringSchedulingIgnoredDuringExecution", ""), ("preferredDuringSchedulingIgnoredDuringExecution", "/podAffinityTerm")]
    {
        let Some(terms) = anti.get_mut(list).and_then(Value::as_array_mut) else { continue };
        let before = terms.len();
        terms.retain(|item| !item.pointer(term).is_some_and(injected));
        taken |= terms.len() < before;
        if taken && terms.is_empty() {
            anti.remove(list);
        }
    }
    if taken && anti.is_empty() {
        affinity.remove("podAntiAffinity");
        if affinity.is_empty() {
            spec.remove("affinity");
        }
    }
}

fn injected(term: &Value) -> bool {
    let selector = &term["labelSelector"];
    let expressions = selector["matchExpressions"].as_array().map_or(&[][..], Vec::as_slice);
    term["topologyKey"] == "kubernetes.io/hostname"
        && selector["matchLabels"].as_object().is_none_or(Map::is_empty)
        && matches!(expressions, [one] if one["key"] == ARGO_HASH && one["operator"] == "In")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_labels_go_and_labels_of_ones_own_stay() {
        let raw = json!({"metadata": {"creationTimestamp": null, "labels": {"app": "web", "pod-template-hash": "a", "rollouts-pod-template-hash": "b"}}});
        assert_eq!(template(&raw, None), json!({"metadata": {"labels": {"app": "web"}}}));
    }

    #[test]
    fn ephemeral_metadata_goes_where_the_set_says_that_it_was_put_in() {
        let raw = json!({"metadata": {"labels": {"app": "web", "role": "canary"}, "annotations": {"debug": "1"}}});
        let set = json!({"annotations": {EPHEMERAL: r#"{"labels":{"role":"canary"},"annotations":{"debug":"1"}}"#}});
        assert_eq!(template(&raw, Some(&set)), json!({"metadata": {"labels": {"app": "web"}}}));
        assert_eq!(template(&raw, Some(&json!({}))), raw, "without the annotation it was written by hand");
        let other = json!({"annotations": {EPHEMERAL: r#"{"labels":{"role":"stable"}}"#}});
        assert_eq!(template(&raw, Some(&other)), raw, "another value was not put in by it");
        assert_eq!(template(&raw, Some(&json!({"annotations": {EPHEMERAL: "{broken"}}))), raw);
    }

    #[test]
    fn injected_anti_affinity_goes_and_ones_own_stays() {
        let put_in = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchExpressions": [
            {"key": "rollouts-pod-template-hash", "operator": "In", "values": ["abc"]}]}});
        let own = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}});
        let with = |anti: Value| json!({"spec": {"affinity": {"podAntiAffinity": anti}}});
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        assert_eq!(template(&with(json!({required: [put_in]})), None), json!({"spec": {}}));
        assert_eq!(template(&with(json!({preferred: [{"weight": 100, "podAffinityTerm": put_in}]})), None), json!({"spec": {}}));
        assert_eq!(template(&with(json!({required: [own, put_in]})), None), with(json!({required: [own]})));
        let untouched = with(json!({required: [own], preferred: []}));
        assert_eq!(template(&untouched, None), untouched);
    }
}

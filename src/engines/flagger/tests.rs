//! What the recorded lives do not show: routers that are not read, A/B, hostile weights.

use serde_json::{Value, json};

use super::*;
use crate::objects::{Object, SourceId, WorldEvent};

fn world(objects: &[(Kind, Value)]) -> World {
    let mut world = World::default();
    for (n, kind) in Kind::ALL.into_iter().enumerate() {
        world.open(SourceId(n as u64), kind, None);
        let of = objects.iter().filter(|(of, _)| *of == kind);
        let decoded = of.map(|(kind, object)| Object::decode(*kind, object.to_string().as_bytes()).unwrap()).collect();
        world.apply(SourceId(n as u64), WorldEvent::Replace(kind, decoded));
    }
    world
}

fn canary(phase: &str, spec: &Value, weight: i64) -> (Kind, Value) {
    let mut all = json!({"targetRef": {"kind": "Deployment", "name": "web"}});
    if let (Some(all), Some(more)) = (all.as_object_mut(), spec.as_object()) {
        all.extend(more.clone());
    }
    let condition = json!({"type": "Promoted", "status": "Unknown", "reason": phase, "message": "So it is.",
        "lastTransitionTime": "2026-11-21T12:00:00Z"});
    let status = json!({"phase": phase, "canaryWeight": weight, "conditions": [condition]});
    (Kind::Canary, json!({"metadata": {"name": "shop", "namespace": "n", "uid": "c"}, "spec": all, "status": status}))
}

fn deployments() -> Vec<(Kind, Value)> {
    let mut all = Vec::new();
    for (name, image) in [("web", "web:2"), ("web-primary", "web:1")] {
        let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": image}]}});
        let meta = json!({"name": name, "namespace": "n", "uid": name, "annotations": {"deployment.kubernetes.io/revision": "2"}});
        let status = json!({"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2});
        all.push((
            Kind::Deployment,
            json!({"metadata": meta, "status": status,
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": name, "tier": "front"}}, "template": template}}),
        ));
        let meta = json!({"name": format!("{name}-h"), "namespace": "n", "uid": format!("{name}-h"), "labels": {"pod-template-hash": format!("h-{name}")},
            "creationTimestamp": "2026-11-21T11:00:00Z", "annotations": {"deployment.kubernetes.io/revision": "2"},
            "ownerReferences": [{"kind": "Deployment", "name": name, "uid": name, "controller": true}]});
        all.push((
            Kind::ReplicaSet,
            json!({"metadata": meta, "spec": {"replicas": 2, "template": template}, "status": {"replicas": 2, "readyReplicas": 2}}),
        ));
    }
    all
}

fn route(rules: Value) -> (Kind, Value) {
    (Kind::HttpRoute, json!({"metadata": {"name": "web", "namespace": "n", "uid": "r"}, "spec": {"rules": rules}}))
}

fn of(objects: Vec<(Kind, Value)>) -> Release {
    let all: Vec<_> = deployments().into_iter().chain(objects).collect();
    let key = ReleaseRef { namespace: "n".into(), name: "shop".into(), kind: Kind::Canary };
    read(&world(&all), &key).unwrap()
}

fn headline(release: &Release) -> (Label, i64) {
    release.exposure.headline.as_ref().map(|share| (share.label, (share.value * 100.0).round() as i64)).unwrap()
}

#[test]
fn a_router_that_is_not_read_is_told_by_the_status_only_where_that_is_honest() {
    let istio = json!({"provider": "istio", "analysis": {"stepWeight": 10, "maxWeight": 40}});
    assert_eq!(headline(&of(vec![canary("Progressing", &istio, 30)])), (Label::Configured, 30));
    let waiting = of(vec![canary("WaitingPromotion", &istio, 0)]);
    assert_eq!(headline(&waiting).0, Label::Unknown, "0 is what it always says there");
    assert!(waiting.exposure.configured.is_none(), "an action may not take it for 0");
    assert_eq!(waiting.weight.map(|weight| weight.set), Some(40), "it waits at the last step");
    let rounds = json!({"provider": "istio", "analysis": {"iterations": 5, "match": [{"headers": {"x": {"exact": "y"}}}]}});
    assert_eq!(headline(&of(vec![canary("Progressing", &rounds, 0)])).0, Label::Unknown);
}

#[test]
fn a_route_that_picks_requests_says_so_beside_the_share_of_the_others() {
    let spec = json!({"provider": "gatewayapi:v1", "analysis": {"iterations": 5, "match": [{"headers": {"x-beta": {"exact": "1"}}}]}});
    let to = |name: &str| json!([{"name": name, "weight": 100}]);
    let rules = json!([{"matches": [{"headers": [{"name": "x-beta", "value": "1"}]}], "backendRefs": to("web-canary")},
        {"matches": [{"path": {"value": "/"}}], "backendRefs": to("web-primary")}]);
    let release = of(vec![canary("Progressing", &spec, 0), route(rules)]);
    assert_eq!(headline(&release), (Label::Configured, 0));
    let beside: Vec<_> = release.exposure.beside.iter().map(|one| one.as_str()).collect();
    assert_eq!(beside, ["all requests with header x-beta"]);
    assert!(!crate::release::acting::Goal::NoExposure.met(&release), "those requests do reach it");
}

#[test]
fn weights_are_parts_of_their_sum_whatever_is_written() {
    let spec = json!({"provider": "gatewayapi:v1", "analysis": {"stepWeight": 10}});
    let share = |refs: Value| of(vec![canary("WaitingPromotion", &spec, 0), route(json!([{"backendRefs": refs}]))]);
    let two = |old: Value, new: Value| json!([{"name": "web-primary", "weight": old}, {"name": "web-canary", "weight": new}]);
    assert_eq!(headline(&share(two(json!(3), json!(1)))), (Label::Configured, 25));
    assert_eq!(headline(&share(two(Value::Null, Value::Null))), (Label::Configured, 50), "a weight that is absent is 1");
    assert_eq!(headline(&share(two(json!(i64::MAX), json!(i64::MAX)))).0, Label::Configured);
    assert_eq!(headline(&share(two(json!(-5), json!(10)))), (Label::Configured, 100));
    assert_eq!(headline(&share(two(json!(0), json!(0)))).0, Label::Unknown);
    assert_eq!(headline(&share(json!([]))).0, Label::Unknown);
}

#[test]
fn the_pods_of_both_are_found_and_the_canary_may_have_a_name_of_its_own() {
    let release = of(vec![canary("Progressing", &json!({"provider": "istio"}), 0)]);
    assert_eq!(release.selector.query(), "tier=front,app in (web,web-primary)");
    assert_eq!(release.key.name, "shop");
    let names: Vec<_> = release.versions.iter().map(|v| (v.replica_set.as_str(), v.runs_new)).collect();
    assert_eq!(names, [("web-h", true), ("web-primary-h", false)]);
    assert_eq!((release.control.new_hash.as_str(), release.control.stable_hash.as_str()), ("h-web", "h-web-primary"));
}

#[test]
fn what_is_suspended_is_paused_and_has_no_opinion() {
    let spec = json!({"provider": "istio", "suspend": true, "analysis": {"stepWeight": 10, "metrics": [{"name": "errors", "thresholdRange": {"max": 1}}]}});
    let release = of(vec![canary("Progressing", &spec, 30)]);
    assert_eq!(release.phase, crate::release::Phase::Paused);
    assert!(release.paused_by_hand && release.countdowns.is_empty());
    assert_eq!(release.analyses.first().map(|one| one.phase), Some(crate::objects::AnalysisPhase::Pending));
    assert_eq!(release.message.as_deref(), Some("suspended: nothing is checked, nothing moves: So it is."));
}

#[test]
fn a_promotion_that_broke_and_left_all_requests_on_the_new_version_is_an_alarm() {
    let spec = json!({"provider": "istio", "analysis": {"stepWeight": 10}});
    let release = of(vec![canary("Failed", &spec, 100)]);
    assert!(release.under_way && matches!(release.alarms.first(), Some(Alarm::AbortedStillExposed { share, .. }) if *share >= 1.0));
}

#[test]
fn a_target_of_another_kind_is_read_as_far_as_it_goes() {
    let spec = json!({"targetRef": {"kind": "DaemonSet", "name": "web"}, "provider": "istio"});
    let release = of(vec![canary("Progressing", &spec, 30)]);
    assert!(release.versions.is_empty() && release.control.template.is_none() && release.under_way);
}

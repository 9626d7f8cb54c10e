//! Images: bodies, effects and refusals.

use serde_json::{Value, json};

use crate::engines::plan;
use crate::engines::tests::Scene;
use crate::objects::Kind;
use crate::release::acting::{Change, Goal, Intent, Refusal};
use crate::text::Clean;

fn set(scene: Scene, images: &[(&str, &str)]) -> Result<Change, Refusal> {
    let (world, release) = scene.play();
    let images = images.iter().map(|(name, image)| (Clean::from(*name), Clean::from(*image))).collect();
    plan(&world, &release, &Intent::SetImage(images))
}

fn body(scene: Scene, images: &[(&str, &str)]) -> Value {
    set(scene, images).unwrap().first_write().unwrap().body.clone()
}

fn with_init(scene: Scene) -> Scene {
    scene.edit(|w| w["spec"]["template"]["spec"]["initContainers"] = json!([{"name": "migrate", "image": "shop:1"}]))
}

#[test]
fn one_container_is_named_by_a_test_at_its_place() {
    assert_eq!(
        body(Scene::rollout().revision(1, 5, 5), &[("proxy", "proxy:2")]),
        json!([
            {"op": "test", "path": "/spec/template/spec/containers/1/name", "value": "proxy"},
            {"op": "replace", "path": "/spec/template/spec/containers/1/image", "value": "proxy:2"},
            {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "flightdeck: set image proxy=proxy:2"},
        ])
    );
}

#[test]
fn a_star_means_all_of_them_init_containers_too_and_a_name_says_more() {
    let change = set(with_init(Scene::deployment().revision(1, 6, 6)), &[("*", "shop:2"), ("proxy", "proxy:2")]).unwrap();
    let written: Vec<String> = change.first_write().unwrap().body.as_array().unwrap().iter().map(|op| op["value"].to_string()).collect();
    assert_eq!(written[..6], ["\"app\"", "\"shop:2\"", "\"proxy\"", "\"proxy:2\"", "\"migrate\"", "\"shop:2\""]);
    let places: Vec<&str> = change.diff.iter().map(|d| d.place.as_str()).collect();
    assert_eq!(places, ["app image", "proxy image", "init migrate image"]);
    assert!(change.risks.iter().any(|r| r.contains("3 containers change: app, proxy, init migrate")), "{:?}", change.risks);
}

#[test]
fn behind_a_workload_ref_the_deployment_is_written() {
    let mut scene = Scene::rollout().revision(1, 5, 5);
    let template = scene.workload["spec"]["template"].take();
    scene.workload["spec"]["workloadRef"] = json!({"kind": "Deployment", "name": "catalog"});
    scene.referenced = Some(json!({"metadata": {"name": "catalog", "namespace": "payments", "uid": "d", "generation": 2,
        "annotations": {"deployment.kubernetes.io/revision": "1"}}, "spec": {"template": template}}));
    let change = set(scene, &[("app", "shop:2")]).unwrap();
    let write = change.first_write().unwrap();
    assert_eq!((write.kind, write.name.as_str()), (Kind::Deployment, "catalog"));
}

#[test]
fn what_it_starts_depends_on_the_strategy() {
    let effect = |scene: Scene| set(scene, &[("app", "shop:2")]).unwrap();
    let canary = effect(Scene::rollout().revision(1, 5, 5));
    assert_eq!(canary.effect, "Starts a new release at step 1; the first share it gets is 20 %.");
    assert_eq!((canary.exposed.before, canary.exposed.after), (Some(0.0), Some(0.2)));
    assert_eq!(canary.stages[0].goal, Goal::ReleasingOther("h1".into()));
    let rolling = effect(Scene::deployment().revision(1, 6, 6));
    assert_eq!(
        (rolling.effect.as_str(), rolling.exposed.after),
        ("Replaces every pod by one of the new version, one after another.", Some(1.0))
    );
    let mid = effect(Scene::rollout().revision(1, 4, 4).revision(3, 1, 1).in_force(3).edit(|w| w["status"]["currentStepIndex"] = json!(1)));
    assert!(mid.risks[0].contains("its version is given up"), "{:?}", mid.risks);
    let paused = effect(Scene::deployment().revision(1, 6, 6).edit(|w| w["spec"]["paused"] = json!(true)));
    assert!(paused.notes[0].contains("paused by hand"), "{:?}", paused.notes);
}

#[test]
fn annotations_that_nobody_read_are_left_alone() {
    let scene = Scene::deployment().revision(1, 6, 6).edit(|w| w["metadata"]["annotations"] = json!({"team/note": "kept"})).unread();
    assert_eq!(body(scene, &[("app", "shop:2")]).as_array().unwrap().len(), 2, "no change cause rather than somebody's note lost");
}

#[test]
fn every_refusal_says_what_works() {
    let told = |images: &[(&str, &str)]| {
        let refusal = set(with_init(Scene::deployment().revision(1, 6, 6)), images).unwrap_err();
        format!("{} {}", refusal.why, refusal.instead)
    };
    assert_eq!(told(&[("web", "shop:2")]), "There is no container web. Containers: app, proxy, migrate.");
    assert_eq!(told(&[("app", "")]), "\"\" is no image. Name one as registry/name:tag.");
    assert!(told(&[("app", "shop 2")]).starts_with("\"shop 2\" is no image."));
    assert!(told(&[("app", "shop:1")]).starts_with("It asks for that image already. Restart replaces its pods"));
    assert_eq!(told(&[]), "No container and no image is named. Containers: app, proxy, migrate.");
}

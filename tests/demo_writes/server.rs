//! What the server makes of preconditions, dry runs and wrong types, and whom it notes as the writer.

use serde_json::{Value, json};

use crate::lab::{Lab, canary};

async fn lab() -> Lab {
    let lab = Lab::rollout(&canary("{ setWeight = 25 }, { pause = {} }")).await;
    lab.image("2.0").await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.at.run(100);
    lab
}

fn revision(object: &Value) -> Value {
    object["metadata"]["resourceVersion"].clone()
}

const MODIFIED: &str = "Operation cannot be fulfilled on rollouts.argoproj.io \"web\": the object has been modified; please apply your changes to the latest version and try again";

#[tokio::test]
async fn a_stale_resource_version_is_a_conflict_wherever_it_is_sent() {
    let lab = lab().await;
    let stale = revision(&lab.get().await);
    lab.spec(json!({ "metadata": { "labels": { "seen": "yes" } } })).await;
    let guard = json!({ "resourceVersion": stale });
    for (path, body) in [
        (lab.path.clone(), json!({ "metadata": guard, "spec": { "paused": true } })),
        (lab.status_path(), json!({ "metadata": guard, "status": { "abort": true } })),
    ] {
        let before = lab.get().await;
        let answer = lab.at.user.merge(&path, body.clone()).await;
        assert_eq!((answer.code, answer.message(), answer.body["reason"].as_str()), (409, MODIFIED, Some("Conflict")), "{path}");
        assert_eq!(lab.get().await, before, "nothing was written");
        let mut fresh = body;
        fresh["metadata"]["resourceVersion"] = revision(&before);
        assert_eq!(lab.at.user.merge(&path, fresh).await.code, 200);
    }
    let mut whole = lab.get().await;
    whole["metadata"]["resourceVersion"] = stale;
    assert_eq!(lab.at.user.put(&lab.path, &whole).await.code, 409);
}

#[tokio::test]
async fn a_release_made_anew_is_told_by_its_resource_version_before_its_uid() {
    let lab = lab().await;
    let body = json!({ "metadata": { "uid": "11111111-2222-4333-8444-555555555555", "resourceVersion": "7" }, "spec": { "paused": true } });
    let answer = lab.at.user.merge(&lab.path, body.clone()).await;
    assert_eq!((answer.code, answer.message()), (409, MODIFIED), "the storage looks at the version before the object is validated");
    assert_eq!(lab.at.user.merge(&lab.status_path(), json!({ "metadata": body["metadata"], "status": { "abort": true } })).await.code, 409);
    let only_uid = json!({ "metadata": { "uid": body["metadata"]["uid"] }, "spec": { "paused": true } });
    let answer = lab.at.user.merge(&lab.path, only_uid).await;
    assert_eq!(answer.code, 422);
    assert!(answer.message().ends_with("field is immutable"), "{}", answer.message());
    let landed =
        lab.at.user.merge(&lab.status_path(), json!({ "metadata": { "uid": body["metadata"]["uid"] }, "status": { "abort": true } })).await;
    assert_eq!((landed.code, &landed.body["status"]["abort"]), (200, &json!(true)), "ignored there");
    assert_ne!(landed.body["metadata"]["uid"], body["metadata"]["uid"]);
}

#[tokio::test]
async fn a_failed_test_of_a_json_patch_names_nothing() {
    let lab = lab().await;
    let object = lab.get().await;
    for (path, value) in [
        ("/metadata/resourceVersion", json!("7")),
        ("/metadata/generation", json!(99)),
        ("/metadata/uid", json!("other")),
        ("/status/nothing/there", json!(1)),
    ] {
        for to in [lab.path.clone(), lab.status_path()] {
            let write = json!([{ "op": "test", "path": path, "value": value }, { "op": "add", "path": "/spec/paused", "value": true }]);
            let answer = lab.at.user.json_patch(&to, write).await;
            assert_eq!((answer.code, answer.message()), (422, "the server rejected our request due to an error in our request"), "{path}");
            assert!(answer.body.get("details").is_none_or(|details| details.get("causes").is_none()));
        }
    }
    assert_eq!(lab.get().await, object);
}

#[tokio::test]
async fn a_dry_run_shows_and_keeps_nothing() {
    let lab = lab().await;
    let before = lab.get().await;
    let revision = lab.at.cluster.revision();
    let dry = lab.at.user.merge(&format!("{}?dryRun=All", lab.status_path()), json!({ "status": { "abort": true } })).await;
    assert_eq!((dry.code, &dry.body["status"]["abort"]), (200, &json!(true)));
    assert_eq!(dry.body["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"]);
    let spec = lab.at.user.merge(&format!("{}?dryRun=All", lab.path), json!({ "spec": { "paused": true } })).await;
    assert_eq!(spec.body["metadata"]["generation"].as_i64().unwrap(), before["metadata"]["generation"].as_i64().unwrap() + 1);
    lab.at.run(5000);
    assert_eq!((lab.get().await, lab.at.cluster.revision()), (before, revision), "no controller saw anything either");
    assert_eq!(lab.at.user.merge(&format!("{}?dryRun=Some", lab.path), json!({})).await.code, 400);
}

#[tokio::test]
async fn a_wrong_type_in_a_status_field_is_named() {
    let lab = lab().await;
    for (field, value, wanted, got) in [
        ("abort", json!("yes"), "boolean", "string"),
        ("currentStepIndex", json!("2"), "integer", "string"),
        ("promoteFull", json!(1), "boolean", "integer"),
        ("pauseConditions", json!({}), "array", "object"),
    ] {
        let answer = lab.at.user.merge(&lab.status_path(), json!({ "status": { field: value } })).await;
        let told = format!("status.{field}: Invalid value: \"{got}\": status.{field} in body must be of type {wanted}: \"{got}\"");
        assert_eq!(answer.code, 422, "{field}");
        assert_eq!(answer.message(), format!("Rollout.argoproj.io \"web\" is invalid: {told}"));
        assert_eq!(answer.body["details"]["causes"][0]["field"], format!("status.{field}"));
    }
}

fn entry<'a>(object: &'a Value, manager: &str) -> Option<&'a Value> {
    object["metadata"]["managedFields"].as_array()?.iter().find(|entry| entry["manager"] == manager)
}

#[tokio::test]
async fn a_writer_is_noted_by_its_field_manager_and_one_that_only_removes_is_not() {
    let lab = lab().await;
    let to = |path: &str| format!("{path}?fieldManager=flightdeck");
    lab.at.user.merge(&to(&lab.status_path()), json!({ "status": { "pauseConditions": null } })).await;
    assert!(entry(&lab.get().await, "flightdeck").is_none(), "who pressed promote can't be read off the object");
    lab.at.run(1);
    let answer = lab.at.user.merge(&to(&lab.path), json!({ "spec": { "paused": true } })).await;
    let main = entry(&answer.body, "flightdeck").unwrap();
    assert_eq!((&main["operation"], &main["fieldsV1"]), (&json!("Update"), &json!({ "f:spec": { "f:paused": {} } })));
    assert!(main.get("subresource").is_none() && main["time"].is_string());
    let answer = lab.at.user.merge(&to(&lab.status_path()), json!({ "status": { "abort": true } })).await;
    let all = answer.body["metadata"]["managedFields"].as_array().unwrap();
    let status: Vec<_> = all.iter().filter(|entry| entry["manager"] == "flightdeck" && entry["subresource"] == "status").collect();
    assert_eq!(status.len(), 1, "one entry for each endpoint");
    assert_eq!(status[0]["fieldsV1"], json!({ "f:status": { "f:abort": {} } }));
    lab.at.run(1000);
    assert!(entry(&lab.get().await, "flightdeck").is_some(), "the controller's writes keep it");
}

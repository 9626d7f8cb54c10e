//! A Deployment under `kubectl rollout` and `kubectl set image`, and under an undo in one write while it is paused.

use serde_json::{Value, json};

use crate::embedded::stamp;
use crate::lab::{HEAD, Lab, WEB, accepted};

async fn lab() -> Lab {
    let text = format!(
        "release = \"deployment/lab/web\"\n{HEAD}\n[[workload]]\nkind = \"deployment\"\nnamespace = \"lab\"\nname = \"web\"\nreplicas = 4\n[[workload.version]]\ntag = \"1.0\"\nat = \"-2h\"\ncause = \"first\"\n[[workload.version]]\ntag = \"1.1\"\nat = \"-1h\"\ncause = \"second\"\n"
    );
    Lab::deployment(&text).await
}

fn reason(object: &Value) -> String {
    let list = object["status"]["conditions"].as_array().unwrap();
    list.iter().find(|c| c["type"] == "Progressing").unwrap()["reason"].as_str().unwrap().to_owned()
}

async fn settled(lab: &Lab) {
    lab.at.run(60_000);
    assert_eq!(reason(&lab.get().await), "NewReplicaSetAvailable");
}

/// What `kubectl rollout undo` sends: the old template without its hash, and annotations as kubectl merges them.
fn undo(lab: &Lab, object: &Value, tag: &str) -> Value {
    let set = &lab.sets(tag)[0];
    let mut template = set["spec"]["template"].clone();
    template["metadata"]["labels"].as_object_mut().unwrap().shift_remove("pod-template-hash");
    let mut annotations = set["metadata"]["annotations"].clone();
    let kept = ["deployment.kubernetes.io/revision", "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas"];
    for name in kept {
        annotations[name] = object["metadata"]["annotations"][name].clone();
    }
    annotations.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    json!([{ "op": "replace", "path": "/spec/template", "value": template },
           { "op": "replace", "path": "/metadata/annotations", "value": annotations }])
}

#[tokio::test]
async fn paused_its_mix_stands_still_and_resumed_it_goes_on() {
    let lab = lab().await;
    lab.image("2.0").await;
    lab.at.run(1500);
    accepted(lab.at.user.strategic(&lab.path, json!({ "spec": { "paused": true } })).await);
    lab.at.run(20);
    assert_eq!(reason(&lab.get().await), "DeploymentPaused");
    let mix = (lab.asked("1.1"), lab.asked("2.0"));
    assert!(mix.0 > 0 && mix.1 > 0, "{mix:?}");
    lab.at.run(60_000);
    assert_eq!((lab.asked("1.1"), lab.asked("2.0")), mix);
    lab.image("3.0").await;
    lab.at.run(1000);
    assert!(lab.sets("3.0").is_empty(), "a paused one makes no ReplicaSet of a new template");
    lab.image("2.0").await;
    let resumed = accepted(lab.at.user.strategic(&lab.path, json!({ "spec": { "paused": null } })).await);
    assert!(resumed["spec"].get("paused").is_none(), "the field is gone, as kubectl leaves it");
    settled(&lab).await;
    assert_eq!((lab.asked("1.1"), lab.asked("2.0")), (0, 4));
}

#[tokio::test]
async fn restarted_it_is_a_new_revision_of_the_same_image() {
    let lab = lab().await;
    let at = stamp(lab.at.cluster.now());
    let restart = json!({ "spec": { "template": { "metadata": { "annotations": { "kubectl.kubernetes.io/restartedAt": at } } } } });
    accepted(lab.at.user.strategic(&lab.path, restart).await);
    settled(&lab).await;
    let object = lab.get().await;
    assert_eq!(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
    assert_eq!(lab.sets("1.1").len(), 2);
    assert_eq!(lab.asked("1.1"), 4);
}

#[tokio::test]
async fn undone_the_old_revision_gets_a_new_number_and_twice_undone_it_is_where_it_was() {
    let lab = lab().await;
    accepted(lab.at.user.json_patch(&lab.path, undo(&lab, &lab.get().await, "1.0")).await);
    settled(&lab).await;
    let object = lab.get().await;
    assert_eq!(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
    assert_eq!(object["metadata"]["annotations"]["kubernetes.io/change-cause"], "first", "the old text comes back with it");
    assert_eq!(object["spec"]["template"]["spec"]["containers"][0]["image"], format!("{WEB}:1.0"));
    let set = lab.sets("1.0")[0].clone();
    assert_eq!(set["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"], "1");
    accepted(lab.at.user.json_patch(&lab.path, undo(&lab, &object, "1.1")).await);
    settled(&lab).await;
    let object = lab.get().await;
    assert_eq!(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "4");
    assert_eq!(lab.asked("1.1"), 4);
}

#[tokio::test]
async fn one_write_undoes_and_unpauses_a_release_stuck_in_the_middle() {
    let lab = lab().await;
    lab.image("2.0").await;
    lab.at.run(1500);
    accepted(lab.at.user.strategic(&lab.path, json!({ "spec": { "paused": true } })).await);
    lab.at.run(5000);
    let object = lab.get().await;
    let mut template = lab.sets("1.1")[0]["spec"]["template"].clone();
    template["metadata"]["labels"].as_object_mut().unwrap().shift_remove("pod-template-hash");
    let write = json!([
        { "op": "test", "path": "/metadata/uid", "value": object["metadata"]["uid"] },
        { "op": "test", "path": "/metadata/resourceVersion", "value": object["metadata"]["resourceVersion"] },
        { "op": "replace", "path": "/spec/template", "value": template },
        { "op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": "rolled back" },
        { "op": "add", "path": "/spec/paused", "value": false },
    ]);
    accepted(lab.at.user.json_patch(&lab.path, write.clone()).await);
    settled(&lab).await;
    assert_eq!((lab.asked("1.1"), lab.asked("2.0")), (4, 0));
    let set = &lab.sets("1.1")[0];
    assert_eq!(set["metadata"]["annotations"]["kubernetes.io/change-cause"], "rolled back", "copied to the ReplicaSet");
    let again = lab.at.user.json_patch(&lab.path, write).await;
    assert_eq!((again.code, again.message()), (422, "the server rejected our request due to an error in our request"));
}

//! Somebody else writes to the same release: at a moment, right after a person looked, or some time after a person wrote.

use flightdeck::demo::scenario::Scenario;
use serde_json::{Value, json};

use crate::lab::{Lab, WEB, canary};

async fn with(write: &str) -> Lab {
    let lab = Lab::rollout(&format!("{}\n[[write]]\n{write}", canary("{ setWeight = 25 }, { pause = {} }"))).await;
    lab.image("2.0").await;
    lab.until("Paused", "CanaryPauseStep", 1).await;
    lab.at.run(100);
    lab
}

#[tokio::test]
async fn right_after_a_read_the_state_that_was_read_is_gone() {
    let lab =
        with("at = \"30s\"\nobject = \"rollouts/lab/web\"\npatch = '{\"spec\":{\"paused\":true}}'\nmanager = \"bob\"\nafter = \"read\"\n")
            .await;
    lab.at.run(30_000);
    let list = lab.at.user.get("/apis/argoproj.io/v1alpha1/namespaces/lab/rollouts").await;
    assert!(list.body["items"][0]["spec"].get("paused").is_none(), "lists and watches provoke nobody");
    let read = lab.get().await;
    assert!(read["spec"].get("paused").is_none());
    let guarded = json!({ "metadata": { "resourceVersion": read["metadata"]["resourceVersion"] }, "status": { "abort": true } });
    assert_eq!(lab.at.user.merge(&lab.status_path(), guarded).await.code, 409);
    let now = lab.get().await;
    assert_eq!(now["spec"]["paused"], true);
    let bob: Vec<&Value> = now["metadata"]["managedFields"].as_array().unwrap().iter().filter(|entry| entry["manager"] == "bob").collect();
    assert_eq!((bob.len(), &bob[0]["fieldsV1"]), (1, &json!({ "f:spec": { "f:paused": {} } })));
    lab.spec(json!({ "spec": { "paused": false } })).await;
    assert_eq!(lab.get().await["spec"]["paused"], false, "once only");
}

#[tokio::test]
async fn between_a_dry_run_and_the_write_it_is_promoted_by_somebody() {
    let lab = with(
        "at = \"0s\"\nobject = \"rollouts/lab/web\"\nstatus = true\npatch = '{\"status\":{\"promoteFull\":true}}'\nafter = \"dry-run\"\n",
    )
    .await;
    lab.at.user.merge(&format!("{}?dryRun=All", lab.status_path()), json!({ "status": { "abort": true } })).await;
    assert_eq!(lab.status().await["promoteFull"], true);
    lab.until("Healthy", "", 2).await;
}

#[tokio::test]
async fn some_seconds_after_each_write_the_template_is_set_back() {
    let back = format!("{{\"spec\":{{\"template\":{{\"spec\":{{\"containers\":[{{\"name\":\"web\",\"image\":\"{WEB}:1.0\"}}]}}}}}}}}");
    let lab = with(&format!(
        "at = \"10s\"\nobject = \"rollouts/lab/web\"\npatch = '{back}'\nmanager = \"argocd-controller\"\nafter = \"write\"\ndelay = \"5s\"\ntimes = 2\n"
    ))
    .await;
    lab.at.run(10_000);
    let image = |object: &Value| object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned();
    for tag in ["3.0", "4.0"] {
        lab.image(tag).await;
        lab.at.run(4900);
        assert_eq!(image(&lab.get().await), format!("{WEB}:{tag}"));
        lab.at.run(200);
        assert_eq!(image(&lab.get().await), format!("{WEB}:1.0"));
    }
    lab.image("5.0").await;
    lab.at.run(20_000);
    assert_eq!(image(&lab.get().await), format!("{WEB}:5.0"), "twice only");
}

#[test]
fn a_delay_without_somebody_to_wait_for_is_a_mistake() {
    let text =
        format!("{}\n[[write]]\nat = \"1s\"\nobject = \"rollouts/lab/web\"\ndelete = true\ndelay = \"1s\"\n", canary("{ setWeight = 25 }"));
    assert!(Scenario::parse("x", &text).unwrap_err().contains("belong to `after`"));
}

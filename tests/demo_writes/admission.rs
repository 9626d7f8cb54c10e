//! Webhooks that deny, warn, fail and take their time, in the words of the API server.

use std::time::{Duration, Instant};

use flightdeck::demo::scenario::Scenario;
use serde_json::json;

use crate::lab::{Lab, canary};

async fn with(webhooks: &str) -> Lab {
    Lab::rollout(&format!("{}{webhooks}", canary("{ setWeight = 25 }, { pause = {} }"))).await
}

fn denied(why: &str) -> String {
    format!("admission webhook \"policy.example\" denied the request: {why}")
}

#[tokio::test]
async fn what_matches_is_denied_verbatim_and_nothing_else() {
    let lab = with(
        "[[admission]]\nwebhook = \"policy.example\"\nresources = [\"rollouts/status\"]\nfield = \"status.promoteFull\"\ndeny = \"full promotion needs a second pair of eyes\"\n\
         [[admission]]\nwebhook = \"policy.example\"\nresources = [\"rollouts\"]\nusers = [\"demo:admin\"]\nfield = \"spec.paused\"\ncode = 422\ndeny = \"spec.paused: Forbidden: use the console\"\n\
         [[admission]]\nwebhook = \"policy.example\"\nnamespaces = [\"elsewhere\"]\ndeny = \"never here\"\n",
    )
    .await;
    let before = lab.get().await;
    for dry in ["", "?dryRun=All"] {
        let full = lab.at.user.merge(&format!("{}{dry}", lab.status_path()), json!({ "status": { "promoteFull": true } })).await;
        assert_eq!((full.code, full.message()), (403, denied("full promotion needs a second pair of eyes").as_str()), "{dry}");
        assert_eq!(full.body["reason"], "Forbidden");
        let pause = lab.at.user.merge(&format!("{}{dry}", lab.path), json!({ "spec": { "paused": true } })).await;
        assert_eq!((pause.code, pause.message()), (422, denied("spec.paused: Forbidden: use the console").as_str()), "{dry}");
    }
    assert_eq!(lab.get().await, before);
    lab.set(json!({ "abort": true })).await;
    lab.spec(json!({ "metadata": { "labels": { "a": "b" } } })).await;
    let stale = json!({ "metadata": { "resourceVersion": "7" }, "spec": { "paused": true } });
    assert_eq!(lab.at.user.merge(&lab.path, stale).await.code, 409, "the version is looked at before anybody is asked");
}

#[tokio::test]
async fn a_window_opens_and_closes_and_an_empty_reason_is_none() {
    let lab = with("[[admission]]\nwebhook = \"policy.example\"\nat = \"10s\"\nfor = \"20s\"\ndeny = \"\"\n").await;
    let touch = |n: i64| json!({ "metadata": { "annotations": { "n": n.to_string() } } });
    lab.spec(touch(1)).await;
    lab.at.run(10_000);
    let answer = lab.at.user.merge(&lab.path, touch(2)).await;
    assert_eq!((answer.code, answer.message()), (403, "admission webhook \"policy.example\" denied the request without explanation"));
    lab.at.run(20_000);
    lab.spec(touch(3)).await;
}

#[tokio::test]
async fn warnings_come_with_what_is_accepted_and_with_what_is_refused_after_them() {
    let lab = with(
        "[[admission]]\nwebhook = \"advice.example\"\nresources = [\"rollouts\"]\nwarn = [\"no owner label\", 'says \"hm\"']\n\
         [[admission]]\nwebhook = \"policy.example\"\nresources = [\"rollouts\"]\nfield = \"spec.paused\"\ndeny = \"no\"\n",
    )
    .await;
    let told = ["299 - \"no owner label\"", "299 - \"says \\\"hm\\\"\""];
    let fine = lab.at.user.merge(&lab.path, json!({ "metadata": { "labels": { "a": "b" } } })).await;
    assert_eq!((fine.code, fine.warnings()), (200, told.to_vec()));
    let dry = lab.at.user.merge(&format!("{}?dryRun=All", lab.path), json!({ "metadata": { "labels": { "a": "c" } } })).await;
    assert_eq!((dry.code, dry.warnings()), (200, told.to_vec()));
    let refused = lab.at.user.merge(&lab.path, json!({ "spec": { "paused": true } })).await;
    assert_eq!((refused.code, refused.warnings()), (403, told.to_vec()));
    assert!(lab.at.user.merge(&lab.status_path(), json!({ "status": { "abort": true } })).await.warnings().is_empty());
}

#[tokio::test]
async fn dry_runs_can_be_out_of_reach_slow_or_the_only_thing_that_passes() {
    let lab = with("[[admission]]\nwebhook = \"audit.example\"\nresources = [\"rollouts\"]\nside-effects = true\n").await;
    let touch = json!({ "metadata": { "labels": { "a": "b" } } });
    let dry = format!("{}?dryRun=All", lab.path);
    let answer = lab.at.user.merge(&dry, touch.clone()).await;
    assert_eq!((answer.code, answer.message()), (400, "admission webhook \"audit.example\" does not support dry run"));
    assert_eq!(answer.body["reason"], "BadRequest");
    lab.spec(touch.clone()).await;

    let lab = with("[[admission]]\nwebhook = \"slow.example\"\nonly = \"dry-run\"\ndelay = \"300ms\"\n").await;
    let begun = Instant::now();
    assert_eq!(lab.at.user.merge(&dry, touch.clone()).await.code, 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));

    let lab = with("[[admission]]\nwebhook = \"policy.example\"\nonly = \"real\"\ndeny = \"frozen\"\n").await;
    assert_eq!(lab.at.user.merge(&dry, touch.clone()).await.code, 200);
    assert_eq!(lab.at.user.merge(&lab.path, touch.clone()).await.message(), denied("frozen"));

    let lab = with("[[admission]]\nwebhook = \"gone.example\"\nunreachable = true\n").await;
    let answer = lab.at.user.merge(&lab.path, touch).await;
    assert_eq!((answer.code, &answer.body["reason"]), (500, &json!("InternalError")));
    assert!(answer.message().starts_with("Internal error occurred: failed calling webhook \"gone.example\""), "{}", answer.message());
}

#[test]
fn mistakes_are_named() {
    let parse =
        |hook: &str| Scenario::parse("x", &format!("{}[[admission]]\nwebhook = \"w\"\n{hook}", canary("{ setWeight = 25 }"))).unwrap_err();
    for (hook, told) in [
        ("", "admission webhook `w` does nothing"),
        ("deny = \"a\"\nwarn = [\"b\"]", "says more than one of"),
        ("deny = \"a\"\ncode = 200", "`code = 200` is no refusal"),
        ("deny = \"a\"\noperations = [\"patch\"]", "`patch` is no operation here"),
        ("delay = \"soon\"", "is no length of time"),
    ] {
        assert!(parse(hook).contains(told), "{}", parse(hook));
    }
}

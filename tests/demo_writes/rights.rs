//! Rights to one half of a Rollout only, and logins that end.

use std::time::Duration;

use serde_json::json;

use crate::embedded::{Embedded, User, rollout};
use crate::lab::{Lab, canary, rollout_text};

#[tokio::test]
async fn who_may_patch_rollouts_need_not_be_allowed_their_status() {
    let rule = "[[rule]]\nverbs = [\"get\", \"list\", \"watch\"]\n[[rule]]\nverbs = [\"patch\"]\ngroups = [\"argoproj.io\"]\nresources = [\"rollouts\"]\n";
    let lab = Lab::rollout(&format!("{}{rule}", canary("{ setWeight = 25 }, { pause = {} }"))).await;
    let user = &lab.at.user;
    assert!(user.may("patch", "argoproj.io", "rollouts", "", "lab").await);
    assert!(!user.may("patch", "argoproj.io", "rollouts", "status", "lab").await);
    assert!(!user.may("update", "argoproj.io", "rollouts", "", "lab").await);
    lab.spec(json!({ "spec": { "paused": true } })).await;
    for dry in ["", "?dryRun=All"] {
        let answer = user.merge(&format!("{}{dry}", lab.status_path()), json!({ "status": { "abort": true } })).await;
        assert_eq!(answer.code, 403);
        assert_eq!(
            answer.message(),
            "rollouts.argoproj.io \"web\" is forbidden: User \"demo:restricted\" cannot patch resource \"rollouts/status\" in API group \"argoproj.io\" in the namespace \"lab\""
        );
    }
}

#[tokio::test]
async fn a_token_ends_and_a_new_one_is_given_out() {
    let text = rollout_text("token-lasts = \"30s\"", "[workload.strategy.canary]\nsteps = [{ setWeight = 25 }]", "");
    let at = Embedded::open(&text).await;
    let path = rollout("lab", "web");
    assert_eq!(at.user.get(&path).await.code, 200);
    at.run(30_000);
    let ended = at.user.get(&path).await;
    assert_eq!((ended.code, ended.message()), (401, "Unauthorized"));
    assert_eq!(at.user.merge(&path, json!({ "spec": { "paused": true } })).await.code, 401);

    // The login plugin is a program that prints a file; each time it is run it prints what is there then.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credential.json");
    let soon = chrono::Utc::now() + Duration::from_secs(1);
    std::fs::write(&file, at.server.credential("demo", Some(soon)).unwrap()).unwrap();
    let kubeconfig = at.server.plugin_kubeconfig("cat", &[file.to_str().unwrap()]);
    let user = User::of(&kubeconfig, None).await;
    assert_eq!(user.get(&path).await.code, 200);
    at.run(30_000);
    std::fs::write(&file, at.server.credential("demo", Some(soon + Duration::from_secs(3600))).unwrap()).unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(user.get(&path).await.code, 200, "the client asks its plugin again once the time written there has come");
    assert!(at.server.credential("nobody", None).is_err());
    assert!(at.server.credential("restricted", None).is_err(), "this scenario has no such user");
}

//! Going back, against recorded lives: what would be sent beside what the real tools sent at those moments, and what came of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

#[allow(dead_code, reason = "other tests need more of it")]
mod recording;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use flightdeck::engines;
use flightdeck::objects::{Kind, RawHistory, World};
use flightdeck::release::Release;
use flightdeck::release::acting::{Change, Confirm, History, Intent, Outcome, Refusal, RollBack, bare};
use recording::{Life, Order};
use serde_json::Value;

/// A life with its objects as the server wrote them: what reads revisions keeps those.
struct Raw {
    name: &'static str,
    life: Life,
    events: Vec<(i64, bool, Value)>,
}

impl Raw {
    fn load(name: &'static str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/recordings/{name}.jsonl"));
        let mut events = Vec::new();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let mut event: Value = serde_json::from_str(line).unwrap();
            let kept = matches!(event["object"]["kind"].as_str(), Some("Rollout" | "Deployment" | "ReplicaSet"));
            if kept && event["type"] != "BOOKMARK" {
                events.push((event["at_ms"].as_i64().unwrap(), event["type"] == "DELETED", event["object"].take()));
            }
        }
        Self { name, life: Life::load(name), events }
    }

    fn objects(&self, at: i64) -> Vec<Value> {
        let mut alive: BTreeMap<String, Value> = BTreeMap::new();
        for (_, deleted, object) in self.events.iter().filter(|e| e.0 <= at) {
            let uid = object["metadata"]["uid"].as_str().unwrap().to_owned();
            if *deleted {
                alive.remove(&uid);
            } else {
                alive.insert(uid, object.clone());
            }
        }
        alive.into_values().collect()
    }

    /// The object that holds the template.
    fn holder(&self, at: i64) -> Value {
        let kind = if matches!(self.name, "deployment-life" | "argo-workload-ref") { "Deployment" } else { "Rollout" };
        self.objects(at).into_iter().find(|o| o["kind"] == kind).unwrap()
    }

    fn at(&self, at: i64) -> (World, Release) {
        let mut world = self.life.world_at(at, Order::AsRecorded);
        let kind = if self.name == "deployment-life" { Kind::Deployment } else { Kind::Rollout };
        let key = world.releases().find(|key| key.kind == kind).unwrap();
        let replica_sets = self.objects(at).into_iter().filter(|o| o["kind"] == "ReplicaSet").map(Arc::new).collect();
        world.remember_history(RawHistory { release: key.clone(), holder: Arc::new(self.holder(at)), replica_sets });
        let release = engines::read(&world, &key).unwrap();
        (world, release)
    }

    fn history(&self, at: i64) -> History {
        let (world, release) = self.at(at);
        engines::history(&world, &release).unwrap()
    }

    fn back(&self, at: i64, to: Option<i64>, at_once: bool) -> Result<Change, Refusal> {
        let (world, release) = self.at(at);
        engines::plan(&world, &release, &Intent::RollBack(RollBack { to, at_once }))
    }
}

/// `r3 bad*`, newest first; a star marks what is in force.
fn told(history: &History) -> Vec<String> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Good(_) => "good",
        Outcome::Bad(_) => "bad",
        Outcome::Unknown(_) => "unknown",
    };
    history.revisions.iter().map(|r| format!("r{} {}{}", r.number, word(&r.outcome), if r.current { "*" } else { "" })).collect()
}

/// The holder as it stands once the server has taken the patch.
fn patched(holder: &Value, change: &Change) -> Value {
    let operations: json_patch::Patch = serde_json::from_value(change.first_write().unwrap().body.clone()).unwrap();
    let mut out = holder.clone();
    json_patch::patch(&mut out, &operations).unwrap();
    out
}

/// Plans at one moment, compares the template with what the real tool wrote, and finds the goals reached when that had taken effect.
fn as_the_tool(name: &'static str, before: i64, written: i64, done: i64, number: i64) -> Change {
    let life = Raw::load(name);
    let change = life.back(before, None, false).unwrap();
    let holder = life.holder(before);
    let ours = patched(&holder, &change);
    let theirs = life.holder(written);
    assert_ne!(holder["spec"]["template"], theirs["spec"]["template"], "{name}: the tool changed it between the two moments");
    assert_eq!(bare(&ours["spec"]["template"]), bare(&theirs["spec"]["template"]), "{name}");
    let cause = &ours["metadata"]["annotations"]["kubernetes.io/change-cause"];
    assert_eq!(*cause, format!("flightdeck: roll back to revision {number}"), "{name}");
    let (_, then) = life.at(before);
    let (_, after) = life.at(done);
    for stage in &change.stages {
        assert!(stage.premises.iter().all(|premise| premise.holds(&then)), "{name}: {:?}", stage.premises);
        assert!(stage.goal.met(&after), "{name}: {:?} is reached in the end", stage.goal);
        assert!(!stage.goal.met(&then), "{name}: {:?} is not reached before anything was sent", stage.goal);
    }
    change
}

#[test]
fn a_deployment_past_its_deadline_goes_back_to_the_version_whose_pods_still_serve() {
    let life = Raw::load("deployment-life");
    assert_eq!(
        told(&life.history(130_000)),
        ["r4 bad*", "r3 good", "r2 unknown", "r1 unknown"],
        "of r2 and r1 no pod and no event is left"
    );
    let change = as_the_tool("deployment-life", 130_000, 130_530, life.life.end(), 3);
    assert_eq!(change.confirm, Confirm::Key);
    assert_eq!(change.effect, "Replaces r4 (1.7.0-bad) by r3 (1.6.0) pod by pod: at most 1 pod more than wanted, none missing.");
}

#[test]
fn a_deployment_has_gone_back_when_every_pod_runs_it_and_not_before() {
    let life = Raw::load("deployment-life");
    let change = life.back(130_000, None, false).unwrap();
    let first = |from: i64, goal: &flightdeck::release::acting::Goal| {
        (from..life.life.end()).step_by(50).chain([life.life.end()]).find(|at| goal.met(&life.at(*at).1)).unwrap()
    };
    let taken_in = first(130_000, &change.stages[0].goal);
    let turned = first(taken_in, &change.stages[1].goal);
    assert!((130_524..131_000).contains(&taken_in), "{taken_in}");
    let (_, then) = life.at(turned);
    assert_eq!((then.phase, then.versions.len()), (flightdeck::release::Phase::Healthy, 1), "at {turned}");
    assert_eq!(then.replicas.available, 6);
}

#[test]
fn a_paused_deployment_goes_back_where_the_real_tool_refuses() {
    let life = Raw::load("deployment-life");
    let change = life.back(53_000, None, false).unwrap();
    let ours = patched(&life.holder(53_000), &change);
    assert_eq!(ours["spec"]["paused"], false);
    assert!(ours["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().ends_with("1.5.0"));
    assert_eq!(
        ours["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3",
        "the controller's own annotations are not touched"
    );
}

#[test]
fn a_crashing_canary_goes_back_to_stable_as_the_plugin_put_it_back() {
    let change = as_the_tool("argo-canary-life", 86_960, 86_970, 90_000, 3);
    assert!(change.effect.starts_with("Ends the update: r4 (1.7.0-bad) goes from"), "{}", change.effect);
}

#[test]
fn a_blue_green_release_that_failed_after_the_switch_goes_back() {
    let life = Raw::load("argo-blue-green-life");
    assert_eq!(told(&life.history(116_000)), ["r3 bad*", "r2 good", "r1 good"]);
    as_the_tool("argo-blue-green-life", 116_000, 116_180, life.life.end(), 2);
}

#[test]
fn an_analysis_that_failed_makes_its_revision_bad_and_the_reused_one_is_chosen_by_its_new_number() {
    let life = Raw::load("argo-analysis-aborts");
    assert_eq!(told(&life.history(29_000)), ["r2 bad*", "r1 good"]);
    let end = life.history(life.life.end());
    assert_eq!(told(&end), ["r4 bad*", "r3 good", "r2 bad"]);
    assert_eq!(end.chosen.unwrap().0, 3, "revision 1 is revision 3 since it was gone back to");
    assert_eq!(life.back(life.life.end(), Some(1), false).unwrap_err().instead, "Revisions to go back to: r3, r2.");
}

#[test]
fn behind_a_workload_ref_the_deployments_own_sets_are_no_revisions_and_the_deployment_is_written() {
    let life = Raw::load("argo-workload-ref");
    let end = life.life.end();
    assert_eq!(told(&life.history(end)), ["r2 good*", "r1 good"]);
    let change = life.back(end, None, true).unwrap();
    let write = change.first_write().unwrap();
    assert_eq!((write.kind, write.place().as_str()), (Kind::Deployment, "deployments/catalog"));
    let ours = patched(&life.holder(end), &change);
    assert_eq!(bare(&ours["spec"]["template"]), bare(&life.holder(12_000)["spec"]["template"]), "as it was before 4.1.0");
    assert_eq!(
        change.stages.iter().filter_map(|s| s.write.as_ref()).map(|w| w.place().to_string()).collect::<Vec<_>>()[1],
        "rollouts/catalog/status"
    );
}

#[test]
fn at_no_recorded_moment_is_anything_of_a_controllers_sent_or_what_is_in_force_chosen() {
    let mut planned = 0;
    for name in [
        "argo-canary-life",
        "argo-canary-double-promote",
        "argo-analysis-aborts",
        "argo-blue-green-life",
        "argo-workload-ref",
        "deployment-life",
    ] {
        let life = Raw::load(name);
        for at in (9_000..life.life.end()).step_by(1_500) {
            let history = life.history(at);
            if let Some((number, _)) = &history.chosen {
                let chosen = history.revisions.iter().find(|r| r.number == *number).unwrap();
                assert!(!chosen.current && !chosen.diff.is_empty(), "{name} at {at}");
                assert!(!matches!(chosen.outcome, Outcome::Bad(_)), "{name} at {at}");
            }
            match life.back(at, None, false) {
                Ok(change) => {
                    let body = change.first_write().unwrap().body.to_string();
                    assert!(!body.contains("pod-template-hash"), "{name} at {at}: {body}");
                    planned += 1;
                }
                Err(refusal) => assert!(!refusal.why.is_empty() && !refusal.instead.is_empty(), "{name} at {at}"),
            }
        }
    }
    assert!(planned > 100, "{planned} plans");
}

//! Checks that look at a Job: only one that ran for this release, and ended well, opens the gate.

use serde_json::{Value, json};

use crate::embedded::{Embedded, JSON, stamp};
use crate::flight::{Begin, Flight, image};
use crate::lab::{STEPS, canary};
use crate::{config, paused, paused_on, planned, stand};
use chrono::TimeDelta;
use flightdeck::objects::Kind;

/// A Job as its controller leaves it.
async fn job(at: &Embedded, name: &str, status: Value) {
    let body = json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name }, "spec": {} });
    let path = "/apis/batch/v1/namespaces/lab/jobs";
    let admin = at.user("demo").await;
    let made = admin.send("POST", path, JSON, &body).await.unwrap();
    assert_eq!(made.code, 201, "{}", made.body);
    let set = admin.merge(&format!("{path}/{name}/status"), json!({ "status": status })).await;
    assert_eq!(set.code, 200, "{}", set.body);
}

fn ended(at: &Embedded, kind: &str, message: &str) -> Value {
    let now = at.cluster.now();
    json!({ "startTime": stamp(now), "conditions": [{ "type": kind, "status": "True", "reason": "BackoffLimitExceeded", "message": message }] })
}

fn begin(names: &[&str]) -> Begin {
    let checks: Vec<_> = names.iter().map(|name| (*name, format!("job = \"{name}\""))).collect();
    Begin { config: config(&checks), ..Begin::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_counts_when_it_ran_for_this_release_and_ended_well() {
    let names = ["good", "failed", "hostile", "running", "waiting", "suspended", "earlier", "absent"];
    let (at, mut flight) = paused(begin(&names)).await;
    let early = stamp(at.cluster.now() - TimeDelta::hours(1));
    job(&at, "good", ended(&at, "Complete", "")).await;
    job(&at, "failed", ended(&at, "Failed", "Job has reached the specified backoff limit")).await;
    job(&at, "hostile", ended(&at, "Failed", "\u{1b}]0;owned\u{7}x\u{202e}y")).await;
    job(&at, "running", json!({ "startTime": stamp(at.cluster.now()), "active": 1 })).await;
    job(&at, "waiting", json!({})).await;
    job(&at, "suspended", json!({ "conditions": [{ "type": "Suspended", "status": "True" }] })).await;
    at.user.merge("/apis/batch/v1/namespaces/lab/jobs/suspended", json!({ "spec": { "suspend": true } })).await;
    job(&at, "earlier", json!({ "startTime": early, "conditions": [{ "type": "Complete", "status": "True" }] })).await;
    planned(&mut flight).await;
    assert!(stand(&flight, "good").starts_with("holds: it completed; it started "), "{}", stand(&flight, "good"));
    for (name, told) in [
        ("failed", "closed: it failed: BackoffLimitExceeded: Job has reached the specified backoff limit"),
        ("running", "closed: it is still running"),
        ("waiting", "closed: it has not started, so it has not run yet"),
        ("suspended", "closed: it is suspended, so it has not run yet"),
        ("absent", "closed: there is no such Job: it has not run yet"),
    ] {
        assert_eq!(stand(&flight, name), told, "{name}");
    }
    assert!(stand(&flight, "earlier").starts_with("closed: it ran for an earlier release: it started "), "{}", stand(&flight, "earlier"));
    let told = stand(&flight, "hostile");
    assert!(told.contains("x") && !told.chars().any(|c| c.is_control() || c == '\u{202e}'), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revision_that_came_before_takes_only_a_job_of_its_number() {
    let checks = [("smoke", "job = \"smoke\"".to_owned()), ("numbered", "job = \"smoke-$revision\"".to_owned())];
    let text = canary(STEPS);
    let (at, mut flight) = paused_on(&text, Begin { config: config(&checks), ..Begin::default() }).await;
    // 2.0 goes all the way, and 1.0 comes back as the third revision: its ReplicaSet is as old as ever.
    for _ in 0..4 {
        flight.session.feed(flightdeck::app::Event::Asked(Box::new((
            flight.key.clone(),
            flightdeck::release::acting::Intent::PromoteFull,
            "soaked".to_owned(),
        ))));
        flight.hear().await;
        if promoted(&mut flight).await {
            break;
        }
    }
    job(&at, "smoke", ended(&at, "Complete", "")).await;
    flight.live(2_000).await;
    image(&at, Kind::Rollout, "1.0");
    flight.until(120, "its first pause", |f| f.release().control.controller_pause && f.release().under_way).await;
    flight.live(500).await;
    job(&at, "smoke-3", ended(&at, "Complete", "")).await;
    planned(&mut flight).await;
    assert!(stand(&flight, "smoke").contains("it can't be told whether it ran for this release"), "{}", stand(&flight, "smoke"));
    assert!(stand(&flight, "numbered").starts_with("holds: it completed"), "{}", stand(&flight, "numbered"));
}

/// Sends the plan over its closed gates, and waits until nothing is being released.
async fn promoted(flight: &mut Flight) -> bool {
    flight.confirm().await;
    flight.until(240, "the end", |f| !f.release().under_way).await;
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_may_not_be_read_says_which_right_is_missing() {
    let rights = "[[rule]]\nverbs = [\"*\"]\ngroups = [\"\", \"apps\", \"argoproj.io\", \"discovery.k8s.io\"]\n";
    let (at, mut flight) = paused_on(&format!("{}{rights}", canary(STEPS)), begin(&["smoke"])).await;
    job(&at, "smoke", ended(&at, "Complete", "")).await;
    planned(&mut flight).await;
    assert_eq!(stand(&flight, "smoke"), "closed: you may not get jobs.batch in lab");
}

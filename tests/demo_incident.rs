//! The scored scenario: flights whose moments are known give the score they must, and doing nothing is said to be nothing.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

mod embedded;
mod pty;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use embedded::{Embedded, rollout};
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::score::{self, Act, Score};
use flightdeck::demo::store::{REPLICASETS, ROLLOUTS};
use serde_json::{Value, json};

struct Flight {
    at: Embedded,
    path: String,
}

impl Flight {
    async fn begin() -> Self {
        Self { at: Embedded::of(Scenario::named("incident").unwrap()).await, path: rollout("payments", "checkout") }
    }

    fn score(&self) -> Score {
        self.at.cluster.read(|sim| score::of(sim, &self.at.scenario)).unwrap()
    }

    /// Time passes until the bad version does harm, and so many seconds more.
    fn when_it_is_bad(&self, seconds: i64) {
        self.at.run_until(180, || self.score().began.is_some());
        let began = self.score().began.unwrap();
        self.at.cluster.advance_to(began + TimeDelta::seconds(seconds));
    }

    async fn abort(&self) {
        let answer = self.at.user.merge(&format!("{}/status", self.path), json!({ "status": { "abort": true } })).await;
        assert_eq!(answer.code, 200);
    }

    async fn roll_back(&self, tag: &str) {
        let image = format!(":{tag}");
        let template = self.at.cluster.read(|sim| {
            let mut sets = sim.store.list(REPLICASETS, Some("payments")).map(|(_, set)| set["spec"]["template"].clone());
            sets.find(|template| template["spec"]["containers"][0]["image"].as_str().unwrap().ends_with(&image)).unwrap()
        });
        let mut template = template;
        template["metadata"]["labels"].as_object_mut().unwrap().shift_remove("rollouts-pod-template-hash");
        let answer = self.at.user.json_patch(&self.path, json!([{ "op": "replace", "path": "/spec/template", "value": template }])).await;
        assert_eq!(answer.code, 200);
    }
}

fn seconds(time: Option<TimeDelta>) -> Option<i64> {
    time.map(|time| time.num_seconds())
}

#[tokio::test]
async fn its_past_has_good_revisions_an_aborted_one_and_a_canary_that_is_calm_at_first() {
    let flight = Flight::begin().await;
    let sets: Vec<(i64, String)> = flight.at.cluster.read(|sim| {
        let one = |set: &Value| {
            let revision = set["metadata"]["annotations"]["rollout.argoproj.io/revision"].as_str().unwrap().parse().unwrap();
            let image = set["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap();
            (revision, image.rsplit_once(':').unwrap().1.to_owned())
        };
        let mut sets: Vec<_> = sim.store.list(REPLICASETS, Some("payments")).map(|(_, set)| one(set)).collect();
        sets.sort();
        sets
    });
    let tags: Vec<&str> = sets.iter().map(|(_, tag)| tag.as_str()).collect();
    assert_eq!(tags, ["1.3.8", "1.4.0", "1.4.1", "1.4.2", "1.4.3", "1.5.0"]);
    let stable = flight.at.user.get(&flight.path).await.body["status"]["stableRS"].clone();
    let good = flight.at.cluster.read(|sim| {
        let mut sets = sim.store.list(REPLICASETS, Some("payments"));
        sets.find(|(_, set)| set["metadata"]["labels"]["rollouts-pod-template-hash"] == stable).unwrap().1["spec"]["template"]["spec"]["containers"][0]["image"].clone()
    });
    assert!(good.as_str().unwrap().ends_with(":1.4.2"), "{good}: 1.4.3 never became stable");
    assert!(flight.score().began.is_none(), "at 0 it is still well");
    flight.at.run(20_000);
    assert!(flight.score().began.is_none());
    flight.when_it_is_bad(0);
    assert!(flight.at.age() < TimeDelta::seconds(75), "it goes bad about a minute in: {}", flight.at.age());
}

#[tokio::test]
async fn a_pause_then_an_abort_give_three_times_and_the_harm_between() {
    let flight = Flight::begin().await;
    flight.when_it_is_bad(40);
    flight.at.user.merge(&flight.path, json!({ "spec": { "paused": true } })).await;
    flight.at.run(20_000);
    flight.abort().await;
    flight.at.run(30_000);
    let score = flight.score();
    assert_eq!((seconds(score.detected), score.acted.map(|(time, act)| (time.num_seconds(), act))), (Some(40), Some((60, Act::Abort))));
    assert_eq!(seconds(score.recovered), Some(60), "the weight is 0 within a second of the abort");
    // 60 s, a quarter of 150 requests a second, 8 % of them: 180, give or take what chance does, and few at 5 % before.
    assert!((130..240).contains(&score.harmed), "{score:?}");
    let later = score.harmed;
    flight.at.run(120_000);
    assert_eq!(flight.score().harmed, later, "nothing more is harmed");
    let told = flight.score().to_string();
    assert!(told.contains("payments/checkout 1.5.0 did harm") && told.contains("time to act       1m, by aborting"), "{told}");
}

#[tokio::test]
async fn a_roll_back_alone_is_seen_and_ends_it() {
    let flight = Flight::begin().await;
    flight.when_it_is_bad(15);
    flight.at.user.merge(&flight.path, json!({ "metadata": { "labels": { "looked": "yes" } } })).await;
    flight.at.run(10_000);
    flight.roll_back("1.4.2").await;
    flight.at.run(60_000);
    let score = flight.score();
    assert_eq!((seconds(score.detected), score.acted.map(|(time, act)| (time.num_seconds(), act))), (Some(15), Some((25, Act::RollBack))));
    let recovered = seconds(score.recovered).unwrap();
    assert!((25..30).contains(&recovered), "{recovered}");
    let healthy = flight.at.cluster.read(|sim| sim.store.list(ROLLOUTS, Some("payments")).next().unwrap().1["status"]["phase"].clone());
    assert_eq!(healthy, "Healthy");
}

#[tokio::test]
async fn nothing_done_is_not_acted_and_a_dry_run_or_a_write_elsewhere_is_nothing() {
    let flight = Flight::begin().await;
    flight.when_it_is_bad(10);
    flight.at.user.merge(&format!("{}/status?dryRun=All", flight.path), json!({ "status": { "abort": true } })).await;
    let elsewhere = embedded::deployment("web", "home");
    flight.at.user.merge(&elsewhere, json!({ "spec": { "paused": true } })).await;
    flight.at.run(110_000);
    let score = flight.score();
    assert_eq!((score.detected, score.acted, score.recovered), (None, None, None));
    assert!(score.harmed > 250, "{score:?}");
    let told = score.to_string();
    assert!(told.contains("nobody wrote to it in 2m") && told.contains("not acted") && told.contains("not recovered"), "{told}");
}

#[tokio::test]
async fn retried_after_an_abort_it_is_not_recovered_any_more() {
    let flight = Flight::begin().await;
    flight.when_it_is_bad(10);
    flight.abort().await;
    flight.at.run(10_000);
    assert!(flight.score().recovered.is_some());
    flight.at.user.merge(&format!("{}/status", flight.path), json!({ "status": { "abort": false } })).await;
    flight.at.run(20_000);
    assert_eq!(flight.score().recovered, None);
}

#[tokio::test]
async fn aborted_before_it_went_bad_it_did_no_harm() {
    let flight = Flight::begin().await;
    flight.at.run(5000);
    flight.abort().await;
    flight.at.run(300_000);
    let score = flight.score();
    assert_eq!(score.began, None);
    assert!(score.to_string().contains("did no harm"));
}

#[test]
fn the_cockpit_prints_the_score_when_it_is_left() {
    let mut program = pty::Program::start(pty::flightdeck().args(["demo", "incident", "--at", "2m"]), 120, 40);
    program.sees("payments/checkout", Duration::from_secs(30));
    program.types("q");
    assert_eq!(program.ends(Duration::from_secs(30)), 0);
    assert!(program.is_restored());
    assert!(program.text().contains("not acted: neither aborted nor rolled back"), "{}", program.text());
}

#[test]
fn a_cluster_served_alone_prints_it_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["demo", "incident", "--at", "2m", "--serve", "--write-kubeconfig"])
        .arg(folder.path().join("config"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("ctrl-c ends it") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it was told to");
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(rest.starts_with("payments/checkout 1.5.0 did harm") && rest.contains("not acted"), "{rest}");
}

#[test]
fn other_scenarios_have_no_score_and_one_without_a_fault_cannot() {
    let canary = Scenario::named("canary").unwrap();
    let sim = canary.build(7, flightdeck::demo::clock::origin()).unwrap();
    assert_eq!(score::of(&sim, &canary), None);
    let text = include_str!("../src/demo/scenarios/deployment.toml").replace("format = 1", "format = 1\nscored = true");
    assert!(Scenario::parse("x", &text).unwrap_err().contains("needs a [[traffic]] of its release with a [[traffic.fault]]"));
}

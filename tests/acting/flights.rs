//! Every action as it is meant to go: planned, tried out, written down, sent once, and seen to take effect.

use flightdeck::app::{DryRun, Progress};
use flightdeck::demo::store::Part;
use flightdeck::objects::Kind;
use flightdeck::ports::journal::Told;
use flightdeck::release::Phase;
use flightdeck::release::acting::{Intent, RollBack};
use serde_json::json;

use crate::embedded::Embedded;
use crate::flight::{Flight, image, meddle, stored};
use crate::lab::{canary, deployment_text, rollout_text, routed};

pub use crate::lab::STEPS;

/// The lines of one action that went well.
const WELL: [Told; 3] = [Told::About, Told::Answer, Told::Effect];

/// A cockpit on a canary of these steps whose 2.0 has come to its first pause.
pub async fn paused(text: &str) -> (Embedded, Flight) {
    let at = Embedded::open(text).await;
    let mut flight = Flight::board(&at, Kind::Rollout).await;
    begun(&at, &mut flight).await;
    (at, flight)
}

/// 2.0 at its first pause.
pub async fn begun(at: &Embedded, flight: &mut Flight) {
    image(at, Kind::Rollout, "2.0");
    flight.until(120, "the first pause", |f| !f.release().control.gates.is_empty() && f.release().control.controller_pause).await;
    flight.live(500).await;
}

pub fn step(flight: &Flight) -> usize {
    flight.release().position.unwrap().index
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abort_is_tried_out_written_down_sent_once_and_seen_to_work() {
    let (at, mut flight) = paused(&routed(STEPS)).await;
    flight.plan(Intent::Abort).await;
    let open = flight.session.state.plan().unwrap();
    assert_eq!(open.dry_run, DryRun::Accepted(Vec::new()));
    assert!(flight.writes().is_empty(), "a plan sends nothing");
    let before = stored(&at, Kind::Rollout);
    flight.confirm().await;
    assert_eq!(flight.landed().len(), 1);
    flight.until(30, "the effect", |f| f.words().contains("took effect after")).await;
    let landed = flight.landed();
    assert_eq!(landed.len(), 1);
    let version = &before["metadata"]["resourceVersion"];
    assert_eq!(landed[0].body, json!({ "metadata": { "resourceVersion": version }, "status": { "abort": true } }));
    assert!(landed[0].path.ends_with("/namespaces/lab/rollouts/web/status"), "{}", landed[0].path);
    assert_eq!(landed[0].content_type, "application/merge-patch+json");
    assert_eq!(flight.told().await, WELL);
    assert_eq!((flight.release().phase, flight.release().control.aborted), (Phase::Degraded, true));
    let journal = flight.journal();
    assert!(journal.iter().all(|entry| entry.action == journal[0].action && entry.intent == *"abort" && entry.user == *"demo:admin"));
    assert_eq!(journal[0].request, *"PATCH rollouts/web/status merge");
    assert!(journal[1].answer.starts_with("accepted as"), "{}", journal[1].answer);
    assert!(journal[2].effect.starts_with("took effect after"), "{}", journal[2].effect);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn advance_at_a_pause_takes_exactly_one_step_each_time() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    for (from, to) in [(1, 3), (3, 5)] {
        assert_eq!(step(&flight), from);
        flight.fly(Intent::Advance, 60).await;
        flight.until(120, "the next pause", |f| step(f) == to && !f.release().control.gates.is_empty()).await;
        flight.live(2_000).await;
    }
    assert_eq!(flight.landed().len(), 2);
    flight.fly(Intent::Advance, 60).await;
    flight.until(120, "healthy", |f| f.release().phase == Phase::Healthy).await;
    assert_eq!(flight.told().await, [WELL, WELL, WELL].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pause_and_resume_move_no_step() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.fly(Intent::Advance, 60).await;
    flight.fly(Intent::Pause, 30).await;
    let at_step = step(&flight);
    assert_eq!(stored(&at, Kind::Rollout)["spec"]["paused"], true);
    flight.live(30_000).await;
    assert_eq!(step(&flight), at_step);
    flight.fly(Intent::Resume, 30).await;
    assert_eq!(flight.landed().len(), 3);
    flight.until(120, "the next pause", |f| step(f) == 3 && !f.release().control.gates.is_empty()).await;
    assert_eq!(flight.told().await, [WELL, WELL, WELL].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn advance_where_it_is_paused_by_hand_and_by_its_step_goes_in_stages() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    meddle(&at.cluster, Kind::Rollout, Part::Main, |object| object["spec"]["paused"] = json!(true));
    flight.until(30, "paused by hand", |f| f.release().paused_by_hand && f.release().control.observed).await;
    flight.live(1_000).await;
    flight.plan(Intent::Advance).await;
    let stages = flight.session.state.plan().unwrap().planned.as_ref().unwrap().stages.len();
    assert!(stages >= 2, "{stages}");
    flight.confirm().await;
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    let landed = flight.landed();
    assert_eq!(landed.len(), 2, "{landed:#?}");
    assert_eq!(landed[0].body["spec"], json!({ "paused": false }));
    assert_eq!(landed[1].body["status"], json!({ "pauseConditions": null }));
    flight.until(120, "the next pause", |f| step(f) == 3 && !f.release().control.gates.is_empty()).await;
    let journal = flight.journal();
    let told: Vec<Told> = journal.iter().map(|entry| entry.told).collect();
    assert_eq!(told, [WELL, WELL].concat());
    assert_ne!(journal[0].stage, journal[3].stage);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promote_fully_goes_to_the_end() {
    let (_at, mut flight) = paused(&routed(STEPS)).await;
    flight.fly(Intent::PromoteFull, 300).await;
    flight.until(120, "healthy", |f| f.release().phase == Phase::Healthy).await;
    let landed = flight.landed();
    assert_eq!((landed.len(), &landed[0].body["status"]), (1, &json!({ "promoteFull": true })));
    assert_eq!(flight.told().await.first(), Some(&Told::About));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roll_back_takes_the_bad_version_out_and_at_once_promotes_the_old_one() {
    for (healthy, at_once) in [(false, false), (true, false), (true, true)] {
        let (_at, mut flight) = paused(&canary(STEPS)).await;
        if healthy {
            flight.fly(Intent::PromoteFull, 300).await;
            flight.until(120, "healthy", |f| f.release().phase == Phase::Healthy).await;
            flight.live(2_000).await;
        }
        let begun = flight.landed().len();
        let hash = flight.release().control.new_hash.clone();
        flight.plan(Intent::RollBack(RollBack { to: None, at_once })).await;
        assert_eq!(flight.obstacle(), None, "{}", flight.tell());
        flight.confirm().await;
        flight.until(300, "the effect", |f| f.words().contains("took effect after")).await;
        let landed = flight.landed();
        assert_eq!(landed.len() - begun, if at_once { 2 } else { 1 }, "{:#?}", landed.iter().map(|l| &l.body).collect::<Vec<_>>());
        assert_ne!(flight.release().control.new_hash, hash);
        if at_once || !healthy {
            flight.until(60, "healthy", |f| f.release().phase == Phase::Healthy).await;
        }
        assert_eq!(flight.told().await.last(), Some(&Told::Effect));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_after_an_abort_and_restart_of_what_is_well() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.fly(Intent::Abort, 120).await;
    flight.live(5_000).await;
    flight.fly(Intent::Retry, 60).await;
    flight.until(120, "the first pause", |f| step(f) == 1 && !f.release().control.gates.is_empty()).await;
    flight.live(1_000).await;
    flight.fly(Intent::PromoteFull, 300).await;
    flight.until(60, "healthy", |f| f.release().phase == Phase::Healthy).await;
    flight.live(2_000).await;
    let now = at.cluster.now();
    flight.fly(Intent::Restart(now), 300).await;
    assert_eq!(flight.landed().len(), 4);
    assert!(stored(&at, Kind::Rollout)["status"]["restartedAt"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminate_ends_an_analysis_run() {
    let templates = "[[write]]\nat = \"-2h\"\ncreate = '{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"AnalysisTemplate\",\"metadata\":{\"name\":\"ok\",\"namespace\":\"lab\"},\"spec\":{\"metrics\":[{\"name\":\"web\",\"interval\":\"20s\",\"count\":50,\"provider\":{\"job\":{\"spec\":{\"template\":{\"spec\":{\"containers\":[]}}}}}}]}}'\n";
    let strategy = "[workload.strategy.canary]\nsteps = [{ setWeight = 25 }, { analysis = { templates = [{ templateName = \"ok\" }] } }, { pause = {} }]";
    let at = Embedded::open(&rollout_text("", strategy, templates)).await;
    let mut flight = Flight::board(&at, Kind::Rollout).await;
    image(&at, Kind::Rollout, "2.0");
    flight.until(120, "a run", |f| f.release().analyses.iter().any(|run| !run.phase.is_completed())).await;
    flight.plan(Intent::Advance).await;
    assert!(flight.refused().0.starts_with("That would be skip: step 2"), "{:?}", flight.refused());
    flight.fly(Intent::Terminate(None), 60).await;
    let landed = flight.landed();
    assert_eq!((landed.len(), &landed[0].body["spec"]), (1, &json!({ "terminate": true })));
    assert!(landed[0].path.contains("/analysisruns/"));
    assert_eq!(flight.told().await, WELL);
}

const BLUE_GREEN: &str = "services = [\"web-active\", \"web-preview\"]\n[workload.strategy.blueGreen]\nactiveService = \"web-active\"\npreviewService = \"web-preview\"\nautoPromotionEnabled = false\nscaleDownDelaySeconds = 60";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switch_and_back() {
    let (_at, mut flight) = paused(&rollout_text("", BLUE_GREEN, "")).await;
    flight.fly(Intent::Switch, 60).await;
    assert_eq!(flight.landed().len(), 1);
    flight.until(30, "healthy", |f| f.release().phase == Phase::Healthy).await;
    flight.live(2_000).await;
    flight.plan(Intent::RollBack(RollBack { to: None, at_once: true })).await;
    assert_eq!(flight.obstacle(), None, "{}", flight.tell());
    flight.confirm().await;
    flight.until(120, "the effect", |f| f.words().contains("took effect after")).await;
    assert!(flight.landed().len() <= 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_is_paused_mid_roll_resumed_paused_again_and_rolled_back_in_one_write() {
    let at = Embedded::open(&deployment_text("")).await;
    let mut flight = Flight::board(&at, Kind::Deployment).await;
    image(&at, Kind::Deployment, "2.0");
    flight.live(1_500).await;
    flight.fly(Intent::Pause, 30).await;
    let mix: Vec<i64> = flight.release().versions.iter().map(|v| v.desired).collect();
    assert!(mix.iter().filter(|pods| **pods > 0).count() > 1, "{mix:?}");
    flight.fly(Intent::Resume, 30).await;
    flight.fly(Intent::Pause, 30).await;
    flight.live(5_000).await;
    let begun = flight.landed().len();
    assert_eq!(begun, 3);
    flight.plan(Intent::RollBack(RollBack::default())).await;
    assert_eq!(flight.obstacle(), None, "{}", flight.tell());
    flight.confirm().await;
    flight.until(120, "the effect", |f| f.words().contains("took effect after")).await;
    assert_eq!(flight.landed().len(), begun + 1, "unpaused and rolled back in the same write");
    let now = stored(&at, Kind::Deployment);
    assert_eq!(now["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/web:1.1");
    assert_ne!(now["spec"]["paused"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_is_set_on_either_kind() {
    for kind in [Kind::Rollout, Kind::Deployment] {
        let at = Embedded::open(&if kind == Kind::Rollout { canary(STEPS) } else { deployment_text("") }).await;
        let mut flight = Flight::board(&at, kind).await;
        let container = stored(&at, kind)["spec"]["template"]["spec"]["containers"][0]["name"].as_str().unwrap().to_owned();
        let images = vec![(container.as_str().into(), "registry.example/web:3.0".into())];
        flight.plan(Intent::SetImage(images)).await;
        assert_eq!(flight.obstacle(), None, "{}", flight.tell());
        flight.confirm().await;
        flight.until(180, "the effect", |f| f.words().contains("took effect after")).await;
        assert_eq!(flight.landed().len(), 1);
        assert_eq!(stored(&at, kind)["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/web:3.0");
        assert_eq!(flight.told().await.first(), Some(&Told::About));
        assert!(matches!(flight.running().progress, Progress::Done { .. }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_is_restarted() {
    let at = Embedded::open(&deployment_text("")).await;
    let mut flight = Flight::board(&at, Kind::Deployment).await;
    let now = at.cluster.now();
    flight.fly(Intent::Restart(now), 180).await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_goes_into_the_journal_and_nowhere_else() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan_with(Intent::Note, "the cache was cold").await;
    flight.confirm().await;
    assert_eq!(flight.told().await, [Told::Note]);
    assert_eq!(flight.journal()[0].note, *"the cache was cold");
    assert!(flight.front.asked().is_empty());
}

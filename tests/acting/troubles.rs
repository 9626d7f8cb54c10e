//! What goes wrong between a key and its effect, and what may never come of it: a second step, a write on something nobody saw, a lost line.

use std::time::Duration;

use flightdeck::app::{Asks, DryRun, Progress, Who};
use flightdeck::demo::store::Part;
use flightdeck::objects::Kind;
use flightdeck::ports::journal::Told;
use flightdeck::release::acting::Intent;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::embedded::Embedded;
use crate::flight::{Flight, image, meddle, stored};
use crate::flights::{STEPS, paused, step};
use crate::front::{Trick, Which};
use crate::lab::canary;

/// The controller's way of writing status: something changes that no plan rests on.
fn touch(at: &Embedded) -> Box<dyn FnOnce() + Send> {
    let cluster = at.cluster.clone();
    Box::new(move || {
        meddle(&cluster, Kind::Rollout, Part::Status, |object| {
            let n = object["status"]["touched"].as_i64().unwrap_or(0);
            object["status"]["touched"] = json!(n + 1);
        });
    })
}

/// Somebody else ends the pause just before.
fn promote(at: &Embedded, controller: bool) -> Box<dyn FnOnce() + Send> {
    let cluster = at.cluster.clone();
    Box::new(move || {
        meddle(&cluster, Kind::Rollout, Part::Status, |object| object["status"]["pauseConditions"] = Value::Null);
        if controller {
            cluster.advance_to(cluster.now() + chrono::TimeDelta::milliseconds(200));
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_press_sends_nothing_and_says_why() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.press(&["g", "y"]).await;
    assert_eq!(flight.landed().len(), 1, "{}", flight.tell());
    // The controller has not looked yet: its clock stands still.
    flight.press(&["g"]).await;
    let (why, instead) = flight.refused();
    assert!(why.contains("has not been seen to take effect"), "{why}");
    assert!(!instead.is_empty());
    flight.press(&["y", "enter", "esc"]).await;
    assert_eq!(flight.writes().len(), 1);
    // A cockpit that knows nothing of the first press refuses too: the release itself says that the controller has not reacted.
    let mut other = Flight::board(&at, Kind::Rollout).await;
    other.plan(Intent::Advance).await;
    assert!(other.refused().0.contains("has not reacted"), "{:?}", other.refused());
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    flight.until(120, "the next pause", |f| step(f) == 3 && !f.release().control.gates.is_empty()).await;
    assert_eq!(flight.told().await, [Told::About, Told::Answer, Told::Effect]);
    assert!(other.front.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_before_the_plan_is_seen_and_enter_and_pasted_text_confirm_nothing() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    flight.draw();
    flight.blind("a");
    flight.blind("y");
    flight.hear().await;
    assert!(flight.writes().is_empty(), "the plan was not drawn yet");
    assert!(flight.session.state.plan().is_some());
    flight.press(&["enter"]).await;
    flight.draw();
    flight.session.feed(flightdeck::app::Event::Paste("y".to_owned()));
    flight.hear().await;
    assert!(flight.writes().is_empty());
    flight.press(&["esc"]).await;
    assert!(flight.session.state.plan().is_none());
    flight.press(&["a", "y"]).await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_cockpits_press_at_the_same_moment_and_one_step_is_taken() {
    for controller_first in [false, true] {
        let (at, mut ann) = paused(&canary(STEPS)).await;
        let mut bob = Flight::board(&at, Kind::Rollout).await;
        ann.plan(Intent::Advance).await;
        bob.plan(Intent::Advance).await;
        let (go_ann, go_bob) = (ann.front.hold(), bob.front.hold());
        ann.confirm().await;
        bob.confirm().await;
        assert_eq!((ann.front.held(), bob.front.held()), (1, 1), "both are on their way");
        go_ann.send(()).unwrap();
        ann.wait("an answer", |f| f.words().contains("accepted")).await;
        if controller_first {
            at.run(300);
        }
        go_bob.send(()).unwrap();
        bob.wait("an end", |f| f.running().is_finished()).await;
        assert_eq!((ann.landed().len(), bob.landed().len()), (1, 0));
        let words = bob.words();
        // The first write only took a field away, and such a write leaves no entry in managedFields.
        assert!(words.contains("nothing was sent") && words.contains("writer unknown"), "{words}");
        assert_eq!(bob.told().await, [Told::About, Told::Answer, Told::Unsent]);
        ann.until(120, "the next pause", |f| step(f) == 3 && !f.release().control.gates.is_empty()).await;
        assert_eq!(ann.told().await, [Told::About, Told::Answer, Told::Effect]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_moves_while_its_plan_is_open_can_not_be_sent_until_planned_anew() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.press(&["g"]).await;
    let other = at.user("demo").await;
    let path = crate::embedded::rollout("lab", "web");
    let promoted =
        other.merge(&format!("{path}/status?fieldManager=kubectl-argo-rollouts"), json!({ "status": { "pauseConditions": null } })).await;
    assert_eq!(promoted.code, 200);
    flight.wait("who moved it", |f| f.session.state.plan().unwrap().moved.as_ref().is_some_and(|m| m.who != Who::Asking)).await;
    let moved = flight.session.state.plan().unwrap().moved.clone().unwrap();
    assert!(moved.what.contains("has ended"), "{}", moved.what);
    // A write that only takes a field away leaves no entry in managedFields.
    assert_eq!(moved.who, Who::Unknown);
    flight.press(&["y"]).await;
    assert!(flight.writes().is_empty());
    assert!(flight.notice().starts_with("nothing was sent"), "{}", flight.notice());
    at.run(1_000);
    flight.hear().await;
    flight.press(&["y"]).await;
    assert!(flight.writes().is_empty(), "it does not come back by itself");
    flight.press(&["r"]).await;
    assert!(flight.refused().0.contains("skip") || flight.session.state.plan().is_some());
    assert!(flight.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_moved_it_is_named_where_managed_fields_tell() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Advance).await;
    let other = at.user("demo").await;
    let path = format!("{}?fieldManager=argocd-controller", crate::embedded::rollout("lab", "web"));
    at.run(2_000);
    assert_eq!(other.merge(&path, json!({ "spec": { "paused": true } })).await.code, 200);
    flight.wait("who moved it", |f| f.session.state.plan().unwrap().moved.as_ref().is_some_and(|m| m.who != Who::Asking)).await;
    let moved = flight.session.state.plan().unwrap().moved.clone().unwrap();
    assert!(matches!(&moved.who, Who::Known(name, Some(_)) if *name == *"argocd-controller"), "{moved:?}");
    assert!(flight.obstacle().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_made_anew_under_the_same_name_is_never_written() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Pause).await;
    let cluster = at.cluster.clone();
    flight.front.trick(
        Which::Write,
        Trick::Before(Box::new(move || {
            use flightdeck::demo::store::{Key, ROLLOUTS};
            let key = Key::new(ROLLOUTS, "lab", "web");
            cluster.write(|sim| {
                let mut anew = (*sim.store.delete(&key).unwrap()).clone();
                for field in ["uid", "resourceVersion", "creationTimestamp"] {
                    anew["metadata"].as_object_mut().unwrap().shift_remove(field);
                }
                sim.create(ROLLOUTS, anew).unwrap();
            });
        })),
    );
    flight.confirm().await;
    flight.wait("an end", |f| f.session.state.action_on(&f.key).is_none_or(flightdeck::app::Running::is_finished)).await;
    assert!(flight.landed().is_empty());
    assert!(flight.words().contains("nothing was sent"), "{}", flight.words());
    assert_ne!(stored(&at, Kind::Rollout)["spec"]["paused"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_controller_that_writes_all_the_time_holds_nothing_up() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.front.trick(Which::DryRun, Trick::Before(touch(&at)));
    flight.plan(Intent::Advance).await;
    assert_eq!(flight.session.state.plan().unwrap().dry_run, DryRun::Accepted(Vec::new()), "asked again against the newest state");
    flight.front.trick(Which::Write, Trick::Before(touch(&at)));
    flight.front.trick(Which::Write, Trick::Before(touch(&at)));
    flight.confirm().await;
    flight.wait("accepted", |f| f.words().contains("accepted")).await;
    let codes: Vec<_> = flight.writes().iter().map(|one| one.code).collect();
    assert_eq!(codes, [Some(409), Some(409), Some(200)]);
    assert_eq!(flight.landed().len(), 1);
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    assert_eq!(
        flight.told().await,
        [Told::About, Told::Answer, Told::About, Told::Answer, Told::About, Told::Answer, Told::Effect],
        "every sending has its own line"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_faster_than_it_can_be_read_is_given_up() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Advance).await;
    for _ in 0..10 {
        flight.front.trick(Which::Write, Trick::Before(touch(&at)));
    }
    flight.confirm().await;
    flight.wait("an end", |f| f.running().is_finished()).await;
    assert!(flight.words().contains("nothing was sent"), "{}", flight.words());
    assert!(flight.landed().is_empty());
    assert!(flight.writes().len() <= 5, "bounded: {}", flight.writes().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_that_somebody_else_ends_in_between_is_not_ended_twice() {
    for controller in [false, true] {
        let (at, mut flight) = paused(&canary(STEPS)).await;
        flight.plan(Intent::Advance).await;
        flight.front.trick(Which::Write, Trick::Before(promote(&at, controller)));
        flight.confirm().await;
        flight.wait("an end", |f| f.running().is_finished()).await;
        assert!(flight.landed().is_empty(), "{}", flight.tell());
        assert!(flight.words().contains("nothing was sent"), "{}", flight.words());
        flight.until(120, "the next pause", |f| step(f) == 3 && !f.release().control.gates.is_empty()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_after_the_write_was_done_is_resolved_by_the_watch() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Advance).await;
    flight.front.trick(Which::Write, Trick::LoseAnswer);
    flight.confirm().await;
    flight.wait("unknown", |f| matches!(f.running().progress, Progress::Unknown { .. })).await;
    assert!(flight.words().contains("nothing is sent twice"), "{}", flight.words());
    flight.press(&["g"]).await;
    assert!(flight.session.state.plan().unwrap().planned.is_err(), "a second press sends nothing either");
    flight.press(&["y", "esc"]).await;
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    assert_eq!((flight.landed().len(), flight.writes().len()), (1, 1));
    assert_eq!(flight.told().await, [Told::About, Told::Answer, Told::Effect]);
    assert!(flight.journal()[1].answer.starts_with("unknown"), "{}", flight.journal()[1].answer);
    flight.until(120, "the next pause", |f| step(f) == 3 && !f.release().control.gates.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_lost_is_found_out_and_not_sent_by_itself() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Advance).await;
    flight.front.trick(Which::Write, Trick::LoseRequest);
    flight.confirm().await;
    flight.wait("unknown", |f| matches!(f.running().progress, Progress::Unknown { .. })).await;
    flight.until(120, "an end", |f| f.running().is_finished()).await;
    assert!(flight.words().contains("did not arrive"), "{}", flight.words());
    assert_eq!(flight.writes().len(), 1);
    assert_eq!(flight.told().await, [Told::About, Told::Answer, Told::Unsent]);
    assert_eq!(step(&flight), 1);
    flight.fly(Intent::Advance, 60).await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_lost_while_others_write_is_found_out_too() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Advance).await;
    flight.front.trick(Which::Write, Trick::LoseRequest);
    flight.confirm().await;
    flight.wait("unknown", |f| matches!(f.running().progress, Progress::Unknown { .. })).await;
    for _ in 0..40 {
        touch(&at)();
        flight.live(1_000).await;
    }
    let words = flight.words();
    assert!(words.contains("did not arrive") || words.contains("has not reacted"), "{words}");
    assert_eq!(flight.writes().len(), 1, "nothing is sent by itself");
    // Either way there is a way on, and it takes one step.
    flight.fly(Intent::Advance, 60).await;
    assert_eq!((flight.landed().len(), step(&flight) <= 3), (1, true));
}

const MAY_NOT: &str = "[[rule]]\nverbs = [\"get\", \"list\", \"watch\"]\n[[rule]]\nverbs = [\"patch\"]\ngroups = [\"argoproj.io\"]\nresources = [\"rollouts\"]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_that_is_missing_is_spelled_and_nothing_is_sent() {
    let (_at, mut flight) = paused(&format!("{}{MAY_NOT}", canary(STEPS))).await;
    flight.plan(Intent::Advance).await;
    assert_eq!(flight.obstacle().unwrap(), "you may not patch rollouts.argoproj.io/status in lab");
    flight.confirm().await;
    assert!(flight.writes().is_empty());
    flight.plan(Intent::Pause).await;
    assert_eq!(flight.obstacle(), None, "the other half is allowed");
    flight.confirm().await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_403_at_the_last_moment_asks_for_the_rights_again() {
    let text = format!(
        "{}[[admission]]\nwebhook = \"guard.example\"\nonly = \"real\"\nresources = [\"rollouts/status\"]\ndeny = \"not \\u001b[31mtonight\"\n",
        canary(STEPS)
    );
    let (_at, mut flight) = paused(&text).await;
    flight.send(Intent::Advance).await;
    flight.wait("an end", |f| f.running().is_finished()).await;
    let words = flight.words();
    assert!(words.contains("403") && words.contains("admission webhook \"guard.example\" denied the request: not"), "{words}");
    assert!(!words.contains('\u{1b}'), "cleaned");
    assert!(flight.landed().is_empty());
    assert_eq!(flight.told().await, [Told::About, Told::Answer]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_admission_says_to_the_dry_run_is_shown_and_stops_it() {
    let deny = "[[admission]]\nwebhook = \"policy.example\"\nresources = [\"rollouts/status\"]\ncode = 422\ndeny = \"needs a ticket\"\n";
    let (_at, mut flight) = paused(&format!("{}{deny}", canary(STEPS))).await;
    for intent in [Intent::Advance, Intent::Abort] {
        flight.plan(intent).await;
        let DryRun::Denied { code, reason, .. } = &flight.session.state.plan().unwrap().dry_run else { panic!("{}", flight.tell()) };
        assert_eq!((*code, reason.as_str()), (422, "admission webhook \"policy.example\" denied the request: needs a ticket"));
        assert!(flight.obstacle().unwrap().contains("needs a ticket"));
        flight.confirm().await;
    }
    assert!(flight.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn admission_warnings_are_told_before_and_kept_in_the_journal() {
    let warn = "[[admission]]\nwebhook = \"advice.example\"\nresources = [\"rollouts/status\"]\nwarn = [\"peak hour\"]\n";
    let (_at, mut flight) = paused(&format!("{}{warn}", canary(STEPS))).await;
    flight.plan(Intent::Advance).await;
    let DryRun::Accepted(warnings) = &flight.session.state.plan().unwrap().dry_run else { panic!("{}", flight.tell()) };
    assert!(warnings.len() == 1 && warnings[0] == *"peak hour", "{warnings:?}");
    flight.confirm().await;
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    assert_eq!(flight.running().warnings.len(), 1);
    flight.told().await;
    let journal = flight.journal();
    assert!(journal[0].dry_run.contains("peak") && journal[1].answer.contains("peak"), "{journal:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_dry_run_is_possible_safety_goes_on_and_the_rest_asks_for_the_name() {
    let text =
        format!("{}[[admission]]\nwebhook = \"audit.example\"\nresources = [\"rollouts/status\"]\nside-effects = true\n", canary(STEPS));
    let (_at, mut flight) = paused(&text).await;
    flight.press(&["g"]).await;
    assert!(matches!(&flight.session.state.plan().unwrap().dry_run, DryRun::Unavailable(why) if why.contains("does not support dry run")));
    assert!(matches!(flight.session.state.plan().unwrap().asks(), Asks::Name(_)));
    flight.press(&["y", "enter"]).await;
    assert!(flight.writes().is_empty(), "y is a letter of a name now");
    flight.press(&["backspace"]).await;
    flight.types("web").await;
    flight.press(&["enter"]).await;
    assert_eq!(flight.landed().len(), 1, "{}", flight.tell());
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    flight.press(&["a"]).await;
    assert_eq!(flight.session.state.plan().unwrap().asks(), Asks::Key);
    flight.press(&["y"]).await;
    assert_eq!(flight.landed().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_that_takes_its_time_holds_up_exposure_and_not_safety() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    let (go, held) = oneshot::channel();
    flight.front.trick(Which::DryRun, Trick::Hold(held));
    flight.press(&["g"]).await;
    assert!(matches!(flight.session.state.plan().unwrap().dry_run, DryRun::Asking { .. }));
    flight.press(&["y"]).await;
    assert!(flight.writes().is_empty());
    flight.press(&["esc"]).await;
    let (go_too, held) = oneshot::channel();
    flight.front.trick(Which::DryRun, Trick::Hold(held));
    flight.press(&["a", "y"]).await;
    // While an answer is held nothing tells that all has been heard: what is on its way is waited for, not a moment of silence.
    flight.wait("the abort has landed", |f| f.landed().len() == 1).await;
    drop((go, go_too));
    flight.hear().await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promote_that_the_controller_misses_raises_an_alarm_and_waking_it_is_safe() {
    let (_at, mut flight) =
        paused(&format!("{}[[controller-fault]]\nat = \"0s\"\nfor = \"10m\"\nkind = \"miss-promote\"\n", canary(STEPS))).await;
    flight.send(Intent::Advance).await;
    flight.until(120, "the alarm", |f| f.running().is_alarmed()).await;
    assert!(flight.words().contains("has not reacted"), "{}", flight.words());
    assert_eq!(flight.told().await, [Told::About, Told::Answer, Told::Effect]);
    flight.press(&["g"]).await;
    assert!(flight.session.state.plan().unwrap().planned.is_err(), "it is not asked for a second time");
    flight.press(&["esc", "W"]).await;
    assert!(flight.session.state.plan().unwrap().planned.is_ok(), "{}", flight.tell());
    flight.press(&["y"]).await;
    let landed = flight.landed();
    assert_eq!(landed.len(), 2);
    assert!(landed[1].body["status"].is_null() && landed[1].body["spec"].is_null(), "only an annotation: {}", landed[1].body);
    flight.until(60, "the effect", |f| f.session.state.actions().iter().all(flightdeck::app::Running::is_finished)).await;
    flight.until(120, "the next pause", |f| step(f) == 3 && !f.release().control.gates.is_empty()).await;
    assert_eq!(flight.landed().len(), 2);
    flight.told().await;
    let journal = flight.journal();
    let first: Vec<Told> = journal.iter().filter(|e| e.action == journal[0].action).map(|e| e.told).collect();
    assert_eq!(first, [Told::About, Told::Answer, Told::Effect, Told::Effect], "the alarm, and then that it worked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_link_nothing_is_sent_and_the_picture_stays() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Abort).await;
    flight.front.down(true);
    flight.wait("the link is lost", |f| !f.session.state.connection().is_live()).await;
    assert_eq!(flight.obstacle().unwrap(), "not while the link is down");
    flight.press(&["y"]).await;
    flight.confirm().await;
    assert!(flight.writes().is_empty());
    assert!(flight.session.state.open_release().is_some());
    flight.front.down(false);
    flight.wait("the link is back", |f| f.session.state.connection().is_live()).await;
    flight.send(Intent::Abort).await;
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_goes_after_the_key_leaves_the_state_unknown_and_the_watch_tells() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Advance).await;
    let (go, held) = oneshot::channel();
    flight.front.trick(Which::Write, Trick::HoldAnswer(held));
    flight.confirm().await;
    flight.front.down(true);
    while flight.front.held() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    drop(go);
    flight.wait("unknown", |f| matches!(f.running().progress, Progress::Unknown { .. })).await;
    flight.wait("the link is lost", |f| !f.session.state.connection().is_live()).await;
    flight.live(40_000).await;
    assert!(matches!(flight.running().progress, Progress::Unknown { .. }), "nobody can tell yet: {}", flight.tell());
    flight.front.down(false);
    flight.wait("the effect", |f| f.words().contains("took effect after")).await;
    assert_eq!((flight.landed().len(), flight.writes().len()), (1, 1));
    assert_eq!(flight.told().await, [Told::About, Told::Answer, Told::Effect]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_overtakes_nothing_and_arrives_late_still_lands_on_what_was_seen() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    flight.plan(Intent::Advance).await;
    let go = flight.front.hold();
    flight.confirm().await;
    // Somebody aborts while it is on its way.
    meddle(&at.cluster, Kind::Rollout, Part::Status, |object| object["status"]["abort"] = json!(true));
    at.run(500);
    go.send(()).unwrap();
    flight.wait("an end", |f| f.running().is_finished()).await;
    assert!(flight.landed().is_empty());
    assert!(flight.words().contains("it was aborted"), "{}", flight.words());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_while_it_is_on_its_way_is_said_once_and_noted() {
    let (_at, mut flight) = paused(&canary(STEPS)).await;
    flight.send(Intent::Advance).await;
    flight.press(&["q"]).await;
    flight.session.feed(flightdeck::app::Event::Leaving);
    flight.hear().await;
    assert_eq!(flight.told().await, [Told::About, Told::Answer, Told::Unsent]);
    assert!(flight.journal()[2].effect.contains("left before its effect was seen"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stage_is_not_begun_where_somebody_moved_it_between_the_stages() {
    let (at, mut flight) = paused(&canary(STEPS)).await;
    meddle(&at.cluster, Kind::Rollout, Part::Main, |object| object["spec"]["paused"] = json!(true));
    flight.until(30, "paused by hand", |f| f.release().paused_by_hand && f.release().control.observed).await;
    flight.live(1_000).await;
    flight.plan(Intent::Advance).await;
    flight.confirm().await;
    assert_eq!(flight.landed().len(), 1, "the hand's pause is ended first");
    // Before the controller enters the step's pause again, somebody sends another version.
    image(&at, Kind::Rollout, "3.0");
    flight.until(120, "an end", |f| f.running().is_finished()).await;
    assert_eq!(flight.landed().len(), 1, "{}", flight.tell());
    assert!(flight.words().contains("nothing"), "{}", flight.words());
    assert_eq!(flight.told().await.last(), Some(&Told::Unsent));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abort_overtakes_the_slow_advance_of_somebody_else() {
    // The write of one cockpit is slow; the other's abort goes through meanwhile: towards safety nothing waits.
    let (at, mut ann) = paused(&canary(STEPS)).await;
    let go = {
        ann.plan(Intent::Advance).await;
        let go = ann.front.hold();
        ann.confirm().await;
        go
    };
    let mut bob = Flight::board(&at, Kind::Rollout).await;
    bob.send(Intent::Abort).await;
    bob.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    go.send(()).unwrap();
    ann.wait("an end", |f| f.running().is_finished()).await;
    assert!(ann.landed().is_empty());
}

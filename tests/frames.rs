//! Every screen at four sizes, characters and styles, in the default and the mono theme, held against frames that were read by eye.
//!
//! `FLIGHTDECK_BLESS=1 cargo test --test frames` writes the frames anew; what changed is then read in the diff.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends when something is wrong")]

mod stage;

use std::path::Path;

use chrono::TimeDelta;
use flightdeck::objects::Kind;
use flightdeck::ports::journal::{Entry, Told};
use flightdeck::ports::{LinkState, Scope};
use flightdeck::text::Clean;
use stage::objects::{Life, yaml};
use stage::{Stage, picture};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 50)];
const TWO: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// A fleet in every state: recorded lives, each stopped at a telling moment, and a few that rest.
const FLEET: [(&str, i64); 9] = [
    ("argo-canary-life", 86_884),
    ("argo-routed-life", 16_471),
    ("argo-blue-green-life", 21_748),
    ("argo-experiment", 15_684),
    ("argo-analysis-aborts", 24_149),
    ("argo-analysis-inconclusive", 6_156),
    ("argo-canary-double-promote", 64_653),
    ("argo-workload-ref", 16_467),
    ("deployment-life", 50_305),
];

fn fleet(theme: &str, size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(theme, size);
    stage.connect();
    for (life, until) in FLEET {
        Life::load(life).play(&mut stage, 0, until);
    }
    stage
}

/// One life at one moment, its release open on a screen.
fn opened(life: &str, until: i64, keys: &str) -> impl Fn(&str, (u16, u16)) -> Stage + use<> {
    let (life, keys) = (life.to_owned(), keys.to_owned());
    move |theme, size| {
        let mut stage = Stage::new(theme, size);
        stage.connect();
        Life::load(&life).play(&mut stage, 0, until);
        stage.keys(&keys);
        stage
    }
}

/// Compares the scene at each size with its file, or writes it.
fn hold(name: &str, sizes: &[(u16, u16)], scene: impl Fn(&str, (u16, u16)) -> Stage) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frames");
    let bless = std::env::var_os("FLIGHTDECK_BLESS").is_some();
    let mut differ = Vec::new();
    for size in sizes {
        let coloured = scene("default", *size).frame(*size);
        let mono = scene("mono", *size).frame(*size);
        assert_eq!(picture::text(&coloured), picture::text(&mono), "{name}: a theme changes looks, never words");
        let frame =
            format!("{}\n== default\n{}\n== mono\n{}", picture::text(&coloured), picture::styles(&coloured), picture::styles(&mono));
        let file = folder.join(format!("{name}-{}x{}.txt", size.0, size.1));
        if bless {
            std::fs::write(&file, &frame).unwrap();
        } else if std::fs::read_to_string(&file).unwrap_or_default() != frame {
            differ.push(format!("{}\n{frame}", file.display()));
        }
    }
    assert!(differ.is_empty(), "FLIGHTDECK_BLESS=1 writes these frames anew; read them first:\n{}", differ.join("\n"));
}

#[test]
fn board() {
    hold("board", &SIZES, fleet);
}

#[test]
fn board_before_anything_is_heard() {
    hold("board-first-frame", &TWO, Stage::new);
}

#[test]
fn board_while_connecting() {
    hold("board-connecting", &SIZES, |theme, size| {
        let mut stage = Stage::new(theme, size);
        stage.introduce();
        stage.link(LinkState::Connecting("waiting for the login helper aws".into()));
        stage
    });
}

#[test]
fn board_without_a_kubeconfig() {
    hold("board-no-kubeconfig", &SIZES, |theme, size| {
        let mut stage = Stage::new(theme, size);
        stage.link(LinkState::Unusable("There is no kubeconfig at ~/.kube/config. `flightdeck demo` needs none.".into()));
        stage
    });
}

#[test]
fn board_half_denied() {
    hold("board-denied", &TWO, |theme, size| {
        let mut stage = Stage::with(theme, size, |o| o.scope = Some(Scope::Namespace("payments".into())));
        stage.deny(Kind::Rollout);
        stage.connect();
        Life::load("deployment-life").play(&mut stage, 0, 50_305);
        stage
    });
}

#[test]
fn board_without_releases() {
    hold("board-empty", &SIZES, |theme, size| {
        let mut stage = Stage::with(theme, size, |o| o.scope = Some(Scope::Namespace("payments".into())));
        stage.without(Kind::Rollout);
        stage.connect();
        stage
    });
}

#[test]
fn board_still_reading() {
    hold("board-listing", &TWO, |theme, size| {
        let mut stage = Stage::new(theme, size);
        stage.slow(Kind::ReplicaSet);
        stage.connect();
        for object in yaml(RESTING) {
            stage.apply(object);
        }
        stage
    });
}

#[test]
fn board_with_the_link_lost() {
    hold("board-stale", &SIZES, |theme, size| {
        let mut stage = fleet(theme, size);
        stage.lose("no answer to a heartbeat for 10 s", 8);
        stage.wait(TimeDelta::seconds(3));
        stage
    });
}

#[test]
fn board_sorted_filtered_marked_and_folded() {
    hold("board-arranged", &TWO, |theme, size| {
        let mut stage = fleet(theme, size);
        stage.keys("down space / c h e enter");
        stage
    });
}

#[test]
fn release_at_a_pause() {
    hold("release-canary", &SIZES, opened("argo-routed-life", 16_471, "enter"));
}

#[test]
fn release_that_fails() {
    hold("release-failing", &SIZES, opened("argo-canary-life", 86_884, "enter"));
}

#[test]
fn release_that_was_aborted() {
    hold("release-aborted", &TWO, opened("argo-analysis-aborts", 24_149, "enter"));
}

#[test]
fn release_blue_green() {
    hold("release-blue-green", &TWO, opened("argo-blue-green-life", 21_748, "enter"));
}

#[test]
fn release_with_an_experiment() {
    hold("release-experiment", &TWO, opened("argo-experiment", 15_684, "enter"));
}

#[test]
fn release_of_a_deployment_paused_half_way() {
    hold("release-deployment", &TWO, opened("deployment-life", 50_305, "enter"));
}

#[test]
fn release_that_is_well() {
    hold("release-healthy", &TWO, opened("argo-canary-life", 25_117, "enter"));
}

#[test]
fn release_with_the_link_lost() {
    hold("release-stale", &SIZES, |theme, size| {
        let mut stage = opened("argo-routed-life", 16_471, "enter")(theme, size);
        stage.lose("no answer to a heartbeat for 10 s", 8);
        stage.wait(TimeDelta::seconds(41));
        stage.lose("no answer to a heartbeat for 10 s", 8);
        stage
    });
}

#[test]
fn release_held_still() {
    hold("release-frozen", &TWO, |theme, size| {
        let mut stage = opened("argo-routed-life", 16_471, "enter f")(theme, size);
        stage.wait(TimeDelta::seconds(75));
        stage.hear();
        stage
    });
}

#[test]
fn release_on_a_shared_screen() {
    hold("release-redacted", &TWO, opened("argo-canary-life", 86_884, "enter X"));
}

#[test]
fn pods() {
    hold("pods", &SIZES, opened("argo-canary-life", 86_884, "l"));
}

/// A plan at a pause of the routed canary.
fn planned(keys: &str) -> impl Fn(&str, (u16, u16)) -> Stage + use<> {
    opened("argo-routed-life", 16_471, &format!("enter {keys}"))
}

#[test]
fn plan_to_abort() {
    hold("plan-abort", &SIZES, planned("a"));
}

#[test]
fn plan_to_promote_fully_while_the_name_is_typed() {
    hold("plan-promote", &SIZES, planned("P s h"));
}

#[test]
fn plan_to_roll_back() {
    hold("plan-rollback", &SIZES, planned("R"));
}

#[test]
fn plan_refused() {
    hold("plan-refused", &SIZES, opened("argo-canary-life", 25_117, "enter a"));
}

#[test]
fn plan_that_moved() {
    hold("plan-moved", &SIZES, |theme, size| {
        let mut stage = opened("argo-canary-life", 3_816, "enter g")(theme, size);
        stage.answers.writer = Some(("argo-rollouts".to_owned(), 1));
        Life::load("argo-canary-life").play(&mut stage, 3_816, 4_724);
        stage
    });
}

#[test]
fn plan_that_the_server_would_refuse() {
    hold("plan-denied", &SIZES, |theme, size| {
        let mut stage = opened("argo-routed-life", 16_471, "enter")(theme, size);
        stage.answers.dry_run =
            "refused 422: admission webhook \"freeze.example.com\" denied the request: no changes to shop on a Friday".to_owned();
        stage.keys("g");
        stage
    });
}

#[test]
fn plan_that_the_server_has_not_answered() {
    hold("plan-unanswered", &TWO, |theme, size| {
        let mut stage = opened("argo-routed-life", 16_471, "enter")(theme, size);
        stage.answers.dry_run = "silent".to_owned();
        stage.keys("g");
        stage.wait(TimeDelta::seconds(3));
        stage
    });
}

#[test]
fn release_while_an_action_is_watched() {
    hold("acting-watched", &SIZES, |theme, size| {
        let mut stage = planned("a y")(theme, size);
        stage.wait(TimeDelta::seconds(4));
        stage
    });
}

#[test]
fn release_while_the_controller_does_not_react() {
    hold("acting-alarm", &SIZES, |theme, size| {
        let mut stage = planned("a y")(theme, size);
        stage.wait(TimeDelta::seconds(31));
        stage.hear();
        stage
    });
}

#[test]
fn release_after_no_answer_came() {
    hold("acting-unknown", &SIZES, |theme, size| {
        let mut stage = opened("argo-routed-life", 16_471, "enter")(theme, size);
        stage.answers.send = "unknown: the connection broke while the answer was read".to_owned();
        stage.keys("a y");
        stage
    });
}

#[test]
fn release_once_it_took_effect() {
    hold("acting-done", &SIZES, |theme, size| {
        let mut stage = planned("a y")(theme, size);
        stage.wait(TimeDelta::milliseconds(3_100));
        Life::load("argo-routed-life").play(&mut stage, 16_471, 16_600);
        stage
    });
}

#[test]
fn revisions() {
    hold("revisions", &SIZES, opened("argo-canary-life", 86_884, "enter h"));
}

#[test]
fn revisions_that_cant_be_read() {
    hold("revisions-failed", &TWO, |theme, size| {
        let mut stage = opened("argo-canary-life", 86_884, "enter")(theme, size);
        stage.answers.revisions = Some("you may not list replicasets.apps in argo-canary".to_owned());
        stage.keys("h");
        stage
    });
}

#[test]
fn journal() {
    hold("journal", &SIZES, |theme, size| {
        let mut stage = fleet(theme, size);
        let lines = journalled(&stage);
        stage.was_journalled(&lines);
        stage.answers.unread = 2;
        stage.keys("J");
        stage
    });
}

#[test]
fn journal_filtered() {
    hold("journal-filtered", &TWO, |theme, size| {
        let mut stage = fleet(theme, size);
        let lines = journalled(&stage);
        stage.was_journalled(&lines);
        stage.keys("J / s e a enter");
        stage
    });
}

/// Oldest first, as in the file.
fn journalled(stage: &Stage) -> Vec<Entry> {
    let note = |e: &mut Entry| {
        e.intent = "note".into();
        e.note = "page from the error budget; looking at checkout".into();
        e.request = Clean::default();
    };
    let staged = |stage: &'static str| {
        move |e: &mut Entry| {
            e.intent = "rollback".into();
            e.stage = stage.into();
            e.user = "system:serviceaccount:ci:deployer-of-the-release-train".into();
            e.release = "deployment/search/indexer-of-everything-there-is".into();
            e.request = "PATCH deployments/indexer-of-everything-there-is json".into();
        }
    };
    vec![
        stage.line("a", Told::Note, 90_000, note),
        stage.line("b", Told::About, 400, staged("put the template of r3 back")),
        stage.line("b", Told::Answer, 399, |e| {
            staged("put the template of r3 back")(e);
            e.answer = "refused (422): admission webhook \"freeze.example.com\" denied the request: no changes on a Friday".into();
        }),
        stage.line("c", Told::About, 60, |_| {}),
        stage.line("c", Told::Answer, 60, |e| e.answer = "accepted as 65571".into()),
        stage.line("d", Told::Unsent, 30, |e| e.effect = "nothing was sent: it was aborted (changed by argo-rollouts)".into()),
        stage.line("c", Told::Effect, 20, |e| e.effect = "took effect after 3.1 s".into()),
    ]
}

#[test]
fn one_pod() {
    hold("pod", &TWO, opened("argo-canary-life", 86_884, "l enter"));
}

#[test]
fn why() {
    hold("why", &SIZES, opened("argo-analysis-aborts", 24_149, "w"));
}

#[test]
fn help() {
    hold("help", &SIZES, |theme, size| {
        let mut stage = fleet(theme, size);
        stage.keys("?");
        stage
    });
}

#[test]
fn palette() {
    hold("palette", &SIZES, |theme, size| {
        let mut stage = fleet(theme, size);
        stage.keys(": c o p y");
        stage
    });
}

#[test]
fn choosing_a_namespace() {
    hold("namespaces", &TWO, |theme, size| {
        let mut stage = fleet(theme, size);
        stage.keys("n");
        stage
    });
}

#[test]
fn too_small_says_what_it_needs() {
    hold("too-small", &[(39, 12), (20, 4)], fleet);
}

/// A Deployment that rests.
const RESTING: &str = "
kind: Deployment
metadata: {name: home, namespace: web, generation: 1, creationTimestamp: 2026-11-18T02:45:00Z, annotations: {deployment.kubernetes.io/revision: '7'}}
spec: {replicas: 2, selector: {matchLabels: {app: home}}, template: {metadata: {labels: {app: home}}, spec: {containers: [{name: home, image: 'web/home:8.4.1'}]}}}
status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2}
";

//! What keeps a session from sending: a journal that can't be written, read-only, policies and freezes; and who it acts as, with which login.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::app::{Asks, Event, Progress};
use flightdeck::demo::store::Part;
use flightdeck::objects::Kind;
use flightdeck::ports::journal::Told;
use flightdeck::release::acting::{Intent, RollBack, Verb};
use serde_json::json;

use crate::embedded::Embedded;
use crate::flight::{Begin, Flight, meddle, stored};
use crate::flights::{STEPS, begun, step};
use crate::front::Trick;
use crate::lab::{canary, rollout_text};

async fn with(begin: Begin) -> (Embedded, Flight) {
    with_text(&canary(STEPS), begin).await
}

async fn with_text(text: &str, begin: Begin) -> (Embedded, Flight) {
    let at = Embedded::open(text).await;
    let mut flight = Flight::begin(&at, Kind::Rollout, begin).await;
    begun(&at, &mut flight).await;
    (at, flight)
}

/// Nobody's rights stop root: there a folder that can't be written is one on a device without room.
fn read_only_folder(state: &Path) {
    let folder = state.join("journal");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
}

fn file_in_its_place(state: &Path) {
    std::fs::write(state.join("journal"), "mine").unwrap();
}

fn link_in_its_place(state: &Path) {
    symlink("/tmp", state.join("journal")).unwrap();
}

fn full_device_behind_a_link(state: &Path) {
    std::fs::create_dir(state.join("journal")).unwrap();
    // Every file of every day that the test may meet.
    for day in ["2026-11-20", "2026-11-21", "2026-11-22"] {
        symlink("/dev/full", state.join("journal").join(format!("{day}.jsonl"))).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_journal_can_not_be_written_nothing_is_sent_until_it_can() {
    for (spoil, what) in [
        (file_in_its_place as fn(&Path), "is not a folder"),
        (link_in_its_place, "symbolic link"),
        (full_device_behind_a_link, "symbolic link"),
    ] {
        let (_at, mut flight) = with(Begin { spoil: Some(spoil), ..Begin::default() }).await;
        flight.send(Intent::Abort).await;
        assert!(flight.writes().is_empty(), "{what}");
        let words = flight.words();
        assert!(words.contains("nothing was sent: the journal can't be written") && words.contains(what), "{words}");
        assert!(flight.session.state.journal_problem().is_some_and(|problem| problem.contains(what)));
        // Mended, the next one goes.
        let folder = flight.state_folder().join("journal");
        if folder.is_symlink() || folder.is_file() {
            std::fs::remove_file(&folder).unwrap();
        } else {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        flight.fly(Intent::Abort, 120).await;
        assert_eq!(flight.landed().len(), 1);
        assert_eq!(flight.session.state.journal_problem(), None);
        assert_eq!(flight.told().await.first(), Some(&Told::About));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_may_not_be_written_stops_it_too() {
    // Root may write everywhere.
    if std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0) {
        return;
    }
    let (_at, mut flight) = with(Begin { spoil: Some(read_only_folder), ..Begin::default() }).await;
    flight.send(Intent::Abort).await;
    assert!(flight.writes().is_empty());
    assert!(flight.words().contains("permission denied"), "{}", flight.words());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_fails_after_the_sending_is_said_and_stops_no_abort() {
    let (_at, mut flight) = with(Begin::default()).await;
    flight.plan(Intent::Advance).await;
    let folder = flight.state_folder().join("journal");
    let spoiled = folder.clone();
    flight.front.trick(
        crate::front::Which::Write,
        Trick::Before(Box::new(move || {
            std::fs::rename(&spoiled, spoiled.with_extension("kept")).unwrap();
            std::fs::write(&spoiled, "in its place").unwrap();
        })),
    );
    flight.confirm().await;
    flight.wait("an answer", |f| f.words().contains("accepted")).await;
    assert!(flight.session.state.journal_problem().is_some());
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(folder.with_extension("kept"), &folder).unwrap();
    flight.fly(Intent::Abort, 120).await;
    assert_eq!(flight.landed().len(), 2);
}

/// Every acting key, and each intent from outside the screen.
async fn drive_everything(at: &Embedded, flight: &mut Flight) {
    for key in ["a", "p", "g", "R", "E", "P", "u", "K", "t", "V", "W"] {
        for confirm in [&["y"][..], &["enter"], &["w", "e", "b", "enter"], &["r", "y"], &["ctrl-r", "y", "enter"]] {
            flight.press(&[key]).await;
            flight.press(confirm).await;
            flight.confirm().await;
            for _ in 0..3 {
                flight.press(&["esc"]).await;
            }
            if flight.session.state.open_release().is_none() || flight.session.state.screen() == flightdeck::app::Screen::Board {
                flight.press(&["enter"]).await;
            }
        }
    }
    let now = at.cluster.now();
    let every = [
        Intent::Advance,
        Intent::Resume,
        Intent::Skip,
        Intent::PromoteFull,
        Intent::Pause,
        Intent::Abort,
        Intent::Retry,
        Intent::Restart(now),
        Intent::RollBack(RollBack::default()),
        Intent::RollBack(RollBack { to: Some(1), at_once: true }),
        Intent::SetImage(vec![("*".into(), "registry.example/web:9".into())]),
        Intent::Terminate(None),
        Intent::Switch,
    ];
    let verbs: std::collections::BTreeSet<Verb> = every.iter().map(Intent::verb).collect();
    assert_eq!(verbs.len(), Verb::ALL.len() - 1, "every verb but the note");
    for intent in every {
        flight.plan_with(intent, "because").await;
        flight.confirm().await;
        flight.session.feed(Event::Confirmed);
        flight.hear().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_only_sends_nothing_whatever_is_pressed() {
    for config in [false, true] {
        // By the flag, and by safety settings that could not be read.
        let begin = if config {
            Begin { config: "[[policy]]\nmatch = \"*/*/*\"\nread-only = true\n", ..Begin::default() }
        } else {
            Begin { read_only: true, ..Begin::default() }
        };
        let (at, mut flight) = with(begin).await;
        let before = stored(&at, Kind::Rollout);
        drive_everything(&at, &mut flight).await;
        let asked = flight.front.asked();
        if config {
            assert!(flight.writes().is_empty(), "{:#?}", flight.writes());
        } else {
            assert!(asked.is_empty(), "not even a dry-run: {asked:#?}");
            assert!(flight.session.state.read_only_reason().is_some_and(|why| why.contains("--read-only")));
        }
        assert_eq!(stored(&at, Kind::Rollout), before);
        assert!(flight.told().await.iter().all(|told| *told == Told::Note), "nothing was done, nothing is told");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_denies_asks_for_a_name_or_a_note() {
    let config = "[[policy]]\nmatch = \"*/lab/*\"\npromote-full = { deny = \"only the release manager\" }\nadvance = \"typed\"\npause = { confirm = \"key\", note = \"required\" }\n";
    let (_at, mut flight) = with(Begin { config, ..Begin::default() }).await;
    flight.press(&["P"]).await;
    let why = flight.obstacle().unwrap();
    assert!(why.contains("only the release manager") && why.contains("config.toml"), "{why}");
    flight.types("web").await;
    flight.press(&["enter"]).await;
    flight.confirm().await;
    assert!(flight.writes().is_empty());
    flight.press(&["esc", "g"]).await;
    assert!(matches!(flight.session.state.plan().unwrap().asks(), Asks::Name(why) if why.contains("config.toml")));
    flight.press(&["y", "enter"]).await;
    assert!(flight.writes().is_empty());
    assert!(flight.notice().contains("type web to confirm"), "{}", flight.notice());
    flight.press(&["backspace"]).await;
    flight.types("web").await;
    flight.press(&["enter"]).await;
    assert_eq!(flight.landed().len(), 1, "{}", flight.tell());
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    flight.press(&["p"]).await;
    assert!(matches!(flight.session.state.plan().unwrap().asks(), Asks::Note(_)));
    flight.press(&["enter"]).await;
    assert!(matches!(flight.session.state.plan().unwrap().asks(), Asks::Note(_)), "an empty note is none");
    flight.types("disk is filling up").await;
    flight.press(&["enter"]).await;
    assert_eq!(flight.landed().len(), 1, "the note is not the confirmation");
    flight.press(&["y"]).await;
    assert_eq!(flight.landed().len(), 2, "{}", flight.tell());
    flight.told().await;
    assert!(flight.journal().iter().filter(|entry| entry.intent == *"pause").all(|entry| entry.note == *"disk is filling up"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_that_a_policy_asks_for_is_not_left_out_from_outside_the_screen() {
    let config = "[[policy]]\nmatch = \"*/lab/*\"\nnote = \"required\"\n";
    let (_at, mut flight) = with(Begin { config, ..Begin::default() }).await;
    flight.plan(Intent::Pause).await;
    flight.confirm().await;
    assert!(flight.writes().is_empty(), "{}", flight.tell());
    flight.plan_with(Intent::Pause, "CHK-1").await;
    flight.confirm().await;
    assert_eq!(flight.landed().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_freeze_only_safety_passes_and_the_rest_takes_a_reason_and_the_name() {
    let config = "[[policy]]\nmatch = \"*/*/*\"\nfreeze = [{ start = \"2026-11-20T00:00\", end = \"2026-11-23T00:00\", zone = \"UTC\", why = \"the sale\" }]\n";
    let (_at, mut flight) = with(Begin { config, ..Begin::default() }).await;
    flight.press(&["g"]).await;
    assert!(matches!(flight.session.state.plan().unwrap().asks(), Asks::Note(why) if why.contains("the sale")));
    flight.press(&["y", "esc", "g"]).await;
    flight.types("agreed with the desk").await;
    flight.press(&["enter"]).await;
    assert!(matches!(flight.session.state.plan().unwrap().asks(), Asks::Name(_)));
    assert!(flight.writes().is_empty());
    flight.types("web").await;
    flight.press(&["enter"]).await;
    assert_eq!(flight.landed().len(), 1, "{}", flight.tell());
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    flight.press(&["a", "y"]).await;
    assert_eq!(flight.landed().len(), 2, "towards safety nothing is asked: {}", flight.tell());
    flight.told().await;
    assert_eq!(flight.journal()[0].note, *"agreed with the desk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acting_as_somebody_else_is_sent_and_written_down() {
    let at = Embedded::open(&canary(STEPS)).await;
    let begin = Begin { act_as: Some(("sre", &["system:masters"])), ..Begin::default() };
    let mut flight = Flight::begin(&at, Kind::Rollout, begin).await;
    begun(&at, &mut flight).await;
    flight.fly(Intent::Advance, 60).await;
    let landed = flight.landed();
    assert_eq!((landed.len(), landed[0].acts_as.as_deref()), (1, Some("sre")));
    assert!(flight.front.asked().iter().all(|one| one.acts_as.as_deref() == Some("sre")), "dry-runs too");
    assert!(flight.journal().iter().all(|entry| entry.user == *"sre"), "{:#?}", flight.journal());
    let reader = Begin { act_as: Some(("demo:reader", &[])), ..Begin::default() };
    let mut flight = Flight::begin(&at, Kind::Rollout, reader).await;
    flight.plan(Intent::Abort).await;
    assert_eq!(flight.obstacle().unwrap(), "you may not patch rollouts.argoproj.io/status in lab");
    flight.confirm().await;
    assert!(flight.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_ends_is_renewed_by_its_plugin_and_the_write_lands_once() {
    let text = rollout_text(
        "token-lasts = \"40s\"",
        &format!("[workload.strategy.canary]\nmaxSurge = 1\nmaxUnavailable = 0\nsteps = [{STEPS}]"),
        "",
    );
    let at = Embedded::open(&text).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credential.json");
    let later = chrono::Utc::now() + Duration::from_secs(3_600);
    std::fs::write(&file, at.server.credential("demo", Some(later)).unwrap()).unwrap();
    let kubeconfig = at.server.plugin_kubeconfig("cat", &[file.to_str().unwrap()]);
    let mut flight = Flight::begin(&at, Kind::Rollout, Begin { kubeconfig: Some(kubeconfig), ..Begin::default() }).await;
    begun(&at, &mut flight).await;
    flight.plan(Intent::Advance).await;
    // The token ends between the plan and its arrival; the plugin has another one by then.
    let cluster = at.cluster.clone();
    let fresh = file.clone();
    let server = std::sync::Arc::new(at.server);
    let giver = server.clone();
    flight.front.trick(
        crate::front::Which::Write,
        Trick::Before(Box::new(move || {
            cluster.advance_to(flightdeck::demo::clock::origin() + TimeDelta::seconds(60));
            std::fs::write(&fresh, giver.credential("demo", Some(later)).unwrap()).unwrap();
        })),
    );
    flight.confirm().await;
    flight.wait("an answer", |f| !matches!(f.running().progress, Progress::Sending { .. })).await;
    let codes: Vec<_> = flight.writes().iter().map(|one| one.code).collect();
    assert_eq!(codes, [Some(401), Some(200)], "{}", flight.tell());
    flight.wait("the link", |f| f.session.state.connection().is_live()).await;
    flight.until(60, "the effect", |f| f.words().contains("took effect after")).await;
    assert_eq!(flight.front.landed().len(), 1);
    assert_eq!(flight.told().await, [Told::About, Told::Answer, Told::Effect]);
    flight.until(200, "the next pause", |f| step(f) == 3).await;
    let _ = server;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_roll_back_declared_unsafe_asks_for_the_name() {
    let (at, mut flight) = with(Begin::default()).await;
    meddle(&at.cluster, Kind::Rollout, Part::Main, |object| {
        object["metadata"]["annotations"]["flightdeck.dev/rollback-unsafe"] = json!("the schema was contracted");
    });
    flight.hear().await;
    flight.press(&["R"]).await;
    flight.hear().await;
    flight.draw();
    assert!(
        matches!(flight.session.state.plan().unwrap().asks(), Asks::Name(why) if why.contains("the schema was contracted")),
        "{}",
        flight.tell()
    );
    flight.press(&["y", "enter"]).await;
    assert!(flight.writes().is_empty());
    flight.press(&["backspace"]).await;
    flight.types("web").await;
    flight.press(&["enter"]).await;
    assert_eq!(flight.landed().len(), 1, "{}", flight.tell());
}

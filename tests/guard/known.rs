//! What the guard has to know before it may be relied on, what it must not take for known, and what it says when it is over.

use flightdeck::app::guard::Stand;
use flightdeck::objects::AnalysisPhase;
use flightdeck::release::Release;
use flightdeck::release::words::{suspended, unaided};
use serde_json::{Value, json};

use crate::stage::Stage;
use crate::stage::deck::Deck;

/// What is wrong with a cluster on which it can't go back.
type Wrong = fn(&mut Stage);

#[test]
fn what_it_could_not_do_is_said_when_it_becomes_known_and_not_when_it_fires() {
    let cases: [(Wrong, Option<&str>, &str); 3] = [
        (|stage| stage.answers.may_not.extend(["patch rollouts.argoproj.io in argo-routed".to_owned()]), None, "you may not patch"),
        (|_| {}, Some("forbidden"), "the revisions can't be read: forbidden"),
        (|_| {}, None, ""),
    ];
    for (wrong, read, told) in cases {
        let mut deck = Deck::with(|stage| {
            wrong(stage);
            stage.answers.revisions = Some("silent".to_owned());
        });
        deck.arm("rollback when harmed over 20");
        assert!(matches!(deck.stand(), Some(Stand::Watching(_))), "nothing is known against it yet: {}", deck.text());
        deck.pass(3);
        deck.stage.answers.revisions = read.map(str::to_owned);
        deck.stage.answer_waiting();
        deck.pass(1);
        if told.is_empty() {
            assert!(matches!(deck.stand(), Some(Stand::Watching(None))), "{:?}", deck.stand());
            continue;
        }
        assert_eq!(deck.lines("disarmed: it could not act: "), 1, "{told} {:?}", deck.stand());
        assert!(deck.text().contains("guard disarmed: it could not act: ") && deck.text().contains(told), "{}", deck.text());
        deck.count(100.0, 100.0, false);
        deck.pass(60);
        assert_eq!((deck.sent(), deck.lines("counts down")), (0, 0), "{told}");
    }
}

#[test]
fn what_is_known_against_it_without_the_revisions_is_said_when_it_is_armed() {
    let mut deck = Deck::with(|stage| stage.answers.revisions = Some("silent".to_owned()));
    deck.written(|raw| raw["metadata"]["annotations"]["flightdeck.dev/rollback-unsafe"] = json!("the schema moved"));
    deck.arm("rollback when harmed over 20");
    assert!(deck.stand().is_none(), "{:?}", deck.stand());
    assert!(deck.text().contains("declared unsafe (the schema moved)"), "{}", deck.text());
}

/// Only the long windows are answered: the newest answer is of now, and says nothing of the window that decides.
#[test]
fn a_burn_is_acted_on_only_while_its_own_window_is_fresh() {
    let mut deck = Deck::open();
    deck.burn(20.0, &[300, 1800, 3600, 21_600]);
    for _ in 0..6 {
        deck.pass(30);
        deck.burn(20.0, &[3600, 21_600]);
    }
    deck.arm("abort when burn over 10 for 1s");
    deck.pass(20);
    assert_eq!((deck.sent(), deck.lines("counts down")), (0, 0));
    assert!(deck.text().contains("was worked out 3m"), "{}", deck.text());
    deck.burn(20.0, &[300, 1800]);
    deck.pass(12);
    assert_eq!((deck.sent(), deck.lines("fired: ")), (1, 1), "{:?}", deck.stand());
}

#[test]
fn another_namespace_is_no_release_that_is_gone() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.stage.keys("esc n p a y m e n t s enter");
    assert_eq!((deck.lines("disarmed: you look at namespace payments now"), deck.lines("disarmed")), (1, 1), "{:?}", deck.stand());
    assert!(deck.text().contains("guard disarmed: you look at namespace payments now"), "{}", deck.text());
    // All of them, and its own: it goes on once the release is read anew.
    for keys in ["esc A", "esc n a r g o - r o u t e d enter"] {
        let mut deck = Deck::open();
        deck.arm("abort when harmed over 20");
        deck.stage.keys(keys);
        deck.pass(2);
        assert!(matches!(deck.stand(), Some(Stand::Watching(_))), "{keys} {:?}", deck.stand());
        deck.count(100.0, 30.0, false);
        deck.pass(12);
        assert_eq!((deck.sent(), deck.lines("disarmed")), (1, 0), "{keys} {:?}", deck.stand());
    }
}

/// Whatever else may be said of it meanwhile: it waits for a person, and nobody else ends that.
#[test]
fn somebody_who_goes_past_the_pause_is_noticed_while_it_is_held_or_its_pods_fail() {
    let past = |raw: &mut Value| {
        let at = raw["status"]["currentStepIndex"].as_i64().unwrap();
        raw["status"]["currentStepIndex"] = json!(at + 1);
        raw["status"]["pauseConditions"] = Value::Null;
    };
    for failing in [true, false] {
        let mut deck = Deck::open();
        if failing {
            fail_a_pod(&mut deck);
        } else {
            deck.written(|raw| raw["spec"]["paused"] = json!(true));
        }
        deck.arm("abort when harmed over 20");
        deck.pass(2);
        assert!(matches!(deck.stand(), Some(Stand::Watching(None))), "{failing} {:?}", deck.stand());
        deck.written(past);
        deck.pass(2);
        assert_eq!(deck.lines("disarmed: somebody took it past the pause it waited at"), 1, "{failing} {:?}", deck.stand());
    }
}

fn fail_a_pod(deck: &mut Deck) {
    let release = &deck.stage.state.shown()[&deck.key];
    let new = release.versions.iter().find(|version| version.hash == release.control.new_hash).unwrap();
    let uid = release.pods.iter().find(|pod| pod.version == new.uid).unwrap().uid.clone();
    let mut raw = deck.stage.answers.raw[&uid].clone();
    let container = &mut raw["status"]["containerStatuses"][0];
    container["ready"] = json!(false);
    container["restartCount"] = json!(5);
    container["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    deck.stage.apply(crate::stage::objects::decode(&raw));
    let failures = flightdeck::release::words::failures(&deck.stage.state.shown()[&deck.key]);
    assert!(failures.is_some_and(|one| one.new), "its new pods fail");
}

#[test]
fn metrics_that_are_lost_for_too_long_disarm_it_and_such_as_never_came_do_not() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.link(false);
    deck.pass(118);
    assert!(matches!(deck.stand(), Some(Stand::Watching(Some(_)))), "{:?}", deck.stand());
    deck.pass(4);
    assert_eq!(deck.lines("disarmed: it could not see for too long: Prometheus does not answer"), 1, "{:?}", deck.stand());
    // The server answers and counts nothing new.
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.pass(230);
    assert_eq!(deck.lines("disarmed: it could not see for too long: the newest counters are 3m"), 1, "{:?}", deck.stand());
    // What can still be told is watched on.
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20 or pods failing");
    deck.link(false);
    deck.pass(300);
    assert!(matches!(deck.stand(), Some(Stand::Watching(Some(_)))), "{:?}", deck.stand());
    fail_a_pod(&mut deck);
    deck.pass(12);
    assert_eq!(deck.sent(), 1, "{:?}", deck.stand());
    // A break is not the sum of breaks.
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    for _ in 0..3 {
        deck.link(false);
        deck.pass(100);
        deck.link(true);
        deck.count(10.0, 0.0, false);
        deck.pass(1);
    }
    assert!(matches!(deck.stand(), Some(Stand::Watching(None))), "{:?}", deck.stand());
    // Nothing was ever worked out of a burn: a release that has only just begun is waited for.
    let mut deck = Deck::open();
    deck.arm("abort when burn over 10 for 5m");
    deck.pass(300);
    assert!(matches!(deck.stand(), Some(Stand::Watching(Some(_)))), "{:?}", deck.stand());
}

#[test]
fn while_it_is_paused_by_hand_the_guard_says_that_only_it_takes_it_back() {
    let mut deck = Deck::open();
    let under = |change: fn(&mut Release), deck: &Deck| {
        let mut release = deck.stage.state.shown()[&deck.key].clone();
        change(&mut release);
        (suspended(&release), unaided(&release))
    };
    assert_eq!(under(|_| {}, &deck).0, None);
    deck.written(|raw| raw["spec"]["paused"] = json!(true));
    deck.arm("abort when harmed over 20");
    assert!(deck.text().contains("only it takes it back"), "{}", deck.text());
    let wide = deck.stage.text((220, 50));
    assert!(wide.contains("it is paused by hand, and while it is its controller takes nothing back by itself"), "{wide}");
    assert_eq!(deck.lines("armed: abort when over 20 requests are harmed; it is paused by hand"), 1);
    assert!(under(|_| {}, &deck).0.is_some() && under(|release| release.under_way = false, &deck) == (None, None));
    // A pause does not stop an analysis.
    let analysed = |release: &mut Release| {
        release.analyses.push(flightdeck::release::Analysis {
            name: "run".into(),
            role: flightdeck::release::AnalysisRole::Background,
            phase: AnalysisPhase::Running,
            message: "".into(),
            started: None,
            metrics: Vec::new(),
            dry_run: Vec::new(),
        });
    };
    assert_eq!(under(analysed, &deck), (None, None));
}

#[test]
fn a_guard_that_paused_it_is_done_and_says_who_watches_now() {
    let mut deck = Deck::open();
    deck.arm("pause when harmed over 20");
    deck.count(100.0, 30.0, false);
    deck.pass(11);
    assert_eq!(deck.sent(), 1);
    deck.written(|raw| raw["spec"]["paused"] = json!(true));
    let wide = deck.stage.text((220, 50));
    assert!(wide.contains("it is done, and while it is its controller takes nothing back by itself"), "{wide}");
}

#[test]
fn what_is_guarded_is_counted_on_while_another_release_is_open() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    crate::deeds::another(&mut deck);
    deck.stage.effects.clear();
    deck.stage.keys("esc / c a r t enter enter");
    deck.pass(40);
    let both = |asked: &String| {
        let halves = asked.split_once("guarded: some(measurable");
        asked.starts_with("measure(") && halves.is_some_and(|(open, guarded)| open.contains("cart") && guarded.contains("shop"))
    };
    assert!(deck.stage.effects.iter().any(both), "{:?}", deck.stage.effects);
    deck.count(100.0, 30.0, false);
    deck.pass(12);
    assert_eq!(deck.sent(), 1, "{:?}", deck.stand());
}

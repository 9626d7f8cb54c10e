//! The guard in the whole cockpit, on a recorded release: it acts on fresh and whole data, at most once, and everything is in the journal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends when something is wrong")]

#[path = "guard/deeds.rs"]
mod deeds;
#[path = "guard/falsified.rs"]
mod falsified;
#[path = "guard/known.rs"]
mod known;
#[path = "guard/late.rs"]
mod late;
#[path = "guard/lives.rs"]
mod lives;
#[path = "guard/ops.rs"]
mod ops;
#[path = "guard/said.rs"]
mod said;
mod stage;
#[path = "guard/trace.rs"]
mod trace;
#[path = "guard/truth.rs"]
mod truth;

use flightdeck::app::Event;
use flightdeck::app::guard::{FRESH, Stand};
use flightdeck::objects::Kind;
use flightdeck::ports::LinkState;
use flightdeck::ports::journal::Told;
use serde_json::{Value, json};
use stage::deck::Deck;

/// What somebody else writes.
type Write = fn(&mut Value);

#[test]
fn it_counts_down_in_sight_with_its_cause_and_acts_the_way_of_a_key() {
    let mut deck = Deck::open();
    deck.stage.keys("G");
    assert!(deck.text().contains("abort when verdict fail or pods failing"), "{}", deck.text());
    deck.stage.keys("esc");
    deck.arm("abort when harmed over 20");
    assert!(deck.text().contains("guard armed: abort when over 20 requests are harmed · D disarms it"), "{}", deck.text());
    assert_eq!(deck.lines("armed"), 1);
    deck.pass(5);
    deck.count(100.0, 30.0, false);
    assert!(deck.text().contains("guard: abort in 10 s, because 30 requests failed at the new version · D stops it"), "{}", deck.text());
    assert!(deck.stage.effects.last().unwrap().starts_with("try rollouts/shop/status"), "the server is asked meanwhile");
    deck.pass(9);
    assert!(deck.text().contains("abort in 1 s"), "{}", deck.text());
    assert_eq!(deck.sent(), 0);
    deck.pass(1);
    assert_eq!(deck.sent(), 1);
    let told: Vec<&str> = deck.stage.answers.lines.iter().map(|line| line.effect.as_str()).filter(|told| !told.is_empty()).collect();
    assert!(told[0].starts_with("armed") && told[1].starts_with("counts down 10 s") && told[2].starts_with("fired: 30"), "{told:?}");
    let about = deck.stage.answers.lines.iter().find(|line| line.told == Told::About).unwrap();
    assert_eq!((about.intent.as_str(), about.dry_run.as_str()), ("abort", "accepted"));
    assert!(about.note.starts_with("guard: 30 requests"), "{}", about.note);
    deck.pass(300);
    deck.count(100.0, 300.0, false);
    deck.pass(60);
    assert_eq!(deck.sent(), 1, "never twice");
}

#[test]
fn a_picture_that_is_held_still_does_not_hold_it_up() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.stage.keys("f");
    deck.count(100.0, 30.0, false);
    deck.pass(9);
    assert_eq!(deck.sent(), 0);
    deck.pass(2);
    assert_eq!((deck.sent(), deck.lines("fired: 30")), (1, 1));
}

#[test]
fn its_countdown_is_in_sight_on_every_screen() {
    for keys in ["l", "w", "J", "h", "esc"] {
        let mut deck = Deck::open();
        deck.arm("abort when harmed over 20");
        deck.stage.keys(keys);
        deck.count(100.0, 30.0, false);
        let text = deck.text();
        assert!(text.contains("guard: abort in 10 s, because 30 requests failed at the new version · D stops it"), "{keys}\n{text}");
        deck.stage.keys("D");
        deck.pass(15);
        assert_eq!(deck.sent(), 0, "{keys}");
    }
}

#[test]
fn a_server_that_is_busy_while_it_counts_down_does_not_disarm_it() {
    let mut deck = Deck::open();
    deck.stage.answers.dry_run = "refused 429: too many requests".to_owned();
    deck.arm("abort when harmed over 20");
    deck.count(100.0, 30.0, false);
    deck.pass(11);
    assert_eq!(deck.sent(), 1);
}

#[test]
fn one_key_stops_it() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.count(100.0, 30.0, false);
    deck.pass(9);
    deck.stage.keys("D");
    deck.pass(60);
    deck.count(100.0, 30.0, false);
    deck.pass(60);
    assert_eq!((deck.sent(), deck.lines("disarmed: by hand")), (0, 1));
}

#[test]
fn what_is_old_partial_or_not_there_is_no_reason_to_act() {
    // Old: the counters stop while it counts down.
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.pass(FRESH.num_seconds() + 1);
    deck.counted[1] += 30.0;
    deck.count(0.0, 0.0, true);
    deck.pass(60);
    assert_eq!(deck.sent(), 0, "partial, and old");
    assert!(deck.text().contains("can't see"), "{}", deck.text());
    // Not there.
    deck.link(false);
    deck.pass(60);
    assert!(deck.text().contains("Prometheus does not answer"), "{}", deck.text());
    assert_eq!(deck.sent(), 0);
    // The verdict without data is no verdict.
    let mut deck = Deck::open();
    deck.arm("abort when verdict fail");
    deck.link(false);
    deck.pass(110);
    assert!(matches!(deck.stand(), Some(Stand::Watching(Some(_)))), "{:?}", deck.stand());
    assert_eq!(deck.sent(), 0);
}

#[test]
fn a_countdown_that_can_not_see_any_more_stops_and_begins_anew() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.count(100.0, 30.0, false);
    deck.pass(5);
    deck.stage.lose("no route", 5);
    deck.pass(20);
    assert_eq!((deck.sent(), deck.lines("countdown stopped: the link is down")), (0, 1));
    deck.stage.link(LinkState::Live);
    deck.pass(4);
    assert_eq!(deck.sent(), 0, "the link is only just back");
    deck.pass(12);
    assert_eq!((deck.sent(), deck.lines("counts down")), (1, 2));
}

#[test]
fn it_disarms_itself_when_somebody_else_acts_when_it_ends_and_when_it_was_blind_for_too_long() {
    let somebody: [(&str, Write); 3] = [
        ("disarmed: somebody paused it", |raw| raw["spec"]["paused"] = json!(true)),
        ("disarmed: it was aborted", |raw| raw["status"]["abort"] = json!(true)),
        ("disarmed: somebody promoted it fully", |raw| raw["status"]["promoteFull"] = json!(true)),
    ];
    for (line, change) in somebody {
        let mut deck = Deck::open();
        deck.arm("pause when harmed over 20");
        deck.pass(2);
        deck.written(change);
        deck.pass(2);
        deck.count(100.0, 100.0, false);
        deck.pass(30);
        assert_eq!((deck.sent(), deck.lines(line)), (0, 1), "{line} {:?}", deck.stand());
    }
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.stage.lose("no route", 5);
    deck.pass(121);
    assert_eq!(deck.lines("disarmed: it could not see for too long: the link is down"), 1, "{:?}", deck.stand());
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    let uid = deck.stage.uid(Kind::Rollout, "shop");
    deck.stage.delete(Kind::Rollout, &uid);
    deck.pass(2);
    assert_eq!(deck.lines("disarmed: the release is gone"), 1, "{:?}", deck.stand());
}

#[test]
fn what_the_person_does_is_theirs_and_what_leads_to_safety_disarms_it() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.stage.keys("a y");
    assert_eq!((deck.sent(), deck.lines("disarmed: abort was asked for by hand")), (1, 1));
    deck.count(100.0, 100.0, false);
    deck.pass(60);
    assert_eq!(deck.sent(), 1);
}

#[test]
fn it_is_not_armed_where_it_would_be_of_no_use() {
    let mut deck = Deck::open();
    for (text, told) in [
        ("promote-full when verdict fail", "a guard can pause, abort or rollback"),
        ("abort when it rains", "is no condition"),
        ("abort", "write for example"),
    ] {
        deck.arm(text);
        assert!(deck.text().contains(told), "{text}\n{}", deck.text());
        assert!(deck.stand().is_none());
        deck.pass(7);
    }
    deck.stage.answers.may_not.insert("patch rollouts.argoproj.io/status in argo-routed".to_owned());
    deck.written(|raw| raw["spec"]["paused"] = json!(true));
    deck.arm("pause when verdict fail");
    assert!(deck.text().contains("not armed: It is paused by hand already"), "{}", deck.text());
    assert_eq!(deck.lines(""), 0);
}

#[test]
fn leaving_with_a_guard_is_said_first_and_noted() {
    let mut deck = Deck::open();
    deck.arm("abort when harmed over 20");
    deck.stage.feed(Event::Leaving);
    assert_eq!(deck.lines("disarmed: flightdeck was left"), 1);
}

//! The guard in the whole cockpit, on a recorded release: it acts on fresh and whole data, at most once, and everything is in the journal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends when something is wrong")]

mod stage;

use std::cell::Cell;

use chrono::TimeDelta;
use flightdeck::app::Event;
use flightdeck::app::guard::{FRESH, Stand};
use flightdeck::objects::{Kind, ReleaseRef, Time};
use flightdeck::ports::LinkState;
use flightdeck::ports::journal::Told;
use flightdeck::ports::metrics::{Asked, Found, MetricsEvent, MetricsLink, Reading};
use flightdeck::text::Clean;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use stage::Stage;
use stage::objects::{Life, decode};

/// What somebody else writes.
type Write = fn(&mut Value);

const OVER: f64 = 20.0;

/// A canary at 60 % that waits for a person, with a metrics server that counts it.
struct Deck {
    stage: Stage,
    key: ReleaseRef,
    /// Requests and errors of each version so far.
    counted: [f64; 2],
    metrics: bool,
    fed: Option<Time>,
    failed: f64,
}

impl Deck {
    fn open() -> Self {
        let mut stage = Stage::new("default", (120, 40));
        stage.connect();
        Life::load("argo-routed-life").play(&mut stage, 0, 16471);
        stage.keys("enter");
        let key = ReleaseRef { namespace: "argo-routed".into(), name: "shop".into(), kind: Kind::Rollout };
        assert!(stage.state.shown()[&key].under_way);
        let mut deck = Self { stage, key, counted: [100.0, 0.0], metrics: true, fed: None, failed: 0.0 };
        deck.link(true);
        deck.stage.feed(Event::Metrics(MetricsEvent::Families { found: vec!["Istio".into()], looked_for: Clean::default() }));
        deck.pass(6);
        deck.count(10.0, 0.0, false);
        deck
    }

    fn link(&mut self, live: bool) {
        self.metrics = live;
        let address = Clean::from("http://prometheus");
        let word = Clean::from("no answer");
        let failing = MetricsLink::Failing {
            address: address.clone(),
            word: word.clone(),
            sentence: word,
            retry_after: std::time::Duration::from_secs(5),
        };
        let link = if live { MetricsLink::Live { address, way: Clean::default() } } else { failing };
        self.stage.feed(Event::Metrics(MetricsEvent::Link(link)));
    }

    /// So many more requests and errors of the new version; nobody hears of them while the server is away.
    fn count(&mut self, good: f64, bad: f64, partial: bool) {
        self.counted = [self.counted[0] + good, self.counted[1] + bad];
        if !self.metrics {
            return;
        }
        let release = &self.stage.state.shown()[&self.key];
        let mut readings = Vec::new();
        for version in &release.versions {
            let new = version.hash == release.control.new_hash;
            let pod = release.pods.iter().find(|pod| pod.version == version.uid).map_or("gone".into(), |pod| pod.name.clone());
            let [good, bad] = if new { self.counted } else { [self.counted[0] * 2.0, 1.0] };
            let one = |code: &str, bad, value| Reading { version: version.hash.clone(), pod: pod.clone(), code: code.into(), bad, value };
            readings.extend([one("200", false, good), one("500", true, bad)]);
        }
        if self.fed == Some(self.stage.now) {
            // Nothing is worked out twice for the same moment.
            self.stage.now += TimeDelta::milliseconds(1);
        }
        let at = self.stage.now;
        let asked = Asked { query: "q".into(), at, took: std::time::Duration::ZERO, bytes: 0, doubt: None, partial };
        self.stage.feed(Event::Metrics(MetricsEvent::Found(self.key.clone(), asked, Found::Counters(readings))));
        if !partial {
            (self.fed, self.failed) = (Some(at), self.counted[1]);
        }
    }

    /// Time passes, second by second, with heartbeats as long as the link answers.
    fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.stage.wait(TimeDelta::seconds(1));
            if self.stage.state.connection().is_live() {
                self.stage.hear();
            }
        }
    }

    /// Somebody else writes the Rollout.
    fn written(&mut self, change: impl FnOnce(&mut Value)) {
        let uid = self.stage.uid(Kind::Rollout, "shop");
        let mut raw = self.stage.answers.raw[&uid].clone();
        change(&mut raw);
        self.stage.answers.raw.insert(uid, raw.clone());
        self.stage.apply(decode(&raw));
    }

    fn arm(&mut self, text: &str) {
        let keys =
            |text: &str| text.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() }).collect::<Vec<_>>().join(" ");
        self.stage.keys("G ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w");
        self.stage.keys(&keys(text));
        self.stage.keys("enter");
    }

    fn sent(&self) -> usize {
        self.stage.effects.iter().filter(|effect| effect.starts_with("send ")).count()
    }

    fn lines(&self, beginning: &str) -> usize {
        let guard = self.stage.answers.lines.iter().filter(|line| line.told == Told::Guard);
        guard.filter(|line| line.effect.starts_with(beginning)).count()
    }

    fn text(&self) -> String {
        self.stage.text((120, 40))
    }

    fn stand(&self) -> Option<Stand> {
        self.stage.state.guard().map(|guard| guard.stand.clone())
    }
}

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

/// Something that happens.
#[derive(Debug, Clone)]
enum Op {
    Pass(i64),
    Silence(i64),
    Count(f64, bool),
    Metrics(bool),
    Link(bool),
    Relist,
    Interfere(u8),
    Stop,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (1..12_i64).prop_map(Op::Pass),
        2 => (1..14_i64).prop_map(Op::Silence),
        6 => (0.0..12.0_f64, prop::bool::weighted(0.25)).prop_map(|(bad, partial)| Op::Count(bad.floor(), partial)),
        2 => any::<bool>().prop_map(Op::Metrics),
        2 => any::<bool>().prop_map(Op::Link),
        1 => Just(Op::Relist),
        1 => (0..12_u8).prop_map(Op::Interfere),
        1 => prop::bool::weighted(0.1).prop_map(|stop| if stop { Op::Stop } else { Op::Pass(1) }),
    ]
}

/// What the guard may know, kept beside it: it has to have acted on this and on nothing else.
struct Truth {
    heard: Time,
    live_since: Option<Time>,
    over: bool,
}

impl Truth {
    fn may_act(&self, deck: &Deck) -> bool {
        let Some(Stand::Fired { at: now, .. }) = deck.stand() else { return false };
        let linked = self.live_since.is_some_and(|since| now - since >= TimeDelta::seconds(5)) && now - self.heard < TimeDelta::seconds(11);
        let fresh = deck.metrics && deck.fed.is_some_and(|fed| now - fed <= FRESH);
        !self.over && linked && fresh && deck.failed > OVER
    }
}

/// Data are lost, come late and in part, the link goes and comes, somebody interferes: it acts on fresh and whole data alone, at most once,
/// and each turn of it is in the journal.
#[test]
fn it_acts_on_fresh_whole_data_alone_at_most_once_and_always_leaves_a_line() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 96, ..ProptestConfig::default() });
    let (acted, disarmed) = (Cell::new(0), Cell::new(0));
    let lived = runner.run(&prop::collection::vec(op(), 1..60), |ops| {
        let mut deck = Deck::open();
        deck.arm("abort when harmed over 20");
        let mut truth = Truth { heard: deck.stage.now, live_since: Some(deck.stage.now - TimeDelta::seconds(60)), over: false };
        for op in ops {
            match op {
                Op::Pass(seconds) | Op::Silence(seconds) => {
                    for _ in 0..seconds {
                        let before = deck.sent();
                        // Second by second, so that what was true when it acted is known.
                        deck.stage.wait(TimeDelta::seconds(1));
                        if deck.sent() > before {
                            prop_assert!(truth.may_act(&deck), "{:?}", deck.stand());
                        }
                        if matches!(op, Op::Pass(_)) && truth.live_since.is_some() {
                            truth.heard = deck.stage.now;
                            deck.stage.hear();
                            if deck.sent() > before {
                                prop_assert!(truth.may_act(&deck), "{:?}", deck.stand());
                            }
                        }
                    }
                }
                Op::Count(bad, partial) => deck.count(10.0, bad, partial),
                Op::Metrics(live) => deck.link(live),
                Op::Link(true) if truth.live_since.is_none() => {
                    (truth.live_since, truth.heard) = (Some(deck.stage.now), deck.stage.now);
                    deck.stage.link(LinkState::Live);
                }
                Op::Link(false) if truth.live_since.is_some() => {
                    truth.live_since = None;
                    deck.stage.lose("no route", 5);
                }
                Op::Link(_) => {}
                Op::Relist => deck.stage.install(Kind::Pod),
                // While the link is down nobody sees it, and afterwards it is there.
                Op::Interfere(0) => {
                    deck.written(|raw| raw["spec"]["paused"] = json!(true));
                    truth.over |= truth.live_since.is_some();
                }
                Op::Interfere(_) => deck.written(|raw| raw["metadata"]["annotations"]["seen"] = json!("yes")),
                Op::Stop => {
                    deck.stage.keys("D");
                    truth.over = true;
                }
            }
            prop_assert!(deck.sent() <= 1, "never twice");
        }
        prop_assert_eq!(deck.lines("armed"), 1);
        prop_assert_eq!(deck.lines("fired"), deck.sent());
        let about = deck.stage.answers.lines.iter().position(|line| line.told == Told::About);
        let fired = deck.stage.answers.lines.iter().position(|line| line.effect.starts_with("fired"));
        prop_assert!(about.is_none() || fired < about, "said before it is sent");
        match deck.stand() {
            Some(Stand::Fired { .. }) => prop_assert_eq!((deck.sent(), deck.lines("disarmed")), (1, 0)),
            Some(Stand::Disarmed { .. }) => prop_assert_eq!((deck.sent(), deck.lines("disarmed")), (0, 1)),
            _ => prop_assert_eq!((deck.sent(), deck.lines("disarmed")), (0, 0)),
        }
        acted.set(acted.get() + deck.sent());
        disarmed.set(disarmed.get() + deck.lines("disarmed"));
        Ok(())
    });
    lived.unwrap();
    assert!(acted.get() > 3 && disarmed.get() > 3, "it was tried: {} {}", acted.get(), disarmed.get());
}

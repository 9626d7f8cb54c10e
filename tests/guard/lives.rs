//! The guard in random lives: data are lost, come late and in part, the link goes and comes, somebody interferes.

use std::cell::Cell;

use chrono::TimeDelta;
use flightdeck::app::guard::{FRESH, Stand};
use flightdeck::objects::Kind;
use flightdeck::ports::LinkState;
use flightdeck::ports::journal::Told;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::stage::Time;
use crate::stage::deck::Deck;

const OVER: f64 = 20.0;

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

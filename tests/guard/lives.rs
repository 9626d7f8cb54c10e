//! The guard in random lives: answers are lost, come late, in part and out of order, links go and come, somebody interferes.
//! Judges nothing itself: what happened is written down, and asked about in `trace.rs`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::app::Event;
use flightdeck::app::guard::{Stand, Terms};
use flightdeck::objects::Kind;
use flightdeck::ports::LinkState;
use flightdeck::ports::journal::Told;
use flightdeck::ports::metrics::Found;
use flightdeck::release::telemetry::Alert;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::deeds::{another, crash};
use crate::ops::{About, Op, Way, answers, op, terms};
use crate::stage::deck::{Deck, Heard};
use crate::trace::{Case, Line};

const WINDOWS: [u64; 4] = [300, 1800, 3600, 21_600];

/// A life that is written down.
pub struct Life {
    pub deck: Deck,
    pub case: Case,
    /// Effects and lines of the journal that are written down.
    seen: (usize, usize),
    held: Vec<Heard>,
    live: bool,
    /// Done while nobody saw it: a deed that is the end, and pods.
    unseen: (bool, Option<bool>),
}

impl Life {
    pub fn begin(terms: &Terms) -> Self {
        let mut deck = Deck::open();
        another(&mut deck);
        let told: Vec<_> = deck.told.iter().map(|(when, heard)| (*when, Line::Answer(Box::new(heard.clone())))).collect();
        let seen = (deck.stage.effects.len(), deck.stage.answers.lines.len());
        let case = Case { terms: terms.clone(), lines: told };
        let mut life = Self { deck, case, seen, held: Vec::new(), live: true, unseen: (false, None) };
        let asked = (life.deck.key.clone(), terms.clone());
        life.deck.stage.feed(Event::Arm(Box::new(asked)));
        life.look();
        life
    }

    fn write(&mut self, line: Line) {
        self.case.lines.push((self.deck.stage.now, line));
    }

    /// Writes down what came of it.
    pub fn look(&mut self) {
        let (from, mut next) = self.seen;
        let effects = self.deck.stage.effects[from..].to_vec();
        for effect in effects.iter().filter(|effect| effect.starts_with("record ") || effect.starts_with("send ")) {
            let entry = self.deck.stage.answers.lines[next].clone();
            next += 1;
            let (action, stage, is_guards) = (entry.action.to_string(), entry.stage.to_string(), entry.note.starts_with("guard: "));
            let sent = effect.starts_with("send ");
            assert_eq!(sent, entry.told == Told::About);
            self.write(Line::Written(Box::new(entry)));
            if sent && is_guards {
                self.write(Line::Sent(action, stage));
            }
        }
        self.seen = (from + effects.len(), next);
        if let Some(stand) = self.deck.stand() {
            self.write(Line::Stands(stand));
        }
    }

    /// Time passes, second by second.
    pub fn pass(&mut self, seconds: i64, heard: bool) {
        for _ in 0..seconds {
            self.deck.stage.wait(TimeDelta::seconds(1));
            self.look();
            if heard && self.live {
                self.write(Line::Beat);
                self.deck.stage.hear();
                self.look();
            }
            self.write(Line::Passed);
        }
    }

    pub fn count(&mut self, good: f64, bad: f64) {
        self.deck.counted = [self.deck.counted[0] + good, self.deck.counted[1] + bad];
        let (at, found) = (self.deck.moment(), self.deck.counters());
        self.hand_over(Heard { at, partial: false, found });
    }

    pub fn hand_over(&mut self, heard: Heard) {
        // Nothing is known of a release that is not read.
        if self.deck.stage.state.shown().contains_key(&self.deck.key) {
            self.write(Line::Answer(Box::new(heard.clone())));
        }
        self.deck.hand_over(heard);
        self.look();
    }

    fn asked(&mut self, about: &About, way: Way, partial: bool) {
        if let About::Counters(bad) = about {
            self.deck.counted = [self.deck.counted[0] + 20.0, self.deck.counted[1] + bad];
        }
        if !self.deck.metrics || !self.deck.stage.state.shown().contains_key(&self.deck.key) {
            return;
        }
        let late = if let Way::Late(seconds) = way { TimeDelta::seconds(seconds) } else { TimeDelta::zero() };
        let now = self.deck.moment();
        for found in self.found(about) {
            let heard = Heard { at: now - late, partial, found };
            match way {
                Way::Held => self.held.push(heard),
                Way::Lost => {}
                Way::Now | Way::Late(_) => self.hand_over(heard),
            }
        }
    }

    fn found(&self, about: &About) -> Vec<Found> {
        let picked = |windows: &u8| {
            let windows = *windows;
            WINDOWS.into_iter().zip(0..).filter(move |(_, bit)| windows >> bit & 1 == 1).map(|(window, _)| window)
        };
        let promise = || "availability".into();
        match about {
            About::Counters(_) => vec![self.deck.counters()],
            About::Sample(age) => vec![Found::Fresh(self.deck.stage.now - TimeDelta::seconds(*age), Duration::from_secs(15))],
            About::Windows(times, windows) => picked(windows).map(|window| self.deck.window(*times, window)).collect(),
            About::Ratios(times, windows) => picked(windows)
                .map(|window| Found::Ratio { promise: promise(), window: Duration::from_secs(window), value: times / 1000.0 })
                .collect(),
            About::Rows(times) => [300, 3600]
                .map(|window| {
                    let row = |hash: &str| (hash.into(), 1000.0, *times);
                    Found::Row(Duration::from_secs(window), vec![row("8d486854c"), row("58f47d68c4")])
                })
                .to_vec(),
            About::Recorded => vec![Found::Recorded { promise: promise(), series: "left".into(), is_remaining: true, value: -1.0 }],
            About::Alerts => {
                let since = self.deck.stage.now;
                vec![Found::Alerts(vec![Alert { name: "burns".into(), severity: "page".into(), since }])]
            }
        }
    }

    fn happens(&mut self, op: &Op) {
        match op {
            Op::Pass(seconds) => return self.pass(*seconds, true),
            Op::Silence(seconds) => return self.pass(*seconds, false),
            Op::Asked(about, way, partial) => return self.asked(about, *way, *partial),
            Op::Comes(which) if !self.held.is_empty() => {
                let heard = self.held.remove(which % self.held.len());
                return self.hand_over(heard);
            }
            Op::Metrics(live) => {
                self.write(Line::Metrics(*live));
                self.deck.link(*live);
            }
            Op::Link(true) if !self.live => {
                self.live = true;
                self.write(Line::Link(true));
                if std::mem::take(&mut self.unseen.0) {
                    self.write(Line::Over);
                }
                if let Some(failing) = self.unseen.1.take() {
                    self.write(Line::Failing(failing));
                }
                self.deck.stage.link(LinkState::Live);
            }
            Op::Link(false) if self.live => {
                self.live = false;
                self.write(Line::Link(false));
                self.deck.stage.lose("no route", 5);
            }
            Op::Relist(pods) => self.deck.stage.install(if *pods { Kind::Pod } else { Kind::Rollout }),
            Op::Crash(failing) => {
                if self.live {
                    self.write(Line::Failing(*failing))
                } else {
                    self.unseen.1 = Some(*failing)
                }
                crash(&mut self.deck, *failing);
            }
            Op::Done(deed) => {
                if deed.is_the_end() {
                    if self.live || !deed.is_on_the_cluster() { self.write(Line::Over) } else { self.unseen.0 = true }
                }
                deed.done(&mut self.deck);
            }
            Op::Comes(_) | Op::Link(_) => {}
        }
        self.look();
    }
}

/// Whatever is lost, late, partial or interfered with: it acts on fresh and whole data alone, at most once, and each turn of it is in the
/// journal. And where nothing stands in its way it does act.
#[test]
fn it_acts_on_fresh_whole_data_alone_at_most_once_and_always_leaves_a_line() {
    let config = ProptestConfig { cases: 160, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let ends: RefCell<BTreeMap<String, usize>> = RefCell::default();
    let lived = runner.run(&(terms(), answers(), prop::collection::vec(op(), 1..70)), |(terms, (send, dry_run), ops)| {
        let mut life = Life::begin(&terms);
        (life.deck.stage.answers.send, life.deck.stage.answers.dry_run) = (send.to_owned(), dry_run.to_owned());
        for op in &ops {
            life.happens(op);
        }
        let wrongs = life.case.wrongs();
        prop_assert!(wrongs.is_empty(), "{}", told(&life.case, &wrongs));
        let end = match life.deck.stand() {
            Some(Stand::Fired { cause, .. }) => {
                let why = ["FAIL", "burns", "pod", "requests failed"].into_iter().find(|why| cause.contains(why)).unwrap();
                format!("{} because {why}", terms.intent.verb().words())
            }
            Some(Stand::Disarmed { .. }) => "disarmed".to_owned(),
            _ => "armed".to_owned(),
        };
        *ends.borrow_mut().entry(end).or_default() += 1;
        Ok(())
    });
    lived.unwrap_or_else(|why| panic!("{why}"));
    let ends = ends.into_inner();
    // Each cause and each intent was met, and so was every other end.
    for met in ["FAIL", "burns", "pod", "requests failed", "pause", "abort", "roll back", "disarmed", "armed"] {
        assert!(ends.iter().any(|(end, times)| end.contains(met) && *times > 0), "{met}: {ends:?}");
    }
}

/// The lines before the first that is wrong.
fn told(case: &Case, wrongs: &[(usize, crate::trace::Wrong)]) -> String {
    let at = wrongs.first().map_or(0, |(at, _)| *at);
    let began = case.lines.first().map(|(when, _)| *when).unwrap_or_default();
    let lines: Vec<String> = case.lines[..=at]
        .iter()
        .map(|(when, line)| {
            let line = match line {
                Line::Answer(heard) => format!("answer of {} partial {} {:?}", heard.at - began, heard.partial, heard.found),
                Line::Written(entry) => format!("written {:?} {} {}", entry.told, entry.effect, entry.note),
                other => format!("{other:?}"),
            };
            format!("{} {line}", when.signed_duration_since(began))
        })
        .collect();
    format!("{wrongs:?}\n{}\n{}", case.terms.words(), lines[lines.len().saturating_sub(60)..].join("\n"))
}

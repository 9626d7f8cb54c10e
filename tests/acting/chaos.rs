//! Two cockpits, everybody else, a link that loses things, a disk that is full at times and a controller that takes its time: thousands of
//! random steps on one thread, the same ones each time, and afterwards the questions of `trace.rs`. Then everybody else falls silent, and what a
//! plan says the new version will get is what it gets.

use std::collections::BTreeMap;
use std::sync::Arc;

use flightdeck::app::{Asks, Event, Progress};
use flightdeck::cluster::{Pace, Target, connect};
use flightdeck::demo::store::Part;
use flightdeck::engines;
use flightdeck::objects::Kind;
use flightdeck::ports::Generation;
use flightdeck::release::Release;
use flightdeck::release::acting::{Intent, RollBack};
use serde_json::{Value, json};

use crate::embedded::Embedded;
use crate::flight::{image, meddle};
use crate::lab::{canary, deployment_text, rollout_text, routed_with};
use crate::replica::Replica;
use crate::seat::{Fate, Seat};
use crate::trace::{Case, Line, Tape, of};

/// Random steps of one life.
const STEPS: usize = 600;

fn intents(at: &Embedded) -> Vec<Intent> {
    vec![
        Intent::Advance,
        Intent::Resume,
        Intent::Skip,
        Intent::PromoteFull,
        Intent::Pause,
        Intent::Abort,
        Intent::Retry,
        Intent::Restart(at.cluster.now()),
        Intent::RollBack(RollBack::default()),
        Intent::RollBack(RollBack { to: None, at_once: true }),
        Intent::SetImage(vec![("*".into(), format!("registry.example/web:{}", at.cluster.now().timestamp() % 7).into())]),
        Intent::Terminate(None),
        Intent::Switch,
    ]
}

/// Somebody else writes.
fn other(at: &Embedded, kind: Kind, rng: &mut fastrand::Rng) -> Box<dyn FnOnce()> {
    let (cluster, what, n) = (at.cluster.clone(), rng.u8(..7), rng.u32(..));
    let tag = format!("x{}", n % 5);
    Box::new(move || match what {
        0 => meddle(&cluster, kind, Part::Main, |o| {
            o["spec"]["template"]["spec"]["containers"][0]["image"] = json!(format!("registry.example/web:{tag}"));
        }),
        1 => meddle(&cluster, kind, Part::Main, |o| o["spec"]["paused"] = json!(o["spec"]["paused"] != true)),
        2 if kind == Kind::Rollout => meddle(&cluster, kind, Part::Status, |o| o["status"]["abort"] = json!(true)),
        3 if kind == Kind::Rollout => meddle(&cluster, kind, Part::Status, |o| o["status"]["pauseConditions"] = Value::Null),
        4 if kind == Kind::Rollout => meddle(&cluster, kind, Part::Status, |o| o["status"]["promoteFull"] = json!(true)),
        _ => meddle(&cluster, kind, Part::Main, |o| o["metadata"]["annotations"]["touched"] = json!(n.to_string())),
    })
}

fn fate(at: &Embedded, kind: Kind, rng: &mut fastrand::Rng) -> Fate {
    match rng.u8(..20) {
        0 => Fate::LoseRequest,
        1 => Fate::LoseAnswer,
        2 => Fate::Hold,
        3 => Fate::HoldAnswer,
        4 => Fate::Refuse([403, 422, 429][rng.usize(..3)]),
        5..8 => Fate::Before(other(at, kind, rng)),
        _ => Fate::Deliver,
    }
}

/// Every intent in this state: what it aims at is not so already, or it is refused in words with a way out.
fn every_plan(at: &Embedded, kind: Kind, replica: &mut Replica) {
    replica.fetch(&at.cluster);
    replica.up_to(replica.newest());
    let Some((world, now)) = replica.release(&of(kind)) else { return };
    for intent in intents(at) {
        match engines::plan(&world, &now, &intent) {
            Ok(change) => {
                assert!(!change.effect.is_empty() && !change.stages.is_empty(), "{intent:?}");
                let met = change.stages.iter().all(|stage| stage.goal.met(&now));
                assert!(!met, "{intent:?} aims at what is so already: {:#?}\n{:#?}", change.stages, now.control);
                if let Some(first) = change.stages.first() {
                    let broken: Vec<_> = first.premises.iter().filter(|premise| !premise.holds(&now)).collect();
                    assert!(broken.is_empty(), "{intent:?} rests on what is not so: {broken:?}");
                }
            }
            Err(refusal) => {
                assert!(!refusal.why.trim().is_empty() && !refusal.instead.trim().is_empty(), "{intent:?}: {refusal:?}");
            }
        }
    }
}

/// Confirms the plan on screen as a person does.
pub fn confirm(seat: &mut Seat) {
    let typed = seat.session.state.plan().is_some_and(|open| matches!(open.asks(), Asks::Name(_)));
    if typed {
        "web".chars().for_each(|c| seat.press(&c.to_string()));
        seat.press("enter");
    } else {
        seat.press("y");
    }
}

/// What the new version has where nothing is being released any more: everything, or nothing. The new version is the one that was being
/// released when the plan was made, or the one that the action began.
fn without_headline(intent: &Intent, begun: &Release, now: &Release) -> f64 {
    let (was, is) = (&begun.control.new_hash, &now.control.new_hash);
    // A template that was changed under a pause has no version yet.
    let all = if matches!(intent, Intent::SetImage(_)) { !is.is_empty() && was != is } else { was.is_empty() || was == is };
    if all { 1.0 } else { 0.0 }
}

/// A release, two cockpits on it, and chance.
pub struct Life {
    pub at: Embedded,
    kind: Kind,
    rng: fastrand::Rng,
    pub seats: [Seat; 2],
    tape: Tape,
    /// As the cluster was when it began, and what has changed since.
    pub replica: Replica,
    visited: Replica,
}

impl Life {
    pub async fn begin(seed: u64, kind: Kind, text: &str) -> Self {
        let at = Embedded::open(text).await;
        let (tx, mut heard) = tokio::sync::mpsc::channel(1024);
        let quiet = Pace { heartbeat: std::time::Duration::from_secs(3_600), ..Pace::default() };
        let link = connect(Target { inline: Some(at.server.kubeconfig()), pace: quiet, ..Target::default() }, Generation(0), tx);
        let server = Arc::new(link.writer());
        while !matches!(heard.recv().await.unwrap().1, flightdeck::ports::ClusterEvent::Link(flightdeck::ports::LinkState::Live)) {}
        // It lives as long as the test does: only what it writes with is wanted.
        std::mem::forget((link, heard));
        let tape = Tape::default();
        let (replica, visited) = (Replica::of(&at.cluster), Replica::of(&at.cluster));
        let seats = [Seat::open(0, &at, kind, server.clone(), &tape).await, Seat::open(1, &at, kind, server, &tape).await];
        Self { at, kind, rng: fastrand::Rng::with_seed(seed), seats, tape, replica, visited }
    }

    async fn step(&mut self) {
        let (at, kind, rng) = (&self.at, self.kind, &mut self.rng);
        let seat = &mut self.seats[rng.usize(..2)];
        match rng.u8(..100) {
            0..25 => {
                let all = intents(at);
                let intent = all[rng.usize(..all.len())].clone();
                seat.session.feed(Event::Asked(Box::new((of(kind), intent, "why".to_owned()))));
                if rng.bool() {
                    seat.settle(&mut |_| fate(at, kind, rng)).await;
                    seat.draw();
                    confirm(seat);
                }
            }
            // With no frame before it, at times: then it counts for nothing.
            25..45 => {
                if rng.u8(..4) > 0 {
                    seat.draw();
                }
                confirm(seat);
            }
            45..48 => seat.press("esc"),
            48..53 => {
                seat.press("W");
                seat.settle(&mut |_| fate(at, kind, rng)).await;
                seat.draw();
                confirm(seat);
            }
            53..60 => seat.let_go().await,
            60..68 => other(at, kind, rng)(),
            68..71 => {
                let up = rng.u8(..3) > 0;
                seat.link(up);
            }
            71..74 => seat.disk(rng.u8(..3) == 0),
            74..81 => at.run(rng.i64(1..40)),
            81..89 => at.run(rng.i64(40..4_000)),
            89..92 => at.run(rng.i64(4_000..45_000)),
            _ => every_plan(at, kind, &mut self.visited),
        }
        // Sometimes a cockpit has heard everything, sometimes it lags.
        for seat in &mut self.seats {
            if rng.u8(..3) == 0 {
                seat.hear(Some(rng)).await
            } else {
                seat.hear(None).await
            }
            seat.session.feed(Event::Tick);
            seat.settle(&mut |_| fate(at, kind, rng)).await;
        }
    }

    /// Time passes, nobody else writes, and everything is heard.
    pub async fn calm(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.at.run(1_000);
            for seat in &mut self.seats {
                seat.link(true);
                seat.disk(false);
                seat.let_go().await;
                seat.hear(None).await;
                seat.session.feed(Event::Tick);
                seat.settle(&mut |_| Fate::Deliver).await;
            }
        }
    }

    /// One action that nobody disturbs: what its plan says the new version gets is what it gets, or it says what kept it from that.
    async fn undisturbed(&mut self, intent: Intent) -> bool {
        let kind = self.kind;
        let seat = &mut self.seats[0];
        seat.session.feed(Event::Asked(Box::new((of(kind), intent.clone(), "why".to_owned()))));
        seat.settle(&mut |_| Fate::Deliver).await;
        seat.draw();
        let begun = seat.session.state.shown()[&of(kind)].clone();
        let Some(Ok(change)) = seat.session.state.plan().map(|open| open.planned.clone()) else {
            seat.press("esc");
            return false;
        };
        confirm(seat);
        seat.settle(&mut |_| Fate::Deliver).await;
        let Some(action) = seat.session.state.action_on(&of(kind)).map(|one| one.action.to_string()) else { return false };
        let mut seen = Vec::new();
        for _ in 0..180 {
            self.calm(1).await;
            let seat = &self.seats[0];
            let release = &seat.session.state.shown()[&of(kind)];
            let headline = release.exposure.headline.as_ref().map(|share| share.value);
            let share = headline.unwrap_or_else(|| without_headline(&intent, &begun, release));
            if seen.last() != Some(&share) {
                seen.push(share);
            }
            let reached = change.exposed.after.is_none_or(|after| seen.iter().any(|share| (share - after).abs() < 0.011));
            match &seat.actions[&action].progress {
                Progress::Done { .. } if reached => return true,
                Progress::Ended { .. } | Progress::Alarm { .. } => return true,
                _ => {}
            }
        }
        let progress = &self.seats[0].actions[&action].progress;
        let release = &self.seats[0].session.state.shown()[&of(kind)];
        panic!(
            "{intent:?} kept until {:?} promised {:?}: {}\nand the new version got {seen:?}, {progress:?}\nfrom {:#?} {:#?} {:?}\nto {:#?} {:#?} {:?} {:?}\n{change:#?}",
            begun.versions.iter().filter_map(|version| version.scale_down_at).collect::<Vec<_>>(),
            change.exposed,
            change.effect,
            begun.control,
            begun.position,
            begun.phase,
            release.control,
            release.position,
            release.phase,
            release.message,
        );
    }

    pub fn trace(&mut self) -> Case {
        self.replica.fetch(&self.at.cluster);
        let actions = self.seats.iter().flat_map(|seat| &seat.actions);
        let confirmed: BTreeMap<_, _> = actions.map(|(action, running)| (action.clone(), running.change.clone())).collect();
        Case { lines: self.tape.lines(), confirmed, key: of(self.kind) }
    }
}

/// Lives a life and judges it. Gives how many writes left, how many landed, and how many flights were undisturbed.
async fn life(seed: u64, kind: Kind, text: &str) -> (usize, usize, usize) {
    let (case, flown) = lived(seed, kind, text).await;
    let left = case.lines.iter().filter(|line| matches!(line, Line::Left { .. })).count();
    let landed = case.lines.iter().filter(|line| matches!(line, Line::Landed { .. })).count();
    (left, landed, flown)
}

async fn lived(seed: u64, kind: Kind, text: &str) -> (Case, usize) {
    let mut life = Life::begin(seed, kind, text).await;
    image(&life.at, kind, "2.0");
    for _ in 0..STEPS {
        life.step().await;
    }
    life.calm(160).await;
    let mut flown = 0;
    for _ in 0..24 {
        let all = intents(&life.at);
        let intent = all[life.rng.usize(..all.len())].clone();
        flown += usize::from(life.undisturbed(intent).await);
    }
    for seat in &mut life.seats {
        seat.session.feed(Event::Leaving);
        seat.settle(&mut |_| Fate::Deliver).await;
    }
    let case = life.trace();
    let wrongs = case.wrongs(&mut life.replica);
    if let Some((n, wrong)) = wrongs.first() {
        panic!("seed {seed}: {wrong:?} at line {n}, of {wrongs:?}\n{}", told(&case, *n, 30));
    }
    (case, flown)
}

/// The lines from that one on, short.
pub fn told(case: &Case, from: usize, most: usize) -> String {
    let short = |(n, line): (usize, &Line)| match line {
        Line::Shown { seat, change } => format!("{n} {seat} shown {:?}", change.intent),
        Line::Written { seat, entry } => {
            format!("{n} {seat} {} {:?} {} {}{}", entry.action, entry.told, entry.stage, entry.answer, entry.effect)
        }
        Line::NoRoom { seat, entry } => format!("{n} {seat} {} {:?} finds no room", entry.action, entry.told),
        Line::Left { seat, request } => format!("{n} {seat} left {}", request.body),
        Line::Landed { of, on } => format!("{n} landed {of} on {on}"),
        Line::Heard { of, answer } => format!("{n} heard {of} {answer:?}"),
    };
    case.lines.iter().enumerate().skip(from).take(most).map(short).collect::<Vec<_>>().join("\n")
}

async fn lives(seeds: std::ops::Range<u64>, kind: Kind, text: &str) {
    let (mut left, mut landed, mut flown) = (0, 0, 0);
    for seed in seeds {
        let (l, d, f) = life(seed, kind, text).await;
        left += l;
        landed += d;
        flown += f;
    }
    // A test in which nothing is sent proves nothing.
    assert!(landed >= 30 && left > landed && flown >= 4, "{left} left, {landed} landed, {flown} undisturbed");
}

const CANARY: &str =
    "{ setWeight = 25 }, { pause = {} }, { setWeight = 50 }, { pause = { duration = \"20s\" } }, { setWeight = 75 }, { pause = {} }";

const BLUE_GREEN: &str = "services = [\"web-active\", \"web-preview\"]\n[workload.strategy.blueGreen]\nactiveService = \"web-active\"\npreviewService = \"web-preview\"\nautoPromotionEnabled = false\nscaleDownDelaySeconds = 60";

/// A controller that is restarted now and then, and misses a promote.
const LAPSES: &str = "[[controller-fault]]\nat = \"20s\"\nfor = \"15s\"\nkind = \"away\"\n[[controller-fault]]\nat = \"50s\"\nfor = \"5m\"\nkind = \"miss-promote\"\n[[controller-fault]]\nat = \"3m\"\nfor = \"10s\"\nkind = \"away\"\n";

#[tokio::test]
async fn a_canary_in_random_steps() {
    lives(1..4, Kind::Rollout, &canary(CANARY)).await;
}

#[tokio::test]
async fn a_routed_canary_in_random_steps_whose_controller_is_away_at_times() {
    lives(11..14, Kind::Rollout, &routed_with(CANARY, LAPSES)).await;
}

#[tokio::test]
async fn a_blue_green_release_in_random_steps() {
    lives(21..24, Kind::Rollout, &rollout_text("", BLUE_GREEN, LAPSES)).await;
}

#[tokio::test]
async fn a_deployment_in_random_steps() {
    lives(31..34, Kind::Deployment, &deployment_text("")).await;
}

#[tokio::test]
async fn a_life_is_the_same_each_time() {
    let text = canary(CANARY);
    let ((one, _), (two, _)) = (lived(5, Kind::Rollout, &text).await, lived(5, Kind::Rollout, &text).await);
    assert_eq!(told(&one, 0, usize::MAX), told(&two, 0, usize::MAX));
}

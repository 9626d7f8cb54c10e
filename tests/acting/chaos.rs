//! Two cockpits, everybody else, a link that loses things and a controller that takes its time: thousands of random steps, and afterwards three
//! questions. Did anything land on a state in which its premises did not hold? Did anything land twice? Is every line in the journal?

use std::collections::{BTreeMap, BTreeSet};

use flightdeck::app::{Event, Running};
use flightdeck::demo::store::Part;
use flightdeck::engines;
use flightdeck::objects::Kind;
use flightdeck::ports::journal::{Entry, Told};
use flightdeck::release::acting::{Intent, RollBack, Stage};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::embedded::Embedded;
use crate::flight::{Flight, image, meddle, release};
use crate::flights::deployment_text;
use crate::front::{Asked, Trick, Which};
use crate::lab::{canary, rollout_text, routed};
use crate::replica::Replica;

/// Random steps of one life.
const STEPS: usize = 300;

/// One cockpit, and every action it ever confirmed.
struct Seat {
    flight: Flight,
    actions: BTreeMap<String, Running>,
    held: Vec<oneshot::Sender<()>>,
}

impl Seat {
    async fn at(at: &Embedded, kind: Kind) -> Self {
        Self { flight: Flight::board(at, kind).await, actions: BTreeMap::new(), held: Vec::new() }
    }

    fn note(&mut self) {
        for one in self.flight.session.state.actions() {
            self.actions.insert(one.action.to_string(), one.clone());
        }
    }

    /// What is heard by now, and no waiting for the rest.
    fn hear_some(&mut self) {
        self.flight.session.drain();
        self.note();
    }

    async fn hear(&mut self) {
        self.flight.hear().await;
        self.flight.session.feed(Event::Tick);
        self.note();
    }
}

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
fn other(at: &Embedded, kind: Kind, rng: &mut fastrand::Rng) -> Box<dyn FnOnce() + Send> {
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

fn trick(at: &Embedded, kind: Kind, seat: &mut Seat, rng: &mut fastrand::Rng) {
    let which = if rng.u8(..4) == 0 { Which::DryRun } else { Which::Write };
    let trick = match rng.u8(..6) {
        0 => Trick::LoseRequest,
        1 => Trick::LoseAnswer,
        2 => {
            let (go, held) = oneshot::channel();
            seat.held.push(go);
            Trick::Hold(held)
        }
        3 => {
            let (go, held) = oneshot::channel();
            seat.held.push(go);
            Trick::HoldAnswer(held)
        }
        _ => Trick::Before(other(at, kind, rng)),
    };
    seat.flight.front.trick(which, trick);
}

/// Every intent in this state: what it aims at is not so already, or it is refused in words with a way out.
fn every_plan(at: &Embedded, kind: Kind, replica: &mut Replica) {
    replica.fetch(&at.cluster);
    replica.up_to(replica.newest());
    let Some((world, now)) = replica.release(&release(kind)) else { return };
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

/// Lets time pass. The embedded controller writes status without end where what is done is paused by hand: then somebody ends that pause.
fn pass(at: &Embedded, kind: Kind, millis: i64) {
    for slice in (0..millis).step_by(500) {
        let before = at.cluster.revision();
        at.run((millis - slice).min(500));
        if at.cluster.revision() - before > 200 {
            meddle(&at.cluster, kind, Part::Main, |o| o["spec"]["paused"] = json!(false));
        }
    }
}

async fn life(seed: u64, kind: Kind, text: &str) -> (usize, usize) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let at = Embedded::open(text).await;
    let mut replica = Replica::of(&at.cluster);
    let mut visited = Replica::of(&at.cluster);
    let mut seats = [Seat::at(&at, kind).await, Seat::at(&at, kind).await];
    image(&at, kind, "2.0");
    for _ in 0..STEPS {
        let seat = &mut seats[rng.usize(..2)];
        match rng.u8(..100) {
            0..25 => {
                let all = intents(&at);
                let intent = all[rng.usize(..all.len())].clone();
                seat.flight.session.feed(Event::Asked(Box::new((release(kind), intent, "why".to_owned()))));
                if rng.bool() {
                    seat.hear().await;
                    seat.flight.session.feed(Event::Confirmed);
                }
            }
            25..45 => drop(seat.flight.session.feed(Event::Confirmed)),
            45..48 => drop(seat.flight.session.feed(Event::Key(flightdeck::keys::Chord::parse("esc").unwrap()))),
            48..53 => {
                seat.flight.session.feed(Event::Key(flightdeck::keys::Chord::parse("W").unwrap()));
                seat.hear().await;
                seat.flight.session.feed(Event::Confirmed);
            }
            53..61 => trick(&at, kind, seat, &mut rng),
            61..67 => seat.held.clear(),
            67..75 => other(&at, kind, &mut rng)(),
            75..78 => seat.flight.front.down(rng.u8(..3) == 0),
            78..84 => pass(&at, kind, rng.i64(1..40)),
            84..90 => pass(&at, kind, rng.i64(40..4_000)),
            90..92 => pass(&at, kind, rng.i64(4_000..45_000)),
            _ => every_plan(&at, kind, &mut visited),
        }
        // Sometimes a cockpit has heard everything, sometimes it lags.
        for seat in &mut seats {
            seat.note();
            if rng.u8(..3) == 0 { seat.hear_some() } else { seat.hear().await }
        }
    }
    for seat in &mut seats {
        seat.held.clear();
        seat.flight.front.down(false);
        seat.flight.wait("the link", |f| f.session.state.connection().is_live()).await;
    }
    for _ in 0..40 {
        pass(&at, kind, 4_000);
        for seat in &mut seats {
            seat.held.clear();
            seat.hear().await;
        }
    }
    for seat in &mut seats {
        seat.note();
        seat.flight.session.feed(Event::Leaving);
        seat.hear().await;
        seat.flight.session.flush().await;
    }
    replica.fetch(&at.cluster);
    judge(seed, kind, &seats, &mut replica)
}

/// The action and the stage a write belongs to, by the line that was on disk when it arrived.
fn belongs<'a>(seats: &'a [Seat; 2], whose: usize, one: &Asked) -> (&'a Running, &'a Stage, usize, Entry) {
    let about = one.journal.iter().rev().find(|entry| entry.told == Told::About && entry.patch == one.body);
    let about = about.unwrap_or_else(|| panic!("nothing in the journal of this before it arrived: {one:#?}"));
    let running = &seats[whose].actions[about.action.as_str()];
    let stages = &running.change.stages;
    let at = if about.stage.is_empty() { Some(0) } else { stages.iter().position(|stage| stage.name == about.stage) };
    let at = at.unwrap_or_else(|| panic!("no stage {} in {:#?}", about.stage, running.change));
    (running, &stages[at], at, about.clone())
}

/// The three questions. Gives how many writes left, and how many landed.
fn judge(seed: u64, kind: Kind, seats: &[Seat; 2], replica: &mut Replica) -> (usize, usize) {
    let mut landed: Vec<(usize, Asked)> = Vec::new();
    let mut left = 0;
    for (whose, seat) in seats.iter().enumerate() {
        left += seat.flight.writes().len();
        landed.extend(seat.flight.front.landed().into_iter().map(|one| (whose, one)));
    }
    landed.sort_by_key(|(_, one)| one.version);
    let mut done = BTreeSet::new();
    for (whose, one) in &landed {
        let (running, stage, at, about) = belongs(seats, *whose, one);
        assert!(done.insert((about.action.clone(), at)), "seed {seed}: landed twice: {one:#?}");
        let write = stage.write.as_ref().unwrap();
        let version = one.version.unwrap();
        let guard = one.body["metadata"]["resourceVersion"].as_str().or_else(|| one.body[1]["value"].as_str()).unwrap();
        assert_eq!(write.guarded(&guard.into()), one.body, "seed {seed}: what was sent is what was planned");
        // A write that changes nothing leaves the version as it was; what it landed on is that version.
        let before = if guard == version.to_string() { version } else { version - 1 };
        replica.up_to(before);
        let (_, was) = replica.release(&release(kind)).expect("it was there");
        let broken: Vec<_> = stage.premises.iter().filter(|premise| !premise.holds(&was)).collect();
        assert!(
            broken.is_empty(),
            "seed {seed}: {} {:?} landed where {broken:?} did not hold\nsent {}\ncontrol {:#?}\nposition {:?}",
            running.change.intent.verb(),
            stage.name,
            one.body,
            was.control,
            was.position,
        );
    }
    for seat in seats {
        let journal = seat.flight.journal();
        for (n, about) in journal.iter().enumerate().filter(|(_, entry)| entry.told == Told::About) {
            let after: Vec<Told> = journal[n + 1..].iter().filter(|entry| entry.action == about.action).map(|entry| entry.told).collect();
            let answered = after.first() == Some(&Told::Answer);
            // A session that is left while a request is under way has no answer to tell.
            let left = after.first() == Some(&Told::Unsent);
            assert!(answered || left, "seed {seed}: no answer after {about:#?}\n{after:?}");
            let action = &seat.actions[about.action.as_str()];
            let refused = matches!(&action.progress, flightdeck::app::Progress::Ended { .. });
            let ended = after.iter().any(|told| matches!(told, Told::Effect | Told::Unsent)) || refused;
            assert!(ended, "seed {seed}: no outcome after {about:#?}\n{after:?} {:?}", action.progress);
        }
        let written: BTreeSet<String> = journal.iter().map(|entry| entry.action.to_string()).collect();
        for one in seat.flight.writes() {
            let about = one.journal.iter().rev().find(|entry| entry.told == Told::About && entry.patch == one.body);
            assert!(about.is_some_and(|about| written.contains(about.action.as_str())), "seed {seed}: {one:#?}");
        }
    }
    (left, landed.len())
}

async fn lives(seeds: std::ops::Range<u64>, kind: Kind, text: &str) {
    let (mut left, mut landed) = (0, 0);
    for seed in seeds {
        let (l, d) = life(seed, kind, text).await;
        left += l;
        landed += d;
    }
    // A test in which nothing is sent proves nothing.
    assert!(landed >= 8 && left >= landed, "{left} left, {landed} landed");
}

const CANARY: &str =
    "{ setWeight = 25 }, { pause = {} }, { setWeight = 50 }, { pause = { duration = \"20s\" } }, { setWeight = 75 }, { pause = {} }";

const BLUE_GREEN: &str = "services = [\"web-active\", \"web-preview\"]\n[workload.strategy.blueGreen]\nactiveService = \"web-active\"\npreviewService = \"web-preview\"\nautoPromotionEnabled = false\nscaleDownDelaySeconds = 60";

#[ignore = "takes a minute; the order of things is the machine's, so it is run on request"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_in_thousands_of_random_steps() {
    lives(1..4, Kind::Rollout, &canary(CANARY)).await;
}

#[ignore = "takes a minute; the order of things is the machine's, so it is run on request"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_routed_canary_in_random_steps() {
    lives(11..14, Kind::Rollout, &routed(CANARY)).await;
}

#[ignore = "takes minutes: in some of these lives the embedded controller writes without end"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blue_green_release_in_random_steps() {
    lives(21..24, Kind::Rollout, &rollout_text("", BLUE_GREEN, "")).await;
}

#[ignore = "takes a minute; the order of things is the machine's, so it is run on request"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_in_random_steps() {
    lives(31..34, Kind::Deployment, &deployment_text("")).await;
}

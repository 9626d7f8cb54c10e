//! What may happen in a life of the guard: times, answers and how they come, links, pods and people, in any order.
//! Chooses alone: what it does to the deck is in `lives.rs` and `deeds.rs`.

use flightdeck::app::guard::Terms;
use proptest::prelude::*;

use crate::deeds::{ALL, Deed};

/// What an answer is about.
#[derive(Debug, Clone)]
pub enum About {
    Counters(f64),
    /// The newest sample is so many seconds old.
    Sample(i64),
    /// So many times the budget, over these windows: by queries, by what a rule keeps, by the board's rows.
    Windows(f64, u8),
    Ratios(f64, u8),
    Rows(f64),
    /// What no condition waits for.
    Recorded,
    Alerts,
}

/// How it comes.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    Now,
    /// So many seconds after it was worked out.
    Late(i64),
    /// Some time, after others.
    Held,
    Lost,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Op {
    Pass(i64),
    Silence(i64),
    Asked(About, Way, bool),
    /// What was held comes.
    Comes(usize),
    Metrics(bool),
    Link(bool),
    Relist(bool),
    Crash(bool),
    Done(Deed),
}

fn about() -> impl Strategy<Value = About> {
    let times = prop_oneof![0.0..9.0_f64, 11.0..40.0_f64];
    let windows = || prop_oneof![2 => Just(15_u8), 1 => 1..16_u8];
    prop_oneof![
        8 => (0.0..14.0_f64).prop_map(|bad| About::Counters(bad.floor())),
        1 => prop_oneof![0..40_i64, 80..200_i64].prop_map(About::Sample),
        5 => (times.clone(), windows()).prop_map(|(times, windows)| About::Windows(times, windows)),
        1 => (times.clone(), windows()).prop_map(|(times, windows)| About::Ratios(times, windows)),
        2 => times.prop_map(About::Rows),
        1 => Just(About::Recorded),
        1 => Just(About::Alerts),
    ]
}

pub fn op() -> impl Strategy<Value = Op> {
    let way = prop_oneof![6 => Just(Way::Now), 2 => (1..300_i64).prop_map(Way::Late), 2 => Just(Way::Held), 1 => Just(Way::Lost)];
    prop_oneof![
        7 => (1..14_i64).prop_map(Op::Pass),
        1 => (1..14_i64).prop_map(Op::Silence),
        14 => (about(), way, prop::bool::weighted(0.2)).prop_map(|(about, way, partial)| Op::Asked(about, way, partial)),
        3 => any::<usize>().prop_map(Op::Comes),
        1 => prop::bool::weighted(0.7).prop_map(Op::Metrics),
        1 => prop::bool::weighted(0.7).prop_map(Op::Link),
        1 => any::<bool>().prop_map(Op::Relist),
        1 => prop::bool::weighted(0.3).prop_map(Op::Crash),
        1 => prop::sample::select(&ALL[..]).prop_map(Op::Done),
    ]
}

/// Any of the three intents, with any of the conditions joined.
pub fn terms() -> impl Strategy<Value = Terms> {
    let conditions = ["verdict fail", "burn over 10 for 1s", "burn over 10 for 40s", "pods failing", "harmed over 20"];
    let when = prop::sample::subsequence(conditions.to_vec(), 1..=3);
    let intent = prop::sample::select(vec!["pause", "abort", "rollback"]);
    (intent, when).prop_map(|(intent, when)| Terms::parse(&format!("{intent} when {}", when.join(" or "))).unwrap())
}

/// What the server says to the write, and to trying it.
pub fn answers() -> impl Strategy<Value = (&'static str, &'static str)> {
    let send = prop_oneof![4 => Just("accepted"), 1 => Just("silent"), 1 => Just("unknown: it broke"), 1 => Just("refused 403: no")];
    let dry_run = prop_oneof![6 => Just("accepted"), 1 => Just("silent"), 1 => Just("refused 403: no"), 1 => Just("refused 429: busy")];
    (send, dry_run)
}

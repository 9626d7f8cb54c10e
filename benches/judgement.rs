//! The judge over made-up rollouts: how often it fails healthy ones within an hour of watching, and how soon it fails bad ones, beside a
//! threshold on the last minute and a p-value asked again at every look. Seeded: the same table every time.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

#[path = "support/rollouts.rs"]
mod rollouts;

use rollouts::{Seen, World, part, quantile, watch_many};

const RUNS: u64 = 2000;
const RATES: [f64; 4] = [10.0, 50.0, 200.0, 1000.0];

fn main() {
    let runs = std::env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    println!("{runs} rollouts a row, an hour each, looked at every 5 to 15 s; target 99.9 %, healthy versions fail 0.05 %\n");
    healthy(runs);
    println!();
    bad(runs);
}

fn healthy(runs: u64) {
    println!("| healthy rollouts: ever called | FAIL | SUSPECT | PASS | last minute over 2x | p < 0.05 |");
    println!("|---|---|---|---|---|---|");
    let mut rows: Vec<(String, World)> = RATES.map(|rate| (format!("{rate:.0}/s, 5 to 20 %"), World::healthy(rate))).into();
    rows.push(("200/s, steps 5 to 50 %".into(), World { share: (0.05, 0.5), steps: true, ..World::healthy(200.0) }));
    rows.push(("200/s, errors of both wander 4x".into(), World { wanders: true, ..World::healthy(200.0) }));
    rows.push(("200/s, both fail 0.5 %".into(), World { errors: 0.005, ..World::healthy(200.0) }));
    rows.push((
        "1000/s, both fail 0.5 %, steps 5 to 50 %, wander".into(),
        World { errors: 0.005, share: (0.05, 0.5), steps: true, wanders: true, ..World::healthy(1000.0) },
    ));
    rows.push(("200/s, all of it new, baseline from before".into(), World { alone: true, ..World::healthy(200.0) }));
    for (name, world) in rows {
        let seen = watch_many(world, runs, 7, true);
        let ever = |when: fn(&Seen) -> Option<f64>| percent(part(&seen, |one| when(one).is_some()));
        println!(
            "| {name} | {} | {} | {} | {} | {} |",
            ever(|s| s.failed),
            ever(|s| s.suspected),
            ever(|s| s.passed),
            ever(|s| s.threshold),
            ever(|s| s.repeated)
        );
    }
}

fn bad(runs: u64) {
    println!(
        "| bad rollouts: time to the alarm, half of them (nine of ten) | FAIL | within the hour | PASS after 5 min | SUSPECT | last minute over 2x | p < 0.05 |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (label, times, from, alone) in [
        ("5x from the start", 5.0, 0.0, false),
        ("40x from the start", 40.0, 0.0, false),
        ("5x after half an hour", 5.0, 1800.0, false),
        ("40x after half an hour", 40.0, 1800.0, false),
        ("2x from the start (at the objective)", 2.0, 0.0, false),
        ("5x, baseline from before", 5.0, 0.0, true),
    ] {
        for rate in RATES {
            let seen = watch_many(World { times, from, alone, ..World::healthy(rate) }, runs / 2, 11, true);
            let time = |when: fn(&Seen) -> Option<f64>| {
                let cried = part(&seen, |one| when(one).is_some_and(|at| at < from));
                if cried > 0.5 {
                    return format!("cried before in {}", percent(cried));
                }
                format!("{} ({})", minutes(quantile(&seen, from, 0.5, when)), minutes(quantile(&seen, from, 0.9, when)))
            };
            println!(
                "| {label}, {rate:.0}/s | {} | {} | {} | {} | {} | {} |",
                time(|s| s.failed),
                percent(part(&seen, |one| one.failed.is_some())),
                percent(part(&seen, |one| one.lulled)),
                time(|s| s.suspected),
                time(|s| s.threshold),
                time(|s| s.repeated)
            );
        }
    }
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

fn minutes(time: Option<f64>) -> String {
    match time {
        None => "–".to_owned(),
        Some(time) if time < 90.0 => format!("{time:.0} s"),
        Some(time) => format!("{:.0} min", time / 60.0),
    }
}

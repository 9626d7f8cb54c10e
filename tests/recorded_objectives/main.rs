//! Objectives that a real Prometheus alone knows of, by recording and alerting rules as Sloth and Pyrra generate them, over an hour of the
//! embedded cluster's requests and some live minutes: what the program says is what Prometheus answers, and what truly happened.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

mod compared;
mod firing;
mod program;
#[path = "../prometheus/mod.rs"]
mod prometheus;
mod promised;
mod real;
mod rules;
mod world;

use std::time::{Duration, Instant};

use chrono::Utc;
use compared::Said;
use program::Program;
use real::Prometheus;
use world::World;

/// How long it is scraped: the shortest alert of Pyrra's has to hold for a minute.
const LIVE: Duration = Duration::from_secs(85);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real Prometheus: Debian's prometheus and promtool, and two minutes"]
async fn what_is_shown_of_recorded_objectives_is_what_prometheus_says_and_what_happened() {
    let start = Instant::now();
    let lap = |what: &str| println!("{:6.1} s  {what}", start.elapsed().as_secs_f64());
    let (world, history) = World::lived();
    let now_s = Utc::now().timestamp();
    let page = flightdeck::demo::prometheus::serve::serve(world.cluster.clone(), 0, None).await.unwrap();
    let api = flightdeck::demo::api::serve(world.cluster.clone()).await.unwrap();
    let target = page.url.strip_prefix("http://").unwrap();
    let prometheus = Prometheus::after(&history, world.began_ms / 1000, now_s, target).await;
    lap("Prometheus holds an hour, with what its rules make of it, and scrapes");
    tokio::time::sleep(LIVE).await;
    lap("some minutes were live");

    promised::read_off_the_rules(&prometheus).await;
    let program = Program::new(&prometheus, &api.kubeconfig());
    for wanted in promised::all() {
        let said = Said::of(&program, wanted.workload).await;
        compared::compare(&wanted, &said, &prometheus, &world).await;
        let why = program.snapshot(wanted.workload, "why").await;
        promised::is_told_with_its_places(&wanted, said.only(), &why);
        firing::is_shown(&wanted, &why, &program.snapshot(wanted.workload, "release").await, &prometheus).await;
        lap(wanted.workload);
    }
}

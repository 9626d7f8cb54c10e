//! Objectives that a real Prometheus alone knows of, by recording and alerting rules as Sloth and Pyrra generate them, over an hour of the
//! embedded cluster's requests and some live minutes: what the program says is what Prometheus answers, and what truly happened.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

mod program;
mod real;
mod rules;
#[path = "../promql_against_prometheus/speak.rs"]
#[allow(dead_code, reason = "that test reads more of it")]
mod speak;
mod world;

use std::time::{Duration, Instant};

use chrono::Utc;
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
    lap("an hour is lived");
    let page = flightdeck::demo::prometheus::serve::serve(world.cluster.clone(), 0, None).await.unwrap();
    let api = flightdeck::demo::api::serve(world.cluster.clone()).await.unwrap();
    let target = page.url.strip_prefix("http://").unwrap();
    let prometheus = Prometheus::after(&history, world.began_ms / 1000, now_s, target).await;
    lap("Prometheus holds it, with what its rules make of it, and scrapes");
    tokio::time::sleep(LIVE).await;
    let program = Program::new(&prometheus, &api.kubeconfig());
    lap("some minutes were live");
    for name in ["payments/checkout", "shop/cart", "mail/outbox"] {
        println!("{}", serde_json::to_string_pretty(&program.status(name).await["slo"]).unwrap());
        println!("{}", program.snapshot(name, "why").await);
        println!("{}", program.snapshot(name, "release").await);
        lap(name);
    }
}

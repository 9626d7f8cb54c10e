//! An embedded cluster that has lived for an hour and lives on in real time, with what truly happened in it at every scrape.
//! Nothing in it declares an objective: what is promised stands in the rules of the real Prometheus alone.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::clock::ClockMode;
use flightdeck::demo::cluster::{Cluster, Options};
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;

/// Seconds from one scrape to the next, and from one tick of the requests to the next.
pub const SCRAPE: i64 = 5;
/// Minutes of history.
pub const HISTORY: i64 = 62;

/// A release that fails so much that it pages, one that is a little worse than before, and one that pages slowly.
const SCENARIO: &str = r#"
format = 1
description = "Three releases whose objectives are known to Prometheus alone."
release = "rollout/payments/checkout"
[[node]]
pool = "pool-a"
count = 4
zones = ["eu-central-1a"]

[[workload]]
kind = "rollout"
namespace = "payments"
name = "checkout"
replicas = 5
services = ["checkout-stable", "checkout-canary"]
ingress = "pay.example"
[workload.strategy.canary]
stableService = "checkout-stable"
canaryService = "checkout-canary"
trafficRouting = { nginx = { stableIngress = "checkout" } }
steps = [{ setWeight = 20 }, { pause = {} }, { setWeight = 60 }, { pause = { duration = "10m" } }]
[[workload.version]]
tag = "1.4.2"
at = "-5d"
[[workload.version]]
tag = "1.5.0"
at = "38m"
[[traffic]]
workload = "payments/checkout"
rate = 60.0
errors = 0.002
latency = { median = 35, p99 = 280 }
history = "2m"
[[traffic.fault]]
version = "1.5.0"
errors = 0.5

[[workload]]
kind = "deployment"
namespace = "shop"
name = "cart"
replicas = 3
[[workload.version]]
tag = "4.8.2"
at = "-9d"
[[workload.version]]
tag = "4.9.0"
at = "45m"
[[traffic]]
workload = "shop/cart"
rate = 40.0
errors = 0.002
latency = { median = 45, p99 = 350 }
history = "2m"
[[traffic.fault]]
version = "4.9.0"
errors = 0.006

[[workload]]
kind = "deployment"
namespace = "mail"
name = "outbox"
replicas = 2
[[workload.version]]
tag = "0.9.1"
at = "-9d"
[[workload.version]]
tag = "0.9.2"
at = "35m"
[[traffic]]
workload = "mail/outbox"
rate = 30.0
errors = 0.001
latency = { median = 20, p99 = 90 }
history = "2m"
[[traffic.fault]]
version = "0.9.2"
errors = 0.3
"#;

/// What truly happened of a workload up to a moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    pub all: u64,
    pub bad: u64,
}

type Moments = Vec<(i64, BTreeMap<String, Counted>)>;

/// The cluster and its truth.
pub struct World {
    pub cluster: Arc<Cluster>,
    /// When its history begins, in milliseconds since 1970.
    pub began_ms: i64,
    moments: Arc<Mutex<Moments>>,
}

impl World {
    /// It has lived until now, and goes on. Must be called inside a runtime. Also what its Prometheus would have scraped, as OpenMetrics text.
    pub fn lived() -> (Self, String) {
        let scenario = Scenario::parse("recorded", SCENARIO).unwrap();
        let now = Utc::now();
        let origin = DateTime::from_timestamp(now.timestamp(), 0).unwrap() - TimeDelta::minutes(HISTORY);
        let mut sim = scenario.build(42, origin).unwrap();
        let mut moments: Moments = vec![(origin.timestamp_millis(), counted(&sim))];
        while sim.now() + TimeDelta::seconds(SCRAPE) < Utc::now() {
            let next = sim.now() + TimeDelta::seconds(SCRAPE);
            sim.run_until(next);
            moments.push((next.timestamp_millis(), counted(&sim)));
        }
        let began_ms = origin.timestamp_millis();
        let text = open_metrics(&sim, began_ms);
        let moments = Arc::new(Mutex::new(moments));
        let cluster = Cluster::new(sim, ClockMode::Real, Options::default());
        let (living, noted) = (cluster.clone(), moments.clone());
        tokio::spawn(async move {
            loop {
                let seen = living.read(|sim| (sim.now().timestamp_millis(), counted(sim)));
                noted.lock().unwrap().push(seen);
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
        (Self { cluster, began_ms, moments }, text)
    }

    /// What truly happened of a workload in a stretch of its history (milliseconds since 1970).
    pub fn between(&self, workload: &str, from_ms: i64, to_ms: i64) -> Counted {
        let moments = self.moments.lock().unwrap();
        let at = |ms: i64| {
            let behind = moments.partition_point(|(at, _)| *at <= ms.max(self.began_ms));
            moments[behind - 1].1[workload]
        };
        let (before, after) = (at(from_ms), at(to_ms));
        Counted { all: after.all - before.all, bad: after.bad - before.bad }
    }

    /// Every error ratio that can be told of `window` at a moment: each of its ends may be as far off as the newest scrape is old.
    pub fn ratios(&self, workload: &str, at_ms: i64, window_ms: i64) -> (f64, f64) {
        let late = [0, SCRAPE * 1000, 2 * SCRAPE * 1000];
        let pairs = late.iter().flat_map(|begin| late.iter().map(move |end| (begin, end)));
        let all = pairs.map(|(begin, end)| {
            let seen = self.between(workload, at_ms - window_ms - begin, at_ms - end);
            seen.bad as f64 / seen.all as f64
        });
        all.fold((f64::MAX, f64::MIN), |(least, most), ratio| (least.min(ratio), most.max(ratio)))
    }
}

fn counted(sim: &Sim) -> BTreeMap<String, Counted> {
    let mut all: BTreeMap<String, Counted> = BTreeMap::new();
    for ((workload, _), truth) in sim.traffic.truth().iter() {
        let one = all.entry(workload.clone()).or_default();
        one.all += truth.requests;
        one.bad += truth.failures;
    }
    all
}

/// All samples from a moment on, as `promtool tsdb create-blocks-from openmetrics` reads them.
fn open_metrics(sim: &Sim, from_ms: i64) -> String {
    let mut text = String::new();
    let mut samples = Vec::new();
    for series in sim.series.select(&[]) {
        let labels = series.labels();
        // Whether a target answers is for the one that scrapes to say.
        if labels.get("__name__") == "up" {
            continue;
        }
        let own: Vec<String> =
            labels.pairs().iter().filter(|(name, _)| &**name != "__name__").map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        samples.clear();
        series.read(from_ms, i64::MAX, &mut samples);
        // Counters are numbers: what is none marks a series' end, which the text format can't say.
        for (at, value) in samples.iter().filter(|(_, value)| !value.is_nan()) {
            writeln!(text, "{}{{{}}} {value:e} {}.{:03}", labels.get("__name__"), own.join(","), at / 1000, at % 1000).unwrap();
        }
    }
    text + "# EOF\n"
}

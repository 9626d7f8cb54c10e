//! The requests of the embedded cluster: they follow weights and endpoints, processes forget what they counted, and what Prometheus is
//! asked comes out as what was drawn.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

#[path = "../prometheus/mod.rs"]
mod prometheus;
mod scenarios;
mod scraped;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use flightdeck::demo::clock::origin;
use flightdeck::demo::prometheus::{Answer, Labels, Options, instant};
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{Key, PODS, ROLLOUTS};
use flightdeck::demo::traffic::Truth;

const CHECKOUT: &str = "payments/checkout";

fn built(name: &str) -> Sim {
    Scenario::named(name).unwrap().build(42, origin()).unwrap()
}

fn later(sim: &mut Sim, seconds: i64) {
    sim.run_until(origin() + TimeDelta::seconds(seconds));
}

fn vector(sim: &Sim, query: &str) -> Vec<(Labels, f64)> {
    match instant(&sim.series, query, sim.now().timestamp_millis(), Options::default()).unwrap() {
        Answer::Vector(_, rows) => rows.into_iter().map(|row| (row.labels, row.value)).collect(),
        other => panic!("{query}: {other:?}"),
    }
}

/// The one value of a query.
fn value(sim: &Sim, query: &str) -> f64 {
    let rows = vector(sim, query);
    assert_eq!(rows.len(), 1, "{query}: {rows:?}");
    rows[0].1
}

/// The hashes of the stable and of the new version.
fn versions(sim: &Sim) -> (String, String) {
    let rollout = sim.store.get(&Key::new(ROLLOUTS, "payments", "checkout")).unwrap();
    let text = |field: &str| rollout["status"][field].as_str().unwrap().to_owned();
    (text("stableRS"), text("currentPodHash"))
}

fn weight(sim: &Sim) -> i64 {
    let rollout = sim.store.get(&Key::new(ROLLOUTS, "payments", "checkout")).unwrap();
    rollout["status"]["canary"]["weights"]["canary"]["weight"].as_i64().unwrap_or(0)
}

/// What came between two looks.
fn since(before: Truth, after: Truth) -> Truth {
    Truth { requests: after.requests - before.requests, failures: after.failures - before.failures }
}

fn within(got: f64, wanted: f64, share: f64, what: &str) {
    assert!((got - wanted).abs() <= wanted * share, "{what}: {got} for {wanted}");
}

#[test]
fn ten_minutes_of_a_bad_canary_come_out_as_they_were_drawn() {
    let mut sim = built("bad-canary");
    let (stable, canary) = versions(&sim);
    let both = |sim: &Sim| (sim.traffic.of(CHECKOUT, &stable), sim.traffic.of(CHECKOUT, &canary));
    let before = both(&sim);
    later(&mut sim, 600);
    assert_eq!(weight(&sim), 20, "nothing aborts it");
    let after = both(&sim);
    for (hash, truth) in [(&stable, since(before.0, after.0)), (&canary, since(before.1, after.1))] {
        let of = |extra: &str| {
            let pods = format!("namespace=\"payments\",pod=~\"checkout-{hash}-.*\"{extra}");
            value(&sim, &format!("sum(increase(http_requests_total{{{pods}}}[10m]))"))
        };
        within(of(""), truth.requests as f64, 0.02, hash);
        within(of(",code=\"500\""), truth.failures as f64, 0.02, &format!("failures of {hash}"));
    }
    // Counters of processes that still run hold all they ever answered.
    let raw = value(&sim, &format!("sum(http_requests_total{{pod=~\"checkout-{canary}-.*\"}})"));
    assert_eq!(raw as u64, after.1.requests);
    let (count, inf) = (
        value(&sim, "sum(http_request_duration_seconds_count{namespace=\"payments\"})"),
        value(&sim, "sum(http_request_duration_seconds_bucket{namespace=\"payments\",le=\"+Inf\"})"),
    );
    assert_eq!(count, inf);
    assert_eq!(count, value(&sim, "sum(http_requests_total{namespace=\"payments\"})"));
}

#[test]
fn the_canary_fails_five_times_as_often_from_the_second_weight_on() {
    let mut sim = built("bad-canary");
    let (stable, canary) = versions(&sim);
    while weight(&sim) < 20 {
        let now = sim.now();
        sim.run_until(now + TimeDelta::seconds(1));
    }
    let ratio = |truth: Truth| truth.failures as f64 / truth.requests as f64;
    let early = sim.traffic.of(CHECKOUT, &canary);
    assert!(early.requests > 100 && ratio(early) < 0.004, "healthy with 5 %: {early:?}");
    let before = (sim.traffic.of(CHECKOUT, &stable), early);
    later(&mut sim, 15 * 60);
    assert_eq!(weight(&sim), 20, "still under way");
    let (old, new) = (since(before.0, sim.traffic.of(CHECKOUT, &stable)), since(before.1, sim.traffic.of(CHECKOUT, &canary)));
    within(ratio(old), 0.001, 0.3, "stable");
    within(ratio(new), 0.005, 0.25, "canary");
    within(new.requests as f64 / (old.requests + new.requests) as f64, 0.2, 0.02, "the canary's part");
    assert_eq!(sim.traffic.unserved(CHECKOUT), 0);
}

#[test]
fn one_seed_is_one_history_however_time_is_handed_out() {
    let (mut a, mut b) = (built("bad-canary"), built("bad-canary"));
    later(&mut a, 120);
    for n in 1..=120 {
        later(&mut b, n);
    }
    assert_eq!(a.traffic.exposition(), b.traffic.exposition());
    assert_eq!(a.traffic.truth(), b.traffic.truth());
    let other = Scenario::named("bad-canary").unwrap().build(43, origin()).unwrap();
    assert_ne!(other.traffic.truth(), built("bad-canary").traffic.truth());
}

#[test]
fn six_hours_of_ten_pods_are_lived_in_no_time() {
    let text = |tables: bool| {
        let traffic = "[[traffic]]\nworkload = \"web/home\"\nrate = 80.0\nlatency = { median = 20, p99 = 200 }\nhistory = \"6h\"\n";
        format!(
            "format = 1\ndescription = \"d\"\nrelease = \"deployment/web/home\"\n[[node]]\npool = \"a\"\ncount = 2\nzones = [\"z\"]\n\
             [[workload]]\nkind = \"deployment\"\nnamespace = \"web\"\nname = \"home\"\nreplicas = 10\n\
             [[workload.version]]\ntag = \"1\"\nat = \"-3d\"\n{}",
            if tables { traffic } else { "" }
        )
    };
    // The machine may be busy with something else: the fastest of a few is what it costs.
    let lived = |scenario: &Scenario| {
        let start = Instant::now();
        (scenario.build(42, origin()).unwrap(), start.elapsed())
    };
    let fastest = |tables| {
        let scenario = Scenario::parse("timed", &text(tables)).unwrap();
        (0..5).map(|_| lived(&scenario).1).min().unwrap()
    };
    let (with, without) = (fastest(true), fastest(false));
    assert!(with < without + Duration::from_millis(500), "{with:?}, {without:?} without requests");
    let sim = lived(&Scenario::parse("timed", &text(true)).unwrap()).0;
    within(value(&sim, "sum(rate(http_requests_total[6h]))"), 80.0, 0.02, "the rate of six hours");
    assert!(vector(&sim, "http_requests_total{code=\"200\"} offset 5h50m").iter().all(|(_, count)| *count > 1e6), "they are old");
}

#[test]
fn a_new_pod_begins_at_0_and_a_deleted_one_ends() {
    let mut sim = built("bad-canary");
    let victim = sim.store.list(PODS, Some("web")).next().unwrap().0.clone();
    let of = |sim: &Sim, name: &str| vector(sim, &format!("http_requests_total{{pod=\"{name}\",code=\"200\"}}")).first().map(|row| row.1);
    let old = of(&sim, &victim.name).unwrap();
    assert!(old > 1e6);
    let now = sim.now();
    sim.store.mark_deleted(&victim, now);
    sim.notice();
    later(&mut sim, 90);
    assert_eq!(of(&sim, &victim.name), None, "its end is marked: it is not looked back to");
    let names: Vec<String> = sim.store.list(PODS, Some("web")).map(|(key, _)| key.name.clone()).collect();
    assert_eq!(names.len(), 4);
    let least = names.iter().map(|name| of(&sim, name).unwrap()).fold(f64::MAX, f64::min);
    assert!(least > 100.0 && least < 60.0 / 4.0 * 90.0 * 1.15, "{least}");
    assert!(vector(&sim, &format!("up{{pod=\"{}\"}}", victim.name)).is_empty());
}

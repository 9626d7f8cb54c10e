//! The cockpit's measured figures against what really happened: the embedded cluster knows how many requests each version got and failed.
//! Everything goes the whole way: pods' counters, scrapes, PromQL over HTTP, the meter, the screen.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

mod prometheus;

use std::process::Command;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use flightdeck::demo::clock::{ClockMode, origin};
use flightdeck::demo::cluster::{Cluster, Options};
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::ROLLOUTS;

fn snapshot(scenario: &str, at: &str, screen: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", scenario, "--at", at, "--screen", screen, "--size", "200x120"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The cluster of the same seed at the same moment.
fn lived(scenario: &Scenario, seconds: i64) -> Sim {
    let mut sim = scenario.build(1, origin()).unwrap();
    sim.run_until(origin() + TimeDelta::seconds(seconds));
    sim
}

/// The whole numbers of a line, thousands marks left out.
fn numbers(line: &str) -> Vec<f64> {
    let plain = line.replace(',', "");
    plain.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

fn line<'a>(text: &'a str, beginning: &str) -> &'a str {
    text.lines().map(str::trim).find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("no line `{beginning}` in\n{text}"))
}

/// Hashes of the new and the old version.
fn hashes(sim: &Sim, scenario: &Scenario) -> (String, String) {
    let rollout = sim.store.get(&scenario.release).unwrap();
    assert_eq!(scenario.release.resource, ROLLOUTS);
    (rollout["status"]["currentPodHash"].as_str().unwrap().to_owned(), rollout["status"]["stableRS"].as_str().unwrap().to_owned())
}

/// Within 2 %, or what comes in one scrape interval, where that is more.
fn near(shown: f64, true_value: f64, per_scrape: f64) {
    let slack = (true_value * 0.02).max(per_scrape).max(1.0);
    assert!((shown - true_value).abs() <= slack, "shown {shown}, true {true_value}, at most {slack} apart");
}

#[test]
fn what_a_bad_canary_did_is_what_is_shown() {
    // What a pod counts between its last scrape and its end nobody ever sees: of 90 s and scrapes every 5 s, 3 %.
    let moments = [
        ("bad-canary", "10m", 600, 0.0),
        ("bad-canary", "4m", 240, 0.0),
        ("slow-burn", "5m", 300, 0.0),
        ("young-pods", "4m", 240, 0.03),
        ("young-pods", "15m", 900, 0.03),
    ];
    for (name, at, seconds, unseen) in moments {
        let scenario = Scenario::named(name).unwrap();
        let why = snapshot(name, at, "why");
        // Ages are told in steps of ten seconds: what is shown lies between what was so at either end of the step.
        let aged = line(&why, "Share: ").split("newest sample ").nth(1).unwrap();
        let age = if aged.starts_with('<') { 0 } else { numbers(aged)[0] as i64 };
        let (earlier, later) = (lived(&scenario, seconds - age - 10), lived(&scenario, seconds - age));
        let workload = format!("{}/{}", scenario.release.namespace, scenario.release.name);
        let (new, _) = hashes(&later, &scenario);
        let (least, most) = (earlier.traffic.of(&workload, &new), later.traffic.of(&workload, &new));
        let [shown, failed] = numbers(line(&why, "New version since its pods started"))[..2] else { panic!("{why}") };
        let within = |shown: f64, least: u64, most: u64| {
            // How many of few went unseen is chance: three of its deviations.
            let chance = 3.0 * (least as f64 * unseen).sqrt();
            let least = least as f64 * (1.0 - unseen) * 0.98 - chance - 1.0;
            assert!((least..=most as f64).contains(&shown), "{name} at {at}: shown {shown}, truly {least} to {most}");
        };
        within(shown, least.requests, most.requests);
        within(failed, least.failures, most.failures);
    }
}

#[test]
fn the_share_of_requests_is_the_share_of_requests() {
    let scenario = Scenario::named("bad-canary").unwrap();
    let (before, after) = (lived(&scenario, 530), lived(&scenario, 595));
    let (new, old) = hashes(&after, &scenario);
    let got =
        |hash: &str| (after.traffic.of("payments/checkout", hash).requests - before.traffic.of("payments/checkout", hash).requests) as f64;
    let share = got(&new) / (got(&new) + got(&old));
    let why = snapshot("bad-canary", "10m", "why");
    let shown = line(&why, "Share: ");
    let [parts, all] = numbers(shown.split(" = ").nth(1).unwrap())[..2] else { panic!("{shown}") };
    assert!((parts / all - share).abs() < 0.01, "{shown}: truly {share}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real Prometheus (Debian's), and 100 s"]
async fn through_a_real_prometheus_too_what_happened_is_what_is_shown() {
    let scenario = Scenario::named("bad-canary").unwrap();
    let mut sim = scenario.build(42, Utc::now() - TimeDelta::minutes(3)).unwrap();
    sim.run_until(Utc::now());
    let (new, old) = hashes(&sim, &scenario);
    let cluster = Cluster::new(sim, ClockMode::Real, Options::default());
    let api = flightdeck::demo::api::serve(cluster.clone()).await.unwrap();
    let page = flightdeck::demo::prometheus::serve::serve(cluster.clone(), 0, None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (_process, url) = prometheus::scraping(folder.path(), page.url.strip_prefix("http://").unwrap()).await;
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, api.kubeconfig()).unwrap();
    let truth = |hash: &str| cluster.read(|sim| sim.traffic.of("payments/checkout", hash));
    // The share is counted over the last minute; so is the truth it is held to.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let then = (truth(&new).requests, truth(&old).requests);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args([
            "snapshot",
            "-A",
            "--screen",
            "why",
            "--release",
            "payments/checkout",
            "--size",
            "200x120",
            "--prometheus",
            &url,
            "--kubeconfig",
        ])
        .arg(&kubeconfig)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let why = String::from_utf8(output.stdout).unwrap();
    let now = (truth(&new), truth(&old));
    let [shown, failed] = numbers(line(&why, "New version since its pods started"))[..2] else { panic!("{why}") };
    near(shown, now.0.requests as f64, 150.0 * 5.0 * 0.5);
    near(failed, now.0.failures as f64, 3.0 + 150.0 * 5.0 * 0.01);
    let (of_new, of_old) = ((now.0.requests - then.0) as f64, (now.1.requests - then.1) as f64);
    let [parts, all] = numbers(line(&why, "Share: ").split(" = ").nth(1).unwrap())[..2] else { panic!("{why}") };
    assert!((parts / all - of_new / (of_new + of_old)).abs() < 0.015, "{parts} of {all}, truly {of_new} and {of_old}");
}

#[test]
fn nothing_measured_is_never_green() {
    let none = snapshot("no-metrics", "4m", "release");
    assert!(none.contains("No data") && none.contains("inferred") && !none.contains("measured  "), "{none}");
    let low = snapshot("low-traffic", "4m", "release");
    assert!(low.contains("Not measured"), "{low}");
    let gone = snapshot("prometheus-flaky", "6m", "release");
    assert!(gone.contains("Prometheus"), "{gone}");
}

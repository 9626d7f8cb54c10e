//! Objectives that nobody configured here: found in the embedded cluster and its Prometheus over HTTP, followed and shown.
//! The figures are held against what the same Prometheus says of its own recording rules.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

use std::process::Command;
use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::demo::clock::{ClockMode, origin};
use flightdeck::demo::cluster::{Cluster, Options};
use flightdeck::demo::prometheus::{self, Answer};
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::metrics::client::Client;
use flightdeck::metrics::reply::Data;
use flightdeck::metrics::settings::{Secret, Settings};
use flightdeck::objectives::{Method, Origin, Sli};
use flightdeck::slo::tier::Severity;

fn snapshot(screen: &str, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", "sloth", "--screen", screen])
        .args(if more.contains(&"--at") { &[][..] } else { &["--at", "3m"] })
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn lived(seconds: i64) -> Sim {
    let mut sim = Scenario::named("sloth").unwrap().build(1, origin()).unwrap();
    sim.run_until(origin() + TimeDelta::seconds(seconds));
    sim
}

/// What the embedded Prometheus says of the only series of a query.
fn value(sim: &Sim, query: &str) -> f64 {
    let answer = prometheus::instant(&sim.series, query, sim.now().timestamp_millis(), prometheus::Options::default()).unwrap();
    let Answer::Vector(_, rows) = answer else { panic!("{query}: {answer:?}") };
    assert_eq!(rows.len(), 1, "{query}: {rows:?}");
    rows[0].value
}

/// The first number behind `beginning`.
fn number(text: &str, beginning: &str) -> f64 {
    let line =
        text.lines().map(str::trim).find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("no `{beginning}` in\n{text}"));
    let rest = line[beginning.len()..].trim_start();
    let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse().unwrap_or_else(|_| panic!("{line}"))
}

#[test]
fn a_promise_in_the_cluster_is_found_and_followed_as_it_is_recorded() {
    let why = snapshot("why", &["--size", "200x150"]);
    for said in [
        "requests-availability: 99.9 % over 30 d, so 0.10 % of requests may fail; counted by time slices",
        "requests-availability: from Sloth payments/checkout-slo",
        "Found in PrometheusServiceLevel payments/checkout-slo and Sloth's rules",
        "Its requests come from 6 of checkout's 6 pods.",
        "Page is quiet: 1 h and 5 m over 14.4",
        "FAIL by requests-availability",
    ] {
        assert!(why.contains(said), "no `{said}` in\n{why}");
    }
    // Rules are evaluated twice a minute: what is shown is what they gave at one of the last two times.
    let (before, now) = (lived(149), lived(180));
    let id = "{sloth_id=\"checkout-requests-availability\"}";
    let recorded = |sim: &Sim, name: &str| value(sim, &format!("{name}{id}"));
    let among = |shown: f64, of: fn(f64) -> f64, name: &str| {
        let (a, b) = (of(recorded(&before, name)), of(recorded(&now, name)));
        assert!(
            shown >= a.min(b) - 0.06 * b.abs().max(1.0) && shown <= a.max(b) + 0.06 * b.abs().max(1.0),
            "{name}: {shown}, not {a} to {b}"
        );
    };
    among(number(&why, "Burn over 5 m:"), |ratio| ratio / 0.001, "slo:sli_error:ratio_rate5m");
    among(number(&why, "Burn over 30 m:"), |ratio| ratio / 0.001, "slo:sli_error:ratio_rate30m");
    among(number(&why, "Burn over 3 d:"), |ratio| ratio / 0.001, "slo:sli_error:ratio_rate3d");
    among(number(&why, "Left:"), |left| left * 100.0, "slo:period_error_budget_remaining:ratio");
    assert!(why.contains("as recorded by slo:period_error_budget_remaining:ratio"), "{why}");
    // Nothing was worked out from raw series over the whole window.
    assert!(!why.contains("[30d]"), "{why}");
}

#[test]
fn its_own_queries_are_split_by_version() {
    let why = snapshot("why", &["--size", "200x150"]);
    let (new, old) = (number(&why, "New by its own events:"), number(&why, "Old by its own events:"));
    // What the new version really fails is 2 %, what the old one fails 0.05 %.
    assert!((1.2..2.8).contains(&new) && old < 0.2, "{new} and {old}");
    let asked: String = why.split_whitespace().collect();
    assert!(asked.contains("sumby(pod)(") && asked.contains("pod=~\"checkout-.+\",pod=~\"checkout-"), "{why}");
    assert!(!why.contains("not split by version"), "{why}");
}

#[test]
fn the_panel_says_where_it_is_from_and_how_it_is_counted() {
    let release = snapshot("release", &["--size", "120x44"]);
    assert!(release.contains("from Sloth payments/checkout-slo") && release.contains("by time slices"), "{release}");
    let assumed = snapshot("release", &["--size", "120x44", "--release", "web/home"]);
    assert!(assumed.contains("no SLO found, the target is assumed"), "{assumed}");
    // What stands still and is promised nothing is not measured for the board's sake.
    let board = snapshot("board", &["--size", "120x14"]);
    let row = |name: &str| board.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{board}")).to_owned();
    assert!(row("payments/checkout").contains('%') && !row("web/home").contains(" % "), "{board}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_alone_tell_the_objective_with_its_alerts() {
    let cluster = Cluster::new(lived(60), ClockMode::Manual, Options::default());
    let served = prometheus::serve::serve(cluster, 0, Some("t".to_owned())).await.unwrap();
    let settings =
        Settings { bearer_token: Some(Secret::new("t")), timeout: Duration::from_secs(20), ..Settings::new(&served.url).unwrap() };
    let reply = Client::new(&settings).unwrap().rules().await.unwrap();
    let Data::Rules(read) = reply.data else { panic!("{:?}", reply.data) };
    let [found] = read.found.as_slice() else { panic!("{read:?}") };
    assert_eq!((found.full_name().as_str(), found.target, found.origin()), ("checkout/requests-availability", Some(0.999), Origin::Rules));
    assert_eq!((found.method, read.remarks.len()), (Method::RatioTimeslices, 0));
    assert!(matches!(&found.sli, Sli::Events { total, .. } if total.has_window()), "{:?}", found.sli);
    let tiers: Vec<(Severity, u64, u64, f64)> = found
        .tiers
        .iter()
        .map(|alert| (alert.tier.severity, alert.tier.long.as_secs() / 3600, alert.tier.short.as_secs() / 60, alert.tier.threshold.get()))
        .collect();
    let near = |(severity, long, short, burn): (Severity, u64, u64, f64), at: usize| {
        let (s, l, sh, b) = tiers[at];
        assert!((s, l, sh) == (severity, long, short) && (b - burn).abs() < 1e-6, "{tiers:?}");
    };
    near((Severity::Page, 1, 5, 14.4), 0);
    near((Severity::Page, 6, 30, 6.0), 1);
    near((Severity::Ticket, 24, 120, 3.0), 2);
    near((Severity::Ticket, 72, 360, 1.0), 3);
    assert!(found.tiers.iter().all(|alert| alert.state.is_some()));
}

#[test]
fn an_alert_that_fires_on_the_service_is_in_the_timeline_from_its_first_moment() {
    let before = snapshot("why", &["--at", "7m", "--size", "200x150"]);
    assert!(!before.contains("CheckoutAvailability fires (page)"), "{before}");
    let sim = lived(600);
    let since = value(&sim, "ALERTS_FOR_STATE{sloth_severity=\"page\"} and ignoring (alertstate) ALERTS{alertstate=\"firing\"}");
    let release = snapshot("release", &["--at", "10m", "--size", "200x50"]);
    let moment = chrono::DateTime::from_timestamp(since as i64, 0).unwrap().format("%H:%M:%S");
    let line = release.lines().find(|line| line.contains("CheckoutAvailability fires (page)")).unwrap_or_else(|| panic!("{release}"));
    assert!(line.contains(&format!("{moment}  alert")), "{line}");
    let why = snapshot("why", &["--at", "10m", "--size", "200x150"]);
    assert!(why.contains("CheckoutAvailability fires (page) since") && why.contains("CheckoutAvailability fires (ticket) since"), "{why}");
}

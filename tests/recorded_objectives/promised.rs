//! The three objectives as their specifications have them, and what the program reads of them off rules and series alone.

use std::time::Duration;

use flightdeck::metrics::client::Client;
use flightdeck::metrics::reply::Data;
use flightdeck::metrics::settings::Settings;
use flightdeck::objectives::tiers::Schedule;
use flightdeck::objectives::{AlertTier, Found, Method, Origin, Period, Sli};
use flightdeck::slo::Objective;
use serde_json::Value;

use super::compared::{Left, Wanted};
use super::real::Prometheus;
use super::rules::{PYRRA, Pyrra, SLOTH_TARGET, written};

/// Every objective with the series its tool records of it.
pub fn all() -> Vec<Wanted> {
    let id = r#"{sloth_id="checkout-requests-availability"}"#;
    let hour = 3600;
    let windows = [("5m", 300), ("30m", 1800), ("1h", hour), ("2h", 2 * hour), ("6h", 6 * hour), ("1d", 24 * hour), ("3d", 72 * hour)];
    let pods = |code: &str| format!(r#"sum(rate(http_requests_total{{namespace="payments",pod=~"checkout-.+"{code}}}[$window]))"#);
    let sloth = Wanted {
        workload: "payments/checkout",
        name: "requests-availability",
        target: SLOTH_TARGET,
        ratios: windows.map(|(window, seconds)| (window.to_owned(), seconds, format!("slo:sli_error:ratio_rate{window}{id}"))).to_vec(),
        left: (format!("slo:period_error_budget_remaining:ratio{id}"), Left::Remaining),
        queries: (pods(r#",code=~"5..""#), pods("")),
    };
    [sloth].into_iter().chain(PYRRA.iter().map(pyrra)).collect()
}

fn pyrra(one: &Pyrra) -> Wanted {
    let mut minutes: Vec<u64> = one.tiers().iter().flat_map(|tier| [tier.0, tier.1]).collect();
    minutes.sort_unstable();
    minutes.dedup();
    let id = format!(r#"{{slo="{}"}}"#, one.name);
    let series = |minutes: u64| (written(minutes), minutes as i64 * 60, format!("http_requests:burnrate{}{id}", written(minutes)));
    let requests = |code: &str| format!(r#"sum(rate(http_requests_total{{{code}job="{}"}}[$window]))"#, one.workload);
    Wanted {
        workload: one.workload,
        name: one.name,
        target: one.ratio(),
        ratios: minutes.into_iter().map(series).collect(),
        left: (format!("pyrra_availability{id}"), Left::Availability),
        queries: (requests(r#"code=~"5..","#), requests("")),
    }
}

/// Targets, windows, methods and every alert out of `/api/v1/rules`, equal to what follows from the specifications.
pub async fn read_off_the_rules(prometheus: &Prometheus) {
    let reply = Client::new(&Settings::new(&prometheus.url()).unwrap()).unwrap().rules().await.unwrap();
    let Data::Rules(read) = reply.data else { panic!("{:?}", reply.data) };
    assert!(read.remarks.is_empty(), "{:?}", read.remarks);
    assert_eq!(read.found.len(), 3, "{:?}", read.found);
    let named = |id: &str| read.found.iter().find(|found| *found.id == *id).unwrap_or_else(|| panic!("no {id} in {:?}", read.found));
    let sloth = named("checkout-requests-availability");
    is_as_promised(sloth, SLOTH_TARGET, 30, Method::RatioTimeslices, &Schedule::workbook());
    for one in &PYRRA {
        let schedule = Schedule::pyrra().scaled_to(Duration::from_secs(one.days * 86_400));
        let found = named(one.name);
        is_as_promised(found, one.ratio(), one.days, Method::Occurrences, &schedule);
        // And by the factors and windows of the specification as this test writes them.
        let mut minutes: Vec<_> = one.tiers().map(|(long, short, factor, _, wait)| (long, short, factor, wait)).to_vec();
        let mut told: Vec<_> = found.tiers.iter().map(in_minutes).collect();
        minutes.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, minutes);
    }
}

fn in_minutes(alert: &AlertTier) -> (u64, u64, u64, u64) {
    let minutes = |length: Duration| length.as_secs() / 60;
    (minutes(alert.tier.long), minutes(alert.tier.short), alert.tier.threshold.get().round() as u64, minutes(alert.wait))
}

fn is_as_promised(found: &Found, target: f64, days: u64, method: Method, schedule: &Schedule) {
    let period = Duration::from_secs(days * 86_400);
    assert_eq!((found.origin(), found.target, found.method), (Origin::Rules, Some(target), method), "{found:?}");
    assert_eq!(found.period, Some(Period::Rolling(period)));
    assert!(matches!(&found.sli, Sli::Events { bad, total } if bad.has_window() && total.has_window()), "{:?}", found.sli);
    let derived = schedule.tiers(&Objective::new("derived", target, period).unwrap());
    let sorted = |tiers: &[AlertTier]| {
        let mut tiers: Vec<_> = tiers.iter().map(|alert| (alert.tier.long, alert.tier.short, alert.wait, alert.tier)).collect();
        tiers.sort_by_key(|(long, short, ..)| (*long, *short));
        tiers
    };
    let (told, derived) = (sorted(&found.tiers), sorted(&derived));
    assert_eq!(told.len(), derived.len());
    for ((told, derived), alert) in told.iter().zip(&derived).zip(&found.tiers) {
        assert_eq!((told.0, told.1, told.2, told.3.severity), (derived.0, derived.1, derived.2, derived.3.severity), "{found:?}");
        let (is, should) = (told.3.threshold.get(), derived.3.threshold.get());
        assert!((is - should).abs() < 1e-6 * should, "{is} is read, {should} follows");
        assert!(alert.state.is_some(), "the server says how it stands: {alert:?}");
    }
}

/// Where it was found stands beside it, and how it is counted, and whose pods it speaks of.
pub fn is_told_with_its_places(wanted: &Wanted, status: &Value, why: &str) {
    let (tool, series, method) = match wanted.left.1 {
        Left::Remaining => ("Sloth", "the series slo:objective:ratio of checkout-requests-availability".to_owned(), "by time slices"),
        Left::Availability => ("Pyrra", format!("the series pyrra_objective of {}", wanted.name), "by requests"),
    };
    let found = status["found"].as_str().unwrap();
    assert!(found.starts_with(&format!("from {tool}'s rules, from group ")), "{found}");
    let text: Vec<&str> = why.lines().map(str::trim).collect();
    let said = |parts: &[&str]| {
        assert!(text.iter().any(|line| parts.iter().all(|part| line.contains(part))), "no line with {parts:?} in\n{why}");
    };
    said(&[&format!("Found in {tool}'s rules, from group "), &format!("and {series}")]);
    said(&[wanted.name, "so", "of requests may fail; counted", method]);
    said(&["Its requests come from", &format!("of {}'s", wanted.workload.split('/').nth(1).unwrap()), "pods."]);
    assert!(!why.contains("no SLO found"), "{why}");
}

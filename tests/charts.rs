//! Curves against what really happened, and as they stand on the screen: with colours, without, and in ASCII.
//! The embedded cluster knows how many requests failed when; its Prometheus holds what a rule recorded of thirty days.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

use std::process::Command;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::clock::origin;
use flightdeck::demo::prometheus::{Answer as Told, Options, range};
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::slo::burndown::{BurnDown, Record};
use flightdeck::slo::{Answer, Objective, Outcome};

const DAY: Duration = Duration::from_secs(86_400);

fn lived(seconds: i64) -> Sim {
    let mut sim = Scenario::named("bad-canary").unwrap().build(1, origin()).unwrap();
    sim.run_until(origin() + TimeDelta::seconds(seconds));
    sim
}

fn objective() -> Objective {
    Objective::new("availability", 0.998, 30 * DAY).unwrap()
}

/// The values of the first series of an answer, `step` apart and ending at `end`.
fn ask(sim: &Sim, query: &str, (back, step): (Duration, Duration), end: DateTime<Utc>) -> Vec<(DateTime<Utc>, f64)> {
    let (end, millis) = (end.timestamp_millis(), |length: Duration| i64::try_from(length.as_millis()).unwrap());
    match range(&sim.series, query, end - millis(back), end, millis(step), Options::default()).unwrap() {
        Told::Matrix(tracks) => {
            let samples = tracks.into_iter().take(1).flat_map(|track| track.samples);
            samples.map(|(at, value)| (DateTime::from_timestamp_millis(at).unwrap(), value)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_counted_curve_falls_by_what_really_failed() {
    let (step, end) = (Duration::from_secs(180), origin() + TimeDelta::minutes(30));
    let sim = lived(1800);
    let rate = |codes: &str| format!("sum(rate(http_requests_total{{namespace=\"payments\",pod=~\"checkout-.*\"{codes}}}[3m]))");
    let over = (6 * Duration::from_secs(3600), step);
    let (bad, total) = (ask(&sim, &rate(",code=~\"5..\""), over, end), ask(&sim, &rate(""), over, end));
    let count = |rate: f64| Answer::Value(rate * step.as_secs_f64());
    let errors = |at: &DateTime<Utc>| bad.iter().find(|(then, _)| then == at).map_or(Answer::Absent, |(_, rate)| count(*rate));
    let buckets: Vec<_> = total.iter().map(|(at, rate)| (*at, Outcome::read(errors(at), count(*rate)))).collect();
    let course = BurnDown::counted(&buckets, step, &objective()).unwrap();
    assert!(!course.is_whole && course.is_at_most && course.lowest() == 0.0, "{course:?}");
    let left = |at: DateTime<Utc>| course.points.iter().find(|(then, _)| *then == at).and_then(|(_, left)| *left).unwrap();
    let fell = left(end - TimeDelta::minutes(18)) - left(end);
    let failures = |sim: &Sim| {
        let rollout = sim.store.get(&Scenario::named("bad-canary").unwrap().release).unwrap();
        let hashes = ["currentPodHash", "stableRS"].map(|field| rollout["status"][field].as_str().unwrap().to_owned());
        let sum = hashes.iter().map(|hash| sim.traffic.of("payments/checkout", hash));
        sum.fold((0.0, 0.0), |(bad, all), one| (bad + one.failures as f64, all + one.requests as f64))
    };
    let ((bad_then, all_then), (bad_now, all_now)) = (failures(&lived(720)), failures(&sim));
    // The traffic is the same all along: that of these 18 minutes is that of the window.
    let allowed = objective().allowed((all_now - all_then) / 18.0 * 60.0 * 24.0 * 30.0);
    let truly = (bad_now - bad_then) / allowed;
    assert!((fell / truly - 1.0).abs() < 0.05, "fell by {fell}, truly {truly}");
}

#[test]
fn a_recorded_curve_reaches_back_over_the_window_and_shows_the_day_it_broke() {
    let sim = lived(240);
    let step = Duration::from_secs(6 * 3600);
    // As a range is aligned to its step.
    let end = DateTime::from_timestamp(origin().timestamp().div_euclid(6 * 3600) * 6 * 3600, 0).unwrap();
    let points = ask(&sim, "slo:period_error_budget_remaining:ratio", (30 * DAY, step), end);
    let fine = Record { points: &[], step };
    let course = BurnDown::recorded(Record { points: &points, step }, fine, &objective(), end).unwrap();
    assert!(course.is_whole && course.runs().count() == 1, "{course:?}");
    let left = |hours: i64| {
        let at = origin() - TimeDelta::hours(hours);
        points.iter().min_by_key(|(then, _)| (*then - at).num_seconds().abs()).unwrap().1
    };
    // 18 % failed for 40 minutes, where 0.2 % may over 30 days.
    let spent = left(12 * 24) - left(10 * 24);
    assert!((spent - 0.18 * 40.0 / (0.002 * 30.0 * 24.0 * 60.0)).abs() < 0.02, "{spent}");
}

fn snapshot(scenario: &str, screen: &str, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", scenario, "--at", "5m", "--screen", screen])
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn dots(text: &str) -> usize {
    text.chars().filter(|letter| ('\u{2801}'..='\u{28FF}').contains(letter)).count()
}

#[test]
fn curves_stand_where_there_is_room_and_take_it_from_no_sentence() {
    let wide = snapshot("bad-canary", "release", &["--size", "200x50"]);
    for said in ["Left of the budget over 30 d", "30 d ago", "100 %", "share of requests, measured", "requests failed so far", "95 % range"]
    {
        assert!(wide.contains(said), "{said}: {wide}");
    }
    let full = snapshot("bad-canary", "release", &["--size", "120x40"]);
    for said in
        ["Left of the budget over 30 d", "this release's share", "if promoted", "burn ", "failed so far", "95 % range", "What happened"]
    {
        assert!(full.contains(said), "{said}: {full}");
    }
    assert!(dots(&wide) > 60 && dots(&full) > 20, "{wide}\n{full}");
    let small = snapshot("bad-canary", "release", &["--size", "80x24"]);
    assert_eq!(dots(&small), 0, "{small}");
    let why = snapshot("bad-canary", "why", &["--size", "80x24"]);
    assert!(why.contains("Left of the budget over 30 d") && dots(&why) > 20, "{why}");
}

#[test]
fn without_colours_and_in_ascii_it_is_the_same_curve() {
    for size in ["80x24", "120x40"] {
        let colour = snapshot("sloth", "why", &["--size", size]);
        let mono = snapshot("sloth", "why", &["--size", size, "--theme", "mono"]);
        assert_eq!(colour, mono, "only looks differ");
        let ascii = snapshot("sloth", "why", &["--size", size, "--ascii"]);
        assert!(ascii.is_ascii(), "{ascii}");
        // What was spent beyond all lies below the line for nothing left, in a sign of its own.
        let lines: Vec<&str> = ascii.lines().collect();
        let zero = lines.iter().position(|line| line.trim_start().starts_with("0 % ---")).unwrap_or_else(|| panic!("{ascii}"));
        let below = lines.iter().skip(zero + 1).take(4).find(|line| line.contains("xx") && !line.contains("ago"));
        assert!(below.is_some(), "{ascii}");
    }
    let drawn = snapshot("sloth", "why", &["--size", "120x40", "--theme", "mono", "--format", "ansi"]);
    assert!(!drawn.contains("\u{1b}[38") && dots(&drawn) > 20, "{drawn}");
}

#[test]
fn what_is_not_measured_has_no_curve() {
    let none = snapshot("no-metrics", "why", &["--size", "200x120"]);
    assert_eq!(dots(&none), 0, "{none}");
}

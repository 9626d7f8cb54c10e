//! The pictures in `screenshots/` are what `snapshot` prints today. Stale ones fail; FLIGHTDECK_BLESS=1 makes them anew, to be looked at.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

use std::path::Path;
use std::process::Command;

/// Name, scenario, moment, screen, further flags.
const PICTURES: [(&str, &str, &str, &str, &[&str]); 29] = [
    ("board", "canary", "30s", "board", &[]),
    ("board-denied", "denied", "30s", "board", &[]),
    ("release-healthy", "canary", "4m", "release", &[]),
    ("release-failing", "crashloop", "2m", "release", &[]),
    ("release-stale", "flaky-link", "40s", "release", &[]),
    ("release-denied", "denied", "30s", "release", &[]),
    ("release-blue-green", "blue-green", "1m", "release", &[]),
    ("release-experiment", "experiment", "2m", "release", &[]),
    ("release-deployment", "deployment", "40s", "release", &[]),
    ("release-bad-canary", "bad-canary", "4m", "release", &[]),
    ("release-bad-canary-mono", "bad-canary", "4m", "release", &["--theme", "mono"]),
    ("release-slow-burn", "slow-burn", "4m", "release", &[]),
    ("release-slow-burn-mono", "slow-burn", "4m", "release", &["--theme", "mono"]),
    ("release-no-metrics-mono", "no-metrics", "4m", "release", &["--theme", "mono"]),
    ("release-stale-metrics-mono", "prometheus-flaky", "9m10s", "release", &["--theme", "mono"]),
    ("release-no-metrics", "no-metrics", "4m", "release", &[]),
    ("release-stale-metrics", "prometheus-flaky", "9m10s", "release", &[]),
    ("release-flagger", "flagger", "60s", "release", &[]),
    ("plan-abort-flagger", "flagger", "60s", "plan", &["--keys", "a"]),
    ("plan-abort", "bad-canary", "4m", "plan", &["--keys", "a"]),
    ("plan-promote-fully", "bad-canary", "4m", "plan", &["--keys", "P"]),
    ("plan-roll-back", "incident", "4m", "plan", &["--keys", "R"]),
    ("plan-refusal", "crashloop", "2m", "plan", &["--keys", "g"]),
    ("action", "incident", "4m", "release", &["--keys", "a y"]),
    ("revisions", "incident", "4m", "revisions", &[]),
    ("journal", "incident", "4m", "release", &["--keys", "a y J"]),
    ("why", "bad-canary", "4m", "why", &[]),
    ("pods", "crashloop", "2m", "pods", &[]),
    ("help", "canary", "30s", "help", &["--theme", "mono"]),
];

fn snapshot(scenario: &str, at: &str, screen: &str, more: &[&str], size: &str, format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", scenario, "--at", at, "--screen", screen, "--size", size, "--format", format])
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{scenario} {screen}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn check(size: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let bless = std::env::var_os("FLIGHTDECK_BLESS").is_some();
    let (columns, rows) = size.split_once('x').map(|(w, h)| (w.parse::<usize>().unwrap(), h.parse::<usize>().unwrap())).unwrap();
    let mut stale = Vec::new();
    for (name, scenario, at, screen, more) in PICTURES {
        // Both are of one life of the scenario: most of the time goes into that.
        let mut text = snapshot(scenario, at, screen, more, size, "text,svg");
        let svg = text.split_off(text.find("<svg").unwrap());
        assert_eq!(text.lines().count(), rows, "{name} at {size}: as many lines as asked for");
        let widest = text.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0);
        assert!(widest <= columns, "{name} at {size}: a line is {widest} columns wide");
        for (ending, now) in [("txt", text), ("svg", svg)] {
            let path = folder.join(format!("{name}-{size}.{ending}"));
            if bless {
                std::fs::write(&path, now).unwrap();
            } else if std::fs::read_to_string(&path).unwrap_or_default() != now {
                stale.push(format!("{name}-{size}.{ending}"));
            }
        }
    }
    assert!(
        stale.is_empty(),
        "stale (FLIGHTDECK_BLESS=1 cargo test --test screenshots makes them anew; look at them): {}",
        stale.join(", ")
    );
}

/// What was not asked for (a hanging link's own time, which request came first, how busy the machine is) has no say in a picture.
#[test]
fn the_same_moment_gives_the_same_bytes() {
    let moments = [
        ("canary", "30s", "board"),
        ("crashloop", "90s", "pods"),
        ("experiment", "70s", "why"),
        ("experiment", "2m", "release"),
        ("slow-burn", "4m", "release"),
        ("flaky-link", "23s", "release"),
        ("flaky-link", "95s", "board"),
    ];
    for (scenario, at, screen) in moments {
        let first = snapshot(scenario, at, screen, &["--seed", "7"], "100x30", "ansi");
        let second = snapshot(scenario, at, screen, &["--seed", "7"], "100x30", "ansi");
        assert_eq!(first, second, "{scenario} at {at}, {screen}");
    }
}

#[test]
fn the_pictures_at_120x40_are_what_is_drawn() {
    check("120x40");
}

#[test]
fn the_pictures_at_80x24_are_what_is_drawn() {
    check("80x24");
}

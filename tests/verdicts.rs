//! The verdict over time, pinned: for each scenario the words it went through, and nothing in between, from the first counters on.
//! Each look is the whole way: pods' counters, scrapes, PromQL over HTTP, the meter, the JSON of `status`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

use std::process::Command;

/// The lines of the `why` screen that say the verdict on the new version, joined.
fn verdict(scenario: &str, at: &str) -> String {
    verdict_by(scenario, at, "")
}

/// The verdict by the objective of this name; the first one for no name.
fn verdict_by(scenario: &str, at: &str, name: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", scenario, "--at", at, "--screen", "why", "--size", "400x120", "--seed", "1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines().skip_while(|line| line.trim() != "Verdict").skip(1);
    lines.find(|line| line.contains(&format!(" by {name}"))).unwrap_or_else(|| panic!("no verdict in\n{text}")).trim().to_owned()
}

/// At each moment the verdict must begin so and hold the words behind it.
fn story(scenario: &str, moments: &[(&str, &str, &[&str])]) {
    for (at, word, holds) in moments {
        let said = verdict(scenario, at);
        assert!(said.starts_with(word), "{scenario} at {at} is to be {word}: {said}");
        for text in *holds {
            assert!(said.contains(text), "{scenario} at {at} is to say `{text}`: {said}");
        }
    }
}

#[test]
fn a_canary_that_goes_bad_fails_as_soon_as_its_counts_show_it() {
    story(
        "bad-canary",
        &[
            ("5s", "INCONCLUSIVE", &["0 of 301 failed"]),
            ("1m", "INCONCLUSIVE", &["more failed ones now fail it"]),
            ("3m", "FAIL by availability", &["Evidence over 10,000:1 that it is worse (20:1 fails)"]),
        ],
    );
}

#[test]
fn a_canary_that_is_only_slow_fails_by_what_is_promised_of_latency() {
    let slow = &["were too slow (within 250 ms)", "that it is worse"];
    story("slow-canary", &[("40s", "INCONCLUSIVE by availability", &[]), ("4m", "INCONCLUSIVE by availability", &[])]);
    for (at, word) in [("5s", "SUSPECT"), ("40s", "FAIL"), ("4m", "FAIL")] {
        let said = verdict_by("slow-canary", at, "within 250 ms");
        assert!(said.starts_with(word) && slow.iter().all(|text| said.contains(text)), "{at}: {said}");
    }
}

#[test]
fn what_somebody_counts_by_queries_of_their_own_is_judged_on_those() {
    let said = verdict("sloth", "4m");
    assert!(said.starts_with("FAIL by requests-availability: 1.5.0: ") && said.contains("failed (requests-availability)"), "{said}");
}

#[test]
fn a_small_excess_over_hours_fails_on_what_was_counted_before_it_was_opened() {
    story("slow-burn", &[("5s", "FAIL", &["in 30m", "it burns between"]), ("10m", "FAIL", &["in 39m45s"])]);
}

#[test]
fn of_a_few_requests_nothing_is_said_but_how_few_they_are() {
    let says = &["It takes 20 requests to tell page-level burn", "1 failed, about"];
    story("low-traffic", &[("5s", "WARMING", says), ("10m", "WARMING", says), ("20m", "WARMING", says)]);
}

#[test]
fn stable_that_fails_along_is_the_service_and_perhaps_this_release() {
    story(
        "shared-fate",
        &[
            ("1m", "INCONCLUSIVE", &[]),
            ("4m", "SERVICE-WIDE", &["Both fail: 3.1.4 did not before this release", "so it may harm both"]),
            ("10m", "SERVICE-WIDE", &["it may harm both"]),
        ],
    );
}

#[test]
fn pods_that_hardly_live_are_counted_from_their_own_start() {
    story(
        "young-pods",
        &[("5s", "INCONCLUSIVE", &[]), ("1m", "SUSPECT", &["5:1 holds, 20:1 fails"]), ("3m", "FAIL", &["that it is worse"])],
    );
}

#[test]
fn a_part_of_the_data_is_never_judged() {
    let unseen: &[&str] = &["2 of 653 failed in 1m30s"];
    story(
        "prometheus-partial",
        &[
            ("1m", "INCONCLUSIVE", unseen),
            ("4m", "NO DATA", &["2 of 653 failed in 1m30s", "the answer was partial"]),
            ("7m", "NO DATA", &["2 of 653 failed in 1m30s", "the answer was partial"]),
            ("12m", "INCONCLUSIVE", &["10m15s of it not seen"]),
            ("15m", "FAIL", &["of it not seen", "that it is worse"]),
        ],
    );
}

/// The two lines that the release screen opens with, at 80 columns.
fn opening(scenario: &str, at: &str) -> [String; 2] {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", scenario, "--at", at, "--screen", "release", "--size", "80x24", "--seed", "1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |n| text.lines().nth(n).unwrap().trim().to_owned();
    [line(1), line(2)]
}

#[test]
fn eighty_columns_keep_the_word_what_was_counted_and_the_rule() {
    let wanted: &[(&str, &str, &str, &[&str])] = &[
        ("bad-canary", "2m", "FAIL", &["fails 5.1x as often: 17 of 2,887, 2m45s.", ":1 worse."]),
        ("bad-canary", "20s", "PAUSED", &["INCONCLUSIVE: 1.5.0 fails 0 of 427, 1m15s.", "Not enough to tell."]),
        ("slow-canary", "4m", "FAIL", &["is slow 29x as often: 839 of 6,750, 4m55s.", ":1 worse."]),
        ("shared-fate", "4m", "SERVICE", &["Both fail: 3.1.4 did not before this release, so it may harm both."]),
        ("low-traffic", "5m", "PAUSED", &["WARMING: 8 of 20 requests to judge by, 1 failed, about 26 min."]),
        ("prometheus-partial", "6m", "PAUSED", &["NO DATA: the answer was partial. 2 of 653 failed, 1m30s, 5 m ago."]),
        ("no-metrics", "3m", "PAUSED", &["Pauses at step 4 of 6. NO DATA: no metric counts its requests."]),
        ("blue-green", "3m", "WAITS", &["Waits for a person", "NO TRAFFIC: 5.1.0 gets no requests."]),
    ];
    for (scenario, at, word, holds) in wanted {
        let [says, _] = opening(scenario, at);
        assert!(says.split_whitespace().nth(1) == Some(word), "{scenario} at {at} is to be {word}: {says}");
        assert!(holds.iter().all(|text| says.contains(text)), "{scenario} at {at}: {says}");
    }
}

#[test]
fn what_comes_is_said_whole_beside_the_burn() {
    let [_, then] = opening("slow-burn", "20m");
    assert_eq!(then, "Burning 2.3x. Goes on in 6 h 50 m: 50 % → 100 %.");
}

#[test]
fn pods_that_were_evicted_and_replaced_do_not_fail() {
    for (at, word) in [("1m", "SUSPECT"), ("5m", "FAIL")] {
        let [says, _] = opening("young-pods", at);
        assert!(says.contains(word) && says.contains("2.3.0 fails 8.") && !says.contains("evicted"), "{says}");
    }
}

#[test]
fn a_figure_that_is_old_says_so_where_it_stands() {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", "prometheus-partial", "--at", "6m", "--screen", "release", "--size", "120x40", "--seed", "1"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let wanted = ["2 failed, 5 m ago", "42 % left, 6 m ago", "last 1m30s, 5 m ago"];
    for words in wanted {
        assert!(text.contains(words), "`{words}` is missing:\n{text}");
    }
    // What rests on a rate of now is not said of then.
    for words in ["at this rate", "if promoted", "this release's share"] {
        assert!(!text.contains(words), "`{words}` is said:\n{text}");
    }
}

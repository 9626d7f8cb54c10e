//! Policies as a person writes them, asked at the edges: of their patterns, of their windows, of the clocks.

mod properties;

use std::path::Path;

use chrono::{DateTime, TimeDelta};

use super::*;
use crate::objects::{Kind, Time};
use crate::release::acting::Direction;

fn policies(text: &str) -> Vec<Policy> {
    let loaded = crate::config::load(Some((Path::new("config.toml"), text)));
    assert_eq!(loaded.banners, Vec::new());
    loaded.config.policies
}

fn at(text: &str) -> Time {
    DateTime::parse_from_rfc3339(text).expect("a moment").to_utc()
}

fn checkout() -> ReleaseRef {
    ReleaseRef { namespace: "payments".into(), name: "checkout".into(), kind: Kind::Rollout }
}

fn ruled(text: &str, verb: Verb, now: &str) -> Ruling {
    rule(&policies(text), "prod-eu", &checkout(), verb, at(now))
}

/// Whether a freeze of these times holds at each moment.
fn held(freeze: &str, moments: &[&str]) -> Vec<bool> {
    let text = format!("[[policy]]\nmatch = \"*/*/*\"\nfreeze = [{freeze}]");
    moments.iter().map(|now| ruled(&text, Verb::Advance, now).freeze.is_some()).collect()
}

const NOW: &str = "2026-11-21T03:00:00Z";

#[test]
fn a_policy_is_about_what_all_three_parts_of_its_pattern_fit() {
    for (pattern, context, fits) in [
        ("*/*/*", "prod-eu", true),
        ("*/*/*", "", true),
        ("prod-*/payments/*", "prod-eu", true),
        ("prod-*/payments/*", "eu-prod-eu", false),
        ("prod-eu/payments/check?ut", "prod-eu", true),
        ("prod-*/pay/*", "prod-eu", false),
        ("*/*/check", "prod-eu", false),
        ("arn:aws:eks:eu:1:cluster/prod/payments/*", "arn:aws:eks:eu:1:cluster/prod", true),
        ("arn:aws:eks:eu:1:cluster/prod/payments/*", "arn:aws:eks:eu:1:cluster/test", false),
        ("*/payments/*", "shop/api-example:6443/ada", true),
    ] {
        let policy = &policies(&format!("[[policy]]\nmatch = \"{pattern}\"\nadvance = \"typed\""))[0];
        assert_eq!(policy.is_about(context, &checkout()), fits, "{pattern} {context}");
    }
}

#[test]
fn of_several_words_the_strictest_holds_whatever_their_order() {
    const WORDS: [(&str, Need); 4] =
        [("advance = \"confirm\"", Need::Key), ("advance = \"typed\"", Need::Typed), ("advance = \"deny\"", Need::Deny), ("", Need::Key)];
    for (first, one) in WORDS {
        for (second, other) in WORDS {
            let text = format!("[[policy]]\nmatch = \"prod-*/*/*\"\n{first}\n[[policy]]\nmatch = \"*/payments/*\"\n{second}");
            let ruling = ruled(&text, Verb::Advance, NOW);
            assert_eq!(ruling.confirm, one.max(other), "{text}");
            assert_eq!(ruling.denied.is_some(), one.max(other) == Need::Deny, "{text}");
        }
    }
}

#[test]
fn a_ruling_names_who_asks_what_and_its_refusals_are_sentences() {
    let text = "[[policy]]\nmatch = \"prod-*/*/*\"\nskip = \"typed\"\n\n[[policy]]\nmatch = \"*/payments/*\"\nskip = { deny = \"only the release manager\", note = \"required\" }\n";
    let ruling = ruled(text, Verb::Skip, NOW);
    let because: Vec<String> = ruling.because.iter().map(ToString::to_string).collect();
    assert_eq!(
        because,
        ["a typed name: config.toml:3 (prod-*/*/*)", "denied: config.toml:7 (*/payments/*)", "a note: config.toml:7 (*/payments/*)"]
    );
    assert_eq!(
        ruling.refusal("because").expect("denied"),
        "A policy does not let you skip here (config.toml:7 (*/payments/*)): only the release manager."
    );
    assert_eq!(ruled(text, Verb::Advance, NOW), Ruling::free(Verb::Advance));
    assert_eq!(Ruling::free(Verb::Advance).refusal(""), None);
}

#[test]
fn read_only_and_a_required_note_ask_nothing_of_a_note() {
    let text = "[[policy]]\nmatch = \"*/*/*\"\nread-only = true\nnote = \"required\"";
    for verb in Verb::ALL {
        let ruling = ruled(text, verb, NOW);
        assert_eq!((ruling.read_only, ruling.note_required), (verb != Verb::Note, verb != Verb::Note), "{verb}");
        assert_eq!(ruling.refusal("why").is_some(), verb != Verb::Note, "{verb}: a note does not open what is read-only");
    }
    let asked = ruled("[[policy]]\nmatch = \"*/*/*\"\nabort = { note = \"required\" }", Verb::Abort, NOW);
    assert_eq!(asked.confirm, Need::Key);
    assert!(asked.refusal(" ").is_some_and(|said| said.contains("asks for a note")));
    assert_eq!(asked.refusal("errors at 20 %"), None);
}

#[test]
fn all_speaks_of_every_intent_that_sends_something() {
    for verb in Verb::ALL {
        let ruling = ruled("[[policy]]\nmatch = \"*/*/*\"\nall = \"typed\"", verb, NOW);
        assert_eq!(ruling.confirm == Need::Typed, verb != Verb::Note, "{verb}");
    }
}

#[test]
fn inside_a_freeze_only_what_leads_to_safety_passes_and_the_rest_needs_a_reason() {
    let text = "[[policy]]\nmatch = \"*/*/*\"\nfreeze = [{ start = \"2026-11-20T00:00\", end = \"2026-11-22T09:00\", zone = \"Europe/Berlin\", why = \"Black Friday\" }]";
    for verb in Verb::ALL {
        let ruling = ruled(text, verb, NOW);
        let passes = matches!(verb.direction(), Direction::Safety | Direction::None);
        assert_eq!(ruling.needs_override(), !passes, "{verb}");
        assert_eq!(ruling.confirm, if passes { Need::Key } else { Need::Typed }, "{verb}");
        assert_eq!(ruling.refusal("").is_none(), passes, "{verb}");
        assert_eq!(ruling.refusal("the fix for the outage"), None, "{verb}");
        let frozen = ruling.freeze.expect("it holds, whoever passes it");
        assert_eq!(frozen.words(), "until 2026-11-22 09:00 Europe/Berlin: Black Friday");
    }
    let said = ruled(text, Verb::PromoteFull, NOW).refusal("").expect("frozen");
    assert_eq!(
        said,
        "A freeze holds until 2026-11-22 09:00 Europe/Berlin: Black Friday (config.toml:3 (*/*/*)). Pause, abort and roll back go through; to promote fully all the same, write the reason as a note."
    );
}

#[test]
fn a_freeze_holds_from_its_first_moment_until_just_before_its_end() {
    let freeze = "\"2026-12-20T00:00 .. 2027-01-02T08:00 Europe/Berlin\"";
    let moments = ["2026-12-19T22:59:59Z", "2026-12-19T23:00:00Z", "2027-01-02T06:59:59Z", "2027-01-02T07:00:00Z"];
    assert_eq!(held(freeze, &moments), [false, true, true, false]);
}

#[test]
fn a_freeze_that_begins_in_an_hour_the_clocks_skip_begins_when_they_jump() {
    // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    let begins = "\"2026-03-29T02:30 .. 2026-03-29T12:00 Europe/Berlin\"";
    assert_eq!(held(begins, &["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"]), [false, true]);
    let ends = "\"2026-03-28T00:00 .. 2026-03-29T02:30 Europe/Berlin\"";
    assert_eq!(held(ends, &["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"]), [true, false]);
    // Every night at half past two for an hour: on that night the window is what is left of it.
    let nightly = "{ rrule = \"FREQ=DAILY\", start = \"2026-01-01T02:30\", for = \"1h\", zone = \"Europe/Berlin\" }";
    let moments = ["2026-03-28T01:30:00Z", "2026-03-28T02:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:29:59Z", "2026-03-29T01:30:00Z"];
    assert_eq!(held(nightly, &moments), [true, false, true, true, false]);
}

#[test]
fn an_hour_that_comes_twice_is_frozen_twice() {
    // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    let freeze = "\"2026-10-25T02:00 .. 2026-10-25T02:30 Europe/Berlin\"";
    let moments = ["2026-10-24T23:59:59Z", "2026-10-25T00:00:00Z", "2026-10-25T00:45:00Z", "2026-10-25T01:29:59Z", "2026-10-25T01:30:00Z"];
    assert_eq!(held(freeze, &moments), [false, true, true, true, false]);
}

#[test]
fn every_weekend_begins_and_ends_by_the_clocks_in_both_seasons() {
    let weekend = "{ rrule = \"FREQ=WEEKLY;BYDAY=FR;BYHOUR=16;BYMINUTE=0;BYSECOND=0\", start = \"2026-01-02T16:00\", for = \"2d16h\", zone = \"Europe/Berlin\" }";
    // Before its first; winter; over the change of clocks, still to Monday 08:00; summer.
    let moments = [
        "2026-01-02T14:59:59Z",
        "2026-01-02T15:00:00Z",
        "2026-01-05T06:59:59Z",
        "2026-01-05T07:00:00Z",
        "2026-03-27T15:00:00Z",
        "2026-03-30T05:59:59Z",
        "2026-03-30T06:00:00Z",
        "2036-07-04T13:59:59Z",
        "2036-07-04T14:00:00Z",
    ];
    assert_eq!(held(weekend, &moments), [false, true, true, false, true, true, false, false, true]);
    assert_eq!(held(weekend, &["2025-12-27T12:00:00Z"]), [false], "a rule says nothing of the time before its start");
}

#[test]
fn a_rule_ends_where_it_says_and_its_last_window_is_whole() {
    let counted = "{ rrule = \"FREQ=DAILY;COUNT=2\", start = \"2026-05-01T00:00\", for = \"6h\", zone = \"UTC\" }";
    assert_eq!(held(counted, &["2026-05-02T05:59:59Z", "2026-05-03T00:00:00Z"]), [true, false]);
    // The last moment by the clocks of the zone: 1 June 00:00 in Tokyo is 31 May 15:00 UTC.
    let until = "{ rrule = \"FREQ=DAILY;UNTIL=20260531T150000Z\", start = \"2026-05-01T00:00\", for = \"6h\", zone = \"Asia/Tokyo\" }";
    assert_eq!(held(until, &["2026-05-31T15:00:00Z", "2026-05-31T20:59:59Z", "2026-06-01T15:00:00Z"]), [true, true, false]);
    let whole_day = "{ rrule = \"FREQ=DAILY;UNTIL=20260531\", start = \"2026-05-01T12:00\", for = \"6h\", zone = \"UTC\" }";
    assert_eq!(held(whole_day, &["2026-05-31T12:00:00Z", "2026-06-01T12:00:00Z"]), [true, false]);
}

#[test]
fn months_and_years_keep_their_edges() {
    let last_friday = "{ rrule = \"FREQ=MONTHLY;BYDAY=-1FR\", start = \"2026-01-30T12:00\", for = \"4h\", zone = \"UTC\" }";
    assert_eq!(held(last_friday, &["2026-02-27T12:00:00Z", "2026-02-20T12:00:00Z", "2026-10-30T15:59:59Z"]), [true, false, true]);
    let leap = "{ rrule = \"FREQ=YEARLY\", start = \"2024-02-29T00:00\", for = \"1d\", zone = \"UTC\" }";
    assert_eq!(held(leap, &["2028-02-29T12:00:00Z", "2027-02-28T12:00:00Z", "2027-03-01T12:00:00Z"]), [true, false, false]);
    let new_year = "{ rrule = \"FREQ=YEARLY\", start = \"2020-12-24T00:00\", for = \"10d\", zone = \"UTC\" }";
    assert_eq!(held(new_year, &["2027-01-02T23:59:59Z", "2027-01-03T00:00:00Z"]), [true, false]);
}

#[test]
fn freezes_that_follow_one_another_end_together_and_the_next_one_is_told() {
    let policies = policies(concat!(
        "[[policy]]\nmatch = \"*/*/*\"\n",
        "freeze = [\"2026-12-20T00:00 .. 2026-12-27T00:00 UTC\", \"2026-12-26T00:00 .. 2027-01-02T08:00 UTC\"]\n",
        "[[policy]]\nmatch = \"prod-*/*/*\"\nfreeze = [{ start = \"2027-01-02T08:00\", end = \"2027-01-03T00:00\", zone = \"UTC\", why = \"audit\" }]\n",
        "[[policy]]\nmatch = \"test/*/*\"\nfreeze = [\"2026-12-01T00:00 .. 2027-12-01T00:00 UTC\"]\n",
    ));
    let end = at("2027-01-03T00:00:00Z");
    let now = rule(&policies, "prod-eu", &checkout(), Verb::Advance, at("2026-12-21T00:00:00Z"));
    assert_eq!(now.freeze.map(|frozen| frozen.until), Some(end));
    let next = |now: &str, days| next_freeze(&policies, "prod-eu", &checkout(), at(now), TimeDelta::days(days));
    let told = next("2026-12-10T00:00:00Z", 30).expect("it is near");
    assert_eq!((told.from, told.until), (at("2026-12-20T00:00:00Z"), end));
    assert_eq!(next("2026-12-10T00:00:00Z", 5), None);
    assert_eq!(next("2027-01-03T00:00:00Z", 300), None);
}

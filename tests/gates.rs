//! Gates, seen where a person meets them: on the plan of what makes exposure grow, and never on the way to safety.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

mod stage;

use std::path::Path;
use std::process::Command;

use chrono::TimeDelta;
use flightdeck::config;
use flightdeck::objects::{Kind, ReleaseRef};
use flightdeck::release::acting::{Change, Closed, Limits, closed};
use flightdeck::release::telemetry::Metering;
use flightdeck::release::{Label, Release};
use flightdeck::slo::verdict::Word;
use stage::Time;
use stage::deck::Deck;

fn snapshot(scenario: &str, at: &str, screen: &str, keys: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["snapshot", "--demo", scenario, "--at", at, "--screen", screen, "--size", "140x60", "--keys", keys])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn keys(text: &str) -> String {
    text.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_failed_verdict_closes_the_way_up_until_somebody_writes_why() {
    let plan = snapshot("bad-canary", "8m", "plan", "K");
    assert!(plan.contains("Gate closed") && plan.contains("FAIL by availability"), "{plan}");
    assert!(plan.contains("A note is asked for: a gate is closed"), "{plan}");
    let typed = format!("K {} enter {} enter", keys("soak"), keys("checkout"));
    let sent = snapshot("bad-canary", "8m", "release", &typed);
    assert!(sent.contains("skip took effect") || sent.contains("skip sent"), "{sent}");
    let journal = snapshot("bad-canary", "8m", "release", &format!("{typed} J"));
    let words = journal.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("note: soak (over a closed gate: the verdict on 1.5.0 is FAIL by availability)"), "{journal}");
    let line = plan.lines().last().unwrap_or_default();
    assert!(line.contains("enter next question") && !line.contains("do it"), "enter takes the note and sends nothing: {line}");
    // The name alone, and the reason alone, send nothing.
    for typed in [format!("K {} enter", keys("checkout")), "K enter enter y".to_owned()] {
        let left = snapshot("bad-canary", "8m", "release", &format!("{typed} esc J"));
        assert!(!left.contains("PATCH"), "{typed}\n{left}");
    }
}

#[test]
fn no_gate_stands_in_the_way_of_safety() {
    for key in ["a", "p", "R"] {
        let plan = snapshot("bad-canary", "8m", "plan", key);
        assert!(!plan.contains("Gate closed"), "{plan}");
    }
    let healthy = snapshot("canary", "0s", "plan", "g");
    assert!(!healthy.contains("Gate closed"), "nothing is known against it, and nobody asked for more\n{healthy}");
}

#[test]
fn a_policy_can_ask_for_more_and_never_for_less() {
    let text = "[[policy]]\nmatch = \"*/payments/*\"\ngate = { verdict = \"pass\", budget = 0.1, burn = 10, exposure = 0.5 }\n[[policy]]\nmatch = \"*/other/*\"\ngate = { budget = 0.9 }\n";
    let loaded = config::load(Some((Path::new("config.toml"), text)));
    assert_eq!((loaded.banners, loaded.read_only), (Vec::new(), None));
    let checkout = ReleaseRef { namespace: "payments".into(), name: "checkout".into(), kind: Kind::Rollout };
    let asked = config::gates(&loaded.config.policies, "prod", &checkout);
    assert_eq!(asked.len(), 2, "what holds for all, and the one policy that speaks of it");
    assert_eq!((asked[0].0, asked[0].1.is_none()), (flightdeck::release::acting::Limits::default(), true));
    let limits = asked[1].0;
    assert_eq!((limits.pass, limits.budget, limits.burn, limits.exposure), (true, Some(0.1), Some(10.0), Some(0.5)));
    for (wrong, told) in [
        ("gate = { verdict = \"any\" }", "a verdict gate is \"pass\""),
        ("gate = { budget = 10 }", "budget is a share from 0 to 1"),
        ("gate = { burn = 0 }", "burn is a number above 0"),
        ("gate = { bugdet = 0.1 }", "budget"),
        ("gate = 1", "a table such as"),
    ] {
        let loaded = config::load(Some((Path::new("config.toml"), &format!("[[policy]]\nmatch = \"*/*/*\"\n{wrong}\n"))));
        assert!(loaded.read_only.is_some(), "a mistake in a gate starts it read-only: {wrong}");
        assert!(loaded.banners.iter().any(|mistake| mistake.to_string().contains(told)), "{wrong}: {:?}", loaded.banners);
    }
}

/// All that is promised is what the router was told: a share that strays above its weight is no reason to let the next step pass.
#[test]
fn a_measured_share_above_its_weight_opens_no_gate() {
    let (mut release, change, now) = advance();
    let limits = Limits { exposure: Some(0.5), ..Limits::default() };
    assert_eq!(gates(&closed(&release, &change, &limits, now)), ["exposure"]);
    let after = change.exposed.after.unwrap();
    let mut share = release.exposure.configured.clone().unwrap();
    assert!(share.value < after);
    (share.value, share.label) = (after, Label::Measured);
    (release.exposure.measured, release.exposure.headline) = (Some(share.clone()), Some(share));
    assert_eq!(gates(&closed(&release, &change, &limits, now)), ["exposure"]);
}

#[test]
fn a_server_that_went_away_opens_no_gate() {
    let (mut release, change, now) = advance();
    let limits = Limits { pass: true, budget: Some(0.1), burn: Some(10.0), exposure: None };
    let telemetry = release.telemetry.as_mut().unwrap();
    telemetry.verdicts.iter_mut().for_each(|one| one.word = Word::Pass);
    assert_eq!(gates(&closed(&release, &change, &limits, now)), [""; 0], "all is well and counted now");
    // Nobody is told that the server is away, and its figures age.
    for (late, shut) in [(148, vec![]), (170, vec!["verdict", "budget", "burn"])] {
        assert_eq!(gates(&closed(&release, &change, &limits, now + TimeDelta::seconds(late))), shut, "{late} s later");
    }
    release.telemetry.as_mut().unwrap().metering =
        Metering::Failing { word: "no answer".into(), sentence: "no answer".into(), retry_at: now };
    let shut = closed(&release, &change, &limits, now);
    assert_eq!(gates(&shut), ["verdict", "budget", "burn"]);
    assert!(shut[0].why.contains("nothing is counted now"), "{}", shut[0].why);
}

#[test]
fn a_gate_stands_on_the_window_that_decides_and_not_on_the_newest_answer() {
    let mut deck = Deck::open();
    deck.count(10.0, 0.0, false);
    deck.burn(0.5, &[300, 1800, 3600, 21_600]);
    let asked = Limits { burn: Some(10.0), ..Limits::default() };
    let shut = |deck: &mut Deck| {
        let (release, change, now) = planned(deck);
        gates(&closed(&release, &change, &asked, now)).len()
    };
    assert_eq!(shut(&mut deck), 0);
    for _ in 0..6 {
        deck.pass(30);
        deck.count(10.0, 0.0, false);
        deck.burn(0.5, &[3600, 21_600]);
    }
    assert_eq!(shut(&mut deck), 1, "the shortest window was worked out three minutes ago");
    deck.burn(0.5, &[300]);
    assert_eq!(shut(&mut deck), 0);
}

fn gates(closed: &[Closed]) -> Vec<&str> {
    closed.iter().map(|one| one.gate.as_str()).collect()
}

/// A canary at 60 % that is counted, and the plan to go on.
fn advance() -> (Release, Change, Time) {
    let mut deck = Deck::open();
    deck.count(10.0, 0.0, false);
    deck.burn(0.5, &[300, 1800, 3600, 21_600]);
    planned(&mut deck)
}

fn planned(deck: &mut Deck) -> (Release, Change, Time) {
    deck.stage.keys("g");
    let change = deck.stage.state.plan().unwrap().planned.clone().unwrap();
    deck.stage.keys("esc");
    (deck.stage.state.shown()[&deck.key].clone(), change, deck.stage.now)
}

#[test]
fn a_minute_that_began_before_the_weight_moved_does_not_pass_for_now() {
    let mut deck = Deck::open();
    let share = |deck: &Deck| deck.stage.state.shown()[&deck.key].exposure.headline.clone().unwrap();
    let counted = |deck: &mut Deck, seconds: i64| {
        for _ in 0..seconds / 10 {
            deck.pass(10);
            deck.count(100.0, 0.0, false);
        }
    };
    counted(&mut deck, 60);
    let before = share(&deck);
    assert_eq!(before.label, Label::Measured);
    deck.written(|raw| {
        raw["status"]["canary"]["weights"]["canary"]["weight"] = 5.into();
        raw["status"]["canary"]["weights"]["stable"]["weight"] = 95.into();
    });
    counted(&mut deck, 20);
    let now = share(&deck);
    assert_eq!((now.value, now.label), (0.05, Label::Configured), "the router leads, {} is from before", before.value);
    let text = deck.stage.text((200, 60));
    assert!(text.contains("last minute, mixed"), "the figure is still told, as what it is\n{text}");
    deck.stage.keys("w");
    let text = deck.stage.text((160, 200));
    assert!(text.contains("part of it before the router was told its weight"), "{text}");
    deck.stage.keys("esc");
    counted(&mut deck, 60);
    assert_eq!(share(&deck).label, Label::Measured, "a whole minute at the new weight is counted");
}

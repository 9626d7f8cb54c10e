//! `flightdeck guard` without a screen, on embedded clusters whose time runs as fast as it can be reckoned.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn guard(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
    command.env_clear().env("HOME", home).env("XDG_STATE_HOME", home.join("state")).env("LANG", "C.UTF-8");
    command.args(["guard", "payments/checkout"]).args(args).stdin(Stdio::null());
    command
}

/// What the journal tells, line by line: what kind, which intent, and what is said of it.
fn journal(home: &Path) -> Vec<(String, String, String)> {
    let Ok(days) = std::fs::read_dir(home.join("state/flightdeck/journal")) else { return Vec::new() };
    let text: String = days.map(|day| std::fs::read_to_string(day.unwrap().path()).unwrap()).collect();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| ["told", "intent", "effect"].map(|key| line[key].as_str().unwrap().to_owned()).into()).collect()
}

fn ran(args: &[&str]) -> (i32, String, Vec<(String, String, String)>) {
    let home = tempfile::tempdir().unwrap();
    let Output { status, stdout, stderr } = guard(home.path(), args).output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.code().unwrap(), said, journal(home.path()))
}

#[test]
fn a_bad_canary_is_aborted_once_and_everything_is_written_down() {
    let (code, said, journal) = ran(&["--demo", "bad-canary", "--when", "verdict fail", "--do", "abort", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("payments/checkout: Acted, because FAIL by ") && said.contains("abort took effect after"), "{said}");
    let told: Vec<&str> = journal.iter().map(|(told, ..)| told.as_str()).collect();
    assert_eq!(told, ["guard", "guard", "guard", "about", "answer", "effect"], "{journal:?}");
    assert!(journal[0].2.starts_with("armed: abort when the verdict is FAIL") && journal[2].2.starts_with("fired: FAIL"), "{journal:?}");
}

#[test]
fn it_rolls_back_by_what_was_harmed_and_waits_for_what_its_plan_needs() {
    let (code, said, journal) = ran(&["--demo", "bad-canary", "--when", "harmed over 30", "--do", "rollback", "--yes", "--wait", "2m"]);
    assert!(code == 1 && said.contains("roll back"), "{code} {said}");
    assert_eq!(journal.iter().filter(|(told, intent, _)| told == "about" && intent == "rollback").count(), 1, "{journal:?}");
}

#[test]
fn a_release_that_ends_well_ends_it_and_nothing_was_sent() {
    let (code, said, journal) =
        ran(&["--demo", "canary", "--seed", "2", "--at", "13m", "--when", "pods failing", "--do", "pause", "--yes"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Disarmed without having acted: the release has ended"), "{said}");
    assert!(journal.iter().all(|(told, ..)| told == "guard"), "{journal:?}");
}

#[test]
fn nothing_is_armed_without_a_word_of_consent_or_where_it_is_of_no_use() {
    for (args, wanted, told) in [
        (&["--demo", "canary", "--when", "verdict fail", "--do", "abort"][..], 2, "--yes arms it"),
        (&["--demo", "canary", "--when", "verdict fail", "--do", "promote-full", "--yes"], 2, "pause, abort or rollback"),
        (&["--demo", "canary", "--when", "it rains", "--do", "abort", "--yes"], 2, "is no condition"),
        (&["--demo", "canary", "--at", "30m", "--when", "verdict fail", "--do", "abort", "--yes"], 2, "nothing is being released"),
        (&["--demo", "canary", "--when", "verdict fail", "--do", "abort", "--yes", "--read-only"], 2, "only reads"),
    ] {
        let (code, said, journal) = ran(args);
        assert_eq!(code, wanted, "{args:?} {said}");
        assert!(said.contains(told), "{args:?} {said}");
        assert!(journal.is_empty(), "{args:?} {journal:?}");
    }
}

#[test]
fn a_signal_disarms_it_with_a_clear_last_line() {
    let home = tempfile::tempdir().unwrap();
    let mut command = guard(home.path(), &["--demo", "canary", "--when", "pods failing", "--do", "pause", "--yes"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0];
    std::io::Read::read_exact(child.stderr.as_mut().unwrap(), &mut first).unwrap();
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::TERM).unwrap();
    let status = child.wait().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert_eq!(
        (status.code(), said.as_str()),
        (Some(143), "payments/checkout: Disarmed by a signal before it had to act; nothing was sent.\n")
    );
    assert!(journal(home.path()).last().unwrap().2.starts_with("disarmed: ended by a signal"));
}

#[test]
fn a_release_that_ends_in_the_countdown_is_not_called_well() {
    let (code, said, journal) =
        ran(&["--demo", "canary", "--seed", "2", "--at", "13m", "--when", "harmed over 0", "--do", "pause", "--yes", "--countdown", "10h"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Disarmed in its countdown, before it had acted: the release has ended. It counted down because "), "{said}");
    assert!(journal.iter().all(|(told, ..)| told == "guard"), "{journal:?}");
}

#[test]
fn with_a_speed_it_lives_in_time_that_passes() {
    let began = std::time::Instant::now();
    let (code, said, journal) =
        ran(&["--demo", "bad-canary", "--at", "8m", "--speed", "5", "--when", "verdict fail", "--do", "abort", "--yes"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("abort took effect after"), "{said}");
    assert!(journal.iter().any(|(told, intent, _)| told == "effect" && intent == "abort"), "{journal:?}");
    assert!(began.elapsed() >= std::time::Duration::from_secs(2), "ten seconds of countdown, five in one: {:?}", began.elapsed());
    let (code, said, journal) = ran(&["--demo", "canary", "--speed", "0", "--when", "verdict fail", "--do", "abort", "--yes"]);
    assert!(code == 2 && said.contains("--speed 0 is no speed"), "{said}");
    assert!(journal.is_empty());
}

#[test]
fn a_release_that_ended_unseen_was_not_guarded() {
    let args = ["--demo", "no-metrics", "--do", "abort", "--yes", "--when", "verdict fail"];
    let (code, said, journal) = ran(&args);
    assert_eq!(code, 2, "{said}");
    assert!(said.starts_with("payments/checkout: Not guarded: the release has ended, and it never could see (Prometheus knows"), "{said}");
    assert!(journal.iter().all(|(told, ..)| told == "guard"), "{journal:?}");
    // One of two that can be seen is guarded by, and the other is named.
    let (code, said, _) = ran(&[&args[..], &["--when", "pods failing"]].concat());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("It could not see whether the verdict is FAIL: Prometheus knows no request metric of it"), "{said}");
    assert!(said.contains("; it can't see whether the verdict is FAIL") && !said.contains("can't see: Prometheus"), "{said}");
    // Its own end is seen by what is counted.
    let (code, said, _) = ran(&["--demo", "canary", "--seed", "2", "--at", "13m", "--when", "verdict fail", "--do", "pause", "--yes"]);
    assert!(code == 0 && !said.contains("could not see"), "{said}");
}

#[test]
fn a_countdown_is_told_once_for_each_cause_with_what_is_left_of_it() {
    let (_, said, _) = ran(&["--demo", "bad-canary", "--when", "verdict fail", "--do", "abort", "--yes", "--countdown", "60s"]);
    let counts: Vec<&str> = said.lines().filter(|line| line.contains("; a signal stops it")).collect();
    let causes: std::collections::BTreeSet<String> =
        counts.iter().map(|line| line.chars().filter(|c| !c.is_ascii_digit()).collect()).collect();
    assert!(!counts.is_empty() && counts.len() <= causes.len() + 1, "{said}");
    assert!(counts[0].contains("abort in 60 s, because FAIL"), "{said}");
    assert!(counts[1..].iter().all(|line| !line.contains("in 60 s")), "{said}");
}

//! A release by Flagger, flown whole on the embedded cluster: what its own checks say beside the counts, and who takes it back while it is suspended.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn ran(home: &Path, args: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
    command.env_clear().env("HOME", home).env("XDG_STATE_HOME", home.join("state")).env("LANG", "C.UTF-8");
    let Output { status, stdout, stderr } = command.args(args).stdin(Stdio::null()).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

fn why(at: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let args = ["snapshot", "--demo", "flagger", "--at", at, "--screen", "why", "--size", "160x400"];
    let (code, said) = ran(home.path(), &args);
    assert_eq!(code, 0, "{said}");
    said
}

#[test]
fn flaggers_checks_stand_beside_the_counts_and_where_they_disagree_it_is_said() {
    let said = why("15s");
    assert!(said.contains("2.1.0 fails") && said.contains("Flagger's checks"), "{said}");
    assert!(said.contains("The controller disagrees: Flagger's checks find nothing wrong, the counts say FAIL"), "{said}");
}

#[test]
fn a_suspended_flagger_has_no_opinion_and_what_it_leaves_undone_is_said() {
    let said = why("60s");
    assert!(said.contains("While it is suspended nothing is checked, nothing moves, and nothing is taken back"), "{said}");
    assert!(!said.contains("The controller disagrees"), "{said}");
}

#[test]
fn a_guard_takes_back_what_a_suspended_flagger_would_not() {
    let home = tempfile::tempdir().unwrap();
    let args = ["guard", "payments/orders", "--demo", "flagger", "--at", "60s", "--when", "verdict fail", "--do", "abort", "--yes"];
    let (code, said) = ran(home.path(), &args);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Acted, because FAIL") && said.contains("abort took effect"), "{said}");
    let days = std::fs::read_dir(home.path().join("state/flightdeck/journal")).unwrap();
    let journal: String = days.map(|day| std::fs::read_to_string(day.unwrap().path()).unwrap()).collect();
    assert!(journal.contains("while it is Flagger checks nothing and takes nothing back"), "what it covers is written down: {journal}");
    assert!(journal.contains("failedChecks") && journal.contains("suspend"), "both writes are: {journal}");
}

#[test]
fn what_can_not_be_done_by_a_guard_is_refused_when_it_is_armed() {
    let home = tempfile::tempdir().unwrap();
    let args = ["guard", "payments/orders", "--demo", "flagger", "--at", "60s", "--when", "verdict fail", "--do", "rollback", "--yes"];
    let (code, said) = ran(home.path(), &args);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("does not abort it"), "{said}");
}

#[test]
fn a_pipeline_is_told_that_it_fails_whatever_flagger_finds() {
    let home = tempfile::tempdir().unwrap();
    let (code, said) = ran(home.path(), &["verify", "payments/orders", "--demo", "flagger", "--for", "1m"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Bad: ") && said.contains("FAIL"), "{said}");
}

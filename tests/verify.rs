//! `flightdeck verify` as a pipeline meets it: what it says, in which form, and with which exit code. The embedded cluster's time runs as fast
//! as it can be reckoned.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn verify(args: &[&str]) -> Command {
    let home = std::env::temp_dir().join("flightdeck-test-home");
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
    command.env_clear().env("HOME", &home).env("LANG", "C.UTF-8").args(["verify", "payments/checkout"]).args(args);
    command.stdin(Stdio::null());
    command
}

fn ran(args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = verify(args).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_canary_that_fails_ends_it_at_once_with_the_reason() {
    let (code, said, _) = ran(&["--demo", "bad-canary"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("Bad: payments/checkout: FAIL by ") && said.contains("1.5.0: ") && said.contains("Evidence"), "{said}");
    assert_eq!(said.lines().count(), 1, "one last line\n{said}");
}

#[test]
fn whoever_begins_late_judges_what_was_counted_since_the_first_pod() {
    let (code, said, _) = ran(&["--demo", "bad-canary", "--at", "8m", "-o", "json"]);
    assert_eq!(code, 1, "{said}");
    let said: Value = serde_json::from_str(&said).unwrap();
    let counted = &said["verdicts"][0];
    assert_eq!((&said["outcome"], &said["verdict"], &counted["word"]), (&"fail".into(), &"FAIL".into(), &"FAIL".into()), "{said:#}");
    // It looked for seconds, and knows of minutes.
    assert!(counted["window_seconds"].as_u64().unwrap() > 300, "{said:#}");
}

#[test]
fn a_canary_that_waits_for_a_person_and_was_good_for_long_enough_passes() {
    let args = ["--demo", "canary", "--seed", "6", "--at", "2m", "--for", "2m"];
    let (code, said, told) = ran(&args);
    assert_eq!(code, 0, "{said}{told}");
    assert!(said.starts_with("Good: payments/checkout: 1.5.0 waits for a person") && said.contains("good for 2m"), "{said}");
    assert!(told.contains("PASS"), "progress is told on standard error: {told}");
    let junit = ran(&[&args[..], &["-o", "junit"]].concat()).1;
    assert!(junit.starts_with("<?xml") && junit.contains("tests=\"2\" failures=\"0\" errors=\"0\""), "{junit}");
    // The same question is answered in the same words.
    assert_eq!(ran(&args).1, said);
}

#[test]
fn a_release_that_was_out_before_anybody_asked_is_judged_by_what_is_counted_on() {
    // It is out at about 18m, and nobody looked before.
    let (code, said, told) = ran(&["--demo", "canary", "--seed", "2", "--at", "20m", "--for", "1m", "--timeout", "20m", "-o", "json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(code, 0, "{said:#}{told}");
    assert_eq!((&said["outcome"], &said["version"]), (&"pass".into(), &"1.5.0".into()), "{said:#}");
    assert!(said["reason"].as_str().unwrap().contains("1.5.0 is out"), "{said:#}");
}

#[test]
fn both_versions_keep_their_names_once_the_new_one_is_the_only_one() {
    let (code, said, told) = ran(&["--demo", "canary", "--seed", "2", "--at", "13m30s", "--for", "5m", "--timeout", "20m", "-o", "json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["step"]), (0, &"done".into()), "{said:#}{told}");
    let counted = said["verdicts"][0]["counts"].as_str().unwrap();
    assert!(said["version"] == "1.5.0" && counted.starts_with("1.5.0: ") && counted.contains("; 1.4.2: "), "{said:#}");
}

#[test]
fn what_is_not_counted_is_never_good() {
    let (code, said, _) = ran(&["--demo", "no-metrics", "--for", "1m", "-o", "json"]);
    assert_eq!(code, 2, "{said}");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["outcome"], "unknown");
    assert!(said["reason"].as_str().unwrap().contains("nothing was counted"), "{said:#}");
    let (code, said) = of("low-traffic", &["--for", "1m", "--timeout", "5m"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("not decided in time"), "{said}");
}

#[test]
fn a_crash_needs_no_metrics() {
    let (code, said) = of("crashloop", &[]);
    assert_eq!(code, 1, "{said}");
}

/// Verifies the named release of a scenario.
fn of(scenario: &str, args: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
    let output = command.args(["verify", &release_of(scenario), "--demo", scenario]).args(args).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn release_of(scenario: &str) -> String {
    let key = flightdeck::demo::scenario::Scenario::named(scenario).unwrap().release;
    format!("{}/{}", key.namespace, key.name)
}

#[test]
fn what_can_not_be_asked_is_said_and_is_neither_good_nor_bad() {
    for (args, told) in [
        (&["--demo", "canary", "--at", "3m", "--objective", "speed"][..], "no objective speed is promised"),
        (&["--demo", "canary", "--for", "soon"], "is no duration"),
        (&["--demo", "cannary"], "canary"),
    ] {
        let (code, said, wrong) = ran(args);
        assert_eq!(code, 2, "{args:?} {said}{wrong}");
        assert!(format!("{said}{wrong}").contains(told), "{args:?} {said}{wrong}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_flightdeck")).args(["verify", "payments/nothing", "--demo", "canary"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no release payments/nothing"));
}

#[test]
fn who_reads_json_or_junit_is_told_there_why_nothing_could_be_looked_at() {
    let nothing = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
        let output = command.args(["verify", "payments/nothing"]).args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    for (args, why) in [
        (&["--demo", "canary", "-o", "json"][..], "no release payments/nothing"),
        (&["--kubeconfig", "/nowhere/kubeconfig", "-o", "json"], "/nowhere/kubeconfig"),
    ] {
        let (code, said) = nothing(args);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((code, &said["outcome"]), (Some(2), &"unknown".into()), "{said:#}");
        assert!(said["reason"].as_str().unwrap().contains(why), "{said:#}");
    }
    let (code, said) = nothing(&["--demo", "canary", "-o", "junit"]);
    assert!(code == Some(2) && said.contains("errors=\"1\"") && said.contains("no release payments/nothing"), "{said}");
}

#[test]
fn a_signal_ends_it_with_a_clear_last_line() {
    let mut child: Child =
        verify(&["--demo", "canary", "--for", "10h", "--timeout", "100h"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It says what stands as soon as something does.
    let mut first = [0];
    std::io::Read::read_exact(child.stderr.as_mut().unwrap(), &mut first).unwrap();
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::TERM).unwrap();
    let status = child.wait().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert_eq!(status.code(), Some(143), "{said}");
    assert!(said.starts_with("Could not tell: payments/checkout: ended by a signal"), "{said}");
}

/// Real time, in which the cluster's first words may come before the metrics server's: nothing is decided before that was asked.
#[test]
fn a_server_that_has_not_spoken_yet_is_not_taken_for_none() {
    for _ in 0..6 {
        let (code, said, told) = ran(&["--demo", "bad-canary", "--speed", "1", "--timeout", "1500ms"]);
        assert_eq!(code, 2, "{said}{told}");
        assert!(said.contains("not decided in time") && !said.contains("no Prometheus is named"), "{said}{told}");
    }
}

#[test]
fn a_release_that_is_not_there_is_told_with_what_is() {
    for (args, told) in [
        (&["payments/chekout", "--demo", "bad-canary"][..], "there is no release payments/chekout here; did you mean payments/checkout?"),
        (&["deployment/payments/checkout", "--demo", "bad-canary"], "that is a rollout: write rollout/payments/checkout"),
        (&["shop/web", "--demo", "bad-canary"], "the scenario bad-canary has payments/checkout"),
        (&["payments/checkout", "-n", "nope", "--demo", "bad-canary"], "payments/checkout is in namespace payments, and -n says nope"),
    ] {
        for command in ["verify", "guard"] {
            let mut asked = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
            asked.arg(command).args(args);
            if command == "guard" {
                asked.args(["--when", "verdict fail", "--do", "abort", "--yes"]);
            }
            let output = asked.output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(2) && said.contains(told), "{command} {args:?} {said}");
        }
    }
}

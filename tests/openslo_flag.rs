//! An OpenSLO file named on the command line is in force for that run; one that can't be read is an error and not a remark.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

const SLO: &str = r#"
apiVersion: openslo/v1
kind: SLO
metadata: {name: answered}
spec:
  service: checkout
  indicator:
    metadata: {name: answered}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(http_requests_total{namespace="payments",pod=~"checkout-.*",code!~"5.."}[5m]))'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(http_requests_total{namespace="payments",pod=~"checkout-.*"}[5m]))'}}}
  timeWindow:
    - duration: 1M
      isRolling: false
      calendar: {startTime: "2024-01-01 00:00:00", timeZone: UTC}
  budgetingMethod: Occurrences
  objectives:
    - target: 0.99
"#;

fn snapshot(openslo: &Path) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
    command.env_clear().env("HOME", home.path()).env("LANG", "C.UTF-8").stdin(Stdio::null());
    command.args(["snapshot", "--demo", "bad-canary", "--at", "2m", "--screen", "why", "--size", "160x400", "--openslo"]).arg(openslo);
    command.output().unwrap()
}

#[test]
fn it_is_in_force_with_its_calendar() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slo.yaml");
    std::fs::write(&path, SLO).unwrap();
    let Output { status, stdout, stderr } = snapshot(&path);
    let said = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{said} {}", String::from_utf8_lossy(&stderr));
    assert!(said.contains("answered: 99 % over November") && said.contains("(SLO answered)"), "{said}");
    assert!(said.contains("Budget of November, resets in 9 d"), "{said}");
}

#[test]
fn one_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let Output { status, stdout, stderr } = snapshot(&folder.path().join("none.yaml"));
    assert_eq!((status.code(), stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&stderr).contains("none.yaml: the file is not there"), "{}", String::from_utf8_lossy(&stderr));
}

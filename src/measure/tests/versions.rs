//! Each version judged by itself, beside what the controller's own checks say.

use super::super::*;
use super::given::*;
use crate::objects::{AnalysisPhase, Uid};
use crate::release::words::{sentence, why};
use crate::release::{Analysis, AnalysisRole, Measured as Metric};
use crate::release::{Role, Version};
use crate::slo::verdict::{Rule, Word, overall};

const LEFT: &str = "left";

/// Twenty minutes of counters: so many of a hundred requests in ten seconds fail, by version.
fn lived(told: &mut Told, bad: &[(&str, f64)]) {
    for step in 0..=120_i32 {
        let n = f64::from(step);
        let one = |(version, bad): &(&str, f64)| of(version, &format!("web-{version}-aaaaa"), n * (100.0 - bad), n * bad);
        told.counters(i64::from(step) * 10, &bad.iter().map(one).collect::<Vec<_>>());
    }
}

fn with_a_left_over() -> Release {
    let mut release = release();
    let old: Version = release.versions[1].clone();
    let name = Clean::from(LEFT);
    release.versions.push(Version { uid: Uid(LEFT.into()), hash: name, role: Role::Other, ..old });
    release
}

#[test]
fn a_version_left_over_is_judged_beside_stable_and_does_not_decide() {
    let mut told = Told::new(with_a_left_over());
    lived(&mut told, &[(NEW, 0.0), (OLD, 0.0), (LEFT, 5.0)]);
    let figures = told.read(1201);
    assert_eq!(figures.verdicts.len(), 1);
    assert_eq!(overall(&figures.verdicts).word, Word::Pass);
    let left: Vec<_> = figures.bystanders.iter().map(|one| (one.evidence.version.as_str(), one.word, one.rule)).collect();
    assert_eq!(left, [(LEFT, Word::Fail, Rule::Worse)]);
}

#[test]
fn a_version_without_requests_is_no_bystander() {
    let mut told = Told::new(with_a_left_over());
    lived(&mut told, &[(NEW, 0.0), (OLD, 0.0)]);
    assert!(told.read(1201).bystanders.is_empty());
}

#[test]
fn errors_of_two_pods_in_one_minute_are_not_one_caller() {
    let verdict = |failing: &[&str]| {
        let mut told = Told::new(release());
        for step in 0..=12_i32 {
            let n = f64::from(step) * 200.0;
            let bad = |pod: &str| if step == 12 && failing.contains(&pod) { 20.0 } else { 0.0 };
            let pod = |name: &'static str| of(NEW, name, n, bad(name));
            told.counters(i64::from(step) * 10, &[pod("web-new-aaaaa"), pod("web-new-bbbbb"), of(OLD, "web-old-aaaaa", n * 9.0, 0.0)]);
        }
        let figures = told.read(121);
        (figures.verdicts[0].word, figures.verdicts[0].rule)
    };
    assert_eq!(verdict(&["web-new-aaaaa"]), (Word::Suspect, Rule::OneBurst));
    assert_eq!(verdict(&["web-new-aaaaa", "web-new-bbbbb"]), (Word::Fail, Rule::Worse));
}

fn analysis(phase: AnalysisPhase, counts: [i64; 4]) -> Analysis {
    let metric = Metric {
        name: Clean::from("success-rate"),
        phase,
        last: None,
        at: None,
        condition: Clean::default(),
        counts,
        wanted: None,
        message: Clean::default(),
    };
    Analysis {
        name: Clean::from("web-2-smoke"),
        role: AnalysisRole::Background,
        phase,
        message: Clean::default(),
        started: Some(at(0)),
        metrics: vec![metric],
        dry_run: Vec::new(),
    }
}

fn said(bad: f64, analysis: Analysis) -> (Vec<String>, String) {
    let mut told = Told::new(release());
    lived(&mut told, &[(NEW, bad), (OLD, 0.0)]);
    let mut release = told.release.clone();
    release.telemetry = Some(Box::new(told.read(1201)));
    release.analyses = vec![analysis];
    let reasons = why(&release, at(1201));
    let verdict = reasons.into_iter().filter(|reason| reason.about == "Verdict").map(|reason| reason.text).collect();
    (verdict, sentence(&release, at(1201)).lines()[0].clone())
}

#[test]
fn a_check_that_finds_nothing_while_the_counts_fail_is_a_line_of_its_own() {
    let (verdict, line) = said(5.0, analysis(AnalysisPhase::Running, [4, 0, 0, 0]));
    assert_eq!(verdict[1], "Its controller by web-2-smoke: running (success-rate 4 passed)");
    assert_eq!(verdict[2], "The controller disagrees: web-2-smoke finds nothing wrong, the counts say FAIL");
    assert!(line.contains(&verdict[2]), "{line}");
}

#[test]
fn a_check_that_objects_while_the_counts_pass_is_too() {
    let (verdict, line) = said(0.0, analysis(AnalysisPhase::Inconclusive, [2, 0, 1, 0]));
    assert_eq!(verdict[1], "Its controller by web-2-smoke: undecided (success-rate 2 passed, 1 undecided)");
    assert!(line.contains("The controller disagrees: web-2-smoke does not pass it, the counts say PASS"), "{line}");
}

#[test]
fn agreement_and_a_check_that_has_not_spoken_yet_say_nothing_more() {
    for (bad, analysis) in [
        (5.0, analysis(AnalysisPhase::Running, [0, 0, 0, 0])),
        (5.0, analysis(AnalysisPhase::Running, [3, 1, 0, 0])),
        (0.0, analysis(AnalysisPhase::Running, [4, 0, 0, 0])),
    ] {
        let (verdict, line) = said(bad, analysis);
        assert_eq!(verdict.len(), 2, "{verdict:?}");
        assert!(!line.contains("disagrees"), "{line}");
    }
}

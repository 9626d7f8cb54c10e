//! What is said of a release that is good as far as it went.

use super::*;
use crate::measure::tests::given::{at, release};
use crate::release::{Analysis, AnalysisRole};

/// Good for long enough, and nothing more comes by itself.
fn ripe(release: &Release) -> String {
    let mut watch = Watch::new(None, TimeDelta::minutes(1), at(0));
    watch.version = Some("new".into());
    watch.name = "1.5.0".to_owned();
    watch.good_since = Some(at(0));
    watch.ripe(release, at(120)).unwrap().why
}

#[test]
fn an_objective_that_is_still_being_looked_up_is_waited_for() {
    let mut told = crate::measure::tests::given::Told::new(release());
    told.steady(0);
    let mut under_way = release();
    under_way.telemetry = Some(Box::new(told.read(121)));
    (under_way.control.observed, under_way.control.new_hash) = (true, "new".into());
    let mut watch = Watch::new(Some("from-sloth"), TimeDelta::minutes(1), at(100));
    assert_eq!(watch.look(&under_way, true, at(121)), None, "whom it speaks of is asked of Prometheus first");
    assert_eq!(watch.word, Word::NoData);
    let ended = watch.look(&under_way, true, at(161)).unwrap();
    assert!(ended.answer == Answer::Unknown && ended.why.starts_with("no objective from-sloth is promised of it"), "{}", ended.why);
}

#[test]
fn whoever_leaves_a_release_that_is_paused_by_hand_is_told_that_nothing_takes_it_back() {
    let mut held = release();
    held.phase = Phase::Paused;
    let suspended = "It is paused by hand, and while it is its controller takes nothing back by itself";
    assert!(!ripe(&held).contains(suspended), "it waits as its steps say");
    held.paused_by_hand = true;
    assert!(ripe(&held).ends_with(suspended), "{}", ripe(&held));
    // A pause does not stop an analysis.
    held.analyses.push(Analysis {
        name: "run".into(),
        role: AnalysisRole::Background,
        phase: crate::objects::AnalysisPhase::Running,
        message: Clean::default(),
        started: None,
        metrics: Vec::new(),
        dry_run: Vec::new(),
    });
    assert!(!ripe(&held).contains(suspended));
}

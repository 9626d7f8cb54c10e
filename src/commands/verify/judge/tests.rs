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

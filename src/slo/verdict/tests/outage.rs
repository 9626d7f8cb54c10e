//! An outage of both versions, and what is left to compare with once the new one gets everything.
//! It holds nothing about one version's own errors.

use super::*;

/// Half an hour of both versions well, then ten minutes in which both fail two of a hundred requests; the new version has a fifth of them.
fn outage() -> Watched {
    let before = Some(Outcome { bad: 3000.0, total: 6_000_000.0 });
    let mut watched = Watched::with(Judge::new("6f4d8c9b7", &objective()).with_baseline(before));
    watched.runs(1800, (0.05, 100.0), (0.2, 400.0));
    watched.runs(600, (2.0, 100.0), (8.0, 400.0));
    watched
}

#[test]
fn an_outage_goes_on_being_one_when_the_new_version_gets_everything() {
    let mut watched = outage();
    assert_eq!(watched.now().word, Word::ServiceWide);
    let mut words = Vec::new();
    for (new, old) in [((9.5, 475.0), (0.5, 25.0)), ((10.0, 500.0), (0.0, 0.0))] {
        for _ in 0..12 {
            words.push(watched.runs(60, new, old).word);
        }
    }
    words.dedup();
    assert!(!words.contains(&Word::Fail), "{words:?}");
    let evidence = watched.now().evidence;
    assert_eq!(evidence.compared.before, 0.0, "{}", evidence.compared);
    assert!(evidence.worsened.is_some_and(|old| old.bad / old.total > 0.015), "{:?}", evidence.worsened);
}

#[test]
fn a_switch_amid_an_outage_is_not_failed_for_want_of_a_baseline() {
    let before = Some(Outcome { bad: 3000.0, total: 6_000_000.0 });
    let mut watched = Watched::with(Judge::new("6f4d8c9b7", &objective()).with_baseline(before));
    watched.runs(600, (0.0, 0.0), (10.0, 500.0));
    let mut words = Vec::new();
    for _ in 0..20 {
        words.push(watched.runs(60, (10.0, 500.0), (0.0, 0.0)).word);
    }
    assert!(!words.contains(&Word::Fail), "{words:?}");
    assert_eq!(words.last(), Some(&Word::ServiceWide));
}

#[test]
fn an_old_version_that_was_well_to_its_end_leaves_its_baseline_behind() {
    let before = Some(Outcome { bad: 3000.0, total: 6_000_000.0 });
    let mut watched = Watched::with(Judge::new("6f4d8c9b7", &objective()).with_baseline(before));
    watched.runs(1800, (0.05, 100.0), (0.2, 400.0));
    let bad = watched.runs(300, (10.0, 500.0), (0.0, 0.0));
    assert_eq!(bad.word, Word::Fail, "{:?}", bad.rule);
    let lately = bad.evidence.lately.unwrap();
    assert_eq!(bad.evidence.beside(&lately), before, "what it was weighed against is what it is told beside");
}

#[test]
fn an_outage_that_is_over_gives_the_baseline_back() {
    let mut watched = outage();
    watched.runs(900, (0.05, 100.0), (0.2, 400.0));
    assert_eq!(watched.now().evidence.worsened, None);
    let alone = watched.runs(300, (10.0, 500.0), (0.0, 0.0));
    assert_eq!(alone.word, Word::Fail, "{:?}", alone.rule);
}

//! A page on the service while a version is released.

use super::super::*;
use super::given::*;
use crate::slo::verdict::Rule;
use crate::slo::verdict::{Trouble, Word};

/// Too few requests to tell, and an alert that began at `began`.
fn told(began: i64, severity: &str) -> Told {
    let mut release = release();
    release.versions[0].created = Some(at(60));
    let mut told = Told::new(release);
    for (seconds, new, old) in [(90, 0.0, 1000.0), (105, 20.0, 1200.0), (120, 40.0, 1400.0)] {
        told.counters(seconds, &[of(NEW, "web-new-aaaaa", new, 0.0), of(OLD, "web-old-aaaaa", old, 0.0)]);
    }
    let alert = Alert { name: Clean::from("Burn"), severity: Clean::from(severity), since: at(began) };
    told.take(asked(121), Found::Alerts(vec![alert]));
    told
}

fn verdict(told: &Told, seconds: i64) -> Judgement {
    told.read(seconds).verdicts.remove(0)
}

#[test]
fn a_page_that_began_with_the_version_fails_it_and_an_older_one_does_not() {
    assert_eq!(verdict(&told(30, "page"), 122).word, Word::Warming);
    assert_eq!(verdict(&told(90, "ticket"), 122).word, Word::Warming);
    let paged = verdict(&told(90, "critical"), 122);
    assert_eq!((paged.word, paged.rule), (Word::Fail, Rule::Trouble(Trouble::Page)));
}

#[test]
fn an_old_answer_pages_nobody() {
    assert_eq!(verdict(&told(90, "page"), 280).word, Word::Warming);
}

#[test]
fn a_version_of_which_nothing_is_counted_is_not_failed_by_a_page() {
    let mut release = release();
    release.versions[0].created = Some(at(60));
    let mut told = Told::new(release);
    told.take(asked(121), Found::Alerts(vec![Alert { name: Clean::from("Burn"), severity: Clean::from("page"), since: at(90) }]));
    assert_eq!(verdict(&told, 122).word, Word::NoData);
}

//! A page on the service while a version is released.

use super::super::*;
use super::given::*;
use crate::slo::verdict::Rule;

fn verdict(began: i64, severity: &str) -> Judgement {
    let mut release = release();
    release.versions[0].created = Some(at(60));
    let mut told = Told::new(release);
    let alert = Alert { name: Clean::from("Burn"), severity: Clean::from(severity), since: at(began) };
    told.take(asked(121), Found::Alerts(vec![alert]));
    told.read(122).verdicts.remove(0)
}

#[test]
fn a_page_that_began_with_the_version_fails_it_and_an_older_one_does_not() {
    assert_eq!(verdict(30, "page").word, Word::NoData);
    assert_eq!(verdict(90, "ticket").word, Word::NoData);
    let paged = verdict(90, "critical");
    assert_eq!((paged.word, paged.rule), (Word::Fail, Rule::Trouble(Trouble::Page)));
}

#[test]
fn an_old_answer_pages_nobody() {
    let mut release = release();
    release.versions[0].created = Some(at(60));
    let mut told = Told::new(release);
    told.take(asked(121), Found::Alerts(vec![Alert { name: Clean::from("Burn"), severity: Clean::from("page"), since: at(90) }]));
    assert_eq!(told.read(122).verdicts[0].word, Word::Fail);
    assert_eq!(told.read(400).verdicts[0].word, Word::NoData);
}

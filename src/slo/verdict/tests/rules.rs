//! The rules over time: bursts, shared fate, a baseline from before, several versions, and one word for all.
//! It holds nothing about missing data.

use super::*;

#[test]
fn errors_of_one_minute_hold_and_those_of_two_fail() {
    let mut watched = Watched::start();
    watched.runs(120, (0.0, 20.0), (0.0, 180.0));
    let burst = watched.runs(10, (4.0, 20.0), (0.0, 180.0));
    assert_eq!((burst.word, burst.rule), (Word::Suspect, Rule::OneBurst));
    watched.runs(60, (0.0, 20.0), (0.0, 180.0));
    let again = watched.runs(10, (1.0, 20.0), (0.0, 180.0));
    assert_eq!((again.word, again.rule), (Word::Fail, Rule::Worse));
    assert!(again.worse() > 20.0 && again.evidence.spread.minutes == 2);
}

#[test]
fn two_pods_in_one_minute_fail_too() {
    let mut watched = Watched::start();
    watched.runs(120, (0.0, 20.0), (0.0, 180.0));
    watched.passes(10, (4.0, 20.0), (0.0, 180.0));
    let (new, stable) = (Reading::Value(watched.new), Reading::Value(watched.stable));
    watched.judge.look(&Look { at: at(watched.second), new, stable, failing_pods: 2 });
    assert_eq!(watched.now().word, Word::Fail);
}

#[test]
fn a_release_that_goes_bad_is_suspect_before_it_fails() {
    let mut watched = Watched::start();
    watched.runs(600, (0.0, 20.0), (0.1, 180.0));
    let mut words = vec![watched.now().word];
    for _ in 0..60 {
        words.push(watched.runs(10, (0.25, 20.0), (0.1, 180.0)).word);
    }
    words.dedup();
    assert_eq!(words, [Word::Inconclusive, Word::Suspect, Word::Fail]);
}

#[test]
fn stable_as_bad_as_the_new_one_is_not_this_release() {
    let mut watched = Watched::start();
    let both = watched.runs(1200, (0.1, 20.0), (0.9, 180.0));
    assert_eq!((both.word, both.rule), (Word::ServiceWide, Rule::BothOver));
    assert!(both.worse() < 1.0);
    assert!(both.own().unwrap().lower > 0.001 && both.difference().unwrap().holds(0.0));
}

#[test]
fn a_stable_version_that_was_well_before_may_be_harmed_by_the_release() {
    let both = |before| {
        let mut watched = Watched::with(Judge::new("a", &objective()).with_baseline(before));
        watched.runs(1200, (0.1, 20.0), (0.9, 180.0)).evidence.was_well()
    };
    assert_eq!(both(None), None);
    assert_eq!(both(Some(Outcome { bad: 30.0, total: 60_000.0 })), Some(0.0005));
    assert_eq!(both(Some(Outcome { bad: 300.0, total: 60_000.0 })), None, "it was no better before");
}

#[test]
fn one_error_each_of_few_requests_is_not_the_whole_service() {
    let evidence = |bad| Evidence::of("a", "b", Limits::of(&objective()), Outcome { bad, total: 40.0 }, Outcome { bad, total: 90.0 });
    assert_ne!(judge(&evidence(1.0)).word, Word::ServiceWide);
    assert_eq!(judge(&evidence(3.0)).word, Word::ServiceWide);
}

#[test]
fn a_crash_needs_no_metrics() {
    let judge_state = Judge::new("a", &objective());
    let crashed = judge(&judge_state.evidence(at(0), Some(Trouble::CrashLoop)));
    assert_eq!((crashed.word, crashed.rule), (Word::Fail, Rule::Trouble(Trouble::CrashLoop)));
}

#[test]
fn without_stable_the_baseline_from_before_stands_in_and_says_so() {
    let before = Some(Outcome { bad: 3000.0, total: 6_000_000.0 });
    let gone = |bad| {
        let mut watched = Watched::with(Judge::new("a", &objective()).with_baseline(before));
        watched.runs(600, (bad, 200.0), (0.0, 0.0))
    };
    let worse = gone(2.0);
    assert_eq!((worse.word, worse.rule), (Word::Fail, Rule::Worse));
    assert_eq!(worse.evidence.compared.to_string(), "baseline: pre-release (the old version gets no requests)");
    assert_eq!(worse.evidence.control(), before);
    let alike = gone(0.1);
    assert!(alike.worse() < 1.0 && alike.not_much_worse() > 1.0, "{} {}", alike.worse(), alike.not_much_worse());
    assert_eq!(alike.word, Word::Inconclusive);
}

#[test]
fn with_nothing_to_compare_the_objective_alone_decides() {
    let mut watched = Watched::start();
    let bad = watched.runs(300, (2.0, 100.0), (0.0, 0.0));
    assert_eq!((bad.word, bad.rule), (Word::Fail, Rule::OverObjective));
    assert_eq!(bad.evidence.compared.to_string(), "no baseline (the old version gets no requests)");
    let mut watched = Watched::start();
    let good = watched.runs(600, (0.0, 100.0), (0.0, 0.0));
    assert_eq!((good.word, good.rule), (Word::Pass, Rule::WithinBudget));
    let mut watched = Watched::with(Judge::new("a", &objective()).counting(Counting::AtLeast));
    assert_eq!(watched.runs(600, (0.0, 100.0), (0.0, 0.0)).word, Word::Inconclusive, "a lower bound can't show that it keeps it");
}

#[test]
fn a_pass_takes_evidence_and_no_page_level_burn() {
    let mut watched = Watched::start();
    let early = watched.runs(100, (0.0, 20.0), (0.1, 180.0));
    assert_eq!(early.word, Word::Warming);
    assert_eq!(early.outlook.takes, Some(Duration::from_secs_f64(3.5)));
    let later = watched.runs(600, (0.0, 20.0), (0.2, 180.0));
    assert_eq!((later.word, later.outlook.next), (Word::Inconclusive, Some(Word::Pass)));
    let foretold = later.outlook.takes.unwrap().as_secs_f64();
    let passed = (1..1000).find(|_| watched.runs(10, (0.0, 20.0), (0.2, 180.0)).word == Word::Pass).unwrap() * 10;
    assert!((foretold - f64::from(passed)).abs() <= 60.0, "foretold {foretold} s, came after {passed} s");
    assert_eq!(watched.now().rule, Rule::NotMuchWorse);
}

#[test]
fn a_failure_is_foretold_only_once_it_is_well_on_its_way() {
    let mut foretold = 0;
    for hundredths in 5..60 {
        let mut watched = Watched::start();
        for _ in 0..10 {
            let now = watched.runs(30, (f64::from(hundredths) / 100.0, 20.0), (0.9, 180.0));
            if now.outlook.next != Some(Word::Fail) {
                continue;
            }
            foretold += 1;
            let (needs, counted) = (now.outlook.requests.unwrap(), now.evidence.new.total);
            assert!(now.worse() > 1.0, "{hundredths}: {}:1 is no evidence", now.worse());
            assert!(needs <= counted * 4.0 + 1.0, "{hundredths}: {needs} more requests are foretold from {counted}");
        }
    }
    assert!(foretold > 5, "what is well on its way is said: {foretold}");
}

#[test]
fn looking_more_often_changes_nothing() {
    let seldom = Watched::start().runs(1200, (0.5, 20.0), (1.0, 180.0));
    let mut often = Watched::start();
    for _ in 0..1200 {
        often.passes(1, (0.05, 2.0), (0.1, 18.0));
        often.look();
        often.look();
    }
    assert!((often.now().worse() / seldom.worse() - 1.0).abs() < 1e-6);
}

#[test]
fn each_version_is_judged_against_stable_and_the_worst_stands_for_all() {
    let (mut second, mut third) = (Watched::start(), Watched::with(Judge::new("5c9", &objective())));
    let all = [second.runs(600, (0.0, 20.0), (0.1, 160.0)), third.runs(600, (2.0, 20.0), (0.1, 160.0))];
    assert_eq!((all[0].word, all[1].word), (Word::Inconclusive, Word::Fail));
    let over = overall(&all);
    assert_eq!((over.word, over.decides.map(|one| one.evidence.version.as_str())), (Word::Fail, Some("5c9")));
    assert_eq!(over.missing, [&all[0]]);
    assert_eq!((overall(&[]).word, overall(&[]).decides), (Word::NoData, None));
}

#[test]
fn words_are_worst_first_and_written_as_they_are_read() {
    let words =
        [Word::Pass, Word::Warming, Word::Fail, Word::NoTraffic, Word::Inconclusive, Word::ServiceWide, Word::NoData, Word::Suspect];
    let mut sorted = words;
    sorted.sort();
    let said: Vec<String> = sorted.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["FAIL", "SUSPECT", "SERVICE-WIDE", "NO DATA", "NO TRAFFIC", "WARMING", "INCONCLUSIVE", "PASS"]);
    assert_eq!(format!("{:12}|", Word::Pass), "PASS        |");
}

#[test]
fn limits_follow_the_objective() {
    let of = |target, days: u64| Limits::of(&Objective::new("a", target, Duration::from_secs(days * 86_400)).unwrap());
    let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-9, "{got} is not {want}");
    near(of(0.999, 28).page_burn(), 13.44);
    near(of(0.999, 7).page_burn(), 3.36);
    near(of(0.999, 1).page_burn(), 2.0);
    near(of(0.90, 30).page_burn(), 6.0);
    near(of(0.5, 30).page, 0.75);
}

#[test]
fn a_version_that_was_fine_for_an_hour_and_turns_bad_fails_in_minutes() {
    let mut watched = Watched::start();
    let fine = watched.runs(3600, (0.1, 200.0), (0.9, 1800.0));
    assert_eq!(fine.word, Word::Pass);
    assert!(fine.worse() < 0.05 && fine.evidence.lately.unwrap().worse < 1.0);
    let mut words = vec![fine.word];
    let failed = (1..90).find(|_| {
        let now = watched.runs(10, (1.0, 200.0), (0.9, 1800.0));
        words.push(now.word);
        now.word == Word::Fail
    });
    assert!(failed.is_some_and(|looks| looks < 30), "five minutes at most: {words:?}");
    words.dedup();
    assert_eq!(words.last_chunk(), Some(&[Word::Suspect, Word::Fail]));
    let now = watched.now();
    let lately = now.evidence.lately.unwrap();
    assert_eq!(now.rule, Rule::TurnedWorse(lately.window));
    assert!(lately.window < Duration::from_secs(600) && lately.minutes >= 2, "{lately:?}");
    assert!(now.worse() < 20.0 && !now.evidence.limits.harms(now.evidence.new), "the whole of it would not tell");
}

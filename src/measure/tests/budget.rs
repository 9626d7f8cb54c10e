//! Budgets from windows, from a recorded series and from the board's rows; no data is never green.

use super::super::*;
use super::given::*;
use crate::release::telemetry::{BudgetFrom, BudgetState, Unusable};
use crate::slo::tier::{Severity, State};
use crate::slo::{Answer, Missing, Objective, Outcome, Reading};

fn objective() -> Objective {
    Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap()
}

fn window(seconds: u64, errors: Answer, total: Answer) -> Found {
    Found::Window { promise: Clean::from("availability"), window: secs(seconds), errors, total }
}

fn state(told: &Told, seconds: i64) -> BudgetState {
    told.with(seconds, &[objective()]).budgets.remove(0)
}

fn all_windows(told: &mut Told, seconds: i64, ratio: f64) {
    for length in [300, 1800, 3600, 21_600] {
        let total = length as f64 * 100.0;
        told.take(asked(seconds), window(length, Answer::Value(total * ratio), Answer::Value(total)));
    }
}

#[test]
fn windows_give_burn_the_tiers_and_at_most_what_is_left() {
    let mut told = Told::new(release());
    all_windows(&mut told, 0, 0.02);
    let now = state(&told, 5);
    assert_eq!((now.burns.len(), now.as_of, now.fires), (4, Some(at(0)), Some(Severity::Page)));
    assert!(now.burns.iter().all(|(_, burn)| burn.value().is_some_and(|burn| (burn.get() - 20.0).abs() < 1e-9)));
    assert!(now.tiers.iter().any(|(tier, state)| tier.long == secs(3600) && *state == State::Fires));
    // A burn of 20 over 6 h of 720 h has spent a sixth.
    assert_eq!(now.from, Some(BudgetFrom::Counted(secs(21_600))));
    assert!((now.left.value().unwrap().remaining - (1.0 - 20.0 * 6.0 / 720.0)).abs() < 1e-9);
    all_windows(&mut told, 10, 0.0005);
    let quiet = state(&told, 15);
    assert_eq!(quiet.fires, None);
    assert!((quiet.fastest().unwrap().1.get() - 0.5).abs() < 1e-9);
}

#[test]
fn a_longer_window_does_not_answer_for_the_shortest() {
    let mut told = Told::new(release());
    all_windows(&mut told, 0, 0.0005);
    assert!((state(&told, 5).burns_over(0.4, at(5)).unwrap().unwrap() - 0.5).abs() < 1e-9);
    assert_eq!(state(&told, 5).burns_over(0.6, at(5)), Ok(None));
    told.take(asked(10), window(300, Answer::Absent, Answer::Absent));
    let now = state(&told, 15);
    assert_eq!((now.fastest(), now.exhaustion), (None, None), "what a day burnt is not what burns now");
    assert!(now.burns.iter().skip(1).all(|(_, burn)| burn.value().is_some()), "the panel still has each window's");
    assert_eq!(now.burns_over(1.0, at(15)), Err(Unusable::Unknown), "who acts on it has none");
}

#[test]
fn a_record_says_how_much_of_the_window_it_covers() {
    let mut told = Told::new(release());
    let promise = Clean::from("availability");
    let filled = |told: &mut Told, hours: u64| {
        told.take(asked(0), Found::Filled { promise: promise.clone(), watched: secs(hours * 3600) });
        let now = state(told, 5);
        (now.filled, crate::release::words::filled(&now))
    };
    all_windows(&mut told, 0, 0.02);
    assert_eq!(filled(&mut told, 36), (None, String::new()), "what is counted rests on no record");
    let series = Clean::from("slo:period_error_budget_remaining:ratio");
    told.take(asked(0), Found::Recorded { promise: promise.clone(), series, is_remaining: true, value: -37.79 });
    assert_eq!(filled(&mut told, 36), (Some(0.05), ", 5 % of it filled".to_owned()));
    assert_eq!(filled(&mut told, 3).1, ", less than 1 % of it filled");
    assert_eq!(filled(&mut told, 711).1, ", 98 % of it filled");
    assert_eq!(filled(&mut told, 715).1, "", "a missed evaluation is no gap worth telling");
    assert_eq!(filled(&mut told, 9_999).0, Some(1.0));
}

#[test]
fn a_recorded_series_says_what_is_left_until_it_is_old() {
    let mut told = Told::new(release());
    all_windows(&mut told, 0, 0.02);
    let series = Clean::from("slo:period_error_budget_remaining:ratio");
    let recorded = |value| Found::Recorded { promise: Clean::from("availability"), series: series.clone(), is_remaining: true, value };
    told.take(asked(0), recorded(0.6));
    told.take(asked(1), recorded(f64::INFINITY));
    told.take(partial(2), recorded(0.9));
    let now = state(&told, 5);
    assert_eq!((now.left.value().map(|left| left.remaining), &now.from), (Some(0.6), &Some(BudgetFrom::Recorded(series.clone()))));
    all_windows(&mut told, 700, 0.02);
    assert_eq!(state(&told, 705).from, Some(BudgetFrom::Counted(secs(21_600))), "a recording that ended is not gone by for ever");
    let ratio = Found::Recorded { promise: Clean::from("availability"), series, is_remaining: false, value: 0.0004 };
    told.take(asked(705), ratio);
    assert!((state(&told, 706).left.value().unwrap().remaining - 0.6).abs() < 1e-9);
}

#[test]
fn rows_of_the_board_stand_in_and_take_over_when_the_release_was_left() {
    let rows = |told: &mut Told, seconds: i64| {
        for (length, bad) in [(120, 1.0), (300, 2.0), (3600, 30.0), (21_600, 60.0)] {
            let versions = vec![(Clean::from(NEW), 1000.0, bad), (Clean::from(OLD), 1000.0, 0.0)];
            told.take(asked(seconds), Found::Row(secs(length), versions));
        }
    };
    let mut told = Told::new(release());
    rows(&mut told, 0);
    let now = state(&told, 5);
    assert!((now.burns[1].1.value().unwrap().get() - 1.0).abs() < 1e-9, "{:?}", now.burns);
    assert_eq!(now.from, Some(BudgetFrom::Counted(secs(21_600))));
    // Opened: its own windows are better. Left: they age, and the board's come again.
    all_windows(&mut told, 10, 0.02);
    assert_eq!(state(&told, 15).burns.len(), 4);
    assert_eq!(state(&told, 15).as_of, Some(at(10)));
    rows(&mut told, 100);
    assert_eq!(state(&told, 105).as_of, Some(at(10)));
    rows(&mut told, 200);
    assert_eq!(state(&told, 205).as_of, Some(at(200)));
}

#[test]
fn no_data_is_never_green() {
    let mut told = Told::new(release());
    let none = state(&told, 0);
    assert_eq!((none.left.value(), none.fires, none.from), (None, None, None));
    assert!(none.tiers.iter().all(|(_, state)| !matches!(state, State::Quiet)));
    let cases = [
        (asked(0), Answer::Absent, Answer::Absent, Reading::<Outcome>::NoData(Missing::TotalAbsent)),
        (asked(1), Answer::Value(1.0), Answer::Absent, Reading::NoData(Missing::TotalAbsent)),
        (asked(2), Answer::Absent, Answer::Value(0.0), Reading::NoTraffic),
        (asked(3), Answer::Value(f64::NAN), Answer::Value(f64::NAN), Reading::NoTraffic),
        (asked(4), Answer::Failed, Answer::Value(9.0), Reading::NoData(Missing::QueryFailed)),
        (partial(5), Answer::Value(0.0), Answer::Value(500.0), Reading::NoData(Missing::Partial)),
    ];
    for (asked, errors, total, expected) in cases {
        for length in [300, 1800, 3600, 21_600] {
            told.take(asked.clone(), window(length, errors, total));
        }
        let state = state(&told, 6);
        assert!(state.burns.iter().all(|(_, burn)| burn.gap() == expected.gap()), "{errors:?} of {total:?}: {:?}", state.burns);
        assert_eq!(state.left.gap(), expected.gap(), "{errors:?} of {total:?}");
        assert!(state.tiers.iter().all(|(_, state)| !matches!(state, State::Quiet)), "{:?}", state.tiers);
        assert_eq!((state.exhaustion, state.fires), (None, None));
    }
    // Errors that are absent beside traffic are none.
    told.take(asked(7), window(300, Answer::Absent, Answer::Value(500.0)));
    assert_eq!(state(&told, 8).burns[0].1.value().map(|burn| burn.get()), Some(0.0));
}

#[test]
fn figures_of_long_ago_are_no_figures_of_now() {
    let mut told = Told::new(release());
    all_windows(&mut told, 0, 0.0);
    assert!(state(&told, 500).tiers.iter().any(|(_, state)| *state == State::Quiet));
    let old = state(&told, 601);
    assert!(old.burns.iter().all(|(_, burn)| burn.gap() == Some(crate::slo::Gap::NoData(Missing::Stale))));
    assert!(old.tiers.iter().all(|(_, state)| *state != State::Quiet));
    assert_eq!((old.left.value(), old.as_of), (None, Some(at(0))));
}

#[test]
fn the_trend_shows_gaps_and_what_can_not_be_as_gaps() {
    let mut told = Told::new(release());
    let points = [0.001, f64::NAN, f64::INFINITY, 1.5, -0.1, 0.0].into_iter().zip(0..).map(|(ratio, minute)| (at(minute * 60), ratio));
    told.take(asked(300), Found::Trend(Clean::from("availability"), points.collect()));
    let trend = state(&told, 301).trend;
    assert!((trend[0].unwrap() - 1.0).abs() < 1e-9);
    assert_eq!(trend[1..], [None, None, None, None, Some(0.0)]);
}

#[test]
fn whose_burn_it_is_comes_from_both_sides() {
    let mut told = Told::new(release());
    told.steady(0);
    all_windows(&mut told, 120, 0.002);
    let now = state(&told, 121);
    let whose = now.attribution.value().unwrap();
    // 8 of 80 new and 16 of 720 old at a tenth of the requests.
    assert!((whose.if_promoted.get() - 100.0).abs() < 1e-6, "{whose:?}");
    let mut only_new = Told::new(release());
    for (seconds, n) in [(0, 0.0), (15, 90.0)] {
        only_new.counters(seconds, &[of(NEW, "n", n, 0.0)]);
    }
    let arm = only_new.read(16).comparison.unwrap().old;
    assert_eq!(arm.seen, Reading::NoData(Missing::TotalAbsent), "nothing counts the old one");
}

/// Some windows are asked for more often than others, and some answers do not come.
#[test]
fn each_window_knows_when_it_was_worked_out() {
    let mut told = Told::new(release());
    all_windows(&mut told, 0, 0.02);
    for length in [3600, 21_600] {
        told.take(asked(200), window(length, Answer::Value(72.0), Answer::Value(3600.0)));
    }
    let now = state(&told, 205);
    assert_eq!(now.as_of, Some(at(200)), "the newest of all");
    assert_eq!((now.worked_out[&secs(300)], now.worked_out[&secs(21_600)]), (at(0), at(200)));
    assert_eq!(now.burns_over(1.0, at(205)), Err(Unusable::Old(chrono::TimeDelta::seconds(205))), "the shortest decides, and it is old");
    // What is left is counted over the longest.
    assert_eq!(now.left_at, Some(at(200)));
    assert!(now.left_now(at(205)).is_ok());
    assert_eq!(now.left_now(at(351)), Err(Unusable::Old(chrono::TimeDelta::seconds(151))));
    all_windows(&mut told, 210, 0.02);
    assert!((state(&told, 215).burns_over(1.0, at(215)).unwrap().unwrap() - 20.0).abs() < 1e-9);
}

#[test]
fn a_ratio_that_is_kept_counts_by_its_own_time() {
    let mut told = Told::new(release());
    all_windows(&mut told, 0, 0.02);
    told.take(asked(200), Found::Ratio { promise: Clean::from("availability"), window: secs(300), value: 0.01 });
    let now = state(&told, 205);
    assert_eq!((now.worked_out[&secs(300)], now.worked_out[&secs(3600)]), (at(200), at(0)));
    assert_eq!(now.fires, Some(Severity::Page), "by 6 h and 30 min");
    let old = Err(Unusable::Old(chrono::TimeDelta::seconds(205)));
    assert_eq!(now.burns_over(15.0, at(205)), old, "the window that could say so is old");
    assert!((now.burns_over(5.0, at(205)).unwrap().unwrap() - 10.0).abs() < 1e-9, "five minutes of now say it alone");
}

/// A day is asked for, and the counters are six hours old: what it spent is no more for that.
#[test]
fn a_window_that_is_not_filled_is_not_taken_for_full() {
    let mut told = Told::new(release());
    for length in [3600_u64, 21_600, 86_400] {
        let total = length.min(21_600) as f64 * 100.0;
        told.take(asked(0), window(length, Answer::Value(total * 0.02), Answer::Value(total)));
    }
    let now = state(&told, 5);
    assert_eq!(now.from, Some(BudgetFrom::Counted(secs(86_400))));
    assert!((now.left.value().unwrap().remaining - (1.0 - 20.0 * 6.0 / 720.0)).abs() < 1e-9, "{:?}", now.left);
}

/// A ticket over six hours fires on, and what happens now is worse by far.
#[test]
fn a_slow_ticket_does_not_hide_what_burns_now() {
    let mut told = Told::new(release());
    for length in [1800, 3600, 7200, 21_600, 86_400] {
        told.take(asked(0), window(length, Answer::Value(12.6), Answer::Value(3600.0)));
    }
    told.take(asked(0), window(300, Answer::Value(216.0), Answer::Value(3600.0)));
    let now = state(&told, 5);
    assert!(now.fires.is_some(), "{:?}", now.tiers);
    assert!((now.fastest().unwrap().1.get() - 60.0).abs() < 1e-9, "{:?}", now.fastest());
    assert!((now.burns_over(10.0, at(5)).unwrap().unwrap() - 60.0).abs() < 1e-9);
}

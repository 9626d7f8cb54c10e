//! Budgets that begin anew on fixed days: only what their period had so far is theirs.

use super::super::*;
use super::given::*;
use crate::release::telemetry::{BudgetFrom, BudgetState};
use crate::release::words::{emptied, resets};
use crate::slo::budget::Exhaustion;
use crate::slo::calendar::Calendar;
use crate::slo::{Answer, Objective};

const DAY: i64 = 86_400;

/// 99.9 % a calendar month; the tests begin on 14 November 2023, 22:13:20 UTC.
fn monthly() -> Objective {
    let calendar = Calendar::named("month", chrono_tz::Tz::UTC).unwrap();
    Objective::new("availability", 0.999, secs(30 * 86_400)).unwrap().by(calendar)
}

fn november() -> i64 {
    (monthly().period(at(0)).unwrap().from - at(0)).num_seconds()
}

/// From `from` on, in stretches of `step`: errors and all of each.
fn period(from: i64, step: i64, series: Option<&str>, each: &[(f64, f64)]) -> Found {
    let ends = (1..).map(|n: i64| at(from + n * step));
    let buckets = ends.zip(each).map(|(end, (bad, all))| (end, Answer::Value(*bad), Answer::Value(*all))).collect();
    let step = secs(u64::try_from(step).unwrap());
    Found::Period { promise: Clean::from("availability"), from: at(from), step, series: series.map(Clean::from), buckets }
}

fn state(told: &Told, seconds: i64) -> BudgetState {
    told.with(seconds, &[monthly()]).budgets.remove(0)
}

fn left(one: &BudgetState) -> f64 {
    one.left.value().unwrap().remaining
}

#[test]
fn a_recorded_ratio_since_the_start_is_what_is_left_of_the_period() {
    let mut told = Told::new(release());
    let step = -november() / 2;
    told.take(asked(0), period(november(), step, Some("slo:sli_error:ratio_rate5m"), &[(0.001, 1.0), (0.0002, 1.0)]));
    // What a rule keeps of the last thirty days reaches into October.
    let kept = Found::Recorded { promise: Clean::from("availability"), series: Clean::from("x"), is_remaining: true, value: -3.0 };
    told.take(asked(0), kept);
    let now = state(&told, 5);
    assert!((left(&now) - 0.4).abs() < 1e-9, "the mean of both halves, 0.0006, of 0.001");
    assert_eq!(now.from, Some(BudgetFrom::Since(Some(Clean::from("slo:sli_error:ratio_rate5m")))));
    assert!(now.filled.unwrap() > 0.999);
    assert_eq!(resets(&now, at(5)).unwrap(), "budget of November, resets in 16 d");
    let course = now.burn_down.unwrap();
    assert_eq!((course.from, course.is_whole, course.is_at_most), (at(november()), true, false));
    let all: Vec<f64> = course.points.iter().filter_map(|(_, left)| *left).collect();
    assert!(all.iter().zip([1.0, 0.0, 0.4]).all(|(is, meant)| (is - meant).abs() < 1e-9), "{all:?}");
}

#[test]
fn a_period_that_is_over_says_nothing_of_the_next() {
    let mut told = Told::new(release());
    told.take(asked(0), period(november(), -november(), None, &[(900.0, 1e6)]));
    assert!((left(&state(&told, 5)) - 0.1).abs() < 1e-9);
    let december = november() + 30 * DAY;
    // Five minutes into December the window of an hour still holds November.
    let windows = |told: &mut Told, length: u64, bad: f64| {
        let (errors, total) = (Answer::Value(bad), Answer::Value(1e5));
        told.take(asked(december + 400), Found::Window { promise: Clean::from("availability"), window: secs(length), errors, total });
    };
    windows(&mut told, 3600, 900.0);
    let new = state(&told, december + 400);
    assert!(new.left.value().is_none() && new.burn_down.is_none(), "{:?}", new.left);
    assert_eq!(new.left.gap().unwrap().to_string(), "no data: its period has only just begun");
    windows(&mut told, 300, 0.0);
    assert!((left(&state(&told, december + 400)) - 1.0).abs() < 1e-9, "what fits into it is its own");
    assert_eq!(state(&told, december + 400).period.unwrap().name(), "December");
}

#[test]
fn what_is_counted_over_a_day_of_many_is_at_most_what_is_left() {
    let mut told = Told::new(release());
    told.take(asked(0), period(-DAY, DAY / 2, None, &[(1000.0, 5e5), (1000.0, 5e5)]));
    let now = state(&told, 5);
    // Twice what is allowed for a day, of the 13.9 days that are over.
    let part = DAY as f64 / -november() as f64;
    assert!((left(&now) - (1.0 - 2.0 * part)).abs() < 1e-9);
    assert_eq!(now.from, Some(BudgetFrom::Counted(secs(86_400))));
    let course = now.burn_down.unwrap();
    assert!(course.is_at_most && !course.is_whole && course.from == at(-DAY));
    assert!(crate::release::words::is_at_most(&state(&told, 5)));
}

#[test]
fn the_burn_of_now_is_held_against_the_end_of_the_period() {
    let mut told = Told::new(release());
    let halves = [(0.0005, 1.0); 2];
    told.take(asked(0), period(november(), -november() / 2, Some("r"), &halves));
    let burning = |told: &mut Told, ratio: f64| {
        let (errors, total) = (Answer::Value(ratio * 1e6), Answer::Value(1e6));
        told.take(asked(0), Found::Window { promise: Clean::from("availability"), window: secs(300), errors, total });
    };
    burning(&mut told, 0.0015);
    let slow = state(&told, 5);
    // Half of 13.9 days' allowance is left; at 1.5 that takes 13.9 days, and November has 16 more; at 1.4 it takes 17.
    assert!(matches!(slow.exhaustion, Some(Exhaustion::In(wait)) if wait.as_secs() / 86_400 == 13), "{:?}", slow.exhaustion);
    burning(&mut told, 0.0014);
    let lasts = state(&told, 5);
    assert_eq!(lasts.exhaustion, Some(Exhaustion::BeyondPeriod));
    assert_eq!(emptied(&lasts, at(5)).unwrap(), "lasts beyond the period's end at this rate");
}

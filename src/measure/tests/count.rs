//! Requests by version: shares, affected and failed, whatever pods and answers do.

use super::super::*;
use super::given::*;
use crate::slo::exposure::Unmeasured;
use crate::slo::quantile::Quantile;
use crate::slo::{Outcome, Reading};

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

#[test]
fn counters_give_the_share_of_the_last_minute_and_both_sides() {
    let mut told = Told::new(release());
    told.steady(0);
    let figures = told.read(121);
    let share = figures.share.unwrap();
    assert!(near(share.share, 0.1) && near(share.requests, 400.0), "{share:?}");
    assert_eq!((figures.affected, figures.failed, figures.at_least), (Some(80.0), Some(8.0), false));
    let both = figures.comparison.unwrap();
    assert_eq!(both.covers, secs(120));
    assert_eq!(both.new.seen.value(), Some(Outcome { bad: 8.0, total: 80.0 }));
    assert_eq!(both.old.seen.value(), Some(Outcome { bad: 16.0, total: 720.0 }));
    assert_eq!(figures.as_of, Some(at(120)));
}

#[test]
fn history_comes_before_counters_however_late_it_arrives() {
    let moments: Vec<_> = (0..=40_i32)
        .map(|step| {
            let n = f64::from(step);
            let mut readings = of(OLD, "web-old-aaaaa", 500.0 + 30.0 * n, 0.0);
            if step >= 20 {
                readings.extend(of(NEW, "web-new-aaaaa", 10.0 * (n - 20.0) + 5.0, 1.0));
            }
            (at(i64::from(step) * 15), readings)
        })
        .collect();
    let last = (of(OLD, "web-old-aaaaa", 1730.0, 0.0), of(NEW, "web-new-aaaaa", 215.0, 1.0));
    let mut release = release();
    release.pods = vec![pod("web-new-aaaaa", NEW, 295), pod("web-old-aaaaa", OLD, -9000)];
    let mut early = Told::new(release.clone());
    early.take(asked(600), Found::History(moments.clone()));
    early.counters(615, &[last.0.clone(), last.1.clone()]);
    let mut late = Told::new(release);
    late.counters(600, &[moments[40].1.clone()]);
    late.take(asked(600), Found::History(moments));
    late.counters(615, &[last.0, last.1]);
    for told in [early, late] {
        let figures = told.read(616);
        assert_eq!((figures.affected, figures.failed), (Some(216.0), Some(1.0)));
        assert!(near(figures.share.unwrap().share, 0.25), "{:?}", figures.share);
        let (peak, _) = figures.peak.unwrap();
        assert!(peak > 0.2 && peak < 0.3, "{peak}");
        assert_eq!(figures.spent.gross, 1.0);
        assert_eq!(figures.comparison.unwrap().covers, secs(300));
    }
}

#[test]
fn a_history_of_what_is_known_already_fills_the_gap_and_forgets_nothing() {
    let mut told = Told::new(release());
    told.steady(0);
    // A pod dies, its release is left for an hour and opened again.
    let moment = |step: i32| {
        let n = f64::from(step);
        [of(NEW, "web-new-bbbbb", 50.0 + n, 0.0), of(OLD, "web-old-aaaaa", 40_000.0 + 90.0 * n, 16.0)].concat()
    };
    let gap: Vec<_> = (0..=10_i32).map(|step| (at(3600 + i64::from(step) * 15), moment(step))).collect();
    told.take(asked(3750), Found::History(gap));
    let figures = told.read(3751);
    assert_eq!((figures.affected, figures.failed), (Some(80.0 + 60.0), Some(8.0)));
    assert!(figures.peak.is_some_and(|(_, when)| when < at(200)), "the peak of the first hour stays: {:?}", figures.peak);
}

#[test]
fn a_partial_answer_is_not_fed() {
    let mut told = Told::new(release());
    told.steady(0);
    let before = told.read(121);
    // It lacks the old version; the next complete one has it again.
    told.take(partial(135), Found::Counters(of(NEW, "web-new-aaaaa", 81.0, 9.0)));
    told.take(partial(136), Found::History(vec![(at(-600), of(NEW, "web-new-aaaaa", 1.0, 0.0))]));
    let after = told.read(136);
    assert_eq!((after.share, after.affected, after.as_of), (before.share, before.affected, Some(at(120))));
}

#[test]
fn answers_that_stay_partial_are_no_data_long_before_the_counts_are_stale() {
    use crate::slo::verdict::{Arm, Rule};
    let mut told = Told::new(release());
    told.steady(0);
    let rule = |told: &Told, seconds| told.read(seconds).verdicts[0].rule;
    for seconds in [135, 165, 195] {
        told.take(partial(seconds), Found::Counters(of(NEW, "web-new-aaaaa", 81.0, 9.0)));
    }
    assert!(!matches!(rule(&told, 196), Rule::NotRead(..)), "one or two are bad luck");
    told.take(partial(225), Found::Counters(of(NEW, "web-new-aaaaa", 81.0, 9.0)));
    assert_eq!(rule(&told, 226), Rule::NotRead(Arm::New, crate::slo::Missing::Partial));
    // A whole one brings it back.
    told.counters(240, &[of(NEW, "web-new-aaaaa", 180.0, 12.0), of(OLD, "web-old-aaaaa", 2000.0, 20.0)]);
    assert!(!matches!(rule(&told, 241), Rule::NotRead(..)));
}

#[test]
fn a_dead_pod_keeps_its_count_and_a_restarted_one_adds_up() {
    let mut told = Told::new(release());
    told.counters(0, &[of(NEW, "a", 100.0, 10.0), of(OLD, "o", 0.0, 0.0)]);
    told.counters(15, &[of(NEW, "a", 150.0, 12.0), of(OLD, "o", 900.0, 0.0)]);
    told.counters(30, &[of(NEW, "b", 30.0, 3.0), of(OLD, "o", 1800.0, 0.0)]);
    // b starts again.
    told.counters(45, &[of(NEW, "b", 4.0, 1.0), of(OLD, "o", 2700.0, 0.0)]);
    let figures = told.read(46);
    assert_eq!((figures.affected, figures.failed), (Some(162.0 + 33.0 + 5.0), Some(16.0)));
}

#[test]
fn a_new_pods_whole_first_value_counts_as_watched() {
    let mut told = Told::new(release());
    told.counters(0, &[of(OLD, "o", 5000.0, 0.0)]);
    told.release.pods = vec![pod("web-new-aaaaa", NEW, 5)];
    told.counters(15, &[of(OLD, "o", 5090.0, 0.0), of(NEW, "web-new-aaaaa", 9.0, 1.0)]);
    let figures = told.read(16);
    assert!(near(figures.share.unwrap().share, 0.1), "{:?}", figures.share);
    assert_eq!((figures.spent.requests, figures.spent.gross), (10.0, 1.0));
}

#[test]
fn series_that_differ_in_what_nobody_asked_about_are_added_up() {
    let mut told = Told::new(release());
    for (at, n) in [(0, 0.0), (15, 50.0)] {
        told.counters(at, &[of(NEW, "a", n, 0.0), of(NEW, "a", n, 0.0), of(OLD, "o", n, 0.0)]);
    }
    assert!(near(told.read(16).share.unwrap().share, 2.0 / 3.0));
}

#[test]
fn a_version_that_becomes_stable_ends_the_share_and_keeps_its_counters() {
    let mut told = Told::new(release());
    told.steady(0);
    told.release = promoted();
    let figures = told.read(121);
    assert_eq!((figures.share, figures.affected, figures.peak), (Err(Unmeasured::NoCountersOfNew), None, None));
    assert!(figures.trend.iter().all(Option::is_none));
    told.release = release();
    assert_eq!(told.read(121).affected, Some(80.0));
}

#[test]
fn peak_and_trend_go_by_minutes() {
    let mut told = Told::new(release());
    // 1 of 10, then 3 of 10, then too few, then 2 of 10.
    let mut sums = (0.0, 0.0);
    told.counters(0, &[of(NEW, "n", 0.0, 0.0), of(OLD, "o", 0.0, 0.0)]);
    for (minute, (new, old)) in [(100.0, 900.0), (300.0, 700.0), (10.0, 10.0), (200.0, 800.0)].into_iter().enumerate() {
        sums = (sums.0 + new, sums.1 + old);
        told.counters(i64::try_from(minute).unwrap() * 60 + 30, &[of(NEW, "n", sums.0, 0.0), of(OLD, "o", sums.1, 0.0)]);
    }
    let figures = told.read(215);
    let (peak, when) = figures.peak.unwrap();
    assert!(near(peak, 0.3) && when.timestamp().rem_euclid(60) == 0 && when == at(60), "{peak} {when}");
    let shares: Vec<Option<f64>> = figures.trend[26..].to_vec();
    assert_eq!((figures.trend.len(), shares), (30, vec![Some(0.1), Some(0.3), None, Some(0.2)]));
}

#[test]
fn counters_that_are_gone_are_no_standstill() {
    let mut told = Told::new(release());
    told.release.pods = vec![pod("web-new-aaaaa", NEW, 0), pod("web-old-aaaaa", OLD, 0)];
    told.steady(0);
    // Nothing at all comes any more: the figures age.
    let mut none = Told { meter: told.meter.clone(), release: told.release.clone() };
    for step in 1..=8 {
        none.counters(120 + step * 15, &[]);
    }
    assert!(matches!(none.read(241).share, Err(Unmeasured::Stale(_))), "{:?}", none.read(241).share);
    // Only the new version's are gone, though its pod is there.
    for step in 1..=8_i32 {
        told.counters(120 + i64::from(step) * 15, &[of(OLD, "web-old-aaaaa", 1704.0 + 88.0 * f64::from(step), 16.0)]);
    }
    assert_eq!(told.read(241).share, Err(Unmeasured::NoCountersOfNew));
    // Without pods there is nothing to count: a share of zero, measured.
    told.release.pods.remove(0);
    assert_eq!(told.read(241).share.map(|share| share.share), Ok(0.0));
}

#[test]
fn counters_that_stand_still_are_no_traffic_and_few_requests_no_share() {
    let mut told = Told::new(release());
    for (seconds, old) in [(0, 0.0), (60, 0.0), (120, 0.0), (135, 29.0)] {
        told.counters(seconds, &[of(NEW, "n", 0.0, 0.0), of(OLD, "o", old, 0.0)]);
        if seconds == 120 {
            assert_eq!(told.read(121).share, Err(Unmeasured::NoTraffic));
        }
    }
    assert_eq!(told.read(136).share, Err(Unmeasured::TooFew(29.0)));
}

#[test]
fn the_board_measures_a_release_that_was_open_before() {
    let mut told = Told::new(release());
    told.steady(0);
    let row = |new: f64| Found::Row(secs(120), vec![(Clean::from(NEW), new, 0.0), (Clean::from(OLD), 100.0 - new, 0.0)]);
    for step in 0..5 {
        told.take(asked(300 + step * 30), row(40.0));
    }
    let figures = told.read(425);
    assert!(near(figures.share.unwrap().share, 0.4), "{:?}", figures.share);
    assert_eq!(figures.as_of, Some(at(420)));
    assert!(matches!(told.read(600).share, Err(Unmeasured::Stale(_))));
}

#[test]
fn latencies_and_callers_of_long_ago_are_not_shown() {
    let mut told = Told::new(release());
    told.steady(0);
    let bucket = |le, count| Bucket { version: Clean::from(NEW), le, count };
    told.take(asked(120), Found::Latency(secs(300), vec![bucket(0.1, 50.0), bucket(0.2, 100.0), bucket(f64::INFINITY, 100.0)]));
    told.take(asked(120), Found::Callers { new: 1, all: 3 });
    told.take(asked(120), Found::Unreached(secs(300), 7.0));
    let now = told.read(125);
    assert_eq!((now.callers, now.unreached), (Some((1, 3)), Some(7.0)));
    assert_eq!(now.comparison.unwrap().new.p50, Some(Reading::Value(Quantile::At(0.1))));
    let later = told.read(1000);
    assert_eq!((later.callers, later.unreached), (None, None));
    assert_eq!(later.comparison.unwrap().new.p50, None);
}

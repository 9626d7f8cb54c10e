//! EB-15, EB-16 and BR-5 from raw counters, and the rules that keep a count true while pods come, restart and go.
//! It shows no extrapolated figure: those are PromQL's.

use super::super::Outcome;
use super::super::counter::{Born, Counter, Fed};
use super::super::ratio::Reading;
use super::super::tally::{Container, Sample, Stamp, Tally};
use super::super::track::Track;
use super::near;
use chrono::{DateTime, Utc};
use std::time::Duration;

pub(super) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000 + second, 0).unwrap()
}

/// A sample scraped at `second` from a pod whose container started at `started` after so many restarts.
fn sample<'a>(pod: &'a str, series: &'a str, (restarts, started): (u32, i64), second: i64, value: f64) -> Sample<'a> {
    let container = Container { restarts, started: Some(at(started)) };
    Sample { version: "new", pod, series, container, at: Stamp::Scraped(at(second)), value }
}

fn watched(tally: &Tally) -> f64 {
    tally.count("new", |_| true).unwrap().watched
}

#[test]
fn eb_15_a_reset_between_samples_counts_what_came_after_it() {
    let mut counter = Counter::begin(Born::Earlier, at(0), 100.0).unwrap();
    for (second, value) in [(15, 110.0), (30, 3.0), (45, 13.0)] {
        assert_eq!(counter.feed(at(second), value), Fed::Taken);
    }
    assert_eq!(counter.watched(), 23.0);
    assert_eq!(counter.since_start(), 123.0);
}

#[test]
fn eb_16_a_series_born_at_three_is_three_errors() {
    let mut tally = Tally::new(at(0));
    for second in [60, 75, 90] {
        tally.feed(sample("young", "500", (0, 50), second, 3.0));
    }
    assert_eq!(watched(&tally), 3.0, "a pod younger than the watch");

    let mut tally = Tally::new(at(0));
    for second in [0, 15, 30] {
        tally.feed(sample("old", "200", (0, -5000), second, 9000.0));
        if second > 0 {
            tally.feed(sample("old", "500", (0, -5000), second, 3.0));
        }
    }
    assert_eq!(watched(&tally), 3.0, "a series that first shows up in an old pod");
    let seen = tally.since_start("new", |code| code == "500");
    assert_eq!(seen, Some(Reading::Value(Outcome { bad: 3.0, total: 9003.0 })));
}

#[test]
fn br_5_a_minute_old_canary_has_its_true_share() {
    let mut tally = Tally::new(at(0));
    let (mut new, mut stable) = (Track::new(Duration::from_secs(300)), Track::new(Duration::from_secs(300)));
    let old = Container { restarts: 0, started: Some(at(-86_400)) };
    let young = Container { restarts: 0, started: Some(at(300)) };
    for step in 0..=24_u32 {
        let (second, steps) = (i64::from(step) * 15, f64::from(step));
        let sample =
            |version, container, value| Sample { version, pod: version, series: "200", container, at: Stamp::Scraped(at(second)), value };
        tally.feed(sample("stable", old, 1e6 + 18.0 * 15.0 * steps));
        if second > 300 {
            tally.feed(sample("new", young, 30.0 * (steps - 20.0)));
        }
        stable.push(at(second), tally.watched("stable", |_| true, |_| false).unwrap());
        new.push(at(second), tally.watched("new", |_| true, |_| false).unwrap_or(Outcome { bad: 0.0, total: 0.0 }));
    }
    let minute = |track: &Track| track.over(Duration::from_secs(60)).unwrap();
    near(minute(&new).rate().unwrap(), 2.0, 1e-12);
    near(minute(&stable).rate().unwrap(), 18.0, 1e-9);
    assert_eq!(minute(&new).covers, Duration::from_secs(60));
    let [new, stable] = [minute(&new), minute(&stable)].map(|window| window.seen.value().unwrap().total);
    near(new / (new + stable), 0.10, 1e-9);
    assert_eq!(tally.count("new", |_| true).unwrap().since_start, 120.0);
}

#[test]
fn the_same_scrape_twice_and_late_ones_change_nothing() {
    let mut counter = Counter::begin(Born::Watched, at(0), 5.0).unwrap();
    assert_eq!(counter.feed(at(15), 8.0), Fed::Taken);
    assert_eq!(counter.feed(at(15), 8.0), Fed::Duplicate);
    assert_eq!(counter.feed(at(0), 5.0), Fed::OutOfOrder);
    for value in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(counter.feed(at(30), value), Fed::NotACount);
        assert_eq!(Counter::begin(Born::Watched, at(0), value), None);
    }
    assert_eq!((counter.watched(), counter.last()), (8.0, 8.0));
}

#[test]
fn an_old_pod_counts_from_its_first_sample_and_a_young_one_from_zero() {
    let mut tally = Tally::new(at(0));
    tally.feed(sample("old", "200", (0, -100), 0, 1000.0));
    tally.feed(sample("old", "200", (0, -100), 15, 1010.0));
    tally.feed(sample("young", "200", (0, 10), 15, 40.0));
    let count = tally.count("new", |_| true).unwrap();
    assert_eq!((count.watched, count.since_start, count.pods, count.at_least), (50.0, 1050.0, 2, false));
    tally.feed(sample("restarted", "200", (2, -50), 15, 7.0));
    let count = tally.count("new", |_| true).unwrap();
    assert_eq!((count.watched, count.since_start, count.at_least), (50.0, 1057.0, true));
}

#[test]
fn a_dead_pod_keeps_its_last_value() {
    let mut tally = Tally::new(at(0));
    tally.feed(sample("a", "200", (0, 5), 15, 40.0));
    for second in [30, 45, 60] {
        tally.feed(sample("b", "200", (0, 20), second, 10.0));
    }
    assert_eq!(watched(&tally), 50.0);
    assert_eq!(tally.newest("new"), Some(at(60)));
    assert_eq!(tally.count("other", |_| true), None, "no counter is not a count of 0");
}

#[test]
fn a_restart_counts_in_full_also_where_the_new_value_is_above_the_old() {
    let mut tally = Tally::new(at(0));
    tally.feed(sample("a", "200", (0, 5), 15, 4.0));
    tally.feed(sample("a", "200", (1, 20), 30, 9.0));
    assert_eq!(watched(&tally), 13.0);
    tally.feed(sample("a", "200", (1, 20), 45, 11.0));
    assert_eq!(watched(&tally), 15.0);
}

#[test]
fn the_old_containers_last_scrape_after_the_word_of_its_restart_is_its_own() {
    let mut tally = Tally::new(at(0));
    tally.feed(sample("a", "200", (0, 5), 15, 100.0));
    assert_eq!(tally.feed(sample("a", "200", (1, 40), 15, 100.0)), Fed::Duplicate);
    tally.feed(sample("a", "200", (1, 40), 30, 103.0));
    assert_eq!(watched(&tally), 103.0);
    tally.feed(sample("a", "200", (1, 40), 45, 105.0));
    assert_eq!(watched(&tally), 208.0);
}

#[test]
fn a_fall_before_the_word_of_the_restart_is_that_restart() {
    let mut tally = Tally::new(at(0));
    tally.feed(sample("a", "200", (0, 5), 15, 100.0));
    tally.feed(sample("a", "200", (0, 5), 30, 3.0));
    // The node's clock is ahead: by its word the container started after the scrape.
    tally.feed(sample("a", "200", (1, 35), 45, 8.0));
    assert_eq!(watched(&tally), 108.0);
    // The next restart is one of its own.
    tally.feed(sample("a", "200", (2, 50), 60, 9.0));
    assert_eq!(watched(&tally), 117.0);
}

#[test]
fn without_the_time_of_the_scrape_only_a_fall_tells_a_restart() {
    let mut tally = Tally::new(at(0));
    let asked = |restarts, second, value| Sample { at: Stamp::Asked(at(second)), ..sample("a", "200", (restarts, 5), second, value) };
    tally.feed(asked(0, 15, 100.0));
    tally.feed(asked(1, 30, 100.0));
    assert_eq!(watched(&tally), 100.0, "the old scrape, seen again, is not counted again");
    tally.feed(asked(1, 45, 6.0));
    assert_eq!(watched(&tally), 106.0);
}

#[test]
fn a_track_says_how_much_of_the_window_it_covers() {
    let mut track = Track::new(Duration::from_secs(60));
    let sums = |bad, total| Outcome { bad, total };
    assert_eq!(track.over(Duration::from_secs(60)), None);
    track.push(at(0), sums(0.0, 10.0));
    assert_eq!(track.over(Duration::from_secs(60)), None);
    track.push(at(15), sums(1.0, 40.0));
    track.push(at(15), sums(9.0, 99.0));
    track.push(at(20), sums(0.0, 0.0));
    let window = track.over(Duration::from_secs(60)).unwrap();
    assert_eq!((window.seen, window.covers), (Reading::Value(sums(1.0, 30.0)), Duration::from_secs(15)));
    for second in [30, 45, 60, 75, 90] {
        track.push(at(second), sums(1.0, 40.0));
    }
    let window = track.over(Duration::from_secs(60)).unwrap();
    assert_eq!((window.seen, window.covers, window.rate()), (Reading::NoTraffic, Duration::from_secs(60), Some(0.0)));
    assert_eq!(track.over(Duration::from_secs(600)).unwrap().covers, Duration::from_secs(60), "older points are gone");
}

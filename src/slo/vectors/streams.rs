//! Properties: whatever stream of events, scrapes and restarts, counts are what the scrapes could see, and never more.
//! It knows the truth by keeping each container's own count, which the code under test never sees.

use super::super::counter::{Born, Counter};
use super::super::interval::wilson;
use super::super::outcome::{Answer, Outcome};
use super::super::ratio::Reading;
use super::super::tally::{Container, Sample, Stamp, Tally};
use super::counting::at;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Events(u32),
    Scrape,
    /// The same scrape once more.
    Again,
    /// The first scrape once more, long after.
    Late,
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..60_u32).prop_map(Step::Events),
        3 => Just(Step::Scrape),
        1 => Just(Step::Again),
        1 => Just(Step::Late),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..80)
}

/// Lives the steps, a second each. The watch tells restarts `lag` seconds late. Returns what was counted and what the scrapes saw.
fn live(steps: &[Step], lag: i64) -> (f64, f64) {
    let mut tally = Tally::new(at(0));
    let mut containers = vec![Container { restarts: 0, started: Some(at(1)) }];
    let (mut raw, mut seen) = (0_u32, vec![0_u32]);
    let mut scrapes: Vec<(i64, u32)> = Vec::new();
    for (second, step) in (1..).zip(steps) {
        let known = containers.iter().rev().find(|container| container.started <= Some(at(second - lag)));
        let container = *known.unwrap_or(&containers[0]);
        let feed = |tally: &mut Tally, (second, value): (i64, u32)| {
            let (value, at) = (f64::from(value), Stamp::Scraped(at(second)));
            tally.feed(Sample { version: "new", pod: "a", series: "200", container, at, value })
        };
        match step {
            Step::Events(events) => raw += events,
            Step::Scrape => {
                scrapes.push((second, raw));
                *seen.last_mut().unwrap() = raw;
                feed(&mut tally, (second, raw));
            }
            Step::Again => drop(scrapes.last().map(|scrape| feed(&mut tally, *scrape))),
            Step::Late => drop(scrapes.first().map(|scrape| feed(&mut tally, *scrape))),
            Step::Restart => {
                let restarts = u32::try_from(containers.len()).unwrap();
                containers.push(Container { restarts, started: Some(at(second)) });
                raw = 0;
                seen.push(0);
            }
        }
    }
    let counted = tally.count("new", |_| true).map_or(0.0, |count| count.watched);
    (counted, seen.into_iter().map(f64::from).sum())
}

proptest! {
    #[test]
    fn any_split_by_resets_gives_the_true_count(steps in steps()) {
        let (counted, seen) = live(&steps, 0);
        prop_assert_eq!(counted, seen);
    }

    #[test]
    fn a_watch_that_lags_never_makes_a_count_too_large(steps in steps(), lag in 1..20_i64) {
        let (counted, seen) = live(&steps, lag);
        prop_assert!(counted <= seen, "{} counted, {} seen", counted, seen);
    }

    #[test]
    fn a_counter_alone_is_true_where_every_reset_shows(lives in prop::collection::vec(prop::collection::vec(1..50_u32, 1..8), 1..8)) {
        // Each life ends above where the next begins, as a counter with any traffic does.
        let (mut counter, mut truth, mut second): (Option<Counter>, f64, i64) = (None, 0.0, 0);
        for life in lives {
            let mut raw = 0.0;
            for (place, events) in life.iter().enumerate() {
                raw += if place == 0 { 0.0 } else { f64::from(*events) };
                second += 1;
                match &mut counter {
                    None => counter = Counter::begin(Born::Watched, at(second), raw),
                    Some(counter) => drop(counter.feed(at(second), raw)),
                }
            }
            truth += raw;
        }
        prop_assert_eq!(counter.map(|counter| counter.watched()), Some(truth));
    }

    #[test]
    fn the_sum_over_versions_is_the_sum_over_their_pods(values in prop::collection::vec((0..3_usize, 0..5_usize, 0..1000_u32), 1..60)) {
        let mut tally = Tally::new(at(0));
        let names = ["a", "b", "c", "d", "e"];
        let mut raw = [[0_u32; 5]; 3];
        for (second, (version, pod, events)) in (1..).zip(&values) {
            raw[*version][*pod] += events;
            let container = Container { restarts: 0, started: Some(at(0)) };
            let value = f64::from(raw[*version][*pod]);
            tally.feed(Sample { version: names[*version], pod: names[*pod], series: "", container, at: Stamp::Scraped(at(second)), value });
        }
        for (version, pods) in raw.iter().enumerate() {
            let counted = tally.count(names[version], |_| true).map_or(0.0, |count| count.watched);
            prop_assert_eq!(counted, f64::from(pods.iter().sum::<u32>()));
        }
    }

    #[test]
    fn an_error_ratio_is_within_its_range_or_no_ratio(bad in prop::num::f64::ANY, total in prop::num::f64::ANY) {
        if let Reading::Value(ratio) = Outcome::read(Answer::Value(bad), Answer::Value(total)).and_then(|seen| seen.error_ratio()) {
            prop_assert!((0.0..=1.0).contains(&ratio));
        }
    }

    #[test]
    fn an_interval_holds_what_was_observed(total in 1..1_000_000_u32, part in 0.0..=1.0_f64) {
        let total = f64::from(total);
        let interval = wilson(Outcome { bad: (part * total).floor(), total }).unwrap();
        prop_assert!(interval.holds(interval.observed));
        prop_assert!(0.0 <= interval.lower && interval.upper <= 1.0);
    }
}

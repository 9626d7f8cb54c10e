//! A small, seeded part of what `cargo bench --bench judgement` prints: healthy rollouts are hardly ever failed however often one looks,
//! and bad ones soon.

#![allow(clippy::unwrap_used, reason = "a test ends when something is wrong")]

#[path = "../benches/support/rollouts.rs"]
mod rollouts;

use rollouts::{World, part, quantile, watch_many};

const RATES: [f64; 4] = [10.0, 50.0, 200.0, 1000.0];

#[test]
fn healthy_rollouts_watched_for_an_hour_are_failed_in_less_than_one_of_twenty() {
    let mut seen = Vec::new();
    for rate in RATES {
        seen.extend(watch_many(World::healthy(rate), 30, 3, false));
    }
    seen.extend(watch_many(World { share: (0.05, 0.5), steps: true, wanders: true, ..World::healthy(200.0) }, 30, 4, false));
    let failed = part(&seen, |one| one.failed.is_some());
    assert!(failed < 0.05, "{failed}");
    assert!(part(&seen, |one| one.passed.is_some()) > 0.6, "and most of them pass within the hour");
}

#[test]
fn a_threshold_and_a_repeated_p_value_cry_wolf_on_the_same_rollouts() {
    let seen = watch_many(World::healthy(200.0), 30, 3, true);
    assert!(part(&seen, |one| one.threshold.is_some()) > 0.9);
    assert!(part(&seen, |one| one.repeated.is_some()) > 0.1);
}

#[test]
fn five_times_the_errors_fail_within_minutes_where_there_is_traffic() {
    for (rate, within) in [(50.0, 15.0), (200.0, 5.0), (1000.0, 2.0)] {
        let seen = watch_many(World { times: 5.0, ..World::healthy(rate) }, 30, 5, false);
        let half = quantile(&seen, 0.0, 0.5, |one| one.failed).unwrap();
        assert!(half < within * 60.0, "{rate}/s: {half} s");
        assert!(part(&seen, |one| one.lulled) < 0.05, "hardly one was called good meanwhile");
    }
}

#[test]
fn a_version_that_turns_bad_after_half_an_hour_fails_within_minutes_too() {
    let seen = watch_many(World { times: 5.0, from: 1800.0, ..World::healthy(1000.0) }, 20, 6, false);
    let half = quantile(&seen, 1800.0, 0.5, |one| one.failed).unwrap();
    assert!(half < 240.0, "{half} s");
}

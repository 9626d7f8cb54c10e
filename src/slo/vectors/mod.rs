//! The reference vectors, each a test named by its id.
//! They hold figures computed elsewhere: nothing here is derived from the code it checks.

mod blast_radius;
mod counting;
mod error_budget;
mod intervals;
mod kayenta;
mod spending;
mod streams;
mod verdicts;

use super::{Objective, Outcome, Reading};
use std::time::Duration;

pub(super) fn hours(hours: f64) -> Duration {
    Duration::from_secs_f64(hours * 3600.0)
}

pub(super) fn minutes(minutes: f64) -> Duration {
    hours(minutes / 60.0)
}

pub(super) fn days(days: f64) -> Duration {
    hours(days * 24.0)
}

pub(super) fn over_30_days(target: f64) -> Objective {
    Objective::new("availability", target, days(30.0)).unwrap()
}

pub(super) fn seen(bad: f64, total: f64) -> Reading<Outcome> {
    Outcome::counted(bad, total)
}

#[track_caller]
pub(super) fn near(got: f64, want: f64, within: f64) {
    assert!((got - want).abs() <= within, "{got} is not within {within} of {want}");
}

#[track_caller]
pub(super) fn lasts(got: Duration, want: Duration) {
    near(got.as_secs_f64(), want.as_secs_f64(), 1e-3);
}

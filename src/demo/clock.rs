//! The embedded cluster's clock: standing still until advanced, running at a speed, or the real one.
//! Never moves the simulation itself: [`Cluster`](super::cluster::Cluster) asks it how late it is.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

/// How virtual time passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockMode {
    /// It stands still until [`Cluster::advance_to`](super::cluster::Cluster::advance_to).
    Manual,
    /// It starts at the simulation's present moment and runs `speed` times as fast as real time.
    Running {
        /// Virtual seconds in a real second, above 0.
        speed: f64,
    },
    /// It is the real time, so that every other client's clock agrees with it.
    Real,
}

/// The moment at which deterministic scenarios begin: 2026-11-21T02:43:00Z.
pub fn origin() -> DateTime<Utc> {
    Utc.timestamp_opt(1_795_228_980, 0).single().unwrap_or_default()
}

/// A clock of one of the three modes.
pub(super) struct Clock {
    mode: ClockMode,
    started: Instant,
    /// Virtual time at `started`; for the manual clock, virtual time.
    at: Mutex<DateTime<Utc>>,
}

impl Clock {
    /// A clock that shows `start` now (the real one shows what it shows).
    pub(super) fn new(mode: ClockMode, start: DateTime<Utc>) -> Self {
        Self { mode, started: Instant::now(), at: Mutex::new(start) }
    }

    /// The virtual time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let at = *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        match self.mode {
            ClockMode::Manual => at,
            ClockMode::Running { speed } => {
                at + TimeDelta::from_std(self.started.elapsed().mul_f64(sane(speed))).unwrap_or(TimeDelta::zero())
            }
            ClockMode::Real => Utc::now(),
        }
    }

    /// Sets the manual clock; the others go on as they were. Never goes back.
    pub(super) fn advance_to(&self, to: DateTime<Utc>) {
        if self.mode == ClockMode::Manual {
            let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
            *at = to.max(*at);
        }
    }

    /// How long to sleep in real time until virtual `moment`; `None` when waiting does not bring it (manual clock).
    pub(super) fn real_until(&self, moment: DateTime<Utc>) -> Option<Duration> {
        let ahead = (moment - self.now()).to_std().unwrap_or(Duration::ZERO);
        match self.mode {
            ClockMode::Manual => None,
            ClockMode::Running { speed } => Some(ahead.div_f64(sane(speed))),
            ClockMode::Real => Some(ahead),
        }
    }
}

/// A speed that durations can be multiplied with.
fn sane(speed: f64) -> f64 {
    if speed.is_finite() { speed.clamp(0.001, 100_000.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_the_documented_moment() {
        assert_eq!(origin().to_rfc3339(), "2026-11-21T02:43:00+00:00");
    }

    #[test]
    fn manual_stands_still_and_never_goes_back() {
        let clock = Clock::new(ClockMode::Manual, origin());
        assert_eq!(clock.now(), origin());
        clock.advance_to(origin() + TimeDelta::seconds(5));
        clock.advance_to(origin());
        assert_eq!(clock.now(), origin() + TimeDelta::seconds(5));
        assert_eq!(clock.real_until(origin() + TimeDelta::seconds(9)), None);
    }

    #[test]
    fn running_is_as_fast_as_asked() {
        let clock = Clock::new(ClockMode::Running { speed: 1000.0 }, origin());
        std::thread::sleep(Duration::from_millis(20));
        assert!(clock.now() - origin() >= TimeDelta::seconds(20));
        let wait = clock.real_until(clock.now() + TimeDelta::seconds(1000)).unwrap();
        assert!(wait <= Duration::from_millis(1000) && wait >= Duration::from_millis(900), "{wait:?}");
    }
}

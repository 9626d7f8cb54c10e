//! How long to wait after each failure in a row: doubling, bounded, and spread so that many clients do not return at once.
//! Never waits itself.

use std::time::Duration;

/// Failures in a row.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    min: Duration,
    max: Duration,
    failures: u32,
}

impl Backoff {
    pub fn new(min: Duration, max: Duration) -> Self {
        Self { min, max, failures: 0 }
    }

    /// The wait after one more failure: between half and all of the doubled step.
    pub fn next(&mut self) -> Duration {
        let step = self.min.saturating_mul(1 << self.failures.min(16)).min(self.max);
        self.failures = self.failures.saturating_add(1);
        step.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// It worked.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_bound_and_start_over() {
        let (min, max) = (Duration::from_millis(500), Duration::from_secs(30));
        let mut backoff = Backoff::new(min, max);
        let waits: Vec<Duration> = (0..20).map(|_| backoff.next()).collect();
        assert!(waits[0] >= min / 2 && waits[0] <= min);
        assert!(waits[3] > waits[0]);
        assert!(waits.iter().all(|wait| *wait <= max));
        assert!(waits[19] >= max / 2);
        backoff.reset();
        assert!(backoff.next() <= min);
    }
}

//! The weight of evidence: two e-processes over buckets of counts, one that the new version is worse, one that it is not much worse.
//! They may be looked at as often as one likes: an e-process that starts at 1 reaches 20 in at most one healthy release of twenty, ever.
//!
//! Given all errors of a bucket, and both versions failing alike, each error is the new version's with probability θ, its share of the
//! requests. A version that fails λ times as often has θλ/(1 + (λ−1)θ) instead; the product of those ratios over the buckets is a bet
//! that can't win in the long run unless the new version is worse. Several λ are bet on at once. Traffic may drift, ramp and pause: θ
//! is each bucket's own.

use crate::slo::Outcome;
use crate::slo::interval::wilson;

/// Times as bad as the old version, each bet on with an equal part.
pub const WORSE: [f64; 5] = [1.5, 2.0, 3.0, 5.0, 10.0];
/// "Much worse" begins here: what the second process speaks against.
pub const MUCH_WORSE: f64 = 2.0;
/// Times as bad as the old version that speak against "much worse".
pub const ALIKE: [f64; 4] = [0.25, 0.5, 1.0, 1.5];

/// Beyond this the logarithm's number does not fit, nor does it matter.
const LARGEST_LOG: f64 = 690.0;

/// Evidence so far, as logarithms of each bet's product.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Weight {
    worse: [f64; 5],
    alike: [f64; 4],
}

impl Weight {
    /// Takes a bucket in which both versions were counted. Buckets with no requests on one side change nothing.
    pub fn add(&mut self, new: Outcome, stable: Outcome) {
        let all = new.plus(&stable);
        if all.total <= 0.0 {
            return;
        }
        let share = new.total / all.total;
        let term = |lambda: f64| ((lambda - 1.0) * share).ln_1p();
        for (log, lambda) in self.worse.iter_mut().zip(WORSE) {
            *log += new.bad * lambda.ln() - all.bad * term(lambda);
        }
        for (log, lambda) in self.alike.iter_mut().zip(ALIKE) {
            *log += new.bad * (lambda / MUCH_WORSE).ln() + all.bad * (term(MUCH_WORSE) - term(lambda));
        }
    }

    /// Takes a bucket of the new version beside an error ratio that was counted earlier and is frozen. The ratio is taken at the end of
    /// its interval that speaks against either claim, so that chance in the baseline is not held against the release, nor for it.
    pub fn add_frozen(&mut self, new: Outcome, before: Outcome) {
        let Some(before) = wilson(before) else { return };
        for (log, lambda) in self.worse.iter_mut().zip(WORSE) {
            *log += new.bad * lambda.ln() - (lambda - 1.0) * before.upper * new.total;
        }
        for (log, lambda) in self.alike.iter_mut().zip(ALIKE) {
            *log += new.bad * (lambda / MUCH_WORSE).ln() + (MUCH_WORSE - lambda) * before.lower * new.total;
        }
    }

    /// Takes errors of the new version that came with no request beside them, at its share of requests (0..=1).
    pub fn add_errors(&mut self, errors: f64, share: f64) {
        let term = |lambda: f64| ((lambda - 1.0) * share).ln_1p();
        for (log, lambda) in self.worse.iter_mut().zip(WORSE) {
            *log += errors * (lambda.ln() - term(lambda));
        }
        for (log, lambda) in self.alike.iter_mut().zip(ALIKE) {
            *log += errors * ((lambda / MUCH_WORSE).ln() + term(MUCH_WORSE) - term(lambda));
        }
    }

    /// Evidence that it is worse, to one. 1 is none either way.
    pub fn worse(&self) -> f64 {
        mean_exp(&self.worse)
    }

    /// Evidence that it is not twice as bad or more, to one.
    pub fn not_much_worse(&self) -> f64 {
        mean_exp(&self.alike)
    }

    /// Both: what came before, and what came then.
    #[must_use]
    pub fn plus(&self, then: &Weight) -> Weight {
        let mut sum = *self;
        sum.worse.iter_mut().zip(then.worse).for_each(|(log, more)| *log += more);
        sum.alike.iter_mut().zip(then.alike).for_each(|(log, more)| *log += more);
        sum
    }

    /// What it would be if so many more times of the same came on top (0 or more).
    pub fn continued(&self, times: f64) -> Weight {
        Weight { worse: self.worse.map(|log| log * (1.0 + times)), alike: self.alike.map(|log| log * (1.0 + times)) }
    }
}

fn mean_exp(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|log| (log - most).exp()).sum();
    (most + (sum / logs.len() as f64).ln()).clamp(-LARGEST_LOG, LARGEST_LOG).exp()
}

//! The ± beside a ratio: Wilson's interval for one ratio, Newcombe's hybrid for the difference of two, both at 95 %, two-sided.
//! It refuses to decide anything: an interval looked at again and again is description, not evidence.

use super::Outcome;

/// The normal quantile for 95 %, two-sided.
const Z: f64 = 1.959_963_984_540_054;

/// A ratio (0..=1), or a difference of two (−1..=1), with the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The observed one.
    pub observed: f64,
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Interval {
    /// Half the width: the ± where both sides are about alike.
    pub fn half_width(&self) -> f64 {
        (self.upper - self.lower) / 2.0
    }

    /// Whether `value` is inside, ends included.
    pub fn holds(&self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }
}

/// Wilson's score interval (1927, without continuity correction) of the error ratio. `None` without events.
pub fn wilson(seen: Outcome) -> Option<Interval> {
    let n = seen.total;
    let observed = seen.error_ratio().value()?;
    let z2 = Z * Z;
    let middle = (observed + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (observed * (1.0 - observed) / n + z2 / (4.0 * n * n)).sqrt();
    // At no errors (or nothing else) the end is exact; the closed form leaves a hair of float noise there.
    let lower = if observed == 0.0 { 0.0 } else { (middle - half).max(0.0) };
    let upper = if observed == 1.0 { 1.0 } else { (middle + half).min(1.0) };
    Some(Interval { observed, lower, upper })
}

/// Newcombe's hybrid score interval (1998, method 10) of the new version's error ratio minus the old one's. `None` when either has no
/// events.
pub fn newcombe(new: Outcome, old: Outcome) -> Option<Interval> {
    let (new, old) = (wilson(new)?, wilson(old)?);
    let observed = new.observed - old.observed;
    Some(Interval {
        observed,
        lower: observed - (new.observed - new.lower).hypot(old.upper - old.observed),
        upper: observed + (new.upper - new.observed).hypot(old.observed - old.lower),
    })
}

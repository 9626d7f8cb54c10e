//! Latency from classic histogram buckets: how many events were within a threshold, and quantiles.
//! It refuses a point where the buckets only give a bracket, and a quantile that lies beyond the last bound.

use super::{Missing, Outcome, Reading};

/// Cumulative counts by upper bound, ascending, the last bound +Inf.
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets {
    /// (upper bound in the metric's own unit, events at or below it), counts never falling.
    steps: Vec<(f64, f64)>,
}

/// The part of events within a threshold (0..=1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Within {
    /// At least this part: those at or below the nearest bound under the threshold.
    pub at_least: f64,
    /// At most this part: those at or below the nearest bound over it. Equal to `at_least` when the threshold is a bound.
    pub at_most: f64,
    /// Where a straight line between the two bounds puts it, as `histogram_quantile` would. `None` where one of them is infinite.
    pub linear: Option<f64>,
}

/// A quantile, or the last bound that it lies beyond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantile {
    /// In the metric's own unit.
    At(f64),
    /// Above the largest finite bound: no histogram tells how far.
    Over(f64),
}

impl Buckets {
    /// From (upper bound, cumulative count), in any order. A bound named twice (`1` and `1.0`) is added up. Counts that fall from one
    /// bound to the next come from buckets scraped at different moments and are lifted, as Prometheus does. Without a +Inf bucket, or
    /// with a negative count, there is no histogram: `None`.
    pub fn new(buckets: impl IntoIterator<Item = (f64, f64)>) -> Option<Buckets> {
        let mut raw: Vec<(f64, f64)> = buckets.into_iter().filter(|(bound, count)| !bound.is_nan() && !count.is_nan()).collect();
        raw.sort_by(|one, other| one.0.total_cmp(&other.0));
        if raw.iter().any(|(_, count)| *count < 0.0 || count.is_infinite()) || raw.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
            return None;
        }
        let mut steps: Vec<(f64, f64)> = Vec::with_capacity(raw.len());
        for (bound, count) in raw {
            match steps.last_mut() {
                Some(last) if last.0 == bound => last.1 += count,
                _ => steps.push((bound, count)),
            }
        }
        let mut most = 0.0_f64;
        for (_, count) in &mut steps {
            most = most.max(*count);
            *count = most;
        }
        Some(Buckets { steps })
    }

    /// All events.
    pub fn total(&self) -> f64 {
        self.steps.last().map_or(0.0, |(_, count)| *count)
    }

    /// The part of events within `threshold`.
    pub fn within(&self, threshold: f64) -> Reading<Within> {
        let total = self.total();
        if total == 0.0 {
            return Reading::NoTraffic;
        }
        let below = self.steps.iter().rev().find(|(bound, _)| *bound <= threshold);
        let Some(above) = self.steps.iter().find(|(bound, _)| *bound >= threshold) else {
            return Reading::NoData(Missing::OutsideRange(threshold));
        };
        // Latencies start at 0: below the first bound, 0 is the bound under the threshold.
        let (low, under) = below.copied().unwrap_or((0.0, 0.0));
        let (high, over) = *above;
        let linear = if low == high {
            Some(under / total)
        } else {
            high.is_finite().then(|| (under + (over - under) * ((threshold - low) / (high - low)).clamp(0.0, 1.0)) / total)
        };
        Reading::Value(Within { at_least: under / total, at_most: over / total, linear })
    }

    /// Events over the threshold as bad ones, where the threshold is a bound; `None` where the buckets only give a bracket.
    pub fn over(&self, threshold: f64) -> Option<Reading<Outcome>> {
        let (_, good) = self.steps.iter().find(|(bound, _)| *bound == threshold)?;
        Some(Outcome::from_good(*good, self.total()))
    }

    /// The quantile (`q` of 0..=1) with a straight line inside its bucket, as `histogram_quantile`. `None` for a `q` outside 0..=1
    /// and where no bound is finite.
    pub fn quantile(&self, q: f64) -> Option<Reading<Quantile>> {
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        let total = self.total();
        if total == 0.0 {
            return Some(Reading::NoTraffic);
        }
        let rank = q * total;
        let place = self.steps.iter().position(|(_, count)| *count >= rank)?;
        let (high, upto) = *self.steps.get(place)?;
        let before = place.checked_sub(1).and_then(|place| self.steps.get(place)).copied();
        if high.is_infinite() {
            return before.map(|(bound, _)| Reading::Value(Quantile::Over(bound)));
        }
        let (low, under) = match before {
            Some(before) => before,
            // As Prometheus: a first bound at or below 0 has no lower end, and stands for itself.
            None if high <= 0.0 => return Some(Reading::Value(Quantile::At(high))),
            None => (0.0, 0.0),
        };
        let inside = upto - under;
        let part = if inside > 0.0 { (rank - under) / inside } else { 0.0 };
        Some(Reading::Value(Quantile::At(low + (high - low) * part)))
    }
}

/// The part of a native histogram's bucket (`low`, `high`], both above 0, that lies at or below `threshold`, 0..=1: native buckets grow
/// exponentially, and so does Prometheus's interpolation inside them.
pub fn exponential_part(low: f64, high: f64, threshold: f64) -> f64 {
    ((threshold / low).ln() / (high / low).ln()).clamp(0.0, 1.0)
}

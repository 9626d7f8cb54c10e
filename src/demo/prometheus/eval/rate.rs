//! `rate`, `increase`, `delta` and the instant ones: how fast a series changes.
//! Takes Prometheus' extrapolation as it is, also where it is known to misjudge young series: the cockpit has to live with it.

use super::super::tsdb::Sample;
use super::window::Window;

/// What is asked of the change.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Change {
    /// A fall is a reset, not a decrease.
    pub counter: bool,
    /// Per second.
    pub per_second: bool,
}

/// `extrapolatedRate` of `promql/functions.go`: the difference, stretched towards the edges of the range.
pub(super) fn extrapolated(window: &Window<'_>, change: Change) -> Option<f64> {
    let samples = window.samples;
    let [(first_at, first), .., (last_at, last)] = *samples else { return None };
    let mut result = last - first;
    if change.counter {
        result += samples.windows(2).filter(|pair| pair[1].1 < pair[0].1).map(|pair| pair[0].1).sum::<f64>();
    }
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let (mut to_start, to_end) = (seconds(first_at - window.from), seconds(window.to - last_at));
    let sampled = seconds(last_at - first_at);
    let average = sampled / (samples.len() - 1) as f64;
    if change.counter && result > 0.0 && first >= 0.0 {
        // A counter does not start below zero: no further back than where a straight line would reach it.
        let to_zero = sampled * (first / result);
        if to_zero < to_start {
            to_start = to_zero;
        }
    }
    // An edge a little more than one interval away is still covered; from a farther one half an interval is.
    let threshold = average * 1.1;
    let reach = |distance: f64| if distance < threshold { distance } else { average / 2.0 };
    let mut factor = (sampled + reach(to_start) + reach(to_end)) / sampled;
    if change.per_second {
        factor /= window.seconds();
    }
    Some(result * factor)
}

/// `instantValue`: the change between the last two samples.
pub(super) fn instant(samples: &[Sample], change: Change) -> Option<f64> {
    let [.., (before_at, before), (last_at, last)] = *samples else { return None };
    if last_at == before_at {
        return None;
    }
    let result = if change.counter && last < before { last } else { last - before };
    Some(if change.per_second { result / ((last_at - before_at) as f64 / 1000.0) } else { result })
}

/// Slope per second and value at `at` of the least-squares line (`linearRegression`).
pub(super) fn line(samples: &[Sample], at: i64) -> Option<(f64, f64)> {
    let [(_, first), _, ..] = *samples else { return None };
    if samples.iter().all(|(_, value)| *value == first) {
        return Some(if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) });
    }
    let n = samples.len() as f64;
    let [mut x, mut y, mut xy, mut xx] = [Compensated::default(); 4];
    for (t, value) in samples {
        let seconds = (*t - at) as f64 / 1000.0;
        x.add(seconds);
        y.add(*value);
        xy.add(seconds * value);
        xx.add(seconds * seconds);
    }
    let [x, y, xy, xx] = [x, y, xy, xx].map(|sum| sum.sum + sum.rest);
    let slope = (xy - x * y / n) / (xx - x * x / n);
    Some((slope, y / n - slope * x / n))
}

/// A sum that keeps what rounding would lose (`kahanSumInc`, Neumaier's form).
#[derive(Clone, Copy, Default)]
pub(super) struct Compensated {
    pub sum: f64,
    pub rest: f64,
}

impl Compensated {
    pub fn add(&mut self, more: f64) {
        let total = self.sum + more;
        self.rest += if self.sum.abs() >= more.abs() { (self.sum - total) + more } else { (more - total) + self.sum };
        self.sum = total;
    }

    /// The sum; without the rest once it is infinite, which would make it NaN.
    pub fn total(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INCREASE: Change = Change { counter: true, per_second: false };
    const RATE: Change = Change { counter: true, per_second: true };

    fn window(samples: &[Sample], from: i64, to: i64) -> Window<'_> {
        Window { samples, from, to }
    }

    #[test]
    fn eb_15_a_reset_inside_the_range() {
        let samples = [(15_000, 100.0), (30_000, 110.0), (45_000, 3.0), (60_000, 13.0)];
        let got = extrapolated(&window(&samples, 0, 60_000), INCREASE).unwrap();
        assert!((got - 23.0 * 60.0 / 45.0).abs() < 1e-9, "{got}");
    }

    #[test]
    fn eb_16_three_errors_of_a_series_born_at_3_are_invisible() {
        let samples = [(0, 3.0), (15_000, 3.0), (30_000, 3.0)];
        assert_eq!(extrapolated(&window(&samples, -270_000, 30_000), INCREASE), Some(0.0));
    }

    #[test]
    fn br_5_a_young_series_is_underrated_by_a_long_range() {
        let samples = [(15_000, 30.0), (30_000, 60.0), (45_000, 90.0), (60_000, 120.0)];
        let long = extrapolated(&window(&samples, 60_000 - 300_000, 60_000), RATE).unwrap();
        assert!((long - 0.4).abs() < 1e-9, "{long}");
        let short = extrapolated(&window(&samples, 0, 60_000), RATE).unwrap();
        assert!((short - 2.0).abs() < 1e-9, "{short}");
    }

    #[test]
    fn one_sample_is_no_change() {
        assert_eq!(extrapolated(&window(&[(0, 1.0)], -60_000, 0), RATE), None);
        assert_eq!(instant(&[(0, 1.0)], RATE), None);
    }
}

//! The `…_over_time` family, `changes` and `resets`: one series' samples to one number.
//! Expects at least one sample, and markers of staleness already gone.

use super::super::tsdb::Sample;
use super::{math, rate::Compensated};

/// The value of `name` over `samples`; none where the function has no value for them.
pub(super) fn function(name: &str, samples: &[Sample], parameter: f64) -> Option<f64> {
    let values = || samples.iter().map(|(_, value)| *value);
    let steps = || samples.windows(2).map(|pair| (pair[0].1, pair[1].1));
    let last = values().next_back()?;
    Some(match name {
        "count_over_time" => samples.len() as f64,
        "last_over_time" => last,
        "present_over_time" => 1.0,
        "sum_over_time" => sum(values()),
        "avg_over_time" => average(values()),
        "max_over_time" => values().reduce(|max, value| if value > max || max.is_nan() { value } else { max })?,
        "min_over_time" => values().reduce(|min, value| if value < min || min.is_nan() { value } else { min })?,
        "stdvar_over_time" => variance(values()),
        "stddev_over_time" => variance(values()).sqrt(),
        "quantile_over_time" => math::quantile(parameter, &mut values().collect::<Vec<_>>()),
        "changes" => steps().filter(|(a, b)| a != b && !(a.is_nan() && b.is_nan())).count() as f64,
        "resets" => steps().filter(|(a, b)| b < a).count() as f64,
        _ => return None,
    })
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut sum = Compensated::default();
    values.for_each(|value| sum.add(value));
    sum.total()
}

/// A running mean, which does not overflow where a sum would; once infinite it stays so unless the other infinity or NaN comes.
fn average(values: impl Iterator<Item = f64>) -> f64 {
    let mut mean = Compensated::default();
    for (i, value) in values.enumerate() {
        let count = (i + 1) as f64;
        if mean.sum.is_infinite() && (value == mean.sum || value.is_finite()) {
            continue;
        }
        mean.add(value / count - mean.sum / count);
    }
    mean.total()
}

/// Welford's population variance, compensated as the engine has it.
fn variance(values: impl Iterator<Item = f64>) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, Compensated::default(), Compensated::default());
    for value in values {
        count += 1.0;
        let before = value - (mean.sum + mean.rest);
        mean.add(before / count);
        squares.add(before * (value - (mean.sum + mean.rest)));
    }
    (squares.sum + squares.rest) / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_by_hand() {
        let samples = [(0, 2.0), (1, 4.0), (2, 4.0), (3, 1.0), (4, f64::NAN)];
        let of = |name, upto: usize| function(name, &samples[..upto], 0.5);
        assert_eq!(of("sum_over_time", 4), Some(11.0));
        assert_eq!(of("avg_over_time", 4), Some(2.75));
        assert_eq!(of("max_over_time", 5), Some(4.0));
        assert_eq!(of("min_over_time", 5), Some(1.0));
        assert_eq!(of("changes", 5), Some(3.0));
        assert_eq!(of("resets", 5), Some(1.0));
        assert_eq!(of("quantile_over_time", 4), Some(3.0));
        assert_eq!(of("stdvar_over_time", 4), Some(1.6875));
        assert_eq!(of("count_over_time", 0), None);
        assert_eq!(average([1e308, 1e308, 1e308].into_iter()), 1e308);
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100].into_iter()), 2.0);
    }
}

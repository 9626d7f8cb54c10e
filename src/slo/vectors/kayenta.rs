//! CA-11 and CA-12: how Kayenta's judge would have it, for comparison. The judge here is small and lives in this test only: no verdict of
//! ours comes from ranks of points. It refuses outlier handling and the strategies for NaN: no vector needs them.

use super::near;
use statrs::distribution::{ContinuousCDF, Normal};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Classed {
    Pass,
    High,
    Low,
    Nodata,
}

/// The Hodges-Lehmann shift of `new` over `old` with its 98 % interval: where the rank sum test, with R's normal approximation and
/// continuity correction, stops rejecting. The ends lie at differences between points, where the test jumps.
fn shift(new: &[f64], old: &[f64]) -> (f64, f64, f64) {
    let z = Normal::standard().inverse_cdf(0.99);
    let mut differences: Vec<f64> = new.iter().flat_map(|n| old.iter().map(move |o| n - o)).collect();
    differences.sort_by(f64::total_cmp);
    let (m, n) = (new.len() as f64, old.len() as f64);
    let statistic = |shift: f64, correction: f64| {
        let moved: Vec<f64> = new.iter().map(|value| value - shift).collect();
        let wins: f64 = moved.iter().flat_map(|a| old.iter().map(move |b| score(*a, *b))).sum();
        let (mut all, mut ties) = (moved, 0.0);
        all.extend_from_slice(old);
        all.sort_by(f64::total_cmp);
        for group in all.chunk_by(|a, b| (a - b).abs() < 1e-9) {
            let t = group.len() as f64;
            ties += t * t * t - t;
        }
        let spread = (m * n / 12.0 * (m + n + 1.0 - ties / ((m + n) * (m + n - 1.0)))).sqrt();
        if spread == 0.0 { 0.0 } else { (wins - m * n / 2.0 - correction) / spread }
    };
    let (first, last) = (differences[0], differences[differences.len() - 1]);
    let crossing = |target: f64, correction: f64| {
        // Beyond all differences the arms are wholly apart. Where even that is not rejected, the interval has no end on that side.
        if statistic(first, correction) <= target {
            return if statistic(first - 1.0, correction) <= target { f64::NEG_INFINITY } else { first };
        }
        if statistic(last, correction) >= target {
            return if statistic(last + 1.0, correction) >= target { f64::INFINITY } else { last };
        }
        let (mut low, mut high) = (first, last);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if statistic(middle, correction) > target { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    };
    (crossing(0.0, 0.0), crossing(z, 0.5), crossing(-z, -0.5))
}

fn score(a: f64, b: f64) -> f64 {
    match (a - b).abs() < 1e-9 {
        true => 0.5,
        false => f64::from(a > b),
    }
}

/// One metric: high where the whole interval lies above a quarter of the shift.
fn class(new: &[f64], old: &[f64]) -> Classed {
    if new.is_empty() || old.is_empty() {
        return Classed::Nodata;
    }
    let (estimate, low, high) = shift(new, old);
    let bound = 0.25 * estimate.abs();
    if low > bound {
        Classed::High
    } else if high < -bound {
        Classed::Low
    } else {
        Classed::Pass
    }
}

/// The score of a group, 0..=100: passes of what was judged. A group with no data at all is 100.
fn group(metrics: &[Classed]) -> f64 {
    let judged = metrics.iter().filter(|class| **class != Classed::Nodata).count();
    let passed = metrics.iter().filter(|class| **class == Classed::Pass).count();
    if judged == 0 { 100.0 } else { 100.0 * passed as f64 / judged as f64 }
}

/// Scores by weight; groups without one share what is left of 100.
fn summary(groups: &[(&[Classed], Option<f64>)]) -> f64 {
    let given: f64 = groups.iter().filter_map(|(_, weight)| *weight).sum();
    let without = groups.iter().filter(|(_, weight)| weight.is_none()).count() as f64;
    groups.iter().map(|(metrics, weight)| group(metrics) * weight.unwrap_or((100.0 - given) / without) / 100.0).sum()
}

fn points(parts: &[(usize, f64)]) -> Vec<f64> {
    parts.iter().flat_map(|(count, value)| std::iter::repeat_n(*value, *count)).collect()
}

#[test]
fn ca_11_kayenta_passes_seven_hundredfold_points_of_ten() {
    let ones = points(&[(10, 1.0)]);
    let seven = points(&[(7, 100.0), (3, 1.0)]);
    let (estimate, low, high) = shift(&seven, &ones);
    near(estimate, 99.0, 0.01);
    near(low, 0.0, 0.01);
    near(high, 99.0, 0.01);
    near(0.25 * estimate.abs(), 24.75, 0.01);
    assert_eq!(class(&seven, &ones), Classed::Pass);
    let eight = points(&[(8, 100.0), (2, 1.0)]);
    near(shift(&eight, &ones).1, 99.0, 0.01);
    assert_eq!(class(&eight, &ones), Classed::High);

    let sparse = [0.0, 1.0, 2.0, 1.0, 0.0, 0.0];
    let (_, low, high) = shift(&sparse, &[0.0; 6]);
    near(low, 0.0, 0.01);
    near(high, 2.0, 0.01);
    assert_eq!(class(&sparse, &[0.0; 6]), Classed::Pass);
    // Fewer than five points an arm can't fail, however far apart they are.
    assert_eq!(class(&[9.0, 9.1, 9.2, 9.3], &[1.0, 1.1, 1.2, 1.3]), Classed::Pass);
    assert_eq!(class(&[9.0, 9.1, 9.2, 9.3, 9.4], &[1.0, 1.1, 1.2, 1.3, 1.4]), Classed::High);
    assert_eq!(class(&[1.0, 1.1, 1.2, 1.3, 1.4], &[9.0, 9.1, 9.2, 9.3, 9.4]), Classed::Low);
}

#[test]
fn ca_12_kayenta_scores_a_group_without_data_as_full_marks() {
    use Classed::{High, Nodata, Pass};
    near(group(&[Pass, High, Pass]), 66.67, 0.005);
    let score = summary(&[(&[Pass, High, Pass], Some(60.0)), (&[Pass, Pass], Some(30.0)), (&[Nodata], None)]);
    near(score, 80.0, 1e-9);
}

//! Whole numbers by chance: how many requests came, how many of them did something.
//! Draws only from the generator it is given, so that one seed gives one history.

use std::f64::consts::TAU;

use fastrand::Rng;

/// Above this mean a normal draw is as good as the exact one, and costs the same however large the mean is.
const LARGE: f64 = 30.0;

/// How many events come where `mean` are expected (a Poisson draw; 0 for a mean that is not positive).
pub(super) fn poisson(rng: &mut Rng, mean: f64) -> u64 {
    if mean <= 0.0 || !mean.is_finite() {
        return 0;
    }
    if mean > LARGE {
        return whole(mean + mean.sqrt() * normal(rng));
    }
    let (wanted, mut n, mut p) = (rng.f64(), 0_u64, (-mean).exp());
    let mut sum = p;
    while wanted > sum && p > f64::MIN_POSITIVE {
        n += 1;
        p *= mean / n as f64;
        sum += p;
    }
    n
}

/// How many of `n` are chosen when each is with chance `p` (a binomial draw, never more than `n`).
pub(super) fn binomial(rng: &mut Rng, n: u64, p: f64) -> u64 {
    if n == 0 || p <= 0.0 || p.is_nan() {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    if p > 0.5 {
        return n - binomial(rng, n, 1.0 - p);
    }
    let mean = n as f64 * p;
    if mean > LARGE {
        return whole(mean + (mean * (1.0 - p)).sqrt() * normal(rng)).min(n);
    }
    let (odds, wanted, mut k) = (p / (1.0 - p), rng.f64(), 0_u64);
    let mut chance = (n as f64 * (-p).ln_1p()).exp();
    let mut sum = chance;
    while wanted > sum && k < n && chance > f64::MIN_POSITIVE {
        k += 1;
        chance *= odds * (n - k + 1) as f64 / k as f64;
        sum += chance;
    }
    k
}

/// `n` dealt out by `weights`: the parts add up to `n`, or are all 0 where no weight is positive.
pub(super) fn deal(rng: &mut Rng, n: u64, weights: &[f64]) -> Vec<u64> {
    let mut left = n;
    let mut rest: f64 = weights.iter().sum();
    let one = |weight: &f64| {
        let part = if rest <= 0.0 { 0 } else { binomial(rng, left, weight / rest) };
        rest -= weight;
        // What rounding leaves of the last weights must not be dealt to nobody.
        rest = if rest < 1e-12 { 0.0 } else { rest };
        left -= part;
        part
    };
    weights.iter().map(one).collect()
}

/// A normal draw (Box and Muller).
fn normal(rng: &mut Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (TAU * rng.f64()).cos()
}

fn whole(value: f64) -> u64 {
    value.round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mut draw: impl FnMut(&mut Rng) -> u64) -> (f64, f64) {
        let (mut rng, count) = (Rng::with_seed(7), 20_000);
        let values: Vec<f64> = (0..count).map(|_| draw(&mut rng) as f64).collect();
        let mean = values.iter().sum::<f64>() / f64::from(count);
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(count))
    }

    fn near(got: (f64, f64), mean: f64, variance: f64) {
        assert!((got.0 - mean).abs() < 0.03 * mean.max(0.2), "mean {} for {mean}", got.0);
        assert!((got.1 - variance).abs() < 0.06 * variance.max(0.2), "variance {} for {variance}", got.1);
    }

    #[test]
    fn mean_and_variance_are_right_on_both_sides_of_the_normal_draw() {
        for mean in [0.1, 3.0, 29.0, 31.0, 600.0] {
            near(moments(|rng| poisson(rng, mean)), mean, mean);
        }
        for (n, p) in [(10, 0.3), (600, 0.001), (600, 0.2), (600, 0.999), (40, 0.5)] {
            near(moments(|rng| binomial(rng, n, p)), n as f64 * p, n as f64 * p * (1.0 - p));
        }
    }

    #[test]
    fn what_is_dealt_is_all_there_is() {
        let mut rng = Rng::with_seed(1);
        for n in [0, 1, 7, 1000] {
            for weights in [&[1.0, 1.0, 1.0][..], &[0.05, 0.95], &[0.0, 1.0], &[0.1; 10]] {
                assert_eq!(deal(&mut rng, n, weights).iter().sum::<u64>(), n, "{n} by {weights:?}");
            }
        }
        assert_eq!(deal(&mut rng, 9, &[0.0, 0.0]), [0, 0]);
        assert_eq!(deal(&mut rng, 9, &[0.0, 1.0])[0], 0);
    }
}

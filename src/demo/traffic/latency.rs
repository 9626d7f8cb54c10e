//! How long requests take: a log-normal distribution, cut into a histogram's buckets.
//! Draws no single request: a tick's requests are dealt out over the buckets at once.

/// A log-normal distribution of durations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Latency {
    mu: f64,
    sigma: f64,
}

/// The 99th percentile of the standard normal distribution.
const P99: f64 = 2.326_347_874;

impl Latency {
    /// The distribution with this median and 99th percentile, milliseconds; the median must be positive, the other larger.
    pub(super) fn of(median_ms: f64, p99_ms: f64) -> Self {
        Self { mu: median_ms.ln(), sigma: (p99_ms / median_ms).ln() / P99 }
    }

    /// With every duration `factor` times as long.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { mu: self.mu + factor.ln(), ..self }
    }

    /// For each bucket between `bounds_ms` (the last reaches to infinity): the chance to fall into it, and the mean of what does, microseconds.
    pub(super) fn cut(self, bounds_ms: &[f64]) -> Vec<(f64, u64)> {
        let Self { mu, sigma } = self;
        let below = |bound: f64| phi((bound.ln() - mu) / sigma);
        // The part of the mean that lies below a bound.
        let mass = |bound: f64| (mu + sigma * sigma / 2.0).exp() * phi((bound.ln() - mu - sigma * sigma) / sigma);
        let lower = std::iter::once(0.0).chain(bounds_ms.iter().copied());
        let upper = bounds_ms.iter().copied().chain([f64::INFINITY]);
        let one = |(from, to): (f64, f64)| {
            let chance = (below(to) - below(from)).max(0.0);
            let mean = if chance > 1e-9 { (mass(to) - mass(from)) / chance } else { from };
            (chance, (mean.clamp(from, to) * 1000.0).round() as u64)
        };
        lower.zip(upper).map(one).collect()
    }
}

/// The standard normal distribution function (Abramowitz and Stegun 26.2.17, off by less than 1e-7).
fn phi(x: f64) -> f64 {
    if x.is_infinite() {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly = t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-x * x / 2.0).exp() * 0.398_942_280_4 * poly;
    if x > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_lies_below_the_median_and_one_in_a_hundred_above_the_99th_percentile() {
        let cut = Latency::of(40.0, 400.0).cut(&[40.0, 400.0]);
        let chances: Vec<f64> = cut.iter().map(|(chance, _)| *chance).collect();
        for (got, wanted) in chances.iter().zip([0.5, 0.49, 0.01]) {
            assert!((got - wanted).abs() < 1e-6, "{chances:?}");
        }
        let twice = Latency::of(40.0, 400.0).times(2.0).cut(&[80.0]);
        assert!((twice[0].0 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn the_buckets_means_make_the_distributions_mean() {
        let (median, p99) = (40.0_f64, 400.0_f64);
        let sigma = (p99 / median).ln() / P99;
        let mean_us = median * (sigma * sigma / 2.0).exp() * 1000.0;
        let cut = Latency::of(median, p99).cut(&[5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0]);
        let got: f64 = cut.iter().map(|(chance, mean)| chance * *mean as f64).sum();
        assert!((got - mean_us).abs() < mean_us * 1e-3, "{got} {mean_us}");
        assert!(cut[3].1 > 25_000 && cut[3].1 < 50_000, "a bucket's mean lies in it");
    }
}

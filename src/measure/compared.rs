//! The new version beside the old one, over the same stretch.
//! Judges neither: that is the verdicts'.

use std::time::Duration;

use super::counters::Counters;
use super::{COMPARED, Meter, Sides, is_old};
use crate::release::Time;
use crate::release::telemetry::{Arm, Comparison};
use crate::slo::quantile::{Buckets, Quantile};
use crate::slo::{Missing, Outcome, Reading};
use crate::text::Clean;

impl Meter {
    pub(super) fn compare(&self, counters: &Counters, sides: &Sides, now: Time) -> Option<Comparison> {
        let new = counters.over(&sides.new, COMPARED)?;
        // Both over the same stretch: an old version that was busier before the new one came is another one.
        let old = counters.over(&sides.old, new.covers.max(Duration::from_secs(1)));
        let arm = |hashes: &[Clean], seen: Reading<Outcome>| Arm {
            seen,
            since_start: counters.count(hashes).map(|count| Outcome { bad: count.bad.since_start, total: count.total.since_start }),
            at_least: counters.count(hashes).is_some_and(|count| count.total.at_least),
            p50: self.quantile(hashes, 0.5, now),
            p99: self.quantile(hashes, 0.99, now),
        };
        // Nothing counts it: that is not the same as nothing to count.
        let gone = Reading::NoData(Missing::TotalAbsent);
        Some(Comparison { old: arm(&sides.old, old.map_or(gone, |o| o.seen)), new: arm(&sides.new, new.seen), covers: new.covers })
    }

    fn quantile(&self, hashes: &[Clean], q: f64, now: Time) -> Option<Reading<Quantile>> {
        let quantiles = self.quantiles.iter().filter(|(at, _)| !is_old(*at, now)).flat_map(|(_, all)| all);
        let mut mine = quantiles.filter(|(hash, at, _)| hashes.contains(hash) && *at == q).map(|(_, _, seconds)| *seconds).peekable();
        if mine.peek().is_some() {
            // Quantiles of several versions can't be put together: the worst stands for all of them.
            let worst = mine.filter(|seconds| !seconds.is_nan()).max_by(f64::total_cmp);
            return Some(worst.map_or(Reading::NoTraffic, |seconds| Reading::Value(Quantile::At(seconds))));
        }
        let buckets = self.latency.iter().filter(|(at, _)| !is_old(*at, now)).flat_map(|(_, all)| all);
        Buckets::new(buckets.filter(|bucket| hashes.contains(&bucket.version)).map(|bucket| (bucket.le, bucket.count)))?.quantile(q)
    }
}

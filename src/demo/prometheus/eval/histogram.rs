//! `histogram_quantile` over classic buckets, those with an `le` label.
//! Knows no native histograms: the store holds none.

use std::collections::BTreeMap;

use super::super::{
    tsdb::{Labels, METRIC_NAME},
    value::Row,
};

/// The label with a bucket's upper bound.
const BOUND: &str = "le";

/// Upper bound and cumulative count.
type Bucket = (f64, f64);

/// The quantile of every group of buckets; rows without a readable `le` are passed over.
pub(super) fn quantiles(q: f64, rows: &[Row]) -> Vec<Row> {
    let mut groups: BTreeMap<Labels, Vec<Bucket>> = BTreeMap::new();
    for row in rows {
        if let Ok(bound) = row.labels.get(BOUND).parse() {
            let group = row.labels.filtered(|name| name != BOUND && name != METRIC_NAME);
            groups.entry(group).or_default().push((bound, row.value));
        }
    }
    groups.into_iter().map(|(labels, buckets)| Row::new(labels, quantile(q, buckets))).collect()
}

/// `bucketQuantile`: linear inside the bucket that the rank falls into; the highest finite bound where it falls beyond.
fn quantile(q: f64, mut buckets: Vec<Bucket>) -> f64 {
    if q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    if buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        return f64::NAN;
    }
    let buckets = monotonic(coalesced(buckets));
    let [first, .., below, (_, total)] = buckets[..] else {
        return match buckets[..] {
            [first, (_, total)] => within(q, &buckets, first, first, total),
            _ => f64::NAN,
        };
    };
    within(q, &buckets, first, below, total)
}

fn within(q: f64, buckets: &[Bucket], first: Bucket, below: Bucket, total: f64) -> f64 {
    if total == 0.0 {
        return f64::NAN;
    }
    let rank = q * total;
    let last = buckets.len() - 1;
    let b = buckets[..last].iter().position(|(_, count)| *count >= rank).unwrap_or(last);
    if b == last {
        return below.0;
    }
    if b == 0 && first.0 <= 0.0 {
        return first.0;
    }
    let (start, before) = if b > 0 { buckets[b - 1] } else { (0.0, 0.0) };
    let (end, count) = buckets[b];
    start + (end - start) * ((rank - before) / (count - before))
}

/// Buckets of the same bound (`1` and `1.0`) count together.
fn coalesced(buckets: Vec<Bucket>) -> Vec<Bucket> {
    let mut out: Vec<Bucket> = Vec::with_capacity(buckets.len());
    for (bound, count) in buckets {
        match out.last_mut() {
            Some(last) if last.0 == bound => last.1 += count,
            _ => out.push((bound, count)),
        }
    }
    out
}

/// A bucket can't hold less than the one below: scrapes and sums race, and a small dip must not turn the answer.
fn monotonic(mut buckets: Vec<Bucket>) -> Vec<Bucket> {
    let mut max = f64::NEG_INFINITY;
    for (i, (_, count)) in buckets.iter_mut().enumerate() {
        if i == 0 || *count > max {
            max = *count;
        } else if *count < max {
            *count = max;
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn eb_14_buckets_read_backwards() {
        let buckets = || vec![(INF, 10_000.0), (0.25, 9_400.0), (0.5, 9_900.0)];
        let got = quantile(0.95, buckets());
        assert!((got - 0.3).abs() < 1e-12, "{got}: 95 % are below 0.3 s");
        assert_eq!(quantile(0.999, buckets()), 0.5);
        assert_eq!(quantile(2.0, buckets()), INF);
    }

    #[test]
    fn what_is_no_histogram_has_no_quantile() {
        assert!(quantile(0.5, vec![(1.0, 5.0)]).is_nan());
        assert!(quantile(0.5, vec![(INF, 5.0)]).is_nan());
        assert!(quantile(0.5, vec![(1.0, 0.0), (INF, 0.0)]).is_nan());
        assert_eq!(quantile(0.5, vec![(1.0, 10.0), (INF, 10.0)]), 0.5);
        assert_eq!(quantile(0.5, vec![(-1.0, 10.0), (INF, 10.0)]), -1.0);
    }

    #[test]
    fn a_dip_between_buckets_is_levelled() {
        assert_eq!(quantile(0.5, vec![(1.0, 10.0), (2.0, 8.0), (4.0, 20.0), (INF, 20.0)]), 1.0);
    }
}

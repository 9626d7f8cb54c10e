//! A histogram of requests, as a process counts them: it only grows.
//! Knows no names: what its numbers are called is `shape`'s work.

use fastrand::Rng;

use super::draw::deal;

/// Requests by how long they took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meter {
    /// Requests in each bucket, not cumulated; the last has no upper bound.
    counts: Vec<u64>,
    sum_us: u64,
}

impl Meter {
    /// A meter at 0 with one bucket more than there are bounds.
    pub(super) fn new(bounds: usize) -> Self {
        Self { counts: vec![0; bounds + 1], sum_us: 0 }
    }

    /// Counts `n` requests, dealt out by the chance of each bucket; the mean of a bucket is what each in it took.
    pub(super) fn add(&mut self, rng: &mut Rng, n: u64, cut: &[(f64, u64)]) {
        if n == 0 {
            return;
        }
        let chances: Vec<f64> = cut.iter().map(|(chance, _)| *chance).collect();
        for ((count, part), (_, mean)) in self.counts.iter_mut().zip(deal(rng, n, &chances)).zip(cut) {
            *count += part;
            self.sum_us += part * mean;
        }
    }

    /// All requests.
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How long all requests took together, microseconds.
    pub(super) fn sum_us(&self) -> u64 {
        self.sum_us
    }

    /// Both together.
    pub(super) fn with(&self, other: &Self) -> Self {
        let counts = self.counts.iter().zip(&other.counts).map(|(a, b)| a + b).collect();
        Self { counts, sum_us: self.sum_us + other.sum_us }
    }

    /// Requests up to each bound, as a histogram's series have them; the last is all.
    pub(super) fn cumulated(&self) -> impl Iterator<Item = u64> + '_ {
        self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        })
    }
}

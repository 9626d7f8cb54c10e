//! One raw counter, followed sample by sample: what it counted, whatever resets came between.
//! It refuses to extrapolate: an event that no scrape saw is not made up.

use chrono::{DateTime, Utc};

/// What became of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// It counts.
    Taken,
    /// The same scrape again: a query between two scrapes gives the last one twice.
    Duplicate,
    /// Older than what was taken already.
    OutOfOrder,
    /// NaN, infinite or negative: no counter says that.
    NotACount,
}

/// What a counter was when its first sample came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Born {
    /// It began at 0 while being watched: its whole first value happened since.
    Watched,
    /// It ran already: its first value is where watching begins.
    Earlier,
}

/// A followed counter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counter {
    /// Raw value of the first sample that was not counted as watched.
    base: f64,
    /// Counted since, over all resets.
    risen: f64,
    last: f64,
    last_at: DateTime<Utc>,
}

/// Whether a value is one that a counter can have.
pub(super) fn is_count(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

impl Counter {
    /// Begins with a sample; `None` for what no counter can say.
    pub fn begin(born: Born, at: DateTime<Utc>, value: f64) -> Option<Counter> {
        is_count(value).then(|| {
            let (base, risen) = match born {
                Born::Watched => (0.0, value),
                Born::Earlier => (value, 0.0),
            };
            Counter { base, risen, last: value, last_at: at }
        })
    }

    /// Takes a sample; `at` is the scrape's own time. A value below the last one is a reset: all of it happened since.
    pub fn feed(&mut self, at: DateTime<Utc>, value: f64) -> Fed {
        self.take(at, value, value < self.last)
    }

    /// As `feed`, for a sample that is known to come from a new container: all of it counts, also where it is above the last one.
    pub fn feed_reborn(&mut self, at: DateTime<Utc>, value: f64) -> Fed {
        self.take(at, value, true)
    }

    fn take(&mut self, at: DateTime<Utc>, value: f64, reset: bool) -> Fed {
        if !is_count(value) {
            return Fed::NotACount;
        }
        match at.cmp(&self.last_at) {
            std::cmp::Ordering::Less => return Fed::OutOfOrder,
            std::cmp::Ordering::Equal => return Fed::Duplicate,
            std::cmp::Ordering::Greater => {}
        }
        self.risen += if reset { value } else { value - self.last };
        (self.last, self.last_at) = (value, at);
        Fed::Taken
    }

    /// Events while it was watched.
    pub fn watched(&self) -> f64 {
        self.risen
    }

    /// Events since its container started: what was watched, and what its first sample had already.
    pub fn since_start(&self) -> f64 {
        self.base + self.risen
    }

    /// The newest raw value.
    pub fn last(&self) -> f64 {
        self.last
    }

    /// When that was scraped.
    pub fn last_at(&self) -> DateTime<Utc> {
        self.last_at
    }
}

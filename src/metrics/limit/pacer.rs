//! When one question is asked again: at its interval, later when answers take long, at its own place within the interval.
//! Never catches up: a question that is late is asked once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The pace where nothing else is asked for: what most servers scrape at, so asking more often shows nothing new.
pub const INTERVAL: Duration = Duration::from_secs(15);
/// A question may keep the server busy for a tenth of the time.
const SHARE: u32 = 10;
/// The slowest pace.
const SLOWEST: Duration = Duration::from_secs(300);

/// The pace of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pacer {
    interval: Duration,
    place: u32,
    last: Duration,
}

impl Pacer {
    /// For the `place`th question of a server (0 is the first): places are spread over the interval, whatever their number.
    /// Shorter intervals than [`INTERVAL`] are raised to it.
    pub fn new(interval: Duration, place: u32) -> Self {
        Self { interval: interval.max(INTERVAL), place, last: Duration::ZERO }
    }

    /// Takes note of how long the last question took, answered or not.
    pub fn took(&mut self, took: Duration) {
        self.last = took;
    }

    /// How long the last question took.
    pub fn last_took(&self) -> Duration {
        self.last
    }

    /// From one question to the next.
    pub fn pace(&self) -> Duration {
        self.interval.max(self.last.saturating_mul(SHARE).min(SLOWEST))
    }

    /// Whether the server's slowness has stretched the pace.
    pub fn is_stretched(&self) -> bool {
        self.pace() > self.interval
    }

    /// When it is asked next, having been asked at `asked` (`None`: never, so at once). Always at least half a pace later: the
    /// first question comes when the screen opens, the second at its place in the grid.
    pub fn next(&self, asked: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
        let Some(asked) = asked else { return now };
        let pace = millis(self.pace()).max(1);
        let earliest = asked.timestamp_millis().saturating_add(pace / 2);
        let into = (earliest - self.offset(pace)).rem_euclid(pace);
        let due = if into == 0 { earliest } else { earliest.saturating_add(pace - into) };
        DateTime::from_timestamp_millis(due).unwrap_or(asked + TimeDelta::minutes(5))
    }

    /// The golden ratio's multiples lie evenly in the unit interval however many there are, so adding a question moves no other.
    fn offset(&self, pace: i64) -> i64 {
        let turn = (f64::from(self.place) * 0.618_033_988_749_894_9).fract();
        (turn * pace as f64) as i64
    }
}

/// `at` moved back to a multiple of `step`: two people looking at the same range ask the same question, and caches know it.
pub fn aligned(at: DateTime<Utc>, step: Duration) -> DateTime<Utc> {
    let step = millis(step).max(1);
    DateTime::from_timestamp_millis(at.timestamp_millis().div_euclid(step) * step).unwrap_or(at)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_010 + seconds, 0).unwrap()
    }

    #[test]
    fn a_slow_answer_stretches_the_pace_and_a_quick_one_restores_it() {
        let mut pacer = Pacer::new(Duration::from_secs(1), 0);
        assert_eq!(pacer.pace(), INTERVAL);
        for (took, pace) in [(500, 15), (4_000, 40), (10_000, 100), (60_000, 300), (1_500, 15)] {
            pacer.took(Duration::from_millis(took));
            assert_eq!(pacer.pace(), Duration::from_secs(pace), "{took} ms");
        }
        assert!(!pacer.is_stretched());
        pacer.took(Duration::from_secs(2));
        assert!(pacer.is_stretched());
    }

    #[test]
    fn the_first_question_is_asked_at_once_and_the_next_in_its_place() {
        let first = Pacer::new(INTERVAL, 0);
        assert_eq!(first.next(None, at(3)), at(3));
        // 1,700,000,010 is a multiple of 15.
        assert_eq!(first.next(Some(at(3)), at(3)), at(15));
        assert_eq!(first.next(Some(at(14)), at(14)), at(30));
        assert_eq!(first.next(Some(at(15)), at(15)), at(30));
    }

    #[test]
    fn questions_are_spread_over_the_interval_whatever_their_number() {
        for count in [2_u32, 3, 5, 8, 13] {
            let mut due: Vec<i64> = (0..count)
                .map(|place| Pacer::new(INTERVAL, place).next(Some(at(0)), at(0)).timestamp_millis().rem_euclid(15_000))
                .collect();
            due.sort_unstable();
            let gap = due.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
            assert!(gap > 15_000 / i64::from(count) / 3, "{count}: {due:?}");
        }
    }

    #[test]
    fn a_range_is_aligned_to_its_step() {
        assert_eq!(aligned(at(14), Duration::from_secs(15)), at(0));
        assert_eq!(aligned(at(15), Duration::from_secs(15)), at(15));
    }
}

//! Running sums over the last minutes, and what any window of them held: rates that a young series can't distort.
//! It refuses to stretch: a window longer than what was seen comes back with the time that it really covers.

use super::{Outcome, Reading};
use chrono::{DateTime, Utc};
use std::{collections::VecDeque, time::Duration};

/// Points of running sums, oldest first.
#[derive(Debug, Clone)]
pub struct Track {
    keep: Duration,
    points: VecDeque<(DateTime<Utc>, Outcome)>,
}

/// What a window held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// The events. No traffic where the sums stood still.
    pub seen: Reading<Outcome>,
    /// The time they were counted over: at most the window asked for plus one interval.
    pub covers: Duration,
}

impl Window {
    /// Events; 0 where the sums stood still. `None` where nothing is known.
    pub fn events(&self) -> Option<f64> {
        match self.seen {
            Reading::Value(seen) => Some(seen.total),
            Reading::NoTraffic => Some(0.0),
            Reading::NoData(_) => None,
        }
    }

    /// Events a second. `None` where nothing is known.
    pub fn rate(&self) -> Option<f64> {
        self.events().map(|events| events / self.covers.as_secs_f64())
    }
}

impl Track {
    /// Keeps points for `keep`, plus the one before: the longest window that can be asked for.
    pub fn new(keep: Duration) -> Track {
        Track { keep, points: VecDeque::new() }
    }

    /// Takes the sums at `at`. Older than the newest point, or below it: nothing changes (sums never fall).
    pub fn push(&mut self, at: DateTime<Utc>, sums: Outcome) {
        if self.points.back().is_some_and(|(last_at, last)| at <= *last_at || sums.total < last.total || sums.bad < last.bad) {
            return;
        }
        self.points.push_back((at, sums));
        while self.points.get(1).is_some_and(|(second, _)| age(at, *second) >= self.keep) {
            self.points.pop_front();
        }
    }

    /// What the `window` up to the newest point held: from the newest point that is at least `window` older, else from the first.
    /// `None` with fewer than two points.
    pub fn over(&self, window: Duration) -> Option<Window> {
        let (end, upto) = self.points.back()?;
        let from = self.points.iter().rev().skip(1).find(|(at, _)| age(*end, *at) >= window);
        let (start, before) = from.or(self.points.front().filter(|_| self.points.len() > 1))?;
        Some(Window { seen: upto.since(before), covers: age(*end, *start) })
    }

    /// The newest point's time, for its age.
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        self.points.back().map(|(at, _)| *at)
    }
}

fn age(now: DateTime<Utc>, then: DateTime<Utc>) -> Duration {
    (now - then).to_std().unwrap_or_default()
}

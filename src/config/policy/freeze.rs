//! [`Freeze`]: a time, or times that come again, in which only what leads to safety may go out.
//! Refuses to read a clock: whoever asks says what time it is.

use chrono::{Days, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use super::clocks::{Twice, moment};
use super::recurrence::Recurrence;
use crate::objects::Time;
use crate::text::Clean;

/// When a freeze holds, on the clocks of its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Times {
    /// Once: its first moment and its end.
    Once(NaiveDateTime, NaiveDateTime),
    /// Again and again: when it begins, and for how long. Both are told by the clocks, so that a weekend ends on Monday at eight
    /// also where an hour of it is missing.
    Again(Box<Recurrence>, TimeDelta),
}

/// A time in which nothing may go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    pub(super) times: Times,
    /// Whose clocks count.
    pub zone: Tz,
    /// Why; empty where no reason is given.
    pub why: Clean,
    /// The line that says so, from 1.
    pub line: usize,
}

/// One occurrence of a freeze. It holds from its first moment until just before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// Its first moment.
    pub from: Time,
    /// Its end.
    pub until: Time,
}

impl Window {
    fn holds_at(self, now: Time) -> bool {
        self.from <= now && now < self.until
    }
}

impl Freeze {
    /// The occurrence that holds at `now`; where two do, the one that ends later.
    pub fn window_at(&self, now: Time) -> Option<Window> {
        self.windows(now, now).filter(|window| window.holds_at(now)).max_by_key(|window| window.until)
    }

    /// The first occurrence that begins after `now`, and at most `within` after it.
    pub fn next_window(&self, now: Time, within: TimeDelta) -> Option<Window> {
        let last = now.checked_add_signed(within)?;
        self.windows(now, last).filter(|window| now < window.from && window.from <= last).min_by_key(|window| window.from)
    }

    /// Every occurrence that may hold at some moment from `first` to `last`, and some around them.
    fn windows(&self, first: Time, last: Time) -> impl Iterator<Item = Window> {
        let shown = |at: Time| at.with_timezone(&self.zone).naive_local();
        let spans = match &self.times {
            Times::Once(from, until) => vec![(*from, *until)],
            Times::Again(recurrence, lasts) => {
                // No clocks were ever set by more than a day.
                let day = Days::new(1);
                let earliest = shown(first).checked_sub_signed(*lasts).and_then(|at| at.checked_sub_days(day));
                let (earliest, latest) =
                    (earliest.unwrap_or(NaiveDateTime::MIN), shown(last).checked_add_days(day).unwrap_or(NaiveDateTime::MAX));
                let starts = recurrence.starts(earliest, latest);
                starts.into_iter().filter_map(|from| Some((from, from.checked_add_signed(*lasts)?))).collect()
            }
        };
        let window = |(from, until)| Window { from: moment(self.zone, from, Twice::First), until: moment(self.zone, until, Twice::Second) };
        spans.into_iter().map(window)
    }
}

//! When something begins again and again: a rule of RFC 5545, reckoned on clocks that are never set.
//! Refuses rules finer than a day, and leaves every change of clocks to whoever knows the zone.

use chrono::{Days, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleError, RRuleSet, Unvalidated};

use super::super::mistake::quote;
use super::parts;
use crate::text::Clean;

/// A freeze that begins more often than this in a year is not one.
const MOST_A_YEAR: u16 = 1_000;
/// A rule that names no moment within so many years of its start names none: 29 February comes again after eight at most.
const YEARS: u64 = 10;

/// A rule and its start.
///
/// The rule is reckoned as if the clocks were UTC's, because a recurrence is meant by what clocks show (RFC 5545, 3.3.10): every Friday at
/// four, whatever the season. What that is in time is asked of the zone afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recurrence {
    start: NaiveDateTime,
    rule: RRule,
}

impl Recurrence {
    /// Reads `FREQ=WEEKLY;BYDAY=FR;BYHOUR=16`. The error is a clause.
    pub(super) fn parse(text: &str, start: NaiveDateTime, zone: Tz) -> Result<Self, String> {
        let text = text.trim().to_ascii_uppercase();
        let parts = parts::checked(text.strip_prefix("RRULE:").unwrap_or(&text))?;
        let mut line = Vec::new();
        for (name, value) in parts {
            let value = if name == "UNTIL" { floating_until(value, start, zone)? } else { value.to_owned() };
            line.push(format!("{name}={value}"));
        }
        let rule: RRule<Unvalidated> = line.join(";").parse().map_err(|error: RRuleError| told(&error.to_string()))?;
        let rule = rule.validate(floating(start)).map_err(|error| told(&error.to_string()))?;
        let recurrence = Self { start, rule };
        if recurrence.all(start, start, recurrence.years_on(YEARS), 1).is_empty() {
            return Err(format!("no moment fits this rule within {YEARS} years of its start"));
        }
        if recurrence.first_year().len() > usize::from(MOST_A_YEAR) {
            return Err(format!("it begins more than {MOST_A_YEAR} times a year; write fewer and longer windows"));
        }
        Ok(recurrence)
    }

    /// Every moment at which it begins, from `first` to `last`, both included, as the clocks show them.
    pub(super) fn starts(&self, first: NaiveDateTime, last: NaiveDateTime) -> Vec<NaiveDateTime> {
        self.all(self.nearer_start(first), first, last, u16::MAX)
    }

    /// The shortest time between two beginnings, as far as its first thousand tell.
    pub(super) fn shortest_gap(&self) -> Option<TimeDelta> {
        let starts = self.all(self.start, self.start, self.years_on(100), MOST_A_YEAR);
        starts.windows(2).map(|pair| pair[1] - pair[0]).min()
    }

    fn first_year(&self) -> Vec<NaiveDateTime> {
        self.all(self.start, self.start, self.years_on(1), MOST_A_YEAR + 1)
    }

    fn years_on(&self, years: u64) -> NaiveDateTime {
        self.start.checked_add_days(Days::new(366 * years)).unwrap_or(NaiveDateTime::MAX)
    }

    fn all(&self, start: NaiveDateTime, first: NaiveDateTime, last: NaiveDateTime, most: u16) -> Vec<NaiveDateTime> {
        let set = RRuleSet::new(floating(start)).rrule(self.rule.clone()).after(floating(first)).before(floating(last));
        set.all(most).dates.into_iter().map(|date| date.naive_utc()).collect()
    }

    /// A later start that changes nothing from `first` on: days and weeks are skipped in whole intervals, so that what begins today is not
    /// reckoned from years ago. A counted rule needs its own start, and months and years are few.
    fn nearer_start(&self, first: NaiveDateTime) -> NaiveDateTime {
        let interval = i64::from(self.rule.get_interval());
        let step = match self.rule.get_freq() {
            Frequency::Daily if self.rule.get_count().is_none() => interval,
            Frequency::Weekly if self.rule.get_count().is_none() => 7 * interval,
            _ => return self.start,
        };
        // Two intervals early: within its first week a rule names only the days from its start on.
        let steps = ((first - self.start).num_days() / step.max(1) - 2).max(0);
        u64::try_from(steps * step).ok().and_then(|days| self.start.checked_add_days(Days::new(days))).unwrap_or(self.start)
    }
}

fn floating(shown: NaiveDateTime) -> chrono::DateTime<rrule::Tz> {
    rrule::Tz::UTC.from_utc_datetime(&shown)
}

/// RFC 5545 wants `UNTIL` in UTC where the start has a zone. People also write what their clocks show, or a whole day.
fn floating_until(text: &str, start: NaiveDateTime, zone: Tz) -> Result<String, String> {
    let shown = if let Some(in_utc) = text.strip_suffix('Z') {
        NaiveDateTime::parse_from_str(in_utc, "%Y%m%dT%H%M%S").ok().map(|at| Utc.from_utc_datetime(&at).with_timezone(&zone).naive_local())
    } else if text.len() == 8 {
        NaiveDateTime::parse_from_str(&format!("{text}T235959"), "%Y%m%dT%H%M%S").ok()
    } else {
        NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok()
    };
    let shown = shown.ok_or_else(|| format!("UNTIL={} is no moment; write it as 20271231T235959Z", quote(text)))?;
    if shown < start {
        return Err(format!("it ends (UNTIL={}) before its start", quote(text)));
    }
    Ok(shown.format("%Y%m%dT%H%M%SZ").to_string())
}

/// The library's words, which hold pieces of the text as it was written.
fn told(error: &str) -> String {
    let (_, what) = error.split_once("error: ").unwrap_or(("", error));
    let what: String = Clean::from(what.replace('`', "'")).chars().take(160).collect();
    format!("this rule can't be read: {}", what.trim_end_matches('.'))
}

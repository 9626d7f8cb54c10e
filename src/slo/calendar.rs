//! Windows that start anew on fixed days: which period of a calendar a moment lies in, and what that period is called.
//! It reads no clock, and refuses a start or a time zone that can't be read for certain.

use chrono::{DateTime, Datelike, Days, Duration as Delta, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use std::time::Duration;

/// What the length of a period is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days of the calendar: one in spring has 23 hours.
    Days,
    /// Months of the calendar.
    Months,
}

/// Periods of one length, one after another, from a first start on in a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    unit: Unit,
    count: u32,
    first: NaiveDateTime,
    zone: Tz,
}

/// One period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment of the next one.
    pub to: DateTime<Utc>,
    /// Both as the calendar has them, with its unit: what it is called by.
    local: (NaiveDateTime, NaiveDateTime, Unit),
}

/// Hundred years from now on nobody keeps a budget; a length beyond it is a mistake.
const LONGEST: u32 = 36_525;

impl Calendar {
    /// `count` days or months at a time, from `first` on as clocks in `zone` show it. `None` for no length, or one of more than a century.
    pub fn new(unit: Unit, count: u32, first: NaiveDateTime, zone: Tz) -> Option<Self> {
        (1..=LONGEST).contains(&count).then_some(Self { unit, count, first, zone })
    }

    /// Weeks from Monday on, months, quarters or years as everybody has them: `week`, `month`, `quarter`, `year`. `None` for another word.
    pub fn named(word: &str, zone: Tz) -> Option<Self> {
        let (unit, count) = match word {
            "week" => (Unit::Days, 7),
            "month" => (Unit::Months, 1),
            "quarter" => (Unit::Months, 3),
            "year" => (Unit::Months, 12),
            _ => return None,
        };
        // A Monday, where days are counted.
        let day = if unit == Unit::Days { 3 } else { 1 };
        Self::new(unit, count, NaiveDate::from_ymd_opt(2000, 1, day)?.and_time(NaiveTime::MIN), zone)
    }

    /// As OpenSLO v1 writes it: a length such as `1w`, `1M`, `1Q` or `1Y`, a start such as `2026-01-01 12:00:00`, an IANA time zone. `None`
    /// where one of them can't be read, and for lengths in minutes or hours, which no calendar has.
    pub fn written(length: &str, start: &str, zone: &str) -> Option<Self> {
        let length = length.trim();
        let unit = length.chars().next_back()?;
        let count: u32 = length.strip_suffix(unit)?.parse().ok()?;
        let (unit, of) = match unit {
            'd' => (Unit::Days, 1),
            'w' => (Unit::Days, 7),
            'M' => (Unit::Months, 1),
            'Q' => (Unit::Months, 3),
            'Y' => (Unit::Months, 12),
            _ => return None,
        };
        let start = start.trim().trim_end_matches('Z').replace('T', " ");
        let day = || Some(NaiveDate::parse_from_str(&start, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
        let first = NaiveDateTime::parse_from_str(&start, "%Y-%m-%d %H:%M:%S").ok().or_else(day)?;
        Self::new(unit, count.checked_mul(of)?, first, zone.trim().parse().ok()?)
    }

    /// About how long a period is: months have 30 days here, years 365.
    pub fn about(&self) -> Duration {
        let days = match self.unit {
            Unit::Days => self.count,
            Unit::Months => self.count / 12 * 365 + self.count % 12 * 30,
        };
        Duration::from_secs(u64::from(days) * 86_400)
    }

    /// What one period of it is: `week`, `month`, `quarter`, `year`, else its days or months.
    pub fn unit_name(&self) -> String {
        match (self.unit, self.count) {
            (Unit::Days, 7) => "week".to_owned(),
            (Unit::Months, 1) => "month".to_owned(),
            (Unit::Months, 3) => "quarter".to_owned(),
            (Unit::Months, 12) => "year".to_owned(),
            (Unit::Days, count) => format!("{count} days"),
            (Unit::Months, count) => format!("{count} months"),
        }
    }

    /// The name of its time zone.
    pub fn zone_name(&self) -> &'static str {
        self.zone.name()
    }

    /// The period that `now` lies in; before the first start the same periods are taken backwards. `None` outside of any calendar.
    pub fn period(&self, now: DateTime<Utc>) -> Option<Period> {
        let local = now.with_timezone(&self.zone).naive_local();
        let passed = match self.unit {
            Unit::Days => (local - self.first).num_days(),
            Unit::Months => i64::from(local.year() - self.first.year()) * 12 + i64::from(local.month()) - i64::from(self.first.month()),
        };
        let near = passed.div_euclid(i64::from(self.count));
        // A day is not always 24 hours and a month may end before its start's day: one to either side.
        (near - 1..=near + 1).filter_map(|number| self.numbered(number)).find(|period| (period.from..period.to).contains(&now))
    }

    fn numbered(&self, number: i64) -> Option<Period> {
        let (from, to) = (self.start(number)?, self.start(number + 1)?);
        Some(Period { from: self.moment(from)?, to: self.moment(to)?, local: (from, to, self.unit) })
    }

    fn start(&self, number: i64) -> Option<NaiveDateTime> {
        let units = number.checked_mul(i64::from(self.count))?;
        let size = units.unsigned_abs();
        match (self.unit, units < 0) {
            (Unit::Days, false) => self.first.checked_add_days(Days::new(size)),
            (Unit::Days, true) => self.first.checked_sub_days(Days::new(size)),
            // Always from the first one: the 31st comes back after a short month.
            (Unit::Months, false) => self.first.checked_add_months(Months::new(u32::try_from(size).ok()?)),
            (Unit::Months, true) => self.first.checked_sub_months(Months::new(u32::try_from(size).ok()?)),
        }
    }

    /// The first time that clocks in the zone show it; where they skip it, when they have.
    fn moment(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
            LocalResult::None => self.zone.from_local_datetime(&(local + Delta::hours(1))).earliest().map(|at| at.with_timezone(&Utc)),
        }
    }
}

impl Period {
    /// How much of it is over at `now`.
    pub fn elapsed(&self, now: DateTime<Utc>) -> Duration {
        (now - self.from).to_std().unwrap_or_default()
    }

    /// How long it still goes on at `now`.
    pub fn rest(&self, now: DateTime<Utc>) -> Duration {
        (self.to - now).to_std().unwrap_or_default()
    }

    /// What it is called: `November`, `Q4`, `2026`, else by its days, `16 Nov to 23 Nov`: the second is the day it starts anew.
    pub fn name(&self) -> String {
        let (from, to, unit) = self.local;
        let is_even = unit == Unit::Months && from.day() == 1 && from.time() == NaiveTime::MIN;
        let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
        match months {
            1 if is_even => from.format("%B").to_string(),
            3 if is_even && from.month0().is_multiple_of(3) => format!("Q{}", from.month0() / 3 + 1),
            12 if is_even && from.month() == 1 => from.year().to_string(),
            _ => format!("{} to {}", from.format("%-d %b"), to.format("%-d %b")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn period(calendar: Calendar, now: &str) -> (String, String, String) {
        let found = calendar.period(at(now)).unwrap();
        (found.from.to_rfc3339(), found.to.to_rfc3339(), found.name())
    }

    fn utc(word: &str) -> Calendar {
        Calendar::named(word, Tz::UTC).unwrap()
    }

    fn is(from: &str, to: &str, name: &str) -> (String, String, String) {
        (format!("{from}+00:00"), format!("{to}+00:00"), name.to_owned())
    }

    #[test]
    fn the_usual_periods_begin_where_everybody_has_them() {
        let now = "2026-11-21T10:00:00Z";
        assert_eq!(period(utc("week"), now), is("2026-11-16T00:00:00", "2026-11-23T00:00:00", "16 Nov to 23 Nov"));
        assert_eq!(period(utc("month"), now), is("2026-11-01T00:00:00", "2026-12-01T00:00:00", "November"));
        assert_eq!(period(utc("quarter"), now), is("2026-10-01T00:00:00", "2027-01-01T00:00:00", "Q4"));
        assert_eq!(period(utc("year"), now), is("2026-01-01T00:00:00", "2027-01-01T00:00:00", "2026"));
        assert_eq!(Calendar::named("fortnight", Tz::UTC), None);
    }

    #[test]
    fn a_boundary_belongs_to_what_begins_there() {
        assert_eq!(period(utc("month"), "2026-11-30T23:59:59Z").2, "November");
        assert_eq!(period(utc("month"), "2026-12-01T00:00:00Z").2, "December");
        assert_eq!(period(utc("year"), "1999-12-31T23:59:59Z").2, "1999", "before the first start too");
    }

    #[test]
    fn a_month_begins_when_its_zone_says() {
        let berlin = Calendar::named("month", Tz::Europe__Berlin).unwrap();
        // Summer time ends within it: an hour longer than thirty-one days.
        assert_eq!(period(berlin, "2026-10-15T00:00:00Z"), is("2026-09-30T22:00:00", "2026-10-31T23:00:00", "October"));
        assert_eq!(period(berlin, "2026-10-31T23:30:00Z").2, "November");
        // 02:30 is skipped that day.
        let skipped = Calendar::written("1d", "2026-03-28 02:30:00", "Europe/Berlin").unwrap();
        assert_eq!(period(skipped, "2026-03-29T12:00:00Z").0, "2026-03-29T01:30:00+00:00");
    }

    #[test]
    fn what_openslo_writes_is_read() {
        let new_york = Calendar::written("1M", "2026-01-31 12:00:00", "America/New_York").unwrap();
        let february = is("2026-02-28T17:00:00", "2026-03-31T16:00:00", "28 Feb to 31 Mar");
        assert_eq!(period(new_york, "2026-03-05T00:00:00Z"), february, "the 31st comes back");
        assert_eq!(
            Calendar::written("1Q", "2026-01-01", "UTC"),
            Calendar::new(Unit::Months, 3, at("2026-01-01T00:00:00Z").naive_utc(), Tz::UTC)
        );
        assert_eq!(Calendar::written("2w", "2026-01-05T00:00:00Z", "UTC").unwrap().about(), Duration::from_secs(14 * 86_400));
        assert_eq!(utc("year").about(), Duration::from_secs(365 * 86_400));
        for (length, start, zone) in
            [("1h", "2026-01-01", "UTC"), ("0d", "2026-01-01", "UTC"), ("1M", "soon", "UTC"), ("1M", "2026-01-01", "Mars"), ("", "", "")]
        {
            assert_eq!(Calendar::written(length, start, zone), None, "{length} {start} {zone}");
        }
    }

    #[test]
    fn what_is_over_and_what_is_left_add_up() {
        let november = utc("month").period(at("2026-11-21T00:00:00Z")).unwrap();
        let days = |length: Duration| length.as_secs() / 86_400;
        let now = at("2026-11-21T00:00:00Z");
        assert_eq!((days(november.elapsed(now)), days(november.rest(now))), (20, 10));
    }
}

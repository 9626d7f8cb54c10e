//! Hours, days and months of a moment, in UTC.
//! Has no time zones (PromQL has none), and no answer but NaN for what no calendar reaches: there Prometheus' depends on the processor.

use chrono::{DateTime, Datelike, Days, Months, Timelike, Utc};

/// The function of that name, if it takes seconds since 1970 to a part of the date. What is no date is NaN.
pub(super) fn function(name: &str) -> Option<impl Fn(f64) -> f64> {
    let part: fn(DateTime<Utc>) -> u32 = match name {
        "minute" => |t| t.minute(),
        "hour" => |t| t.hour(),
        "day_of_week" => |t| t.weekday().num_days_from_sunday(),
        "day_of_month" => |t| t.day(),
        "day_of_year" => |t| t.ordinal(),
        "days_in_month" => days_in_month,
        "month" => |t| t.month(),
        "year" => |t| t.year().unsigned_abs(),
        _ => return None,
    };
    Some(move |seconds: f64| DateTime::from_timestamp(seconds as i64, 0).map_or(f64::NAN, |t| f64::from(part(t))))
}

fn days_in_month(t: DateTime<Utc>) -> u32 {
    let first = t.date_naive().with_day(1);
    let last = first.and_then(|first| first.checked_add_months(Months::new(1))).and_then(|next| next.checked_sub_days(Days::new(1)));
    last.map_or(0, |last| last.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_day() {
        let of = |name| function(name).unwrap()(1_709_210_096.0); // Thursday 2024-02-29T12:34:56Z
        let names = ["year", "month", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute"];
        assert_eq!(names.map(of), [2024.0, 2.0, 29.0, 4.0, 60.0, 29.0, 12.0, 34.0]);
    }
}

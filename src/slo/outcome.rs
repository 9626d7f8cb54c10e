//! What a window held: bad events of all events, from whatever the queries answered.
//! It refuses to fill gaps, but for one: errors that are absent while there is traffic are none.

use super::ratio::{Missing, Ratio, Reading};

/// What one query came back with, for one version or for the service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// A number; NaN is possible.
    Value(f64),
    /// The answer is complete and the series is not in it.
    Absent,
    /// The series is there; its newest sample is too old.
    Stale,
    /// An error, a time-out, or something that is no answer.
    Failed,
    /// The server says that a part of its data did not answer.
    Partial,
}

/// Events of a window. Counts may be fractional: `increase` extrapolates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Bad events, 0..=total.
    pub bad: f64,
    /// All events, ≥ 0.
    pub total: f64,
}

/// Room for what float sums leave when every event is bad.
const HAIR: f64 = 1e-9;

impl Outcome {
    /// From the answers to "errors" and "total". An answer that failed or is partial, and a total that is absent or stale, are no data;
    /// a total of 0 or NaN is no traffic. Absent errors are 0 only beside a total above 0, as Pyrra's `errors or vector(0)`.
    /// Stale errors are no data: they were there and nobody knows what became of them.
    pub fn read(errors: Answer, total: Answer) -> Reading<Outcome> {
        for answer in [errors, total] {
            match answer {
                Answer::Failed => return Reading::NoData(Missing::QueryFailed),
                Answer::Partial => return Reading::NoData(Missing::Partial),
                Answer::Value(_) | Answer::Absent | Answer::Stale => {}
            }
        }
        let total = match total {
            Answer::Value(total) => total,
            Answer::Stale => return Reading::NoData(Missing::Stale),
            _ => return Reading::NoData(Missing::TotalAbsent),
        };
        if total.is_nan() || total == 0.0 {
            return Reading::NoTraffic;
        }
        match errors {
            Answer::Value(bad) => Outcome::counted(bad, total),
            Answer::Stale => Reading::NoData(Missing::Stale),
            _ => Outcome::counted(0.0, total),
        }
    }

    /// From two numbers, with the guards: what no pair of counters can say is no data with the reason. A total of 0 is no traffic.
    pub fn counted(bad: f64, total: f64) -> Reading<Outcome> {
        if total.is_nan() || total == 0.0 {
            return Reading::NoTraffic;
        }
        if bad.is_nan() {
            return Reading::NoData(Missing::ErrorsNotANumber);
        }
        for count in [bad, total] {
            if count < 0.0 || count.is_infinite() {
                return Reading::NoData(Missing::ImpossibleCount(count));
            }
        }
        if bad > total * (1.0 + HAIR) {
            return Reading::NoData(Missing::MoreBadThanTotal { bad, total });
        }
        Reading::Value(Outcome { bad: bad.min(total), total })
    }

    /// From the good events, as latency buckets give them.
    pub fn from_good(good: f64, total: f64) -> Reading<Outcome> {
        if good > total * (1.0 + HAIR) && total > 0.0 && good.is_finite() {
            return Reading::NoData(Missing::MoreGoodThanTotal { good, total });
        }
        if good < 0.0 {
            return Reading::NoData(Missing::ImpossibleCount(good));
        }
        // `f64::max` would turn NaN into "no errors".
        let bad = total - good;
        Outcome::counted(if bad < 0.0 { 0.0 } else { bad }, total)
    }

    /// Bad of all, 0..=1.
    pub fn error_ratio(&self) -> Ratio {
        Outcome::counted(self.bad, self.total).map(|seen| seen.bad / seen.total)
    }

    /// What happened since an earlier reading of the same running sums. Sums that stood still are no traffic.
    pub fn since(&self, earlier: &Outcome) -> Reading<Outcome> {
        Outcome::counted(self.bad - earlier.bad, self.total - earlier.total)
    }

    /// Both windows, or both versions, together.
    pub fn plus(&self, other: &Outcome) -> Outcome {
        Outcome { bad: self.bad + other.bad, total: self.total + other.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_counters_can_say_is_no_data_with_the_reason() {
        assert_eq!(Outcome::counted(11.0, 10.0), Reading::NoData(Missing::MoreBadThanTotal { bad: 11.0, total: 10.0 }));
        assert_eq!(Outcome::from_good(11.0, 10.0), Reading::NoData(Missing::MoreGoodThanTotal { good: 11.0, total: 10.0 }));
        assert_eq!(Outcome::counted(-1.0, 10.0), Reading::NoData(Missing::ImpossibleCount(-1.0)));
        assert_eq!(Outcome::from_good(-1.0, 10.0), Reading::NoData(Missing::ImpossibleCount(-1.0)));
        assert_eq!(Outcome::counted(1.0, f64::INFINITY), Reading::NoData(Missing::ImpossibleCount(f64::INFINITY)));
        assert_eq!(Outcome::counted(f64::NAN, 10.0), Reading::NoData(Missing::ErrorsNotANumber));
        assert_eq!(Outcome::from_good(f64::NAN, 10.0).value(), None);
    }

    #[test]
    fn a_hair_too_many_errors_is_all_errors() {
        let all = Outcome::counted(10.0 + 1e-12, 10.0).and_then(|seen| seen.error_ratio());
        assert_eq!(all, Reading::Value(1.0));
    }

    #[test]
    fn good_events_give_the_bad_ones() {
        assert_eq!(Outcome::from_good(9400.0, 10_000.0), Reading::Value(Outcome { bad: 600.0, total: 10_000.0 }));
    }
}

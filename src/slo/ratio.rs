//! A figure that may be missing: a value, no traffic, or no data with the reason. Ratios are 0..=1, never percent.
//! It refuses to turn a gap into a number: 0/0 is neither 0 % nor 100 %.

use std::fmt;
use std::time::Duration;

/// Why there is no data. Printed, it is the middle of a sentence: "no data: the query failed".
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Missing {
    /// The series that counts all events is not there.
    TotalAbsent,
    /// Nobody asked: a raw query over a window of more than a day is too dear, and nothing is recorded over it. The window.
    NotAsked(Duration),
    /// Nothing is recorded over this window, and nothing else tells of it.
    Unrecorded(Duration),
    /// The period of the calendar that it is about has only just begun.
    JustBegun,
    /// The newest sample is too old to speak for now.
    Stale,
    /// The query was refused, timed out or came back as something else.
    QueryFailed,
    /// The server says that a part of its data did not answer.
    Partial,
    /// Errors came back as NaN although there was traffic.
    ErrorsNotANumber,
    /// A count that no counter can have: negative or infinite.
    ImpossibleCount(f64),
    /// More bad events than events: the two queries don't count the same thing.
    MoreBadThanTotal {
        /// Bad events in the window.
        bad: f64,
        /// All events in the window.
        total: f64,
    },
    /// More good events than events: the two queries don't count the same thing, or one is counted twice.
    MoreGoodThanTotal {
        /// Good events in the window.
        good: f64,
        /// All events in the window.
        total: f64,
    },
    /// A recorded ratio outside 0..=1.
    OutsideRange(f64),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::TotalAbsent => f.write_str("the series that counts all requests is not there"),
            Missing::NotAsked(window) => {
                write!(f, "not asked: a raw query over {} is too dear, and nothing is recorded", length(*window))
            }
            Missing::Unrecorded(window) => write!(f, "nothing is recorded over {}", length(*window)),
            Missing::JustBegun => f.write_str("its period has only just begun"),
            Missing::Stale => f.write_str("the newest sample is too old"),
            Missing::QueryFailed => f.write_str("the query failed"),
            Missing::Partial => f.write_str("the answer was partial"),
            Missing::ErrorsNotANumber => f.write_str("errors came back as NaN although there was traffic"),
            Missing::ImpossibleCount(value) => write!(f, "a count of {value} can't be"),
            Missing::MoreBadThanTotal { bad, total } => {
                write!(f, "{bad} bad of {total} in all can't be: the two queries count different things")
            }
            Missing::MoreGoodThanTotal { good, total } => {
                write!(f, "{good} good of {total} in all can't be: the two queries count different things")
            }
            Missing::OutsideRange(value) => write!(f, "a ratio of {value} is outside 0 to 1"),
        }
    }
}

/// In the largest unit that is exact.
fn length(window: Duration) -> String {
    match window.as_secs() {
        s if s.is_multiple_of(86_400) => format!("{} d", s / 86_400),
        s if s.is_multiple_of(3600) => format!("{} h", s / 3600),
        s if s.is_multiple_of(60) => format!("{} m", s / 60),
        s => format!("{s} s"),
    }
}

/// What stands where a figure would stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gap {
    /// Asked and answered: nothing happened in the window.
    NoTraffic,
    /// Not to be known, and why.
    NoData(Missing),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::NoTraffic => f.write_str("no traffic"),
            Gap::NoData(why @ Missing::NotAsked(_)) => write!(f, "{why}"),
            Gap::NoData(why) => write!(f, "no data: {why}"),
        }
    }
}

/// A figure, or what stands in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading<T> {
    /// The figure.
    Value(T),
    /// Asked and answered: nothing happened in the window.
    NoTraffic,
    /// Not to be known, and why.
    NoData(Missing),
}

/// An error ratio or a share, 0..=1.
pub type Ratio = Reading<f64>;

impl<T> Reading<T> {
    /// The figure, where there is one.
    pub fn value(self) -> Option<T> {
        self.known().ok()
    }

    /// The figure, or the gap in its place.
    ///
    /// # Errors
    /// The gap, which prints as `no traffic` or `no data: …`.
    pub fn known(self) -> Result<T, Gap> {
        match self {
            Reading::Value(value) => Ok(value),
            Reading::NoTraffic => Err(Gap::NoTraffic),
            Reading::NoData(why) => Err(Gap::NoData(why)),
        }
    }

    /// What stands in the place of the figure, where there is none.
    pub fn gap(&self) -> Option<Gap> {
        match self {
            Reading::Value(_) => None,
            Reading::NoTraffic => Some(Gap::NoTraffic),
            Reading::NoData(why) => Some(Gap::NoData(*why)),
        }
    }

    /// The same reading of another quantity; a gap stays the gap it was.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reading<U> {
        self.and_then(|value| Reading::Value(f(value)))
    }

    /// As `map`, where the next step can find a gap of its own.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Reading<U>) -> Reading<U> {
        match self {
            Reading::Value(value) => f(value),
            Reading::NoTraffic => Reading::NoTraffic,
            Reading::NoData(why) => Reading::NoData(why),
        }
    }
}

impl Reading<f64> {
    /// A ratio that somebody else computed (a recorded series). NaN is 0/0, hence no traffic; outside 0..=1 is no data. A hair outside,
    /// as sums of floats leave it, is taken for the end itself.
    pub fn recorded(value: f64) -> Ratio {
        const HAIR: f64 = 1e-9;
        if value.is_nan() {
            Reading::NoTraffic
        } else if (-HAIR..=1.0 + HAIR).contains(&value) {
            Reading::Value(value.clamp(0.0, 1.0))
        } else {
            Reading::NoData(Missing::OutsideRange(value))
        }
    }
}

/// `value` to 9 significant digits. 1 − 0.999 is 0.0010000000000000009 in binary: without this, limits and figures differ by a hair from
/// what people wrote.
pub fn round9(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() { value } else { format!("{value:.8e}").parse().unwrap_or(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_digits_bring_back_what_was_written() {
        assert_ne!(1.0 - 0.999, 0.001);
        assert_eq!(round9(1.0 - 0.999), 0.001);
        assert_eq!(round9(1.0 - 0.9995), 0.0005);
        assert_eq!(round9(0.0), 0.0);
        assert_eq!(round9(-123_456_789.4), -123_456_789.0);
    }

    #[test]
    fn a_recorded_ratio_outside_its_range_is_no_data_with_the_reason() {
        assert_eq!(Ratio::recorded(f64::NAN), Reading::NoTraffic);
        assert_eq!(Ratio::recorded(1.2), Reading::NoData(Missing::OutsideRange(1.2)));
        assert_eq!(Ratio::recorded(f64::INFINITY), Reading::NoData(Missing::OutsideRange(f64::INFINITY)));
        assert_eq!(Ratio::recorded(1.000_000_000_1), Reading::Value(1.0));
        assert_eq!(Ratio::recorded(-0.5).gap().map(|gap| gap.to_string()), Some("no data: a ratio of -0.5 is outside 0 to 1".into()));
    }
}

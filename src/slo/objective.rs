//! An objective: the share of events that has to be good over a window, and the error budget that leaves.
//! It refuses a target that leaves no budget or no promise, and a percentage where a ratio is due, naming the ratio that was meant.

use super::calendar::{Calendar, Period};
use super::ratio::round9;
use crate::text::Clean;
use chrono::{DateTime, Utc};
use std::{fmt, time::Duration};

/// A target over a window, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    name: Clean,
    target: f64,
    window: Duration,
    calendar: Option<Calendar>,
}

/// Why a target and a window make no objective. Printed, a sentence for whoever wrote the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ObjectiveError {
    /// Above 1 and below 100: a percentage.
    Percent(f64),
    /// 1 (or 100): no failure at all is allowed, so there is no budget to speak of.
    NoBudget(f64),
    /// 0, negative, above 100, or not a number.
    OutOfRange(f64),
    /// Shorter than a minute.
    WindowTooShort(Duration),
}

impl fmt::Display for ObjectiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectiveError::Percent(target) => {
                write!(f, "target = {target} is a percentage; targets are ratios between 0 and 1: write {}", round9(target / 100.0))
            }
            ObjectiveError::NoBudget(target) => {
                write!(f, "target = {target} leaves no error budget: one failure would overspend it. Write a target below 1, such as 0.999")
            }
            ObjectiveError::OutOfRange(target) => {
                write!(f, "target = {target} is no target: write a ratio above 0 and below 1, such as 0.999")
            }
            ObjectiveError::WindowTooShort(window) => {
                write!(f, "a window of {} s is too short for an error budget: write a minute or more, such as 30d", window.as_secs_f64())
            }
        }
    }
}

impl std::error::Error for ObjectiveError {}

impl Objective {
    /// `target` as a ratio, above 0 and below 1; `window` a minute or more.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what to write.
    pub fn new(name: impl Into<Clean>, target: f64, window: Duration) -> Result<Objective, ObjectiveError> {
        if target == 1.0 || target == 100.0 {
            return Err(ObjectiveError::NoBudget(target));
        }
        if target > 1.0 && target < 100.0 {
            return Err(ObjectiveError::Percent(target));
        }
        // NaN fails this too. A target so near to 1 that nothing is left after rounding leaves no budget either.
        if !(target > 0.0 && target < 1.0) {
            return Err(ObjectiveError::OutOfRange(target));
        }
        if window < Duration::from_secs(60) {
            return Err(ObjectiveError::WindowTooShort(window));
        }
        Ok(Objective { name: name.into(), target, window, calendar: None })
    }

    /// The same over the periods of a calendar: its budget is whole again whenever one begins.
    #[must_use]
    pub fn by(self, calendar: Calendar) -> Objective {
        Objective { calendar: Some(calendar), ..self }
    }

    /// The calendar whose periods it is about; `None` where its window rolls.
    pub fn calendar(&self) -> Option<&Calendar> {
        self.calendar.as_ref()
    }

    /// The period of its calendar that `now` lies in.
    pub fn period(&self, now: DateTime<Utc>) -> Option<Period> {
        self.calendar?.period(now)
    }

    /// As its owner named it.
    pub fn name(&self) -> &Clean {
        &self.name
    }

    /// 0..1, both ends excluded.
    pub fn target(&self) -> f64 {
        self.target
    }

    /// The rolling window the promise is about; about the length of a period where it goes by a calendar.
    pub fn window(&self) -> Duration {
        self.window
    }

    /// The window in seconds.
    pub fn window_secs(&self) -> f64 {
        self.window.as_secs_f64()
    }

    /// The budget ratio B = 1 − target, to 9 significant digits; above 0.
    pub fn budget(&self) -> f64 {
        round9(1.0 - self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTH: Duration = Duration::from_secs(30 * 86_400);

    fn refusal(target: f64) -> String {
        Objective::new("availability", target, MONTH).unwrap_err().to_string()
    }

    #[test]
    fn a_percentage_is_refused_with_the_ratio_that_was_meant() {
        assert_eq!(refusal(99.9), "target = 99.9 is a percentage; targets are ratios between 0 and 1: write 0.999");
        assert_eq!(refusal(99.95), "target = 99.95 is a percentage; targets are ratios between 0 and 1: write 0.9995");
    }

    #[test]
    fn a_target_without_budget_or_promise_is_refused() {
        assert!(refusal(1.0).contains("leaves no error budget"));
        assert!(refusal(100.0).contains("leaves no error budget"));
        for target in [0.0, -0.5, 120.0, f64::NAN, f64::INFINITY] {
            assert!(refusal(target).contains("is no target"), "{target}");
        }
        let short = Objective::new("a", 0.999, Duration::from_secs(5)).unwrap_err().to_string();
        assert!(short.starts_with("a window of 5 s is too short"), "{short}");
    }

    #[test]
    fn the_budget_is_what_was_meant_not_what_binary_subtraction_leaves() {
        assert_eq!(Objective::new("a", 0.999, MONTH).unwrap().budget(), 0.001);
        assert!(Objective::new("a", 1.0 - f64::EPSILON, MONTH).unwrap().budget() > 0.0);
    }
}

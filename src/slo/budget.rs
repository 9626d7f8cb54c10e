//! The error budget: what is left, in ratio, events and time, and when it is gone at this rate. Method: occurrences (bad of all events).
//! It refuses to clamp an overspent budget to zero, and to talk in percent of a budget of a few events.

use super::burn::Burn;
use super::tier::Evidence;
use super::{Objective, Outcome, Reading};
use std::{fmt, time::Duration};

/// The budget after what the window held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Of the whole: 1 untouched, 0 gone, negative overspent.
    pub remaining: f64,
    /// Bad events so far, where events were counted (a recorded ratio has none).
    pub events: Option<Events>,
}

/// The budget in events, at the traffic the window had: a rolling window's total moves with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Events {
    /// Bad events in the window.
    pub bad: f64,
    /// Bad events that the objective allows, B × total.
    pub allowed: f64,
}

impl fmt::Display for Events {
    /// "2 of 7 allowed errors": whole errors, the allowance rounded down, for a fraction of an error is not allowed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} of {:.0} allowed errors", self.bad.round(), (self.allowed + 1e-6).floor())
    }
}

/// When the budget is gone at this rate, ignoring that old errors age out of a rolling window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Exhaustion {
    /// Nothing is left.
    Exhausted,
    /// Nothing burns.
    NeverAtThisRate,
    /// After this long.
    In(Duration),
    /// Not before the period of the calendar is over and the budget begins anew.
    BeyondPeriod,
}

/// Below this many allowed events per window, ratios and burn rates mean little.
pub const FEWEST_ALLOWED: f64 = 10.0;

impl Budget {
    /// From the error ratio over the objective's whole window.
    pub fn of_ratio(error_ratio: f64, objective: &Objective) -> Budget {
        Budget { remaining: 1.0 - error_ratio / objective.budget(), events: None }
    }

    /// From what the objective's whole window held.
    pub fn of(seen: Outcome, objective: &Objective) -> Reading<Budget> {
        seen.error_ratio().map(|ratio| {
            let events = Events { bad: seen.bad, allowed: objective.allowed(seen.total) };
            Budget { events: Some(events), ..Budget::of_ratio(ratio, objective) }
        })
    }

    /// Used up, of the whole; can exceed 1.
    pub fn consumed(&self) -> f64 {
        1.0 - self.remaining
    }

    /// Whether so few events are allowed that the screen should count them instead: B × total below ten. A recorded ratio does not say
    /// how many events it rests on, and is taken for ample.
    pub fn low_traffic(&self) -> bool {
        self.events.is_some_and(|events| events.allowed < FEWEST_ALLOWED)
    }

    /// What a tier's verdict rests on, given the bad events in its long window.
    pub fn evidence(&self, bad_in_long: f64) -> Evidence {
        if self.low_traffic() { Evidence::Scarce(bad_in_long) } else { Evidence::Ample }
    }

    /// The same for a period of the calendar of which `elapsed` is over and `rest` is to come: what it allows grows with its traffic, so a
    /// burn of up to 1 never empties it, and above that nothing is left once what is burnt too much has eaten up what was saved.
    pub fn exhaustion_within(&self, burn: Burn, elapsed: Duration, rest: Duration) -> Exhaustion {
        let over = burn.get() - 1.0;
        match () {
            () if self.remaining <= 0.0 => Exhaustion::Exhausted,
            () if burn.get() <= 0.0 => Exhaustion::NeverAtThisRate,
            () if over <= 0.0 => Exhaustion::BeyondPeriod,
            () => Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.remaining / over)
                .ok()
                .filter(|wait| *wait < rest)
                .map_or(Exhaustion::BeyondPeriod, Exhaustion::In),
        }
    }

    /// When it is gone if `burn` stays as it is.
    pub fn exhaustion(&self, burn: Burn, objective: &Objective) -> Exhaustion {
        if self.remaining <= 0.0 {
            return Exhaustion::Exhausted;
        }
        if burn.get() <= 0.0 {
            return Exhaustion::NeverAtThisRate;
        }
        // So slow that the time has no number is never.
        Duration::try_from_secs_f64(self.remaining * objective.window_secs() / burn.get())
            .map_or(Exhaustion::NeverAtThisRate, Exhaustion::In)
    }
}

impl Objective {
    /// Bad events that the objective allows among `total`.
    pub fn allowed(&self, total: f64) -> f64 {
        self.budget() * total
    }

    /// How long everything may fail before the whole budget is gone.
    pub fn full_outage(&self) -> Duration {
        Duration::try_from_secs_f64(self.budget() * self.window_secs()).unwrap_or(self.window())
    }

    /// How much of the window has been watched, 0..=1: what a record says is left of a window that is not full is reckoned as if the rest
    /// had been like the part that is there.
    pub fn filled(&self, watched: Duration) -> f64 {
        (watched.as_secs_f64() / self.window_secs()).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_of_the_calendar_is_outlasted_or_not() {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        let half = Budget { remaining: 0.5, events: None };
        let gone = |burn: f64, rest: u64| half.exhaustion_within(Burn::new(burn).unwrap(), days(15), days(rest));
        // Half of fifteen days' allowance was saved; at 2 each day eats up one more day's: 7.5 days.
        assert_eq!(gone(2.0, 15), Exhaustion::In(Duration::from_secs(648_000)));
        assert_eq!(gone(2.0, 7), Exhaustion::BeyondPeriod, "the period is over before that");
        assert_eq!((gone(1.0, 15), gone(0.0, 15)), (Exhaustion::BeyondPeriod, Exhaustion::NeverAtThisRate));
        let none = Budget { remaining: 0.0, events: None };
        assert_eq!(none.exhaustion_within(Burn::NONE, days(1), days(1)), Exhaustion::Exhausted);
    }
}

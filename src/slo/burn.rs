//! Burn rate: how many times faster than the objective allows the error budget goes. 1.0 lasts exactly the window.
//! It refuses to clamp: a release that does better than the one before it has a negative burn of its own.

use super::interval::wilson;
use super::tier::FEWEST_BAD;
use super::{Objective, Outcome, Ratio, Reading};
use std::time::Duration;

/// A burn rate. 0 upwards for what was measured; signed where it is a difference between versions.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Burn(f64);

impl Burn {
    /// No errors.
    pub const NONE: Burn = Burn(0.0);

    /// A burn somebody else computed (a recorded series). NaN is no burn.
    pub fn new(value: f64) -> Option<Burn> {
        (!value.is_nan()).then_some(Burn(value))
    }

    /// e/B for an error ratio of 0..=1 (or a difference of two).
    pub fn at(error_ratio: f64, objective: &Objective) -> Burn {
        Burn(error_ratio / objective.budget())
    }

    /// Times the rate that would use up the budget in exactly one window.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The error ratio that burns like this.
    pub fn error_ratio(self, objective: &Objective) -> f64 {
        self.0 * objective.budget()
    }

    /// The budget, as a ratio of the whole, that this burn spends over `spell` at constant traffic. Can exceed 1.
    pub fn spends(self, spell: Duration, objective: &Objective) -> f64 {
        self.0 * spell.as_secs_f64() / objective.window_secs()
    }
}

impl std::ops::Add for Burn {
    type Output = Burn;
    fn add(self, other: Burn) -> Burn {
        Burn(self.0 + other.0)
    }
}

impl std::ops::Sub for Burn {
    type Output = Burn;
    fn sub(self, other: Burn) -> Burn {
        Burn(self.0 - other.0)
    }
}

impl Objective {
    /// The burn of an error ratio; a gap stays the gap it was.
    pub fn burn(&self, ratio: Ratio) -> Reading<Burn> {
        ratio.map(|ratio| Burn::at(ratio, self))
    }

    /// The burn of what a window held.
    pub fn burn_of(&self, seen: Reading<Outcome>) -> Reading<Burn> {
        self.burn(seen.and_then(|seen| seen.error_ratio()))
    }

    /// Whether what was seen can carry a burn: at least five bad events ([`FEWEST_BAD`]), and so many that by 95 % of chance (Wilson) they
    /// are more than the objective allows, or that the burn is at least two thirds of what it seems. One failure among forty is a burn of 25 and says
    /// nothing of how fast it goes; a hundred that make a burn of 1.1 tell it well.
    pub fn is_carried_by(&self, seen: Outcome) -> bool {
        let is_sure = |lower: f64| lower > self.budget() || lower * seen.total >= seen.bad * 2.0 / 3.0;
        seen.bad >= FEWEST_BAD && wilson(seen).is_some_and(|interval| is_sure(interval.lower))
    }

    /// The burn when every event fails, 1/B: no tier above it can ever fire.
    pub fn max_burn(&self) -> Burn {
        Burn::at(1.0, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burn_takes_five_failures_and_more_than_chance_makes() {
        let objective = Objective::new("a", 0.999, Duration::from_secs(30 * 86_400)).unwrap();
        let carried = |bad: f64, total: f64| objective.is_carried_by(Outcome { bad, total });
        assert!(!carried(1.0, 40.0), "one of forty");
        assert!(!carried(4.0, 100.0) && carried(5.0, 100.0));
        assert!(!carried(9.0, 8000.0), "1.1x, and a burn of 1 makes as many now and then");
        assert!(carried(70.0, 60_000.0), "1.2x, and never less than 0.9x");
        assert!(carried(30.0, 10_000.0) && !carried(0.0, 0.0));
    }
}

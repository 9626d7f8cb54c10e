//! Alert tiers over paired windows: the threshold that a window and a part of the budget give, whether a tier fires, and how soon it will.
//! It refuses to call a tier quiet that can't fire at all, or whose windows could not be measured.

use super::burn::Burn;
use super::{Gap, Objective, Reading};
use std::time::Duration;

/// What a tier asks for when it fires. A page outweighs a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Somebody looks at it in working hours.
    Ticket,
    /// Somebody is woken.
    Page,
}

/// A pair of windows and the burn that both have to exceed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// What it asks for.
    pub severity: Severity,
    /// The window that has to hold enough of it.
    pub long: Duration,
    /// The window that says it is still going on: the alert ends soon after the errors do.
    pub short: Duration,
    /// Fires above this burn.
    pub threshold: Burn,
}

/// Why a tier can never fire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dead {
    /// It would take an error ratio of more than 1. The ratio it would take.
    Unreachable(f64),
    /// Its long window is longer than the objective's own.
    LongerThanWindow,
}

/// What a tier says now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum State {
    /// Both windows are over the threshold.
    Fires,
    /// At least one window is measured and not over it.
    Quiet,
    /// Over the threshold as far as is known; a window is missing.
    Unknown(Gap),
    /// Both windows are over, with fewer bad events than a verdict needs at so little traffic.
    TooFew {
        /// Bad events in the long window.
        bad: f64,
        /// How many it takes.
        needed: f64,
    },
    /// It can never fire.
    Dead(Dead),
}

/// How much the long window rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Evidence {
    /// The budget is ten events or more: ratios mean something.
    Ample,
    /// The budget is a handful of events: these many bad ones are in the long window.
    Scarce(f64),
}

/// When a window's burn passes a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crossing {
    /// It is over already.
    Already,
    /// It stays under, however long this lasts.
    Never,
    /// After this long.
    In(Duration),
}

/// Bad events that the long window must hold before a tier fires at low traffic.
pub const FEWEST_BAD: f64 = 5.0;

const HOUR: u64 = 3600;

impl Tier {
    /// A tier that fires when `budget_fraction` (0..1) of the budget goes within `long`: threshold = fraction × window / long.
    pub fn spending(severity: Severity, long: Duration, short: Duration, budget_fraction: f64, objective: &Objective) -> Tier {
        let threshold = Burn::new(budget_fraction * objective.window_secs() / long.as_secs_f64()).unwrap_or(Burn::NONE);
        Tier { severity, long, short, threshold }
    }

    /// The four pairs of the SRE workbook (alerting on SLOs), as Sloth derives them for a window: pages at 2 % in 1 h and 5 % in 6 h,
    /// tickets at 10 % in 1 d and in 3 d.
    pub fn standard(objective: &Objective) -> [Tier; 4] {
        let tier = |severity, long: u64, short: u64, fraction| {
            Tier::spending(severity, Duration::from_secs(long), Duration::from_secs(short), fraction, objective)
        };
        [
            tier(Severity::Page, HOUR, HOUR / 12, 0.02),
            tier(Severity::Page, 6 * HOUR, HOUR / 2, 0.05),
            tier(Severity::Ticket, 24 * HOUR, 2 * HOUR, 0.10),
            tier(Severity::Ticket, 72 * HOUR, 6 * HOUR, 0.10),
        ]
    }

    /// The budget, as a ratio of the whole, that is gone when the tier fires after one long window of exactly its burn.
    pub fn budget_spent(&self, objective: &Objective) -> f64 {
        self.threshold.spends(self.long, objective)
    }

    /// Why it can never fire, where it can't: target ≤ 1 − 1/threshold, or a window that does not fit.
    pub fn dead(&self, objective: &Objective) -> Option<Dead> {
        if self.threshold >= objective.max_burn() {
            return Some(Dead::Unreachable(self.threshold.error_ratio(objective)));
        }
        (self.long > objective.window()).then_some(Dead::LongerThanWindow)
    }

    /// What it says, given the burn over both its windows. One window that is measured and not over is enough for quiet; otherwise a
    /// missing window leaves it unknown.
    pub fn state(&self, objective: &Objective, long: Reading<Burn>, short: Reading<Burn>, evidence: Evidence) -> State {
        if let Some(dead) = self.dead(objective) {
            return State::Dead(dead);
        }
        if [long, short].into_iter().filter_map(Reading::value).any(|burn| burn <= self.threshold) {
            return State::Quiet;
        }
        match (long.gap().or(short.gap()), evidence) {
            (Some(gap), _) => State::Unknown(gap),
            (None, Evidence::Scarce(bad)) if bad < FEWEST_BAD => State::TooFew { bad, needed: FEWEST_BAD },
            (None, _) => State::Fires,
        }
    }

    /// How long until the long window is over the threshold, when its burn is `now` and everything from here on burns at `then`.
    /// From a clean window this is k·B/e × long. The errors in the window are taken as evenly spread, so the ones that age out are
    /// replaced at an even pace. The short window is over sooner by the ratio of the two.
    pub fn crosses(&self, now: Burn, then: Burn) -> Crossing {
        if now > self.threshold {
            return Crossing::Already;
        }
        if then <= self.threshold {
            return Crossing::Never;
        }
        let part = (self.threshold - now).get() / (then - now).get();
        match Duration::try_from_secs_f64(self.long.as_secs_f64() * part) {
            Ok(wait) => Crossing::In(wait),
            Err(_) => Crossing::Never,
        }
    }
}

/// The worst that fires, if any does.
pub fn worst(states: impl IntoIterator<Item = (Tier, State)>) -> Option<Severity> {
    states.into_iter().filter(|(_, state)| *state == State::Fires).map(|(tier, _)| tier.severity).max()
}

/// Every window that the tiers look back over, shortest first, each once: what has to be asked for.
pub fn windows(tiers: &[Tier]) -> Vec<Duration> {
    let mut all: Vec<Duration> = tiers.iter().flat_map(|tier| [tier.short, tier.long]).collect();
    all.sort();
    all.dedup();
    all
}

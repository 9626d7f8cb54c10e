//! What an objective asks of a verdict: the burn that wakes somebody, and how many clean requests rule it out.
//! It knows no threshold by heart: all follow from the objective's target and window.

use crate::slo::burn::Burn;
use crate::slo::tier::{Severity, Tier};
use crate::slo::{Objective, Outcome, interval};

/// Both kinds of mistake that the test against the objective may make: calling a version that keeps it bad, and the reverse.
pub const MISTAKE: f64 = 0.05;

/// The least page burn a test can tell from the objective itself in useful time. Windows of a few days derive thresholds near 1.
const LEAST_PAGE_BURN: f64 = 2.0;

/// The figures that an objective gives the rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The budget ratio B, above 0 and below 1: what the objective allows to go wrong.
    pub budget: f64,
    /// The error ratio of a burn that pages, above `budget` and below 1.
    pub page: f64,
}

/// What the sequential test against the objective says so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// It burns like a page.
    Page,
    /// Page-level burn is ruled out.
    NoPage,
    /// Too early to tell.
    Open,
}

impl Limits {
    /// From the objective: the page burn is the threshold of its fastest tier that can fire at all, at least 2. Where even that is out of
    /// reach (a very low target), half way between the budget and everything.
    pub fn of(objective: &Objective) -> Limits {
        Limits::by(objective, &Tier::standard(objective))
    }

    /// The same from the objective's own tiers, the fastest first; from the usual ones where none of its own pages.
    pub fn by(objective: &Objective, tiers: &[Tier]) -> Limits {
        let budget = objective.budget();
        let standard = Tier::standard(objective);
        let own = tiers.iter().filter(|tier| tier.severity == Severity::Page);
        let page = own
            .chain(&standard)
            .map(|tier| tier.threshold.get().max(LEAST_PAGE_BURN) * budget)
            .find(|ratio| *ratio < 1.0)
            .unwrap_or(f64::midpoint(budget, 1.0));
        Limits { budget, page }
    }

    /// The burn that pages.
    pub fn page_burn(&self) -> f64 {
        self.page / self.budget
    }

    /// The burn of an error ratio (0..=1).
    pub fn burn(&self, error_ratio: f64) -> Burn {
        Burn::new(error_ratio / self.budget).unwrap_or(Burn::NONE)
    }

    /// Clean requests that rule out page-level burn: with that burn, as many without a failure have a chance of 5 %.
    /// 207 for 99.9 % over 30 days.
    pub fn fewest(&self) -> f64 {
        clean_requests(self.page)
    }

    /// What one good request adds to the sequential test (below 0).
    pub fn per_good(&self) -> f64 {
        ((1.0 - self.page) / (1.0 - self.budget)).ln()
    }

    /// What one bad request adds to it (above 0).
    pub fn per_bad(&self) -> f64 {
        (self.page / self.budget).ln()
    }

    /// Wald's limit, ±: ln((1 − β)/α), 2.944 at 5 %.
    pub fn wald() -> f64 {
        ((1.0 - MISTAKE) / MISTAKE).ln()
    }

    /// Wald's sequential test of the objective against page-level burn. It may be looked at after every request.
    pub fn against(&self, seen: Outcome) -> Against {
        let sum = seen.bad * self.per_bad() + (seen.total - seen.bad) * self.per_good();
        if sum >= Limits::wald() {
            Against::Page
        } else if sum <= -Limits::wald() {
            Against::NoPage
        } else {
            Against::Open
        }
    }

    /// Requests in all at which the test rules out page-level burn, if none fails from here on.
    pub fn accepts_at(&self, bad: f64) -> f64 {
        ((Limits::wald() + bad * self.per_bad()) / -self.per_good() + bad).ceil()
    }

    /// Whether the lower end of the version's own error ratio is over the budget: harm that is there, whoever else has it.
    pub fn harms(&self, seen: Outcome) -> bool {
        interval::wilson(seen).is_some_and(|own| own.lower > self.budget)
    }

    /// Whether the upper end of it is within the budget.
    pub fn keeps(&self, seen: Outcome) -> bool {
        interval::wilson(seen).is_some_and(|own| own.upper <= self.budget)
    }
}

/// Requests without a failure after which an error ratio of `ratio` or more has a chance of 5 % at most.
pub fn clean_requests(ratio: f64) -> f64 {
    (MISTAKE.ln() / (1.0 - ratio).ln()).ceil()
}

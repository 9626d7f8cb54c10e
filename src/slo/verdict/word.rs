//! The words a verdict can be, and the rules that lead to them.
//! It holds no thresholds: those stand with the rules' arithmetic.

use crate::slo::ratio::Missing;
use std::{fmt, time::Duration};

/// The verdict, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// The release does harm.
    Fail,
    /// It looks as if: hold.
    Suspect,
    /// Both versions are over the objective: hold, and look elsewhere for the cause.
    ServiceWide,
    /// It was not read, or not whole.
    NoData,
    /// Nobody asks the new version for anything.
    NoTraffic,
    /// Too few requests so far to rule out even a page-level burn.
    Warming,
    /// Enough requests for harm to show, none shown, and not yet enough to say there is none.
    Inconclusive,
    /// Not worse than the old version, or within the objective; page-level burn is ruled out.
    Pass,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Word::Fail => "FAIL",
            Word::Suspect => "SUSPECT",
            Word::ServiceWide => "SERVICE-WIDE",
            Word::NoData => "NO DATA",
            Word::NoTraffic => "NO TRAFFIC",
            Word::Warming => "WARMING",
            Word::Inconclusive => "INCONCLUSIVE",
            Word::Pass => "PASS",
        })
    }
}

/// Which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// The one that is judged.
    New,
    /// The one it is judged against.
    Stable,
}

/// What needs no statistics, and no metrics either: missing data never hides a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Its containers crash again and again.
    CrashLoop,
    /// It did not get ready by its deadline.
    Deadline,
    /// The controller aborted it.
    Aborted,
    /// A page fires on the service.
    Page,
}

/// The rule that gave the word: the first that matched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Seen without statistics.
    Trouble(Trouble),
    /// A version could not be read.
    NotRead(Arm, Missing),
    /// Its counters stand at nothing.
    NoRequests,
    /// Its counters have stood still for this long, and so there is no verdict of now.
    Quiet(Duration),
    /// Evidence of 20:1 or more that it is worse, and its own error ratio is surely over the budget.
    Worse,
    /// It was fine and turned bad: since the moment that speaks loudest, evidence of 100:1 or more that it is worse, and an error ratio
    /// surely over the budget. How long that is.
    TurnedWorse(Duration),
    /// Nothing to compare with, and the sequential test against the objective says page-level burn.
    OverObjective,
    /// Both versions are surely over the budget, and the new one is not shown to be worse.
    BothOver,
    /// Evidence enough, but all errors came in one minute from one pod: one bad caller could do that.
    OneBurst,
    /// Evidence enough that it is worse, and its error ratio may still be within the budget.
    WorseWithinBudget,
    /// Evidence of 5:1 or more that it is worse.
    Leaning,
    /// Evidence of 5:1 or more that it has turned worse, over so long.
    LeaningLately(Duration),
    /// The counts of now make it 97.5 % likely to be worse.
    Likely,
    /// Fewer requests than rule out page-level burn.
    FewRequests,
    /// Evidence of 20:1 or more that it is not twice as bad.
    NotMuchWorse,
    /// Its error ratio is surely within the budget.
    WithinBudget,
    /// None of the others.
    Undecided,
}

//! What time a budget is for, in words: the last so many days, or a period of the calendar and when that is over.
//! Refuses to call a period whole of which only a part is known.

use crate::release::Time;
use crate::release::figures::{duration, window};
use crate::release::telemetry::{BudgetFrom, BudgetState};

/// `30 d` for what rolls, `November` for a period of the calendar.
#[must_use]
pub fn span_of(one: &BudgetState) -> String {
    one.period.map_or_else(|| window(one.objective.window()), |period| period.name())
}

/// `budget of November, resets in 9 d 3 h`; `None` for what rolls.
#[must_use]
pub fn resets(one: &BudgetState, now: Time) -> Option<String> {
    let period = one.period?;
    let rest = duration(i64::try_from(period.rest(now).as_secs()).unwrap_or(i64::MAX));
    Some(format!("budget of {}, resets in {rest}", period.name()))
}

/// Whether more may be spent than is known: what is left was counted over a part of the time it is for.
#[must_use]
pub fn is_at_most(one: &BudgetState) -> bool {
    matches!(one.from, Some(BudgetFrom::Counted(length)) if one.period.is_some() || length < one.objective.window())
}

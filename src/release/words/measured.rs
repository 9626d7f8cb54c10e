//! What is measured, in sentences: how the new version does beside the old one, and how long the budget lasts.
//! Refuses to call a difference one that chance could explain.

use super::names::called;
use super::period::is_at_most;
use crate::release::figures::{age, burn, duration, error_ratio, left, rounded, seconds, times, window as window_name};
use crate::release::telemetry::{BudgetFrom, BudgetState, Comparison, Telemetry};
use crate::release::{Release, Time};
use crate::slo::Reading;
use crate::slo::budget::Exhaustion;
use crate::slo::interval::newcombe;
use crate::slo::tier::Severity;

/// When it is gone, in words: `empty in 2 d 11 h`; `None` where it never is at this rate.
#[must_use]
pub fn burning(exhaustion: Exhaustion) -> Option<String> {
    match exhaustion {
        Exhaustion::Exhausted => Some("nothing is left".to_owned()),
        Exhaustion::NeverAtThisRate => None,
        Exhaustion::BeyondPeriod => Some("lasts beyond the period's end".to_owned()),
        // Beyond what anybody plans for, the number says nothing.
        Exhaustion::In(wait) if wait.as_secs() > 400 * 86_400 => Some("empty in over a year".to_owned()),
        Exhaustion::In(wait) => Some(format!("empty in {}", duration(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)))),
    }
}

/// When the budget is empty at the burn of now: `empty in 2 d 11 h at this rate`, with its age where that burn is not of now.
#[must_use]
pub fn emptied(one: &BudgetState, now: Time) -> Option<String> {
    let is_gone = one.exhaustion == Some(Exhaustion::Exhausted);
    if !is_gone && let Some((over, seen)) = one.unsure() {
        let (bad, all) = (rounded(seen.bad), rounded(seen.total));
        return Some(format!("{bad} of {all} failed in {}: too few to say how fast", window_name(over)));
    }
    let said = ends(one)?;
    // The shortest window that is known tells the rate.
    let window = one.burns.iter().find_map(|(window, burn)| burn.value().map(|_| window));
    let dated = dated(window.and_then(|window| one.worked_out.get(window)).copied(), now);
    Some(if is_gone { format!("{said}{dated}") } else { format!("{said} at this rate{dated}") })
}

/// The same of one budget: what was recorded of a part of its window is not all there was.
fn ends(one: &BudgetState) -> Option<String> {
    let is_part = one.filled.is_some_and(|part| part < FULL);
    match one.exhaustion? {
        Exhaustion::Exhausted if is_part => Some("nothing is left by what is recorded of it".to_owned()),
        exhaustion => burning(exhaustion),
    }
}

/// From here on a window is taken for full: rules miss an evaluation now and then.
const FULL: f64 = 0.99;

/// How much of a window there is anything recorded of, to stand behind its length: `, 4 % of it filled`; empty where it is full, or not known.
#[must_use]
pub fn filled(one: &BudgetState) -> String {
    match one.filled {
        Some(part) if part < 0.01 => ", less than 1 % of it filled".to_owned(),
        // Rounded down: what is not full is never called so.
        Some(part) if part < FULL => format!(", {:.0} % of it filled", (part * 100.0 + 1e-6).floor()),
        _ => String::new(),
    }
}

/// Of which group the figures of an objective by groups are: `worst of 12: route=/pay`; `all groups together` where they are counted. `None` for
/// an objective that is one as a whole.
#[must_use]
pub fn grouped(one: &BudgetState) -> Option<String> {
    match (&one.group, &one.from) {
        (Some((name, of)), Some(BudgetFrom::Counted(_))) => Some(format!("burn of the worst of {of}: {name}; left of all together")),
        (Some((name, of)), _) => Some(format!("worst of {of}: {name}")),
        (None, _) => one.provenance.is_grouped.then(|| "all groups together, one may be worse".to_owned()),
    }
}

/// How new and old do: `1.5.0 fails 30x as often as 1.4.2: 205 of 6,210 against 28 of 25,470 in 4m`. `None` while nothing is counted.
#[must_use]
pub fn compared(release: &Release, now: Time) -> Option<(String, String)> {
    let telemetry = release.telemetry.as_ref()?;
    let both = telemetry.comparison.as_ref().filter(|_| release.under_way)?;
    let names = called(release);
    let (new, old) = (names.new.unwrap_or_else(|| "the new version".to_owned()), names.old.unwrap_or_else(|| "the old one".to_owned()));
    let Reading::Value(is) = both.new.seen else {
        // Where it is meant to get none, that is no news.
        let meant = release.exposure.configured.as_ref().is_some_and(|share| share.value > 0.0);
        let none = meant && matches!(both.new.seen, Reading::NoTraffic);
        return none.then(|| (format!("{new} gets no requests, whatever the router was told"), format!("{new} gets no requests")));
    };
    let of = |seen: crate::slo::Outcome| format!("{} of {}", rounded(seen.bad), rounded(seen.total));
    let span = format!("{}{}", span(both), aged(telemetry, now));
    let Some(was) = both.old.seen.value() else {
        return Some((format!("{new} fails {} in {span}, with nothing beside it to compare", of(is)), format!("{new} fails {}", of(is))));
    };
    let sure = newcombe(is, was).is_some_and(|difference| !difference.holds(0.0));
    let counts = format!("{} against {} in {span}", of(is), of(was));
    let (is_ratio, was_ratio) = (is.bad / is.total, was.bad / was.total);
    let (long, short) = match (sure, times(was_ratio, is_ratio)) {
        (true, Some(factor)) if is_ratio > was_ratio => {
            (format!("{new} fails {factor} as often as {old}"), format!("{new} fails {factor} as often as {old}"))
        }
        (true, _) if is_ratio > was_ratio => {
            (format!("{new} fails where {old} does not"), format!("{new} fails {}", error_ratio(is_ratio)))
        }
        (true, _) => (format!("{new} fails less often than {old}"), format!("{new} fails less often")),
        (false, _) => (format!("{new} fails no more often than {old} as far as can be told"), format!("{new} fails {}", of(is))),
    };
    // Old counts say so however little room there is.
    Some((format!("{long}: {counts}"), format!("{short}{}", aged(telemetry, now))))
}

/// `, 1 m ago` where the newest counters are no longer fresh; nothing else.
#[must_use]
pub fn aged(telemetry: &Telemetry, now: Time) -> String {
    let old = telemetry.as_of.map(|at| seconds(at, now)).filter(|old| *old >= 60);
    old.map_or_else(String::new, |old| format!(", {} ago", age(old)))
}

fn span(both: &Comparison) -> String {
    duration(i64::try_from(both.covers.as_secs()).unwrap_or(i64::MAX))
}

/// A budget's figures are asked for once a minute: one that is older than its next answer could be says so. In seconds.
const DATED: i64 = 90;

/// `, 5 m ago` where a figure was worked out so long ago that it may not be so any more; nothing else.
#[must_use]
pub fn dated(at: Option<Time>, now: Time) -> String {
    let old = at.map(|at| seconds(at, now)).filter(|old| *old >= DATED);
    old.map_or_else(String::new, |old| format!(", {} ago", age(old)))
}

/// How the budget goes: `Burning 7.4x: empty in 2 d 11 h`. `None` while it lasts its window, or is not measured.
#[must_use]
pub fn burns(release: &Release, now: Time) -> Option<(String, String)> {
    let telemetry = release.telemetry.as_ref()?;
    let one = worst(&telemetry.budgets)?;
    let (window, rate) = one.fastest()?;
    let dated = dated(one.worked_out.get(&window).copied(), now);
    if let Some((over, seen)) = one.unsure() {
        let counts = format!("{} of {} failed in {}{dated}", rounded(seen.bad), rounded(seen.total), window_name(over));
        return Some((format!("{counts}: too few to say how fast the budget goes"), counts));
    }
    let pages = if one.fires == Some(Severity::Page) { ", and pages" } else { "" };
    let brief = format!("Burning {}x{pages}{dated}", burn(rate.get()));
    if rate.get() <= 1.0 && one.fires.is_none() {
        let left = one.left.value()?;
        return (left.remaining < 0.0).then(|| ("The error budget is overspent".to_owned(), "Budget overspent".to_owned()));
    }
    let end = ends(one);
    Some((end.map_or_else(|| brief.clone(), |end| format!("{brief}: {end}")), brief))
}

/// What promoting it now would cost: `Promoted to all, it burns 33x`. `None` where that is less than the budget bears.
#[must_use]
pub fn promoted(release: &Release, now: Time) -> Option<(String, String)> {
    let telemetry = release.telemetry.as_ref()?;
    let one = worst(&telemetry.budgets)?;
    if one.promotion_unsure().is_some() {
        return None;
    }
    let aged = aged(telemetry, now);
    let rate = one.attribution.value()?.if_promoted;
    (rate.get() > 1.0).then(|| {
        let end = one.promoted_exhaustion.and_then(burning).map_or_else(String::new, |end| format!(", {end}"));
        (format!("Promoted to all it burns {}x{end}{aged}", burn(rate.get())), format!("Promoted it burns {}x{aged}", burn(rate.get())))
    })
}

/// The objective that burns fastest.
#[must_use]
pub fn worst(budgets: &[BudgetState]) -> Option<&BudgetState> {
    let rate = |one: &&BudgetState| one.fastest().map_or(f64::NEG_INFINITY, |(_, rate)| rate.get());
    budgets.iter().max_by(|a, b| a.fires.cmp(&b.fires).then(rate(a).total_cmp(&rate(b))))
}

/// What the budget of a row on the board is: `61 %` and `7.4x`, or a word.
#[must_use]
pub fn columns(release: &Release) -> (Option<String>, Option<String>) {
    let Some(one) = release.telemetry.as_ref().and_then(|telemetry| worst(&telemetry.budgets)) else { return (None, None) };
    // Counted over a part of the window, it is at most so much.
    let most = if is_at_most(one) { "≤" } else { "" };
    (
        one.left.value().map(|budget| format!("{most}{}", left(budget.remaining))),
        one.fastest().map(|(_, rate)| format!("{}{}x", if one.unsure().is_some() { "~" } else { "" }, burn(rate.get()))),
    )
}

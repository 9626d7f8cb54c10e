//! Gates: what has to be so before exposure grows. Each that is closed is a sentence; a person may go over it with a typed reason.
//! Never stands in the way of safety, and never takes what is not known for well where somebody asked for a limit.

use std::time::Duration;

use super::{Change, Verb};
use crate::release::figures::{burn, exact, left, told};
use crate::release::telemetry::{BudgetState, Metering, Telemetry, fresh_for};
use crate::release::words::{called, overall_found};
use crate::release::{Label, Release, Time};
use crate::slo::verdict::{Word, overall};
use crate::text::Clean;

/// What has to be so, as far as somebody asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// Only a PASS opens it; else everything but FAIL and SUSPECT does.
    pub pass: bool,
    /// At least so much of every error budget has to be left, as a ratio of the whole (0..=1).
    pub budget: Option<f64>,
    /// No objective may burn faster than so many times its budget.
    pub burn: Option<f64>,
    /// The new version may get at most this share afterwards, 0..=1.
    pub exposure: Option<f64>,
}

/// A closed gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Which: `verdict`, `budget`, `burn`, `exposure`, or the name of a check.
    pub gate: Clean,
    /// Why, a sentence without its full stop.
    pub why: Clean,
}

impl Closed {
    /// With its name, and why it is closed.
    pub fn new(gate: &str, why: impl Into<Clean>) -> Self {
        Self { gate: Clean::from(gate), why: why.into() }
    }
}

/// Whether an intent has to pass gates: those that take exposure up by themselves.
pub const fn is_gated(verb: Verb) -> bool {
    matches!(verb, Verb::Advance | Verb::Skip | Verb::PromoteFull | Verb::Switch)
}

/// Whether a change makes anybody meet the new version who did not before. What can't be told counts as if it did.
pub fn raises(release: &Release, change: &Change) -> bool {
    if !is_gated(change.intent.verb()) {
        return false;
    }
    // What is promised now against what is promised then: a measured share that strays above its weight must not open a gate.
    let promised = release.exposure.configured.as_ref().or(release.exposure.inferred.as_ref()).map(|share| share.value);
    !matches!((promised, change.exposed.after), (Some(before), Some(after)) if after <= before)
}

/// The gates that are closed for this change at `now` by the cluster's clock. None where it makes nobody meet the new version who did not before.
pub fn closed(release: &Release, change: &Change, limits: &Limits, now: Time) -> Vec<Closed> {
    if !raises(release, change) {
        return Vec::new();
    }
    [verdict(release, limits, now), budget(release, limits, now), burning(release, limits, now), exposure(release, change, limits)]
        .into_iter()
        .flatten()
        .collect()
}

fn verdict(release: &Release, limits: &Limits, now: Time) -> Option<Closed> {
    let telemetry = release.telemetry.as_deref();
    let all = overall(telemetry.map(|telemetry| telemetry.verdicts.as_slice()).unwrap_or_default());
    let new = || called(release).new.unwrap_or_else(|| "the new version".to_owned());
    if matches!(all.word, Word::Fail | Word::Suspect) || limits.pass && all.word != Word::Pass {
        return Some(Closed::new("verdict", format!("the verdict on {} is {}", new(), overall_found(&all))));
    }
    // A pass of counts that nobody takes any more says nothing of now.
    let counted = telemetry.filter(|telemetry| matches!(telemetry.metering, Metering::Live(_)));
    let is_of_now = |telemetry: &Telemetry| telemetry.verdicts.iter().all(|one| telemetry.is_of_now(one, fresh_for(Duration::ZERO), now));
    let stale = limits.pass && !counted.is_some_and(is_of_now);
    stale.then(|| Closed::new("verdict", format!("a verdict of PASS on {} is asked for, and nothing is counted now", new())))
}

/// The budgets, where somebody measures them: what was so before the server went away opens nothing.
fn budgets(release: &Release) -> &[BudgetState] {
    let telemetry = release.telemetry.as_deref().filter(|telemetry| matches!(telemetry.metering, Metering::Live(_)));
    telemetry.map(|telemetry| telemetry.budgets.as_slice()).unwrap_or_default()
}

fn budget(release: &Release, limits: &Limits, now: Time) -> Option<Closed> {
    let floor = limits.budget?;
    let budgets = budgets(release);
    let unknown = || Closed::new("budget", format!("{} of the error budget has to be left, and what is left is not known", told(floor)));
    if budgets.is_empty() {
        return Some(unknown());
    }
    budgets.iter().find_map(|one| match one.left_now(now) {
        Err(_) => Some(unknown()),
        Ok(budget) if budget.remaining >= floor => None,
        Ok(budget) => {
            let (name, rest) = (one.objective.name(), left(budget.remaining));
            Some(Closed::new("budget", format!("{name} has {rest} of its error budget left, and {} are asked for", told(floor))))
        }
    })
}

fn burning(release: &Release, limits: &Limits, now: Time) -> Option<Closed> {
    let most = limits.burn?;
    let budgets = budgets(release);
    let unknown = || Closed::new("burn", format!("no burn over {}x is allowed, and how fast it burns is not known", exact(most)));
    if budgets.is_empty() {
        return Some(unknown());
    }
    budgets.iter().find_map(|one| match one.burns_over(most, now) {
        Err(_) => Some(unknown()),
        Ok(None) => None,
        Ok(Some(fastest)) => {
            let name = one.objective.name();
            Some(Closed::new("burn", format!("{name} burns {}x, and at most {}x is allowed", burn(fastest), exact(most))))
        }
    })
}

/// The worst of what is known counts: what is measured or inferred now does not get less by a step up.
fn exposure(release: &Release, change: &Change, limits: &Limits) -> Option<Closed> {
    let most = limits.exposure?;
    let exposure = &release.exposure;
    let known = [&exposure.headline, &exposure.measured, &exposure.configured, &exposure.inferred];
    let now = known.into_iter().flatten().filter(|share| share.label != Label::Unknown).map(|share| share.value);
    let Some(after) = change.exposed.after else {
        return Some(Closed::new("exposure", format!("at most {} are allowed, and what it comes to is not known", told(most))));
    };
    let worst = now.fold(after, f64::max);
    (worst > most + 1e-9)
        .then(|| Closed::new("exposure", format!("it would come to {}, and at most {} are allowed", told(worst), told(most))))
}

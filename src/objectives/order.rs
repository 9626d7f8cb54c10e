//! Objectives of all sources made one list: the same one found twice is one, the most believed source speaks first, gaps are assumed aloud.
//! Refuses to drop a contradiction: where two sources differ, the one that is believed wins and the other is quoted.

use std::time::Duration;

use super::tiers::{self, Schedule};
use super::{AlertTier, Found, Origin, Period, Sli, sloth, span};
use crate::text::Clean;

/// The target that is assumed where none is found.
pub const ASSUMED_TARGET: f64 = 0.999;
/// The window that is assumed where none is found.
pub const ASSUMED_PERIOD: Duration = Duration::from_secs(30 * 86_400);

/// All that was found in one list, in the order of belief, with nothing said twice and every gap filled or named.
pub fn settle(all: impl IntoIterator<Item = Found>) -> Vec<Found> {
    let mut all: Vec<Found> = all.into_iter().collect();
    // A stable sort: within a source its own order stays.
    all.sort_by_key(Found::origin);
    let mut settled: Vec<Found> = Vec::new();
    for found in all {
        match settled.iter_mut().find(|known| is_same(known, &found)) {
            Some(known) => merge(known, found),
            None => settled.push(found),
        }
    }
    settled.iter_mut().for_each(complete);
    settled
}

/// What stands in for an objective where none is found for `service`: the built-in measure with an assumed target.
pub fn assumed(service: &Clean) -> Found {
    let mut found = Found::empty("requests", Origin::Assumed, "no SLO found");
    found.service = service.clone();
    found.target = Some(ASSUMED_TARGET);
    found.period = Some(Period::Rolling(ASSUMED_PERIOD));
    found.sli = Sli::Unread(Clean::from("the built-in measure is used"));
    found.notes.push(Clean::from(format!(
        "No SLO was found, so {} % over {} is assumed.",
        crate::slo::ratio::round9(ASSUMED_TARGET * 100.0),
        span::words(ASSUMED_PERIOD)
    )));
    complete(&mut found);
    found
}

/// The objectives of one release, from those that were found for it: what the config says of a name replaces what was found under it, and
/// where there is nothing at all, one is assumed.
pub fn for_release(service: &Clean, found: Vec<Found>) -> Vec<Found> {
    let spoken: Vec<Clean> = found.iter().filter(|one| one.origin() == Origin::Config).map(|one| one.name.clone()).collect();
    let is_kept = |one: &Found| one.origin() == Origin::Config || !spoken.contains(&one.name);
    let (mut kept, replaced): (Vec<Found>, Vec<Found>) = found.into_iter().filter(|one| one.origin() != Origin::Assumed).partition(is_kept);
    for other in replaced {
        if let Some(own) = kept.iter_mut().find(|one| one.origin() == Origin::Config && one.name == other.name) {
            take_over(own, other);
        }
    }
    kept.sort_by_key(Found::origin);
    if kept.is_empty() { vec![assumed(service)] } else { kept }
}

/// What the config leaves open is as it was found, and where the two differ the found one is quoted.
fn take_over(own: &mut Found, mut other: Found) {
    let says_what = !matches!(own.sli, Sli::Unread(_));
    let is_same = own.target == other.target && own.period.as_ref().map(Period::length) == other.period.as_ref().map(Period::length);
    if says_what {
        other.recorded = super::Recorded::default();
    }
    if !is_same {
        // What is left, and when alerts fire, was worked out for another target.
        (other.recorded.remaining, other.recorded.availability, other.tiers) = (None, None, Vec::new());
    }
    other.notes.clear();
    merge(own, other);
}

/// Pages first, then by how soon they fire.
pub(super) fn sort_tiers(tiers: &mut Vec<AlertTier>) {
    tiers.sort_by_key(|alert| (std::cmp::Reverse(alert.tier.severity), alert.tier.long, alert.tier.short));
    tiers.dedup_by(|a, b| a.tier == b.tier);
}

fn is_same(a: &Found, b: &Found) -> bool {
    // The config stands by itself: what it replaces is decided for each release.
    if (a.origin() == Origin::Config) != (b.origin() == Origin::Config) {
        return false;
    }
    // What two releases are held to is two things, though it is asked in the same words.
    if a.release.is_some() && b.release.is_some() && a.release != b.release {
        return false;
    }
    let is_near = a.namespace.is_empty() || b.namespace.is_empty() || a.namespace == b.namespace;
    if !a.id.is_empty() && !b.id.is_empty() {
        return a.id == b.id && is_near && a.made_by_sloth() == b.made_by_sloth();
    }
    let is_named_so = !a.service.is_empty() && a.service == b.service && a.name == b.name;
    is_near && (is_named_so || asks_the_same(a, b) && a.target == b.target)
}

fn asks_the_same(a: &Found, b: &Found) -> bool {
    let printed = |found: &Found| -> Option<Vec<String>> {
        let queries = found.sli.queries();
        (!queries.is_empty()).then_some(())?;
        queries
            .iter()
            .map(|query| {
                let mut expr = query.parse().ok()?;
                super::split::canonical(&mut expr, &mut |_| {});
                Some(expr.to_string())
            })
            .collect()
    };
    std::mem::discriminant(&a.sli) == std::mem::discriminant(&b.sli) && printed(a).is_some_and(|text| Some(text) == printed(b))
}

fn merge(known: &mut Found, other: Found) {
    let (place, origin) = (other.found_in(), other.origin());
    match (known.target, other.target) {
        (Some(said), Some(differs)) if (said - differs).abs() > 1e-9 => {
            let percent = |ratio: f64| crate::slo::ratio::round9(ratio * 100.0);
            known.notes.push(Clean::from(format!("{} % is taken; {place} says {} %.", percent(said), percent(differs))));
        }
        (None, target) => known.target = target,
        _ => {}
    }
    match (&known.period, &other.period) {
        (Some(Period::Rolling(said)), Some(Period::Calendar { length, .. })) => {
            let text = format!("The last {} are taken; {place} says {length} by the calendar.", span::words(*said));
            known.notes.push(Clean::from(text));
        }
        (Some(said), Some(differs)) if said.length() != differs.length() => {
            let text = format!("{} are taken; {place} says {}.", span::words(said.length()), span::words(differs.length()));
            known.notes.push(Clean::from(text));
        }
        (None, _) => known.period = other.period,
        _ => {}
    }
    if matches!(known.sli, Sli::Unread(_)) && !matches!(other.sli, Sli::Unread(_)) {
        known.sli = other.sli;
    }
    // What the rules do outweighs what the object's maker usually does.
    if origin == Origin::Rules {
        known.method = other.method;
    }
    for (own, others) in [(&mut known.service, other.service), (&mut known.namespace, other.namespace), (&mut known.id, other.id)] {
        if own.is_empty() {
            *own = others;
        }
    }
    if known.grouping.is_empty() {
        known.grouping = other.grouping;
    }
    if known.tiers.is_empty() {
        known.tiers = other.tiers;
    }
    known.recorded.fill(other.recorded);
    known.sources.extend(other.sources.into_iter().filter(|source| !known.sources.contains(source)).collect::<Vec<_>>());
    for note in other.notes {
        if !known.notes.contains(&note) {
            known.notes.push(note);
        }
    }
}

impl Found {
    /// Whether its id is one of Sloth's.
    fn made_by_sloth(&self) -> bool {
        !self.service.is_empty() && *self.id == *format!("{}-{}", self.service, self.name)
    }

    /// The label by which rules that were made of it mark what they record and their alerts, and what stands in it.
    pub fn mark(&self) -> Option<(&'static str, Clean)> {
        let label = if self.made_by_sloth() { "sloth_id" } else { "slo" };
        (!self.id.is_empty()).then(|| (label, self.id.clone()))
    }
}

/// Fills what no source said, aloud, and works out the alerts where no rule is there to read them from.
fn complete(found: &mut Found) {
    let is_sloth = found.made_by_sloth();
    if found.period.is_none() {
        let (length, whose) = if is_sloth { (sloth::DEFAULT_PERIOD, "Sloth's default") } else { (ASSUMED_PERIOD, "assumed") };
        found.period = Some(Period::Rolling(length));
        found.notes.push(Clean::from(format!("No window was said; {} ({whose}) are taken.", span::words(length))));
    }
    let Ok(objective) = found.objective() else {
        found.notes.push(Clean::from("Its target is not said anywhere that was read, so it has no budget."));
        return;
    };
    if let (true, Some(Period::Rolling(window))) = (is_sloth && !found.recorded.is_empty(), &found.period) {
        let (service, name) = (found.service.clone(), found.name.clone());
        found.recorded.add_ratio(*window, sloth::ratio(*window, &found.id, &service, &name));
    }
    if found.tiers.is_empty() {
        let is_pyrra = found.origin() == Origin::Pyrra || !found.id.is_empty() && !is_sloth;
        let schedule = if is_pyrra { Schedule::pyrra().scaled_to(objective.window()) } else { Schedule::workbook() };
        found.tiers = schedule.tiers(&objective);
        sort_tiers(&mut found.tiers);
    }
    found.notes.extend(tiers::doubts(&found.tiers, &objective));
    if !found.grouping.is_empty() {
        let labels: Vec<&str> = found.grouping.iter().map(Clean::as_str).collect();
        found.notes.push(Clean::from(format!("It is one objective for each {}.", labels.join(" and "))));
    }
    if let Some(Period::Calendar { length, about, start, zone, calendar }) = &found.period {
        let text = match calendar {
            Some(_) if start.is_empty() => format!("Its budget begins anew with each calendar {length}, {zone}."),
            Some(_) => format!("Its budget begins anew {length} at a time, from {start} on, {zone}."),
            None => {
                let rolling = span::words(*about);
                let why = "from a start and in a time zone that can't be read here";
                format!("It starts anew {length} at a time, {why}; what is shown is over the last {rolling}, whichever day it is.")
            }
        };
        found.notes.push(Clean::from(text));
    }
}

#[cfg(test)]
mod tests;

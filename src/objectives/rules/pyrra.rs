//! Pyrra's rules: one objective for each `slo` label, with the ratios it records under `…:burnrate…`.
//! Refuses to read a window off a rule that does not say one: the objective's own stays unsaid then.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::remark::Remarks;
use super::super::{Found, Method, Origin, Period, Recorded, Series, Sli, span};
use super::answer::Rule;
use super::{alert, ratio};
use crate::slo::ratio::round9;
use crate::text::Clean;

/// Whether a rule is one of Pyrra's: it labels with `slo`, and records a burn rate, an increase, or itself.
pub(super) fn is_one(rule: &Rule) -> bool {
    let is_named = rule.name.contains(":burnrate") || rule.name.contains(":increase") || rule.name.starts_with("pyrra_");
    rule.label("slo").is_some() && (is_named || rule.is_alert)
}

pub(super) fn read(rules: &[Rule], remarks: &mut Remarks) -> Vec<Found> {
    let mut by_name: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        by_name.entry(rule.label("slo").unwrap_or_default()).or_default().push(rule);
    }
    by_name.into_iter().map(|(name, rules)| objective(name, &rules, remarks)).collect()
}

fn objective(name: &str, rules: &[&Rule], remarks: &mut Remarks) -> Found {
    let group = rules.first().map(|rule| rule.group.clone()).unwrap_or_default();
    let mut found = Found::empty(name, Origin::Rules, format!("Pyrra's rules, from group {group} on"));
    found.id = Clean::from(name);
    found.method = Method::Occurrences;
    let record = |metric: &str| rules.iter().find(|rule| !rule.is_alert && rule.name == metric);
    let number = |metric: &str| record(metric).and_then(|rule| ratio::constant(&rule.expr));
    let series = |metric: &str| record(metric).map(|_| Series::new(metric, [("slo", name)]));
    found.recorded = Recorded {
        availability: series("pyrra_availability"),
        target: series("pyrra_objective"),
        period: series("pyrra_window"),
        ..Recorded::default()
    };
    found.target = number("pyrra_objective").filter(|target| *target > 0.0 && *target < 1.0);
    let seconds = number("pyrra_window").filter(|seconds| (60.0..1e9).contains(seconds));
    // The increase is recorded over the objective's own window.
    let increase = rules.iter().filter(|rule| !rule.is_alert).find_map(|rule| {
        let (base, window) = span::at_end_of(&rule.name)?;
        base.ends_with(":increase").then_some(window)
    });
    let mut window = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).or(increase.filter(|w| w.as_secs() >= 86_400));
    let mut shortest: Option<(Duration, &Rule)> = None;
    for rule in rules.iter().filter(|rule| !rule.is_alert) {
        let Some((base, length)) = span::at_end_of(&rule.name) else { continue };
        if !base.ends_with(":burnrate") {
            continue;
        }
        found.recorded.add_ratio(length, Series::new(rule.name.as_str(), [("slo", name)]));
        if ratio::range(&rule.expr) == Some(length) && shortest.is_none_or(|(shortest, _)| length < shortest) {
            shortest = Some((length, rule));
        }
    }
    if let Some((length, rule)) = shortest {
        found.sli = ratio::sli(&rule.expr, length);
        found.grouping = ratio::grouping(&rule.expr);
    }
    for rule in rules.iter().filter(|rule| rule.is_alert) {
        let pairs = alert::pairs(&rule.expr);
        // Its other alert says that series are absent.
        if pairs.is_empty() && rule.label("long").is_some() {
            remarks.note(&format!("alert {} of group {}", rule.name, rule.group), "no pair of windows is recognised in it");
        }
        for pair in pairs {
            let said = pair.factor_and_budget();
            if found.target.is_none() {
                found.target = said.map(|(_, budget)| round9(1.0 - budget));
            }
            // A factor burns the whole budget within the window it names: window = factor × exhaustion.
            let exhaustion = rule.label("exhaustion").and_then(span::parse);
            if let (None, Some((factor, _)), Some(exhaustion)) = (window, said, exhaustion) {
                window = Duration::try_from_secs_f64((factor * exhaustion.as_secs_f64()).min(1e9)).ok();
            }
            let budget = found.target.map(|target| round9(1.0 - target));
            found.tiers.extend(pair.tier(rule, budget, rule.label("severity").unwrap_or("warning")));
        }
    }
    if matches!(found.sli, Sli::Unread(_)) && found.recorded.is_empty() {
        found.sli = Sli::Unread(Clean::from("none of its rules that are here record a ratio"));
    }
    found.period = window.map(Period::Rolling);
    super::super::order::sort_tiers(&mut found.tiers);
    found
}

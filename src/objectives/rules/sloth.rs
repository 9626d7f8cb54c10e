//! Sloth's rules: one objective for each `sloth_id`, with its target, window, SLI and alerts as its rules have them.
//! Refuses to fill in what a rule does not say.

use std::collections::BTreeMap;
use std::time::Duration;

use promql_parser::label::MatchOp;

use super::super::mapping::selectors;
use super::super::remark::Remarks;
use super::super::{Found, Method, Origin, Period, Recorded, Series, sloth, span};
use super::alert;
use super::answer::Rule;
use super::ratio;
use crate::slo::ratio::round9;
use crate::text::Clean;

/// An alert carries no label that says whose it is: the series it looks at do. With that label, every rule is told alike.
pub(super) fn named(mut rule: Rule) -> Rule {
    if rule.is_alert && rule.label("sloth_id").is_none() {
        let mut all = Vec::new();
        selectors(&rule.expr, &mut all);
        let id = all.iter().flat_map(|selector| &selector.matchers.matchers).find(|one| one.name == "sloth_id" && one.op == MatchOp::Equal);
        let id = id.map(|matcher| matcher.value.clone());
        rule.labels.extend(id.map(|id| ("sloth_id".to_owned(), id)));
    }
    rule
}

pub(super) fn read(rules: &[Rule], remarks: &mut Remarks) -> Vec<Found> {
    let mut by_id: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        by_id.entry(rule.label("sloth_id").unwrap_or_default()).or_default().push(rule);
    }
    by_id.into_iter().map(|(id, rules)| objective(id, &rules, remarks)).collect()
}

fn objective(id: &str, rules: &[&Rule], remarks: &mut Remarks) -> Found {
    let label = |name: &str| rules.iter().find_map(|rule| rule.label(name)).unwrap_or_default();
    let (service, name) = (label("sloth_service"), label("sloth_slo"));
    let group = rules.first().map(|rule| rule.group.clone()).unwrap_or_default();
    let mut found = Found::empty(if name.is_empty() { id } else { name }, Origin::Rules, format!("Sloth's rules, from group {group} on"));
    found.id = Clean::from(id);
    found.service = Clean::from(service);
    found.method = Method::RatioTimeslices;
    let record = |name: &str| rules.iter().find(|rule| !rule.is_alert && rule.name == name);
    let number = |name: &str| record(name).and_then(|rule| ratio::constant(&rule.expr));
    found.target = number("slo:objective:ratio").filter(|target| *target > 0.0 && *target < 1.0);
    let days = number("slo:time_period:days").filter(|days| *days > 0.0 && *days <= 3650.0);
    found.period = days.and_then(|days| Duration::try_from_secs_f64(days * 86_400.0).ok()).map(Period::Rolling);
    let labels = [("sloth_id", id), ("sloth_service", service), ("sloth_slo", name)];
    let series = |metric: &str| record(metric).map(|_| Series::new(metric, labels));
    found.recorded = Recorded {
        remaining: series("slo:period_error_budget_remaining:ratio"),
        burn: series("slo:current_burn_rate:ratio"),
        target: series("slo:objective:ratio"),
        period: series("slo:time_period:days"),
        correction: series("slo:numerator_correction:ratio"),
        ..Recorded::default()
    };
    let mut shortest: Option<(Duration, &Rule)> = None;
    for rule in rules.iter().filter(|rule| !rule.is_alert && rule.name.starts_with("slo:sli_error:ratio_rate")) {
        let Some((_, window)) = span::at_end_of(&rule.name) else { continue };
        found.recorded.add_ratio(window, sloth::ratio(window, id, service, name));
        // Those over long windows are made of the short ones.
        if ratio::range(&rule.expr) == Some(window) && shortest.is_none_or(|(length, _)| window < length) {
            shortest = Some((window, rule));
        }
    }
    if let Some((window, rule)) = shortest {
        found.sli = ratio::sli(&rule.expr, window);
        found.grouping = ratio::grouping(&rule.expr);
    }
    if let Some(Period::Rolling(window)) = found.period {
        found.recorded.add_ratio(window, sloth::ratio(window, id, service, name));
        let over = record(&sloth::ratio(window, id, service, name).name);
        // With its optimised rules Sloth averages the short ratios; without them it asks the whole window.
        if over.is_some_and(|rule| ratio::printed(&rule.expr).contains("rate(") && !ratio::printed(&rule.expr).contains("_over_time(")) {
            found.method = Method::Occurrences;
        }
    }
    if found.recorded.correction.is_some() {
        found.notes.push(Clean::from("Its ratios are corrected for low traffic by a plugin of Sloth."));
    }
    alerts(&mut found, rules, remarks);
    found
}

fn alerts(found: &mut Found, rules: &[&Rule], remarks: &mut Remarks) {
    let budget = found.target.map(|target| round9(1.0 - target));
    for rule in rules.iter().filter(|rule| rule.is_alert) {
        let severity = rule.label("sloth_severity").or_else(|| rule.label("severity")).unwrap_or("ticket");
        let pairs = alert::pairs(&rule.expr);
        if pairs.is_empty() {
            remarks.note(&format!("alert {} of group {}", rule.name, rule.group), "no pair of windows is recognised in it");
        }
        for pair in pairs {
            let said = pair.factor_and_budget().map(|(_, said)| said);
            if let Some((said, budget)) = said.zip(budget).filter(|(said, budget)| (said - budget).abs() > 1e-6 * budget) {
                let (said, promised) = (round9((1.0 - said) * 100.0), round9((1.0 - budget) * 100.0));
                found.notes.push(Clean::from(format!(
                    "Its alert {} still goes by a target of {said} %, and {promised} % is promised.",
                    rule.name
                )));
            }
            if found.target.is_none() {
                found.target = said.map(|budget| round9(1.0 - budget));
            }
            found.tiers.extend(pair.tier(rule, budget, severity));
        }
    }
    super::super::order::sort_tiers(&mut found.tiers);
    found.notes.dedup();
}

//! Rules of nobody in particular that pair windows: mixins, hand-written multi-burn alerts, other generators.
//! Refuses an alert whose numbers do not say a budget: without it there is no objective in it.

use std::collections::BTreeMap;

use super::super::remark::Remarks;
use super::super::{Found, Method, Origin, Series, Sli, span};
use super::alert::{self, Paired};
use super::answer::Rule;
use super::ratio;
use crate::slo::ratio::round9;
use crate::text::Clean;

/// What makes two alerts speak of one objective: what they measure, and the budget they measure it against.
type Key = (String, String);

pub(super) fn read(rules: &[Rule], remarks: &mut Remarks) -> Vec<Found> {
    let records: Vec<&Rule> = rules.iter().filter(|rule| !rule.is_alert).collect();
    let mut all: BTreeMap<Key, Found> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| rule.is_alert) {
        for pair in alert::pairs(&rule.expr) {
            // True burn rates are compared with the factor itself: the objective is somebody else's to say.
            let Some((_, budget)) = pair.factor_and_budget() else { continue };
            let key = (measured(&pair), format!("{budget}"));
            let found = all.entry(key).or_insert_with(|| objective(rule, &pair, budget, &records));
            add_series(&pair, found);
            let severity = ["severity", "grafana_slo_severity", "priority"].iter().find_map(|label| rule.label(label));
            found.tiers.extend(pair.tier(rule, Some(budget), severity.unwrap_or("ticket")));
        }
    }
    let mut found: Vec<Found> = all.into_values().collect();
    for one in &mut found {
        super::super::order::sort_tiers(&mut one.tiers);
        if matches!(one.sli, Sli::Unread(_)) {
            remarks.note(&one.found_in(), "the ratio behind its alerts is recorded by no rule of this server");
        }
    }
    found
}

/// What is measured, whatever the window.
fn measured(pair: &Paired) -> String {
    match alert::recorded(&pair.long.measured) {
        Some(series) => {
            let name = series.name.as_deref().unwrap_or_default();
            let base = span::at_end_of(name).map_or(name, |(base, _)| base);
            let window = ["sloth_window", "window"];
            let labels = series.matchers.matchers.iter().filter(|matcher| !window.contains(&matcher.name.as_str()));
            format!("{base}{:?}", labels.map(ToString::to_string).collect::<Vec<_>>())
        }
        None => super::super::Query::windowed(pair.long.measured.clone(), pair.long.window).text().to_owned(),
    }
}

fn objective(rule: &Rule, pair: &Paired, budget: f64, records: &[&Rule]) -> Found {
    let mut found = Found::empty(rule.name.as_str(), Origin::Rules, format!("the alert {} of group {}", rule.name, rule.group));
    found.service = Clean::from(["service", "app", "job"].iter().find_map(|label| rule.label(label)).unwrap_or_default());
    found.namespace = Clean::from(rule.label("namespace").unwrap_or_default());
    found.method = Method::Occurrences;
    found.target = Some(round9(1.0 - budget));
    found.sli = match alert::recorded(&pair.short.measured) {
        None => ratio::sli(&pair.short.measured, pair.short.window),
        Some(series) => {
            let name = series.name.as_deref().unwrap_or_default();
            // The same name may be recorded for many objectives; the labels tell them apart.
            let fits = |record: &&&Rule| {
                record.name == name
                    && series
                        .matchers
                        .matchers
                        .iter()
                        .all(|matcher| record.label(&matcher.name).is_none_or(|value| matcher.is_match(value)))
            };
            let record = records.iter().find(fits);
            let range = record.and_then(|record| ratio::range(&record.expr));
            match record.zip(range) {
                Some((record, range)) => {
                    found.grouping = ratio::grouping(&record.expr);
                    ratio::sli(&record.expr, range)
                }
                None => Sli::Unread(Clean::from(format!("what is recorded as {name} is not known"))),
            }
        }
    };
    found
}

fn add_series(pair: &Paired, found: &mut Found) {
    for side in [&pair.short, &pair.long] {
        let Some(series) = alert::recorded(&side.measured) else { continue };
        // Only conditions that a selector can repeat.
        let is_plain = |m: &&promql_parser::label::Matcher| matches!(m.op, promql_parser::label::MatchOp::Equal);
        let labels = series.matchers.matchers.iter().filter(is_plain).map(|m| (m.name.as_str(), m.value.as_str()));
        let name = series.name.as_deref().unwrap_or_default();
        found.recorded.add_ratio(side.window, Series::new(name, labels));
    }
}

//! The burn alerts of an SLO: policies written in it or named, with conditions written in them or named.
//! Refuses to turn an operator round: a condition that fires when little burns is told, and not taken.

use std::time::Duration;

use super::super::AlertTier;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::{Shelf, slo::length};
use crate::slo::Objective;
use crate::slo::burn::Burn;
use crate::slo::tier::{Severity, Tier};

pub(super) fn read(spec: &Node<'_>, objective: &Objective, shelf: &Shelf<'_>, remarks: &mut Remarks) -> Vec<AlertTier> {
    let mut tiers = Vec::new();
    for entry in spec.list("alertPolicies", remarks) {
        // A policy is a name, a reference, or written out.
        let Some(policy) = resolved(&entry, "alertPolicyRef", &shelf.policies) else {
            remarks.note(&entry.place, "this alert policy is not in the files that were read");
            continue;
        };
        let body = policy.get("spec").unwrap_or(policy);
        for entry in body.list("conditions", remarks) {
            match resolved(&entry, "conditionRef", &shelf.conditions) {
                Some(condition) => tiers.extend(tier(&condition, objective, remarks)),
                None => remarks.note(&entry.place, "this alert condition is not in the files that were read"),
            }
        }
    }
    tiers
}

fn resolved<'v>(entry: &Node<'v>, reference: &str, shelf: &std::collections::BTreeMap<String, Node<'v>>) -> Option<Node<'v>> {
    let name = entry.value.as_str().map(str::to_owned).or_else(|| entry.get(reference).and_then(|node| node.as_text()));
    match name {
        Some(name) => shelf.get(&name).cloned(),
        None => entry.value.is_object().then(|| entry.clone()),
    }
}

fn tier(condition: &Node<'_>, objective: &Objective, remarks: &mut Remarks) -> Option<AlertTier> {
    let spec = condition.get("spec").unwrap_or_else(|| condition.clone());
    let body = spec.get("condition")?;
    let kind = body.text("kind", remarks).unwrap_or_default();
    if kind != "burnrate" {
        remarks.note(&body.place, format!("a condition of the kind '{kind}' is not known; burnrate is"));
        return None;
    }
    let operator = body.text("op", remarks).unwrap_or_else(|| "gt".to_owned());
    if !matches!(operator.as_str(), "gt" | "gte") {
        remarks.note(
            &body.place,
            format!("op is {operator}, so it would fire while little burns; taken at its word it is no burn alert, and left out"),
        );
        return None;
    }
    let threshold = body.number("threshold", remarks).and_then(Burn::new);
    let window = body.text("lookbackWindow", remarks).and_then(|text| length(&text)).map(|(window, _)| window);
    let wait = body.text("alertAfter", remarks).and_then(|text| length(&text)).map_or(Duration::ZERO, |(wait, _)| wait);
    let Some((threshold, window)) = threshold.zip(window) else {
        remarks.note(&body.place, "it needs a threshold and a lookbackWindow such as 1h");
        return None;
    };
    let severity = spec.text("severity", remarks).map_or(Severity::Ticket, |word| super::super::severity(&word));
    if window > objective.window() {
        remarks.note(&body.place, "its lookbackWindow is longer than the objective's own window");
    }
    // One window only: it is its own short one.
    Some(AlertTier { tier: Tier { severity, long: window, short: window, threshold }, wait, state: None })
}

//! Pyrra: `ServiceLevelObjective` objects (pyrra.dev/v1alpha1) and the series its rules record.
//! Refuses to take `burnrate` in a series' name at its word: what Pyrra records under it is an error ratio.

mod indicator;

use std::time::Duration;

use serde_json::Value;

use super::json::Node;
use super::remark::Remarks;
use super::tiers::Schedule;
use super::{Found, Method, Origin, Period, Read, Recorded, Series, span};
use crate::text::Clean;

/// The objective of one `ServiceLevelObjective`.
pub fn object(value: &Value) -> Read {
    let text = |key: &str| value.get("metadata").and_then(|meta| meta.get(key)).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let place = format!("ServiceLevelObjective {namespace}/{name}");
    let mut remarks = Remarks::default();
    let found = read(&Node::root(value, place.as_str()), &place, namespace, name, &mut remarks);
    Read { found: found.into_iter().collect(), remarks: remarks.0, ..Read::default() }
}

fn read(root: &Node<'_>, place: &str, namespace: &str, name: &str, remarks: &mut Remarks) -> Option<Found> {
    let Some(spec) = root.get("spec").filter(|_| !name.is_empty()) else {
        remarks.note(place, "it has no name or no spec, so there is no objective in it");
        return None;
    };
    let mut found = Found::empty(name, Origin::Pyrra, place);
    found.namespace = Clean::from(namespace);
    found.id = Clean::from(name);
    // Teams put the service into a label that Pyrra hands on to every series, or into the name.
    let labels = root.get("metadata").map(|meta| meta.pairs("labels")).unwrap_or_default();
    let service = labels.iter().find(|(key, _)| ["pyrra.dev/service", "app.kubernetes.io/name"].contains(&key.as_str()));
    found.service = service.map(|(_, value)| Clean::from(value.as_str())).unwrap_or_default();
    found.method = Method::Occurrences;
    found.target = spec.number("target", remarks).and_then(|percent| {
        let is_sound = percent > 0.0 && percent < 100.0;
        if !is_sound {
            remarks.note(&spec.place, format!("a target of {percent} % leaves nothing to promise or no budget, and is not read"));
        }
        is_sound.then(|| Found::of_percent(percent))
    });
    let window = spec.text("window", remarks).and_then(|text| {
        let length = span::parse(&text);
        if length.is_none() {
            remarks.note(&spec.place, "window is no length of time such as 4w or 30d");
        }
        length
    });
    found.period = window.map(Period::Rolling);
    match spec.get("indicator") {
        Some(node) => indicator::read(&node, &mut found, remarks),
        None => remarks.note(&spec.place, "it has no indicator"),
    }
    if let (Some(window), Some(base)) = (window, indicator::base(&found)) {
        found.recorded = recorded(&base, name, window, found.grouping.is_empty());
    }
    let alerting = spec.get("alerting");
    let is_off = |key: &str| alerting.as_ref().and_then(|node| node.get(key)).and_then(|node| node.as_text()).is_some_and(|t| t == "false");
    if alerting.as_ref().is_some_and(|node| node.is_on("disabled")) || is_off("burnrates") {
        found.notes.push(Clean::from("Its alerts are switched off in Pyrra."));
    }
    if spec.is_on("performanceOverAccuracy") {
        found.notes.push(Clean::from("Pyrra keeps its long windows in rules of their own, which another server may hold."));
    }
    Some(found)
}

/// The series Pyrra records of an objective over `window`: error ratios over every window of its scaled pairs, and with its generic rules,
/// which it writes for objectives without grouping, the objective itself.
pub(super) fn recorded(base: &str, name: &str, window: Duration, is_whole: bool) -> Recorded {
    let mut recorded = Recorded::default();
    for pair in Schedule::pyrra().scaled_to(window).pairs {
        for length in [pair.short, pair.long] {
            recorded.add_ratio(length, Series::new(format!("{base}:burnrate{}", span::written(length)), [("slo", name)]));
        }
    }
    if is_whole {
        recorded.fill(generic(name));
    }
    recorded
}

/// The series of its generic rules.
pub(super) fn generic(name: &str) -> Recorded {
    let series = |metric: &str| Some(Series::new(metric, [("slo", name)]));
    Recorded {
        availability: series("pyrra_availability"),
        target: series("pyrra_objective"),
        period: series("pyrra_window"),
        ..Recorded::default()
    }
}

#[cfg(test)]
mod tests;

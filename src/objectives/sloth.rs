//! Sloth: `PrometheusServiceLevel` objects (sloth.slok.dev/v1) and its `prometheus/v1` files, and the series its rules record.
//! Refuses to know the window: it is a switch of Sloth's controller, and stays unsaid until a rule or a series tells it.

use std::time::Duration;

use serde_json::Value;

use super::json::Node;
use super::remark::Remarks;
use super::tiers::{Pair, Schedule};
use super::{Found, Method, Origin, Query, Read, Recorded, Series, Sli, span};
use crate::slo::tier::Severity;
use crate::text::Clean;

/// Sloth's own default for the window of every objective.
pub const DEFAULT_PERIOD: Duration = Duration::from_secs(30 * 86_400);

/// The windows Sloth records error ratios over, besides the objective's own.
const WINDOWS: [u64; 7] = [300, 1800, 3600, 7200, 21_600, 86_400, 259_200];

/// The objectives of one `PrometheusServiceLevel`.
pub fn object(value: &Value) -> Read {
    let name = |path: [&str; 2]| value.get(path[0]).and_then(|meta| meta.get(path[1])).and_then(Value::as_str).unwrap_or_default();
    let (namespace, object) = (name(["metadata", "namespace"]), name(["metadata", "name"]));
    let place = format!("PrometheusServiceLevel {namespace}/{object}");
    let mut remarks = Remarks::default();
    let root = Node::root(value, place.clone());
    let found = match root.get("spec") {
        Some(spec) => level(&spec, &place, namespace, &mut remarks),
        None => {
            remarks.note(&place, "it has no spec, so there is no objective in it");
            Vec::new()
        }
    };
    Read { found, remarks: remarks.0, ..Read::default() }
}

/// The objectives of a document of a `version: prometheus/v1` file.
pub(super) fn document(root: &Node<'_>, remarks: &mut Remarks) -> Vec<Found> {
    level(root, &root.place, "", remarks)
}

fn level(spec: &Node<'_>, place: &str, namespace: &str, remarks: &mut Remarks) -> Vec<Found> {
    let service = spec.text("service", remarks).unwrap_or_default();
    if service.is_empty() {
        remarks.note(&spec.place, "the service is not named, so its objectives can only be told by their queries");
    }
    let slos = spec.list("slos", remarks);
    if slos.is_empty() {
        remarks.note(&spec.place, "there are no slos in it");
    }
    let read = |slo: &Node<'_>| objective(slo, place, &service, namespace, remarks);
    slos.iter().filter_map(read).collect()
}

fn objective(slo: &Node<'_>, place: &str, service: &str, namespace: &str, remarks: &mut Remarks) -> Option<Found> {
    let Some(name) = slo.text("name", remarks) else {
        remarks.note(&slo.place, "an objective without a name is not read");
        return None;
    };
    let mut found = Found::empty(name.as_str(), Origin::Sloth, place);
    found.service = Clean::from(service);
    found.namespace = Clean::from(namespace);
    found.id = Clean::from(format!("{service}-{name}"));
    found.method = Method::RatioTimeslices;
    found.target = slo.number("objective", remarks).and_then(|percent| {
        let is_sound = percent > 0.0 && percent < 100.0;
        if !is_sound {
            remarks.note(&slo.place, format!("an objective of {percent} % leaves nothing to promise or no budget, and is not read"));
        } else if percent <= 1.0 {
            remarks.note(&slo.place, format!("the objective is {percent} %: Sloth writes percent, so a ratio may have been meant"));
        }
        is_sound.then(|| Found::of_percent(percent))
    });
    found.sli = sli(slo, remarks);
    found.recorded = recorded(&found.id, &found.service, &name);
    if found.target.is_none() && matches!(found.sli, Sli::Unread(_)) {
        remarks.note(&slo.place, "neither its objective nor its SLI could be read");
    }
    for (severity, camel, snake) in [("page", "pageAlert", "page_alert"), ("ticket", "ticketAlert", "ticket_alert")] {
        let alert = slo.get("alerting").and_then(|alerting| alerting.get(camel).or_else(|| alerting.get(snake)));
        if alert.is_some_and(|alert| alert.is_on("disable")) {
            found.notes.push(Clean::from(format!("Its {severity} alert is switched off in Sloth.")));
        }
    }
    Some(found)
}

/// In objects keys are written `errorQuery`, in files `error_query`.
fn sli(slo: &Node<'_>, remarks: &mut Remarks) -> Sli {
    let Some(sli) = slo.get("sli") else {
        remarks.note(&slo.place, "it has no sli");
        return Sli::Unread(Clean::from("no SLI is written"));
    };
    let mut query = |node: &Node<'_>, camel: &str, snake: &str| {
        let text = node.text(camel, remarks).or_else(|| node.text(snake, remarks)).map(|text| Query::new(&text));
        match &text {
            None => remarks.note(&node.place, format!("{camel} is missing")),
            Some(query) if !query.has_window() => {
                remarks.note(&node.place, format!("{camel} has no {{{{.window}}}} in it, so it asks the same over every window"));
            }
            Some(_) => {}
        }
        text
    };
    if let Some(events) = sli.get("events") {
        let (bad, total) = (query(&events, "errorQuery", "error_query"), query(&events, "totalQuery", "total_query"));
        return match (bad, total) {
            (Some(bad), Some(total)) => Sli::Events { bad, total },
            _ => Sli::Unread(Clean::from("one of its two queries is missing")),
        };
    }
    if let Some(raw) = sli.get("raw") {
        let ratio = query(&raw, "errorRatioQuery", "error_ratio_query");
        return ratio.map_or_else(|| Sli::Unread(Clean::from("its query is missing")), Sli::ErrorRatio);
    }
    if let Some(plugin) = sli.get("plugin") {
        let id = plugin.text("id", remarks).unwrap_or_else(|| "without a name".to_owned());
        return Sli::Unread(Clean::from(format!("its queries are made by Sloth's plugin {id} and are only to be had from its rules")));
    }
    remarks.note(&sli.place, "it has none of events, raw and plugin");
    Sli::Unread(Clean::from("no SLI is written"))
}

/// The series Sloth records of an objective, without those over its own window, which is not known from the object.
pub(super) fn recorded(id: &str, service: &str, name: &str) -> Recorded {
    let labels = || [("sloth_id", id), ("sloth_service", service), ("sloth_slo", name)];
    let series = |metric: &str| Some(Series::new(metric, labels()));
    let mut recorded = Recorded {
        remaining: series("slo:period_error_budget_remaining:ratio"),
        burn: series("slo:current_burn_rate:ratio"),
        target: series("slo:objective:ratio"),
        period: series("slo:time_period:days"),
        ..Recorded::default()
    };
    for seconds in WINDOWS {
        let window = Duration::from_secs(seconds);
        recorded.add_ratio(window, ratio(window, id, service, name));
    }
    recorded
}

/// The recorded error ratio over `window`.
pub(super) fn ratio(window: Duration, id: &str, service: &str, name: &str) -> Series {
    let labels = [("sloth_id", id), ("sloth_service", service), ("sloth_slo", name)];
    Series::new(format!("slo:sli_error:ratio_rate{}", days_or(window)), labels)
}

/// Sloth writes whole days as days: `28d`, never `4w`.
fn days_or(window: Duration) -> String {
    let seconds = window.as_secs();
    if seconds > 0 && seconds.is_multiple_of(86_400) { format!("{}d", seconds / 86_400) } else { span::written(window) }
}

/// The pairs of windows of an `AlertWindows` document, which a controller of Sloth may be started with.
///
/// # Errors
/// What is missing in it, as a clause with its place.
pub fn alert_windows(value: &Value) -> Result<Schedule, Clean> {
    let mut remarks = Remarks::default();
    let root = Node::root(value, "AlertWindows");
    let spec = root.get("spec").unwrap_or_else(|| root.clone());
    let length = |node: &Node<'_>, key: &str, remarks: &mut Remarks| {
        let text = node.text(key, remarks)?;
        let length = span::parse(&text);
        if length.is_none() {
            remarks.note(&node.place, format!("{key} is no length of time such as 5m"));
        }
        length
    };
    let written_for = length(&spec, "sloPeriod", &mut remarks).unwrap_or(DEFAULT_PERIOD);
    let mut pairs = Vec::new();
    for (severity, group) in [(Severity::Page, "page"), (Severity::Ticket, "ticket")] {
        for speed in ["quick", "slow"] {
            let Some(node) = spec.at(&format!("{group}.{speed}")) else {
                remarks.note(&spec.place, format!("{group}.{speed} is missing"));
                continue;
            };
            let long = length(&node, "longWindow", &mut remarks);
            let short = length(&node, "shortWindow", &mut remarks);
            let percent = node.number("errorBudgetPercent", &mut remarks).filter(|percent| *percent > 0.0);
            match (long, short, percent) {
                (Some(long), Some(short), Some(percent)) if short <= long => {
                    pairs.push(Pair { severity, long, short, spends: percent / 100.0, wait: Duration::ZERO });
                }
                _ => remarks.note(&node.place, "it needs errorBudgetPercent above 0, longWindow, and a shortWindow that is no longer"),
            }
        }
    }
    match remarks.0.first() {
        Some(remark) => Err(Clean::from(remark.to_string())),
        None => Ok(Schedule { written_for, pairs }),
    }
}

#[cfg(test)]
mod tests;

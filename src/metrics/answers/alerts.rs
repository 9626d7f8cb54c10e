//! The alerts of an answer that are about a release.
//! Never takes an alert that names another service for this one's, nor one that names none.

use std::collections::BTreeSet;

use super::super::reply::{Labels, Reply};
use crate::objects::Time;
use crate::ports::metrics::{Found, Measurable};
use crate::release::telemetry::Alert;
use crate::text::Clean;

/// Labels by which alerts name what they are about.
const NAMES: [&str; 9] =
    ["service", "sloth_service", "workload", "deployment", "rollout", "job", "app", "container", "destination_service_name"];
/// Labels that say how bad it is.
const SEVERITIES: [&str; 2] = ["severity", "sloth_severity"];

pub(super) fn firing(release: &Measurable, reply: &Reply) -> Found {
    let mut all: Vec<Alert> = reply.data.samples().iter().filter_map(|sample| alert(release, &sample.labels, sample.point.value)).collect();
    all.sort_by(|one, other| other.since.cmp(&one.since).then(one.name.cmp(&other.name)));
    // One alert fires once for each of a release's pods: the newest stands for them.
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert((one.name.clone(), one.severity.clone())));
    Found::Alerts(all)
}

fn alert(release: &Measurable, labels: &Labels, active: f64) -> Option<Alert> {
    let name = labels.get("alertname");
    if name.is_empty() || !is_about(release, labels) {
        return None;
    }
    let since = Time::from_timestamp_millis((active * 1000.0).round() as i64).filter(|_| active.is_finite())?;
    let severity = SEVERITIES.iter().map(|label| labels.get(label)).find(|word| !word.is_empty()).unwrap_or_default();
    Some(Alert { name: Clean::from(name), severity: Clean::from(severity), since })
}

fn is_about(release: &Measurable, labels: &Labels) -> bool {
    let subject = &release.subject;
    let names = || subject.service_names().chain([subject.workload.as_str()]);
    let pod = labels.get("pod");
    // A pod is named by its ReplicaSet and five letters: `web-api-…` is another workload's than `web`.
    let parts = pod.strip_prefix(subject.workload.as_str()).and_then(|rest| rest.strip_prefix('-')).and_then(|rest| rest.split_once('-'));
    let is_named_so = parts.is_some_and(|(hash, random)| !hash.is_empty() && random.len() == 5 && !random.contains('-'));
    let is_its_pod = is_named_so || subject.versions.iter().any(|version| version.owns(pod));
    let is_its_promise = || release.promises.iter().filter_map(|one| one.marked.as_ref()).any(|(label, id)| *id == labels.get(label));
    is_its_pod || is_its_promise() || NAMES.iter().any(|label| names().any(|name| name == labels.get(label)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::reply::{Data, Point, Sample};
    use crate::objects::Kind;
    use crate::ports::metrics::{Promise, Subject};
    use crate::release::ReleaseRef;

    fn release() -> Measurable {
        let text = |text: &str| Clean::from(text);
        let subject = Subject {
            namespace: text("shop"),
            workload: text("web"),
            services: vec![text("web-stable")],
            ingress: Vec::new(),
            versions: Vec::new(),
            earlier: Vec::new(),
        };
        let promise = Promise { marked: Some(("slo", text("web-errors"))), ..Promise::default() };
        let release = ReleaseRef { kind: Kind::Rollout, namespace: text("shop"), name: text("web") };
        Measurable { release, subject, promises: vec![promise] }
    }

    fn told(series: &[(&[(&str, &str)], f64)]) -> Vec<(String, String, i64)> {
        let sample = |(labels, value): &(&[(&str, &str)], f64)| Sample {
            labels: labels.iter().map(|(name, value)| (Clean::from(*name), Clean::from(*value))).collect(),
            point: Point { at: Time::from_timestamp(0, 0).unwrap(), value: *value },
        };
        let data = Data::Vector(series.iter().map(sample).collect());
        let (warnings, infos, took) = (Vec::new(), Vec::new(), Duration::ZERO);
        let reply = Reply { data, warnings, infos, partial: false, natives: 0, twins: 0, took, bytes: 0 };
        let Found::Alerts(all) = firing(&release(), &reply) else { panic!() };
        all.iter().map(|one| (one.name.to_string(), one.severity.to_string(), one.since.timestamp())).collect()
    }

    #[test]
    fn only_what_names_the_service_is_about_it() {
        let all = told(&[
            (&[("alertname", "Slow"), ("service", "web-stable"), ("severity", "ticket")], 100.0),
            (&[("alertname", "Burn"), ("sloth_service", "web"), ("sloth_severity", "page")], 300.0),
            (&[("alertname", "Crash"), ("pod", "web-6f4d8c9b7-x2x4k")], 200.0),
            (&[("alertname", "Crash"), ("pod", "web-6f4d8c9b7-zzzzz")], 200.0),
            (&[("alertname", "Crash"), ("pod", "webshop-6f4d8c9b7-x2x4k")], 200.0),
            (&[("alertname", "Neighbour"), ("pod", "web-api-6f4d8c9b7-x2x4k")], 200.0),
            (&[("alertname", "Between"), ("service", "web")], 150.0),
            (&[("alertname", "Crash"), ("pod", "web-6f4d8c9b7-yyyyy")], 120.0),
            (&[("alertname", "Other"), ("service", "cart")], 200.0),
            (&[("alertname", "Quota"), ("namespace", "shop")], 200.0),
            (&[("service", "web-stable")], 200.0),
            (&[("alertname", "Broken"), ("service", "web-stable")], f64::NAN),
        ]);
        let word = |name: &str, severity: &str, since| (name.to_owned(), severity.to_owned(), since);
        assert_eq!(all, [word("Burn", "page", 300), word("Crash", "", 200), word("Between", "", 150), word("Slow", "ticket", 100)]);
    }
    #[test]
    fn what_its_objectives_rules_mark_is_about_it_whatever_else_it_names() {
        let all = told(&[
            (&[("alertname", "ErrorBudgetBurn"), ("job", "gateway"), ("slo", "web-errors"), ("severity", "critical")], 100.0),
            (&[("alertname", "ErrorBudgetBurn"), ("job", "gateway"), ("slo", "cart-errors"), ("severity", "warning")], 100.0),
        ]);
        assert_eq!(all, [("ErrorBudgetBurn".to_owned(), "critical".to_owned(), 100)]);
    }
}

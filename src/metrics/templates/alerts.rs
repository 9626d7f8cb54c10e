//! Which alerts fire on a release, from the series that every rule evaluator keeps of them.
//! Never asks for the alerts of a whole server: only those that name the release's namespace or its service.

use super::super::promql::{Matcher, selector};
use crate::ports::metrics::Subject;

/// Labels that name a service where an alert has no namespace: what an objective's rules put on it.
const SERVICE_LABELS: [&str; 2] = ["sloth_service", "service"];

/// Firing alerts by their labels; the value is when each became active, in seconds since 1970.
pub fn alerts(subject: &Subject) -> String {
    let mut scopes = vec![vec![Matcher::equal("namespace", subject.namespace.as_str())]];
    let names = || subject.service_names().chain([subject.workload.as_str()]);
    scopes.extend(SERVICE_LABELS.iter().filter_map(|label| Some(vec![Matcher::equal("namespace", ""), Matcher::among(label, names())?])));
    let one = |scope: &Vec<Matcher>| {
        let firing: Vec<Matcher> = scope.iter().cloned().chain([Matcher::equal("alertstate", "firing")]).collect();
        format!("{} and ignoring (alertstate) {}", selector("ALERTS_FOR_STATE", scope), selector("ALERTS", &firing))
    };
    scopes.iter().map(one).collect::<Vec<_>>().join("\nor\n")
}

//! Which alerts fire on a release, from the series that every rule evaluator keeps of them.
//! Never asks for the alerts of a whole server: only those that name the release's namespace, its service or an objective of its.

use std::collections::BTreeMap;

use super::super::promql::{Matcher, selector};
use crate::ports::metrics::{Promise, Subject};

/// Labels that name a service where an alert has no namespace: what an objective's rules put on it.
const SERVICE_LABELS: [&str; 2] = ["sloth_service", "service"];

/// Firing alerts by their labels; the value is when each became active, in seconds since 1970.
/// Those of its objectives' own rules are found by what these mark them with, whatever else they name.
pub fn alerts(subject: &Subject, promises: &[Promise]) -> String {
    let mut scopes = vec![vec![Matcher::equal("namespace", subject.namespace.as_str())]];
    let names = || subject.service_names().chain([subject.workload.as_str()]);
    scopes.extend(SERVICE_LABELS.iter().filter_map(|label| Some(vec![Matcher::equal("namespace", ""), Matcher::among(label, names())?])));
    let marks = promises.iter().filter_map(|promise| promise.marked.as_ref());
    let mut by_label: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    marks.for_each(|(label, id)| by_label.entry(label).or_default().push(id.as_str()));
    scopes.extend(by_label.into_iter().filter_map(|(label, ids)| Some(vec![Matcher::among(label, ids)?])));
    let one = |scope: &Vec<Matcher>| {
        let firing: Vec<Matcher> = scope.iter().cloned().chain([Matcher::equal("alertstate", "firing")]).collect();
        format!("{} and ignoring (alertstate) {}", selector("ALERTS_FOR_STATE", scope), selector("ALERTS", &firing))
    };
    scopes.iter().map(one).collect::<Vec<_>>().join("\nor\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    #[test]
    fn alerts_of_its_objectives_are_asked_by_what_marks_them_and_in_any_namespace() {
        let text = |text: &str| Clean::from(text);
        let (namespace, workload) = (text("shop"), text("web"));
        let subject = Subject { namespace, workload, services: Vec::new(), ingress: Vec::new(), versions: Vec::new(), earlier: Vec::new() };
        let promise = |label, id| Promise { marked: Some((label, text(id))), ..Promise::default() };
        let asked = alerts(&subject, &[promise("slo", "b"), promise("sloth_id", "c"), promise("slo", "a.1"), Promise::default()]);
        promql_parser::parser::parse(&asked).unwrap();
        for scope in [r#"ALERTS{slo=~"a\\.1|b",alertstate="firing"}"#, r#"ALERTS{sloth_id="c",alertstate="firing"}"#] {
            assert!(asked.contains(scope), "{asked}");
        }
        assert!(!alerts(&subject, &[Promise::default()]).contains("slo="), "nothing marks what nobody's rules were made of");
    }
}

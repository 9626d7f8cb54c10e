//! Argo Rollouts: `AnalysisTemplate` and `ClusterAnalysisTemplate` (argoproj.io/v1alpha1), their Prometheus metrics.
//! Refuses every other provider, and leaves open every argument whose value is in a Secret.

use serde_json::Value;

use super::super::Query;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::{Candidate, Judgement, Template, arguments};
use crate::text::Clean;

/// An argument of a template, and its value where the template says one in the open.
type Filled = (String, Option<String>);

/// What one template holds.
pub fn object(value: &Value) -> Template {
    let text = |key: &str| value.get("metadata").and_then(|meta| meta.get(key)).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let kind = if namespace.is_empty() { "ClusterAnalysisTemplate" } else { "AnalysisTemplate" };
    let place = if namespace.is_empty() { format!("{kind} {name}") } else { format!("{kind} {namespace}/{name}") };
    let mut remarks = Remarks::default();
    let mut template = Template::default();
    let root = Node::root(value, place.as_str());
    let Some(spec) = root.get("spec") else {
        remarks.note(&place, "it has no spec");
        return Template { remarks: remarks.0, ..template };
    };
    let arguments = read_arguments(&spec, &mut remarks);
    for metric in spec.list("metrics", &mut remarks) {
        let Some(provider) = metric.get("provider") else {
            remarks.note(&metric.place, "it has no provider");
            continue;
        };
        let Some(prometheus) = provider.get("prometheus") else {
            // Jobs, web hooks and other vendors are no metrics server of ours.
            continue;
        };
        template.candidates.extend(candidate(&metric, &prometheus, &arguments, &place, &mut remarks));
    }
    template.found = template.candidates.iter().filter_map(Candidate::found).collect();
    Template { remarks: remarks.0, ..template }
}

fn read_arguments(spec: &Node<'_>, remarks: &mut Remarks) -> Vec<Filled> {
    let read = |node: &Node<'_>| {
        let value = node.get("value").filter(|_| node.at("valueFrom.secretKeyRef").is_none());
        Some((node.get("name")?.as_text()?, value.and_then(|value| value.as_text())))
    };
    spec.list("args", remarks).iter().filter_map(read).collect()
}

/// `{{args.name}}` with the defaults the template gives; what a Secret holds or nobody says stays as it is written.
fn fill(text: &str, arguments: &[Filled]) -> String {
    arguments.iter().fold(text.to_owned(), |text, (name, filled)| match filled {
        Some(value) => text.replace(&format!("{{{{args.{name}}}}}"), value).replace(&format!("{{{{ args.{name} }}}}"), value),
        None => text,
    })
}

fn candidate(metric: &Node<'_>, prometheus: &Node<'_>, filled: &[Filled], place: &str, remarks: &mut Remarks) -> Option<Candidate> {
    let name = metric.text("name", remarks).unwrap_or_default();
    let Some(text) = prometheus.text("query", remarks) else {
        remarks.note(&prometheus.place, "it has no query");
        return None;
    };
    let text = fill(&text, filled);
    let condition = |key: &str| metric.get(key).and_then(|node| node.as_text()).unwrap_or_default();
    let judgement = Judgement::of(fill(&condition("successCondition"), filled), fill(&condition("failureCondition"), filled));
    Some(Candidate {
        name: Clean::from(name),
        arguments: arguments(&text),
        query: Query::new(&text),
        judgement,
        found_in: Clean::from(place),
    })
}

//! Flagger: `MetricTemplate` (flagger.app/v1beta1), its Prometheus query.
//! Refuses its other providers, naming them; the Secret it refers to is left unread.

use serde_json::Value;

use super::super::Query;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::{Candidate, Judgement, Template, arguments};
use crate::text::Clean;

/// What one template holds.
pub fn object(value: &Value) -> Template {
    let text = |key: &str| value.get("metadata").and_then(|meta| meta.get(key)).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let place = format!("MetricTemplate {namespace}/{name}");
    let mut remarks = Remarks::default();
    let template = read(&Node::root(value, place.as_str()), name, &place, &mut remarks).unwrap_or_default();
    Template { remarks: remarks.0, ..template }
}

fn read(root: &Node<'_>, name: &str, place: &str, remarks: &mut Remarks) -> Option<Template> {
    let Some(spec) = root.get("spec") else {
        remarks.note(place, "it has no spec");
        return None;
    };
    let provider = spec.get("provider")?;
    let kind = provider.text("type", remarks).unwrap_or_default();
    if kind != "prometheus" {
        remarks.note(&provider.place, format!("its provider is '{kind}', which is not asked here"));
        return None;
    }
    let mut template = Template::default();
    match spec.text("query", remarks) {
        // The bounds of its value stand in the Canary that uses it.
        Some(text) => template.candidates.push(Candidate {
            name: Clean::from(name),
            arguments: arguments(&text),
            query: windowed(&text),
            judgement: Judgement::default(),
            found_in: Clean::from(place),
        }),
        None => remarks.note(&spec.place, "it has no query"),
    }
    Some(template)
}

/// Flagger's `{{ interval }}` is the window.
fn windowed(text: &str) -> Query {
    Query::new(&text.replace("{{ interval }}", "$window").replace("{{interval}}", "$window"))
}

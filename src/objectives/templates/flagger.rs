//! Flagger: `MetricTemplate` (flagger.app/v1beta1), its Prometheus server and query.
//! Refuses its other providers, naming them; the Secret it refers to is named and left unread.

use serde_json::Value;

use super::super::Query;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::{Address, Candidate, HeaderValue, Judgement, Template, address, arguments, is_credential};
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
    if let Some(url) = provider.text("address", remarks).and_then(|text| address(&text, remarks, &provider.place)) {
        let mut headers = headers(&provider);
        let mut sign_in = Vec::new();
        if let Some(secret) = provider.at("secretRef.name").and_then(|node| node.as_text()) {
            // It holds a token, or a user and a password: which of them only the Secret says.
            let name = Clean::from(secret);
            sign_in.push(Clean::from(format!("what the Secret {name} holds")));
            headers.push((Clean::from("Authorization"), HeaderValue::Secret { name, key: Clean::default() }));
        }
        let is_insecure = provider.is_on("insecureSkipVerify");
        template.addresses.push(Address { url, headers, is_insecure, sign_in, found_in: Clean::from(place) });
    }
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

/// Each header may have several values.
fn headers(provider: &Node<'_>) -> Vec<(Clean, HeaderValue)> {
    let Some(Value::Object(map)) = provider.get("headers").map(|node| node.value) else { return Vec::new() };
    let mut all = Vec::new();
    for (name, values) in map {
        let values = values.as_array().map_or_else(|| std::slice::from_ref(values), Vec::as_slice);
        for value in values.iter().filter_map(Value::as_str) {
            let value = if is_credential(name) { HeaderValue::Withheld } else { HeaderValue::Plain(value.to_owned()) };
            all.push((Clean::from(name.as_str()), value));
        }
    }
    all
}

/// Flagger's `{{ interval }}` is the window.
fn windowed(text: &str) -> Query {
    Query::new(&text.replace("{{ interval }}", "$window").replace("{{interval}}", "$window"))
}

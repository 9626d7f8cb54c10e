//! Argo Rollouts: `AnalysisTemplate` and `ClusterAnalysisTemplate` (argoproj.io/v1alpha1), their Prometheus metrics.
//! Refuses every other provider, naming it, and every argument whose value is in a Secret, naming that.

use serde_json::Value;

use super::super::Query;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::{Address, Candidate, HeaderValue, Judgement, Template, address, arguments, is_credential};
use crate::text::Clean;

/// An argument of a template.
enum Filled {
    Value(String),
    Secret { name: Clean, key: Clean },
    Open,
}

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
        if let Some(found) = read_address(&prometheus, &arguments, &place, &mut remarks)
            && !template.addresses.iter().any(|known| known.url == found.url && known.headers == found.headers)
        {
            template.addresses.push(found);
        }
        template.candidates.extend(candidate(&metric, &prometheus, &arguments, &place, &mut remarks));
    }
    template.found = template.candidates.iter().filter_map(Candidate::found).collect();
    Template { remarks: remarks.0, ..template }
}

fn read_arguments(spec: &Node<'_>, remarks: &mut Remarks) -> Vec<(String, Filled)> {
    let read = |node: &Node<'_>| {
        let name = node.get("name")?.as_text()?;
        let secret = node.at("valueFrom.secretKeyRef");
        let filled = match (node.get("value").and_then(|value| value.as_text()), secret) {
            (_, Some(secret)) => {
                let word = |key: &str| Clean::from(secret.get(key).and_then(|node| node.as_text()).unwrap_or_default());
                Filled::Secret { name: word("name"), key: word("key") }
            }
            (Some(value), None) => Filled::Value(value),
            (None, None) => Filled::Open,
        };
        Some((name, filled))
    };
    spec.list("args", remarks).iter().filter_map(read).collect()
}

/// `{{args.name}}` with the defaults the template gives; what a Secret holds or nobody says stays as it is written.
fn fill(text: &str, arguments: &[(String, Filled)]) -> String {
    arguments.iter().fold(text.to_owned(), |text, (name, filled)| match filled {
        Filled::Value(value) => text.replace(&format!("{{{{args.{name}}}}}"), value).replace(&format!("{{{{ args.{name} }}}}"), value),
        _ => text,
    })
}

fn secret_in<'a>(text: &str, arguments: &'a [(String, Filled)]) -> Option<(&'a Clean, &'a Clean)> {
    let named = self::arguments(text);
    arguments.iter().find_map(|(name, filled)| match filled {
        Filled::Secret { name: secret, key } if named.iter().any(|open| *open == *format!("args.{name}")) => Some((secret, key)),
        _ => None,
    })
}

fn read_address(prometheus: &Node<'_>, filled: &[(String, Filled)], place: &str, remarks: &mut Remarks) -> Option<Address> {
    let text = prometheus.text("address", remarks)?;
    let text = fill(&text, filled);
    if text.contains("{{") {
        remarks.note(&prometheus.place, "its address is only known once an analysis runs");
        return None;
    }
    let url = address(&text, remarks, &prometheus.place)?;
    let mut headers = Vec::new();
    for header in prometheus.list("headers", remarks) {
        let Some(name) = header.text("key", remarks) else { continue };
        let value = header.get("value").and_then(|node| node.as_text()).unwrap_or_default();
        headers.push((Clean::from(name.as_str()), header_value(&name, &value, filled)));
    }
    let mut sign_in = Vec::new();
    if let Some(authentication) = prometheus.get("authentication") {
        for (key, words) in [("basicAuth", "a user and a password"), ("oauth2", "OAuth 2"), ("sigv4", "AWS signatures")] {
            if authentication.get(key).is_some_and(|node| node.value.as_object().is_some_and(|fields| !fields.is_empty())) {
                sign_in.push(Clean::from(words));
            }
        }
    }
    Some(Address { url, headers, is_insecure: prometheus.is_on("insecure"), sign_in, found_in: Clean::from(place) })
}

fn header_value(name: &str, value: &str, filled: &[(String, Filled)]) -> HeaderValue {
    if let Some((name, key)) = secret_in(value, filled) {
        return HeaderValue::Secret { name: name.clone(), key: key.clone() };
    }
    let text = fill(value, filled);
    match (is_credential(name), text.contains("{{")) {
        (true, _) => HeaderValue::Withheld,
        (false, true) => HeaderValue::Argument(Clean::from(text)),
        (false, false) => HeaderValue::Plain(text),
    }
}

fn candidate(
    metric: &Node<'_>,
    prometheus: &Node<'_>,
    filled: &[(String, Filled)],
    place: &str,
    remarks: &mut Remarks,
) -> Option<Candidate> {
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

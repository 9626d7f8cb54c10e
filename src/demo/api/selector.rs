//! Label and field selectors: their grammar, and whether an object is selected.
//! Never selects on a field the real server has no index for: that is refused.

use serde_json::Value;

use super::refusal::{Answer, Refusal};
use crate::demo::crds::is_custom;
use crate::demo::store::{EVENTS, NAMESPACES, NODES, PODS, Resource};

/// Which objects a list or watch is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Selection {
    labels: Vec<(String, Test)>,
    fields: Vec<(String, String, bool)>,
}

/// What a label must be.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
}

impl Selection {
    /// Reads both selectors.
    pub(super) fn parse(resource: Resource, labels: &str, fields: &str) -> Answer<Self> {
        let mut selection = Self::default();
        for requirement in split(labels) {
            selection.labels.push(label(requirement)?);
        }
        for requirement in fields.split(',').map(str::trim).filter(|r| !r.is_empty()) {
            let (field, value, equal) = if let Some((field, value)) = requirement.split_once("!=") {
                (field, value, false)
            } else if let Some((field, value)) = requirement.split_once("==").or_else(|| requirement.split_once('=')) {
                (field, value, true)
            } else {
                return Err(Refusal::bad_request(format!("invalid selector: '{fields}'; can't understand '{requirement}'")));
            };
            if !supported(resource, field) {
                // Kinds with a conversion of their own say one thing, all others the other (apimachinery runtime/conversion.go).
                let own = matches!(resource, PODS | EVENTS | NODES | NAMESPACES) || is_custom(resource);
                return Err(Refusal::bad_request(match own {
                    true => format!("field label not supported: {field}"),
                    false => format!("\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""),
                }));
            }
            selection.fields.push((field.to_owned(), value.to_owned(), equal));
        }
        Ok(selection)
    }

    /// Whether everything is selected.
    pub(super) fn is_all(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether `object` is selected.
    pub(super) fn holds(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        self.labels.iter().all(|(key, test)| {
            let value = labels.get(key).and_then(Value::as_str);
            match test {
                Test::In(values) => value.is_some_and(|value| values.iter().any(|v| v == value)),
                Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|v| v != value)),
                Test::Exists => value.is_some(),
                Test::Absent => value.is_none(),
            }
        }) && self.fields.iter().all(|(field, wanted, equal)| (field_of(object, field) == *wanted) == *equal)
    }
}

/// The text of a field, empty where it is absent.
fn field_of(object: &Value, field: &str) -> String {
    // Core events keep their source as an object; the selector means its component (core/v1 conversion).
    let field = if field == "source" { "source.component" } else { field };
    match field.split('.').fold(object, |value, part| &value[part]) {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        _ if field == "spec.unschedulable" => "false".to_owned(),
        _ => String::new(),
    }
}

/// The fields the real server can select on (pkg/apis/core/v1/conversion.go and registry strategies).
fn supported(resource: Resource, field: &str) -> bool {
    matches!(field, "metadata.name" | "metadata.namespace" if resource.namespaced || field == "metadata.name")
        || match resource {
            PODS => matches!(
                field,
                "spec.nodeName"
                    | "spec.restartPolicy"
                    | "spec.schedulerName"
                    | "spec.serviceAccountName"
                    | "status.phase"
                    | "status.podIP"
                    | "status.nominatedNodeName"
            ),
            EVENTS => matches!(
                field,
                "involvedObject.kind"
                    | "involvedObject.namespace"
                    | "involvedObject.name"
                    | "involvedObject.uid"
                    | "involvedObject.apiVersion"
                    | "involvedObject.resourceVersion"
                    | "involvedObject.fieldPath"
                    | "reason"
                    | "reportingComponent"
                    | "source"
                    | "type"
            ),
            NODES => field == "spec.unschedulable",
            NAMESPACES => field == "status.phase",
            _ => false,
        }
}

/// Splits a label selector at the commas outside parentheses.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

fn label(text: &str) -> Answer<(String, Test)> {
    let bad = || Refusal::bad_request(format!("unable to parse requirement: found '{text}', expected: a label key, operator and value"));
    let key = |key: &str| -> Answer<String> {
        let key = key.trim();
        let fine = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
        if fine { Ok(key.to_owned()) } else { Err(bad()) }
    };
    if let Some(absent) = text.strip_prefix('!') {
        return Ok((key(absent)?, Test::Absent));
    }
    if let Some((left, values)) = text.split_once('(') {
        let values = values.strip_suffix(')').ok_or_else(bad)?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let mut words = left.split_whitespace();
        return match (words.next(), words.next(), words.next()) {
            (Some(name), Some("in"), None) => Ok((key(name)?, Test::In(values))),
            (Some(name), Some("notin"), None) => Ok((key(name)?, Test::NotIn(values))),
            _ => Err(bad()),
        };
    }
    if let Some((name, value)) = text.split_once("!=") {
        return Ok((key(name)?, Test::NotIn(vec![value.trim().to_owned()])));
    }
    if let Some((name, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok((key(name)?, Test::In(vec![value.trim().to_owned()])));
    }
    Ok((key(text)?, Test::Exists))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::store::REPLICASETS;
    use serde_json::json;

    fn holds(labels: &str, fields: &str) -> bool {
        let pod = json!({ "metadata": { "name": "a", "namespace": "pay", "labels": { "app": "web", "tier": "front", "x/y": "" } },
                          "spec": { "nodeName": "n1" }, "status": { "phase": "Running" } });
        Selection::parse(PODS, labels, fields).unwrap().holds(&pod)
    }

    #[test]
    fn labels() {
        for yes in [
            "app=web",
            "app==web,tier=front",
            "app in (web, api)",
            "app notin (api)",
            "app!=api",
            "app",
            "!gone",
            "gone!=x",
            "gone notin (x)",
            "x/y",
            "x/y=",
        ] {
            assert!(holds(yes, ""), "{yes}");
        }
        for no in ["app=api", "app in (a,b)", "app notin (web,b),tier", "!app", "gone", "gone=x", "app!=web"] {
            assert!(!holds(no, ""), "{no}");
        }
        for bad in ["app in web)", "a b", "app in (web", "=x", "app near (web)"] {
            assert_eq!(Selection::parse(PODS, bad, "").unwrap_err().code, 400, "{bad}");
        }
    }

    #[test]
    fn fields() {
        for yes in ["metadata.name=a", "spec.nodeName=n1,status.phase!=Failed", "status.podIP=", "metadata.namespace==pay"] {
            assert!(holds("", yes), "{yes}");
        }
        assert!(!holds("", "metadata.name!=a"));
        let refused = Selection::parse(REPLICASETS, "", "status.replicas!=0").unwrap_err();
        assert_eq!(refused.code, 400);
        assert!(refused.message.contains("\"status.replicas\" is not a known field selector"));
    }
}

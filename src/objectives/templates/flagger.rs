//! Flagger: `MetricTemplate` (flagger.app/v1beta1), its Prometheus query. What its value has to be stands in the Canaries that use it.
//! Refuses its other providers, naming them; the Secret it refers to is left unread.

use serde_json::Value;

use super::super::Read;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::fill::Filling;
use super::{Maker, Metric, Template};
use crate::text::Clean;

/// What one template holds.
pub fn object(value: &Value) -> Read {
    let text = |key: &str| value.get("metadata").and_then(|meta| meta.get(key)).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let place = format!("MetricTemplate {namespace}/{name}");
    let mut remarks = Remarks::default();
    let metric = metric(&Node::root(value, place.as_str()), name, &place, &mut remarks);
    let template = Template {
        maker: Maker::Flagger,
        name: Clean::from(name),
        namespace: Clean::from(namespace),
        place: Clean::from(place),
        arguments: Filling::new(),
        metrics: metric.into_iter().collect(),
    };
    Read { templates: vec![template], remarks: remarks.0, ..Read::default() }
}

fn metric(root: &Node<'_>, name: &str, place: &str, remarks: &mut Remarks) -> Option<Metric> {
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
    let Some(query) = spec.text("query", remarks) else {
        remarks.note(&spec.place, "it has no query");
        return None;
    };
    Some(Metric { name: Clean::from(name), query, success: String::new(), failure: String::new(), place: place.to_owned() })
}

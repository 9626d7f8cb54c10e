//! Argo Rollouts: `AnalysisTemplate` and `ClusterAnalysisTemplate` (argoproj.io/v1alpha1), their Prometheus metrics.
//! Refuses every other provider, and leaves open every argument whose value is in a Secret.

use serde_json::Value;

use super::super::Read;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::fill::{Filling, Said};
use super::{Maker, Metric, Template};
use crate::text::Clean;

/// What one template holds.
pub fn object(value: &Value) -> Read {
    let text = |key: &str| value.get("metadata").and_then(|meta| meta.get(key)).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let kind = if namespace.is_empty() { "ClusterAnalysisTemplate" } else { "AnalysisTemplate" };
    let place = if namespace.is_empty() { format!("{kind} {name}") } else { format!("{kind} {namespace}/{name}") };
    let mut remarks = Remarks::default();
    let root = Node::root(value, place.as_str());
    let Some(spec) = root.get("spec") else {
        remarks.note(&place, "it has no spec");
        return Read { remarks: remarks.0, ..Read::default() };
    };
    let mut metrics = Vec::new();
    for metric in spec.list("metrics", &mut remarks) {
        let Some(provider) = metric.get("provider") else {
            remarks.note(&metric.place, "it has no provider");
            continue;
        };
        // Jobs, web hooks and other vendors are no metrics server of ours.
        let Some(prometheus) = provider.get("prometheus") else { continue };
        let Some(query) = prometheus.text("query", &mut remarks) else {
            remarks.note(&prometheus.place, "it has no query");
            continue;
        };
        let condition = |key: &str| metric.get(key).and_then(|node| node.as_text()).unwrap_or_default();
        metrics.push(Metric {
            name: Clean::from(metric.text("name", &mut remarks).unwrap_or_default()),
            query,
            success: condition("successCondition"),
            failure: condition("failureCondition"),
            place: metric.place.clone(),
        });
    }
    let template = Template {
        maker: Maker::Argo,
        name: Clean::from(name),
        namespace: Clean::from(namespace),
        place: Clean::from(place),
        arguments: arguments(&spec, &mut remarks),
        metrics,
    };
    Read { templates: vec![template], remarks: remarks.0, ..Read::default() }
}

/// The values that the template itself gives its arguments, and those that stand in a Secret.
fn arguments(spec: &Node<'_>, remarks: &mut Remarks) -> Filling {
    let read = |node: &Node<'_>| {
        let said = match node.at("valueFrom.secretKeyRef") {
            Some(_) => Said::Secret,
            None => Said::Text(node.get("value")?.as_text()?),
        };
        Some((format!("args.{}", node.get("name")?.as_text()?), said))
    };
    spec.list("args", remarks).iter().filter_map(read).collect()
}

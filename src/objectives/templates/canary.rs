//! Flagger: `Canary` (flagger.app/v1beta1), the checks of its analysis with the range that each value has to keep.
//! Refuses to be followed as a release: it only says what is asked of its target.

use serde_json::Value;

use super::super::Read;
use super::super::json::Node;
use super::super::remark::Remarks;
use super::condition::Bound;
use super::fill::{Filling, Said};
use crate::objects::{Kind, ReleaseRef};
use crate::text::Clean;

/// What a Canary asks of its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Canary {
    /// What it releases.
    pub target: ReleaseRef,
    /// The Canary in words: `Flagger Canary shop/web`.
    pub(super) words: Clean,
    pub(super) checks: Vec<Check>,
}

/// One value and its range.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Check {
    pub name: Clean,
    pub asks: Asks,
    /// The ends of its range that are given, the lower first.
    pub bounds: Vec<Bound>,
    /// What stands in the holes of the query.
    pub filling: Filling,
    pub place: String,
}

/// Where the value of a check is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asks {
    /// A MetricTemplate, by namespace and name.
    Template(Clean, Clean),
    /// A query that stands in the Canary itself.
    Query(String),
    /// One of Flagger's own measures, by the name of the check.
    BuiltIn,
}

/// What one Canary asks.
pub fn object(value: &Value) -> Read {
    let text = |key: &str| value.get("metadata").and_then(|meta| meta.get(key)).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let mut remarks = Remarks::default();
    let root = Node::root(value, format!("Canary {namespace}/{name}"));
    let canary = read(&root, namespace, name, &mut remarks);
    Read { canaries: canary.into_iter().collect(), remarks: remarks.0, ..Read::default() }
}

fn read(root: &Node<'_>, namespace: &str, name: &str, remarks: &mut Remarks) -> Option<Canary> {
    let spec = root.get("spec")?;
    // Its name before 1.0 is read as the new one by Flagger too.
    let analysis = spec.get("analysis").or_else(|| spec.get("canaryAnalysis"))?;
    let target = spec.get("targetRef")?;
    let (kind, of) = (target.text("kind", remarks).unwrap_or_default(), target.text("name", remarks)?);
    if kind != "Deployment" {
        remarks.note(&target.place, format!("its target is a {kind}, and what is asked of it is not read"));
        return None;
    }
    let service = spec.at("service.name").and_then(|node| node.as_text()).unwrap_or_else(|| of.clone());
    let ingress = spec.at("ingressRef.name").and_then(|node| node.as_text());
    let route = spec.at("routeRef.name").and_then(|node| node.as_text());
    let said = [("name", Some(name.to_owned())), ("namespace", Some(namespace.to_owned())), ("target", Some(of.clone()))]
        .into_iter()
        // The time between two checks is what the window of an objective stands in place of.
        .chain([("service", Some(service)), ("ingress", ingress), ("route", route), ("interval", Some("$window".to_owned()))]);
    let common: Filling = said.filter_map(|(hole, text)| Some((hole.to_owned(), Said::Text(text?)))).collect();
    let metrics = analysis.list("metrics", remarks);
    let checks = metrics.iter().map(|metric| check(metric, namespace, &common, remarks)).collect();
    Some(Canary {
        target: ReleaseRef { namespace: Clean::from(namespace), name: Clean::from(of), kind: Kind::Deployment },
        words: Clean::from(format!("Flagger Canary {namespace}/{name}")),
        checks,
    })
}

fn check(metric: &Node<'_>, namespace: &str, common: &Filling, remarks: &mut Remarks) -> Check {
    let name = metric.text("name", remarks).unwrap_or_default();
    let mut filling = common.clone();
    let variables = metric.get("templateVariables").and_then(|node| node.value.as_object());
    for (variable, value) in variables.into_iter().flatten() {
        filling.extend(value.as_str().map(|text| (format!("variables.{variable}"), Said::Text(text.to_owned()))));
    }
    let asks = match (metric.get("templateRef"), metric.text("query", remarks)) {
        (Some(template), _) => {
            let text = |key: &str| template.get(key).and_then(|node| node.as_text()).filter(|text| !text.is_empty());
            let of = text("namespace").unwrap_or_else(|| namespace.to_owned());
            Asks::Template(Clean::from(of), Clean::from(text("name").unwrap_or_default()))
        }
        (None, Some(query)) => Asks::Query(query),
        (None, None) => Asks::BuiltIn,
    };
    let range = metric.get("thresholdRange");
    let mut end = |key: &str| range.as_ref().and_then(|range| range.number(key, remarks));
    let (min, max) = (end("min"), end("max"));
    // Before there were ranges: the least share of requests, the most of anything else.
    let single = if range.is_none() { metric.number("threshold", remarks) } else { None };
    let is_share = asks == Asks::BuiltIn && name == super::SUCCESS_RATE;
    let single = single.map(|limit| if is_share { Bound::AtLeast(limit) } else { Bound::AtMost(limit) });
    let bounds = min.map(Bound::AtLeast).into_iter().chain(max.map(Bound::AtMost)).chain(single).collect();
    Check { name: Clean::from(name), asks, bounds, filling, place: metric.place.clone() }
}

//! The indicator of an SLO: written in it, or in a document of its own that it names.
//! Refuses raw and incomplete metrics with the reason; the objective stays, unasked.

use super::super::json::Node;
use super::super::remark::Remarks;
use super::super::{Query, Sli};
use super::Shelf;
use crate::text::Clean;

pub(super) fn read(spec: &Node<'_>, objective: &Node<'_>, shelf: &Shelf<'_>, remarks: &mut Remarks) -> Sli {
    // A composite objective has its indicators in its objectives.
    let holder = if objective.get("indicator").is_some() || objective.get("indicatorRef").is_some() { objective } else { spec };
    let indicator = match (holder.get("indicator"), holder.text("indicatorRef", remarks)) {
        (Some(indicator), _) => indicator,
        (None, Some(name)) => match shelf.indicators.get(&name) {
            Some(document) => document.clone(),
            None => {
                remarks.note(&holder.place, format!("indicatorRef names {name}, and there is no SLI of that name in these files"));
                return Sli::Unread(Clean::from(format!("the SLI {name} is not in the files that were read")));
            }
        },
        (None, None) => {
            remarks.note(&holder.place, "it has neither indicator nor indicatorRef");
            return Sli::Unread(Clean::from("no indicator is written"));
        }
    };
    let metrics = indicator.get("spec").unwrap_or(indicator);
    if let Some(ratio) = metrics.get("ratioMetric") {
        return self::ratio(&ratio, remarks);
    }
    let Some(threshold) = metrics.get("thresholdMetric") else {
        remarks.note(&metrics.place, "it has neither ratioMetric nor thresholdMetric");
        return Sli::Unread(Clean::from("no metric is written"));
    };
    match query(&threshold, remarks) {
        Ok(query) => Sli::Threshold {
            query,
            operator: Clean::from(objective.text("op", remarks).unwrap_or_default()),
            limit: objective.number("value", remarks),
        },
        Err(why) => Sli::Unread(why),
    }
}

fn ratio(ratio: &Node<'_>, remarks: &mut Remarks) -> Sli {
    let mut part = |key: &str| ratio.get(key).map(|node| query(&node, remarks));
    let (good, bad, total, raw) = (part("good"), part("bad"), part("total"), part("raw"));
    let sli = match (good, bad, total, raw) {
        (_, Some(Ok(bad)), Some(Ok(total)), _) => Ok(Sli::Events { bad, total }),
        (Some(Ok(good)), _, Some(Ok(total)), _) => Ok(Sli::Good { good, total }),
        (.., Some(Ok(raw))) => match ratio.get("rawType").and_then(|node| node.as_text()).as_deref() {
            Some("failure") => Ok(Sli::ErrorRatio(raw)),
            // A line break ends a comment that the query may end in.
            Some("success") => Ok(Sli::ErrorRatio(Query::new(&format!("1 - (\n{raw}\n)")))),
            _ => Err(Clean::from("raw needs a rawType of success or failure")),
        },
        (Some(Err(why)), ..) | (_, Some(Err(why)), ..) | (_, _, Some(Err(why)), _) | (.., Some(Err(why))) => return Sli::Unread(why),
        (good, bad, None, None) if good.is_some() || bad.is_some() => Err(Clean::from("total is missing")),
        _ => Err(Clean::from("it needs good or bad beside total, or raw")),
    };
    sli.unwrap_or_else(|why| {
        remarks.note(&ratio.place, why.clone());
        Sli::Unread(why)
    })
}

/// The query of a metric, where it is one for Prometheus.
fn query(metric: &Node<'_>, remarks: &mut Remarks) -> Result<Query, Clean> {
    let Some(source) = metric.get("metricSource") else {
        remarks.note(&metric.place, "metricSource is missing");
        return Err(Clean::from("a metric has no source"));
    };
    let kind = source.text("type", remarks).unwrap_or_default();
    if !kind.is_empty() && !["prometheus", "thanos", "mimir", "cortex", "victoriametrics"].contains(&kind.to_lowercase().as_str()) {
        remarks.note(&source.place, format!("its source is {kind}, which is not asked here; the objective is kept without figures"));
        return Err(Clean::from(format!("its figures are kept in {kind}")));
    }
    let spec = source.get("spec");
    // The specification leaves the key open; these are the ones in use.
    let text = ["query", "promql", "expr", "queryString"]
        .iter()
        .find_map(|key| spec.as_ref().and_then(|spec| spec.get(key)).and_then(|node| node.as_text()));
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        remarks.note(&source.place, "spec has no query");
        return Err(Clean::from("a metric has no query"));
    };
    Ok(windowed(Query::new(&text)))
}

/// OpenSLO leaves open how a query says its window. Where all ranges of a query are one length and none is a placeholder, that length is
/// taken for the window.
fn windowed(query: Query) -> Query {
    if query.has_window() { query } else { query.generalised().unwrap_or(query) }
}

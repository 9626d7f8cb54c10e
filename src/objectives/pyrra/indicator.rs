//! The four indicators of Pyrra, whose metrics are bare selectors, made queries.
//! Refuses to paste a selector into a query before it was read as one.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, VectorSelector};

use super::super::json::Node;
use super::super::query::{Query, parse_text};
use super::super::remark::Remarks;
use super::super::{Found, Sli, span};
use crate::text::Clean;

/// Reads the indicator into `found`.
pub(super) fn read(indicator: &Node<'_>, found: &mut Found, remarks: &mut Remarks) {
    let sli = if let Some(ratio) = indicator.get("ratio") {
        found.grouping = ratio.texts("grouping", remarks);
        let bad = selector(&ratio, "errors.metric", remarks);
        let total = selector(&ratio, "total.metric", remarks);
        bad.zip(total).map(|(bad, total)| Sli::Events { bad: rate(&bad), total: rate(&total) })
    } else if let Some(latency) = indicator.get("latency") {
        found.grouping = latency.texts("grouping", remarks);
        let good = selector(&latency, "success.metric", remarks);
        let total = selector(&latency, "total.metric", remarks);
        good.zip(total).and_then(|(good, total)| self::latency(good, &total, &latency, remarks))
    } else if let Some(native) = indicator.get("latencyNative") {
        found.grouping = native.texts("grouping", remarks);
        let threshold = native.text("latency", remarks).and_then(|text| span::parse(&text));
        if threshold.is_none() {
            remarks.note(&native.place, "latency is no length of time such as 250ms");
        }
        let total = selector(&native, "total.metric", remarks);
        threshold.zip(total).map(|(at, total)| Sli::NativeLatency { threshold: at.as_secs_f64(), histogram: rate(&total) })
    } else if let Some(gauge) = indicator.get("bool_gauge") {
        found.grouping = gauge.texts("grouping", remarks);
        selector(&gauge, "metric", remarks).map(|metric| {
            let over = |function: &str| Query::new(&format!("sum({function}({metric}[$window]))"));
            Sli::Good { good: over("sum_over_time"), total: over("count_over_time") }
        })
    } else {
        remarks.note(&indicator.place, "it has none of ratio, latency, latencyNative and bool_gauge");
        None
    };
    found.sli = sli.unwrap_or_else(|| Sli::Unread(Clean::from("its indicator could not be read")));
}

fn rate(selector: &VectorSelector) -> Query {
    Query::new(&format!("sum(rate({selector}[$window]))"))
}

fn selector(node: &Node<'_>, path: &str, remarks: &mut Remarks) -> Option<VectorSelector> {
    let text = node.at(path).and_then(|node| node.as_text());
    let Some(text) = text else {
        remarks.note(&node.place, format!("{path} is missing"));
        return None;
    };
    match parse_text(&text) {
        Ok(Expr::VectorSelector(selector)) if selector.offset.is_none() && selector.at.is_none() => Some(selector),
        Ok(_) => {
            remarks.note(&node.place, format!("{path} is more than a selector, which Pyrra does not take"));
            None
        }
        Err(why) => {
            remarks.note(&node.place, format!("{path} is no PromQL selector: {why}"));
            None
        }
    }
}

/// The bucket says the time: `le="0.25"`. Newer servers write whole numbers as `1.0`, so both are asked for.
fn latency(mut good: VectorSelector, total: &VectorSelector, node: &Node<'_>, remarks: &mut Remarks) -> Option<Sli> {
    let bucket = good.matchers.matchers.iter_mut().find(|matcher| matcher.name == "le");
    let Some((bucket, limit)) = bucket.and_then(|matcher| matcher.value.parse::<f64>().ok().map(|limit| (matcher, limit))) else {
        remarks.note(&node.place, "success.metric names no bucket with le=\"…\", so there is no time to keep to");
        return None;
    };
    if limit.fract() == 0.0 && limit.is_finite() && limit.abs() < 1e9 {
        let either = format!("{limit:.0}(\\.0)?");
        if let Ok(regex) = regex::Regex::new(&format!("^(?:{either})$")) {
            *bucket = Matcher::new(MatchOp::Re(regex), "le", &either);
        }
    }
    let name = good.name.clone().unwrap_or_default();
    let is_milliseconds = ["_milliseconds_bucket", "_ms_bucket", "_millis_bucket"].iter().any(|end| name.ends_with(end));
    let threshold = if is_milliseconds { limit / 1000.0 } else { limit };
    Some(Sli::Latency { threshold, good: rate(&good), total: rate(total) })
}

/// What the recorded series are called before `:burnrate`: the total's metric without its ending.
pub(super) fn base(found: &Found) -> Option<String> {
    let expr = found.sli.widest()?.parse().ok()?;
    let name = first_metric(&expr)?;
    let name = name.strip_suffix("_total").unwrap_or(name);
    Some(name.strip_suffix("_count").unwrap_or(name).to_owned())
}

fn first_metric(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Aggregate(sum) => first_metric(&sum.expr),
        Expr::Call(call) => call.args.args.first().and_then(|arg| first_metric(arg)),
        Expr::MatrixSelector(matrix) => matrix.vs.name.as_deref(),
        _ => None,
    }
}

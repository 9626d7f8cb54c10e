//! A recorded ratio taken apart: what is bad, what is all, over which window; and constants worked out.
//! Refuses shapes it does not know: they stay one query for a ratio.

use std::time::Duration;

use promql_parser::parser::token::{T_ADD, T_DIV, T_MUL, T_SUB};
use promql_parser::parser::{BinaryExpr, Expr, LabelModifier};

use super::super::query::each_range;
use super::super::{Query, Sli};
use crate::slo::ratio::round9;
use crate::text::Clean;

/// Without the brackets around it.
pub(in crate::objectives) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        other => other,
    }
}

/// The number that an expression of numbers is.
pub(in crate::objectives) fn constant(expr: &Expr) -> Option<f64> {
    let value = match bare(expr) {
        Expr::NumberLiteral(number) => number.val,
        Expr::Unary(unary) => -constant(&unary.expr)?,
        Expr::Call(call) if call.func.name == "vector" => constant(call.args.args.first()?)?,
        Expr::Binary(binary) => {
            let (a, b) = (constant(&binary.lhs)?, constant(&binary.rhs)?);
            match binary.op.id() {
                T_ADD => a + b,
                T_SUB => a - b,
                T_MUL => a * b,
                T_DIV => a / b,
                _ => return None,
            }
        }
        _ => return None,
    };
    value.is_finite().then(|| round9(value))
}

/// What an expression for an error ratio over `window` counts, its ranges of that length made `$window`.
pub(super) fn sli(expr: &Expr, window: Duration) -> Sli {
    let query = |expr: &Expr| Query::windowed(bare(expr).clone(), window);
    let expr = bare(expr);
    if let Expr::Binary(BinaryExpr { op, lhs, rhs, .. }) = expr {
        if op.id() == T_DIV {
            let (top, total) = (bare(lhs), bare(rhs));
            if let Expr::Binary(difference) = top
                && difference.op.id() == T_SUB
                && printed(&difference.lhs) == printed(total)
            {
                return good(query(&difference.rhs), query(total));
            }
            return Sli::Events { bad: query(top), total: query(total) };
        }
        // One less what is good.
        if op.id() == T_SUB && constant(lhs) == Some(1.0) {
            match bare(rhs) {
                Expr::Binary(inner) if inner.op.id() == T_DIV => return good(query(&inner.lhs), query(&inner.rhs)),
                Expr::Call(call) if call.func.name == "histogram_fraction" => {
                    if let [zero, limit, histogram] = call.args.args.as_slice()
                        && constant(zero) == Some(0.0)
                        && let Some(threshold) = constant(limit)
                    {
                        return Sli::NativeLatency { threshold, histogram: query(histogram) };
                    }
                }
                _ => {}
            }
        }
    }
    Sli::ErrorRatio(query(expr))
}

/// A ratio of a bucket is one of latencies.
pub(in crate::objectives) fn good(good: Query, total: Query) -> Sli {
    match bucket(&good) {
        Some(threshold) => Sli::Latency { threshold, good, total },
        None => Sli::Good { good, total },
    }
}

/// The time a classic bucket stands for, in seconds.
fn bucket(query: &Query) -> Option<f64> {
    let expr = query.parse().ok()?;
    let mut found = Vec::new();
    super::super::mapping::selectors(&expr, &mut found);
    let [selector] = found.as_slice() else { return None };
    let limit = selector.matchers.matchers.iter().find(|matcher| matcher.name == "le")?;
    let limit: f64 = limit.value.trim_end_matches(r"(\.0)?").parse().ok()?;
    let name = selector.name.as_deref()?.strip_suffix("_bucket")?;
    let is_milliseconds = ["_milliseconds", "_ms", "_millis"].iter().any(|end| name.ends_with(end));
    limit.is_finite().then_some(if is_milliseconds { limit / 1000.0 } else { limit })
}

pub(in crate::objectives) fn printed(expr: &Expr) -> String {
    bare(expr).to_string()
}

/// The one length of range in an expression; `None` for none or several.
pub(super) fn range(expr: &Expr) -> Option<Duration> {
    let mut ranges = Vec::new();
    each_range(&mut expr.clone(), &mut |range| ranges.push(*range));
    let first = *ranges.first()?;
    ranges.iter().all(|range| *range == first).then_some(first)
}

/// The labels by which a ratio is one per value.
pub(super) fn grouping(expr: &Expr) -> Vec<Clean> {
    match bare(expr) {
        Expr::Aggregate(aggregate) => match &aggregate.modifier {
            Some(LabelModifier::Include(labels)) => labels.labels.iter().map(|label| Clean::from(label.as_str())).collect(),
            _ => Vec::new(),
        },
        Expr::Binary(binary) => {
            let left = grouping(&binary.lhs);
            if left.is_empty() { grouping(&binary.rhs) } else { left }
        }
        Expr::Unary(unary) => grouping(&unary.expr),
        Expr::Call(call) => call.args.args.iter().map(|arg| grouping(arg)).find(|labels| !labels.is_empty()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

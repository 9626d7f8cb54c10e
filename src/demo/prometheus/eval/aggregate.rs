//! Aggregations over the elements of one vector.
//! Groups by labels alone: the order of the elements changes no result (of equals, `topk` keeps those first by labels).

use std::collections::BTreeMap;

use promql_parser::parser::{AggregateExpr, LabelModifier, token, token::TokenId};

use super::super::{
    error::QueryError,
    number::{general, plain},
    tsdb::{Labels, METRIC_NAME, labels::is_label_name},
    value::{Row, Val},
};
use super::{math, step::Evaluator};

impl Evaluator<'_> {
    /// The value of an aggregation at `at`.
    pub fn aggregate(&self, e: &AggregateExpr, at: i64) -> Result<Val, QueryError> {
        let op = e.op.id();
        let parameter = match &e.param {
            Some(param) => self.eval(param, at)?,
            None => Val::Scalar(0.0),
        };
        let mut rows = self.vector(&e.expr, at)?;
        rows.sort_by(|a, b| a.labels.cmp(&b.labels));
        let (number, counted) = match parameter {
            Val::Scalar(number) => (number, None),
            Val::Text(label) if is_label_name(&label) => (0.0, Some(label)),
            Val::Text(label) => return Err(QueryError::execution(format!("invalid label name {label:?}"))),
            Val::Vector(_) => return Err(QueryError::execution("an aggregation takes no vector as its parameter")),
        };
        let mut groups: BTreeMap<Labels, Vec<Row>> = BTreeMap::new();
        for row in rows {
            let mut group = group_of(&row.labels, e.modifier.as_ref());
            if let Some(label) = &counted {
                group = group.with(label, &plain(row.value));
            }
            groups.entry(group).or_default().push(row);
        }
        if matches!(op, token::T_TOPK | token::T_BOTTOMK) {
            let count = count(number)?;
            return Ok(Val::Vector(groups.into_values().flat_map(|rows| first(rows, count, op == token::T_TOPK)).collect()));
        }
        let reduced = groups.into_iter().map(|(labels, rows)| {
            let value = reduce(op, rows.iter().map(|row| row.value), number)
                .ok_or_else(|| QueryError::execution(format!("aggregation {} is not evaluated here", e.op)))?;
            Ok(Row::new(labels, value))
        });
        reduced.collect::<Result<_, _>>().map(Val::Vector)
    }
}

fn group_of(labels: &Labels, modifier: Option<&LabelModifier>) -> Labels {
    let listed = |list: &promql_parser::label::Labels, name: &str| list.labels.iter().any(|listed| listed == name);
    match modifier {
        None => Labels::default(),
        Some(LabelModifier::Include(list)) => labels.filtered(|name| listed(list, name)),
        Some(LabelModifier::Exclude(list)) => labels.filtered(|name| name != METRIC_NAME && !listed(list, name)),
    }
}

/// The `k` of `topk`: cut to a whole number; less than one keeps nothing.
fn count(number: f64) -> Result<usize, QueryError> {
    // Prometheus' bounds are those of a 64-bit integer; NaN is caught by neither comparison but becomes no count.
    if !(-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(&number) {
        return Err(QueryError::execution(format!("Scalar value {} overflows int64", general(number))));
    }
    Ok(number.max(0.0) as usize)
}

/// The highest or lowest `count` rows, best first, NaN last.
fn first(mut rows: Vec<Row>, count: usize, highest: bool) -> Vec<Row> {
    rows.sort_by(|a, b| {
        let order = if highest { b.value.partial_cmp(&a.value) } else { a.value.partial_cmp(&b.value) };
        order.unwrap_or_else(|| a.value.is_nan().cmp(&b.value.is_nan()))
    });
    rows.truncate(count);
    rows
}

fn reduce(op: TokenId, values: impl Iterator<Item = f64>, parameter: f64) -> Option<f64> {
    let mut values = values.peekable();
    values.peek()?;
    Some(match op {
        token::T_SUM => values.sum(),
        token::T_AVG => average(values),
        token::T_COUNT | token::T_COUNT_VALUES => values.count() as f64,
        token::T_GROUP => 1.0,
        token::T_MAX => values.reduce(|max, value| if max < value || max.is_nan() { value } else { max })?,
        token::T_MIN => values.reduce(|min, value| if min > value || min.is_nan() { value } else { min })?,
        token::T_STDVAR => variance(values),
        token::T_STDDEV => variance(values).sqrt(),
        token::T_QUANTILE => math::quantile(parameter, &mut values.collect::<Vec<_>>()),
        _ => return None,
    })
}

/// A running mean, as the engine keeps it: does not overflow, and leaves an infinity only for the other one or NaN.
fn average(values: impl Iterator<Item = f64>) -> f64 {
    let (mut mean, mut count) = (0.0, 0.0);
    for value in values {
        count += 1.0;
        if f64::is_infinite(mean) && (value == mean || value.is_finite()) {
            continue;
        }
        mean += value / count - mean / count;
    }
    mean
}

/// Welford's population variance.
fn variance(values: impl Iterator<Item = f64>) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        let delta = value - mean;
        mean += delta / count;
        squares += delta * (value - mean);
    }
    squares / count
}

//! Evaluates PromQL over a store, at one moment or at many.
//! Refuses an expression as a whole, before any of it is evaluated, when some part of it is beyond it.

mod aggregate;
mod arithmetic;
mod binary;
mod calendar;
mod call;
mod check;
mod histogram;
mod load;
mod matching;
mod math;
mod over_time;
mod rate;
mod relabel;
mod size;
mod step;
mod window;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Instant};

use promql_parser::parser::{Expr, value::ValueType};

pub(super) use self::size::parse_bounded;
use self::step::Evaluator;
use super::{
    error::QueryError,
    tsdb::{Labels, Store},
    value::{Answer, Track, Val},
};

/// How far an instant selector looks back for a sample: Prometheus' default, 5 min, in milliseconds.
pub const LOOKBACK_MS: i64 = 300_000;

/// What a request may change about an evaluation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// When to give up, if ever.
    pub deadline: Option<Instant>,
}

/// Evaluates `query` at `at_ms`.
///
/// # Errors
/// `bad_data` for what does not parse or is not known; `execution` for what the series do not bear.
pub fn instant(store: &Store, query: &str, at_ms: i64, options: Options) -> Result<Answer, QueryError> {
    let expr = parsed(query)?;
    let evaluator = Evaluator::prepare(store, &expr, (at_ms, at_ms), options)?;
    if expr.value_type() == ValueType::Matrix {
        return Ok(Answer::Matrix(evaluator.windows(&expr, at_ms)?));
    }
    Ok(match evaluator.eval(&expr, at_ms)? {
        Val::Scalar(value) => Answer::Scalar(at_ms, value),
        Val::Text(text) => Answer::Text(at_ms, text),
        Val::Vector(rows) => Answer::Vector(at_ms, rows),
    })
}

/// Evaluates `query` at `start_ms`, `start_ms + step_ms` and so on up to `end_ms`. The step is above 0.
///
/// # Errors
/// As [`instant`]; `bad_data` where the expression is a text or a range vector.
pub fn range(store: &Store, query: &str, start_ms: i64, end_ms: i64, step_ms: i64, options: Options) -> Result<Answer, QueryError> {
    let expr = parsed(query)?;
    let kind = match expr.value_type() {
        ValueType::Matrix => Some("range vector"),
        ValueType::String => Some("string"),
        _ => None,
    };
    if let Some(kind) = kind {
        let message = format!("invalid expression type \"{kind}\" for range query, must be Scalar or instant Vector");
        return Err(QueryError::bad_data(format!("invalid parameter \"query\": {message}")));
    }
    let evaluator = Evaluator::prepare(store, &expr, (start_ms, end_ms), options)?;
    Ok(Answer::Matrix(evaluator.tracks(&expr, (start_ms, end_ms), step_ms)?))
}

fn parsed(query: &str) -> Result<Expr, QueryError> {
    let bad = |message: String| QueryError::bad_data(format!("invalid parameter \"query\": parse error: {message}"));
    let expr = parse_bounded(query).map_err(bad)?;
    check::supported(&expr).map_err(bad)?;
    Ok(expr)
}

impl Evaluator<'_> {
    /// The expression at every step, as series sorted by labels.
    fn tracks(&self, expr: &Expr, (start, end): (i64, i64), step: i64) -> Result<Vec<Track>, QueryError> {
        let mut tracks: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
        let mut at = start;
        while at <= end {
            match self.eval(expr, at)? {
                Val::Scalar(value) => tracks.entry(Labels::default()).or_default().push((at, value)),
                Val::Vector(rows) => {
                    for row in rows {
                        tracks.entry(row.labels).or_default().push((at, row.value));
                    }
                }
                Val::Text(_) => return Err(QueryError::execution("a text has no value at a moment")),
            }
            at += step.max(1);
        }
        Ok(tracks.into_iter().map(|(labels, samples)| Track { labels, samples }).collect())
    }
}

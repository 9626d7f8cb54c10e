//! Before a query runs: every selector's series are read once, every subquery is evaluated once, for all steps together.
//! Stops at as many samples as Prometheus stops at, so that a careless query ends with a sentence and not with the memory.

use std::collections::HashMap;

use promql_parser::parser::{Expr, MatrixSelector, SubqueryExpr, VectorSelector};

use super::super::{
    error::QueryError,
    tsdb::{Store, is_stale},
};
use super::{
    LOOKBACK_MS, Options,
    step::Evaluator,
    window::{Bounds, Seen, moved},
};

/// Prometheus' `--query.max-samples` default.
const MAX_SAMPLES: usize = 50_000_000;

/// The step of a subquery that names none: Prometheus' default `evaluation_interval`, 1 min, in milliseconds.
const SUBQUERY_STEP_MS: i64 = 60_000;

/// What was read for each selector and subquery, by the address of its node: an expression does not move while it is evaluated.
pub(super) type Loaded = HashMap<usize, Vec<Seen>>;

/// The key of a node of the expression.
pub(super) fn node<T>(part: &T) -> usize {
    std::ptr::from_ref(part) as usize
}

impl<'a> Evaluator<'a> {
    /// Reads what `expr` needs between the two moments of `bounds`.
    pub fn prepare(store: &'a Store, expr: &Expr, bounds: Bounds, options: Options) -> Result<Self, QueryError> {
        let mut evaluator = Evaluator::new(store, bounds, options);
        evaluator.load(expr, bounds)?;
        Ok(evaluator)
    }

    /// Reads what `expr` needs when it is evaluated from the first to the second moment of `times`.
    fn load(&mut self, expr: &Expr, times: Bounds) -> Result<(), QueryError> {
        match expr {
            Expr::VectorSelector(selector) => self.load_selector(selector, times, None),
            Expr::MatrixSelector(MatrixSelector { vs, range }) => self.load_selector(vs, times, Some(range.as_millis() as i64)),
            Expr::Subquery(subquery) => self.load_subquery(subquery, times),
            Expr::Aggregate(e) => {
                e.param.as_ref().map_or(Ok(()), |param| self.load(param, times))?;
                self.load(&e.expr, times)
            }
            Expr::Unary(e) => self.load(&e.expr, times),
            Expr::Paren(e) => self.load(&e.expr, times),
            Expr::Binary(e) => self.load(&e.lhs, times).and_then(|()| self.load(&e.rhs, times)),
            Expr::Call(e) => e.args.args.iter().try_for_each(|arg| self.load(arg, times)),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Ok(()),
        }
    }

    fn load_selector(&mut self, selector: &VectorSelector, times: Bounds, range: Option<i64>) -> Result<(), QueryError> {
        let look = |at| moved(at, selector.at.as_ref(), selector.offset.as_ref(), self.bounds);
        let (from, to) = (look(times.0) - range.unwrap_or(LOOKBACK_MS), look(times.1));
        let mut matchers = selector.matchers.matchers.clone();
        if let Some(name) = &selector.name {
            matchers.extend(promql_parser::label::Matcher::new_metric_name_matcher(name.clone()));
        }
        let mut seen = Vec::new();
        for series in self.store.select(&matchers) {
            let mut samples = Vec::new();
            series.read(from, to, &mut samples);
            if range.is_some() {
                samples.retain(|(_, value)| !is_stale(*value));
            }
            self.count(samples.len())?;
            if !samples.is_empty() {
                seen.push(Seen::new(series.labels().clone(), samples));
            }
        }
        self.loaded.insert(node(selector), seen);
        Ok(())
    }

    /// A subquery's moments are multiples of its step, whatever the outer query's are.
    fn load_subquery(&mut self, subquery: &SubqueryExpr, times: Bounds) -> Result<(), QueryError> {
        let look = |at| moved(at, subquery.at.as_ref(), subquery.offset.as_ref(), self.bounds);
        let step = subquery.step.map_or(SUBQUERY_STEP_MS, |step| step.as_millis() as i64).max(1);
        let from = look(times.0) - subquery.range.as_millis() as i64;
        // Rounded towards zero and then up, as the engine does it.
        let mut first = step * (from / step);
        if first < from {
            first += step;
        }
        let inner = (first, look(times.1));
        self.load(&subquery.expr, inner)?;
        let tracks = self.tracks(&subquery.expr, inner, step)?;
        self.count(tracks.iter().map(|track| track.samples.len()).sum())?;
        let seen = tracks.into_iter().map(|track| Seen::new(track.labels, track.samples)).collect();
        self.loaded.insert(node(subquery), seen);
        Ok(())
    }

    fn count(&mut self, more: usize) -> Result<(), QueryError> {
        self.samples += more;
        if self.samples > MAX_SAMPLES {
            return Err(QueryError::execution("query processing would load too many samples into memory in query execution"));
        }
        Ok(())
    }
}

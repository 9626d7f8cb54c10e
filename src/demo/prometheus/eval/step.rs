//! One evaluation at one moment: the walk over the expression.
//! Keeps what was read for the query, and checks after every operation that no two elements carry the same labels.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    time::Instant,
};

use promql_parser::parser::{Expr, MatrixSelector, VectorSelector};

use super::super::{
    error::QueryError,
    tsdb::{Labels, Store},
    value::{Row, Track, Val},
};
use super::{
    LOOKBACK_MS, Options,
    load::{Loaded, node},
    window::{Bounds, Seen, moved},
};

/// Evaluates one expression; made by `prepare`, which reads what it needs.
pub(super) struct Evaluator<'a> {
    pub store: &'a Store,
    pub bounds: Bounds,
    pub loaded: Loaded,
    pub samples: usize,
    /// Which input series each nameless output of a node came from, over all steps: the engine's check on a whole matrix.
    pub origins: RefCell<HashMap<usize, HashMap<Labels, Labels>>>,
    deadline: Option<Instant>,
}

impl<'a> Evaluator<'a> {
    pub fn new(store: &'a Store, bounds: Bounds, options: Options) -> Self {
        let (loaded, origins) = (Loaded::new(), RefCell::default());
        Self { store, bounds, loaded, samples: 0, origins, deadline: options.deadline }
    }

    /// The value of `expr` at `at`, milliseconds.
    pub fn eval(&self, expr: &Expr, at: i64) -> Result<Val, QueryError> {
        if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(QueryError::timeout());
        }
        match expr {
            Expr::NumberLiteral(e) => Ok(Val::Scalar(e.val)),
            Expr::StringLiteral(e) => Ok(Val::Text(e.val.clone())),
            Expr::Paren(e) => self.eval(&e.expr, at),
            Expr::VectorSelector(selector) => {
                let rows = self.selected(selector, at).map(|(seen, (_, value))| Row::new(seen.labels.clone(), value));
                Ok(Val::Vector(rows.collect()))
            }
            Expr::Unary(e) => match self.eval(&e.expr, at)? {
                Val::Scalar(value) => Ok(Val::Scalar(-value)),
                Val::Vector(rows) => {
                    let rows = rows.into_iter().map(|row| (row.labels, -row.value));
                    self.unnamed(node(e), rows).map(Val::Vector)
                }
                Val::Text(_) => Err(QueryError::execution("a text has no negative")),
            },
            Expr::Binary(e) => unique(self.binary(e, at)?),
            Expr::Aggregate(e) => unique(self.aggregate(e, at)?),
            Expr::Call(e) => unique(self.call(e, at)?),
            Expr::MatrixSelector(_) | Expr::Subquery(_) => Err(QueryError::execution("a range vector has no value at a moment")),
            Expr::Extension(_) => Err(QueryError::execution("the expression has a part no Prometheus knows")),
        }
    }

    /// A vector; an error where the expression yields something else.
    pub fn vector(&self, expr: &Expr, at: i64) -> Result<Vec<Row>, QueryError> {
        match self.eval(expr, at)? {
            Val::Vector(rows) => Ok(rows),
            _ => Err(QueryError::execution(format!("expected an instant vector, but {expr} is none"))),
        }
    }

    /// A number; an error where the expression yields something else.
    pub fn scalar(&self, expr: &Expr, at: i64) -> Result<f64, QueryError> {
        match self.eval(expr, at)? {
            Val::Scalar(value) => Ok(value),
            _ => Err(QueryError::execution(format!("expected a scalar, but {expr} is none"))),
        }
    }

    /// The samples an instant selector sees at `at`.
    pub fn selected(&self, selector: &VectorSelector, at: i64) -> impl Iterator<Item = (&Seen, (i64, f64))> {
        let at = moved(at, selector.at.as_ref(), selector.offset.as_ref(), self.bounds);
        let seen = self.loaded.get(&node(selector)).into_iter().flatten();
        seen.filter_map(move |seen| Some((seen, seen.at(at, LOOKBACK_MS)?)))
    }

    /// The series behind a range vector and its edges at `at`.
    pub fn ranged(&self, expr: &Expr, at: i64) -> Result<(usize, &[Seen], Bounds), QueryError> {
        let (key, modifier, offset, range) = match expr {
            Expr::Paren(e) => return self.ranged(&e.expr, at),
            Expr::MatrixSelector(MatrixSelector { vs, range }) => (node(vs), &vs.at, &vs.offset, range),
            Expr::Subquery(e) => (node(e), &e.at, &e.offset, &e.range),
            other => return Err(QueryError::execution(format!("expected a range vector, but {other} is none"))),
        };
        let to = moved(at, modifier.as_ref(), offset.as_ref(), self.bounds);
        let seen = self.loaded.get(&key).map_or(&[][..], Vec::as_slice);
        Ok((key, seen, (to - range.as_millis() as i64, to)))
    }

    /// A range vector at `at`, as an instant query returns it.
    pub fn windows(&self, expr: &Expr, at: i64) -> Result<Vec<Track>, QueryError> {
        let (_, seen, (from, to)) = self.ranged(expr, at)?;
        let tracks = seen.iter().map(|seen| Track { labels: seen.labels.clone(), samples: seen.window(from, to).samples.to_vec() });
        Ok(tracks.filter(|track| !track.samples.is_empty()).collect())
    }

    /// Drops the names. Two series that were told apart by name alone are an error, even at different moments.
    pub fn unnamed(&self, node: usize, rows: impl Iterator<Item = (Labels, f64)>) -> Result<Vec<Row>, QueryError> {
        let mut all = self.origins.borrow_mut();
        let origins = all.entry(node).or_default();
        let mut out = Vec::new();
        for (labels, value) in rows {
            let nameless = labels.nameless();
            match origins.get(&nameless) {
                Some(origin) if *origin != labels => return Err(same_labelset()),
                Some(_) => {}
                None => drop(origins.insert(nameless.clone(), labels)),
            }
            out.push(Row::new(nameless, value));
        }
        Ok(out)
    }
}

fn same_labelset() -> QueryError {
    QueryError::execution("vector cannot contain metrics with the same labelset")
}

fn unique(value: Val) -> Result<Val, QueryError> {
    if let Val::Vector(rows) = &value {
        let mut seen = HashSet::with_capacity(rows.len());
        if !rows.iter().all(|row| seen.insert(&row.labels)) {
            return Err(same_labelset());
        }
    }
    Ok(value)
}

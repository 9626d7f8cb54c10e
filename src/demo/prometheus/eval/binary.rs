//! Binary expressions: number with number, vector with number, vector with vector, and the set operators.
//! Never pairs by position: elements meet by their labels only.

use std::collections::HashSet;

use promql_parser::parser::{BinaryExpr, token};

use super::super::{
    error::QueryError,
    tsdb::Labels,
    value::{Row, Val},
};
use super::{
    arithmetic::{Outcome, apply, drops_name, truth},
    matching::Matching,
    step::Evaluator,
};

impl Evaluator<'_> {
    /// The value of a binary expression at `at`.
    pub fn binary(&self, e: &BinaryExpr, at: i64) -> Result<Val, QueryError> {
        let (left, right) = (self.eval(&e.lhs, at)?, self.eval(&e.rhs, at)?);
        let unknown = || QueryError::execution(format!("operator {} does not apply to these operands", e.op));
        match (left, right) {
            (Val::Scalar(a), Val::Scalar(b)) => match apply(e.op.id(), a, b).ok_or_else(unknown)? {
                Outcome::Number(value) => Ok(Val::Scalar(value)),
                Outcome::Holds(holds) => Ok(Val::Scalar(truth(holds))),
            },
            (Val::Vector(rows), Val::Scalar(number)) => {
                with_number(rows, e, |value| apply(e.op.id(), value, number)).ok_or_else(unknown).map(Val::Vector)
            }
            (Val::Scalar(number), Val::Vector(rows)) => {
                with_number(rows, e, |value| apply(e.op.id(), number, value)).ok_or_else(unknown).map(Val::Vector)
            }
            (Val::Vector(left), Val::Vector(right)) => {
                let matching = Matching::of(e);
                match e.op.id() {
                    token::T_LAND => Ok(Val::Vector(kept(left, &right, &matching, true))),
                    token::T_LUNLESS => Ok(Val::Vector(kept(left, &right, &matching, false))),
                    token::T_LOR => Ok(Val::Vector(either(left, right, &matching))),
                    _ => matching.pairs(left, right).map(Val::Vector),
                }
            }
            _ => Err(unknown()),
        }
    }
}

/// A vector and a number. A comparison that filters keeps the vector's own value on whichever side it stands.
fn with_number(rows: Vec<Row>, e: &BinaryExpr, apply: impl Fn(f64) -> Option<Outcome>) -> Option<Vec<Row>> {
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        match apply(row.value)? {
            Outcome::Number(value) if drops_name(e.op.id()) => out.push(Row::new(row.labels.nameless(), value)),
            Outcome::Number(value) => out.push(Row::new(row.labels, value)),
            Outcome::Holds(holds) if e.return_bool() => out.push(Row::new(row.labels.nameless(), truth(holds))),
            Outcome::Holds(true) => out.push(row),
            Outcome::Holds(false) => {}
        }
    }
    Some(out)
}

/// `and` and `unless`: what of the left has, or lacks, a partner on the right.
fn kept(left: Vec<Row>, right: &[Row], matching: &Matching<'_>, partnered: bool) -> Vec<Row> {
    let partners: HashSet<Labels> = right.iter().map(|row| matching.signature(&row.labels)).collect();
    left.into_iter().filter(|row| partners.contains(&matching.signature(&row.labels)) == partnered).collect()
}

/// `or`: all of the left, and what of the right has no partner there.
fn either(mut left: Vec<Row>, right: Vec<Row>, matching: &Matching<'_>) -> Vec<Row> {
    let partners: HashSet<Labels> = left.iter().map(|row| matching.signature(&row.labels)).collect();
    left.extend(right.into_iter().filter(|row| !partners.contains(&matching.signature(&row.labels))));
    left
}

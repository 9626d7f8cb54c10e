//! Templates of analyses (Argo Rollouts, Flagger): the queries that a team already trusts its releases to.
//! Never reads a Secret, nor the address, headers and credentials that stand beside a query.

mod argo;
mod condition;
mod flagger;

use promql_parser::parser::Expr;
use promql_parser::parser::token::T_DIV;

use super::{Found, Origin, Query, Remark, Sli};
use crate::slo::ratio::round9;
use crate::text::Clean;

pub use argo::object as argo;
pub use condition::{Bound, Judgement};
pub use flagger::object as flagger;

/// A query of a template with what is made of its value: it may be an SLI.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What the template calls it.
    pub name: Clean,
    /// The query; arguments that are not filled in make it one that can't be asked.
    pub query: Query,
    /// Arguments in the query that only an analysis fills in.
    pub arguments: Vec<Clean>,
    /// What its value has to be.
    pub judgement: Judgement,
    /// The template it stands in, in words.
    pub found_in: Clean,
}

/// What a template holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// Queries.
    pub candidates: Vec<Candidate>,
    /// Those candidates that are ratios against a limit, as objectives.
    pub found: Vec<Found>,
    /// What was wrong in it.
    pub remarks: Vec<Remark>,
}

impl Candidate {
    /// The objective it amounts to: a ratio against a limit, with nothing left open. The limit is a template's own idea of good enough for
    /// a release, not a promise over weeks, so it is told as one.
    fn found(&self) -> Option<Found> {
        let expr = self.query.parse().ok()?;
        let (target, sli) = match (self.judgement.bound?, ratio(&expr)) {
            (Bound::AtLeast(limit), Some((top, total))) => (limit, Sli::Good { good: top, total }),
            (Bound::AtMost(limit), Some((top, total))) => (round9(1.0 - limit), Sli::Events { bad: top, total }),
            (_, None) => return None,
        };
        if !(target > 0.0 && target < 1.0 && self.arguments.is_empty()) {
            return None;
        }
        let mut found = Found::empty(self.name.clone(), Origin::Template, self.found_in.clone());
        found.target = Some(target);
        found.sli = sli;
        let text = format!("Its target is the limit {} sets for a release, not one promised over a window.", self.found_in);
        found.notes.push(Clean::from(text));
        Some(found)
    }
}

/// Both sides of a plain ratio, with `$window` where they have one length of range.
fn ratio(expr: &Expr) -> Option<(Query, Query)> {
    match expr {
        Expr::Paren(paren) => ratio(&paren.expr),
        Expr::Binary(binary) if binary.op.id() == T_DIV => {
            let side = |expr: &Expr| {
                let query = Query::print(expr);
                query.generalised().unwrap_or(query)
            };
            Some((side(&binary.lhs), side(&binary.rhs)))
        }
        _ => None,
    }
}

/// Names of what a template leaves open: `{{args.service}}`, `{{ namespace }}`.
fn arguments(text: &str) -> Vec<Clean> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((_, inside)) = rest.split_once("{{") {
        let Some((name, behind)) = inside.split_once("}}") else { break };
        let name = Clean::from(name.trim());
        if !all.contains(&name) {
            all.push(name);
        }
        rest = behind;
    }
    all
}

#[cfg(test)]
mod tests;

//! A person's own SLI asked of one version: the pod matcher put on every series it selects, in the expression, on both sides.
//! Refuses, with the reason, wherever a matcher would not mean that version: then the number for the whole service stands.

mod judge;

use std::fmt;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, LabelModifier, VectorSelector};

use super::{Query, Sli};
use crate::text::Clean;

/// The pods of one version, as a condition on a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// The label that names the pod: `pod`, or `exported_pod` where the scraper's own pod took that name.
    pub label: String,
    /// A regular expression for the version's pods; anchored by PromQL itself.
    pub regex: String,
}

/// Why an SLI can't be asked of one version. Printed, the rest of a sentence that begins with "not split by version:".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// It is no PromQL that is understood here; the parser's words.
    Unreadable(Clean),
    /// It asks recorded series, which hold sums without pods.
    Recorded(Clean),
    /// A function looks at whether series are there at all.
    Absence(Clean),
    /// The label is made by the query, so the series below need not have it.
    MadeLabel(Clean),
    /// These series are about objects, not of the pods that serve.
    NotOfPods(Clean),
    /// It selects no series.
    NoSeries,
    /// Printed anew it would not say the same.
    NotFaithful,
    /// It is no sum of one counter's rate, so nobody can tell how many events there were.
    NotCounted,
    /// It has no query.
    NoQuery(Clean),
    /// The arm's own condition can't be read.
    Arm(Clean),
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Whole::Unreadable(why) => write!(f, "its query is not understood ({why})"),
            Whole::Recorded(name) => write!(f, "it asks the recorded series {name}, which is summed over all pods"),
            Whole::Absence(function) => {
                write!(f, "{function} looks at whether series are there at all, which a pod's series say nothing about")
            }
            Whole::MadeLabel(label) => write!(f, "the label {label} is made by the query itself, so the series may not carry it"),
            Whole::NotOfPods(name) => write!(f, "{name} tells about objects and is not measured by the pods that serve"),
            Whole::NoSeries => f.write_str("its query selects no series"),
            Whole::NotFaithful => f.write_str("its query can't be rewritten without changing what it says"),
            Whole::NotCounted => f.write_str("it is not the sum of one counter's rate"),
            Whole::NoQuery(why) => write!(f, "there is no query ({why})"),
            Whole::Arm(why) => write!(f, "the version's pods make no condition ({why})"),
        }
    }
}

/// The SLI for the pods of `arm` alone.
///
/// # Errors
/// Why it can't be split; one query that can't is enough.
pub fn split(sli: &Sli, arm: &Arm) -> Result<Sli, Whole> {
    let one = |query: &Query| inject(query, arm);
    Ok(match sli {
        Sli::Events { bad, total } => Sli::Events { bad: one(bad)?, total: one(total)? },
        Sli::Good { good, total } => Sli::Good { good: one(good)?, total: one(total)? },
        Sli::ErrorRatio(query) => Sli::ErrorRatio(one(query)?),
        Sli::Latency { threshold, good, total } => Sli::Latency { threshold: *threshold, good: one(good)?, total: one(total)? },
        Sli::NativeLatency { threshold, histogram } => Sli::NativeLatency { threshold: *threshold, histogram: one(histogram)? },
        Sli::Threshold { query, operator, limit } => Sli::Threshold { query: one(query)?, operator: operator.clone(), limit: *limit },
        Sli::Within(threshold) => Sli::Within(*threshold),
        Sli::Unread(why) => return Err(Whole::NoQuery(why.clone())),
    })
}

/// The query with the arm's condition on every series it selects.
///
/// # Errors
/// Why it can't be split.
pub fn inject(query: &Query, arm: &Arm) -> Result<Query, Whole> {
    let mut expr = query.parse().map_err(|why| Whole::Unreadable(Clean::from(why)))?;
    let regex = regex::Regex::new(&format!("^(?:{})$", arm.regex)).map_err(|why| Whole::Arm(Clean::from(why.to_string())))?;
    let matcher = Matcher::new(MatchOp::Re(regex), &arm.label, &arm.regex);
    let selected = judge::check(&expr, &arm.label)?;
    if selected == 0 {
        return Err(Whole::NoSeries);
    }
    canonical(&mut expr, &mut |selector| add(selector, &matcher));
    let printed = Query::print(&expr);
    // What was printed has to be what was meant: read it again and compare.
    let mut again = printed.parse().map_err(|_| Whole::NotFaithful)?;
    canonical(&mut again, &mut |_| {});
    if again == expr { Ok(printed) } else { Err(Whole::NotFaithful) }
}

/// Every alternative of the selector has to hold the condition.
fn add(selector: &mut VectorSelector, matcher: &Matcher) {
    let matchers = &mut selector.matchers;
    if matchers.or_matchers.is_empty() {
        matchers.matchers.push(matcher.clone());
    }
    for group in &mut matchers.or_matchers {
        group.push(matcher.clone());
    }
}

/// Brings an expression into the one form in which it prints, `each` selector changed on the way.
pub(super) fn canonical(expr: &mut Expr, each: &mut impl FnMut(&mut VectorSelector)) {
    match expr {
        Expr::Aggregate(aggregate) => {
            // `by ()` is how nothing is written.
            if matches!(&aggregate.modifier, Some(LabelModifier::Include(labels)) if labels.is_empty()) {
                aggregate.modifier = None;
            }
            if let Some(param) = &mut aggregate.param {
                canonical(param, each);
            }
            canonical(&mut aggregate.expr, each);
        }
        Expr::Unary(unary) => canonical(&mut unary.expr, each),
        Expr::Binary(binary) => {
            canonical(&mut binary.lhs, each);
            canonical(&mut binary.rhs, each);
        }
        Expr::Paren(paren) => canonical(&mut paren.expr, each),
        Expr::Subquery(subquery) => canonical(&mut subquery.expr, each),
        Expr::Call(call) => call.args.args.iter_mut().for_each(|arg| canonical(arg, each)),
        Expr::VectorSelector(selector) => settle(selector, each),
        Expr::MatrixSelector(matrix) => settle(&mut matrix.vs, each),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn settle(selector: &mut VectorSelector, each: &mut impl FnMut(&mut VectorSelector)) {
    each(selector);
    // A name that can't stand bare is matched as the label it is.
    let is_bare = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    };
    if let Some(name) = selector.name.take_if(|name| !is_bare(name)) {
        selector.matchers.matchers.push(Matcher::new(MatchOp::Equal, "__name__", &name));
    }
    selector.matchers.matchers.sort_by_cached_key(ToString::to_string);
}

#[cfg(test)]
mod tests;

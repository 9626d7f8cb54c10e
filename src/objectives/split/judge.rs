//! Whether a condition on pods means one version wherever an expression selects series.
//! Refuses to look at series: it judges by names and functions alone, and what the labels hold is the mapping's to say.

use promql_parser::label::MatchOp;
use promql_parser::parser::{Call, Expr, VectorSelector};

use super::Whole;
use crate::text::Clean;

/// How many selectors there are, all of them fit for a condition on `label`.
pub(super) fn check(expr: &Expr, label: &str) -> Result<usize, Whole> {
    match expr {
        Expr::Aggregate(aggregate) => {
            let param = aggregate.param.as_ref().map_or(Ok(0), |param| check(param, label))?;
            Ok(param + check(&aggregate.expr, label)?)
        }
        Expr::Unary(unary) => check(&unary.expr, label),
        Expr::Binary(binary) => Ok(check(&binary.lhs, label)? + check(&binary.rhs, label)?),
        Expr::Paren(paren) => check(&paren.expr, label),
        Expr::Subquery(subquery) => check(&subquery.expr, label),
        Expr::Call(call) => function(call, label),
        Expr::VectorSelector(selector) => self::selector(selector),
        Expr::MatrixSelector(matrix) => self::selector(&matrix.vs),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(0),
        Expr::Extension(_) => Err(Whole::NotFaithful),
    }
}

fn function(call: &Call, label: &str) -> Result<usize, Whole> {
    let args = &call.args.args;
    match call.func.name {
        "absent" | "absent_over_time" => return Err(Whole::Absence(Clean::from(call.func.name))),
        // The second argument is the label that is written.
        "label_replace" | "label_join" => {
            let written = args.get(1).map(|arg| &**arg);
            if matches!(written, Some(Expr::StringLiteral(text)) if text.val == label) {
                return Err(Whole::MadeLabel(Clean::from(label)));
            }
        }
        _ => {}
    }
    args.iter().try_fold(0, |sum, arg| Ok(sum + check(arg, label)?))
}

fn selector(selector: &VectorSelector) -> Result<usize, Whole> {
    let matchers = &selector.matchers;
    let named = matchers.matchers.iter().chain(matchers.or_matchers.iter().flatten()).filter(|matcher| matcher.name == "__name__");
    let names = selector.name.iter().map(String::as_str).chain(named.clone().map(|matcher| matcher.value.as_str()));
    for name in names {
        // By custom a colon in a name is a recording rule's.
        if name.contains(':') {
            return Err(Whole::Recorded(Clean::from(name)));
        }
        if is_of_objects(name) {
            return Err(Whole::NotOfPods(Clean::from(name)));
        }
    }
    let says_which = selector.name.is_some() || named.clone().any(|matcher| matches!(matcher.op, MatchOp::Equal | MatchOp::Re(_)));
    // Without a name it may select recorded series too; a label at least has to say which.
    if says_which || !matchers.is_empty_matchers() { Ok(1) } else { Err(Whole::NoSeries) }
}

/// Series that an exporter makes about the cluster's objects: their pod is the exporter's own, or an object among others.
fn is_of_objects(name: &str) -> bool {
    const OF_PODS: [&str; 2] = ["kube_pod_", "kube_running_pod"];
    (name.starts_with("kube_") && !OF_PODS.iter().any(|prefix| name.starts_with(prefix)))
        || ["ALERTS", "ALERTS_FOR_STATE"].contains(&name)
        || name.starts_with("probe_")
}

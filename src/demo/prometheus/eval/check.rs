//! What this evaluator can't do, found before anything is evaluated.
//! Accepts nothing that Prometheus 2.42 would not: the parser knows newer syntax than that.

use promql_parser::parser::{BinaryExpr, Call, Expr, LabelModifier, VectorSelector, token, value::ValueType};

use super::super::tsdb::labels::is_label_name;
use super::call::KNOWN_FUNCTIONS;

/// Whether every part of `expr` can be evaluated; else a sentence that says which can't.
pub(super) fn supported(expr: &Expr) -> Result<(), String> {
    match expr {
        Expr::VectorSelector(e) => selector(e),
        Expr::MatrixSelector(e) => {
            positive(e.range.is_zero())?;
            selector(&e.vs)
        }
        Expr::Subquery(e) => {
            positive(e.range.is_zero() || e.step.is_some_and(|step| step.is_zero()))?;
            supported(&e.expr)
        }
        Expr::Unary(e) => supported(&e.expr),
        Expr::Paren(e) => supported(&e.expr),
        Expr::Call(e) => call(e),
        Expr::Binary(e) => binary(e),
        Expr::Aggregate(e) => {
            if matches!(e.op.id(), token::T_LIMITK | token::T_LIMIT_RATIO) {
                return Err(format!("unknown aggregation {}", e.op));
            }
            labels(e.modifier.as_ref())?;
            e.param.as_ref().map_or(Ok(()), |param| supported(param))?;
            supported(&e.expr)
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(()),
        Expr::Extension(_) => Err("unknown part of an expression".into()),
    }
}

fn positive(zero: bool) -> Result<(), String> {
    if zero { Err("duration must be greater than 0".into()) } else { Ok(()) }
}

fn selector(e: &VectorSelector) -> Result<(), String> {
    if !e.matchers.or_matchers.is_empty() {
        return Err("unexpected \"or\" in label matching".into());
    }
    if e.name.is_none() && e.matchers.is_empty_matchers() {
        return Err("vector selector must contain at least one non-empty matcher".into());
    }
    match e.matchers.matchers.iter().find(|matcher| !is_label_name(&matcher.name)) {
        Some(matcher) => Err(format!("unexpected label name {:?} in label matching", matcher.name)),
        None => Ok(()),
    }
}

fn call(e: &Call) -> Result<(), String> {
    let name = e.func.name;
    if !KNOWN_FUNCTIONS.contains(&name) {
        return Err(format!("unknown function with name {name:?}"));
    }
    for (i, arg) in e.args.args.iter().enumerate() {
        let wanted = e.func.arg_types.get(i).or(e.func.arg_types.last()).copied().unwrap_or(ValueType::Vector);
        if arg.value_type() != wanted {
            return Err(format!("expected type {wanted} in call to function {name:?}, got {}", arg.value_type()));
        }
        supported(arg)?;
    }
    Ok(())
}

fn binary(e: &BinaryExpr) -> Result<(), String> {
    if let Some(modifier) = &e.modifier {
        if modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some() {
            return Err("unexpected identifier \"fill\"".into());
        }
        labels(modifier.matching.as_ref())?;
    }
    supported(&e.lhs)?;
    supported(&e.rhs)
}

fn labels(modifier: Option<&LabelModifier>) -> Result<(), String> {
    let bad = modifier.and_then(|modifier| modifier.labels().labels.iter().find(|name| !is_label_name(name)));
    bad.map_or(Ok(()), |name| Err(format!("unexpected label name {name:?} in grouping opts")))
}

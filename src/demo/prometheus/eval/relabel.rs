//! Functions that make labels: `label_replace`, `label_join` and what `absent` says about the missing.
//! Leaves values alone.

use std::collections::HashSet;

use promql_parser::{label::MatchOp, parser::Expr};
use regex::Regex;

use super::super::{
    error::QueryError,
    tsdb::{Labels, METRIC_NAME, labels::is_label_name},
    value::Row,
};

/// `label_replace(v, destination, replacement, source, regex)`; the texts are those after `v`.
pub(super) fn replace(rows: Vec<Row>, texts: &[String]) -> Result<Vec<Row>, QueryError> {
    let [destination, replacement, source, pattern] = texts else { return Err(wrong_count("label_replace")) };
    let regex = Regex::new(&format!("^(?:{pattern})$"))
        .map_err(|_| QueryError::execution(format!("invalid regular expression in label_replace(): {pattern}")))?;
    if !is_label_name(destination) {
        return Err(QueryError::execution(format!("invalid destination label name in label_replace(): {destination}")));
    }
    let replaced = |row: Row| {
        let Some(found) = regex.captures(row.labels.get(source)) else { return row };
        let mut value = String::new();
        found.expand(replacement, &mut value);
        Row::new(row.labels.with(destination, &value), row.value)
    };
    Ok(rows.into_iter().map(replaced).collect())
}

/// `label_join(v, destination, separator, sources...)`; the texts are those after `v`.
pub(super) fn join(rows: Vec<Row>, texts: &[String]) -> Result<Vec<Row>, QueryError> {
    let [destination, separator, sources @ ..] = texts else { return Err(wrong_count("label_join")) };
    if let Some(source) = sources.iter().find(|source| !is_label_name(source)) {
        return Err(QueryError::execution(format!("invalid source label name in label_join(): {source}")));
    }
    if !is_label_name(destination) {
        return Err(QueryError::execution(format!("invalid destination label name in label_join(): {destination}")));
    }
    let joined = |row: Row| {
        let value = sources.iter().map(|source| row.labels.get(source)).collect::<Vec<_>>().join(separator);
        Row::new(row.labels.with(destination, &value), row.value)
    };
    Ok(rows.into_iter().map(joined).collect())
}

/// `absent` and `absent_over_time`: 1 where nothing is, labelled with what the selector asked for.
pub(super) fn absent(asked: &Expr, is_absent: bool) -> Vec<Row> {
    if is_absent { vec![Row::new(wanted(asked), 1.0)] } else { Vec::new() }
}

/// The labels a selector pins down: those asked for by one `=` only.
fn wanted(asked: &Expr) -> Labels {
    let selector = match asked {
        Expr::Paren(e) => return wanted(&e.expr),
        Expr::VectorSelector(selector) => selector,
        Expr::MatrixSelector(e) => &e.vs,
        _ => return Labels::default(),
    };
    let (mut labels, mut had) = (Labels::default(), HashSet::new());
    for matcher in selector.matchers.matchers.iter().filter(|matcher| matcher.name != METRIC_NAME) {
        let pinned = matches!(matcher.op, MatchOp::Equal) && had.insert(&matcher.name);
        labels = labels.with(&matcher.name, if pinned { &matcher.value } else { "" });
    }
    labels
}

fn wrong_count(name: &str) -> QueryError {
    QueryError::bad_data(format!("{name} lacks an argument"))
}

//! `/api/v1/series`, `/api/v1/labels` and `/api/v1/label/NAME/values`: what there is, without its values.
//! Lists nothing that has no samples in the asked time.

use std::collections::BTreeSet;

use promql_parser::{label::Matcher, parser::Expr};

use super::super::{
    error::QueryError,
    eval::parse_bounded,
    tsdb::{Labels, Store, labels::is_label_name},
};
use super::{
    envelope::Reply,
    params::{Params, invalid},
    print::{label_object, quoted},
};

/// The label sets that some `match[]` selects, sorted, each once.
pub(super) fn series(params: &Params, store: &Store, _now: i64) -> Result<Reply, QueryError> {
    if params.all("match[]").next().is_none() {
        return Err(QueryError::bad_data("no match[] parameter provided"));
    }
    Ok(Reply::list(selected(params, store)?.iter().map(label_object).collect(), params.limit()?))
}

/// The names of their labels; without `match[]` of all.
pub(super) fn labels(params: &Params, store: &Store, _now: i64) -> Result<Reply, QueryError> {
    let selected = selected(params, store)?;
    let names: BTreeSet<&str> = selected.iter().flat_map(|labels| labels.pairs()).map(|(name, _)| &**name).collect();
    Ok(Reply::list(names.into_iter().map(quoted).collect(), params.limit()?))
}

/// The values one of their labels takes.
pub(super) fn values(name: &str, params: &Params, store: &Store) -> Result<Reply, QueryError> {
    if !is_label_name(name) {
        return Err(QueryError::bad_data(format!("invalid label name: {name:?}")));
    }
    let selected = selected(params, store)?;
    let values: BTreeSet<&str> = selected.iter().map(|labels| labels.get(name)).filter(|value| !value.is_empty()).collect();
    Ok(Reply::list(values.into_iter().map(quoted).collect(), params.limit()?))
}

fn selected(params: &Params, store: &Store) -> Result<BTreeSet<Labels>, QueryError> {
    let (start, end) = (params.moment_or("start", i64::MIN)?, params.moment_or("end", i64::MAX)?);
    let mut selections = params.all("match[]").map(matchers).collect::<Result<Vec<_>, _>>()?;
    if selections.is_empty() {
        selections.push(Vec::new());
    }
    let series = selections.iter().flat_map(|matchers| store.select(matchers));
    Ok(series.filter(|series| series.touches(start, end)).map(|series| series.labels().clone()).collect())
}

fn matchers(text: &str) -> Result<Vec<Matcher>, QueryError> {
    let wrong = |why: &str| invalid("match[]", &format!("parse error: {why}"));
    match parse_bounded(text).map_err(|why| wrong(&why))? {
        Expr::VectorSelector(selector)
            if selector.at.is_none() && selector.offset.is_none() && selector.matchers.or_matchers.is_empty() =>
        {
            let name = selector.name.and_then(|name| Matcher::new_metric_name_matcher(name).ok());
            Ok(selector.matchers.matchers.into_iter().chain(name).collect())
        }
        _ => Err(wrong("a series selector is expected: a name, labels in braces, or both")),
    }
}

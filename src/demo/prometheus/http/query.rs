//! `/api/v1/query` and `/api/v1/query_range`.
//! Refuses, as Prometheus does, a range with more points than a screen could ever show.

use super::super::{error::QueryError, eval, tsdb::Store};
use super::{
    envelope::Reply,
    params::{Params, invalid},
    print,
};

/// Points of one series in one answer: Prometheus' limit.
const MAX_POINTS: i64 = 11_000;

/// One moment; `time` is now where it is not given.
pub(super) fn instant(params: &Params, store: &Store, now: i64) -> Result<Reply, QueryError> {
    let at = params.moment_or("time", now)?;
    let (options, limit) = (params.options()?, params.limit()?);
    let answer = eval::instant(store, params.get("query"), at, options)?;
    let (data, truncated) = print::data(&answer, limit);
    Ok(Reply { data, truncated })
}

/// Every `step` from `start` to `end`.
pub(super) fn range(params: &Params, store: &Store, _now: i64) -> Result<Reply, QueryError> {
    let (start, end) = (params.moment("start")?, params.moment("end")?);
    if end < start {
        return Err(invalid("end", "end timestamp must not be before start time"));
    }
    let step = params.duration("step")?;
    if step <= 0 {
        let why = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        return Err(invalid("step", why));
    }
    if (end - start) / step > MAX_POINTS {
        let why = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)";
        return Err(QueryError::bad_data(why));
    }
    let (options, limit) = (params.options()?, params.limit()?);
    let answer = eval::range(store, params.get("query"), start, end, step, options)?;
    let (data, truncated) = print::data(&answer, limit);
    Ok(Reply { data, truncated })
}

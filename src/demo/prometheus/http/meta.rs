//! What the embedded Prometheus says about itself: its version, and that it has no alerts or metadata.
//! Claims no more than the version whose rules its evaluation follows.

use super::super::{error::QueryError, tsdb::Store};
use super::{envelope::Reply, params::Params};

/// The version whose behaviour is followed; clients choose by it what they may ask for. The branch says that it is not the original.
pub(super) fn buildinfo(_: &Params, _: &Store, _: i64) -> Result<Reply, QueryError> {
    let text = r#"{"version":"2.42.0","revision":"embedded","branch":"flightdeck-demo","buildUser":"","buildDate":"","goVersion":""}"#;
    Ok(Reply::whole(text))
}

/// No metric has a recorded type or help.
pub(super) fn metadata(_: &Params, _: &Store, _: i64) -> Result<Reply, QueryError> {
    Ok(Reply::whole("{}"))
}

/// No alerts.
pub(super) fn alerts(_: &Params, _: &Store, _: i64) -> Result<Reply, QueryError> {
    Ok(Reply::whole(r#"{"alerts":[]}"#))
}

//! The HTTP API of the embedded Prometheus, as far as dashboards and the cockpit's client use it.
//! Writes nothing: there is no path that changes a series.

mod envelope;
mod meta;
mod params;
mod print;
mod query;
mod selection;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
    routing::{MethodRouter, get},
};

use self::{envelope::Reply, params::Params};
use super::{error::QueryError, tsdb::Store};

/// Where the API finds its series and the time.
pub trait Source: Send + Sync {
    /// Lets `look` see the series as they are at one moment, and that moment: milliseconds since 1970. Calls it exactly once.
    fn with(&self, look: &mut dyn FnMut(&Store, i64));

    /// The rules it runs, as the `data` of `/api/v1/rules`; none where nobody says otherwise.
    fn rules(&self) -> String {
        r#"{"groups":[]}"#.to_owned()
    }
}

type Shared = Arc<dyn Source>;

/// What an endpoint makes of its parameters, the series and the time.
type Endpoint = fn(&Params, &Store, i64) -> Result<Reply, QueryError>;

/// The API over `source`. Every path is Prometheus' own; the caller nests it wherever it likes.
pub fn router(source: Arc<dyn Source>) -> Router {
    Router::new()
        .route("/api/v1/query", both(query::instant))
        .route("/api/v1/query_range", both(query::range))
        .route("/api/v1/series", both(selection::series))
        .route("/api/v1/labels", both(selection::labels))
        .route("/api/v1/label/{name}/values", get(values))
        .route("/api/v1/status/buildinfo", only_get(meta::buildinfo))
        .route("/api/v1/metadata", only_get(meta::metadata))
        .route("/api/v1/rules", get(async |State(source): State<Shared>| envelope::response(Ok(Reply::whole(source.rules())))))
        .route("/api/v1/alerts", only_get(meta::alerts))
        .route("/-/healthy", get(async || "Prometheus Server is Healthy.\n"))
        .route("/-/ready", get(async || "Prometheus Server is Ready.\n"))
        .fallback(async || (StatusCode::NOT_FOUND, "404 page not found\n"))
        .with_state(source)
}

/// Parameters in the address or, with POST, in a form: Prometheus reads both together.
fn both(endpoint: Endpoint) -> MethodRouter<Shared> {
    only_get(endpoint).post(move |State(source): State<Shared>, RawQuery(query): RawQuery, body: Bytes| {
        let body = String::from_utf8_lossy(&body).into_owned();
        std::future::ready(answer(&source, &Params::read(&[&body, &query.unwrap_or_default()]), endpoint))
    })
}

fn only_get(endpoint: Endpoint) -> MethodRouter<Shared> {
    get(move |State(source): State<Shared>, RawQuery(query): RawQuery| {
        std::future::ready(answer(&source, &Params::read(&[&query.unwrap_or_default()]), endpoint))
    })
}

async fn values(State(source): State<Shared>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    let params = Params::read(&[&query.unwrap_or_default()]);
    answer(&source, &params, |params, store, _| selection::values(&name, params, store))
}

fn answer(source: &Shared, params: &Params, endpoint: impl Fn(&Params, &Store, i64) -> Result<Reply, QueryError>) -> Response {
    let mut reply = None;
    source.with(&mut |store, now| reply = Some(endpoint(params, store, now)));
    envelope::response(reply.unwrap_or_else(|| Err(QueryError::execution("the series are not readable at the moment; ask again"))))
}

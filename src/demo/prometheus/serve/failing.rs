//! What goes wrong with the embedded Prometheus, and how each fault looks to whoever asks.
//! Never touches a series: when a fault ends, every answer is what it would have been.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::demo::cluster::Cluster;
use crate::demo::faults::{Kind, Written};

/// The kinds of fault of the embedded Prometheus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrometheusFault {
    /// Every answer comes late.
    Slow {
        /// By how much, in real time.
        delay: Duration,
    },
    /// Answers carry a warning, as when one of several stores behind a query does not answer.
    Partial,
    /// Every request is answered with 500, in Prometheus' envelope.
    Error,
    /// Every request is answered with 502 by a proxy in front: a page, no JSON.
    BadGateway,
    /// Every request is answered with 200 and a page to log in: no JSON either.
    Garbage,
    /// Connections are closed at once: open ones are cut, new ones not served.
    Gone,
}

impl Kind for PrometheusFault {
    const WORDS: &'static str = "slow, partial, error, bad-gateway, garbage, gone";

    fn read(written: &Written) -> Result<Option<Self>, String> {
        Ok(Some(match written.kind.as_str() {
            "slow" => Self::Slow { delay: written.delay()? },
            "partial" => Self::Partial,
            "error" => Self::Error,
            "bad-gateway" => Self::BadGateway,
            "garbage" => Self::Garbage,
            "gone" => Self::Gone,
            _ => return Ok(None),
        }))
    }

    fn takes(&self, field: &str) -> bool {
        matches!((self, field), (Self::Slow { .. }, "delay"))
    }
}

/// What a partial answer warns of.
const WARNING: &str = "some series are missing: 1 of 2 stores did not answer within 10s";
const ERROR: &str = r#"{"status":"error","errorType":"internal","error":"the series could not be read: the write-ahead log is corrupted"}"#;
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
const LOGIN: &str = "<!doctype html>\n<title>Sign in</title>\n<form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form>\n";

/// Answers as the faults in force let it, dated by the cluster's clock.
pub(super) async fn fail(State(cluster): State<Arc<Cluster>>, request: Request, next: Next) -> Response {
    let faults = cluster.prometheus_faults();
    for fault in &faults {
        if let PrometheusFault::Slow { delay } = fault {
            tokio::time::sleep(*delay).await;
        }
    }
    let mut response = failed(&cluster, &faults, request, next).await;
    let date = cluster.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

async fn failed(cluster: &Cluster, faults: &[PrometheusFault], request: Request, next: Next) -> Response {
    let has = |fault| faults.contains(&fault);
    if has(PrometheusFault::Gone) {
        // This connection is older than the fault; bringing the cluster up to now cuts it.
        cluster.read(|_| ());
        return std::future::pending().await;
    }
    let page = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    if has(PrometheusFault::BadGateway) {
        return (StatusCode::BAD_GATEWAY, page, BAD_GATEWAY).into_response();
    }
    if has(PrometheusFault::Garbage) {
        return (page, LOGIN).into_response();
    }
    if has(PrometheusFault::Error) {
        return (StatusCode::INTERNAL_SERVER_ERROR, [(CONTENT_TYPE, "application/json")], ERROR).into_response();
    }
    let response = next.run(request).await;
    if has(PrometheusFault::Partial) && response.status().is_success() { warned(response).await } else { response }
}

/// The answer with a warning at its end. One that already warns, or is no envelope, stays as it is.
async fn warned(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let text = body
        .strip_prefix(b"{\"status\":\"success\"")
        .and_then(|rest| rest.strip_suffix(b"}"))
        .and_then(|rest| std::str::from_utf8(rest).ok());
    let Some(text) = text.filter(|text| !text.contains(",\"warnings\":[")) else {
        return Response::from_parts(head, Body::from(body));
    };
    head.headers.remove(CONTENT_LENGTH);
    let warning = serde_json::Value::from(WARNING);
    Response::from_parts(head, Body::from(format!("{{\"status\":\"success\"{text},\"warnings\":[{warning}]}}")))
}

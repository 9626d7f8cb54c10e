//! The JSON around every answer: `status`, `data`, and what went wrong.
//! Never wraps an error in a success.

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use super::{super::error::QueryError, print::quoted};

/// Prometheus' sentence when `limit` cut an answer.
const TRUNCATED: &str = "results truncated due to limit";

/// The data of a successful answer, as JSON, and whether some of it was cut off.
pub(super) struct Reply {
    pub data: String,
    pub truncated: bool,
}

impl Reply {
    pub fn whole(data: impl Into<String>) -> Self {
        Self { data: data.into(), truncated: false }
    }

    /// A list cut to `limit` elements; 0 cuts nothing.
    pub fn list(mut elements: Vec<String>, limit: usize) -> Self {
        let truncated = limit > 0 && elements.len() > limit;
        if truncated {
            elements.truncate(limit);
        }
        Self { data: format!("[{}]", elements.join(",")), truncated }
    }
}

/// The HTTP response for either outcome.
pub(super) fn response(outcome: Result<Reply, QueryError>) -> Response {
    let json = [(CONTENT_TYPE, "application/json")];
    match outcome {
        Ok(reply) => {
            let warnings = if reply.truncated { format!(",\"warnings\":[{}]", quoted(TRUNCATED)) } else { String::new() };
            (json, format!("{{\"status\":\"success\",\"data\":{}{warnings}}}", reply.data)).into_response()
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let (kind, message) = (error.kind.word(), quoted(&error.message));
            (status, json, format!("{{\"status\":\"error\",\"errorType\":\"{kind}\",\"error\":{message}}}")).into_response()
        }
    }
}

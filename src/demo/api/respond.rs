//! Turns values into HTTP answers, and reads from a request in which form the client wants them.
//! Never decides what the answer is.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// The shapes in which objects can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Whole objects.
    Full,
    /// A table of the columns kubectl prints.
    Table,
    /// Metadata only.
    Partial,
}

/// The first form of the Accept header that this server has. Protobuf is passed over: every client that asks for it takes JSON too.
pub(super) fn form(headers: &HeaderMap) -> Form {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for wish in accept.split(',') {
        let mut parts = wish.split(';').map(str::trim);
        if !matches!(parts.next(), Some("application/json" | "application/*" | "*/*")) {
            continue;
        }
        let parameters: Vec<&str> = parts.collect();
        match parameters.iter().find_map(|parameter| parameter.strip_prefix("as=")) {
            None => return Form::Full,
            // v1beta1 of the table is gone from today's servers; a client that wants only that gets plain objects.
            Some("Table") if parameters.contains(&"v=v1") => return Form::Table,
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") if parameters.contains(&"v=v1") => return Form::Partial,
            Some(_) => {}
        }
    }
    Form::Full
}

/// A JSON answer.
pub(super) fn json(code: u16, value: &Value) -> Response<Body> {
    bytes(code, "application/json", Bytes::from(value.to_string()))
}

/// An answer of any type.
pub(super) fn bytes(code: u16, content_type: &'static str, body: Bytes) -> Response<Body> {
    whole(code, content_type, Body::from(body))
}

/// An answer whose body may be a stream.
pub(super) fn whole(code: u16, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    response
}

/// An object cut down to its metadata.
pub(super) fn partial(object: &Value) -> Value {
    json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Form {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        form(&headers)
    }

    #[test]
    fn takes_the_first_form_it_has() {
        assert_eq!(
            of("application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"),
            Form::Table
        );
        assert_eq!(of("application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json"), Form::Full);
        assert_eq!(of("application/vnd.kubernetes.protobuf,application/json"), Form::Full);
        assert_eq!(of("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"), Form::Partial);
        assert_eq!(form(&HeaderMap::new()), Form::Full);
    }
}

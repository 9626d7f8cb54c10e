//! The OpenAPI documents, as little of them as clients need to go on without schemas.
//! Describes no type: clients that look one up find none and validate nothing, as with custom resources that preserve unknown fields.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response, header};
use serde_json::{Value, json};

use super::respond;

/// `/openapi/v2`: kubectl asks for protobuf and nothing else.
pub(super) fn v2(headers: &HeaderMap) -> Response<Body> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("proto") {
        // openapi.v2.Document { swagger = 1: "2.0", info = 2 { title = 1, version = 2 } }, gnostic's OpenAPIv2.proto.
        let info = [field(1, b"flightdeck demo"), field(2, b"v1")].concat();
        let document = [field(1, b"2.0"), field(2, &info)].concat();
        return respond::bytes(200, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", Bytes::from(document));
    }
    let info = json!({ "title": "flightdeck demo", "version": "v1" });
    respond::json(200, &json!({ "swagger": "2.0", "info": info, "paths": {}, "definitions": {} }))
}

/// `/openapi/v3` and one group's document below it.
pub(super) fn v3(rest: &str) -> Value {
    if rest.is_empty() {
        return json!({ "paths": {} });
    }
    json!({ "openapi": "3.0.0", "info": { "title": "flightdeck demo", "version": "v1" }, "paths": {}, "components": { "schemas": {} } })
}

/// A length-delimited protobuf field shorter than 128 bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2, bytes.len().min(127) as u8];
    out.extend_from_slice(&bytes[..bytes.len().min(127)]);
    out
}

//! The server's "no": Kubernetes Status objects with the wording, reasons and codes of the real API server (apimachinery api/errors).
//! Never an answer without a Status object.

use axum::body::Body;
use axum::http::{Response, header};
use serde_json::{Value, json};

use crate::demo::admission::Refused;
use crate::demo::rights::{Question, User};
use crate::demo::store::{Key, Resource, StoreError};

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    reason: &'static str,
    pub(super) message: String,
    /// Boxed, so that a refusal stays small on the way up.
    details: Box<Value>,
    retry_after: Option<u64>,
}

/// The result of anything a request asks for.
pub(super) type Answer<T> = Result<T, Refusal>;

/// `deployments.apps`, or `pods` in the core group.
pub(super) fn qualified(plural: &str, group: &str) -> String {
    if group.is_empty() { plural.to_owned() } else { format!("{plural}.{group}") }
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: Box::new(Value::Null), retry_after: None }
    }

    fn about(mut self, resource: Resource, name: &str) -> Self {
        self.details = Box::new(json!({ "name": name, "group": resource.group, "kind": resource.plural }));
        self
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// apiserver endpoints/handlers/responsewriters `forbiddenMessage`.
    pub(super) fn forbidden(user: &User, asked: Question<'_>, name: &str) -> Self {
        let what = match asked.subresource {
            "" => asked.resource.to_owned(),
            sub => format!("{}/{sub}", asked.resource),
        };
        let place = asked.namespace.map_or("at the cluster scope".to_owned(), |ns| format!("in the namespace \"{ns}\""));
        let subject = match name {
            "" => qualified(asked.resource, asked.group),
            name => format!("{} \"{name}\"", qualified(asked.resource, asked.group)),
        };
        let message = format!(
            "{subject} is forbidden: User \"{}\" cannot {} resource \"{what}\" in API group \"{}\" {place}",
            user.name, asked.verb, asked.group
        );
        let mut refusal = Self::new(403, "Forbidden", message);
        refusal.details = Box::new(json!({ "name": name, "group": asked.group, "kind": asked.resource }));
        refusal
    }

    pub(super) fn not_found(resource: Resource, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{} \"{name}\" not found", qualified(resource.plural, resource.group))).about(resource, name)
    }

    /// No such path.
    pub(super) fn no_such_path() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    }

    pub(super) fn conflict(resource: Resource, name: &str, why: &str) -> Self {
        let what = qualified(resource.plural, resource.group);
        Self::new(409, "Conflict", format!("Operation cannot be fulfilled on {what} \"{name}\": {why}")).about(resource, name)
    }

    fn exists(resource: Resource, name: &str) -> Self {
        let what = qualified(resource.plural, resource.group);
        Self::new(409, "AlreadyExists", format!("{what} \"{name}\" already exists")).about(resource, name)
    }

    /// The list was begun, or the watch starts, before what the log still holds.
    pub(super) fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    pub(super) fn unsupported_patch(accepted: &str) -> Self {
        let message = format!("the body of the request was in an unknown format - accepted media types include: {accepted}");
        Self::new(415, "UnsupportedMediaType", message)
    }

    pub(super) fn unsupported_body(content_type: &str) -> Self {
        Self::new(
            415,
            "UnsupportedMediaType",
            format!(
                "the body is {content_type}, which this server does not read; send application/json (kubectl apply and kubectl create -f do)"
            ),
        )
    }

    /// A webhook said no; the reason is that of the code, as webhooks give it.
    pub(super) fn denied(refused: Refused) -> Self {
        let reason = match refused.code {
            400 => "BadRequest",
            403 => "Forbidden",
            409 => "Conflict",
            422 => "Invalid",
            429 => "TooManyRequests",
            500 => "InternalError",
            _ => "",
        };
        Self::new(refused.code, reason, refused.message)
    }

    /// A field is not acceptable.
    pub(super) fn invalid(resource: Resource, name: &str, why: &str) -> Self {
        let kind = qualified(resource.kind, resource.group);
        let mut refusal = Self::new(422, "Invalid", format!("{kind} \"{name}\" is invalid: {why}"));
        refusal.details = Box::new(json!({ "name": name, "group": resource.group, "kind": resource.kind, "causes": [cause(why)] }));
        refusal
    }

    /// List options contradict each other.
    pub(super) fn invalid_options(why: &str) -> Self {
        Self::new(422, "Invalid", format!("ListOptions.meta.k8s.io \"\" is invalid: {why}"))
    }

    /// A JSON patch did not apply: the real server does not say which operation.
    pub(super) fn json_patch_failed() -> Self {
        Self::new(422, "Invalid", "the server rejected our request due to an error in our request")
    }

    pub(super) fn too_many(seconds: u64) -> Self {
        let mut refusal = Self::new(429, "TooManyRequests", "Too many requests, please try again later.");
        refusal.details = Box::new(json!({ "retryAfterSeconds": seconds }));
        refusal.retry_after = Some(seconds);
        refusal
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalError", format!("Internal error occurred: {}", message.into()))
    }

    /// What an API server on an etcd without progress notifications says inside a 200 answer.
    pub(super) fn no_streaming_lists() -> Self {
        let message = "a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled";
        Self { reason: "", ..Self::new(500, "", message) }
    }

    /// The service proxy has nowhere to pass a request to (apiserver registry/core/service, apimachinery util/proxy).
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(503, "ServiceUnavailable", message)
    }

    /// The client knows a revision this server has not reached.
    pub(super) fn ahead(asked: u64, current: u64) -> Self {
        let mut refusal = Self::new(504, "Timeout", format!("Too large resource version: {asked}, current: {current}"));
        refusal.details = Box::new(json!({ "retryAfterSeconds": 1,
                                  "causes": [{ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" }] }));
        refusal.retry_after = Some(1);
        refusal
    }

    /// The storage's error about `key`, as the API says it.
    pub(super) fn of(error: StoreError, resource: Resource, name: &str) -> Self {
        match error {
            StoreError::NotFound(key) => Self::not_found(key.resource, &key.name),
            StoreError::Exists(Key { resource, name, .. }) => Self::exists(resource, &name),
            StoreError::Conflict(Key { resource, name, .. }) => Self::conflict(
                resource,
                &name,
                "the object has been modified; please apply your changes to the latest version and try again",
            ),
            StoreError::Invalid(why) => Self::invalid(resource, name, &why),
            StoreError::Gone => Self::expired("The resourceVersion for the provided watch is too old."),
        }
    }

    /// The Status object.
    pub(super) fn status(&self) -> Value {
        let mut status = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        if !self.details.is_null() {
            status["details"] = (*self.details).clone();
        }
        status["code"] = json!(self.code);
        status
    }

    pub(super) fn response(&self) -> Response<Body> {
        let mut response = super::respond::json(self.code, &self.status());
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// `field.path: Reason: detail` split as Status causes have it.
fn cause(why: &str) -> Value {
    let (field, message) = why.split_once(": ").unwrap_or(("", why));
    let reason = match message.split(':').next() {
        Some("Required value") => "FieldValueRequired",
        Some("Forbidden") => "FieldValueForbidden",
        _ => "FieldValueInvalid",
    };
    json!({ "reason": reason, "message": message, "field": field })
}

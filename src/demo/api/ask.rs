//! One request about objects, as every answering function takes it, and the answer of a single object.
//! Never holds a lock.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Response, header};
use serde_json::{Value, json};

use super::managed::{self, Writer};
use super::path::Place;
use super::protobuf;
use super::query::Query;
use super::refusal::{Answer, Refusal};
use super::respond::{self, Form};
use super::table;
use crate::demo::admission::{self, Asked};
use crate::demo::cluster::Cluster;
use crate::demo::sim::Sim;
use crate::demo::store::Key;
use crate::demo::visit::{Did, Visit};

/// A request about objects, allowed already.
pub(super) struct Ask {
    pub(super) cluster: Arc<Cluster>,
    /// Who asks, by name.
    pub(super) user: String,
    /// What admission has to say besides yes and no.
    pub(super) warnings: Mutex<Vec<String>>,
    pub(super) method: Method,
    pub(super) place: Place,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Ask {
    pub(super) fn form(&self) -> Form {
        respond::form(&self.headers)
    }

    pub(super) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The key of the one object asked about.
    pub(super) fn key(&self) -> Answer<Key> {
        let name = self.place.name.as_deref().ok_or_else(Refusal::method_not_allowed)?;
        Ok(Key::new(self.place.resource, self.place.namespace.as_deref().unwrap_or_default(), name))
    }

    /// Who writes, for managedFields.
    pub(super) fn writer(&self) -> Writer<'_> {
        let agent = Some(self.header(header::USER_AGENT));
        Writer {
            manager: managed::manager(self.query.field_manager.as_deref(), agent),
            subresource: self.place.sub.as_deref().unwrap_or_default(),
            now: self.cluster.now(),
        }
    }

    /// Tells the cluster what this request came to.
    pub(super) fn visit(&self, sim: &mut Sim, key: &Key, old: Option<&Arc<Value>>, new: &Arc<Value>) {
        let did = match (&self.method, self.query.dry_run) {
            (&Method::GET, _) => Did::Read,
            (_, true) => Did::DryRun,
            (_, false) => Did::Write,
        };
        sim.visit(Visit { at: sim.now(), user: self.user.clone(), key: key.clone(), did, old: old.cloned(), new: new.clone() });
    }

    /// What webhooks call the request; `None` for those they are not asked about here.
    pub(super) fn operation(&self) -> Option<&'static str> {
        match self.method {
            Method::POST => Some("create"),
            Method::PUT | Method::PATCH => Some("update"),
            _ => None,
        }
    }

    /// The question webhooks are asked.
    pub(super) fn asked<'a>(&'a self, operation: &'a str) -> Asked<'a> {
        Asked {
            operation,
            resource: self.place.resource.plural,
            subresource: self.place.sub.as_deref().unwrap_or_default(),
            namespace: self.place.namespace.as_deref().unwrap_or_default(),
            user: &self.user,
            dry_run: self.query.dry_run,
            age: self.cluster.age(),
        }
    }

    /// Asks the webhooks about a write that makes `new` of `old`, and keeps their warnings.
    pub(super) fn admit(&self, operation: &str, old: Option<&Value>, new: &Value) -> Answer<()> {
        let verdict = admission::judge(&self.cluster.admission, self.asked(operation), old, new);
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(verdict.warnings);
        verdict.refused.map_or(Ok(()), |refused| Err(Refusal::denied(refused)))
    }

    /// The `Warning` headers of the answer (RFC 7234 §5.5, as the API server writes them).
    pub(super) fn warn(&self, response: &mut Response<Body>) {
        for warning in self.warnings.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
            if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{quoted}\"")) {
                response.headers_mut().append(header::WARNING, value);
            }
        }
    }

    /// The body as a JSON object.
    pub(super) fn object(&self) -> Answer<Value> {
        body(self.header(header::CONTENT_TYPE), &self.body)
    }

    /// Answers with one object in the form asked for.
    pub(super) fn answer(&self, code: u16, object: &Value) -> Response<Body> {
        match self.form() {
            Form::Full => respond::json(code, object),
            Form::Partial => respond::json(code, &respond::partial(object)),
            Form::Table => {
                let meta = json!({ "resourceVersion": object["metadata"]["resourceVersion"] });
                let include = &self.query.include_object;
                let rows = [object].into_iter();
                respond::json(code, &table::table(self.place.resource, rows, include, self.cluster.now(), meta, true))
            }
        }
    }
}

/// A request's body as a JSON object.
pub(super) fn body(content_type: &str, bytes: &[u8]) -> Answer<Value> {
    let unrecognized = |why: String| Refusal::bad_request(format!("the object provided is unrecognized: {why}"));
    if content_type.starts_with("application/vnd.kubernetes.protobuf") {
        return protobuf::decode(bytes);
    }
    if !content_type.is_empty() && !content_type.contains("json") {
        return Err(Refusal::unsupported_body(content_type));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|e| unrecognized(e.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(unrecognized("it is not a JSON object".into())) }
}

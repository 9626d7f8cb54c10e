//! `/services/[SCHEME:]NAME[:PORT]/proxy/…`: passes a request on to the embedded Prometheus, as the API server passes it on to a Service.
//! Passes on no credentials, and leads nowhere else: no other Service here has anything behind it.

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, Response, StatusCode, header, request::Parts};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;

use super::App;
use super::refusal::{Answer, Refusal};
use crate::demo::prometheus::{PrometheusFault, install};
use crate::demo::rights::{Question, User};
use crate::demo::store::{Key, SERVICES};

/// What a request through the proxy is for.
pub(super) struct To {
    pub(super) namespace: String,
    /// `[SCHEME:]NAME[:PORT]`, as it stands in the path.
    pub(super) name: String,
    /// The path at the Service.
    pub(super) path: String,
}

/// Headers that end at the API server: who asks is its own affair (apiserver endpoints/filters `WithAuthentication`, `WithImpersonation`).
const STRIPPED: [header::HeaderName; 4] = [header::AUTHORIZATION, header::HOST, header::CONNECTION, header::UPGRADE];

/// Answers a request through the proxy, where the user may.
pub(super) async fn proxy(app: &App, user: &User, to: To, head: Parts, body: Bytes) -> Answer<Response<Body>> {
    let verb = match head.method {
        Method::GET | Method::HEAD => "get",
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ => return Err(Refusal::method_not_allowed()),
    };
    let asked = Question { verb, group: "", resource: "services", subresource: "proxy", namespace: Some(&to.namespace) };
    if !user.may(asked) {
        return Err(Refusal::forbidden(user, asked, &to.name));
    }
    let (scheme, name, port) = parts(&to.name).ok_or_else(|| Refusal::bad_request(format!("invalid service request \"{}\"", to.name)))?;
    let key = Key::new(SERVICES, to.namespace.as_str(), name);
    let service = app.cluster.read(|sim| sim.store.get(&key).cloned()).ok_or_else(|| Refusal::not_found(SERVICES, name))?;
    let ports = service["spec"]["ports"].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = port.parse::<u16>().ok();
    let known =
        |one: &&Value| port.is_empty() && ports.len() == 1 || one["name"] == port || number.is_some_and(|number| one["port"] == number);
    if !ports.iter().any(|one| known(&one)) {
        return Err(Refusal::unavailable(format!("no service port \"{port}\" found for service \"{name}\"")));
    }
    if (to.namespace.as_str(), name) != (install::NAMESPACE, install::SERVICE) {
        return Err(Refusal::unavailable(format!("no endpoints available for service \"{name}\"")));
    }
    let unreached = |why: &str| Refusal::unavailable(format!("error trying to reach service: {why}"));
    let wants_tls = ports.iter().any(|one| known(&one) && one["port"] == install::TLS_PORT);
    match (scheme == "https", wants_tls) {
        (true, false) => return Err(unreached("http: server gave HTTP response to HTTPS client")),
        (false, true) => {
            let mut answer = Response::new(Body::from("Client sent an HTTP request to an HTTPS server.\n"));
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            return Ok(answer);
        }
        // The API server does not check the certificate of a Service.
        (true, true) | (false, false) => {}
    }
    if app.cluster.prometheus_faults().contains(&PrometheusFault::Gone) {
        return Err(unreached("dial tcp 10.244.0.9:9090: connect: connection refused"));
    }
    let target = head.uri.query().map_or_else(|| to.path.clone(), |query| format!("{}?{query}", to.path));
    let mut request = Request::builder().method(head.method).uri(target);
    for (name, value) in &head.headers {
        if !STRIPPED.contains(name) && !name.as_str().starts_with("impersonate-") {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::from(body)).map_err(|error| Refusal::bad_request(error.to_string()))?;
    // What answers here can't fail.
    let Ok(answer) = TowerToHyperService::new(app.prometheus.clone()).call(request).await;
    Ok(answer)
}

/// Scheme, name and port of `NAME`, `NAME:PORT` and `SCHEME:NAME:PORT` (apimachinery util/net `SplitSchemeNamePort`).
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [name] if !name.is_empty() => Some(("", name, "")),
        [name, port] if !name.is_empty() => Some(("", name, port)),
        [scheme @ ("http" | "https" | ""), name, port] if !name.is_empty() => Some((scheme, name, port)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_in_the_path_is_read_as_the_api_server_reads_it() {
        assert_eq!(super::parts("a"), Some(("", "a", "")));
        assert_eq!(super::parts("a:web"), Some(("", "a", "web")));
        assert_eq!(super::parts("https:a:9090"), Some(("https", "a", "9090")));
        assert_eq!(super::parts("ftp:a:9090"), None);
        assert_eq!(super::parts(":9090"), None);
    }
}

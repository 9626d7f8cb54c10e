//! The embedded cluster's Kubernetes API over HTTPS: from a request to the answer of a real API server.
//! Decides nothing about objects: storage and controllers do; this says it in HTTP.

mod ask;
mod auth;
mod columns;
mod delete;
mod discovery;
mod gate;
mod list;
mod logs;
pub(in crate::demo) mod managed;
mod openapi;
mod patch;
mod path;
mod pod_cells;
mod portforward;
mod protobuf;
mod proxy;
mod query;
mod refusal;
mod respond;
mod review;
mod scale;
mod selector;
mod server;
mod strategic;
mod table;
mod tls;
mod validate;
mod watch;
mod write;

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, Response, header};
use serde_json::{Value, json};

use self::ask::Ask;
use self::path::Target;
use self::query::Query;
use self::refusal::{Answer, Refusal};
use self::respond::Form;
use super::admission;
use super::cluster::Cluster;
use super::crds::is_custom;
use super::faults::FaultKind;
use super::rights::{Question, User};
use super::store::{PODS, Part};

pub(in crate::demo) use self::auth::same;
pub(in crate::demo) use self::gate::Gated;
pub(in crate::demo) use self::list::Pages;
pub use self::server::{Server, serve};

/// The largest body taken (the real server's limit).
const BODY: usize = 3 * 1024 * 1024;

/// What every request finds.
struct App {
    cluster: Arc<Cluster>,
    tokens: Arc<auth::Tokens>,
    /// Its Prometheus, as its pod answers.
    prometheus: axum::Router,
    /// What its pod speaks TLS with.
    acceptor: tokio_rustls::TlsAcceptor,
}

/// Answers one request.
async fn handle(State(app): State<Arc<App>>, ConnectInfo(knife): ConnectInfo<server::Knife>, request: Request) -> Response<Body> {
    let write = is_write(&request);
    if write && app.cluster.loses(&FaultKind::LoseRequest) {
        knife.cut();
        return Refusal::internal("the connection is cut").response();
    }
    let faults = app.cluster.active_faults();
    for fault in &faults {
        if let FaultKind::Slow { delay } = fault {
            tokio::time::sleep(*delay).await;
        }
    }
    let mut response = match answer(&app, request, &faults).await {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    };
    if write && response.status().is_success() && app.cluster.loses(&FaultKind::LoseAnswer) {
        knife.cut();
    }
    let date = app.cluster.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// Whether a request would change objects: not a dry run, and not one of the questions that are asked by POST.
fn is_write(request: &Request) -> bool {
    let changes = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    let question = path::REVIEWS.iter().any(|(_, plural)| request.uri().path().ends_with(plural));
    changes && !question && !request.uri().query().unwrap_or_default().contains("dryRun=")
}

async fn answer(app: &App, request: Request, faults: &[FaultKind]) -> Answer<Response<Body>> {
    for fault in faults {
        match fault {
            FaultKind::Unauthorized => return Err(Refusal::unauthorized()),
            FaultKind::TooMany { retry_after } => return Err(Refusal::too_many(*retry_after)),
            FaultKind::Error500 => return Err(Refusal::internal("the demo was asked to fail")),
            _ => {}
        }
    }
    let (mut head, body) = request.into_parts();
    let user = app.tokens.user(&head.headers, app.cluster.now())?;
    let target = app.cluster.read(|sim| path::parse(&sim.store, head.uri.path()));
    let get = matches!(head.method, Method::GET | Method::HEAD);
    match (&target, &user) {
        (Target::Health, _) if get => return Ok(respond::bytes(200, "text/plain; charset=utf-8", Bytes::from_static(b"ok"))),
        (Target::Version, _) if get => return Ok(respond::json(200, &version())),
        _ => {}
    }
    let user = user.ok_or_else(Refusal::unauthorized)?;
    let body = axum::body::to_bytes(body, BODY)
        .await
        .map_err(|_| Refusal::bad_request("the body could not be read: it is larger than 3 MiB, or broke off"))?;
    match target {
        Target::OpenapiV2 if get => Ok(openapi::v2(&head.headers)),
        Target::OpenapiV3(rest) if get => Ok(respond::json(200, &openapi::v3(&rest))),
        Target::Discovery(path) if get => {
            app.cluster.read(|sim| discovery::discover(&sim.store, &path)).map(|found| respond::json(200, &found))
        }
        Target::Review(_, plural) if head.method == Method::POST => {
            let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let sent = ask::body(content_type, &body)?;
            Ok(review::review(plural, &user, sent))
        }
        Target::Proxy(namespace, name, path) => proxy::proxy(app, &user, proxy::To { namespace, name, path }, head, body).await,
        Target::Objects(place) if place.resource == PODS && place.sub.as_deref() == Some("portforward") => {
            portforward::open(app, &user, &place, &mut head)
        }
        Target::Objects(place) => {
            let query = Query::of(&head.uri)?;
            let (cluster, user_name) = (app.cluster.clone(), user.name.clone());
            let warnings = Mutex::default();
            let ask = Ask { cluster, user: user_name, warnings, method: head.method, place, query, headers: head.headers, body };
            allowed(&ask, &user)?;
            if let Some(operation) = ask.operation() {
                tokio::time::sleep(admission::delay(&app.cluster.admission, ask.asked(operation))).await;
            }
            if get && is_custom(ask.place.resource) && faults.contains(&FaultKind::Conversion) {
                let api = discovery::group_version(ask.place.resource);
                return Err(Refusal::internal(format!(
                    "conversion webhook for {api}, Kind={} failed: Post \"https://argo-rollouts-webhook.argo-rollouts.svc:443/convert\": connect: connection refused",
                    ask.place.resource.kind
                )));
            }
            let mut response = objects(&ask).unwrap_or_else(|refusal| refusal.response());
            ask.warn(&mut response);
            Ok(response)
        }
        Target::Unknown => Err(Refusal::no_such_path()),
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Answers a request about objects.
fn objects(ask: &Ask) -> Answer<Response<Body>> {
    let place = &ask.place;
    match (&place.name, place.sub.as_deref(), &ask.method) {
        (None, None, &Method::GET) if ask.query.watch => watch::watch(&ask.cluster, place, &ask.query, ask.form()),
        (None, None, &Method::GET) => list::list(&ask.cluster, place, &ask.query, ask.form()),
        (None, None, &Method::POST) if place.namespace.is_some() || !place.resource.namespaced => write::create(ask),
        (None, None, &Method::DELETE) => delete::collection(ask),
        (Some(_), None | Some("status"), &Method::GET) => {
            if place.sub.is_some() && !place.resource.status {
                return Err(Refusal::no_such_path());
            }
            let key = ask.key()?;
            let found = ask.cluster.write(|sim| {
                let found = sim.store.stored(&key).cloned().ok_or_else(|| Refusal::not_found(key.resource, &key.name))?;
                ask.visit(sim, &key, None, &found.object);
                Ok(found)
            })?;
            match ask.form() {
                Form::Full => Ok(respond::bytes(200, "application/json", found.encoded.bytes(&found.object))),
                _ => Ok(ask.answer(200, &found.object)),
            }
        }
        (Some(_), None, &Method::PUT | &Method::PATCH) => write::update(ask, Part::Main),
        (Some(_), None, &Method::DELETE) => delete::one(ask),
        (Some(_), Some("status"), &Method::PUT | &Method::PATCH) => write::update(ask, Part::Status),
        (Some(_), Some("scale"), _) => scale::scale(ask),
        (Some(_), Some("log"), &Method::GET) if place.resource == PODS => logs::log(ask),
        (Some(_), Some("status" | "log"), _) | (_, None, _) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::no_such_path()),
    }
}

/// Refuses what the user may not do.
fn allowed(ask: &Ask, user: &User) -> Answer<()> {
    let place = &ask.place;
    let verb = match (&ask.method, &place.name) {
        (&Method::GET | &Method::HEAD, Some(_)) => "get",
        (&Method::GET | &Method::HEAD, None) if ask.query.watch => "watch",
        (&Method::GET | &Method::HEAD, None) => "list",
        (&Method::POST, _) => "create",
        (&Method::PUT, _) => "update",
        (&Method::PATCH, _) => "patch",
        (&Method::DELETE, Some(_)) => "delete",
        (&Method::DELETE, None) => "deletecollection",
        _ => return Err(Refusal::method_not_allowed()),
    };
    let asked = Question {
        verb,
        group: place.resource.group,
        resource: place.resource.plural,
        subresource: place.sub.as_deref().unwrap_or_default(),
        namespace: place.namespace.as_deref(),
    };
    if user.may(asked) { Ok(()) } else { Err(Refusal::forbidden(user, asked, place.name.as_deref().unwrap_or_default())) }
}

/// What `/version` says: the API level this server imitates, and that it is the demo's.
fn version() -> Value {
    json!({ "major": "1", "minor": "36", "gitVersion": "v1.36.0+flightdeck-demo", "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "2026-11-21T00:00:00Z", "goVersion": "", "compiler": "rustc", "platform": "linux/amd64" })
}

//! A cluster with these Services in it, each of which leads to a server on loopback that behaves as a test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use flightdeck::metrics::discovery::Finder;
use flightdeck::metrics::settings::Settings;
use flightdeck::ports::route::{Call, Lacking, Listed, Lost, Place, Port, Route, Routes, Told};
use flightdeck::ports::write::Later;
use flightdeck::text::Clean;

/// A request as a server saw it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub params: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
}

impl Asked {
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }
}

type Answering = Arc<dyn Fn(&Asked) -> (u16, String) + Send + Sync>;

/// A server and what it was asked.
#[derive(Clone)]
pub struct Server {
    pub url: String,
    pub seen: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub async fn new(answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let state: (Answering, Arc<Mutex<Vec<Asked>>>) = (Arc::new(answer), seen.clone());
        let router = Router::new().fallback(handle).with_state(state);
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, seen }
    }

    pub fn last(&self) -> Asked {
        self.seen.lock().unwrap().last().cloned().unwrap_or_default()
    }
}

async fn handle(State((answer, seen)): State<(Answering, Arc<Mutex<Vec<Asked>>>)>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let pairs = format!("{}&{}", head.uri.query().unwrap_or_default(), String::from_utf8_lossy(&body));
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        params: reqwest::Url::parse(&format!("http://x/?{pairs}"))
            .unwrap()
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned())).collect(),
    };
    let (status, text) = answer(&asked);
    seen.lock().unwrap().push(asked);
    (axum::http::StatusCode::from_u16(status).unwrap(), text).into_response()
}

/// A success with this data.
pub fn success(data: &str) -> (u16, String) {
    (200, format!(r#"{{"status":"success","data":{data}}}"#))
}

/// An instant answer of one sample.
pub const ONE: &str = r#"{"resultType":"vector","result":[{"metric":{},"value":[1700000000,"3"]}]}"#;
/// An instant answer of none.
pub const EMPTY: &str = r#"{"resultType":"vector","result":[]}"#;

/// A Service of the script.
#[derive(Clone)]
pub struct Known {
    pub listed: Listed,
    pub server: Server,
}

pub fn service(namespace: &str, name: &str, labels: &[(&str, &str)], port: (&str, u16)) -> Listed {
    Listed {
        namespace: Clean::from(namespace),
        name: Clean::from(name),
        labels: labels.iter().map(|(name, value)| (Clean::from(*name), Clean::from(*value))).collect(),
        ports: vec![Port { name: Clean::from(port.0), number: port.1, ..Port::default() }],
    }
}

/// What the cluster offers.
#[derive(Clone)]
pub struct Script {
    pub known: Vec<Known>,
    pub proxies: bool,
    pub forwards: bool,
    /// Whether the API server reaches no pod.
    pub is_unreached: bool,
    pub templates: Vec<serde_json::Value>,
}

impl Script {
    pub fn of(known: Vec<(Listed, &Server)>) -> Self {
        let known = known.into_iter().map(|(listed, server)| Known { listed, server: server.clone() }).collect();
        Self { known, proxies: true, forwards: false, is_unreached: false, templates: Vec::new() }
    }

    pub fn finder(&self) -> Finder {
        self.finder_with(Settings::routed().unwrap())
    }

    pub fn finder_with(&self, settings: Settings) -> Finder {
        Finder::new(Arc::new(self.clone()), settings)
    }

    /// A Service that nobody put there leads nowhere.
    fn way(&self, place: &Place, is_proxy: bool) -> Arc<dyn Route> {
        let known = self.known.iter().find(|one| one.listed.name == place.service && one.listed.namespace == place.namespace);
        let url = known.map(|known| known.server.url.clone());
        Arc::new(Way { place: place.clone(), url, is_proxy, is_unreached: is_proxy && self.is_unreached })
    }
}

impl Routes for Script {
    fn services(&self, _: Option<Clean>, _: &'static str) -> Later<Result<Vec<Listed>, Clean>> {
        let all = self.known.iter().map(|one| one.listed.clone()).collect();
        Box::pin(async move { Ok(all) })
    }

    fn pods(&self, _: Clean, _: usize) -> Later<Result<Vec<Clean>, Clean>> {
        Box::pin(async { Ok(vec![Clean::from("web-1")]) })
    }

    fn templates(&self, _: Vec<Clean>) -> Later<Vec<serde_json::Value>> {
        let templates = self.templates.clone();
        Box::pin(async move { templates })
    }

    fn lacks_to_proxy(&self, _: Place) -> Later<Result<Vec<Lacking>, Clean>> {
        let lacks = if self.proxies { vec![] } else { vec![Lacking { verb: "get", resource: "services/proxy" }] };
        Box::pin(async move { Ok(lacks) })
    }

    fn lacks_to_forward(&self, _: Clean) -> Later<Result<Vec<Lacking>, Clean>> {
        let lacks = if self.forwards { vec![] } else { vec![Lacking { verb: "create", resource: "pods/portforward" }] };
        Box::pin(async move { Ok(lacks) })
    }

    fn proxy(&self, place: Place) -> Arc<dyn Route> {
        self.way(&place, true)
    }

    fn forward(&self, place: Place) -> Arc<dyn Route> {
        self.way(&place, false)
    }

    fn home(&self) -> Later<Clean> {
        Box::pin(async { Clean::default() })
    }
}

/// A way that ends at the server's own port.
struct Way {
    place: Place,
    url: Option<String>,
    is_proxy: bool,
    is_unreached: bool,
}

impl Route for Way {
    fn words(&self) -> Clean {
        let through = if self.is_proxy { "the API server" } else { "a port-forward" };
        Clean::from(format!("{} through {through}", self.place.words()))
    }

    fn short(&self) -> &'static str {
        if self.is_proxy { "the API server" } else { "a port-forward" }
    }

    fn takes_post(&self) -> bool {
        !self.is_proxy
    }

    fn carries_login(&self) -> bool {
        !self.is_proxy
    }

    fn call(&self, call: Call) -> Later<Result<Told, Lost>> {
        let (root, is_unreached, is_https) = (self.url.clone(), self.is_unreached, self.place.is_https);
        Box::pin(async move {
            let Some(root) = root else { return Err(Lost::Away(Clean::from("services not found"))) };
            if is_unreached {
                return Err(Lost::Unreached(Clean::from("error trying to reach service: no route to host")));
            }
            // These servers know TLS by this header: certificates are the business of the tests that open streams.
            let url = format!("{root}{}", call.target);
            let _ = rustls::crypto::ring::default_provider().install_default();
            let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
            let mut request = match &call.form {
                Some(form) => client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form.clone()),
                None => client.get(url),
            };
            request = request.header("x-tls", is_https.to_string());
            for (name, value) in &call.headers {
                request = request.header(name, value);
            }
            let answer = request.send().await.map_err(|error| Lost::Broken(Clean::from(error.to_string())))?;
            let status = answer.status().as_u16();
            Ok(Told { status, retry_after: None, body: answer.bytes().await.unwrap().to_vec(), is_cut: false })
        })
    }
}

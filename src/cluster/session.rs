//! One client for one server under one login, and the requests that are made with it.
//! Never retries and never waits on its own: it answers with what came, or with what went wrong.

use std::time::Duration;

use chrono::DateTime;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, DATE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use serde::Deserialize;

use super::kubeconfig::Chosen;
use super::login::Login;
use super::proxy;
use super::trouble::{Status, Trouble};
use super::words;
use crate::objects::{Kind, Time};

/// The longest answer that is not a list or a watch.
const LONGEST: usize = 1 << 20;

/// The longest list that is read as a whole: one workload's revisions. etcd holds an object of 1.5 MiB at most.
const LONGEST_LIST: usize = 64 << 20;

/// A write that got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// It never left: no connection was made.
    Unsent(String),
    /// It may have arrived.
    Unknown(String),
}

/// A way to the server.
#[derive(Clone)]
pub(super) struct Session {
    /// Counts the times the link was taken up: watches of another one are cut.
    pub line: u64,
    /// Counts logins: who was refused under one waits for a later one.
    pub epoch: u64,
    /// The server's minor version, where it tells one.
    pub minor: Option<u32>,
    /// The server's address as it may be shown.
    pub server: String,
    client: kube::Client,
    compressed: bool,
}

/// What the server says of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Version {
    pub minor: String,
    pub git_version: String,
}

impl Version {
    /// Managed clusters write `32+`.
    pub fn minor(&self) -> Option<u32> {
        self.minor.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()
    }
}

impl Session {
    /// Prepares a client. Opens no connection yet.
    pub fn open(chosen: &Chosen, login: &Login, connect: Duration) -> Result<Self, String> {
        // Two TLS back ends in one program make the choice ambiguous; the first one to be installed stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = super::kubeconfig::shown(&chosen.cluster);
        let mut config = kube::Config::new(chosen.cluster.clone());
        config.default_namespace.clone_from(&chosen.namespace);
        config.root_cert.clone_from(&chosen.roots);
        config.root_cert_file.clone_from(&chosen.roots_file);
        config.accept_invalid_certs = chosen.insecure;
        config.tls_server_name.clone_from(&chosen.server_name);
        config.proxy_url.clone_from(&chosen.proxy);
        config.auth_info = login.auth.clone();
        config.connect_timeout = Some(connect);
        config.disable_compression = !chosen.compressed;
        // 429 and 503 must be seen to be said: the sources wait for themselves.
        config.default_retry = false;
        let agent = concat!("flightdeck/", env!("CARGO_PKG_VERSION"));
        config.headers.push((USER_AGENT, HeaderValue::from_static(agent)));
        // Compressing costs the server more time than a loopback needs to carry the bytes.
        let compressed = chosen.compressed && !chosen.cluster.host().is_some_and(proxy::here);
        let client = kube::Client::try_from(config).map_err(|error| unusable(&error))?;
        Ok(Self { line: 0, epoch: 0, minor: None, server, client, compressed })
    }

    /// Sends a GET and gives back the answer once its head is there; `whole` answers may come compressed, streams not (a line must not
    /// wait for a block of compression to fill).
    pub async fn get(&self, path: &str, whole: bool, limit: Duration) -> Result<Response<Body>, Trouble> {
        let mut request = Request::builder().method(Method::GET).uri(path).header(ACCEPT, "application/json");
        if !(whole && self.compressed) {
            request = request.header(ACCEPT_ENCODING, "identity");
        }
        let request = request.body(Body::empty()).map_err(|error| Trouble::Invalid(format!("the request can't be put: {error}")))?;
        self.send(request, limit).await
    }

    /// Sends a GET with these headers and gives back whatever was answered: its head, at most `most` bytes, and whether there was more.
    ///
    /// # Errors
    /// Why nothing was answered, in words.
    pub async fn fetch(
        &self,
        path: &str,
        headers: &[(String, String)],
        most: usize,
        limit: Duration,
    ) -> Result<(http::response::Parts, Vec<u8>, bool), String> {
        let mut request = Request::builder().method(Method::GET).uri(path).header(ACCEPT, "application/json");
        if !self.compressed {
            request = request.header(ACCEPT_ENCODING, "identity");
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).map_err(|error| format!("the request can't be put: {error}"))?;
        let answer = match tokio::time::timeout(limit, self.client.send(request)).await {
            Err(_) => return Err(format!("{} did not answer within {}", self.server, words::seconds(limit))),
            Ok(Err(error)) => return Err(words::broken(&error, &self.server)),
            Ok(Ok(answer)) => answer,
        };
        let (head, body) = answer.into_parts();
        let mut body = self.bytes(body, most, limit).await.map_err(|trouble| trouble.words())?;
        let is_cut = body.len() > most;
        body.truncate(most);
        Ok((head, body, is_cut))
    }

    /// Whether the server has the group of `kind`; everybody may ask that. `None` where it does not say.
    pub async fn serves(&self, kind: Kind, limit: Duration) -> Option<bool> {
        match self.get(&format!("/apis/{}", kind.group()), true, limit).await {
            Ok(_) => Some(true),
            Err(Trouble::NotFound) => Some(false),
            Err(_) => None,
        }
    }

    /// The client itself, for what upgrades a connection.
    pub fn client(&self) -> kube::Client {
        self.client.clone()
    }

    /// The namespace the kubeconfig names, or the client's default.
    pub fn namespace(&self) -> &str {
        self.client.default_namespace()
    }

    /// Reads a small answer.
    pub async fn read<T: serde::de::DeserializeOwned>(&self, answer: Response<Body>, limit: Duration) -> Result<T, Trouble> {
        self.read_at_most(LONGEST, answer, limit).await
    }

    /// Reads the list of one workload's revisions.
    pub async fn read_long<T: serde::de::DeserializeOwned>(&self, answer: Response<Body>, limit: Duration) -> Result<T, Trouble> {
        self.read_at_most(LONGEST_LIST, answer, limit).await
    }

    async fn read_at_most<T: serde::de::DeserializeOwned>(
        &self,
        most: usize,
        answer: Response<Body>,
        limit: Duration,
    ) -> Result<T, Trouble> {
        let body = self.bytes(answer.into_body(), most, limit).await?;
        serde_json::from_slice(&body)
            .map_err(|error| Trouble::Server(format!("{} answered with something unexpected: {error}", self.server)))
    }

    /// Asks the server a question about rights or identity. These are POSTs that store nothing.
    pub async fn review<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        question: &serde_json::Value,
        limit: Duration,
    ) -> Result<T, Trouble> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "identity")
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(question.to_string().into_bytes()))
            .map_err(|error| Trouble::Invalid(format!("the request can't be put: {error}")))?;
        let answer = self.send(request, limit).await?;
        self.read(answer, limit).await
    }

    /// Sends one write and gives back whatever was answered. Refuses to guess: what may have arrived is unknown.
    pub async fn write(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: &serde_json::Value,
        limit: Duration,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Failed> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "identity")
            .header(CONTENT_TYPE, content_type)
            .body(Body::from(body.to_string().into_bytes()))
            .map_err(|error| Failed::Unsent(format!("the request can't be put: {error}")))?;
        let answer = match tokio::time::timeout(limit, self.client.send(request)).await {
            Err(_) => return Err(Failed::Unknown(format!("{} did not answer within {}", self.server, words::seconds(limit)))),
            Ok(Err(error)) if words::never_left(&error) => return Err(Failed::Unsent(words::broken(&error, &self.server))),
            Ok(Err(error)) => return Err(Failed::Unknown(words::broken(&error, &self.server))),
            Ok(Ok(answer)) => answer,
        };
        let (head, body) = answer.into_parts();
        // The status line alone says whether it was done.
        let body = self.bytes(body, LONGEST_LIST, limit).await.unwrap_or_default();
        Ok((head.status, head.headers, body))
    }

    async fn send(&self, request: Request<Body>, limit: Duration) -> Result<Response<Body>, Trouble> {
        let answer = match tokio::time::timeout(limit, self.client.send(request)).await {
            Err(_) => return Err(Trouble::Broken(format!("{} did not answer within {}", self.server, words::seconds(limit)))),
            Ok(Err(error)) => return Err(Trouble::Broken(words::broken(&error, &self.server))),
            Ok(Ok(answer)) => answer,
        };
        if answer.status().is_success() {
            return Ok(answer);
        }
        let code = answer.status().as_u16();
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.trim().parse().ok());
        let body = self.bytes(answer.into_body(), LONGEST, limit).await.unwrap_or_default();
        let status: Status = serde_json::from_slice(&body).unwrap_or_default();
        Err(Trouble::answered(code, &status, retry_after.map(Duration::from_secs)))
    }

    async fn bytes(&self, mut body: Body, most: usize, limit: Duration) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        let read = async {
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| Trouble::Broken(words::broken(&*error_of(error), &self.server)))?;
                if let Some(data) = frame.data_ref() {
                    bytes.extend_from_slice(data);
                }
                if bytes.len() > most {
                    break;
                }
            }
            Ok(())
        };
        match tokio::time::timeout(limit, read).await {
            Ok(done) => done.map(|()| bytes),
            Err(_) => Err(Trouble::Broken(format!("{} stopped in the middle of an answer", self.server))),
        }
    }
}

/// A body's error, as something that can be walked through.
pub(super) fn error_of<E: std::error::Error + 'static>(error: E) -> Box<dyn std::error::Error + 'static> {
    Box::new(error)
}

fn unusable(error: &kube::Error) -> String {
    match error {
        kube::Error::InferKubeconfig(error) => format!("the kubeconfig does not work: {error}"),
        kube::Error::RustlsTls(error) => format!("the certificates in the kubeconfig do not work: {error}"),
        kube::Error::Auth(error) => format!("the login in the kubeconfig does not work: {error}"),
        other => format!("the kubeconfig does not work: {other}"),
    }
}

/// The server's time when it answered.
pub(super) fn date(answer: &Response<Body>) -> Option<Time> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

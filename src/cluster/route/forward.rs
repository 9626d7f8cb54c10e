//! A stream forwarded to a pod behind a Service, with HTTP spoken over it in this process: no port is opened here.
//! Keeps one connection while it lasts; when the pod goes, the next question looks for another.

use std::sync::{Arc, Mutex as Quick, PoisonError};

use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::Portforwarder;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;

use super::super::access::Asker;
use super::super::pages;
use super::super::session::Session;
use super::super::shared::Gate;
use super::super::trouble::Trouble;
use super::tls;
use super::ways::{list, text};
use crate::objects::Kind;
use crate::ports::route::{Call, Lost, Place, Route, Told, Trust};
use crate::ports::write::Later;
use crate::text::Clean;

type Sender = SendRequest<Full<Bytes>>;

/// A pod behind a Service, over `pods/portforward`.
pub(super) struct PodForward {
    inner: Arc<Inner>,
}

struct Inner {
    asker: Asker,
    place: Place,
    /// One stream: HTTP/1.1 carries one question at a time, and the others wait for it.
    line: Mutex<Option<Sender>>,
    /// The pod it leads to.
    pod: Quick<Clean>,
}

impl PodForward {
    pub fn new(asker: Asker, place: Place) -> Self {
        let inner = Inner { asker, place, line: Mutex::default(), pod: Quick::default() };
        Self { inner: Arc::new(inner) }
    }
}

impl Route for PodForward {
    fn words(&self) -> Clean {
        let pod = self.inner.pod.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let through = if pod.is_empty() { "a pod".to_owned() } else { format!("pod {pod}") };
        let with = if self.inner.place.is_https { ", with TLS" } else { "" };
        Clean::from(format!("{} through a port-forward to {through}{with}", self.inner.place.words()))
    }

    fn short(&self) -> &'static str {
        "a port-forward"
    }

    fn takes_post(&self) -> bool {
        true
    }

    fn carries_login(&self) -> bool {
        true
    }

    fn call(&self, call: Call) -> Later<Result<Told, Lost>> {
        let inner = self.inner.clone();
        Box::pin(async move {
            let mut line = inner.line.lock().await;
            // A connection that was kept may have died unseen; a fresh one is tried once, since nothing here changes anything.
            if let Some(mut sender) = line.take()
                && let Ok(told) = inner.send(&mut sender, &call).await
            {
                *line = Some(sender);
                return Ok(told);
            }
            let mut sender = inner.open(&call.trust).await?;
            let told = inner.send(&mut sender, &call).await?;
            *line = Some(sender);
            Ok(told)
        })
    }
}

impl Inner {
    /// A new stream to a pod that is ready, with TLS in it where the port speaks that.
    async fn open(&self, trust: &Trust) -> Result<Sender, Lost> {
        let Gate::Up(session) = self.asker.gate() else {
            return Err(Lost::Broken(Clean::from("the API server itself is not reached")));
        };
        let (pod, port) = self.behind(&session).await?;
        let pods: Api<Pod> = Api::namespaced(session.client(), self.place.namespace.as_str());
        let mut forwarded = pods.portforward(pod.as_str(), &[port]).await.map_err(|error| self.refused(&error))?;
        let stream = forwarded.take_stream(port).ok_or_else(|| Lost::Broken(Clean::from("the stream was not opened")))?;
        let sender = if self.place.is_https {
            let host = format!("{}.{}.svc", self.place.service, self.place.namespace);
            spoken(tls::inside(stream, host, trust).await.map_err(Lost::Broken)?, forwarded).await?
        } else {
            spoken(stream, forwarded).await?
        };
        *self.pod.lock().unwrap_or_else(PoisonError::into_inner) = pod;
        Ok(sender)
    }

    async fn send(&self, sender: &mut Sender, call: &Call) -> Result<Told, Lost> {
        sender.ready().await.map_err(|error| broken(&error))?;
        let method = if call.form.is_some() { Method::POST } else { Method::GET };
        let host = format!("{}.{}.svc:{}", self.place.service, self.place.namespace, self.place.port);
        let agent = concat!("flightdeck/", env!("CARGO_PKG_VERSION"));
        let mut request = Request::builder().method(method).uri(&call.target).header(HOST, host).header(USER_AGENT, agent);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if call.form.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Full::new(Bytes::from(call.form.clone().unwrap_or_default()));
        let request = request.body(body).map_err(|error| Lost::Broken(Clean::from(format!("the request can't be put: {error}"))))?;
        let (head, mut rest) = sender.send_request(request).await.map_err(|error| broken(&error))?.into_parts();
        let (mut body, mut is_cut) = (Vec::new(), false);
        while let Some(frame) = rest.frame().await {
            let frame = frame.map_err(|error| broken(&error))?;
            body.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            if body.len() > call.most {
                is_cut = true;
                break;
            }
        }
        let retry_after = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Told { status: head.status.as_u16(), retry_after, body, is_cut })
    }

    /// A ready pod that the Service selects, and its own number of the Service's port.
    async fn behind(&self, session: &Session) -> Result<(Clean, u16), Lost> {
        let namespace = Some(self.place.namespace.as_str());
        let away = |why: &str| Lost::Away(Clean::from(why));
        let path = format!("{}/{}", pages::resource(Kind::Service, namespace), pages::escaped(&self.place.service));
        let limit = std::time::Duration::from_secs(8);
        let answer = session.get(&path, true, limit).await.map_err(|trouble| unread(&trouble))?;
        let service: Value = session.read(answer, limit).await.map_err(|trouble| Lost::Broken(Clean::from(trouble.words())))?;
        let selector = service["spec"]["selector"].as_object().filter(|map| !map.is_empty());
        let selector = selector.ok_or_else(|| away("the Service selects no pods"))?;
        let labels: Vec<String> = selector.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
        let pods = format!("{}?labelSelector={}", pages::resource(Kind::Pod, namespace), pages::escaped(&labels.join(",")));
        let pods = list(session, &pods).await.map_err(Lost::Broken)?;
        let is_ready = |pod: &&Value| {
            let conditions = pod["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
            pod["metadata"]["deletionTimestamp"].is_null() && conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
        };
        let pod = pods.iter().find(is_ready).ok_or_else(|| away("none of its pods is ready"))?;
        let port = port(&service, pod, self.place.port).ok_or_else(|| away("its pod has no such port"))?;
        Ok((text(&pod["metadata"]["name"]), port))
    }

    fn refused(&self, error: &kube::Error) -> Lost {
        match error {
            kube::Error::Api(status) if status.code == 403 => Lost::Denied(Clean::from(status.message.as_str())),
            kube::Error::Api(status) if status.code == 404 => Lost::Away(Clean::from(status.message.as_str())),
            kube::Error::Api(status) => Lost::Unreached(Clean::from(status.message.as_str())),
            other => Lost::Broken(Clean::from(format!("the port-forward was not opened ({other})"))),
        }
    }
}

/// HTTP over a stream, for as long as either side keeps it.
async fn spoken<S>(stream: S, forwarded: Portforwarder) -> Result<Sender, Lost>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    tokio::spawn(async move {
        // Ends when either side does; what was under way says so itself.
        let _ = connection.await;
        drop(forwarded);
    });
    Ok(sender)
}

/// Why the Service could not be read: only one that is not there any more is worth looking for elsewhere.
fn unread(trouble: &Trouble) -> Lost {
    let words = Clean::from(trouble.words());
    match trouble {
        Trouble::NotFound | Trouble::Gone => Lost::Away(Clean::from("the Service is not there")),
        Trouble::Forbidden(_) => Lost::Denied(words),
        _ => Lost::Broken(words),
    }
}

/// The pod's own number of a Service's port: `targetPort` is a number, the name of a container's port, or the same number where absent.
fn port(service: &Value, pod: &Value, number: u16) -> Option<u16> {
    let ports = service["spec"]["ports"].as_array()?;
    let target = &ports.iter().find(|port| port["port"] == number)?["targetPort"];
    let small = |value: &Value| value.as_u64().and_then(|number| u16::try_from(number).ok());
    match target.as_str() {
        Some(name) => {
            let containers = pod["spec"]["containers"].as_array()?;
            let named = containers.iter().filter_map(|one| one["ports"].as_array()).flatten().find(|port| port["name"] == name)?;
            small(&named["containerPort"])
        }
        None => small(target).or(Some(number)),
    }
}

fn broken(error: &hyper::Error) -> Lost {
    Lost::Broken(Clean::from(format!("the forwarded stream broke ({error})")))
}

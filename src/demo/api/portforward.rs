//! `/pods/NAME/portforward` over a WebSocket: bytes to and from the one container port that something answers on, the embedded Prometheus.
//! Speaks `v4.channel.k8s.io` alone, for one port at a time, and opens no socket.
//!
//! The frames are those of the kubelet (`k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go`): a byte that names the channel, even ones
//! for data and odd ones for errors, and at first on each the port in two bytes, lower one first.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header, request::Parts};
use futures::{SinkExt, StreamExt};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Message, Role};

use super::App;
use super::path::Place;
use super::refusal::{Answer, Refusal};
use crate::demo::prometheus::install;
use crate::demo::rights::{Question, User};
use crate::demo::store::Key;

const PROTOCOL: &str = "v4.channel.k8s.io";
/// So many bytes may wait in either direction.
const WAITING: usize = 64 * 1024;

/// Answers a request to forward a port, and forwards it from then on.
pub(super) fn open(app: &App, user: &User, place: &Place, head: &mut Parts) -> Answer<Response<Body>> {
    let name = place.name.as_deref().unwrap_or_default();
    // Since 1.35 the verb is `create` for WebSockets too, beside the `get` of the request itself.
    for verb in ["get", "create"] {
        let asked = Question { verb, group: "", resource: "pods", subresource: "portforward", namespace: place.namespace.as_deref() };
        if !user.may(asked) {
            return Err(Refusal::forbidden(user, asked, name));
        }
    }
    let key = Key::new(place.resource, place.namespace.as_deref().unwrap_or_default(), name);
    if !app.cluster.read(|sim| sim.store.get(&key).is_some()) {
        return Err(Refusal::not_found(place.resource, name));
    }
    let text = |headers: &HeaderMap, name: header::HeaderName| {
        headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let wanted = text(&head.headers, header::SEC_WEBSOCKET_PROTOCOL);
    let (Some(upgrade), true) = (head.extensions.remove::<OnUpgrade>(), wanted.split(',').any(|one| one.trim() == PROTOCOL)) else {
        return Err(Refusal::bad_request("Upgrade request required"));
    };
    let query = head.uri.query().unwrap_or_default();
    let port = query.split('&').find_map(|pair| pair.strip_prefix("ports=")).and_then(|port| port.parse::<u16>().ok());
    let port = port.ok_or_else(|| Refusal::bad_request("one port has to be named: ports=NUMBER"))?;
    let is_there = (key.namespace.as_str(), name) == (install::NAMESPACE, install::POD);
    let tls = (port == install::TLS_PORT).then(|| app.acceptor.clone());
    let server = (is_there && [install::PORT, install::TLS_PORT].contains(&port)).then(|| (app.prometheus.clone(), tls));
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
            // Whatever ends it has ended both sides.
            let _ = forward(socket, port, server).await;
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let accept = derive_accept_key(text(&head.headers, header::SEC_WEBSOCKET_KEY).as_bytes());
    let said = [
        (header::UPGRADE, "websocket"),
        (header::CONNECTION, "Upgrade"),
        (header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL),
        (header::SEC_WEBSOCKET_ACCEPT, accept.as_str()),
    ];
    for (name, value) in said {
        let value = value.parse().map_err(|_| Refusal::bad_request("the key of the WebSocket is no text"))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// What answers on a port, and what it speaks TLS with where it does.
type Listening = (axum::Router, Option<tokio_rustls::TlsAcceptor>);

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Frames in, bytes out, and the other way round, until one side ends.
async fn forward(mut socket: Socket, port: u16, server: Option<Listening>) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let [low, high] = port.to_le_bytes();
    for channel in [0, 1] {
        socket.send(Message::binary(vec![channel, low, high])).await?;
    }
    let Some((router, tls)) = server else {
        let why = format!("error forwarding port {port} to pod: connection refused");
        socket.send(Message::binary([&[1], why.as_bytes()].concat())).await?;
        return socket.close(None).await;
    };
    let (here, there) = tokio::io::duplex(WAITING);
    let serving = async {
        let (http, service) = (hyper::server::conn::http1::Builder::new(), TowerToHyperService::new(router));
        // A client that shakes no hands is hung up on.
        let _ = match tls {
            None => http.serve_connection(TokioIo::new(there), service).await,
            Some(tls) => match tls.accept(there).await {
                Ok(stream) => http.serve_connection(TokioIo::new(stream), service).await,
                Err(_) => return,
            },
        };
    };
    tokio::select! {
        () = serving => Ok(()),
        ended = pump(&mut socket, here) => ended,
    }?;
    socket.close(None).await
}

async fn pump(socket: &mut Socket, mut pod: DuplexStream) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut bytes = vec![0; WAITING];
    loop {
        tokio::select! {
            read = pod.read(&mut bytes) => match read {
                Ok(0) | Err(_) => return Ok(()),
                Ok(count) => socket.send(Message::binary([&[0], &bytes[..count]].concat())).await?,
            },
            message = socket.next() => match message.transpose()? {
                Some(Message::Binary(frame)) if frame.first() == Some(&0) => {
                    if pod.write_all(&frame[1..]).await.is_err() {
                        return Ok(());
                    }
                }
                Some(Message::Close(_)) | None => return Ok(()),
                Some(_) => {}
            },
        }
    }
}

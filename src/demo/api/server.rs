//! Opens the embedded API on loopback: listener, TLS, connections, and the end of all of them.
//! Never listens anywhere but on 127.0.0.1.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::gate::Gated;
use super::{App, auth, tls};
use crate::demo::cluster::{self, Cluster};
use crate::demo::kubeconfig;
use crate::demo::prometheus;
use crate::demo::store::stamp;

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// A served cluster. Dropping it closes the port and every connection.
pub struct Server {
    /// `https://127.0.0.1:PORT`.
    pub url: String,
    /// The certificate authority clients check the server by.
    pub ca_pem: String,
    /// The token of `demo:admin`, who may do everything.
    pub admin_token: String,
    /// The token of `demo:reader`, who may read everything and write nothing.
    pub reader_token: String,
    /// The token of `demo:restricted`, where the scenario has that user.
    pub restricted_token: Option<String>,
    /// Its Prometheus, on a port and behind a token of its own.
    pub prometheus: prometheus::Served,
    tokens: Arc<auth::Tokens>,
    cluster: Weak<Cluster>,
    closing: CancellationToken,
}

impl Server {
    /// A new token for the user of a context (`demo`, `reader` or `restricted`), accepted from now on for as long as the scenario lets
    /// tokens last, written as login plugins write it (`ExecCredential`). `expires` is when its client should ask for another.
    ///
    /// # Errors
    /// When there is no such context, the cluster is gone, or the system gives no randomness.
    pub fn credential(&self, context: &str, expires: Option<DateTime<Utc>>) -> io::Result<String> {
        let user = [Some("demo"), Some("reader"), self.restricted_token.as_ref().map(|_| "restricted")];
        let user = user.iter().position(|known| *known == Some(context)).ok_or(io::ErrorKind::NotFound)?;
        let cluster = self.cluster.upgrade().ok_or(io::ErrorKind::NotConnected)?;
        let token = tls::token()?;
        self.tokens.give(token.clone(), user, cluster.token_lasts.map(|lasts| cluster.now() + lasts));
        let mut status = json!({ "token": token });
        if let Some(expires) = expires {
            status["expirationTimestamp"] = json!(stamp(expires));
        }
        Ok(json!({ "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status }).to_string())
    }

    /// A kubeconfig with one context, `plugin`, whose user logs in by running `command` with `args`.
    pub fn plugin_kubeconfig(&self, command: &str, args: &[&str]) -> String {
        let login = kubeconfig::Login::Plugin { command, args };
        kubeconfig::text(&self.url, &self.ca_pem, &[kubeconfig::Context { name: "plugin", login }])
    }

    /// A kubeconfig with the contexts `demo` (may write) and `reader`. Where the scenario has a restricted user, the context `restricted` is
    /// the current one, else `demo` is.
    pub fn kubeconfig(&self) -> String {
        let restricted = self.restricted_token.as_deref().map(|token| context("restricted", token));
        let contexts: Vec<_> =
            restricted.into_iter().chain([context("demo", &self.admin_token), context("reader", &self.reader_token)]).collect();
        kubeconfig::text(&self.url, &self.ca_pem, &contexts)
    }
}

/// A context whose user logs in with a token.
fn context<'a>(name: &'a str, token: &'a str) -> kubeconfig::Context<'a> {
    kubeconfig::Context { name, login: kubeconfig::Login::Token(token) }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Serves `cluster` on a free port of 127.0.0.1, and its Prometheus on another. The API answers when this returns; must be called inside a tokio runtime.
///
/// # Errors
/// When no port can be opened, or the system gives no randomness for keys and tokens.
pub async fn serve(cluster: Arc<Cluster>) -> io::Result<Server> {
    let identity = tls::identity()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let closing = CancellationToken::new();
    let (mut tokens, known) = (Vec::new(), Arc::new(auth::Tokens::of(cluster.users.clone())));
    for user in 0..cluster.users.len() {
        let token = tls::token()?;
        known.give(token.clone(), user, cluster.token_lasts.map(|lasts| cluster.now() + lasts));
        tokens.push(token);
    }
    let server = Server {
        url: format!("https://{address}"),
        ca_pem: identity.ca_pem,
        admin_token: tokens[0].clone(),
        reader_token: tokens[1].clone(),
        restricted_token: tokens.get(2).cloned(),
        prometheus: prometheus::serve::serve(cluster.clone(), 0, Some(tls::token()?)).await?,
        tokens: known.clone(),
        cluster: Arc::downgrade(&cluster),
        closing: closing.clone(),
    };
    let prometheus = prometheus::serve::inside(cluster.clone());
    let app = Arc::new(App { cluster: cluster.clone(), tokens: known, prometheus, acceptor: identity.acceptor.clone() });
    let router = Router::new().fallback(super::handle).with_state(app);
    let (accepted, connections) = mpsc::channel(64);
    let accepting = accept(listener, identity.acceptor, Arc::downgrade(&cluster), accepted, closing.clone());
    let pumping = cluster::pump(Arc::downgrade(&cluster));
    let router = router.into_make_service_with_connect_info::<Knife>();
    let serving = axum::serve(Connections { connections, address }, router).into_future();
    tokio::spawn(async move {
        tokio::select! {
            () = closing.cancelled() => {}
            () = async { tokio::join!(accepting, pumping); } => {}
            _ = serving => {}
        }
    });
    Ok(server)
}

/// Accepts connections and shakes hands with each on its own, so that a slow client holds up nobody.
async fn accept(
    listener: TcpListener,
    acceptor: tokio_rustls::TlsAcceptor,
    cluster: std::sync::Weak<Cluster>,
    accepted: mpsc::Sender<Connection>,
    closing: CancellationToken,
) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file descriptors, mostly: some connection has to end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(link) = cluster.upgrade().map(|cluster| cluster.link()) else { return };
        if link.borrow().refused {
            continue;
        }
        let _ = stream.set_nodelay(true);
        let (acceptor, accepted, gated) = (acceptor.clone(), accepted.clone(), Gated::new(stream, link, closing.clone()));
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(gated)).await {
                // The other end is closed only when the server is going down.
                let _ = accepted.send((stream, peer)).await;
            }
        });
    }
}

type Connection = (TlsStream<Gated<TcpStream>>, SocketAddr);

/// Cuts the connection a request came on.
#[derive(Clone)]
pub(super) struct Knife(CancellationToken);

impl Knife {
    /// From now on nothing passes, the answer to this request included.
    pub(super) fn cut(&self) {
        self.0.cancel();
    }
}

impl Connected<IncomingStream<'_, Connections>> for Knife {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        Self(stream.io().get_ref().0.knife())
    }
}

/// The connections that have shaken hands, as axum takes them.
struct Connections {
    connections: mpsc::Receiver<Connection>,
    address: SocketAddr,
}

impl axum::serve::Listener for Connections {
    type Io = TlsStream<Gated<TcpStream>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.connections.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

//! Opens the embedded Prometheus on loopback over plain HTTP: behind a token of its own, or to whoever is on this machine.
//! Never listens anywhere but on 127.0.0.1, changes nothing, and takes no time from a real clock: now is the cluster's.

mod failing;
mod guard;
mod listener;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use self::failing::PrometheusFault;
use super::http::{Source, router};
use super::tsdb::Store;
use crate::demo::cluster::Cluster;

/// A served Prometheus. Dropping it closes the port and every connection.
pub struct Served {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// What every request must carry as its bearer token; `None` where none is asked for.
    pub token: Option<String>,
    closing: CancellationToken,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Serves the cluster's Prometheus on `port` of 127.0.0.1 (0 is any free one), to requests that carry `token`, where there is one. It answers
/// when this returns; must be called inside a tokio runtime.
///
/// # Errors
/// When the port can't be opened; of kind `AddrInUse` when it is taken.
pub async fn serve(cluster: Arc<Cluster>, port: u16, token: Option<String>) -> io::Result<Served> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let closing = CancellationToken::new();
    let doors = listener::Doors { listener, link: cluster.prometheus_link(), closing: closing.clone() };
    let serving = axum::serve(doors, app(cluster, token.clone())).into_future();
    let closed = closing.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = closed.cancelled() => {}
            _ = serving => {}
        }
    });
    Ok(Served { url, token, closing })
}

/// Who may ask, then what goes wrong, then the answer.
fn app(cluster: Arc<Cluster>, token: Option<String>) -> Router {
    let guard = Arc::new(guard::Guard { token });
    inside(cluster.clone()).merge(pods(cluster)).layer(from_fn_with_state(guard, guard::admit))
}

/// As it answers whoever is let through to its pod by the cluster's own API: there the API has asked who it is.
pub(in crate::demo) fn inside(cluster: Arc<Cluster>) -> Router {
    router(Arc::new(Living(cluster.clone()))).layer(from_fn_with_state(cluster, failing::fail))
}

/// What all pods count of their requests, on one page for another server to scrape with `honor_labels`. Not Prometheus' own: what goes wrong
/// with that leaves the pods alone.
fn pods(cluster: Arc<Cluster>) -> Router {
    let page = async |State(cluster): State<Arc<Cluster>>| {
        let text = cluster.read(|sim| sim.traffic.exposition());
        ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
    };
    Router::new().route("/metrics", get(page)).with_state(cluster)
}

/// The cluster's series at its present moment.
struct Living(Arc<Cluster>);

impl Source for Living {
    fn with(&self, look: &mut dyn FnMut(&Store, i64)) {
        let now = self.0.now();
        self.0.read(|sim| look(&sim.series, now.timestamp_millis()));
    }

    fn rules(&self) -> String {
        let now = self.0.now();
        self.0.read(|sim| crate::demo::sloth::rules(&sim.store, &sim.series, now.timestamp_millis()).to_string())
    }
}

//! Ways to a metrics server that has no address here: through the API server, or over a stream it forwards; and how such a server is found.
//! Knows GET and POST and nothing of what is asked; never opens a listening socket, and never reads a Secret.

use std::sync::Arc;

use super::write::Later;
use crate::text::Clean;

/// One request, below the root of the server.
#[derive(Clone)]
pub struct Call {
    /// Path and query, beginning with `/`; percent-encoded.
    pub target: String,
    /// The body of a POST, `application/x-www-form-urlencoded`; `None` is a GET.
    pub form: Option<String>,
    /// Headers beside the route's own. They may be credentials: never shown.
    pub headers: Vec<(String, String)>,
    /// At most so many bytes of the body are read.
    pub most: usize,
    /// What counts where the server speaks TLS and the way ends in this process.
    pub trust: Trust,
}

/// Whose word counts for a server's certificate, and our own.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// PEM certificates of the authorities; `None`: nobody named one.
    pub ca: Option<Vec<u8>>,
    /// Our own certificate and its key, PEM, one after the other. Secret: never shown.
    pub identity: Option<Vec<u8>>,
}

/// What came back, whatever its status.
#[derive(Clone)]
pub struct Told {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// The body, up to the bound of the call.
    pub body: Vec<u8>,
    /// Whether there was more of it than the bound.
    pub is_cut: bool,
}

/// Why nothing came back from the metrics server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The connection did not carry it; a sentence without its full stop.
    Broken(Clean),
    /// The API server does not let this person through: what is missing, in words.
    Denied(Clean),
    /// What the route leads to is no longer there (a Service deleted, a pod gone).
    Away(Clean),
    /// The API server could not reach it; its words.
    Unreached(Clean),
    /// The request is too long for this way; how many bytes it was.
    TooLong(usize),
}

/// A way to one metrics server.
pub trait Route: Send + Sync + 'static {
    /// Where it leads and how, e.g. `monitoring/prometheus-k8s:9090 through the API server`.
    fn words(&self) -> Clean;
    /// How, in a word or two, for a screen with little room, e.g. `the API server`.
    fn short(&self) -> &'static str;
    /// Whether a question may go as a POST. The API server's proxy wants the verb `create` for one, which nobody grants to readers.
    fn takes_post(&self) -> bool;
    /// Whether `Authorization` arrives. The API server's proxy strips it.
    fn carries_login(&self) -> bool;
    /// Sends one request, once.
    fn call(&self, call: Call) -> Later<Result<Told, Lost>>;
}

/// A Service, and which port of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its namespace.
    pub namespace: Clean,
    /// Its name.
    pub service: Clean,
    /// The port, as the Service numbers it.
    pub port: u16,
    /// Whether that port speaks TLS.
    pub is_https: bool,
}

impl Place {
    /// `NAMESPACE/NAME:PORT`.
    pub fn words(&self) -> String {
        format!("{}/{}:{}", self.namespace, self.service, self.port)
    }
}

/// A Service that may be a metrics server, as its labels say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its namespace.
    pub namespace: Clean,
    /// Its name.
    pub name: Clean,
    /// Its labels.
    pub labels: Vec<(Clean, Clean)>,
    /// Its ports.
    pub ports: Vec<Port>,
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Port {
    /// Its name; empty where it has none.
    pub name: Clean,
    /// Its number at the Service.
    pub number: u16,
    /// `appProtocol`; empty where nothing is said.
    pub protocol: Clean,
    /// The name of the container's port it leads to; empty where that is a number.
    pub target: Clean,
}

impl Listed {
    /// The value of a label; empty where there is none.
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(key, _)| key.as_str() == name).map_or("", |(_, value)| value.as_str())
    }
}

/// A verb and a resource of the core group that a person may not use, as RBAC spells them, e.g. `get` on `services/proxy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lacking {
    /// The verb.
    pub verb: &'static str,
    /// The resource, with its subresource.
    pub resource: &'static str,
}

/// What a cluster can offer to whoever looks for a metrics server in it.
pub trait Routes: Send + Sync + 'static {
    /// The Services that `selector` selects, in `namespace` or in all. The error says what is denied or broken.
    fn services(&self, namespace: Option<Clean>, selector: &'static str) -> Later<Result<Vec<Listed>, Clean>>;
    /// The names of a few running pods of a namespace, at most `most`. The error says what is denied or broken.
    fn pods(&self, namespace: Clean, most: usize) -> Later<Result<Vec<Clean>, Clean>>;
    /// The templates of analyses that may name a metrics server, as they stand in the cluster: Argo's of `namespaces` (of all where none is given)
    /// and of the cluster, Flagger's of everywhere. What may not be read, or is not served, is left out.
    fn templates(&self, namespaces: Vec<Clean>) -> Later<Vec<serde_json::Value>>;
    /// What this person lacks to ask this place through the API server. The error: the server does not say.
    fn lacks_to_proxy(&self, place: Place) -> Later<Result<Vec<Lacking>, Clean>>;
    /// What this person lacks to forward a port in this namespace. The error: the server does not say.
    fn lacks_to_forward(&self, namespace: Clean) -> Later<Result<Vec<Lacking>, Clean>>;
    /// The way through the API server's service proxy. Connects to nothing yet.
    fn proxy(&self, place: Place) -> Arc<dyn Route>;
    /// The way over a stream forwarded to a pod behind the Service. Connects to nothing yet.
    fn forward(&self, place: Place) -> Arc<dyn Route>;
    /// The namespace the kubeconfig names; empty where it names none.
    fn home(&self) -> Later<Clean>;
}

//! How an embedded cluster behaves towards its clients, as its scenario or a test says it.
//! Says nothing of what is in the cluster: that is the simulation's.

use chrono::{DateTime, TimeDelta, Utc};

use crate::demo::admission::Webhook;
use crate::demo::faults::Fault;
use crate::demo::prometheus::PrometheusFault;
use crate::demo::rights::Rule;

/// How a cluster behaves towards its clients.
#[derive(Debug, Clone)]
pub struct Options {
    /// What goes wrong, and when after the start.
    pub faults: Vec<Fault>,
    /// What goes wrong with its Prometheus, likewise.
    pub prometheus_faults: Vec<Fault<PrometheusFault>>,
    /// The moment fault windows count from; the clock's present moment when absent.
    pub faults_from: Option<DateTime<Utc>>,
    /// Admission webhooks, in the order in which they are asked; their windows count from where those of faults do.
    pub admission: Vec<Webhook>,
    /// How long a token is accepted from when it was given out, in virtual time; for good when absent.
    pub token_lasts: Option<TimeDelta>,
    /// Rules of a third user, `demo:restricted`, who then owns the kubeconfig's current context.
    pub restricted: Option<Vec<Rule>>,
    /// Whether watches may begin with a streaming list; off, they answer like an API server on an old etcd.
    pub streaming_lists: bool,
    /// Whether Argo Rollouts' CustomResourceDefinitions are installed at the start.
    pub argo_crds: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            faults: Vec::new(),
            prometheus_faults: Vec::new(),
            faults_from: None,
            admission: Vec::new(),
            token_lasts: None,
            restricted: None,
            streaming_lists: true,
            argo_crds: true,
        }
    }
}

//! Flagger inside the embedded cluster: the loop that makes a primary of a Deployment and shifts requests to each new version by weight.
//! Never touches a pod and never paints a status: it writes Deployments, Services, HTTPRoutes and Canaries as the real one (1.44) does.
//!
//! Where a recording of the real controller and its source disagree, the recording wins.
//! Not done: routers other than the Gateway API and the plain provider, A/B testing, mirroring, session affinity, autoscalers, tracked
//! ConfigMaps and Secrets, built-in metrics, alerts, `revertOnDeletion`. Gates answer as a schedule says, and nobody opens one over the network.

mod advance;
mod blue_green;
mod gates;
mod hooks;
mod job;
mod metrics;
mod primary;
mod query;
mod ready;
mod rollback;
mod route;
mod services;
mod spec;
mod status;
mod tick;

pub use gates::{Gate, Gates};
pub use job::Flagger;

/// Who the events are from, as in the real controller.
const COMPONENT: &str = "flagger";
/// The one reason its events have.
const REASON: &str = "Synced";
/// All requests, percent.
const TOTAL: i64 = 100;

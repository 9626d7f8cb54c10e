//! The embedded cluster: a Kubernetes API on loopback over a deterministic simulation of its controllers.
//! Knows nothing of the cockpit: it never names `app`, `view`, `engines` or `release`, so the cockpit can't agree with itself.

pub mod controllers;
pub mod recorder;
pub mod sim;
pub mod store;

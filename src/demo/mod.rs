//! The embedded cluster: a Kubernetes API on loopback over a deterministic simulation of its controllers.
//! Knows nothing of the cockpit: it never names `app`, `view`, `engines` or `release`, so the cockpit can't agree with itself.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed"))]

pub mod admission;
pub mod api;
pub mod clock;
pub mod cluster;
pub mod controllers;
pub mod crds;
pub mod exposure;
pub mod faults;
pub mod kubeconfig;
pub mod prometheus;
pub mod recorder;
pub mod rights;
pub mod scenario;
pub mod score;
pub mod sim;
pub mod sloth;
pub mod store;
pub mod traffic;
pub mod visit;

//! The embedded cluster under writes, over HTTPS: each write people make to a release, sent as the real tools send it, and what the
//! controllers then do, held against what the real ones were seen to do.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

mod embedded;

#[path = "demo_writes/admission.rs"]
mod admission;
#[path = "demo_writes/blue_green.rs"]
mod blue_green;
#[path = "demo_writes/canary.rs"]
mod canary;
#[path = "demo_writes/deployment.rs"]
mod deployment;
#[path = "demo_writes/faults.rs"]
mod faults;
#[path = "demo_writes/lab.rs"]
#[allow(dead_code, reason = "others use the rest of its scenarios")]
mod lab;
#[path = "demo_writes/others.rs"]
mod others;
#[path = "demo_writes/rights.rs"]
mod rights;
#[path = "demo_writes/server.rs"]
mod server;
#[path = "demo_writes/traps.rs"]
mod traps;

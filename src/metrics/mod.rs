//! Asks Prometheus (or what speaks its HTTP API) and builds the questions: the only place that names its client library.
//! Never judges a figure: burn, budgets and verdicts are made elsewhere, from the numbers this brings back.

pub mod client;
pub mod dialect;
pub mod failure;
pub mod limit;
pub mod reply;
pub mod settings;
pub mod subject;
pub mod templates;
pub mod window;

mod answers;
mod envelope;
pub mod poller;
mod promql;
mod questions;

//! Asks Prometheus (or what speaks its HTTP API) and builds the questions: the only place that names its client library.
//! Never judges a figure: burn, budgets and verdicts are made elsewhere, from the numbers this brings back.

pub mod agenda;
pub mod answers;
pub mod backend;
pub mod check;
pub mod client;
pub mod dialect;
pub mod discovery;
pub mod failure;
pub mod limit;
pub mod poller;
pub mod questions;
pub mod reply;
pub mod settings;
pub mod templates;
pub mod window;

mod envelope;
mod promql;
mod subject;

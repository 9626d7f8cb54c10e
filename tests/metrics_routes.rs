//! Getting to a Prometheus that has no address here: through the embedded cluster's API, and past servers that behave as the real ones do.
#![allow(clippy::unwrap_used, reason = "a test ends when something is wrong")]

#[path = "metrics_routes/backends.rs"]
mod backends;
#[path = "metrics_routes/choices.rs"]
mod choices;
#[path = "metrics_routes/inside.rs"]
mod inside;
#[path = "metrics_routes/lines.rs"]
mod lines;
#[path = "metrics_routes/program.rs"]
mod program;
#[path = "metrics_routes/script.rs"]
mod script;
#[path = "metrics_routes/templates.rs"]
mod templates;
#[path = "metrics_routes/tls.rs"]
mod tls;

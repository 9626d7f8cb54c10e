//! The Prometheus inside the embedded cluster: stored series, PromQL over them, and the HTTP API in front.
//! Never scrapes, never reads a clock and never guesses: what it can't evaluate gets Prometheus' own error envelope.
//!
//! The rules are those of Prometheus 2.42 (`promql/engine.go`, `promql/functions.go`, `promql/quantile.go`), held against that version.

pub mod error;
pub mod eval;
pub mod http;
pub mod install;
pub mod number;
pub mod serve;
pub mod tsdb;
pub mod value;

pub use error::{ErrorKind, QueryError};
pub use eval::{Options, instant, range};
pub use http::{Source, router};
pub use install::install;
pub use serve::{PrometheusFault, Served};
pub use tsdb::{Labels, SeriesId, Store};
pub use value::{Answer, Row, Track};

//! The series store of the embedded Prometheus: labels, packed samples, selection by matchers.
//! Knows no query language and no clock: times come from whoever appends.

pub mod chunk;
pub mod labels;
pub mod store;

pub use chunk::Sample;
pub use labels::{Labels, METRIC_NAME};
pub use store::{Series, SeriesId, Store, is_stale};

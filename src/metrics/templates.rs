//! The questions themselves: for a release and a family of metrics, PromQL that brings all versions at once.
//! Never builds a raw query over a whole budget window, and returns `None` rather than a question about something else.

pub mod board;
mod latency;
mod mesh;
mod objective;
mod service;
mod trend;
mod versions;

use super::dialect::Source;
use super::promql::{Matcher, selector};
use super::window::Window;

pub use objective::{Own, own_objective};

/// Marks what a series of an answer counts: `total` or `bad`.
pub const SLI_LABEL: &str = "sli";
/// Marks the window a series is over: `5m`.
pub const WINDOW_LABEL: &str = "window";
/// Marks the version a series is of: its hash.
pub const VERSION_LABEL: &str = "version";
/// Marks whose requests a series counts: `new`, or `all` for all versions.
pub const ARM_LABEL: &str = "arm";
/// Marks a quantile: `0.99`.
pub const QUANTILE_LABEL: &str = "quantile";

impl Source {
    /// Requests a second over `window`, series by series.
    fn rate(&self, matchers: &[Matcher], window: Window) -> String {
        let rate = format!("rate({}[{window}])", selector(self.metric(), matchers));
        if self.counts_natively() { format!("histogram_count({rate})") } else { rate }
    }
}

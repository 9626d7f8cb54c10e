//! The questions themselves: for a release and a family of metrics, PromQL that brings all versions at once.
//! Never builds a raw query over a whole budget window, and returns `None` rather than a question about something else.

mod alerts;
mod board;
mod filled;
mod kept;
mod latency;
mod mesh;
mod objective;
mod recorded;
mod service;
mod slow;
mod versions;

use super::dialect::Source;
use super::promql::{Matcher, selector};
use super::window::Window;

pub use alerts::alerts;
pub use board::board;
pub use filled::{SHORTEST, filled, step};
pub use kept::{AVAILABILITY, RATIO, REMAINING, STEP, arms, course, kept, kept_mean, kept_trend};
pub use latency::QUANTILES;
pub use objective::{Own, own_counters, own_objective};
pub use recorded::recorded;

/// Marks what a series of an answer counts: `total` or `bad`.
pub const SLI_LABEL: &str = "sli";
/// Marks the window a series is over: `5m`.
pub const WINDOW_LABEL: &str = "over";
/// Marks the version a series is of: its hash.
pub const VERSION_LABEL: &str = "of_version";
/// Marks whose requests a series counts: `new`, or `all` for all versions.
pub const ARM_LABEL: &str = "arm";
/// Marks a quantile: `0.99`.
pub const QUANTILE_LABEL: &str = "quantile";
/// Marks what made the pods of a series: a ReplicaSet, StatefulSet or DaemonSet.
pub const OWNER_LABEL: &str = "made_by";
/// Marks errors: `1`, other requests: `0`; empty where that can't be told.
pub const BAD_LABEL: &str = "is_bad";
/// Marks what a figure about the counters themselves is: `newest`, `interval`.
pub const WHAT_LABEL: &str = "what";
/// Marks the objective a figure is of: its name.
pub const PROMISE_LABEL: &str = "of_objective";
/// Marks the series a recorded value was read from.
pub const RECORDED_LABEL: &str = "recorded_as";

impl Source {
    /// Requests a second over `window`, series by series.
    fn rate(&self, matchers: &[Matcher], window: Window) -> String {
        let rate = format!("rate({}[{window}])", selector(self.metric(), matchers));
        if self.counts_natively() { format!("histogram_count({rate})") } else { rate }
    }
}

#[cfg(test)]
mod tests;

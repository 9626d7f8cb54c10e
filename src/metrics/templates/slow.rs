//! Requests slower than a bound: raw counters by pod, and rates of a whole release.
//! Never picks a bucket by its name: bounds are written in many ways, so all of a classic histogram are brought and the reader picks.

use std::time::Duration;

use super::super::dialect::{Latency, Shape, Source};
use super::super::promql::{Matcher, marked, selector, together};
use super::super::window::Window;
use super::{SLI_LABEL, WINDOW_LABEL};
use crate::ports::metrics::Subject;

impl Source {
    /// The raw latency counters now, by what tells versions and pods apart: with classic buckets by `le`, else all requests and those not slower
    /// than `threshold`, marked `total` and `some` by [`SLI_LABEL`]. `None` where no latencies are stored.
    pub fn slow_counts(&self, subject: &Subject, threshold: Duration) -> Option<String> {
        let latency = self.latency.as_ref()?;
        let scope = self.scope(subject)?;
        let labels: Vec<&str> = self.version_labels().into_iter().chain(self.keepers()).collect();
        if latency.shape == Shape::Classic {
            let labels: Vec<&str> = labels.into_iter().chain(["le"]).collect();
            return Some(format!("sum by ({}) ({})", labels.join(", "), buckets(latency, &scope)));
        }
        let histogram = format!("sum by ({}) ({})", labels.join(", "), selector(latency.metric.as_str(), &scope));
        together(counted(latency, threshold, &histogram))
    }

    /// The same a second over each of `windows` for the whole release, marked by [`WINDOW_LABEL`].
    pub fn slow(&self, subject: &Subject, threshold: Duration, windows: &[Window]) -> Option<String> {
        let latency = self.latency.as_ref()?;
        let scope = self.scope(subject)?;
        together(windows.iter().flat_map(|window| {
            let queries = if latency.shape == Shape::Classic {
                vec![format!("sum by (le) (rate({}[{window}]))", buckets(latency, &scope))]
            } else {
                let histogram = format!("sum(rate({}[{window}]))", selector(latency.metric.as_str(), &scope));
                counted(latency, threshold, &histogram)
            };
            queries.into_iter().map(|query| marked(&query, WINDOW_LABEL, &window.to_string()))
        }))
    }
}

fn buckets(latency: &Latency, scope: &[Matcher]) -> String {
    selector(&format!("{}_bucket", latency.metric), scope)
}

/// All requests of a native histogram, and those that were quick enough.
fn counted(latency: &Latency, threshold: Duration, histogram: &str) -> Vec<String> {
    let bound = threshold.as_secs_f64() / latency.unit;
    let total = format!("histogram_count({histogram})");
    let quick = format!("{total} * histogram_fraction(0, {bound}, {histogram})");
    vec![marked(&total, SLI_LABEL, "total"), marked(&quick, SLI_LABEL, "some")]
}

//! Latencies by version.
//! Never averages quantiles: buckets are brought as they are, so that one answer gives every quantile and every share under a bound.

use super::super::dialect::{Shape, Source};
use super::super::promql::{marked, selector, together};
use super::super::window::Window;
use super::{QUANTILE_LABEL, VERSION_LABEL};
use crate::ports::metrics::Subject;

/// What is asked of native histograms: their own buckets are too many to bring.
pub const QUANTILES: [f64; 2] = [0.5, 0.99];

impl Source {
    /// Latencies over `window`, marked with the version's hash: with classic buckets requests a second by `le`, else [`QUANTILES`] marked by
    /// [`QUANTILE_LABEL`]. `None` where no latencies are stored or no version can be told.
    pub fn latency(&self, subject: &Subject, window: Window) -> Option<String> {
        let latency = self.latency.as_ref()?;
        let metric = latency.metric.as_str();
        let mut parts = Vec::new();
        for version in &subject.versions {
            let Some(scope) = self.scope_of(subject, version) else { continue };
            let mark = |query: &str| marked(query, VERSION_LABEL, version.hash.as_str());
            if latency.shape == Shape::Classic {
                let buckets = selector(&format!("{metric}_bucket"), &scope);
                parts.push(mark(&format!("sum by (le) (rate({buckets}[{window}]))")));
                continue;
            }
            let histogram = format!("sum(rate({}[{window}]))", selector(metric, &scope));
            for quantile in QUANTILES {
                let query = format!("histogram_quantile({quantile}, {histogram})");
                parts.push(mark(&marked(&query, QUANTILE_LABEL, &quantile.to_string())));
            }
        }
        together(parts)
    }
}

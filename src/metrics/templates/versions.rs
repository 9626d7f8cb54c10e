//! Requests by version and code, as raw counters, and how fresh they are.
//! Never takes a rate of young series for a count: counts come from the counters themselves.

use super::super::dialect::{Dialect, Source};
use super::super::promql::{marked, selector, together};
use super::super::window::Window;
use super::WHAT_LABEL;
use crate::ports::metrics::Subject;

impl Source {
    /// The raw counters now, by what tells versions apart and by code. A counter that falls was reset; the reader adds up.
    /// Asked as a range, it tells the share of each version over time.
    pub fn counts(&self, subject: &Subject) -> Option<String> {
        let raw = selector(self.metric(), &self.scope(subject)?);
        let raw = if self.counts_natively() { format!("histogram_count({raw})") } else { raw };
        let labels: Vec<&str> = self.version_labels().into_iter().chain(self.code_label()).chain(self.keepers()).collect();
        Some(format!("sum by ({}) ({raw})", labels.join(", ")))
    }

    /// Requests a second over `window`, by what tells versions apart and by code: where no counters are kept beside it.
    pub fn rates(&self, subject: &Subject, window: Window) -> Option<String> {
        let labels: Vec<&str> = self.version_labels().into_iter().chain(self.code_label()).collect();
        Some(format!("sum by ({}) ({})", labels.join(", "), self.rate(&self.scope(subject)?, window)))
    }

    /// How fresh the counters are, by [`WHAT_LABEL`]: `newest` is the moment of the newest sample (seconds since 1970), `interval` the seconds between
    /// two. An instant query puts its own moment on every value, so this is the only way to see that a scrape has died.
    pub fn freshness(&self, subject: &Subject) -> Option<String> {
        let raw = selector(self.metric(), &self.scope(subject)?);
        together([
            marked(&format!("max(timestamp({raw}))"), WHAT_LABEL, "newest"),
            marked(&format!("300 / max(count_over_time({raw}[5m]))"), WHAT_LABEL, "interval"),
        ])
    }

    /// The labels that name whatever keeps the counters, where that is not the pod itself: counters of several processes (controllers, proxies)
    /// must not be added up, or the reset of one would be lost in the sum.
    pub(in super::super) fn keepers(&self) -> Vec<&'static str> {
        match (&self.dialect, self.pod_label) {
            (Dialect::IngressNginx, _) => vec!["controller_pod", "instance"],
            (_, None) => vec!["instance"],
            _ => Vec::new(),
        }
    }
}

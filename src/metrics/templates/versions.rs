//! Requests by version and code: as raw counters, and as rates.
//! Never takes a rate of young series for a count: counts come from the counters themselves.

use super::super::dialect::{Dialect, Source};
use super::super::promql::{marked, selector, together};
use super::super::subject::Subject;
use super::super::window::Window;

impl Source {
    /// The raw counters now, by what tells versions apart and by code. A counter that falls was reset; the reader adds up.
    pub fn counts(&self, subject: &Subject) -> Option<String> {
        let scope = self.scope(subject)?;
        let raw = selector(self.metric(), &scope);
        let raw = if self.counts_natively() { format!("histogram_count({raw})") } else { raw };
        Some(format!("sum by ({}) ({raw})", self.split(true).join(", ")))
    }

    /// Requests a second over `window`, by what tells versions apart and by code.
    pub fn rates(&self, subject: &Subject, window: Window) -> Option<String> {
        let scope = self.scope(subject)?;
        Some(format!("sum by ({}) ({})", self.split(false).join(", "), self.rate(&scope, window)))
    }

    /// How fresh the counters are: `what="newest"` is the moment of the newest sample (seconds since 1970), `what="interval"` the seconds between samples.
    /// An instant query puts its own moment on every value, so this is the only way to see that a scrape has died.
    pub fn freshness(&self, subject: &Subject) -> Option<String> {
        let raw = selector(self.metric(), &self.scope(subject)?);
        together([
            marked(&format!("max(timestamp({raw}))"), "what", "newest"),
            marked(&format!("300 / max(count_over_time({raw}[5m]))"), "what", "interval"),
        ])
    }

    /// The labels of an answer. Raw counters that several processes keep (controllers, proxies) must not be added up:
    /// the reset of one would be lost in the sum.
    fn split(&self, raw: bool) -> Vec<&'static str> {
        let mut labels = self.version_labels();
        labels.extend(self.code_label());
        if raw {
            match self.dialect {
                Dialect::IngressNginx => labels.extend(["controller_pod", "instance"]),
                _ if self.pod_label.is_none() => labels.push("instance"),
                _ => {}
            }
        }
        labels
    }
}

//! All pods' present counters in Prometheus' text exposition format, for a server of one's own to scrape.
//! Leaves `up` out: whether a target answers is for the scraper to say.

use std::fmt::Write;

use super::state::Tally;
use crate::demo::prometheus::Labels;

impl Tally {
    /// The page a scrape with `honor_labels` reads: each sample says itself which namespace and pod it is of.
    pub fn exposition(&self) -> String {
        let named = |(labels, value): (Labels, f64)| (family(labels.get("__name__")).to_owned(), labels, value);
        let mut lines: Vec<(String, Labels, f64)> = self.current().map(named).collect();
        // A family must be one block; inside it each pod's series stay in the order of their bounds.
        lines.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut text, mut last) = (String::new(), "");
        for (name, labels, value) in &lines {
            if name != last {
                let (kind, help) = if name.ends_with("_total") {
                    ("counter", "Requests answered since the process began.")
                } else {
                    ("histogram", "How long requests took.")
                };
                let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
                last = name;
            }
            let own = labels.pairs().iter().filter(|(label, _)| &**label != "__name__");
            let own: Vec<String> = own.map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
            let _ = writeln!(text, "{}{{{}}} {value}", labels.get("__name__"), own.join(","));
        }
        text
    }
}

/// The metric a histogram's series belong to.
fn family(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name)
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

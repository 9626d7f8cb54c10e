//! Series that somebody's rules record of an objective: the cheap and exact way to its figures.
//! Never says what their values mean beyond the name they stand under: a ratio is an error ratio, 0..=1.

use std::fmt::{self, Write};
use std::time::Duration;

/// A recorded series: its name and the labels that tell it from its like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// The name.
    pub name: String,
    /// Labels that have to be equal.
    pub labels: Vec<(String, String)>,
}

/// What is recorded of an objective.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Error ratios (0..=1) by window, shortest first. Pyrra calls them burn rates; they are ratios all the same.
    pub ratios: Vec<(Duration, Series)>,
    /// What is left of the budget: 1 untouched, 0 gone, negative overspent.
    pub remaining: Option<Series>,
    /// The burn rate now, in times the allowed rate.
    pub burn: Option<Series>,
    /// The share of good events over the objective's own window.
    pub availability: Option<Series>,
    /// The target, as a ratio.
    pub target: Option<Series>,
    /// The objective's own window: in days (Sloth) or seconds (Pyrra), as the name says.
    pub period: Option<Series>,
    /// Present where the ratios are corrected for low traffic.
    pub correction: Option<Series>,
}

impl Series {
    /// A series of that name, with the labels that are not empty.
    pub fn new<'l>(name: impl Into<String>, labels: impl IntoIterator<Item = (&'l str, &'l str)>) -> Self {
        let labels = labels.into_iter().filter(|(_, value)| !value.is_empty());
        Self { name: name.into(), labels: labels.map(|(label, value)| (label.to_owned(), value.to_owned())).collect() }
    }
}

/// The selector, as PromQL takes it.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matchers = self.labels.iter().fold(String::new(), |mut text, (label, value)| {
            let separator = if text.is_empty() { "" } else { "," };
            let _ = write!(text, "{separator}{label}=\"{}\"", escaped(value));
            text
        });
        if matchers.is_empty() { f.write_str(&self.name) } else { write!(f, "{}{{{matchers}}}", self.name) }
    }
}

/// What stands between the quotes of a PromQL string.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

impl Recorded {
    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The error ratio over exactly `window`.
    pub fn ratio(&self, window: Duration) -> Option<&Series> {
        self.ratios.iter().find(|(length, _)| *length == window).map(|(_, series)| series)
    }

    /// Adds an error ratio, keeping the windows in order; of two over one window the first stays.
    pub(super) fn add_ratio(&mut self, window: Duration, series: Series) {
        if let Err(at) = self.ratios.binary_search_by_key(&window, |(length, _)| *length) {
            self.ratios.insert(at, (window, series));
        }
    }

    /// Takes over what is missing here.
    pub(super) fn fill(&mut self, other: Recorded) {
        for (window, series) in other.ratios {
            self.add_ratio(window, series);
        }
        self.remaining = self.remaining.take().or(other.remaining);
        self.burn = self.burn.take().or(other.burn);
        self.availability = self.availability.take().or(other.availability);
        self.target = self.target.take().or(other.target);
        self.period = self.period.take().or(other.period);
        self.correction = self.correction.take().or(other.correction);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_a_selector_whatever_its_labels_hold() {
        let series = Series::new("slo:objective:ratio", [("sloth_id", "a\"b\\"), ("none", "")]);
        assert_eq!(series.to_string(), r#"slo:objective:ratio{sloth_id="a\"b\\"}"#);
        super::super::query::parse_text(&series.to_string()).unwrap();
        assert_eq!(Series::new("up", []).to_string(), "up");
    }
}

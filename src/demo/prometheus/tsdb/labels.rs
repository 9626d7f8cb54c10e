//! Label sets: sorted pairs, cheap to copy, equal when Prometheus would call two series the same.
//! Keeps no label with an empty value: to Prometheus that is the same as no label.

use std::{fmt, sync::Arc};

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";

/// One label: name and value.
pub type Pair = (Arc<str>, Arc<str>);

/// The labels of one series, sorted by name, `__name__` among them. A clone shares the pairs.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Labels(Arc<[Pair]>);

impl Default for Labels {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

impl Labels {
    /// Sorts the pairs; drops empty values; of a name given twice, the last value stays.
    pub fn new(pairs: impl IntoIterator<Item = Pair>) -> Self {
        let mut pairs: Vec<Pair> = pairs.into_iter().collect();
        pairs.reverse();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, kept| later.0 == kept.0);
        pairs.retain(|(_, value)| !value.is_empty());
        Self(pairs.into())
    }

    /// As [`Labels::new`], from borrowed text.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self::new(pairs.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value))))
    }

    /// The value of `name`; the empty string where the label is missing, as matchers see it.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| &**n == name).map_or("", |(_, value)| value)
    }

    /// The pairs, sorted by name.
    pub fn pairs(&self) -> &[Pair] {
        &self.0
    }

    /// Without `__name__`: what most functions leave of a series.
    pub fn nameless(&self) -> Self {
        if self.get(METRIC_NAME).is_empty() { self.clone() } else { self.filtered(|name| name != METRIC_NAME) }
    }

    /// Only the labels whose name `keep` accepts.
    pub fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, _)| keep(name)).cloned().collect())
    }

    /// With `name` set to `value`; an empty value removes the label.
    pub fn with(&self, name: &str, value: &str) -> Self {
        if self.get(name) == value {
            return self.clone();
        }
        let rest = self.0.iter().filter(|(n, _)| &**n != name).cloned();
        Self::new(rest.chain([(Arc::from(name), Arc::from(value))]))
    }
}

/// Prometheus 2's label names: letters, digits and `_`, no digit first.
pub fn is_label_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

impl fmt::Display for Labels {
    /// As Prometheus prints a label set in its errors: `{a="b", c="d"}`, the name among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{name}={value:?}")?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_set_is_the_same_however_it_was_written() {
        let one = Labels::of(&[("b", "2"), ("__name__", "up"), ("a", "1"), ("gone", "")]);
        let other = Labels::of(&[("a", "0"), ("a", "1"), ("b", "2"), ("__name__", "up")]);
        assert_eq!(one, other);
        assert_eq!(one.to_string(), r#"{__name__="up", a="1", b="2"}"#);
        assert_eq!(one.nameless().to_string(), r#"{a="1", b="2"}"#);
        assert_eq!(one.with("a", "").with("c", "3").to_string(), r#"{__name__="up", b="2", c="3"}"#);
    }
}

//! An answer of Prometheus as plain data, with everything that lowers its worth beside it.
//! Never drops a warning, and never counts a label set that came twice.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::objectives::Read;
use crate::text::Clean;

/// The labels of one series, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Labels(Vec<(Clean, Clean)>);

impl Labels {
    /// The value of `name`; the empty text where there is no such label, as PromQL has it.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .binary_search_by(|(key, _)| key.as_str().cmp(name))
            .ok()
            .and_then(|at| self.0.get(at))
            .map_or("", |(_, value)| value.as_str())
    }

    /// All of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Clean, &Clean)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Clean, Clean)> for Labels {
    fn from_iter<I: IntoIterator<Item = (Clean, Clean)>>(pairs: I) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort();
        Self(pairs)
    }
}

/// A value and the moment it is for. May be NaN (0/0: nothing happened) or infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The moment the server worked it out for.
    pub at: DateTime<Utc>,
    /// In the unit of the query.
    pub value: f64,
}

/// One series of an instant answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What it is.
    pub labels: Labels,
    /// How much.
    pub point: Point,
}

/// One series of a range answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is.
    pub labels: Labels,
    /// Oldest first.
    pub points: Vec<Point>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// One value a series.
    Vector(Vec<Sample>),
    /// Many values a series.
    Matrix(Vec<Series>),
    /// A number without labels.
    Scalar(Point),
    /// A text.
    Text(Clean),
    /// The objectives in the server's rules.
    Rules(Box<Read>),
}

impl Data {
    /// The samples of an instant answer; a scalar is one without labels.
    pub fn samples(&self) -> &[Sample] {
        if let Self::Vector(samples) = self { samples } else { &[] }
    }

    /// The series of a range answer.
    pub fn series(&self) -> &[Series] {
        if let Self::Matrix(series) = self { series } else { &[] }
    }

    /// Whether nothing at all was found: no data, which is not the same as zero.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Vector(samples) => samples.is_empty(),
            Self::Matrix(series) => series.is_empty(),
            Self::Scalar(_) => false,
            Self::Text(text) => text.is_empty(),
            Self::Rules(read) => read.found.is_empty(),
        }
    }
}

/// An answer and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What was found.
    pub data: Data,
    /// The server's warnings: they lower the confidence in every figure of this answer.
    pub warnings: Vec<Clean>,
    /// The server's hints about the query (a rate over something that is no counter).
    pub infos: Vec<Clean>,
    /// The server says that some of its stores did not answer.
    pub partial: bool,
    /// Series that are native histograms where a number was wanted: left out of `data`.
    pub natives: usize,
    /// Label sets that came more than once: left out of `data`, since either value may be the wrong one.
    pub twins: usize,
    /// From the question to the last byte.
    pub took: Duration,
    /// Size of the body in bytes.
    pub bytes: usize,
}

impl Reply {
    /// The rules' objectives, read within `took`.
    pub fn of_rules(read: Read, took: Duration) -> Self {
        let (warnings, infos) = (Vec::new(), Vec::new());
        Self { data: Data::Rules(Box::new(read)), warnings, infos, partial: false, natives: 0, twins: 0, took, bytes: 0 }
    }

    /// Whether a part of the data may be missing: the server says so, or warns of something that is not about the query (a store that did not answer).
    pub fn is_partial(&self) -> bool {
        self.partial || self.warnings.iter().any(|warning| !warning.as_str().starts_with("PromQL"))
    }

    /// Why this answer may not be the whole truth, in words; `None` when nothing speaks against it.
    pub fn doubt(&self) -> Option<Clean> {
        let mut reasons = Vec::new();
        if self.partial {
            reasons.push("partial answer: some of its stores did not answer".to_owned());
        }
        if self.twins > 0 {
            reasons.push(format!("{} series came twice with different values", self.twins));
        }
        if self.natives > 0 {
            reasons.push(format!("{} series are native histograms, not numbers", self.natives));
        }
        reasons.extend(self.warnings.iter().map(|warning| format!("warning: {warning}")));
        (!reasons.is_empty()).then(|| Clean::from(reasons.join("; ")))
    }
}

//! What a query yields: scalars, strings, vectors and matrices.
//! Holds values only; how they are printed is the HTTP side's business.

use super::tsdb::{Labels, Sample};

/// One element of an instant vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The element's labels.
    pub labels: Labels,
    /// Its value at the evaluated moment.
    pub value: f64,
}

impl Row {
    /// An element.
    pub fn new(labels: Labels, value: f64) -> Self {
        Self { labels, value }
    }
}

/// One series of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// The series' labels.
    pub labels: Labels,
    /// Milliseconds since 1970 and values, oldest first.
    pub samples: Vec<Sample>,
}

/// The answer to a query. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A number at a moment.
    Scalar(i64, f64),
    /// A text at a moment.
    Text(i64, String),
    /// One value for each series, all at one moment.
    Vector(i64, Vec<Row>),
    /// Many values for each series, sorted by labels.
    Matrix(Vec<Track>),
}

/// A value in the middle of an evaluation, at one moment.
#[derive(Debug, Clone)]
pub(super) enum Val {
    Scalar(f64),
    Text(String),
    Vector(Vec<Row>),
}

//! Why a query has no answer, in Prometheus' own kinds and words.
//! Decides nothing about HTTP but the status each kind is sent with.

use std::fmt;

/// Prometheus' error types (`errorType` in its envelope).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request or the expression is wrong: 400.
    BadData,
    /// The expression is right, but not for these series: 422.
    Execution,
    /// It took longer than the request allowed: 503.
    Timeout,
}

impl ErrorKind {
    /// The word in the envelope.
    pub fn word(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
        }
    }

    /// The HTTP status Prometheus sends with it.
    pub fn status(self) -> u16 {
        match self {
            Self::BadData => 400,
            Self::Execution => 422,
            Self::Timeout => 503,
        }
    }
}

/// A query's error: kind and sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// Which kind of error.
    pub kind: ErrorKind,
    /// What happened, as Prometheus words it where it has words for it.
    pub message: String,
}

impl QueryError {
    /// A wrong request or expression.
    pub fn bad_data(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::BadData, message: message.into() }
    }

    /// An expression that these series do not bear.
    pub fn execution(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Execution, message: message.into() }
    }

    /// The `timeout` of the request ran out.
    pub fn timeout() -> Self {
        Self { kind: ErrorKind::Timeout, message: "query timed out in expression evaluation".into() }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for QueryError {}

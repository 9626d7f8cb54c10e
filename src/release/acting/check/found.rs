//! What a check asks outside, with every placeholder filled, and what comes back: plain data.
//! Knows no client of anything, and keeps nothing of a page but whether it holds what was looked for.

use std::time::Duration;

use crate::release::Time;
use crate::text::Clean;

/// A question, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// PromQL, as of now.
    Query {
        /// The expression.
        promql: String,
        /// Whose pods the server has to know, where it is looked for first.
        namespace: Clean,
    },
    /// GET of a page.
    Page {
        /// Its address.
        url: String,
        /// What it is looked through for.
        contains: Option<String>,
        /// How long it may take, to the last byte.
        timeout: Duration,
    },
    /// One Job.
    Job {
        /// Its namespace.
        namespace: Clean,
        /// Its name.
        name: Clean,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// To a query.
    Values(Values),
    /// To a page.
    Page(Page),
    /// To a Job; `None`: there is none of that name.
    Job(Option<Job>),
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    /// Each series by its labels, and its value.
    pub series: Vec<(Clean, f64)>,
    /// Why it may not be the whole truth, a clause.
    pub doubt: Option<Clean>,
}

/// The answer to a GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Whether what was looked for is in it; `None` where nothing was looked for.
    pub contains: Option<bool>,
    /// Only so many bytes were read, and there were more.
    pub cut_at: Option<usize>,
}

/// A Job, as far as its outcome goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Job {
    /// When it started, in the server's time; `None` while it has not.
    pub started: Option<Time>,
    /// Condition `Complete` is `True`.
    pub is_complete: bool,
    /// Condition `Failed` or `FailureTarget` is `True`; its reason and message.
    pub failed: Option<Clean>,
    /// `spec.suspend`.
    pub is_suspended: bool,
}

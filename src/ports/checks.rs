//! Asking for the checks of a gate: one question out, one answer back. Reading only: a query, a GET, a Job.
//! Knows nothing of what an answer means for a release.

use super::write::Later;
use crate::release::acting::check::{Found, Job, Page, Question, Values};
use crate::text::Clean;

/// Asks whatever a check looks at. Asked anew each time: nothing is kept.
pub trait RunChecks: Send + Sync + 'static {
    /// The answer to `question`. The error is a clause: why there is none.
    fn ask(&self, question: Question) -> Later<Result<Found, Clean>>;
}

/// Asks the metrics server that the session uses, by the way it uses.
pub trait AskMetrics: Send + Sync + 'static {
    /// What `promql` is now; `namespace` is near what it is about. The error is a clause.
    fn values(&self, promql: String, namespace: Clean) -> Later<Result<Values, Clean>>;
}

/// Reads Jobs.
pub trait ReadJobs: Send + Sync + 'static {
    /// The Job of that name; `None` where there is none. The error is a clause: which right is missing, or what went wrong.
    fn job(&self, namespace: Clean, name: Clean) -> Later<Result<Option<Job>, Clean>>;
}

/// Gets pages from this machine, without a login.
pub trait GetPages: Send + Sync + 'static {
    /// What `url` answers within `timeout`, looked through for `contains`. The error is a clause.
    fn page(&self, url: String, contains: Option<String>, timeout: std::time::Duration) -> Later<Result<Page, Clean>>;
}

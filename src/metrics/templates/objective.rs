//! The queries that a person wrote for an objective, made one question.
//! Never changes what they ask: only `$window` is put in, and the sum taken.

use super::super::promql::{marked, together};
use super::super::window::Window;
use super::{SLI_LABEL, WINDOW_LABEL};
use crate::ports::metrics::Counters;

/// An objective's own queries, with `$window` where the window goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Failed requests a second.
    pub errors: String,
    /// All requests a second.
    pub total: String,
}

/// Both over each of `windows` in one answer, marked as by [`Source::service`](super::super::dialect::Source::service).
pub fn own_objective(own: &Own, windows: &[Window]) -> Option<String> {
    together(windows.iter().flat_map(|window| {
        [("total", &own.total), ("bad", &own.errors)].map(|(sli, query)| {
            let query = query.replace("${window}", &window.to_string()).replace("$window", &window.to_string());
            // The line breaks end a comment that the query may end in.
            marked(&marked(&format!("sum(\n{query}\n)"), SLI_LABEL, sli), WINDOW_LABEL, &window.to_string())
        })
    }))
}

/// An objective's counters by pod, marked `total` or `some` by [`SLI_LABEL`].
pub fn own_counters(counters: &Counters) -> String {
    let [total, some] = [("total", &counters.total), ("some", &counters.some)].map(|(sli, query)| marked(query, SLI_LABEL, sli));
    format!("{total}\nor\n{some}")
}

//! The service level of a whole release: total and bad requests, over several windows in one answer.
//! Never divides: a missing error series is zero errors only where the total is there, and only the reader sees both.

use super::super::dialect::Source;
use super::super::promql::{marked, together};
use super::super::subject::Subject;
use super::super::window::Window;
use super::{SLI_LABEL, WINDOW_LABEL};

impl Source {
    /// Requests a second of the whole release.
    pub fn service_total(&self, subject: &Subject, window: Window) -> Option<String> {
        Some(format!("sum({})", self.rate(&self.scope(subject)?, window)))
    }

    /// Failed requests a second of the whole release; `None` also where this family can't tell errors.
    pub fn service_errors(&self, subject: &Subject, window: Window) -> Option<String> {
        let mut scope = self.scope(subject)?;
        scope.push(self.bad()?);
        Some(format!("sum({})", self.rate(&scope, window)))
    }

    /// Both, over each of `windows`, in one answer: marked `sli="total"` or `sli="bad"`, and `window="5m"`.
    pub fn service(&self, subject: &Subject, windows: &[Window]) -> Option<String> {
        together(windows.iter().flat_map(|window| {
            [("total", self.service_total(subject, *window)), ("bad", self.service_errors(subject, *window))]
                .into_iter()
                .filter_map(|(sli, query)| Some(marked(&marked(&query?, SLI_LABEL, sli), WINDOW_LABEL, &window.to_string())))
        }))
    }
}

//! The service level of a whole release: total and bad requests, over several windows in one answer.
//! Never divides: a missing error series is zero errors only where the total is there, and only the reader sees both.

use super::super::dialect::Source;
use super::super::promql::{marked, together};
use super::super::window::Window;
use super::{SLI_LABEL, WINDOW_LABEL};
use crate::ports::metrics::Subject;

impl Source {
    /// Total and bad requests a second of the whole release over each of `windows`: marked `total` or `bad` by [`SLI_LABEL`], and by [`WINDOW_LABEL`].
    /// `None` where this family can't tell errors: a total alone would look like a service without any.
    pub fn service(&self, subject: &Subject, windows: &[Window]) -> Option<String> {
        let all = self.scope(subject)?;
        let mut bad = all.clone();
        bad.push(self.bad()?);
        let arms = [("total", all), ("bad", bad)];
        together(windows.iter().flat_map(|window| {
            arms.iter().map(|(sli, scope)| {
                let sum = format!("sum({})", self.rate(scope, *window));
                marked(&marked(&sum, SLI_LABEL, sli), WINDOW_LABEL, &window.to_string())
            })
        }))
    }
}

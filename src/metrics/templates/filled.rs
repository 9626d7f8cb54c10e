//! For how much of an objective's window there is anything recorded: a window that began later than it reaches back says so.
//! Never counts samples: rules are evaluated at anybody's pace, so the window is looked at at even moments.

use std::time::Duration;

use super::super::promql::{Matcher, marked, selector, together};
use super::{WHAT_LABEL, course};
use crate::ports::metrics::{Promise, Subject};

/// Marks the count of the shortest ratio by [`WHAT_LABEL`]; what else is counted stands for the whole window.
pub const SHORTEST: &str = "shortest";

/// So many moments of a window are looked at: each tells of less than half a percent.
const MOMENTS: u64 = 240;

/// From one moment to the next, whole seconds: never shorter than rules are evaluated.
pub fn step(window: Duration) -> Duration {
    Duration::from_secs(window.as_secs().div_ceil(MOMENTS).max(60))
}

/// At how many moments of its window the shortest ratio that is kept of `promise`, and what stands for the whole window, had a value. `None`
/// where nothing is known that could.
pub fn filled(subject: &Subject, promise: &Promise) -> Option<String> {
    let (window, step) = (promise.window.as_secs(), step(promise.window).as_secs());
    // The line breaks end a comment that an expression may end in.
    let count = |expression: &str| format!("count_over_time((\n{expression}\n)[{window}s:{step}s])");
    let kept = promise.kept.ratios.first().map(|(_, ratio)| format!("max(\n{ratio}\n)"));
    let shortest = kept.or_else(|| promise.kept.is_empty().then(|| usual(subject, promise)).flatten());
    let shortest = shortest.map(|ratio| marked(&count(&ratio), WHAT_LABEL, SHORTEST));
    together(shortest.into_iter().chain(course(subject, promise).map(|whole| count(&whole))))
}

/// The shortest ratio as Sloth records it.
fn usual(subject: &Subject, promise: &Promise) -> Option<String> {
    let services = subject.service_names().chain([subject.workload.as_str()]);
    let matchers = [Matcher::among("sloth_service", services)?, Matcher::equal("sloth_slo", promise.name.as_str())];
    Some(format!("max({})", selector("slo:sli_error:ratio_rate5m", &matchers)))
}

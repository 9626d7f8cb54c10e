//! What can be asked of an objective as it is: recorded series and ratios, and its own counts of one version each.
//! Never makes a ratio of its own, and of several series of one objective, or of one group of it, brings the worst.

use super::super::promql::{marked, together};
use super::super::window::Window;
use super::recorded::recorded;
use super::{PROMISE_LABEL, RECORDED_LABEL, SLI_LABEL, VERSION_LABEL, WINDOW_LABEL};
use crate::ports::metrics::{Promise, Subject};
use crate::text::Clean;

/// What is left, marked so by [`RECORDED_LABEL`].
pub const REMAINING: &str = "remaining";
/// The share of good events over the objective's window, marked so by [`RECORDED_LABEL`].
pub const AVAILABILITY: &str = "availability";
/// An error ratio over the window in [`WINDOW_LABEL`] (whole seconds), marked so by [`RECORDED_LABEL`].
pub const RATIO: &str = "ratio";

/// ` by (route) ` for an objective by groups, so that each brings a series; empty for one as a whole.
fn by(promise: &Promise) -> String {
    let labels = promise.grouping.iter().map(Clean::as_str).collect::<Vec<_>>().join(", ");
    if labels.is_empty() { labels } else { format!(" by ({labels}) ") }
}

/// Everything that is kept of `promises`, marked with their names by [`PROMISE_LABEL`]. `None` where nothing is.
pub fn kept(promises: &[Promise]) -> Option<String> {
    let mut all = Vec::new();
    for promise in promises {
        let by = by(promise);
        // The line breaks end a comment that an expression may end in.
        let mut put = |worst: &str, expression: &str, what: &str, over: Option<u64>| {
            let mut text = marked(&format!("{worst}{by}(\n{expression}\n)"), PROMISE_LABEL, promise.name.as_str());
            text = marked(&text, RECORDED_LABEL, what);
            all.push(over.map_or_else(|| text.clone(), |seconds| marked(&text, WINDOW_LABEL, &seconds.to_string())));
        };
        if let Some(remaining) = &promise.kept.remaining {
            put("min", remaining, REMAINING, None);
        }
        if let Some(availability) = &promise.kept.availability {
            put("min", availability, AVAILABILITY, None);
        }
        for (window, ratio) in &promise.kept.ratios {
            put("max", ratio, RATIO, Some(window.as_secs()));
        }
    }
    together(all)
}

/// What one promise says over its own window, marked as by [`kept`] or, where it names no series, by what is usual: asked as a range it is how
/// the budget went.
pub fn course(subject: &Subject, promise: &Promise) -> Option<String> {
    if promise.kept.is_empty() {
        return recorded(subject, std::slice::from_ref(promise));
    }
    // Each group by itself: the worst at each moment would be a curve that no group had.
    let mut whole = promise.clone();
    whole.kept.ratios.retain(|(window, _)| *window == promise.window);
    // One of them is enough, and what is left needs no reckoning.
    if whole.kept.remaining.is_some() || whole.kept.availability.is_some() {
        whole.kept.ratios.clear();
    }
    if whole.kept.remaining.is_some() {
        whole.kept.availability = None;
    }
    kept(&[whole])
}

/// What stands in a question for the length of one of its stretches, until it is sent.
pub const STEP: &str = "$step";

/// The mean of a recorded error ratio over [`STEP`], marked `ratio` by [`SLI_LABEL`]: asked as a range it is how a period of the calendar went.
pub fn kept_mean(promise: &Promise) -> Option<String> {
    let series = promise.since.as_ref()?.recorded.as_ref()?;
    let by = by(promise);
    Some(marked(&format!("max{by}(avg_over_time({series}[{STEP}]))"), SLI_LABEL, RATIO))
}

/// The ratio of the shortest window, marked `ratio` by [`SLI_LABEL`]: asked as a range it is how the objective went.
pub fn kept_trend(promise: &Promise) -> Option<String> {
    let (_, shortest) = promise.kept.ratios.first()?;
    Some(marked(&format!("max{}(\n{shortest}\n)", by(promise)), SLI_LABEL, RATIO))
}

/// An objective's own errors and totals a second over `window`, of one version each, marked by [`VERSION_LABEL`] and [`SLI_LABEL`].
pub fn arms(arms: &[(Clean, (String, String))], window: Window) -> Option<String> {
    let over = |query: &str| query.replace("${window}", &window.to_string()).replace("$window", &window.to_string());
    together(arms.iter().flat_map(|(hash, (errors, total))| {
        [("total", total), ("bad", errors)].map(|(sli, query)| {
            let sum = format!("sum(\n{}\n)", over(query));
            marked(&marked(&sum, SLI_LABEL, sli), VERSION_LABEL, hash.as_str())
        })
    }))
}

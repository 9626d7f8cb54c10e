//! Series that recording rules keep of objectives: what is left of a budget, or the error ratio over its whole window.
//! Never reckons with them: which of them is which is marked, and the reader decides.

use std::time::Duration;

use super::super::promql::{Matcher, marked, selector, together};
use super::RECORDED_LABEL;
use crate::ports::metrics::{Promise, Subject};

/// The recorded series of `promises`, marked with their name, by `sloth_slo` (Sloth: what is left, else the error ratio over the window) or by `slo`
/// (Pyrra's generic rules: the availability over the window). `None` for no promises.
pub fn recorded(subject: &Subject, promises: &[Promise]) -> Option<String> {
    let services = || subject.service_names().chain([subject.workload.as_str()]);
    let names = || promises.iter().map(|promise| promise.name.as_str());
    let sloth = |metric: &str, summed: &str| {
        let matchers = [Matcher::among("sloth_service", services())?, Matcher::among("sloth_slo", names())?];
        Some(marked(&format!("{summed} by (sloth_slo) ({})", selector(metric, &matchers)), RECORDED_LABEL, metric))
    };
    let mut arms: Vec<String> = sloth("slo:period_error_budget_remaining:ratio", "min").into_iter().collect();
    let mut windows: Vec<String> = promises.iter().filter_map(|promise| days(promise.window)).collect();
    windows.sort_unstable();
    windows.dedup();
    arms.extend(windows.iter().filter_map(|window| sloth(&format!("slo:sli_error:ratio_rate{window}"), "max")));
    // Pyrra names an objective in one word, so teams put the service into it.
    let joined: Vec<String> = names().flat_map(|name| services().map(move |service| format!("{service}-{name}"))).collect();
    if let Some(slo) = Matcher::among("slo", joined.iter().map(String::as_str)) {
        let metric = "pyrra_availability";
        arms.push(marked(&format!("min by (slo) ({})", selector(metric, &[slo])), RECORDED_LABEL, metric));
    }
    together(arms)
}

/// As Sloth writes a period: in whole days.
fn days(window: Duration) -> Option<String> {
    let seconds = window.as_secs();
    (seconds > 0 && seconds.is_multiple_of(86_400)).then(|| format!("{}d", seconds / 86_400))
}

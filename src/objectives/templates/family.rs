//! Whether one counter counts a part of what another counts, and whether that part is the good or the bad one, by their names and labels.
//! Refuses to see events in amounts: seconds, bytes, processors and memory are never a share of requests.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::VectorSelector;

/// Labels that say how an event ended.
const OUTCOMES: [&str; 27] = [
    "code",
    "status",
    "status_code",
    "statuscode",
    "http_code",
    "http_status",
    "http_status_code",
    "http_response_status_code",
    "response_code",
    "grpc_code",
    "grpc_status",
    "grpc_status_code",
    "rpc_grpc_status_code",
    "envoy_response_code",
    "envoy_response_code_class",
    "response_class",
    "response_code_class",
    "status_class",
    "code_class",
    "classification",
    "reason",
    "result",
    "outcome",
    "error",
    "success",
    "response_flags",
    "exception",
];
/// Words in names that say that events failed, and that they did not.
const FAILED: [&str; 8] = ["error", "errors", "failure", "failures", "failed", "fail", "5xx", "fails"];
const WORKED: [&str; 6] = ["success", "successes", "successful", "succeeded", "ok", "2xx"];
/// Words that are no part of what is counted.
const FILLERS: [&str; 9] = ["total", "count", "request", "requests", "rq", "response", "responses", "handled", "completed"];
/// Words for amounts.
const AMOUNTS: [&str; 8] = ["bytes", "cpu", "memory", "mem", "sum", "created", "bits", "joules"];
/// Words for lengths of time: they are in names of histograms, whose counts are events.
const TIMES: [&str; 7] = ["seconds", "second", "milliseconds", "ms", "millis", "microseconds", "nanoseconds"];

/// What a part of all events is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The good ones.
    Good,
    /// The bad ones.
    Bad,
    /// One or the other: its labels do not say.
    Either,
}

/// Whether the label says how an event ended.
pub(super) fn is_outcome(label: &str) -> bool {
    OUTCOMES.contains(&label.to_ascii_lowercase().as_str())
}

/// The metric's name; empty where it is selected by none.
pub(super) fn name(selector: &VectorSelector) -> &str {
    let by_label = || selector.matchers.matchers.iter().find(|one| one.name == "__name__" && matches!(one.op, MatchOp::Equal));
    selector.name.as_deref().or_else(|| by_label().map(|one| one.value.as_str())).unwrap_or_default()
}

/// Whether a counter of this name counts events.
pub(super) fn counts_events(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let is_of_histogram = matches!(words.last(), Some(&"count" | &"bucket"));
    let is_amount = |word: &&str| AMOUNTS.contains(word) || !is_of_histogram && TIMES.contains(word);
    // A recorded series holds rates already.
    !name.is_empty() && !name.contains(':') && !words.iter().any(is_amount)
}

/// Which part of `whole` `part` counts; `None` where nothing tells that it is one.
pub(super) fn part(part: &VectorSelector, whole: &VectorSelector) -> Option<Part> {
    let (small, big) = (name(part), name(whole));
    if !part.matchers.or_matchers.is_empty() || !whole.matchers.or_matchers.is_empty() || !counts_events(small) || !counts_events(big) {
        return None;
    }
    let (small_outcomes, small_rest) = sorted(part);
    let (big_outcomes, big_rest) = sorted(whole);
    if small_rest != big_rest {
        return None;
    }
    let limit = |selector: &VectorSelector| selector.matchers.matchers.iter().find(|one| one.name == "le").map(|one| one.value.clone());
    match (small.strip_suffix("_bucket"), limit(part), limit(whole).as_deref()) {
        // Requests within a time, of all requests.
        (Some(base), Some(le), None | Some("+Inf")) if le != "+Inf" => {
            let is_whole = big.strip_suffix("_count") == Some(base) || big == small && limit(whole).is_some();
            return (is_whole && small_outcomes == big_outcomes).then_some(Part::Good);
        }
        (None, None, None) => {}
        _ => return None,
    }
    let has = |all: &[&Matcher], one: &Matcher| all.contains(&one);
    if small == big {
        let more: Vec<&Matcher> = small_outcomes.iter().filter(|one| !has(&big_outcomes, one)).copied().collect();
        let is_inside = big_outcomes.iter().all(|one| has(&small_outcomes, one) || narrows(&more, one));
        return (!more.is_empty() && is_inside).then(|| kind(&more));
    }
    let (named, stem) = spoken(small);
    let (other, base) = spoken(big);
    (other.is_none() && stem == base && big_outcomes.iter().all(|one| has(&small_outcomes, one))).then_some(named).flatten()
}

/// Conditions on how events ended, and all others but the name and the bound of a histogram.
fn sorted(selector: &VectorSelector) -> (Vec<&Matcher>, Vec<&Matcher>) {
    let all = selector.matchers.matchers.iter().filter(|one| one.name != "__name__" && one.name != "le");
    let (outcomes, mut rest): (Vec<&Matcher>, Vec<&Matcher>) = all.partition(|one| is_outcome(&one.name));
    rest.sort_by_cached_key(|one| one.to_string());
    rest.dedup();
    (outcomes, rest)
}

/// Whether every way to end that `more` allows is one that `wide` allows: `5..` of what is not `4..`.
fn narrows(more: &[&Matcher], wide: &Matcher) -> bool {
    let same: Vec<&&Matcher> = more.iter().filter(|one| one.name == wide.name).collect();
    let codes = (100..600).map(|code| code.to_string()).chain((0..17).map(|code| code.to_string()));
    let words = ["1xx", "2xx", "3xx", "4xx", "5xx", "OK", "Unknown", "Internal", "Unavailable", "success", "failure", "error", "ok", ""];
    let mut all = codes.chain(words.map(str::to_owned));
    !same.is_empty() && all.all(|value| wide.is_match(&value) || !same.iter().all(|one| one.is_match(&value)))
}

/// What the ways to end are that these conditions allow.
fn kind(more: &[&Matcher]) -> Part {
    let good = |one: &&Matcher| {
        let label = one.name.to_ascii_lowercase();
        let fine: &[&str] = match label.as_str() {
            "classification" | "outcome" | "result" => &["success", "ok", "SUCCESS"],
            "success" => &["true"],
            "reason" | "error" | "exception" | "response_flags" => return None,
            label if label.contains("grpc") => &["OK", "0"],
            label if label.contains("class") => &["2", "2xx"],
            _ => &["200", "2xx", "OK"],
        };
        Some(match one.op {
            MatchOp::Equal | MatchOp::Re(_) => fine.iter().any(|value| one.is_match(value)),
            MatchOp::NotEqual | MatchOp::NotRe(_) => fine.iter().all(|value| one.is_match(value)),
        })
    };
    let told: Vec<bool> = more.iter().filter_map(good).collect();
    match told.as_slice() {
        [] => Part::Either,
        all if all.iter().all(|good| *good) => Part::Good,
        _ => Part::Bad,
    }
}

/// What a name says of how its events ended, and what they are events of.
fn spoken(name: &str) -> (Option<Part>, Vec<&str>) {
    let words = || name.split('_').filter(|word| !word.is_empty());
    let has = |list: &[&str]| words().any(|word| list.contains(&word));
    let told = if has(&FAILED) {
        Some(Part::Bad)
    } else if has(&WORKED) {
        Some(Part::Good)
    } else {
        None
    };
    let stem = words().filter(|word| ![&FAILED[..], &WORKED, &FILLERS].iter().any(|list| list.contains(word)));
    (told, stem.map(|word| word.strip_suffix('s').unwrap_or(word)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql_parser::parser::{Expr, parse};

    fn of(small: &str, whole: &str) -> Option<Part> {
        let select = |text: &str| match parse(text).unwrap() {
            Expr::VectorSelector(selector) => selector,
            other => panic!("{other:?}"),
        };
        part(&select(small), &select(whole))
    }

    #[test]
    fn a_part_is_told_by_how_events_ended() {
        for (small, whole, is) in [
            ("a_total{code=~\"5..\"}", "a_total", Part::Bad),
            ("a_total{code!~\"5..\",app=\"web\"}", "a_total{app=\"web\"}", Part::Good),
            ("a_total{code=~\"5..\"}", "a_total{code!~\"4..\"}", Part::Bad),
            ("a_total{grpc_code!=\"OK\"}", "a_total", Part::Bad),
            ("a_total{classification=\"success\"}", "a_total", Part::Good),
            ("a_total{reason=\"timeout\"}", "a_total", Part::Either),
            ("x_seconds_count{status=~\"5..\"}", "x_seconds_count", Part::Bad),
            ("x_seconds_bucket{le=\"0.3\"}", "x_seconds_count", Part::Good),
            ("x_seconds_bucket{le=\"0.3\"}", "x_seconds_bucket{le=\"+Inf\"}", Part::Good),
            ("http_errors_total", "http_requests_total", Part::Bad),
            ("http_request_failures_total", "http_requests_total", Part::Bad),
            ("orders_errors_total{app=\"web\"}", "orders_total{app=\"web\"}", Part::Bad),
            ("envoy_cluster_upstream_rq_5xx", "envoy_cluster_upstream_rq_total", Part::Bad),
        ] {
            assert_eq!(of(small, whole), Some(is), "{small} of {whole}");
        }
    }

    #[test]
    fn amounts_and_strangers_are_no_parts() {
        for (small, whole) in [
            ("x_seconds_sum", "x_seconds_count"),
            ("x_seconds_sum{code=\"500\"}", "x_seconds_sum"),
            ("container_cpu_usage_seconds_total", "container_cpu_limit_total"),
            ("process_cpu_failures_total", "process_cpu_total"),
            ("memory_failures_total", "memory_total"),
            ("sent_bytes_total{code=\"500\"}", "sent_bytes_total"),
            ("a_total{path=\"/x\"}", "a_total"),
            ("a_total{code=~\"5..\",app=\"web\"}", "a_total"),
            ("a_total{code=~\"5..\"}", "a_total{app=\"web\"}"),
            ("a_total{code=~\"5..\"}", "a_total{code!~\"5..\"}"),
            ("a_total", "a_total"),
            ("a_errors_total", "b_requests_total"),
            ("a_errors_total", "a_failures_total"),
            ("a_hits_total", "a_requests_total"),
            ("x_bucket{le=\"0.3\"}", "y_count"),
            ("x_bucket{le=\"0.3\"}", "x_bucket{le=\"0.5\"}"),
            ("job:errors:rate5m", "job:requests:rate5m"),
        ] {
            assert_eq!(of(small, whole), None, "{small} of {whole}");
        }
    }
}

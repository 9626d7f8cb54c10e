//! Queries that mean no good: whatever is asked, there is an answer or an error, and the next query is served.

use super::super::tsdb::{Labels, Store};
use super::*;

fn store() -> Store {
    let mut store = Store::new();
    for (name, pod) in [("requests_total", "a"), ("requests_total", "b"), ("version", "a")] {
        for n in 0..=40 {
            store.put(Labels::of(&[("__name__", name), ("pod", pod)]), n * 15_000, n as f64);
        }
    }
    store
}

fn ask(query: &str) -> Result<Answer, QueryError> {
    instant(&store(), query, 600_000, Options { deadline: Some(Instant::now() + std::time::Duration::from_secs(1)) })
}

#[test]
fn what_nests_deep_is_evaluated_or_refused_but_never_the_end() {
    for depth in [100, 158, 100_000] {
        let nested = [
            format!("{}1{}", "(".repeat(depth), ")".repeat(depth)),
            format!("{}1", "-".repeat(depth)),
            format!("{}version", "- ".repeat(depth)),
            format!("1{}", "+1".repeat(depth)),
            format!("version{}", " or version".repeat(depth)),
            format!("1{}", "^1".repeat(depth)),
            format!("{}version{}", "abs(".repeat(depth), ")".repeat(depth)),
            format!("{}version{}", "sum(".repeat(depth), ")".repeat(depth)),
            "(".repeat(depth),
            "sum by ".repeat(depth),
            format!("version{}", " offset 1m".repeat(depth)),
            format!("version{}", "[1m:]".repeat(depth)),
        ];
        for query in nested {
            let outcome = ask(&query);
            assert!(depth < 1_000 || outcome.is_err(), "{}", &query[..20]);
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_is_the_end(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..24), noise in ".{0,8}") {
        let _ = ask(&words.join(" "));
        let _ = ask(&format!("{}{noise}", words.concat()));
        let _ = range(&store(), &words.join(" "), 0, 600_000, 60_000, Options::default());
    }
}

const WORDS: &[&str] = &[
    "requests_total",
    "version",
    "{pod=\"a\"}",
    "[5m]",
    "[5m:1m]",
    "offset 1m",
    "@ end()",
    "rate",
    "sum",
    "topk",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "bool",
    "and",
    "or",
    "unless",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "==",
    ">",
    "(",
    ")",
    "(",
    ")",
    ",",
    "1",
    "NaN",
    "1e309",
    "-1",
    "\"",
    "\"x\"",
    "'(.*)'",
    "label_replace",
    "histogram_quantile",
    "clamp",
    "absent",
    "scalar",
    "vector",
    "time()",
    "count_values",
    "quantile",
    "[",
    "]",
    "{",
    "}",
    "=~",
    "!~",
    "0x",
    "5y",
    "9999999999y",
];

//! Which part of the house may name which: read off the sources, so that a wall can't be walked through by accident.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

use std::path::{Path, PathBuf};

/// Every source file with its path below `src`.
fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs")
                && !path.ends_with("tests.rs")
                && !path.components().any(|part| ["tests", "vectors"].contains(&part.as_os_str().to_str().unwrap_or_default()))
            {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    assert!(paths.len() > 50, "the sources were found");
    paths.sort();
    paths.iter().map(|p| (p.strip_prefix(&root).unwrap().display().to_string(), std::fs::read_to_string(p).unwrap())).collect()
}

/// The code of a file without its comments and without its tests.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    product.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn part(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

fn assert_none(parts: &[&str], forbidden: &[&str], why: &str) {
    let mut broken = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| parts.contains(&part(path))) {
        let code = code(text);
        broken.extend(forbidden.iter().filter(|word| code.contains(**word)).map(|word| format!("{path} names {word}")));
    }
    assert!(broken.is_empty(), "{why}:\n{}", broken.join("\n"));
}

#[test]
fn the_pure_parts_name_no_network_no_terminal_and_no_clock() {
    assert_none(
        &["text", "slo", "objectives", "objects", "release", "engines", "measure", "app", "view", "keys", "theme"],
        &[
            "tokio::",
            "kube::",
            "reqwest",
            "crossterm",
            "axum",
            "Instant::now",
            "SystemTime::now",
            "Utc::now",
            "Local::now",
            "std::fs",
            "std::net",
        ],
        "the cockpit is events in, effects out",
    );
}

#[test]
fn imports_run_downwards() {
    let upwards: [(&[&str], &[&str]); 9] = [
        (
            &["text"],
            &[
                "crate::objects",
                "crate::release",
                "crate::engines",
                "crate::app",
                "crate::view",
                "crate::cluster",
                "crate::runtime",
                "crate::commands",
                "crate::demo",
            ],
        ),
        (
            &["slo"],
            &[
                "crate::objects",
                "crate::release",
                "crate::engines",
                "crate::app",
                "crate::view",
                "crate::cluster",
                "crate::runtime",
                "crate::commands",
                "crate::demo",
            ],
        ),
        (
            &["objectives"],
            &[
                "crate::release",
                "crate::engines",
                "crate::app",
                "crate::view",
                "crate::cluster",
                "crate::metrics",
                "crate::runtime",
                "crate::commands",
                "crate::demo",
            ],
        ),
        (
            &["objects"],
            &[
                "crate::release",
                "crate::engines",
                "crate::app",
                "crate::view",
                "crate::cluster",
                "crate::runtime",
                "crate::commands",
                "crate::demo",
            ],
        ),
        (
            &["release"],
            &["crate::engines", "crate::app", "crate::view", "crate::cluster", "crate::runtime", "crate::commands", "crate::demo"],
        ),
        (&["engines"], &["crate::app", "crate::view", "crate::cluster", "crate::runtime", "crate::commands", "crate::demo"]),
        (
            &["measure"],
            &[
                "crate::engines",
                "crate::app",
                "crate::view",
                "crate::cluster",
                "crate::metrics",
                "crate::runtime",
                "crate::commands",
                "crate::demo",
            ],
        ),
        (&["app"], &["crate::metrics", "crate::view", "crate::cluster", "crate::runtime", "crate::commands", "crate::demo"]),
        (&["view", "cluster", "metrics", "probe", "journal"], &["crate::runtime", "crate::commands", "crate::demo"]),
    ];
    for (parts, forbidden) in upwards {
        assert_none(parts, forbidden, "imports run downwards");
    }
}

#[test]
fn the_embedded_cluster_does_not_know_the_cockpit() {
    assert_none(
        &["demo"],
        &[
            "crate::app",
            "crate::view",
            "crate::engines",
            "crate::release",
            "crate::objects",
            "crate::cluster",
            "crate::runtime",
            "crate::commands",
        ],
        "or the cockpit would agree with itself",
    );
}

#[test]
fn only_the_adapter_names_the_cluster_client() {
    assert_none(
        &[
            "text",
            "slo",
            "objectives",
            "objects",
            "release",
            "engines",
            "app",
            "view",
            "keys",
            "theme",
            "config",
            "ports",
            "runtime",
            "commands",
            "demo",
            "cli",
        ],
        &["kube::", "k8s_openapi::"],
        "one place talks to a cluster",
    );
}

#[test]
fn the_embedded_prometheus_is_pure_behind_its_http() {
    let pure = [
        "demo/prometheus/tsdb",
        "demo/prometheus/eval",
        "demo/prometheus/number.rs",
        "demo/prometheus/value.rs",
        "demo/prometheus/error.rs",
    ];
    let forbidden = ["tokio::", "axum", "SystemTime::now", "Utc::now", "Local::now", "std::fs", "std::net", "http::"];
    let mut broken = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| pure.iter().any(|part| path.starts_with(part))) {
        let code = code(text);
        broken.extend(forbidden.iter().filter(|word| code.contains(**word)).map(|word| format!("{path} names {word}")));
    }
    assert!(broken.is_empty(), "series and PromQL know neither a network nor the time:\n{}", broken.join("\n"));
}

#[test]
fn only_the_embedded_cluster_evaluates_queries() {
    let cockpit = [
        "text",
        "objectives",
        "objects",
        "release",
        "engines",
        "app",
        "view",
        "keys",
        "theme",
        "config",
        "ports",
        "runtime",
        "cli",
        "cluster",
    ];
    assert_none(&cockpit, &["demo::prometheus"], "or the cockpit would answer itself");
    // Objectives are read out of expressions, which takes a parser; nothing there evaluates one.
    let readers: Vec<&str> = cockpit.iter().copied().filter(|part| *part != "objectives").chain(["commands"]).collect();
    assert_none(&readers, &["promql_parser"], "or the cockpit would answer itself");
}

#[test]
fn only_the_adapter_names_the_metrics_client() {
    assert_none(
        &[
            "text",
            "slo",
            "objectives",
            "objects",
            "release",
            "engines",
            "measure",
            "app",
            "view",
            "keys",
            "theme",
            "config",
            "ports",
            "runtime",
            "commands",
            "cluster",
            "cli",
        ],
        &["prometheus_http_query", "reqwest"],
        "one place asks for metrics",
    );
}

#[test]
fn nothing_unwraps_outside_tests() {
    assert_none(
        &[
            "text",
            "slo",
            "objectives",
            "objects",
            "release",
            "engines",
            "measure",
            "metrics",
            "app",
            "view",
            "keys",
            "theme",
            "config",
            "ports",
            "runtime",
            "commands",
            "demo",
            "cli",
            "cluster",
            "journal",
            "probe",
            "main",
        ],
        &[".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("],
        "a person at the keys gets a sentence, never a panic",
    );
}

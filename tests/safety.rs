//! `docs/SAFETY.md` held to the tests it names: a guarantee without its test is only a wish.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends when something is wrong")]

use std::collections::BTreeSet;
use std::path::Path;

/// Every function under a `#[test]` attribute in the sources and the tests.
fn tests_below(dir: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_below(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut lines = text.lines().map(str::trim_start);
            while let Some(line) = lines.next() {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    let function = lines.by_ref().find_map(|line| line.strip_prefix("fn ").or(line.strip_prefix("async fn ")));
                    names.extend(function.and_then(|rest| rest.split('(').next()).map(str::to_owned));
                }
            }
        }
    }
}

fn named_tests(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`')).collect()
}

#[test]
fn every_test_that_holds_a_guarantee_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/SAFETY.md")).unwrap();
    let named = named_tests(&text);
    assert!(named.len() > 10, "the list was found");
    let mut there = BTreeSet::new();
    tests_below(&root.join("src"), &mut there);
    tests_below(&root.join("tests"), &mut there);
    let missing: Vec<_> = named.into_iter().filter(|name| !there.contains(*name)).collect();
    assert!(missing.is_empty(), "docs/SAFETY.md names tests that are not there: {missing:?}");
}

#[test]
fn every_guarantee_names_a_test() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SAFETY.md")).unwrap();
    let guarantees = text.split("\n## How policies are written").next().unwrap();
    let paragraphs: Vec<&str> = guarantees.split("\n\n").skip(2).filter(|block| !block.starts_with("## ")).collect();
    assert!(paragraphs.len() > 10, "the guarantees were found");
    let wishes: Vec<_> = paragraphs.into_iter().filter(|block| named_tests(block).is_empty()).collect();
    assert!(wishes.is_empty(), "guarantees without a test: {wishes:#?}");
}

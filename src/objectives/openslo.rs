//! OpenSLO v1 files: documents of the kinds SLO, SLI, Service and AlertPolicy, in one YAML text.
//! Refuses to guess at a vendor's query: only queries for Prometheus are taken, and what else is there is named.

mod alerts;
mod indicator;
mod slo;

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::Node;
use super::remark::Remarks;
use super::{Read, sloth};
use crate::text::Clean;

/// The largest file read, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// What the documents of a file hold, by kind and name.
#[derive(Default)]
struct Shelf<'v> {
    slos: Vec<Node<'v>>,
    indicators: BTreeMap<String, Node<'v>>,
    services: BTreeMap<String, Node<'v>>,
    policies: BTreeMap<String, Node<'v>>,
    conditions: BTreeMap<String, Node<'v>>,
    /// Documents of Sloth's own file format, which people keep beside them.
    sloth: Vec<Node<'v>>,
}

/// The objectives of one file; `file` is its name for sentences. Documents of several files belong together: see [`files`].
pub fn file(file: &str, text: &str) -> Read {
    files(&[(file, text)])
}

/// The objectives of several files: what one refers to may stand in another.
pub fn files(files: &[(&str, &str)]) -> Read {
    let mut remarks = Remarks::default();
    let documents: Vec<(String, Value)> = files.iter().flat_map(|(file, text)| documents(file, text, &mut remarks)).collect();
    let mut shelf = Shelf::default();
    for (place, value) in &documents {
        shelve(Node::root(value, place.as_str()), &mut shelf, &mut remarks);
    }
    let mut found = Vec::new();
    for slo in &shelf.slos {
        found.extend(slo::read(slo, &shelf, &mut remarks));
    }
    for document in &shelf.sloth {
        found.extend(sloth::document(document, &mut remarks));
    }
    Read { found, remarks: remarks.0, ..Read::default() }
}

/// The documents of a text with their places. After broken YAML nothing can be read for certain, so the rest of that file is left out.
fn documents(file: &str, text: &str, remarks: &mut Remarks) -> Vec<(String, Value)> {
    if text.len() > LONGEST {
        remarks.note(file, format!("it is larger than {} MiB and is not read", LONGEST / 1024 / 1024));
        return Vec::new();
    }
    let mut bytes = std::io::Cursor::new(text.as_bytes());
    let mut all = Vec::new();
    for (at, document) in serde_saphyr::read::<_, Value>(&mut bytes).enumerate() {
        let place = format!("{file} document {}", at + 1);
        match document {
            Ok(value) => all.push((place, value)),
            Err(why) => {
                let line = why.location().map(|at| format!(" line {}", at.line())).unwrap_or_default();
                let first = why.to_string().lines().next().unwrap_or_default().to_owned();
                remarks.note(&format!("{file}{line}"), format!("document {} is not YAML that can be read: {first}", at + 1));
            }
        }
    }
    all
}

fn shelve<'v>(document: Node<'v>, shelf: &mut Shelf<'v>, remarks: &mut Remarks) {
    let word = |key: &str| document.get(key).and_then(|node| node.as_text()).unwrap_or_default();
    let (version, kind) = (word("apiVersion"), word("kind"));
    if word("version") == "prometheus/v1" {
        shelf.sloth.push(document);
        return;
    }
    match version.as_str() {
        "openslo/v1" => {}
        "" => return remarks.note(&document.place, "it has no apiVersion, so it is none of ours and not read"),
        other if other.starts_with("openslo") => {
            return remarks.note(&document.place, format!("its version is {other}; openslo/v1 is read, and this document is not"));
        }
        other => return remarks.note(&document.place, format!("{other} is no version of OpenSLO, and the document is not read")),
    }
    let name = document.at("metadata.name").and_then(|node| node.as_text()).unwrap_or_default();
    if name.is_empty() {
        return remarks.note(&document.place, format!("a document of the kind {} has no metadata.name and is not read", quoted(&kind)));
    }
    let document = Node { value: document.value, place: format!("{} ({kind} {name})", document.place) };
    match kind.as_str() {
        "SLO" => shelf.slos.push(document),
        "SLI" => drop(shelf.indicators.insert(name, document)),
        "Service" => drop(shelf.services.insert(name, document)),
        "AlertPolicy" => drop(shelf.policies.insert(name, document)),
        "AlertCondition" => drop(shelf.conditions.insert(name, document)),
        // Who is told and where data are kept says nothing about an objective.
        "AlertNotificationTarget" | "DataSource" => {}
        other => remarks.note(&document.place, format!("{} is no kind of OpenSLO v1, and the document is not read", quoted(other))),
    }
}

fn quoted(word: &str) -> Clean {
    Clean::from(format!("'{}'", word.chars().take(40).collect::<String>()))
}

#[cfg(test)]
mod tests;

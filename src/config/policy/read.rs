//! One `[[policy]]` read from the config, with all that is wrong in it.
//! Refuses to let a mistake take the rest along: a policy still forbids what it says clearly.

use toml::de::DeTable;

use super::super::document::{Document, Item, Word, entries};
use super::super::settings::required;
use super::super::value;
use super::check::Wanted;
use super::{Policy, Source, freeze_text, gate, need};
use crate::release::acting::Verb;
use crate::text::Clean;

/// The keys that are no intents. `all` stands for every intent that sends something.
const KEYS: [&str; 6] = ["match", "read-only", "all", "note", "freeze", "gate"];

/// The policy, and the names of the checks that its gate asks for.
pub(in super::super) fn read_policy(document: &mut Document<'_>, item: &Item<'_>) -> Option<(Policy, Vec<Wanted>)> {
    let table: &DeTable<'_> = item.get_ref().as_table()?;
    let (mut policy, mut wanted) = (Policy::default(), Vec::new());
    for (key, item) in entries(table) {
        match key.get_ref().as_ref() {
            "match" => policy.source = source(document, item).unwrap_or_default(),
            "freeze" => policy.freeze = freeze_text::read(document, item),
            "gate" => {
                if let Some((limits, checks)) = gate::read(document, item) {
                    (policy.gate, wanted) = (Some(limits), checks);
                }
            }
            "read-only" | "read_only" => policy.read_only = read_only(document, item),
            "note" if item.get_ref().as_str() == Some("required") => policy.note = true,
            "all" => {
                let sending: Vec<Verb> = Verb::ALL.into_iter().filter(|verb| *verb != Verb::Note).collect();
                policy.rules.extend(need::read(document, "all", item, &sending));
            }
            name => match Verb::from_name(name) {
                Some(verb) => policy.rules.extend(need::read(document, name, item, &[verb])),
                None => unknown_key(document, key),
            },
        }
    }
    required(document, item, table, &["match"]);
    (!policy.source.matches.is_empty()).then_some((policy, wanted))
}

fn unknown_key(document: &mut Document<'_>, key: &Word<'_>) {
    document.unknown_key(key, "of [[policy]]", KEYS.into_iter().chain(Verb::ALL.map(Verb::name)));
}

fn source(document: &mut Document<'_>, item: &Item<'_>) -> Option<Source> {
    let matches = value::release_pattern(document, item)?;
    Some(Source { file: Clean::from(document.file()), line: document.line(&item.span()), matches: Clean::from(matches) })
}

fn read_only(document: &mut Document<'_>, item: &Item<'_>) -> bool {
    let said = item.get_ref().as_bool();
    if said.is_none() {
        document.wrong_type("'read-only'", item, "true or false, without quotes");
    }
    said.unwrap_or_default()
}

//! What a policy asks of one intent: a key, a typed name, a note, or that it is not done at all.
//! Refuses a denial without words: whoever is denied something reads why.

use toml::de::DeTable;

use super::super::document::{Document, Item, entries};
use super::super::mistake::unknown;
use super::super::value;
use crate::release::acting::Verb;
use crate::text::Clean;

/// What an intent needs before it is sent; the later, the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Need {
    /// The plan and one different key.
    #[default]
    Key,
    /// The plan and a typed name.
    Typed,
    /// It is not sent at all.
    Deny,
}

/// What is said about one intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The intent.
    pub verb: Verb,
    /// What it needs.
    pub need: Need,
    /// Why it is denied; `None` where it is not, or where no reason is given.
    pub reason: Option<Clean>,
    /// Whether it needs a note.
    pub note: bool,
    /// The line that says so, from 1.
    pub line: usize,
}

/// `key` is the older word for `confirm`.
const WORDS: [(&str, Need); 4] = [("confirm", Need::Key), ("typed", Need::Typed), ("deny", Need::Deny), ("key", Need::Key)];
const PARTS: [&str; 3] = ["confirm", "deny", "note"];

/// Reads `"typed"`, or `{ deny = "only the release manager" }` and its like. `verbs` are those it is said of.
pub(super) fn read(document: &mut Document<'_>, key: &str, item: &Item<'_>, verbs: &[Verb]) -> Vec<Rule> {
    let line = document.line(&item.span());
    let said = match item.get_ref().as_table() {
        Some(table) => read_table(document, key, item, table),
        None if item.get_ref().as_str().is_some() => read_word(document, key, item).map(|need| (need, None, false)),
        None => {
            document.wrong_type(&format!("'{key}'"), item, "text in quotes, or { deny = \"the reason\" }");
            None
        }
    };
    let Some((need, reason, note)) = said else { return Vec::new() };
    verbs.iter().map(|verb| Rule { verb: *verb, need, reason: reason.clone(), note, line }).collect()
}

fn read_word(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<Need> {
    let word = document.string(key, item)?;
    let found = WORDS.iter().find(|(name, _)| *name == word).map(|(_, need)| *need);
    if found.is_none() {
        // `note` is an intent, and what every intent may need.
        let more = (key == "note").then_some("required");
        document.mistake(&item.span(), unknown(word, "word for what is needed", WORDS.map(|(name, _)| name).into_iter().chain(more)));
    }
    found
}

fn read_table(document: &mut Document<'_>, key: &str, item: &Item<'_>, table: &DeTable<'_>) -> Option<(Need, Option<Clean>, bool)> {
    let (mut need, mut reason, mut note) = (Need::Key, None, false);
    for (part, item) in entries(table) {
        match part.get_ref().as_ref() {
            "confirm" => need = need.max(read_word(document, "confirm", item).unwrap_or_default()),
            "deny" => {
                // Denied also where the reason can't be read: what is clear is that nobody may.
                need = Need::Deny;
                reason = value::filled(document, "deny", item).map(Clean::from);
            }
            "note" => note = required(document, item),
            _ => document.unknown_key(part, &format!("of {key}"), PARTS),
        }
    }
    if table.is_empty() {
        document.mistake(&item.span(), format!("{key} says nothing here; write \"typed\", or {{ deny = \"the reason\" }}"));
        return None;
    }
    Some((need, reason, note))
}

/// Reads `"required"`.
pub(super) fn required(document: &mut Document<'_>, item: &Item<'_>) -> bool {
    let Some(word) = document.string("note", item) else { return false };
    if word != "required" {
        document.mistake(&item.span(), unknown(word, "word for a note", ["required"]));
    }
    word == "required"
}

//! Policies: which actions on which releases need more than a key, and when nothing may go out.
//! Refuses to lose one silently: each mistake here makes the program start read-only.

use chrono::NaiveDateTime;
use toml::de::DeTable;

use super::document::{Document, Item, Word, entries};
use super::mistake::{quote, unknown};
use super::settings::required;
use super::value;

/// The intents a policy can speak of, as `flightdeck act` names them.
pub const INTENTS: [&str; 13] = [
    "advance",
    "resume",
    "skip",
    "promote-full",
    "pause",
    "abort",
    "retry",
    "restart",
    "rollback",
    "set-image",
    "terminate",
    "switch",
    "note",
];

/// What an intent needs before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The plan and one different key.
    Key,
    /// The plan and a typed name.
    Typed,
    /// It is not sent at all.
    Deny,
}

const NEEDS: [(&str, Need); 3] = [("key", Need::Key), ("typed", Need::Typed), ("deny", Need::Deny)];

/// A time in which nothing may go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its first moment, on the clocks of `zone`.
    pub from: NaiveDateTime,
    /// Its end, on the clocks of `zone`.
    pub until: NaiveDateTime,
    /// The name of a time zone.
    pub zone: String,
}

/// What holds for some releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The releases, as context/namespace/release with `*`.
    pub matches: String,
    /// What an intent needs, by its name.
    pub needs: Vec<(&'static str, Need)>,
    /// When nothing may go out.
    pub freeze: Vec<Freeze>,
}

pub(super) fn read_policy(document: &mut Document<'_>, item: &Item<'_>) -> Option<Policy> {
    let table: &DeTable<'_> = item.get_ref().as_table()?;
    let mut policy = Policy { matches: String::new(), needs: Vec::new(), freeze: Vec::new() };
    for (key, item) in entries(table) {
        match key.get_ref().as_ref() {
            "match" => policy.matches = value::pattern(document, item, "context/namespace/release", 3).unwrap_or_default(),
            "freeze" => policy.freeze = read_freezes(document, item),
            _ => policy.needs.extend(read_need(document, key, item)),
        }
    }
    required(document, item, table, &["match"]);
    // A policy with a mistake elsewhere still forbids what it says clearly.
    (!policy.matches.is_empty()).then_some(policy)
}

fn read_need(document: &mut Document<'_>, key: &Word<'_>, item: &Item<'_>) -> Option<(&'static str, Need)> {
    let Some(intent) = INTENTS.into_iter().find(|intent| intent == key.get_ref()) else {
        document.unknown_key(key, "of [[policy]]", ["match", "freeze"].into_iter().chain(INTENTS));
        return None;
    };
    let word = document.string(intent, item)?;
    let found = NEEDS.iter().find(|(name, _)| *name == word);
    if found.is_none() {
        document.mistake(&item.span(), unknown(word, "word for what is needed", NEEDS.map(|(name, _)| name)));
    }
    found.map(|(_, need)| (intent, *need))
}

fn read_freezes(document: &mut Document<'_>, item: &Item<'_>) -> Vec<Freeze> {
    let Some(list) = item.get_ref().as_array() else {
        document.wrong_type("'freeze'", item, "a list of times");
        return Vec::new();
    };
    let mut freezes = Vec::new();
    for item in list.iter() {
        let Some(text) = document.string("freeze", item) else { continue };
        match parse_freeze(text) {
            Ok(freeze) => freezes.push(freeze),
            Err(why) => document.mistake(&item.span(), format!("{}: {why}", quote(text))),
        }
    }
    freezes
}

/// Reads `2026-12-20T00:00 .. 2027-01-02T08:00 Europe/Berlin`.
fn parse_freeze(text: &str) -> Result<Freeze, String> {
    let shape = "a freeze is written 2026-12-20T00:00 .. 2027-01-02T08:00 Europe/Berlin";
    let (from, rest) = text.split_once("..").ok_or(shape)?;
    let (until, zone) = rest.trim().split_once(' ').ok_or_else(|| format!("{shape}, and the time zone is missing"))?;
    let moment = |text: &str| {
        let text = text.trim();
        ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .ok_or_else(|| format!("{} is no moment; {shape}", quote(text)))
    };
    let (from, until, zone) = (moment(from)?, moment(until)?, zone.trim());
    let named = zone == "UTC" || zone.split_once('/').is_some_and(|(area, place)| !area.is_empty() && !place.is_empty());
    if !named || !zone.chars().all(|c| c.is_ascii_alphanumeric() || "/_-+".contains(c)) {
        return Err(format!("{} is no time zone; write UTC or one such as Europe/Berlin", quote(zone)));
    }
    if until <= from {
        return Err("it ends before it begins".to_owned());
    }
    Ok(Freeze { from, until, zone: zone.to_owned() })
}

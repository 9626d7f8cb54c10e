//! `gate = { verdict = "pass", budget = 0.1, burn = 10, exposure = 0.5, checks = ["smoke"] }`: what has to be so before exposure grows.
//! Refuses a limit that can't be met or never closes.

use toml::de::DeTable;

use super::super::document::{Document, Item, entries};
use super::super::value;
use super::check::{Wanted, read_wanted};
use crate::release::acting::Limits;

const PARTS: [&str; 5] = ["verdict", "budget", "burn", "exposure", "checks"];

/// Reads the table; `None` where nothing of it holds. Checks are named in it and stand elsewhere.
pub(super) fn read(document: &mut Document<'_>, item: &Item<'_>) -> Option<(Limits, Vec<Wanted>)> {
    let Some(table): Option<&DeTable<'_>> = item.get_ref().as_table() else {
        document.wrong_type("'gate'", item, "a table such as { verdict = \"pass\", budget = 0.1 }");
        return None;
    };
    let (mut limits, mut wanted) = (Limits::default(), Vec::new());
    for (key, item) in entries(table) {
        match key.get_ref().as_ref() {
            "verdict" => match document.string("verdict", item) {
                Some("pass") => limits.pass = true,
                Some(_) => document.mistake(&item.span(), "a verdict gate is \"pass\"; FAIL and SUSPECT close it anyhow"),
                None => {}
            },
            "budget" => limits.budget = value::share(document, "budget", item),
            "exposure" => limits.exposure = value::share(document, "exposure", item),
            "burn" => limits.burn = value::positive(document, "burn", item),
            "checks" => wanted = read_wanted(document, item),
            _ => document.unknown_key(key, "of a gate", PARTS),
        }
    }
    Some((limits, wanted))
}

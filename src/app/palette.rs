//! Finds actions by what is typed: fuzzy, in name and description, best first.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::keys::{Entry, Keymap, Mode, help};

/// The actions of a mode that match `query`, best first; all of them in table order for an empty one.
pub fn matches(keymap: &Keymap, mode: Mode, query: &str) -> Vec<Entry> {
    let entries = help(keymap, mode);
    if query.trim().is_empty() {
        return entries;
    }
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut scored: Vec<(u32, Entry)> = entries
        .into_iter()
        .filter_map(|entry| {
            let text = format!("{} {} {}", entry.action.name(), entry.action.word(), entry.action.about());
            let score = pattern.score(Utf32Str::new(&text, &mut Vec::new()), &mut matcher)?;
            Some((score, entry))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, entry)| entry).collect()
}

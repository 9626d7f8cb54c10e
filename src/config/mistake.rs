//! A mistake in a file: where it is, what it is, and the nearest word that would have been right.
//! Refuses to be an error type: a file can hold many, and all of them are told at once.

use std::fmt;

/// Something wrong in a file the person wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file, as the person would name it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, as a clause without a full stop.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A word from a file, quoted, cut to a length a line can bear, with nothing in it that a terminal would obey.
#[must_use]
pub fn quote(word: &str) -> String {
    const LONGEST: usize = 40;
    let mut text: String = word.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if word.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    // `escape_debug` also escapes the quotes themselves, which reads badly and guards nothing here.
    format!("'{}'", text.replace("\\'", "'").replace("\\\"", "\""))
}

/// The valid word that was most likely meant, if any is near enough to be worth naming.
#[must_use]
pub fn nearest<'w>(word: &str, valid: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    // Two swapped letters in a word of three score 0.67.
    rank(word, valid).filter(|(score, _)| *score >= 0.65).map(|(_, near)| near)
}

fn rank<'w>(word: &str, valid: impl IntoIterator<Item = &'w str>) -> Option<(f64, &'w str)> {
    // Nobody mistypes a word into a page, and comparing pages is slow.
    let word: String = word.to_lowercase().chars().take(64).collect();
    let score = |candidate: &str| {
        let edits = strsim::normalized_damerau_levenshtein(&word, candidate);
        // Jaro-Winkler forgives a shared beginning, which says less about short words.
        edits.max(strsim::jaro_winkler(&word, candidate) - 0.1)
    };
    valid.into_iter().map(|candidate| (score(candidate), candidate)).max_by(|a, b| a.0.total_cmp(&b.0))
}

/// "'sotr' is no action; did you mean sort?", or the whole list where it is short and nothing is near.
#[must_use]
pub fn unknown<'w>(word: &str, kind: &str, valid: impl IntoIterator<Item = &'w str>) -> String {
    let valid: Vec<&str> = valid.into_iter().collect();
    let said = format!("{} is no {kind}", quote(word));
    match nearest(word, valid.iter().copied()) {
        Some(near) => format!("{said}; did you mean {near}?"),
        None if valid.is_empty() => said,
        None if valid.len() <= 12 => format!("{said}; there is {}", valid.join(", ")),
        None => format!("{said}; the nearest is {}", rank(word, valid.iter().copied()).map_or("", |(_, near)| near)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(nearest("tpo", ["top", "bottom"]), Some("top"));
        assert_eq!(nearest("vmi", ["default", "vim", "arrows"]), Some("vim"));
        assert_eq!(nearest("zzz", ["top", "bottom"]), None);
        assert_eq!(nearest(&"x".repeat(10_000), ["top"]), None);
    }

    #[test]
    fn a_quoted_word_cannot_steer_the_terminal() {
        let quoted = quote("\u{1b}]0;owned\u{7}");
        assert!(!quoted.contains('\u{1b}') && !quoted.contains('\u{7}'), "{quoted}");
        assert!(quote(&"a".repeat(1_000)).chars().count() < 50);
    }
}

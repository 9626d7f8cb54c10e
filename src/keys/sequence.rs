//! Chords pressed one after the other, such as `g g`.
//! Refuses sequences nobody would finish.

use std::fmt;

use super::chord::Chord;
use crate::config::quote;

/// One to three chords pressed one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chords(Vec<Chord>);

impl Chords {
    /// The longest sequence that can be bound.
    pub const LONGEST: usize = 3;

    /// Reads chords with blanks between them: `g g`.
    ///
    /// # Errors
    /// A sentence that says which chord is wrong and why.
    pub fn parse(text: &str) -> Result<Self, String> {
        let chords = text.split_whitespace().take(Self::LONGEST + 1).map(Chord::parse).collect::<Result<Vec<_>, _>>()?;
        match chords.len() {
            0 => Err("the key is empty; the space bar is written space".to_owned()),
            1..=Self::LONGEST => Ok(Self(chords)),
            _ => Err(format!("{} is longer than three chords", quote(text))),
        }
    }

    /// The chords in the order they are pressed; never empty.
    #[must_use]
    pub fn as_slice(&self) -> &[Chord] {
        &self.0
    }

    /// Whether this is the beginning of the other, and not all of it.
    #[must_use]
    pub fn begins(&self, other: &Self) -> bool {
        self.0.len() < other.0.len() && other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Chords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.pad(&text.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_holds_three_chords_at_most() {
        assert_eq!(Chords::parse("g  g").map(|c| c.to_string()).as_deref(), Ok("g g"));
        assert!(Chords::parse("a b c d").is_err());
        assert!(Chords::parse("  ").is_err());
    }
}

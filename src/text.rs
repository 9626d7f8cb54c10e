//! Text from outside made safe to print, copy, title or write, once, where it enters.
//! Never shortens for layout (that is the view's work) and never guesses at meaning.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize};

mod shared;

pub(crate) use shared::share;

/// The longest text kept, in characters. Kubernetes names end at 253; a 10 KB message keeps its beginning and says it was cut.
pub const LONGEST: usize = 2048;

/// Text that holds no control, bidirectional-override, zero-width or private-use character and is at most [`LONGEST`] characters long.
///
/// Widgets take `Clean`, never a `&str` from the cluster. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Clean(Arc<str>);

impl Clean {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Clean {
    fn default() -> Self {
        // One empty text for all: objects have many empty fields.
        static EMPTY: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(""));
        Self(EMPTY.clone())
    }
}

impl From<&str> for Clean {
    fn from(raw: &str) -> Self {
        Self(Arc::from(&*clean(raw)))
    }
}

impl From<String> for Clean {
    fn from(raw: String) -> Self {
        Self::from(raw.as_str())
    }
}

impl std::ops::Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Clean {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Clean {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Clean {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Clean;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E: serde::de::Error>(self, raw: &str) -> Result<Clean, E> {
                Ok(if raw.is_empty() { Clean::default() } else { Clean(share(&clean(raw))) })
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Cleans `raw`: line breaks and tabs become one space, invisible or terminal-moving characters become `�`, the rest stays.
fn clean(raw: &str) -> Cow<'_, str> {
    if raw.len() <= LONGEST && raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len().min(LONGEST * 4));
    for (kept, c) in raw.chars().enumerate() {
        if kept == LONGEST {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Characters that move the cursor, turn the reading direction, take no room, or mean something else to each font.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(Clean::from("\x1b]0;owned\x07web"), "\u{fffd}]0;owned\u{fffd}web");
    }

    #[test]
    fn reading_direction_cannot_be_turned() {
        assert_eq!(Clean::from("a\u{202e}cba"), "a\u{fffd}cba");
    }

    #[test]
    fn what_is_no_character_at_all_does_not_stay() {
        // XML forbids both, and a JUnit report holds names.
        assert_eq!(Clean::from("a\u{fffe}b\u{ffff}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn line_breaks_become_one_space() {
        assert_eq!(Clean::from("one\r\ntwo"), "one two");
    }

    #[test]
    fn ten_kilobytes_are_cut_and_say_so() {
        let long = Clean::from("n".repeat(10_240));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn wide_characters_stay() {
        assert_eq!(Clean::from("支払い"), "支払い");
    }
}

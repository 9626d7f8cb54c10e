//! One press: a key and the modifiers held with it, as a terminal can really send them.
//! Refuses chords that never arrive: the reader says which, and why, before anyone presses them in vain.

use std::fmt;

/// A key, without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A key that types this character.
    Char(char),
    /// Enter or return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    F(u8),
}

/// The names of keys that type nothing. The first name of a key is the one that is printed.
const NAMES: [(&str, Key); 24] = [
    ("enter", Key::Enter),
    ("return", Key::Enter),
    ("esc", Key::Esc),
    ("escape", Key::Esc),
    ("tab", Key::Tab),
    ("space", Key::Char(' ')),
    ("backspace", Key::Backspace),
    ("bs", Key::Backspace),
    ("delete", Key::Delete),
    ("del", Key::Delete),
    ("insert", Key::Insert),
    ("ins", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pgup", Key::PageUp),
    ("pageup", Key::PageUp),
    ("page-up", Key::PageUp),
    ("pgdn", Key::PageDown),
    ("pagedown", Key::PageDown),
    ("page-down", Key::PageDown),
];

/// Modifiers held down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Mods {
    /// Control.
    pub ctrl: bool,
    /// Alt, or Meta.
    pub alt: bool,
    /// Shift, for keys that type nothing. For characters the character itself tells.
    pub shift: bool,
}

impl Mods {
    /// No modifier.
    pub const NONE: Self = Self { ctrl: false, alt: false, shift: false };
    /// Control alone.
    pub const CTRL: Self = Self { ctrl: true, alt: false, shift: false };
    /// Alt alone.
    pub const ALT: Self = Self { ctrl: false, alt: true, shift: false };
    /// Shift alone.
    pub const SHIFT: Self = Self { ctrl: false, alt: false, shift: true };

    const fn any(self) -> bool {
        self.ctrl || self.alt || self.shift
    }
}

/// A key with its modifiers. Equal chords are what a terminal cannot tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    mods: Mods,
    key: Key,
}

/// Leaves the program in every mode, whatever a keymap says.
pub const ALWAYS_QUITS: Chord = Chord { mods: Mods::CTRL, key: Key::Char('c') };

impl Chord {
    /// The chord for a press, with the spellings of one press folded into one: shift and a letter is the capital letter, control and
    /// `m`, `i`, `[`, `h` are the keys whose byte they share.
    #[must_use]
    pub fn new(key: Key, mods: Mods) -> Self {
        let Key::Char(c) = key else { return Self { mods, key } };
        if mods.ctrl {
            let plain = Mods { ctrl: false, ..mods };
            match c.to_ascii_lowercase() {
                'm' => return Self { mods: plain, key: Key::Enter },
                'i' => return Self { mods: plain, key: Key::Tab },
                'h' => return Self { mods: plain, key: Key::Backspace },
                '[' => return Self { mods: plain, key: Key::Esc },
                lower => return Self { mods: Mods { shift: false, ..mods }, key: Key::Char(lower) },
            }
        }
        // Terminals differ in whether they report shift beside a character that already shows it.
        let c = if mods.shift && c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c };
        Self { mods: Mods { shift: mods.shift && c == ' ', ..mods }, key: Key::Char(c) }
    }

    /// The key.
    #[must_use]
    pub const fn key(self) -> Key {
        self.key
    }

    /// The modifiers.
    #[must_use]
    pub const fn mods(self) -> Mods {
        self.mods
    }

    /// The character this chord types into a prompt, if it types one.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.mods.ctrl && !self.mods.alt => Some(c),
            _ => None,
        }
    }

    /// Reads a chord as keymap files write it: `g`, `G`, `ctrl-d`, `alt-x`, `shift-tab`, `f5`, `space`, `pgdn`.
    ///
    /// # Errors
    /// A sentence that says why this is no chord, or why it can never arrive.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mods, rest) = split_mods(text)?;
        let key = parse_key(text, rest)?;
        match unsendable(key, mods) {
            Some(why) => Err(format!("no terminal sends {}: {why}", quoted(text))),
            None => Ok(Self::new(key, mods)),
        }
    }
}

fn quoted(text: &str) -> String {
    crate::config::quote(text)
}

/// Takes `ctrl-`, `alt-` and `shift-` off the front. A lone `-` at the end is the minus key.
fn split_mods(text: &str) -> Result<(Mods, &str), String> {
    let mut mods = Mods::NONE;
    let mut rest = text;
    while let Some((word, after)) = rest.split_once('-') {
        if after.is_empty() || word.is_empty() {
            break;
        }
        let held = match word.to_ascii_lowercase().as_str() {
            "ctrl" | "control" | "c" => &mut mods.ctrl,
            "alt" | "meta" | "a" | "m" => &mut mods.alt,
            "shift" | "s" => &mut mods.shift,
            _ => break,
        };
        if *held {
            return Err(format!("{} holds {} twice", quoted(text), word.to_ascii_lowercase()));
        }
        *held = true;
        rest = after;
    }
    Ok((mods, rest))
}

fn nearest_mod(word: &str) -> Option<&'static str> {
    crate::config::nearest(word, ["ctrl", "alt", "shift"])
}

fn parse_key(text: &str, rest: &str) -> Result<Key, String> {
    let mut chars = rest.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return if c.is_control() || c.is_whitespace() {
            Err(format!("{} is not a key; the space bar is written space", quoted(text)))
        } else {
            Ok(Key::Char(c))
        };
    }
    let lower = rest.to_ascii_lowercase();
    if let Some((_, key)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return Ok(*key);
    }
    if let Some(number) = lower.strip_prefix('f').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
        return match number.parse::<u8>() {
            Ok(n @ 1..=12) => Ok(Key::F(n)),
            _ => Err(format!("{} is not a key: function keys go from f1 to f12", quoted(text))),
        };
    }
    if let Some((near, after)) = rest.split_once('-').and_then(|(word, after)| Some((nearest_mod(word)?, after))) {
        return Err(format!("{} is not a key; did you mean {near}-{after}?", quoted(text)));
    }
    let names = NAMES.iter().map(|(name, _)| *name);
    Err(match crate::config::nearest(&lower, names) {
        Some(near) => format!("{} is not a key; did you mean {near}?", quoted(text)),
        None => {
            format!(
                "{} is not a key; write one character, a name such as enter or pgdn, with ctrl-, alt- or shift- before it",
                quoted(text)
            )
        }
    })
}

/// Why a terminal cannot send this, in the plain protocol that works over SSH, in tmux and on a console.
fn unsendable(key: Key, mods: Mods) -> Option<&'static str> {
    match key {
        Key::Char(c) if mods.ctrl => match c.to_ascii_lowercase() {
            'm' => Some("ctrl-m is the same byte as enter"),
            'i' => Some("ctrl-i is the same byte as tab"),
            'h' => Some("ctrl-h is the same byte as backspace on many terminals"),
            '[' => Some("ctrl-[ is the same byte as esc"),
            _ if mods.shift => Some("with ctrl held, shift makes no difference"),
            ' ' | 'a'..='z' => None,
            _ => Some("ctrl goes with the letters and space only"),
        },
        Key::Char(' ') if mods.shift => Some("shift and space is space"),
        Key::Char(c) if mods.shift && !c.is_ascii_alphabetic() => Some("write the character that shift makes of it"),
        Key::Tab if mods.ctrl || mods.alt => Some("tab goes with shift only"),
        Key::Enter | Key::Backspace if mods.ctrl || mods.shift => Some("this key goes with alt only"),
        Key::Esc if mods.any() => Some("esc goes with no other key"),
        _ => None,
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (held, name) in [(self.mods.ctrl, "ctrl-"), (self.mods.alt, "alt-"), (self.mods.shift, "shift-")] {
            if held {
                text.push_str(name);
            }
        }
        match self.key {
            Key::F(n) => text.push_str(&format!("f{n}")),
            Key::Char(c) if c != ' ' => text.push(c),
            key => text.push_str(NAMES.iter().find(|(_, named)| *named == key).map_or("?", |(name, _)| name)),
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(text: &str) -> Chord {
        Chord::parse(text).unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn spellings_of_one_press_are_one_chord() {
        assert_eq!(chord("esc"), chord("escape"));
        assert_eq!(chord("shift-g"), chord("G"));
        assert_eq!(chord("CTRL-D"), chord("ctrl-d"));
        assert_eq!(chord("page-down"), chord("pgdn"));
        assert_eq!(Chord::new(Key::Char('g'), Mods::SHIFT), Chord::new(Key::Char('G'), Mods::NONE));
        assert_eq!(Chord::new(Key::Char('?'), Mods::SHIFT), chord("?"));
    }

    #[test]
    fn bytes_that_two_keys_share_arrive_as_the_key_with_the_name() {
        assert_eq!(Chord::new(Key::Char('m'), Mods::CTRL), chord("enter"));
        assert_eq!(Chord::new(Key::Char('i'), Mods::CTRL), chord("tab"));
        assert_eq!(Chord::new(Key::Char('h'), Mods::CTRL), chord("backspace"));
        assert_eq!(Chord::new(Key::Char('['), Mods::CTRL), chord("esc"));
    }

    #[test]
    fn what_a_terminal_cannot_send_is_refused_with_the_reason() {
        for text in [
            "ctrl-m",
            "ctrl-i",
            "ctrl-[",
            "ctrl-h",
            "ctrl-shift-d",
            "ctrl-1",
            "shift-1",
            "shift-space",
            "ctrl-enter",
            "alt-esc",
            "ctrl-tab",
        ] {
            let why = Chord::parse(text).expect_err(text);
            assert!(why.starts_with(&format!("no terminal sends '{text}'")), "{why}");
        }
    }

    #[test]
    fn minus_is_a_key_with_and_without_modifiers() {
        assert_eq!(chord("-").key(), Key::Char('-'));
        assert_eq!(chord("alt--"), Chord::new(Key::Char('-'), Mods::ALT));
    }

    #[test]
    fn every_chord_prints_as_it_is_read() {
        for text in
            ["g", "G", "-", "ctrl-d", "alt-x", "alt-X", "ctrl-alt-x", "shift-tab", "f5", "space", "ctrl-space", "pgdn", "shift-up", "é"]
        {
            assert_eq!(chord(text).to_string(), text);
        }
    }
}

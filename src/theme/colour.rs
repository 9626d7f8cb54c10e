//! Colours as theme files write them, and how they look on a terminal that knows fewer.
//! Refuses to guess what a name means: sixteen names, `reset`, `#rrggbb` and 0 to 255, or a mistake.

use ratatui::style::Color;
use termprofile::TermProfile;

use super::depth::Depth;
use crate::config::{quote, unknown};

/// The sixteen colours every terminal has its own idea of, and `reset`, the terminal's own.
pub const NAMES: [(&str, Color); 19] = [
    ("reset", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("grey", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("dark-grey", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

/// A colour, with the one of the sixteen that stands in for it where there are only sixteen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shade {
    /// On a terminal that has it.
    pub full: Color,
    /// On a terminal that has sixteen. Without it the nearest is taken.
    pub basic: Option<Color>,
}

impl Shade {
    /// How it looks at a depth; nothing where there is no colour at all.
    #[must_use]
    pub fn at(self, depth: Depth) -> Option<Color> {
        let profile = match depth {
            Depth::Mono => return None,
            Depth::Sixteen => match self.basic {
                Some(basic) => return Some(basic),
                None => TermProfile::Ansi16,
            },
            Depth::Indexed => TermProfile::Ansi256,
            Depth::Rgb => TermProfile::TrueColor,
        };
        profile.adapt_color(self.full)
    }
}

/// Reads one colour that is not a word of the palette.
///
/// # Errors
/// A clause that says what is wrong, with the nearest word among the names and `palette`.
pub(super) fn parse<'p>(word: &str, palette: impl Iterator<Item = &'p str>) -> Result<Color, String> {
    let lower = word.to_ascii_lowercase();
    if let Some((_, colour)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return Ok(*colour);
    }
    if let Some(hex) = word.strip_prefix('#') {
        let digits = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = if digits { u32::from_str_radix(hex, 16).ok() } else { None };
        let Some(number) = number else { return Err(format!("{} is no colour; after # come six digits, as in #ff8700", quote(word))) };
        let [_, red, green, blue] = number.to_be_bytes();
        return Ok(Color::Rgb(red, green, blue));
    }
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().map(Color::Indexed).map_err(|_| format!("{} is no colour; numbers go from 0 to 255", quote(word)));
    }
    Err(unknown(word, "colour", palette.chain(NAMES.iter().map(|(name, _)| *name))))
}

/// Red, green and blue, where they are known and not the terminal's own choice.
#[must_use]
pub fn rgb(colour: Color) -> Option<[u8; 3]> {
    match colour {
        Color::Rgb(red, green, blue) => Some([red, green, blue]),
        Color::Indexed(index @ 16..) => {
            let rgb = termprofile::ansi256_to_rgb(index.into());
            Some([rgb.r(), rgb.g(), rgb.b()])
        }
        _ => None,
    }
}

/// The contrast of two colours by WCAG 2: from 1 (the same) to 21 (black on white).
#[must_use]
pub fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(rgb: [u8; 3]) -> f64 {
    let [red, green, blue] = linear(rgb);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The light of each channel, the curve of sRGB taken off.
pub(super) fn linear(rgb: [u8; 3]) -> [f64; 3] {
    rgb.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

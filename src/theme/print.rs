//! The text `flightdeck themes` prints: which there are, which is in force, and a sample of every role.
//! Refuses to move the cursor: it is a list that scrolls by, and plain text where there are no colours.

use std::fmt::Write as _;

use ratatui::style::{Color, Modifier, Style};

use super::glyph::Glyphs;
use super::role::Role;
use super::sheet::Theme;
use crate::config::Shelf;

/// The list of themes and the roles of the one in force. Samples are styled where `styled` says that whoever reads shows styles.
#[must_use]
pub fn print(shelf: &Shelf, theme: &Theme, glyphs: Glyphs, styled: bool) -> String {
    let mut text = String::from("Themes (* is in force):\n");
    for name in shelf.names() {
        let mark = if name == theme.name() { "*" } else { " " };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{mark} {name}");
    }
    let _ = writeln!(text, "\nRoles, as this terminal shows them with {}:", theme.depth().word());
    for role in Role::ALL {
        let style = theme.style(*role);
        let glyph = role.glyph().map_or(" ", |glyph| glyphs.get(glyph));
        let sample = format!("{glyph} {:17}", role.name());
        let sample = if styled { paint(&sample, style) } else { sample };
        let _ = writeln!(text, "  {sample}  {:34}  {}", describe(style), role.about());
    }
    text
}

/// A style in words, as a theme file would say it.
fn describe(style: Style) -> String {
    let mut words = Vec::new();
    if let Some(fg) = style.fg {
        words.push(colour_word(fg));
    }
    if let Some(bg) = style.bg {
        words.push(format!("on {}", colour_word(bg)));
    }
    words.extend(
        super::read::MODIFIERS.iter().filter(|(_, modifier)| style.add_modifier.contains(*modifier)).map(|(name, _)| (*name).to_owned()),
    );
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}

fn colour_word(colour: Color) -> String {
    match (super::colour::NAMES.iter().find(|(_, named)| *named == colour), colour) {
        (Some((name, _)), _) => (*name).to_owned(),
        (None, Color::Rgb(red, green, blue)) => format!("#{red:02x}{green:02x}{blue:02x}"),
        (None, Color::Indexed(index)) => index.to_string(),
        (None, other) => other.to_string(),
    }
}

/// Text with the escape sequences of a style around it.
fn paint(text: &str, style: Style) -> String {
    let mut codes: Vec<String> = Vec::new();
    for (modifier, code) in [
        (Modifier::BOLD, "1"),
        (Modifier::DIM, "2"),
        (Modifier::ITALIC, "3"),
        (Modifier::UNDERLINED, "4"),
        (Modifier::REVERSED, "7"),
        (Modifier::CROSSED_OUT, "9"),
    ] {
        if style.add_modifier.contains(modifier) {
            codes.push(code.to_owned());
        }
    }
    codes.extend(style.fg.and_then(|colour| code(colour, 30)));
    codes.extend(style.bg.and_then(|colour| code(colour, 40)));
    if codes.is_empty() { text.to_owned() } else { format!("\u{1b}[{}m{text}\u{1b}[0m", codes.join(";")) }
}

/// The SGR code of a colour; `base` is 30 for text, 40 for what is behind it.
fn code(colour: Color, base: u8) -> Option<String> {
    const SIXTEEN: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Color::Reset => Some((base + 9).to_string()),
        Color::Rgb(red, green, blue) => Some(format!("{};2;{red};{green};{blue}", base + 8)),
        Color::Indexed(index) => Some(format!("{};5;{index}", base + 8)),
        named => {
            let at = u8::try_from(SIXTEEN.iter().position(|colour| *colour == named)?).ok()?;
            Some(if at < 8 { base + at } else { base + 60 + at - 8 }.to_string())
        }
    }
}

//! A frame as characters, and as a map of styles beside them: looks are part of what a test compares.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Characters only, one line a row, blanks at the end left out.
pub fn text(buffer: &Buffer) -> String {
    rows(buffer).map(|row| format!("{}\n", row.iter().map(|c| c.symbol()).collect::<String>().trim_end())).collect()
}

/// A letter for the style of each cell, and below what the letters mean. Plain cells are dots.
pub fn styles(buffer: &Buffer) -> String {
    let mut known: Vec<String> = Vec::new();
    let mut out = String::new();
    for row in rows(buffer) {
        let mut line = String::new();
        for cell in row {
            let style = style(cell);
            let letter = if style.is_empty() {
                '.'
            } else {
                let at = known.iter().position(|k| *k == style).unwrap_or_else(|| {
                    known.push(style);
                    known.len() - 1
                });
                char::from(b'a' + u8::try_from(at).unwrap())
            };
            line.extend(std::iter::repeat_n(letter, cell.symbol().width().max(1)));
        }
        let _ = writeln!(out, "{}", line.trim_end_matches('.'));
    }
    for (n, style) in known.iter().enumerate() {
        let _ = writeln!(out, "{} {style}", char::from(b'a' + u8::try_from(n).unwrap()));
    }
    out
}

/// The cells of each row, those hidden behind a wide character left out.
pub fn rows(buffer: &Buffer) -> impl Iterator<Item = Vec<&Cell>> {
    let area = buffer.area;
    (area.top()..area.bottom()).map(move |y| {
        let mut hidden = 0;
        let cells = (area.left()..area.right()).map(move |x| &buffer[(x, y)]);
        cells
            .filter(|cell| {
                if hidden > 0 {
                    hidden -= 1;
                    return false;
                }
                hidden = cell.symbol().width().saturating_sub(1);
                true
            })
            .collect()
    })
}

fn style(cell: &Cell) -> String {
    // The look of a blank without reversal or underline can't be seen.
    let shows = Modifier::REVERSED | Modifier::UNDERLINED;
    if cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(shows) {
        return String::new();
    }
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(format!("{:?}", cell.fg).to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {:?}", cell.bg).to_lowercase());
    }
    words.extend(cell.modifier.iter_names().map(|(name, _)| name.to_lowercase()));
    words.join(" ")
}

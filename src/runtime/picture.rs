//! A frame as text, as terminal colours, or as an SVG picture. Exactly the frame: as many lines, none wider.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Characters only, one line a row, blanks at the end left out.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let line: String = row(buffer, y).map(Cell::symbol).collect();
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// With the terminal's colours and emphasis.
pub fn ansi(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut style = String::new();
        for cell in row(buffer, y) {
            let wanted = sgr(cell);
            if wanted != style {
                let _ = write!(out, "\x1b[0{wanted}m");
                style = wanted;
            }
            out.push_str(cell.symbol());
        }
        if !style.is_empty() {
            out.push_str("\x1b[0m");
        }
        let kept = out.trim_end_matches(' ').len();
        out.truncate(kept);
        out.push('\n');
    }
    out
}

/// The cells of a row, those hidden behind a wide character left out.
fn row(buffer: &Buffer, y: u16) -> impl Iterator<Item = &Cell> {
    let mut hidden = 0;
    (buffer.area.left()..buffer.area.right()).filter_map(move |x| {
        let cell = buffer.cell((x, y))?;
        if hidden > 0 {
            hidden -= 1;
            return None;
        }
        hidden = cell.symbol().width().saturating_sub(1);
        Some(cell)
    })
}

fn sgr(cell: &Cell) -> String {
    let mut codes = String::new();
    for (modifier, code) in [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
        (Modifier::CROSSED_OUT, 9),
    ] {
        if cell.modifier.contains(modifier) {
            let _ = write!(codes, ";{code}");
        }
    }
    if let Some(code) = colour(cell.fg, 30) {
        let _ = write!(codes, ";{code}");
    }
    if let Some(code) = colour(cell.bg, 40) {
        let _ = write!(codes, ";{code}");
    }
    codes
}

fn colour(color: Color, base: u8) -> Option<String> {
    let named = |n: u8| Some((base + n).to_string());
    let bright = |n: u8| Some((base + 60 + n).to_string());
    match color {
        Color::Reset => None,
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(i) => Some(format!("{};5;{i}", base + 8)),
        Color::Rgb(r, g, b) => Some(format!("{};2;{r};{g};{b}", base + 8)),
    }
}

/// The size of a cell in the picture.
const CELL: (f64, f64) = (8.4, 18.0);

/// As an SVG picture on a terminal's background: dark, or light where the theme is made for one.
pub fn svg(buffer: &Buffer, light: bool) -> String {
    let (ground, ink) = if light { ("#ffffff", "#1c1c1c") } else { ("#11151a", "#d4d7db") };
    let (width, height) = (f64::from(buffer.area.width) * CELL.0 + 16.0, f64::from(buffer.area.height) * CELL.1 + 16.0);
    let mut out = String::new();
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1} {height:.1}" width="{width:.0}" height="{height:.0}" font-family="'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14" xml:space="preserve">"#
    );
    let _ = writeln!(out, r#"<rect width="100%" height="100%" rx="6" fill="{ground}"/>"#);
    for y in buffer.area.top()..buffer.area.bottom() {
        svg_row(&mut out, buffer, y, ground, ink, light);
    }
    out.push_str("</svg>\n");
    out
}

/// A run of cells of one look: where it begins, how many columns it takes, its text.
struct Run<'a> {
    x: u16,
    columns: usize,
    text: String,
    cell: &'a Cell,
}

fn svg_row(out: &mut String, buffer: &Buffer, y: u16, ground: &str, ink: &str, light: bool) {
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut x = buffer.area.left();
    for cell in row(buffer, y) {
        let columns = cell.symbol().width().max(1);
        let plain = cell.symbol().is_ascii();
        match runs.last_mut() {
            Some(run) if plain && run.text.is_ascii() && sgr(run.cell) == sgr(cell) => {
                run.columns += columns;
                run.text.push_str(cell.symbol());
            }
            _ => runs.push(Run { x, columns, text: cell.symbol().to_owned(), cell }),
        }
        x = x.saturating_add(u16::try_from(columns).unwrap_or(1));
    }
    let top = f64::from(y) * CELL.1 + 8.0;
    for run in runs {
        let reversed = run.cell.modifier.contains(Modifier::REVERSED);
        let fg = hex(run.cell.fg, light).unwrap_or_else(|| ink.to_owned());
        let bg = hex(run.cell.bg, light);
        let (fg, bg) = if reversed { (bg.unwrap_or_else(|| ground.to_owned()), Some(fg)) } else { (fg, bg) };
        let (left, width) = (f64::from(run.x) * CELL.0 + 8.0, run.columns as f64 * CELL.0);
        if let Some(bg) = bg {
            let _ = writeln!(out, r#"<rect x="{left:.1}" y="{top:.1}" width="{width:.1}" height="{:.1}" fill="{bg}"/>"#, CELL.1);
        }
        if run.text.trim().is_empty() {
            continue;
        }
        let mut look = String::new();
        if run.cell.modifier.contains(Modifier::BOLD) {
            look.push_str(r#" font-weight="bold""#);
        }
        if run.cell.modifier.contains(Modifier::ITALIC) {
            look.push_str(r#" font-style="italic""#);
        }
        if run.cell.modifier.contains(Modifier::UNDERLINED) {
            look.push_str(r#" text-decoration="underline""#);
        }
        if run.cell.modifier.contains(Modifier::DIM) {
            look.push_str(r#" opacity="0.6""#);
        }
        let text = run.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            out,
            r#"<text x="{left:.1}" y="{:.1}" textLength="{width:.1}" lengthAdjust="spacingAndGlyphs" fill="{fg}"{look}>{text}</text>"#,
            top + 13.5
        );
    }
}

/// A colour as a picture shows it; `None` for the terminal's own.
fn hex(color: Color, light: bool) -> Option<String> {
    let pick = |dark: &str, bright: &str| Some(if light { bright.to_owned() } else { dark.to_owned() });
    match color {
        Color::Reset => None,
        Color::Black => pick("#000000", "#000000"),
        Color::Red => pick("#d75f5f", "#a40000"),
        Color::Green => pick("#6fb56f", "#1a6b1a"),
        Color::Yellow => pick("#d0a24c", "#7a5c00"),
        Color::Blue => pick("#6a9fe0", "#1f4fa8"),
        Color::Magenta => pick("#c586c0", "#86198f"),
        Color::Cyan => pick("#56b6c2", "#0b6b76"),
        Color::Gray => pick("#bcbcbc", "#6c6c6c"),
        Color::DarkGray => pick("#7a828c", "#6a6a6a"),
        Color::LightRed => pick("#ff7b72", "#c00000"),
        Color::LightGreen => pick("#8fdc8f", "#1f7a1f"),
        Color::LightYellow => pick("#f2cc60", "#8a6a00"),
        Color::LightBlue => pick("#8cbcff", "#2a5fd0"),
        Color::LightMagenta => pick("#e0a0e8", "#a020b0"),
        Color::LightCyan => pick("#7fd7e0", "#0e7f8c"),
        Color::White => pick("#ffffff", "#1c1c1c"),
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(i) => Some(indexed(i)),
    }
}

/// The 256-colour palette beyond its first sixteen: a 6x6x6 cube and a ramp of greys (xterm).
fn indexed(i: u8) -> String {
    match i {
        0..=15 => [
            "#000000", "#d75f5f", "#6fb56f", "#d0a24c", "#6a9fe0", "#c586c0", "#56b6c2", "#bcbcbc", "#7a828c", "#ff7b72", "#8fdc8f",
            "#f2cc60", "#8cbcff", "#e0a0e8", "#7fd7e0", "#ffffff",
        ][usize::from(i)]
        .to_owned(),
        16..=231 => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = i - 16;
            format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        grey => {
            let v = 8 + 10 * (grey - 232);
            format!("#{v:02x}{v:02x}{v:02x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn a_wide_character_takes_its_two_columns_once() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
        buffer.set_string(0, 0, "支a", Style::default());
        assert_eq!(text(&buffer), "支a\n");
    }

    #[test]
    fn emphasis_and_colour_are_written_and_ended() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        buffer.set_string(0, 0, "err", Style::default().fg(Color::Red).add_modifier(Modifier::BOLD));
        assert_eq!(ansi(&buffer), "\x1b[0;1;31merr\x1b[0m\n");
    }

    #[test]
    fn a_picture_escapes_what_svg_would_read() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        buffer.set_string(0, 0, "<&>", Style::default());
        assert!(svg(&buffer, false).contains("&lt;&amp;&gt;"));
    }
}

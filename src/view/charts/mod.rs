//! Curves over time as lines of text: what the release screen and the why view draw of a course.
//! Refuses to bridge a gap and to choose a scale: both come with the points.

mod budget;
mod course;
mod intervals;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line as Stroke, Points};

pub use budget::{LEAST, burn_down};
pub use course::{failed, failed_by_minute, share};
pub use intervals::intervals;

use super::format::width;
use super::paint::Paint;
use crate::theme::{Glyph, Role};

/// Points joined by strokes, the oldest first.
pub(super) struct Curve {
    pub points: Vec<(f64, f64)>,
    pub role: Role,
    /// What it is drawn with where only ASCII can be trusted.
    pub twin: Glyph,
}

/// Curves on one pair of scales. Later ones cover earlier ones.
pub(super) struct Chart {
    pub curves: Vec<Curve>,
    pub x: [f64; 2],
    pub y: [f64; 2],
    /// What stands at the left beside a height.
    pub ticks: Vec<(f64, String)>,
    /// A height with a line across.
    pub rule: Option<f64>,
    /// A moment with a line down.
    pub mark: Option<f64>,
    /// Below the left and the right end.
    pub ends: [String; 2],
}

/// As wide as `100 %`, `-250 %` and a blank, so that charts below each other stand under each other.
const GUTTER: usize = 7;
const BRAILLE: std::ops::RangeInclusive<u32> = 0x2800..=0x28FF;

impl Chart {
    /// `height` lines, the last of them the scale of time. None where there is no room for a curve.
    pub fn lines(&self, paint: &Paint<'_>, room: usize, height: usize) -> Vec<Line<'static>> {
        let gutter = self.ticks.iter().map(|(_, text)| width(text) + 1).max().unwrap_or(0).max(GUTTER);
        let (Ok(columns), Ok(rows)) = (u16::try_from(room.saturating_sub(gutter)), u16::try_from(height.saturating_sub(1))) else {
            return Vec::new();
        };
        if columns < 8 || rows < 2 {
            return Vec::new();
        }
        let area = Rect::new(0, 0, columns, rows);
        let mut plot = Buffer::empty(area);
        if let Some(row) = self.rule.and_then(|at| self.row(at, rows, paint)) {
            (0..columns).for_each(|x| put(&mut plot, x, row, paint.glyph(Glyph::Rule), paint, Role::Dim));
        }
        let marked = self.mark.and_then(|at| self.column(at, columns));
        if let Some(x) = marked {
            (0..rows).for_each(|y| put(&mut plot, x, y, paint.glyph(Glyph::Upright), paint, Role::Dim));
        }
        for curve in &self.curves {
            self.draw(curve, paint, &mut plot);
        }
        let mut lines: Vec<Line<'static>> = (0..rows).map(|y| self.row_line(paint, &plot, y, (gutter, rows))).collect();
        lines.push(self.scale(paint, gutter, usize::from(columns), marked.map(usize::from)));
        lines
    }

    /// One after the other on a sheet of its own: a canvas knows one colour and no boldness.
    fn draw(&self, curve: &Curve, paint: &Paint<'_>, plot: &mut Buffer) {
        let twin = curve.twin.ascii().chars().next().unwrap_or('*');
        let mut sheet = Buffer::empty(plot.area);
        let canvas = Canvas::default().x_bounds(self.x).y_bounds(self.y);
        let canvas = canvas.marker(if paint.glyphs.ascii { Marker::Custom(twin) } else { Marker::Braille });
        canvas
            .paint(|context| {
                for pair in curve.points.windows(2) {
                    if let [(x1, y1), (x2, y2)] = *pair {
                        context.draw(&Stroke { x1, y1, x2, y2, color: Color::Reset });
                    }
                }
                context.draw(&Points { coords: &curve.points, color: Color::Reset });
            })
            .render(plot.area, &mut sheet);
        for y in 0..plot.area.height {
            for x in 0..plot.area.width {
                let Some(symbol) = sheet.cell((x, y)).map(Cell::symbol).filter(|symbol| !matches!(*symbol, " " | "\u{2800}")) else {
                    continue;
                };
                let merged = plot.cell((x, y)).and_then(|under| merged(under.symbol(), symbol));
                put(plot, x, y, merged.as_deref().unwrap_or(symbol), paint, curve.role);
            }
        }
    }

    fn row_line(&self, paint: &Paint<'_>, plot: &Buffer, y: u16, (gutter, rows): (usize, u16)) -> Line<'static> {
        let tick = self.ticks.iter().find(|(at, _)| self.row(*at, rows, paint) == Some(y)).map_or("", |(_, text)| text);
        let mut spans = vec![paint.span(Role::Dim, format!("{}{tick} ", " ".repeat(gutter.saturating_sub(width(tick) + 1))))];
        for cell in (0..plot.area.width).filter_map(|x| plot.cell((x, y))) {
            match spans.last_mut().filter(|span| span.style == cell.style()) {
                Some(span) => span.content.to_mut().push_str(cell.symbol()),
                None => spans.push(Span::styled(cell.symbol().to_owned(), cell.style())),
            }
        }
        Line::from(spans)
    }

    /// The two ends, and the sign of the new version below its mark where it covers neither.
    fn scale(&self, paint: &Paint<'_>, gutter: usize, columns: usize, mark: Option<usize>) -> Line<'static> {
        let [left, right] = &self.ends;
        // A mark at the very end stands behind the word for it.
        let end = mark.filter(|at| at + width(right) >= columns).map_or(columns, |at| at.saturating_sub(1));
        let right_at = end.saturating_sub(width(right));
        let mut spans = vec![paint.span(Role::Dim, format!("{}{left}", " ".repeat(gutter)))];
        let mut used = width(left);
        let sign = |at: usize, used: usize| [Span::raw(" ".repeat(at - used)), paint.sign(Role::VersionNew, Glyph::New)];
        if let Some(at) = mark.filter(|at| *at > used && at + 1 < right_at) {
            spans.extend(sign(at, used));
            used = at + 1;
        }
        spans.push(paint.span(Role::Dim, format!("{}{right}", " ".repeat(right_at.saturating_sub(used)))));
        if let Some(at) = mark.filter(|at| *at >= end) {
            spans.extend(sign(at, end));
        }
        Line::from(spans)
    }

    /// The row of a height, as a canvas puts its dots.
    fn row(&self, at: f64, rows: u16, paint: &Paint<'_>) -> Option<u16> {
        let [low, high] = self.y;
        let per_row = if paint.glyphs.ascii { 1.0 } else { 4.0 };
        let dot = ((high - at) / (high - low) * (f64::from(rows) * per_row - 1.0)).round();
        // Truncation is meant: the row that holds the dot.
        (0.0..f64::from(rows) * per_row).contains(&dot).then_some((dot / per_row) as u16)
    }

    fn column(&self, at: f64, columns: u16) -> Option<u16> {
        let [from, to] = self.x;
        let column = ((at - from) / (to - from) * f64::from(columns - 1)).round();
        (0.0..f64::from(columns)).contains(&column).then_some(column as u16)
    }
}

fn put(plot: &mut Buffer, x: u16, y: u16, symbol: &str, paint: &Paint<'_>, role: Role) {
    if let Some(cell) = plot.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(paint.style(role));
    }
}

/// The dots of both, where both are dots.
fn merged(under: &str, over: &str) -> Option<String> {
    let dots = |text: &str| text.chars().next().map(u32::from).filter(|dots| BRAILLE.contains(dots));
    char::from_u32(dots(under)? | dots(over)?).map(String::from)
}

/// The least of 1, 2 and 5 times a power of ten that is not below: a scale that seldom changes.
pub(super) fn ceiling(value: f64) -> f64 {
    if !(value > 0.0 && value.is_finite()) {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|step| step * power).find(|step| *step >= value * (1.0 - 1e-9)).unwrap_or(power * 10.0)
}

//! The error ratios of both versions as ranges on one scale, old over new: where they overlap chance may explain the difference.
//! Refuses to draw a point without its range.

use ratatui::text::{Line, Span};

use super::ceiling;
use crate::release::telemetry::Comparison;
use crate::slo::interval::{Interval, wilson};
use crate::theme::{Glyph, Role};
use crate::view::format::{error_ratio, width};
use crate::view::paint::Paint;

/// As wide as `● old` and a blank.
const NAMES: usize = 6;

/// Three lines: the old version's range, the new one's, and their scale; none where one of them has no requests, or there is no room.
pub fn intervals(both: &Comparison, paint: &Paint<'_>, room: usize) -> Vec<Line<'static>> {
    let range = |seen: crate::slo::Reading<crate::slo::Outcome>| seen.value().and_then(wilson);
    let (Some(old), Some(new)) = (range(both.old.seen), range(both.new.seen)) else { return Vec::new() };
    let columns = room.saturating_sub(NAMES);
    if columns < 16 {
        return Vec::new();
    }
    let top = ceiling(old.upper.max(new.upper)).min(1.0);
    let (left, right) = ("0 %", error_ratio(top));
    let words = "failed, 95 % range";
    let room_between = columns.saturating_sub(width(left) + width(&right));
    let between = if room_between > width(words) + 2 { format!("{words:^room_between$}") } else { " ".repeat(room_between) };
    vec![
        bar("old", old, Glyph::Old, Role::VersionOld, top, columns, paint),
        bar("new", new, Glyph::New, Role::VersionNew, top, columns, paint),
        Line::from(paint.span(Role::Dim, format!("{}{left}{between}{right}", " ".repeat(NAMES)))),
    ]
}

fn bar(name: &str, range: Interval, glyph: Glyph, role: Role, top: f64, columns: usize, paint: &Paint<'_>) -> Line<'static> {
    // Truncation is meant: the column that holds the value.
    let column = |value: f64| ((value / top * (columns - 1) as f64).round() as usize).min(columns - 1);
    let (lower, at, upper) = (column(range.lower), column(range.observed), column(range.upper));
    let cell = |column: usize| match column {
        _ if column == at => glyph,
        _ if column == lower || column == upper => Glyph::Upright,
        _ => Glyph::Rule,
    };
    let drawn: String = (lower..=upper).map(|column| paint.glyph(cell(column))).collect();
    Line::from(vec![
        paint.span(role, format!("{} {name}", paint.glyph(glyph))),
        Span::raw(" ".repeat(NAMES - 5 + lower)),
        paint.span(role, drawn),
    ])
}

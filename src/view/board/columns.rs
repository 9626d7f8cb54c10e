//! Which columns the board has at a width, and how wide they are.
//! A column keeps its width while figures change.

use ratatui::text::Line;

use super::super::format;
use super::super::paint::Paint;
use crate::theme::Role;

/// Widths of the columns for a screen's width; 0 leaves one out.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    pub why: usize,
    pub release: usize,
    pub step: usize,
    pub versions: usize,
    pub exposed: usize,
    pub budget: usize,
    pub burn: usize,
    pub verdict: usize,
    pub age: usize,
}

impl Columns {
    /// `names` is the longest name there is: figures change, names do not, so that nothing moves while they do.
    /// Without metrics the columns for them leave their room to the others.
    pub fn of(width: usize, names: usize, measured: bool) -> Self {
        let mut c = Self { why: 0, release: 0, step: 0, versions: 0, exposed: 8, budget: 0, burn: 0, verdict: 0, age: 0 };
        if width >= 72 {
            c.step = 9;
        }
        // Where figures need the room, versions are one key away.
        if width >= if measured { 116 } else { 100 } {
            c.versions = match width {
                160.. => 32,
                _ if measured => 17,
                _ => 20,
            };
        }
        if width >= 84 && measured {
            c.burn = 6;
        }
        if width >= 116 && measured {
            c.budget = 7;
        }
        if width >= 110 {
            c.verdict = 14;
        }
        // Between the two the verdict needs the room; why says since when where it matters.
        if (92..110).contains(&width) || width >= 132 {
            c.age = 8;
        }
        let gaps = 2 * [c.step, c.versions, c.exposed, c.budget, c.burn, c.verdict, c.age].iter().filter(|w| **w > 0).count() + 2;
        let fixed = 4 + c.step + c.versions + c.exposed + c.budget + c.burn + c.verdict + c.age + gaps;
        let rest = width.saturating_sub(fixed);
        c.release = names.clamp(12, (rest * 48 / 100).max(12));
        c.why = rest.saturating_sub(c.release).min(64);
        c
    }
}

/// The line of their names.
pub fn heading(c: &Columns, paint: &Paint<'_>) -> Line<'static> {
    let mut text = format!("    {}  {}", format::pad("WHY", c.why), format::pad("RELEASE", c.release));
    let names = [
        (c.step, "STEP"),
        (c.versions, "VERSIONS"),
        (c.exposed, "EXPOSED"),
        (c.budget, "BUDGET"),
        (c.burn, "BURN"),
        (c.verdict, "VERDICT"),
        (c.age, "AGE"),
    ];
    for (width, name) in names {
        if width > 0 {
            text.push_str("  ");
            text.push_str(&if matches!(name, "EXPOSED" | "BUDGET" | "BURN" | "AGE") {
                format::right(name, width)
            } else {
                format::pad(name, width)
            });
        }
    }
    Line::from(paint.span(Role::Header, text))
}

//! Judges a theme by the two things that decide whether it can be read: contrast, and difference without colour.
//! Refuses to judge colours it cannot know: the sixteen are the terminal's own.

use super::colour::{contrast, rgb};
use super::read::Background;
use super::role::Role;
use super::sheet::Theme;

/// The least contrast at which small text counts as readable (WCAG 2, level AA).
const READABLE: f64 = 4.5;

/// What makes a theme hard to read, as clauses; nothing for a good one.
#[must_use]
pub fn lint(theme: &Theme) -> Vec<String> {
    let mut found: Vec<String> = Role::ALL.iter().filter_map(|role| pale(theme, *role)).collect();
    for group in Role::NEIGHBOURS {
        for (at, role) in group.iter().enumerate() {
            let alike = |other: &&Role| role.glyph() == other.glyph() && theme.ink(*role).add == theme.ink(**other).add;
            found.extend(
                group[at + 1..].iter().filter(alike).map(|other| format!("{role} and {other} differ by colour alone, or not at all")),
            );
        }
    }
    found
}

fn pale(theme: &Theme, role: Role) -> Option<String> {
    let own = match theme.background() {
        Background::Dark => [0, 0, 0],
        Background::Light => [255, 255, 255],
    };
    let ink = theme.ink(role);
    let behind = ink.bg.map_or(Some(own), |shade| rgb(shade.full))?;
    let text = rgb(ink.fg?.full)?;
    let ratio = contrast(text, behind);
    (ratio < READABLE).then(|| format!("{role} has a contrast of {ratio:.1} to 1; small text needs {READABLE}"))
}

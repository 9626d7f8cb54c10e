//! Curves below what a panel says, where it has rows left for them.
//! Refuses to take a row from a sentence: a chart that does not fit whole is not drawn, and stands in the why view.

use ratatui::text::Line;

use super::layout::Place;
use super::scene::Scene;
use super::{budget as budgets, exposure, inside};
use crate::app::Panel;
use crate::view::charts::{LEAST, burn_down, failed, failed_by_minute, share};

/// The highest that a curve in a panel is: more rows tell no more.
const MOST: usize = 14;

/// Budgets, and how the first of them went.
pub fn budget(scene: &Scene, room: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines = budgets::lines(scene, room);
    let left = height.saturating_sub(lines.len()).min(MOST);
    let first = scene.release.telemetry.as_deref().and_then(|telemetry| telemetry.by_weight().first().copied());
    lines.extend(first.map(|one| burn_down(scene.release, one, scene.paint, room, left)).unwrap_or_default());
    lines
}

/// Who gets it, and how its share and its failed requests went: the failed ones first, since the share has a line of its own above.
pub fn gets(scene: &Scene, room: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines = exposure::lines(scene, room);
    let left = height.saturating_sub(lines.len());
    let both = left > 2 * (LEAST + 1);
    let each = if both { left / 2 } else { left }.min(MOST);
    if both {
        lines.extend(share(scene.release, scene.paint, room, each));
    }
    let curve = failed(scene.release, scene.paint, room, each);
    let levels = failed_by_minute(scene.release, scene.paint.now);
    if curve.is_empty() && left > 0 && levels.iter().flatten().any(|failed| *failed > 0.0) {
        lines.push(budgets::trend(scene, &levels, "failed so far", room));
    }
    lines.extend(curve);
    lines
}

/// Whether a curve stands in a panel at its place.
pub fn draws(scene: &Scene, place: Place) -> bool {
    let (room, height) = inside(place);
    match place.panel {
        Panel::Gets => gets(scene, room, height).len() >= exposure::lines(scene, room).len() + LEAST,
        Panel::Budget => budget(scene, room, height).len() >= budgets::lines(scene, room).len() + LEAST,
        _ => false,
    }
}

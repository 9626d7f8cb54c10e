//! Where the panels of the cockpit stand at each size: plain arithmetic on rectangles.
//! Refuses to know what is in a panel beyond how many lines it would like.

use ratatui::layout::Rect;

use crate::app::Panel;

/// How a panel is drawn in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub panel: Panel,
    /// Where, frame included.
    pub area: Rect,
}

/// The size class of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Lines without frames, in the order of the questions.
    Tiny,
    /// Four short panels, and the last three lines of the timeline.
    Short,
    /// The whole cockpit.
    Full,
    /// The whole cockpit with the timeline as a column of its own.
    Wide,
}

/// The class of an area between band and key line.
#[must_use]
pub fn size(area: Rect) -> Size {
    match (area.width, area.height) {
        (..76, _) | (_, ..20) => Size::Tiny,
        (170.., 30..) => Size::Wide,
        (110.., 28..) => Size::Full,
        _ => Size::Short,
    }
}

/// How many lines the panels would like, without their frames.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// The ladder.
    pub steps: u16,
    /// Who gets it.
    pub exposure: u16,
    /// Error budgets.
    pub budget: u16,
    /// Versions and pods.
    pub versions: u16,
    /// New against old, analyses and experiments.
    pub watched: u16,
    /// Where there is room for one of budget and watched: whether it is watched.
    pub shows_watched: bool,
}

/// The places of all panels below the verdict's two lines.
#[must_use]
pub fn places(area: Rect, wishes: Wishes) -> Vec<Place> {
    places_below(area, 2, wishes)
}

/// The places of all panels below the first `rows` rows. The size class is that of the whole: a line more on top changes no layout.
#[must_use]
pub fn places_below(area: Rect, rows: u16, wishes: Wishes) -> Vec<Place> {
    let below = cut_top(area, rows).1;
    match size(area) {
        Size::Tiny => Vec::new(),
        Size::Short => short(below, wishes),
        Size::Full => full(below, wishes),
        Size::Wide => {
            let column = (below.width * 36 / 100).max(60);
            let (left, right) = cut_left(below, below.width.saturating_sub(column));
            let mut places = columns(left, wishes, left.height);
            places.push(Place { panel: Panel::Timeline, area: right });
            places
        }
    }
}

fn short(area: Rect, wishes: Wishes) -> Vec<Place> {
    let timeline = 5.min(area.height / 4).max(3);
    let steps = (wishes.steps.clamp(1, 2)) + 2;
    let versions = wishes.versions.clamp(2, 3) + 2;
    let middle = area.height.saturating_sub(timeline + steps + versions);
    let (top, rest) = cut_top(area, steps);
    let (middle, rest) = cut_top(rest, middle);
    let (bottom, last) = cut_top(rest, versions);
    let (left, right) = cut_left(middle, middle.width / 2);
    vec![
        Place { panel: Panel::Steps, area: top },
        Place { panel: Panel::Gets, area: left },
        Place { panel: if wishes.shows_watched { Panel::Watched } else { Panel::Budget }, area: right },
        Place { panel: Panel::Versions, area: bottom },
        Place { panel: Panel::Timeline, area: last },
    ]
}

fn full(area: Rect, wishes: Wishes) -> Vec<Place> {
    // The timeline keeps a quarter: what changed just before is the sixth question, not the first to be dropped.
    let most = area.height.saturating_sub((area.height / 4).max(6));
    let mut places = columns(area, wishes, most);
    let used = places.iter().map(|p| p.area.bottom()).max().unwrap_or(area.y).saturating_sub(area.y);
    places.push(Place { panel: Panel::Timeline, area: cut_top(area, used).1 });
    places
}

/// Three panels side by side, and the versions below them, in at most `most` rows.
fn columns(area: Rect, wishes: Wishes, most: u16) -> Vec<Place> {
    let versions = (wishes.versions.max(wishes.watched) + 2).clamp(5, (most / 2).max(5));
    let wished = wishes.steps.max(wishes.exposure).max(wishes.budget) + 2;
    let top = wished.clamp(8, most.saturating_sub(versions).max(8));
    // A column of its own takes all the rows there are.
    let versions = if most == area.height { area.height.saturating_sub(top) } else { versions };
    let (upper, rest) = cut_top(area, top);
    let (lower, _) = cut_top(rest, versions);
    let (steps, rest) = cut_left(upper, (upper.width * 27 / 100).max(30));
    let (exposure, budget) = cut_left(rest, rest.width / 2);
    let (pods, watched) = cut_left(lower, lower.width / 2);
    vec![
        Place { panel: Panel::Steps, area: steps },
        Place { panel: Panel::Gets, area: exposure },
        Place { panel: Panel::Budget, area: budget },
        Place { panel: Panel::Versions, area: pods },
        Place { panel: Panel::Watched, area: watched },
    ]
}

/// The first `rows` rows, and the rest.
#[must_use]
pub fn cut_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y.saturating_add(rows), height: area.height - rows, ..area })
}

/// The first `columns` columns, and the rest.
#[must_use]
pub fn cut_left(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    (Rect { width: columns, ..area }, Rect { x: area.x.saturating_add(columns), width: area.width - columns, ..area })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_leaves_the_area_or_covers_another() {
        for (w, h) in [(0, 0), (1, 1), (40, 10), (76, 20), (80, 22), (100, 24), (110, 28), (120, 38), (170, 30), (200, 48), (400, 120)] {
            for wish in [0, 3, 9, 40] {
                let area = Rect::new(3, 1, w, h);
                let wishes = Wishes { steps: wish, exposure: wish, budget: wish, versions: wish, watched: wish, shows_watched: false };
                let places = places(area, wishes);
                for (i, a) in places.iter().enumerate() {
                    assert_eq!(a.area.intersection(area), a.area, "{w}x{h} {wish} {a:?}");
                    for b in &places[i + 1..] {
                        assert!(!a.area.intersects(b.area), "{w}x{h} {wish} {a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_framed_size_shows_every_panel_with_a_line_at_least() {
        for (w, h) in [(80, 22), (120, 38), (200, 48)] {
            let wishes = Wishes { steps: 9, exposure: 8, budget: 1, versions: 5, watched: 4, shows_watched: false };
            let places = places(Rect::new(0, 1, w, h), wishes);
            assert_eq!(places.len(), if w < 110 { 5 } else { 6 });
            assert!(places.iter().all(|p| p.area.height >= 3 && p.area.width >= 20), "{places:?}");
        }
    }
}

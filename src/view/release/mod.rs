//! The cockpit of one release: the verdict, then the panels that size has room for.
//! Refuses to change anything: focus and scroll are moved by whoever holds the keys, through [`Cockpit`].

mod analysis;
mod budget;
mod compared;
mod exposure;
mod frame;
mod grid;
pub mod layout;
mod over_time;
mod row;
mod scene;
mod steps;
mod timeline;
mod tiny;
mod verdict;
mod versions;
mod words_ladder;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

pub(crate) use grid::cell;
pub(crate) use row::Row;
pub(crate) use scene::Scene;
pub use verdict::look as mark_look;

use crate::app::{Cockpit, Panel};
use crate::objects::Kind;
use crate::release::Release;
use crate::view::paint::Paint;
use layout::{Place, Size, Wishes, cut_top, places_below, size};

/// Draws the cockpit into `area`, the place between the band and the key line. `unread` names kinds that could not be read, and why.
pub fn draw(release: &Release, ui: &Cockpit, unread: &[(Kind, String)], paint: &Paint, area: Rect, buf: &mut Buffer) {
    draw_with(release, ui, unread, Vec::new(), paint, area, buf);
}

/// As [`draw`], with lines below the verdict that say what came of an action, and what a guard does.
pub fn draw_with(
    release: &Release,
    ui: &Cockpit,
    unread: &[(Kind, String)],
    told: Vec<Line<'static>>,
    paint: &Paint,
    area: Rect,
    buf: &mut Buffer,
) {
    let area = area.intersection(buf.area);
    let scene = Scene::new(release, ui, unread, paint);
    let rows = 2 + u16::try_from(told.len()).unwrap_or(0);
    let (top, below) = cut_top(area, rows);
    for (line, y) in verdict::lines(&scene, usize::from(area.width)).into_iter().chain(told).zip(top.y..top.bottom()) {
        line.render(Rect { y, height: 1, ..top }, buf);
    }
    if ui.expanded {
        frame::draw(&scene, Place { panel: ui.focus, area: below }, buf);
        return;
    }
    if size(area) == Size::Tiny {
        let lines = tiny::lines(&scene, usize::from(below.width), usize::from(below.height));
        for (line, y) in lines.into_iter().zip(below.y..below.bottom()) {
            line.render(Rect { y, height: 1, ..below }, buf);
        }
        return;
    }
    for place in stand(&scene, area, rows) {
        frame::draw(&scene, place, buf);
    }
}

/// `rows` are taken at the top.
fn stand(scene: &Scene, area: Rect, rows: u16) -> Vec<Place> {
    // What a panel would like depends on how wide it will be; a guess from the whole is near enough, and what is too much scrolls.
    let third = usize::from(area.width) * 3 / 10;
    let half = usize::from(area.width).saturating_sub(8) / 2;
    let tall = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let wishes = match size(area) {
        Size::Tiny => return Vec::new(),
        Size::Short => Wishes {
            steps: tall(steps::strip(scene, usize::from(area.width).saturating_sub(4)).len()),
            versions: tall(versions::bars(scene, usize::from(area.width).saturating_sub(4), true).len() + 1),
            // Where only one of the two has room: budgets where they are measured, unless the other has the keys.
            shows_watched: match scene.ui.focus {
                Panel::Watched => true,
                Panel::Budget => false,
                _ => scene.release.telemetry.is_none() && analysis::any(scene),
            },
            ..Wishes::default()
        },
        Size::Full | Size::Wide => Wishes {
            steps: tall(steps::lines(scene, third).len()),
            exposure: tall(exposure::lines(scene, third).len()),
            budget: tall(budget::lines(scene, third).len()),
            versions: tall(versions::lines(scene, half, 6).len()),
            watched: tall(analysis::lines_in(scene, half, usize::MAX).len()),
            shows_watched: false,
        },
    };
    if size(area) == Size::Short {
        return places_below(area, rows, wishes);
    }
    let comfort = if size(area) == Size::Wide { 10 } else { 7 };
    let (gets, left) = (usize::from(wishes.exposure) + 2 * comfort, usize::from(wishes.budget) + comfort);
    let curves = Wishes {
        exposure: tall(over_time::gets(scene, third, gets).len()),
        budget: tall(over_time::budget(scene, third, left).len()),
        ..wishes
    };
    let places = places_below(area, rows, curves);
    // Rows that are too few for a curve are the timeline's.
    if places.iter().any(|place| over_time::draws(scene, *place)) { places } else { places_below(area, rows, wishes) }
}

/// Columns and rows inside a frame.
fn inside(place: Place) -> (usize, usize) {
    (usize::from(place.area.width.saturating_sub(4)), usize::from(place.area.height.saturating_sub(2)))
}

fn content(scene: &Scene, place: Place) -> Vec<Line<'static>> {
    let (room, height) = inside(place);
    let whole = scene.ui.expanded;
    match place.panel {
        Panel::Steps if height <= 2 && !whole => steps::strip(scene, room),
        Panel::Steps => steps::lines(scene, room),
        Panel::Gets => over_time::gets(scene, room, height),
        Panel::Budget => over_time::budget(scene, room, height),
        Panel::Watched => analysis::lines_in(scene, room, height),
        Panel::Versions => versions::lines(scene, room, height),
        Panel::Timeline => timeline::lines(scene, room, whole),
    }
}

fn title(scene: &Scene, panel: Panel) -> (String, String) {
    match panel {
        Panel::Steps => steps::title(scene),
        Panel::Gets => exposure::title(scene),
        Panel::Budget => budget::title(scene),
        Panel::Watched => analysis::title(scene),
        Panel::Versions => versions::title(scene),
        Panel::Timeline => timeline::title(scene),
    }
}

fn anchor(scene: &Scene, panel: Panel) -> usize {
    if panel == Panel::Steps { steps::anchor(scene) } else { 0 }
}

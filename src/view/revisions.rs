//! The revisions of a release: what each ran, how it ended and how that is known, and what going back to it would change.
//! Refuses to call a revision good where nothing tells, and to leave out why `roll back` would choose the one it marks.

mod detail;
mod table;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::format;
use super::paint::{Paint, frame, lines, scrolled};
use super::release::layout::{cut_left, cut_top};
use crate::app::{Reading, State};
use crate::release::Release;
use crate::release::acting::History;
use crate::theme::Role;

/// Draws the list and, where there is room, what going to the selected one would change: beside it on a wide screen, else below.
pub fn draw(state: &State, release: &Release, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let history = match (state.history(), state.history_reading(&release.key)) {
        (_, Some(Reading::Failed(why))) => {
            return said(
                &format!("The revisions can't be read: {}. Going back needs them; pause and abort do not.", paint.hide(why)),
                paint,
                area,
                buf,
            );
        }
        (Some(history), _) => history,
        (None, _) if !state.connection().is_live() => return said("The revisions are read once the link is back.", paint, area, buf),
        (None, _) => return said("The revisions are being read.", paint, area, buf),
    };
    if history.revisions.is_empty() {
        return said("No revision is left: none of its ReplicaSets is there any more.", paint, area, buf);
    }
    let shown = Shown { state, release, history: &history, paint };
    let (list, below) = places(area, history.revisions.len());
    table::draw(&shown, list, buf);
    if let (Some(place), Some(selected)) = (below, state.revisions().current(&history)) {
        let title = detail::title(&shown, selected);
        if place.height < 6 {
            let inner = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
            scrolled(&detail::lines(&shown, selected, usize::from(inner.width)), 0, paint, inner, buf);
            return;
        }
        let all = detail::lines(&shown, selected, usize::from(place.width.saturating_sub(4)));
        let height = u16::try_from(all.len() + 2).unwrap_or(u16::MAX).min(place.height);
        let inner = frame(&title, false, paint, Rect { height, ..place }, buf);
        scrolled(&all, 0, paint, inner, buf);
    }
}

/// What both halves are drawn from.
struct Shown<'a> {
    state: &'a State,
    release: &'a Release,
    history: &'a History,
    paint: &'a Paint<'a>,
}

/// Where the list stands, and what tells of the selected one.
fn places(area: Rect, rows: usize) -> (Rect, Option<Rect>) {
    if area.width >= 170 {
        let (list, detail) = cut_left(area, area.width * 11 / 20);
        return (list, Some(detail));
    }
    // The list takes what it needs, up to half; a very small screen keeps a few lines of both.
    let wanted = u16::try_from(rows + 2).unwrap_or(u16::MAX);
    let (list, detail) = cut_top(area, wanted.min((area.height / 2).max(4)));
    (list, (detail.height >= 2).then_some(detail))
}

fn said(text: &str, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let all: Vec<Line<'_>> = format::fold(text, usize::from(area.width.saturating_sub(2)))
        .into_iter()
        .map(|line| Line::from(paint.span(Role::Text, paint.twins(&line))))
        .collect();
    lines(&all, Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height.saturating_sub(1) }, buf);
}

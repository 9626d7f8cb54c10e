//! Draws the state. Pure: the same state and moment give the same cells.

mod action;
mod band;
mod board;
mod charts;
pub mod format;
mod guard;
mod help;
pub mod hide;
mod journal;
pub mod paint;
mod plan;
pub mod pods;
mod prompt;
pub mod release;
mod revisions;
mod why;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::{Screen, State};
use crate::keys::Action;
use crate::objects::{Kind, Time};
use crate::release::Release;
use crate::theme::Role;
use hide::Names;
use paint::Paint;

/// The least a screen needs, in columns and rows.
pub const LEAST: (u16, u16) = (40, 12);

/// Draws the state into a frame. `now` is our own clock. Returns what [`draw_buffer`] does.
pub fn draw(state: &State, now: Time, frame: &mut Frame<'_>) -> usize {
    let area = frame.area();
    draw_buffer(state, now, area, frame.buffer_mut())
}

/// Draws the state into a buffer: the band on top, the screen, the key line at the bottom, and what lies over them.
/// Returns how many lines a screen of text can be scrolled at most in this room ([`State::drawn`] wants to know); 0 for the others.
pub fn draw_buffer(state: &State, now: Time, area: Rect, buf: &mut Buffer) -> usize {
    let names = state.is_redacted().then(|| Names::of(state));
    let paint = Paint {
        theme: state.theme(),
        glyphs: state.glyphs(),
        now: state.moment(now),
        zone: state.zone(),
        redact: state.is_redacted(),
        names: names.as_ref(),
        stale: state.connection().is_stale(),
    };
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(&paint, area, buf);
        return 0;
    }
    let fresh = Paint { stale: false, ..paint };
    let top = band::draw(state, now, &fresh, area, buf);
    let body = Rect { y: area.y + top, height: area.height.saturating_sub(top + 1), ..area };
    let furthest = screen(state, now, &paint, body, buf);
    let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    prompt::key_line(state, now, &fresh, bottom, buf);
    prompt::draw(state, &fresh, body, bottom, buf);
    furthest
}

fn screen(state: &State, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let hidden = paint.names.and_then(|names| Some(names.release(state.open_release()?)));
    match (state.screen(), hidden.as_ref().or(state.open_release())) {
        (Screen::Board, _) => board::draw(state, now, paint, area, buf),
        (Screen::Help, _) => return help::draw(state, paint, area, buf),
        (Screen::Plan, release) => {
            // The picture behind keeps living, where there is room to see it.
            if let Some(release) = release.filter(|_| plan::shows_behind(area)) {
                cockpit(state, release, now, paint, area, buf);
            }
            return plan::draw(state, now, paint, area, buf);
        }
        (Screen::Journal, _) => return journal::draw(state, paint, area, buf),
        (_, None) => gone(state, paint, area, buf),
        (Screen::Release, Some(release)) => cockpit(state, release, now, paint, area, buf),
        (Screen::Pods, Some(release)) => {
            let unread = unread(state, release, paint);
            pods::draw(release, state.pods(), &unread, paint, area, buf);
        }
        (Screen::Revisions, Some(release)) => revisions::draw(state, release, paint, area, buf),
        (Screen::Why, Some(release)) => return why::draw(state, release, paint, area, buf),
    }
    0
}

/// The release, and what is being done to it.
fn cockpit(state: &State, release: &Release, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let unread = unread(state, release, paint);
    let width = usize::from(area.width);
    let guard = guard::line(state, &release.key, now, paint, width);
    let told = action::line(state, &release.key, now, paint, width).into_iter().chain(guard).collect();
    release::draw_with(release, state.cockpit(), &unread, told, paint, area, buf);
}

/// Kinds that could not be read, and why.
fn unread(state: &State, release: &Release, paint: &Paint<'_>) -> Vec<(Kind, String)> {
    state.unread(Some(&release.key)).into_iter().map(|(kind, why)| (kind, paint.hide(&why))).collect()
}

/// The open release is no longer there.
fn gone(state: &State, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let name = state.open_key().map(|key| format!("{}/{}", paint.namespace(&key.namespace), key.name)).unwrap_or_default();
    let text = format!("{name} is gone from the cluster. {} goes back to the board.", state.key_of(Action::Back));
    let all: Vec<Line<'_>> = format::wrap(&text, usize::from(area.width.saturating_sub(2)), 3, paint.ellipsis())
        .into_iter()
        .map(|l| Line::from(paint.span(Role::Text, l)))
        .collect();
    paint::lines(&all, Rect { x: area.x + 1, y: area.y + 1, ..area }, buf);
}

fn too_small(paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let text = format!("flightdeck needs {}x{}, this is {}x{}", LEAST.0, LEAST.1, area.width, area.height);
    let all: Vec<Line<'_>> = format::wrap(&text, usize::from(area.width), usize::from(area.height), paint.ellipsis())
        .into_iter()
        .map(|l| Line::from(paint.span(Role::Text, l)))
        .collect();
    paint::lines(&all, area, buf);
}

//! The line that says what the guard of a release does: watches, can't see, counts down with its cause, has acted, or is disarmed and why.
//! Never says that it watches when it can't see.

use ratatui::text::{Line, Span};

use super::format;
use super::paint::Paint;
use crate::app::guard::{Guard, Stand};
use crate::app::{Screen, State};
use crate::keys::Action;
use crate::objects::{ReleaseRef, Time};
use crate::release::words::suspended;
use crate::theme::{Glyph, Role};

/// The line, at most `room` columns wide; `None` where there is nothing to say. `now` is our clock.
pub fn line(state: &State, key: &ReleaseRef, now: Time, paint: &Paint<'_>, room: usize) -> Option<Line<'static>> {
    let guard = state.guard_of(key, now)?;
    let (glyph, role) = look(&guard.stand);
    let room = room.saturating_sub(4);
    let suspended = state.shown().get(key).and_then(suspended);
    let told = told(guard, suspended, &state.key_of(Action::Disarm), now);
    let shown: Vec<String> = told.iter().map(|text| paint.twins(&paint.hide(text)).into_owned()).collect();
    let fits = shown.iter().find(|text| format::width(text) <= room);
    let text = fits.or(shown.last()).map_or_else(String::new, |text| format::cut(text, room, paint.ellipsis()));
    Some(Line::from(vec![Span::raw(" "), paint.sign(role, glyph), Span::raw(" "), paint.span(role, text)]))
}

/// The same for a countdown, on every screen but the one that has the line already: what is about to be done is never out of sight.
pub fn elsewhere(state: &State, now: Time, paint: &Paint<'_>, room: usize) -> Option<Line<'static>> {
    let guard = state.guard().filter(|guard| guard.is_counting())?;
    let is_told = state.screen() == Screen::Release && state.open_key() == Some(&guard.key);
    let mut line = line(state, &guard.key, now, paint, room.saturating_sub(guard.key.name.len() + 2)).filter(|_| !is_told)?;
    line.push_span(Span::raw("  "));
    line.push_span(paint.span(Role::Hint, paint.hide(&guard.key.name)));
    Some(line)
}

fn look(stand: &Stand) -> (Glyph, Role) {
    match stand {
        Stand::Watching(None) => (Glyph::Now, Role::PhaseProgressing),
        Stand::Watching(Some(_)) => (Glyph::Unknown, Role::Warning),
        Stand::Counting { .. } => (Glyph::Worse, Role::Danger),
        Stand::Fired { .. } => (Glyph::Done, Role::Danger),
        Stand::Disarmed { .. } => (Glyph::Paused, Role::Warning),
    }
}

/// What is said, from the longest to the shortest.
fn told(guard: &Guard, suspended: Option<&str>, disarm: &str, now: Time) -> Vec<String> {
    let terms = guard.terms.words();
    let verb = guard.terms.intent.verb().words();
    match &guard.stand {
        Stand::Watching(None) => [
            suspended.map(|why| format!("guard armed: {terms} · {why} · {disarm} disarms it")),
            suspended.map(|_| format!("guard armed: {terms} · paused, so only it takes it back · {disarm} disarms it")),
            suspended.map(|_| format!("guard: {terms} · only it takes it back · {disarm} ends it")),
            Some(format!("guard armed: {terms} · {disarm} disarms it")),
            Some(format!("guard: {terms} · {disarm} ends it")),
            Some(format!("guard armed · {disarm} ends it")),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Stand::Watching(Some(why)) => vec![
            format!("guard armed and can't see: {why} · {terms} · {disarm} disarms it"),
            format!("guard can't see: {why} · {disarm} ends it"),
            format!("guard can't see · {disarm} ends it"),
        ],
        Stand::Counting { cause, until } => {
            let left = format::seconds_left(now, *until);
            vec![
                format!("guard: {verb} in {left} s, because {cause} · {disarm} stops it"),
                format!("{verb} in {left} s · {disarm} stops it · {cause}"),
                format!("{verb} in {left} s · {disarm} stops it"),
            ]
        }
        // It acts once: what it paused nobody watches over any more.
        Stand::Fired { cause, .. } => suspended
            .map(|why| format!("guard: {verb}, because {cause} · it is done, and {}", why.trim_start_matches("it is paused by hand, and ")))
            .into_iter()
            .chain([format!("guard: {verb}, because {cause}"), format!("guard: {verb} asked for")])
            .collect(),
        Stand::Disarmed { why, .. } => vec![format!("guard disarmed: {why}"), "guard disarmed".to_owned()],
    }
}

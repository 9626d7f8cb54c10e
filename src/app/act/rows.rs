//! Rows and lines: moving among them, sorting, marking and folding them.
//! Opens nothing: that is another screen.

use super::super::board::{Group, Row, group};
use super::super::state::{Screen, State};
use crate::objects::Time;
use crate::release::words::attention;

pub(super) fn sort(state: &mut State) {
    match state.screen() {
        Screen::Pods => state.pods.sort = state.pods.sort.next(),
        _ => state.board.sort = state.board.sort.next(),
    }
}

pub(super) fn mark(state: &mut State, now: Time) {
    match state.screen() {
        Screen::Board => {
            let Some(key) = state.board.selected.clone() else { return };
            if !state.board.marks.remove(&key) {
                state.board.marks.insert(key);
            }
        }
        Screen::Pods => {
            let Some(uid) = state.open_release().and_then(|release| state.pods.current(release)).map(|pod| pod.uid.clone()) else { return };
            if !state.pods.marks.remove(&uid) {
                state.pods.marks.insert(uid);
            }
        }
        Screen::Release | Screen::Why | Screen::Help | Screen::Revisions | Screen::Plan | Screen::Journal => return,
    }
    step(state, 1, now);
}

pub(super) fn fold(state: &mut State, now: Time) {
    let at = state.moment(now);
    let selected = state.board.selected.as_ref().and_then(|key| state.shown().get(key));
    let of = selected.map_or(Group::Steady, |release| group(attention(release, at).rank));
    let unfold = state.board.folded.contains(&of) || selected.is_none();
    if unfold {
        state.board.folded.clear();
        return;
    }
    state.board.folded.insert(of);
    let rows = state.board.rows(state.shown(), at);
    state.board.selected = rows.iter().find_map(|r| if let Row::Release(key) = r { Some(key.clone()) } else { None });
    state.board.chosen = true;
}

pub(super) fn turn(state: &mut State, forward: bool, now: Time) {
    match state.screen() {
        Screen::Release => state.cockpit.turn(forward),
        Screen::Board => {
            let rows = state.board.rows(state.shown(), state.moment(now));
            state.board.turn(forward, &rows);
        }
        Screen::Pods | Screen::Why | Screen::Help | Screen::Revisions | Screen::Plan | Screen::Journal => {}
    }
}

/// Rows of a page: what is left of the screen between the lines that always stand.
pub(super) fn page(state: &State) -> isize {
    isize::from(i16::try_from(state.size.1.saturating_sub(6)).unwrap_or(i16::MAX)).max(2)
}

pub(super) fn step(state: &mut State, by: isize, now: Time) {
    let at = state.moment(now);
    match state.screen() {
        Screen::Board => {
            let rows = state.board.rows(state.shown(), at);
            state.board.step(by, &rows);
        }
        Screen::Release => {
            if let Some(release) = state.open_release().cloned() {
                state.cockpit.scroll(by, &release);
            }
        }
        Screen::Pods => {
            if let Some(release) = state.open_release().cloned() {
                state.pods.step(by, &release);
            }
        }
        Screen::Why => state.why_scroll = state.why_scroll.saturating_add_signed(by),
        Screen::Help => state.help_scroll = state.help_scroll.saturating_add_signed(by),
        Screen::Journal => state.journal.scroll = state.journal.scroll.saturating_add_signed(by),
        Screen::Plan => {
            if let Some(open) = &mut state.acting.open {
                open.scroll = open.scroll.saturating_add_signed(by);
            }
        }
        Screen::Revisions => {
            if let Some(history) = state.history() {
                state.acting.revisions.step(by, &history);
            }
        }
    }
}

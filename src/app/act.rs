//! Keys and what they do, on every screen. One function an action; none of them writes to a cluster.

mod copying;
mod rows;
mod typing;

use super::acting;
use super::effect::Effect;
use super::event::MouseEvent;
use super::interests::GRACE;
use super::link::Elsewhere;
use super::prompt::{Prompt, PromptKind};
use super::state::{Frozen, Screen, State};
use crate::keys::{ALWAYS_QUITS, Action, Chord, Mode, Press};
use crate::objects::{Time, World};
use crate::ports::Scope;
use crate::theme;
use copying::copy;
use rows::{fold, mark, page, sort, step, turn};
use typing::{in_prompt, text};

pub use typing::{namespaces, typed};

/// A key was pressed.
pub fn key(state: &mut State, chord: Chord, now: Time) -> Vec<Effect> {
    if chord == ALWAYS_QUITS {
        return acting::leave(state, now);
    }
    let mode = state.mode();
    match state.resolver.press(mode, chord) {
        Press::Action(action) => act(state, action, now),
        Press::Pending(_) => Vec::new(),
        Press::Nothing => {
            if mode == Mode::Confirm {
                acting::typed_line(state, chord);
            } else if mode.takes_text() {
                text(state, chord);
            }
            Vec::new()
        }
    }
}

fn filter_of(state: &mut State) -> &mut String {
    match state.screen() {
        Screen::Pods => &mut state.pods.filter,
        Screen::Help => &mut state.help_filter,
        Screen::Journal => &mut state.journal.filter,
        _ => &mut state.board.filter,
    }
}

/// Does an action.
pub fn act(state: &mut State, action: Action, now: Time) -> Vec<Effect> {
    if state.prompt.is_some() {
        return in_prompt(state, action, now);
    }
    match action {
        Action::Quit => {
            if acting::asks_before_leaving(state, now) {
                return Vec::new();
            }
            return acting::leave(state, now);
        }
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => {
            state.metrics.objectives.is_asked = false;
            return vec![Effect::Refresh, Effect::Redraw];
        }
        Action::Help => push(state, Screen::Help),
        Action::Palette => state.prompt = Some(Prompt::new(PromptKind::Palette, String::new())),
        Action::Filter => {
            let before = filter_of(state).clone();
            state.prompt = Some(Prompt::new(PromptKind::Filter, before));
        }
        Action::ClearFilter => filter_of(state).clear(),
        Action::Namespace => state.prompt = Some(Prompt::new(PromptKind::Namespace, String::new())),
        Action::AllNamespaces => return look_at(state, Scope::All, now),
        Action::Back => back(state, now),
        Action::Open | Action::Accept => open(state),
        Action::ShowRelease => show(state, Screen::Release),
        Action::ShowPods => show(state, Screen::Pods),
        Action::Why => show(state, Screen::Why),
        Action::ShowRevisions => show(state, Screen::Revisions),
        Action::ShowJournal => {
            push(state, Screen::Journal);
            state.journal.read = None;
            return vec![Effect::ReadJournal];
        }
        Action::ExpandPanel => expand(state),
        Action::Sort => sort(state),
        Action::ReverseSort => match state.screen() {
            Screen::Pods => state.pods.reversed = !state.pods.reversed,
            _ => state.board.reversed = !state.board.reversed,
        },
        Action::Mark => mark(state, now),
        Action::CollapseGroup => fold(state, now),
        Action::Freeze => freeze(state, now),
        Action::Redact => state.redact = !state.redact,
        Action::ToggleAscii => state.glyphs.ascii = !state.glyphs.ascii,
        Action::ThemeNext => next_theme(state),
        Action::CopyName | Action::CopyValue | Action::CopyKubectl | Action::CopySummary => return copy(state, action, now),
        Action::Up => step(state, -1, now),
        Action::Down => step(state, 1, now),
        Action::Left | Action::PreviousPane => turn(state, false, now),
        Action::Right | Action::NextPane => turn(state, true, now),
        Action::HalfPageUp => step(state, -page(state) / 2, now),
        Action::HalfPageDown => step(state, page(state) / 2, now),
        Action::PageUp => step(state, -page(state), now),
        Action::PageDown => step(state, page(state), now),
        Action::Top => step(state, isize::MIN / 2, now),
        Action::Bottom => step(state, isize::MAX / 2, now),
        _ => return acting::act(state, action, now),
    }
    Vec::new()
}

/// Another scope: everything known of the old one is forgotten, late answers are dropped by their source.
fn look_at(state: &mut State, scope: Scope, now: Time) -> Vec<Effect> {
    let effects = acting::leave_behind(state, &scope, now);
    state.scope = Some(scope);
    state.world = World::default();
    state.interests.clear();
    state.connection.sources.clear();
    state.connection.unreadable.clear();
    state.connection.elsewhere = Elsewhere::Unasked;
    state.releases.clear();
    state.peaks.clear();
    state.troubled.clear();
    state.frozen = None;
    state.lingering = None;
    state.open = None;
    state.board.selected = None;
    state.board.chosen = false;
    state.board.marks.clear();
    state.screens = vec![Screen::Board];
    effects
}

fn push(state: &mut State, screen: Screen) {
    if state.screen() != screen {
        state.screens.push(screen);
        state.help_scroll = 0;
    }
}

fn back(state: &mut State, now: Time) {
    if state.screen() == Screen::Pods && state.pods.detail {
        state.pods.detail = false;
    } else if state.screen() == Screen::Release && state.cockpit.expanded {
        state.cockpit.expanded = false;
    } else if !filter_of(state).is_empty() {
        filter_of(state).clear();
    } else if state.screens.len() > 1 {
        state.screens.pop();
        if state.screen() == Screen::Board
            && let Some(key) = state.open.take()
        {
            state.lingering = Some((key, now + GRACE));
        }
    } else if state.board.spread {
        state.board.spread = false;
    } else {
        state.board.marks.clear();
    }
}

fn open(state: &mut State) {
    match state.screen() {
        Screen::Board => show(state, Screen::Release),
        Screen::Release => expand(state),
        Screen::Pods => state.pods.detail = !state.pods.detail,
        Screen::Why | Screen::Help | Screen::Revisions | Screen::Plan | Screen::Journal => {}
    }
}

fn show(state: &mut State, screen: Screen) {
    if state.screen() == Screen::Board {
        if let Some(key) = state.board.selected.clone() {
            state.open_release_on(key, screen);
        }
        return;
    }
    if state.open.is_none() {
        return;
    }
    state.screens.retain(|s| matches!(s, Screen::Board | Screen::Release));
    if screen != Screen::Release {
        state.screens.push(screen);
    }
}

fn expand(state: &mut State) {
    match state.screen() {
        Screen::Release => state.cockpit.expanded = !state.cockpit.expanded,
        Screen::Pods => state.pods.detail = !state.pods.detail,
        Screen::Board => state.board.spread = !state.board.spread,
        Screen::Why | Screen::Help | Screen::Revisions | Screen::Plan | Screen::Journal => {}
    }
}

fn freeze(state: &mut State, now: Time) {
    state.frozen = match state.frozen.take() {
        Some(_) => None,
        None => Some(Frozen { releases: state.releases.clone(), at: state.server_now(now) }),
    };
}

fn next_theme(state: &mut State) {
    let name = state.themes.after(state.theme.name()).to_owned();
    if let Ok((theme, _)) = theme::load(&state.themes, &name, state.own_theme.as_ref(), state.theme.depth()) {
        state.theme = theme;
    }
}

/// The mouse, where it was asked for: the wheel moves like the arrow keys.
pub fn mouse(state: &mut State, mouse: MouseEvent, now: Time) {
    match mouse {
        MouseEvent::WheelUp => step(state, -3, now),
        MouseEvent::WheelDown => step(state, 3, now),
        MouseEvent::Press(..) => {}
    }
}

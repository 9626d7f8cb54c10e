//! Keys and what they do, on every screen. One function an action; none of them writes to a cluster.

use super::acting;
use super::board::{Group, Row, group};
use super::effect::Effect;
use super::event::MouseEvent;
use super::interests::GRACE;
use super::link::Elsewhere;
use super::palette;
use super::prompt::{Prompt, PromptKind};
use super::state::{Frozen, Screen, State};
use crate::keys::{ALWAYS_QUITS, Action, Chord, Mode, Press};
use crate::objects::{Time, World};
use crate::ports::Scope;
use crate::release::words::{attention, kubectl, kubectl_pod, summary};
use crate::release::{PodView, Release};
use crate::text::Clean;
use crate::theme;

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

fn text(state: &mut State, chord: Chord) {
    let Some(prompt) = &mut state.prompt else { return };
    if let Some(c) = chord.typed() {
        prompt.insert(c.encode_utf8(&mut [0; 4]));
    } else {
        prompt.edit(chord);
    }
    typed(state);
}

/// What is typed changed: a filter shows its rows at once.
pub fn typed(state: &mut State) {
    if let Some(Prompt { kind: PromptKind::Filter, text, .. }) = &state.prompt {
        let text = text.clone();
        *filter_of(state) = text;
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

fn in_prompt(state: &mut State, action: Action, now: Time) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    match action {
        Action::Back | Action::Quit => {
            if prompt.kind == PromptKind::Filter {
                *filter_of(state) = prompt.before;
            }
            return Vec::new();
        }
        Action::Accept | Action::Open => return accept(state, &prompt, now),
        Action::Up => prompt.selected = prompt.selected.saturating_sub(1),
        Action::Down => prompt.selected = prompt.selected.saturating_add(1).min(choices(state, &prompt).saturating_sub(1)),
        _ => {}
    }
    state.prompt = Some(prompt);
    Vec::new()
}

fn choices(state: &State, prompt: &Prompt) -> usize {
    match prompt.kind {
        PromptKind::Filter | PromptKind::Confirm | PromptKind::Image | PromptKind::Note | PromptKind::Guard => 1,
        PromptKind::Palette => palette::matches(state.keymap(), State::mode_of(state.screen()), &prompt.text).len(),
        PromptKind::Namespace => namespaces(state, &prompt.text).len(),
    }
}

/// The known namespaces that hold what is typed.
pub fn namespaces(state: &State, query: &str) -> Vec<Clean> {
    state.namespaces().into_iter().filter(|n| n.contains(query)).collect()
}

fn accept(state: &mut State, prompt: &Prompt, now: Time) -> Vec<Effect> {
    match prompt.kind {
        PromptKind::Filter | PromptKind::Confirm => Vec::new(),
        PromptKind::Image | PromptKind::Note | PromptKind::Guard => acting::accept(state, prompt, now),
        PromptKind::Palette => {
            let entries = palette::matches(state.keymap(), State::mode_of(state.screen()), &prompt.text);
            let action = entries.get(prompt.selected).map(|e| e.action);
            action.map(|action| act(state, action, now)).unwrap_or_default()
        }
        PromptKind::Namespace => {
            let listed = namespaces(state, &prompt.text);
            // One that is not known yet may well exist: there may be nothing in it that is watched.
            let name = listed.get(prompt.selected).cloned().unwrap_or_else(|| Clean::from(prompt.text.trim()));
            if is_name(&name) {
                return look_at(state, Scope::Namespace(name), now);
            }
            if !name.is_empty() {
                let words = format!("`{name}` is no name of a namespace: small letters, digits and dashes; nothing was changed");
                state.notice = Some((Clean::from(words), now + super::update::NOTICE));
            }
            Vec::new()
        }
    }
}

/// As the API server takes names of namespaces (RFC 1123 labels).
fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 63 && text.chars().all(|c| letter(c) || c == '-') && text.starts_with(letter) && text.ends_with(letter)
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

fn sort(state: &mut State) {
    match state.screen() {
        Screen::Pods => state.pods.sort = state.pods.sort.next(),
        _ => state.board.sort = state.board.sort.next(),
    }
}

fn mark(state: &mut State, now: Time) {
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

fn fold(state: &mut State, now: Time) {
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

fn turn(state: &mut State, forward: bool, now: Time) {
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
fn page(state: &State) -> isize {
    isize::from(i16::try_from(state.size.1.saturating_sub(6)).unwrap_or(i16::MAX)).max(2)
}

fn step(state: &mut State, by: isize, now: Time) {
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

/// Sends what is asked for of what is selected; of all that is marked where something is, in the order of the screen.
fn copy(state: &State, action: Action, now: Time) -> Vec<Effect> {
    let at = state.moment(now);
    let release = |release: &Release| match action {
        Action::CopyName => release.key.name.to_string(),
        Action::CopyValue => {
            release.versions.first().map(|v| v.images.iter().map(Clean::as_str).collect::<Vec<_>>().join(" ")).unwrap_or_default()
        }
        Action::CopyKubectl => kubectl(release, &state.connection.identity.context),
        Action::CopySummary => summary(release, at),
        _ => String::new(),
    };
    let texts: Vec<String> = match (state.screen(), state.open_release()) {
        (Screen::Board, _) => {
            let marks = &state.board.marks;
            let wanted = |key| if marks.is_empty() { state.board.selected.as_ref() == Some(key) } else { marks.contains(key) };
            state.board.order(state.shown(), at).into_iter().filter(|(r, _)| wanted(&r.key)).map(|(r, _)| release(r)).collect()
        }
        (Screen::Pods, Some(open)) if action != Action::CopySummary => {
            let pod = |pod: &PodView| match action {
                Action::CopyName => pod.name.to_string(),
                Action::CopyValue => pod.node.to_string(),
                _ => kubectl_pod(open, pod, &state.connection.identity.context),
            };
            let marks = &state.pods.marks;
            let marked = state.pods.rows(open).into_iter().filter(|p| marks.contains(&p.uid));
            if marks.is_empty() { state.pods.current(open).into_iter().map(pod).collect() } else { marked.map(pod).collect() }
        }
        (_, Some(open)) => vec![release(open)],
        (_, None) => Vec::new(),
    };
    let between = if action == Action::CopyKubectl { "; " } else { " " };
    let text = texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(between);
    if text.is_empty() { Vec::new() } else { vec![Effect::Copy(Clean::from(text))] }
}

/// The mouse, where it was asked for: the wheel moves like the arrow keys.
pub fn mouse(state: &mut State, mouse: MouseEvent, now: Time) {
    match mouse {
        MouseEvent::WheelUp => step(state, -3, now),
        MouseEvent::WheelDown => step(state, 3, now),
        MouseEvent::Press(..) => {}
    }
}

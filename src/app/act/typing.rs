//! The line that is typed: a filter, the palette, the name of a namespace.
//! Does nothing on its own: what is accepted goes through the actions.

use super::super::acting;
use super::super::effect::Effect;
use super::super::palette;
use super::super::prompt::{Prompt, PromptKind};
use super::super::state::State;
use super::{act, filter_of, look_at};
use crate::keys::{Action, Chord};
use crate::objects::Time;
use crate::ports::Scope;
use crate::text::Clean;

pub(super) fn text(state: &mut State, chord: Chord) {
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

pub(super) fn in_prompt(state: &mut State, action: Action, now: Time) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    match action {
        Action::Back | Action::Quit => {
            if prompt.kind == PromptKind::Filter {
                *filter_of(state) = prompt.before;
            }
            return Vec::new();
        }
        // What is not taken can be mended where it was typed: its letters must not become keys of the screen below.
        Action::Accept | Action::Open => match accept(state, &prompt, now) {
            Ok(effects) => return effects,
            Err(why) => prompt.refusal = Some(why),
        },
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

/// Takes what is typed; the error says why it can't be taken as it stands.
fn accept(state: &mut State, prompt: &Prompt, now: Time) -> Result<Vec<Effect>, Clean> {
    Ok(match prompt.kind {
        PromptKind::Filter | PromptKind::Confirm => Vec::new(),
        PromptKind::Image | PromptKind::Note | PromptKind::Guard => acting::accept(state, prompt, now)?,
        PromptKind::Palette => {
            let entries = palette::matches(state.keymap(), State::mode_of(state.screen()), &prompt.text);
            let action = entries.get(prompt.selected).map(|e| e.action);
            action.map(|action| act(state, action, now)).unwrap_or_default()
        }
        PromptKind::Namespace => {
            let listed = namespaces(state, &prompt.text);
            // One that is not known yet may well exist: there may be nothing in it that is watched.
            let name = listed.get(prompt.selected).cloned().unwrap_or_else(|| Clean::from(prompt.text.trim()));
            match name.as_str() {
                "" => Vec::new(),
                text if is_name(text) => look_at(state, Scope::Namespace(name), now),
                text => {
                    let words = format!("`{text}` is no name of a namespace: small letters, digits and dashes; nothing was changed");
                    return Err(Clean::from(words));
                }
            }
        }
    })
}

/// As the API server takes names of namespaces (RFC 1123 labels).
fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 63 && text.chars().all(|c| letter(c) || c == '-') && text.starts_with(letter) && text.ends_with(letter)
}

//! The keys that act: which intent they mean, on which release, and what has to be typed first.

use super::super::effect::Effect;
use super::super::guard::Terms;
use super::super::prompt::{Prompt, PromptKind};
use super::super::state::{Screen, State};
use super::{begin, confirm, guarding};
use crate::keys::Action;
use crate::objects::{ReleaseRef, Time};
use crate::release::acting::{Intent, RollBack, Verb};
use crate::text::Clean;

/// The verb an action plans, where it plans one.
pub const fn verb_of(action: Action) -> Option<Verb> {
    Some(match action {
        Action::Abort => Verb::Abort,
        Action::Pause => Verb::Pause,
        Action::Advance => Verb::Advance,
        Action::RollBack | Action::RollBackNow => Verb::RollBack,
        Action::PromoteFull => Verb::PromoteFull,
        Action::Resume => Verb::Resume,
        Action::Skip => Verb::Skip,
        Action::Retry => Verb::Retry,
        Action::Restart => Verb::Restart,
        Action::SwitchOver => Verb::Switch,
        Action::SetImage => Verb::SetImage,
        Action::Terminate => Verb::Terminate,
        Action::Note => Verb::Note,
        _ => return None,
    })
}

/// Does an action that acts on a release. Others change nothing.
pub fn act(state: &mut State, action: Action, now: Time) -> Vec<Effect> {
    match action {
        Action::Confirm => return confirm::confirm(state, now),
        Action::Replan => return begin::replan(state, now),
        Action::Disarm => {
            let effects = guarding::disarm(state, "by hand", now);
            if effects.is_empty() {
                say(state, "no guard is armed".to_owned(), now);
            }
            return effects;
        }
        _ => {}
    }
    let Some(key) = subject(state) else { return Vec::new() };
    if action == Action::Wake {
        return begin::wake(state, &key, now);
    }
    let typed = match action {
        Action::SetImage => Some(PromptKind::Image),
        Action::Note => Some(PromptKind::Note),
        _ => None,
    };
    if action == Action::Guard {
        on_release(state, key);
        state.prompt = Some(Prompt::filled(PromptKind::Guard, USUAL));
        return Vec::new();
    }
    if let Some(kind) = typed {
        on_release(state, key);
        state.prompt = Some(Prompt::new(kind, String::new()));
        return Vec::new();
    }
    let Some(intent) = intent(state, action, now) else { return Vec::new() };
    on_release(state, key.clone());
    begin::begin(state, key, intent, now)
}

/// What most guards are told.
const USUAL: &str = "abort when verdict fail or pods failing";

fn say(state: &mut State, words: String, now: Time) {
    state.notice = Some((Clean::from(words), now + super::super::update::NOTICE));
}

/// What is acted on: the selected row on the board, else the open release.
pub(super) fn subject(state: &State) -> Option<ReleaseRef> {
    if state.screen() == Screen::Board { state.board.selected.clone() } else { state.open.clone() }
}

/// The release is opened under its plan: leaving the plan leads there.
fn on_release(state: &mut State, key: ReleaseRef) {
    if state.screen() == Screen::Board {
        state.open_release_on(key, Screen::Release);
    }
}

pub(super) fn intent(state: &State, action: Action, now: Time) -> Option<Intent> {
    let chosen = || {
        let history = state.history().filter(|_| state.screen() == Screen::Revisions)?;
        state.acting.revisions.current(&history).map(|one| one.number)
    };
    Some(match action {
        Action::Abort => Intent::Abort,
        Action::Pause => Intent::Pause,
        Action::Advance => Intent::Advance,
        Action::RollBack => Intent::RollBack(RollBack { to: chosen(), at_once: false }),
        Action::RollBackNow => Intent::RollBack(RollBack { to: chosen(), at_once: true }),
        Action::PromoteFull => Intent::PromoteFull,
        Action::Resume => Intent::Resume,
        Action::Skip => Intent::Skip,
        Action::Retry => Intent::Retry,
        Action::Restart => Intent::Restart(state.server_now(now)),
        Action::SwitchOver => Intent::Switch,
        Action::Terminate => Intent::Terminate(None),
        _ => return None,
    })
}

/// A line was typed for an action: an image, a note, or a guard.
///
/// # Errors
/// Why it can't be taken as it stands, a sentence.
pub fn accept(state: &mut State, prompt: &Prompt, now: Time) -> Result<Vec<Effect>, Clean> {
    let Some(key) = state.open.clone() else { return Ok(Vec::new()) };
    let text = prompt.text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    Ok(match prompt.kind {
        PromptKind::Image => begin::begin(state, key, Intent::SetImage(images(text)?), now),
        PromptKind::Guard => {
            let armed = Terms::parse(text).map_err(Clean::from).and_then(|terms| guarding::arm(state, key, terms, false, now));
            armed.map_err(|why| Clean::from(format!("not armed: {why}")))?
        }
        PromptKind::Note => {
            let effects = begin::begin(state, key, Intent::Note, now);
            if let Some(open) = &mut state.acting.open {
                open.note = text.to_owned();
            }
            effects.into_iter().chain(confirm::go(state, now)).collect()
        }
        _ => Vec::new(),
    })
}

/// Reads `app=registry/app:2 sidecar=proxy:3`; a single image without a name means all containers.
///
/// # Errors
/// A sentence that shows how to write it.
pub fn images(text: &str) -> Result<Vec<(Clean, Clean)>, String> {
    let shape = "write container=image, as in app=registry/app:1.5.1, or *=image for all";
    let one = |word: &str| {
        let (container, image) = word.split_once('=').ok_or_else(|| format!("`{word}` names no container: {shape}"))?;
        if container.is_empty() || image.is_empty() {
            return Err(format!("`{word}` is half of it: {shape}"));
        }
        Ok((Clean::from(container), Clean::from(image)))
    };
    text.split_whitespace().map(one).collect()
}

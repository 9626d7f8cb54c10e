//! From the plan on screen to something that is sent: one different key, or a typed name, and never a key that was pressed before the plan was seen.

use super::super::effect::Effect;
use super::super::prompt::{Prompt, PromptKind};
use super::super::state::{Screen, State};
use super::open::{Asks, OpenPlan};
use super::running::Running;
use super::{entry, watching};
use crate::keys::Chord;
use crate::objects::Time;
use crate::text::Clean;

/// The confirming key was pressed: `y` where a key is enough, enter where a line is typed.
pub fn confirm(state: &mut State, now: Time) -> Vec<Effect> {
    let Some(open) = &state.acting.open else { return Vec::new() };
    if !open.drawn {
        return Vec::new();
    }
    // What was said to the press before is no answer to this one.
    state.notice = None;
    let Some(open) = &state.acting.open else { return Vec::new() };
    match open.asks() {
        // No line is asked for where nothing can be sent: whoever presses hears why.
        _ if !open.takes_text() => {}
        Asks::Note(_) => {
            let Some(open) = &mut state.acting.open else { return Vec::new() };
            open.note = open.line.text.trim().to_owned();
            open.line = Prompt::new(PromptKind::Confirm, String::new());
            return Vec::new();
        }
        Asks::Name(_) if open.line.text.trim() != open.key.name.as_str() => {
            let words = format!("type {} to confirm: nothing was sent", open.key.name);
            state.notice = Some((Clean::from(words), now + super::super::update::NOTICE));
            return Vec::new();
        }
        Asks::Name(_) | Asks::Key => {}
    }
    go(state, now)
}

/// Sends the plan on screen, if nothing is in its way. What confirms it was looked at before.
pub fn go(state: &mut State, now: Time) -> Vec<Effect> {
    watching::recheck(state, now);
    // A check whose answer has become too old is asked again: whoever confirmed it hears that, and presses once more.
    let asked = super::gated::look(state, now);
    if let Some(why) = state.obstacle(now) {
        state.notice = Some((Clean::from(format!("nothing was sent: {why}")), now + super::super::update::NOTICE));
        return asked;
    }
    if let Some(Asks::Note(why)) = state.acting.open.as_ref().map(OpenPlan::asks) {
        state.notice = Some((Clean::from(format!("nothing was sent: {why}")), now + super::super::update::NOTICE));
        return asked;
    }
    let Some(open) = state.acting.open.take() else { return Vec::new() };
    state.notice = None;
    state.screens.retain(|screen| *screen != Screen::Plan);
    let note = open.noted();
    let OpenPlan { key, planned: Ok(change), dry_run, .. } = open else { return Vec::new() };
    let id = state.acting.number();
    let action = Clean::from(format!("{}-{id}", state.acting.session));
    let running = Running::new(id, action, key, change, note, &dry_run, now);
    if running.change.stages.is_empty() {
        return vec![Effect::Record(entry::note(&running, &state.connection.identity, now))];
    }
    state.acting.running.retain(|one| !one.is_finished() || one.key != running.key);
    state.acting.running.insert(0, running);
    watching::send_stage(state, id, now)
}

/// A key while a line is typed on the plan screen. Before the plan was drawn nothing counts.
pub fn typed_line(state: &mut State, chord: Chord) {
    let Some(open) = state.acting.open.as_mut().filter(|open| open.drawn && open.takes_text()) else { return };
    match chord.typed() {
        Some(c) => open.line.insert(c.encode_utf8(&mut [0; 4])),
        None => {
            open.line.edit(chord);
        }
    }
}

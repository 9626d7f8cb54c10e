//! Leaving while something that was sent has not been seen to take effect: said once, then done, and the journal knows.

use super::super::effect::Effect;
use super::super::state::State;
use super::super::update::NOTICE;
use super::{entry, guarding};
use crate::objects::Time;
use crate::text::Clean;

/// Whether the person is told first that an action is under way. The second time in a row counts.
pub fn asks_before_leaving(state: &mut State, now: Time) -> bool {
    let guarded = state.guard().is_some_and(|guard| guard.is_armed());
    if !(state.is_acting() || guarded) || state.acting.leaving.is_some_and(|until| until > now) {
        return false;
    }
    state.acting.leaving = Some(now + NOTICE);
    let words = if guarded {
        "a guard is armed and ends with this session; again to leave all the same"
    } else {
        "an action was sent and has not been seen to take effect; again to leave all the same"
    };
    state.notice = Some((Clean::from(words), now + NOTICE));
    true
}

/// Leaves. What is unfinished is not called back: its line in the journal says that nobody watched.
pub fn leave(state: &mut State, now: Time) -> Vec<Effect> {
    let identity = state.connection.identity.clone();
    let mut effects = guarding::disarm(state, "flightdeck was left", now);
    for running in state.acting.running.iter_mut().filter(|one| !one.is_finished()) {
        running.leave(now, "left before its effect was seen".to_owned());
        effects.push(Effect::Record(entry::ended(running, &identity, now)));
    }
    effects.push(Effect::Quit);
    effects
}

//! What an action key would come to if it were pressed now: nothing in its way, or why its plan would be refused or could not be sent.
//! Never opens a plan and asks nothing of the server: the key line greys a key out by it, and pressing the key tells the same in full.

use super::super::state::State;
use super::{begin, keys};
use crate::config::rule;
use crate::keys::Action;
use crate::objects::Time;
use crate::release::acting::{Intent, Verb};
use crate::text::Clean;

impl State {
    /// Why `action` could not be done to what is selected or open now, a sentence's end without its full stop; `None` where nothing is known
    /// to be in its way, and for actions that plan nothing. `now` is our clock.
    pub fn verdict_on(&self, action: Action, now: Time) -> Option<Clean> {
        let verb = keys::verb_of(action)?;
        let key = keys::subject(self)?;
        if verb == Verb::Note {
            return self.acting.journal_problem.clone();
        }
        if let Some(why) = self.no_writing() {
            return Some(why);
        }
        let ruling = rule(&self.acting.policies, &self.connection.identity.context, &key, verb, self.server_now(now));
        if let Some(denied) = ruling.denied {
            return Some(Clean::from(format!("a policy forbids it: {denied}")));
        }
        let intent = keys::intent(self, action, now)?;
        if begin::waits(self, &key, &intent) {
            return None;
        }
        match begin::plan(self, &key, &intent) {
            Err(refusal) => Some(refusal.why),
            Ok(change) => self.missing_right(&change),
        }
    }

    /// What `action` would do first if it were confirmed now, in a few words; `None` where it can't be done.
    pub fn outlook_of(&self, action: Action, now: Time) -> Option<Clean> {
        let intent: Intent = keys::intent(self, action, now)?;
        let change = begin::plan(self, &keys::subject(self)?, &intent).ok()?;
        change.stages.first().map(|stage| stage.name.clone())
    }
}

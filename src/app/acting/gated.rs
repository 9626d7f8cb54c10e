//! The gates on the plan that is open: looked at again with every newer picture, so that one that closes meanwhile is seen before the key counts.
//! Never closes one on what leads to safety, nor on waking a controller that was asked already.

use super::super::effect::Effect;
use super::super::state::State;
use super::checks::{self, Checked};
use super::open::OpenPlan;
use crate::config::{Source, gates};
use crate::objects::Time;
use crate::release::acting::{Closed, closed};
use crate::text::Clean;

/// A closed gate, and who asks for it: nobody for what holds without a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shut {
    /// What is closed.
    pub closed: Closed,
    /// Where it is asked for.
    pub source: Option<Source>,
}

impl Shut {
    /// A sentence without its full stop: `the verdict on 1.5.0 is FAIL by availability (config.toml:3 (*/payments/*))`.
    pub fn words(&self) -> Clean {
        let source = self.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        Clean::from(format!("{}{source}", self.closed.why))
    }
}

/// Looks at the gates of the plan that is open, and asks for its checks.
pub fn look(state: &mut State, now: Time) -> Vec<Effect> {
    let effects = checks::look(state, now);
    let Some(open) = &state.acting.open else { return effects };
    let gates = gates_of(state, open, state.server_now(now));
    if let Some(open) = &mut state.acting.open
        && open.gates != gates
    {
        open.gates = gates;
        state.revision += 1;
    }
    effects
}

fn gates_of(state: &State, open: &OpenPlan, now: Time) -> Vec<Shut> {
    let (Ok(change), Some(release), false) = (&open.planned, state.releases.get(&open.key), open.wakes) else { return Vec::new() };
    let asked = gates(&state.acting.policies, &state.connection.identity.context, &open.key);
    let mut all: Vec<Shut> = Vec::new();
    for (limits, source) in asked {
        for closed in closed(release, change, &limits, now) {
            // The strictest words of several policies may be the same.
            if all.iter().all(|one| one.closed != closed) {
                all.push(Shut { closed, source: source.clone() });
            }
        }
    }
    all.extend(open.checks.iter().filter_map(Checked::shut));
    all
}

//! What comes back from whoever sends: dry-run answers, answers, objects read again, the journal's word.

use chrono::TimeDelta;

use super::super::effect::Effect;
use super::super::state::State;
use super::open::{DryRun, Who};
use super::running::Progress;
use super::{checks, entry, guarding, watching};
use crate::objects::{Time, WorldEvent};
use crate::ports::Scope;
use crate::ports::journal::Entry;
use crate::ports::rights::Right;
use crate::ports::write::{Answer, Fresh};
use crate::release::acting::check::Found;
use crate::text::Clean;

/// `managedFields` has whole seconds, and what was seen came a moment after it was written.
const SLACK: TimeDelta = TimeDelta::seconds(2);

/// On whose behalf an object was read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The plan of this ticket: who moved it.
    Plan(u64),
    /// The action of this id: may it be sent once more, or did it arrive.
    Run(u64),
}

/// What became of a send.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// The journal could not be written, so nothing was sent.
    NotWritten(Clean),
    /// The server's answer, or that there is none.
    Answered(Answer),
}

/// Something the sending side says.
#[derive(Debug, Clone, PartialEq)]
pub enum ActEvent {
    /// The dry-run of this ticket.
    DryRun(u64, Answer),
    /// The send of this action.
    Sent(u64, Sent),
    /// An object read again.
    Looked(Look, Box<Result<Fresh, Clean>>),
    /// The journal, read for its screen.
    Journal(Result<(Vec<Entry>, usize), Clean>),
    /// The answer to the check of this number; the error is a clause.
    Checked(u64, Result<Found, Clean>),
    /// A line after the act could not be written.
    NotRecorded(Clean),
}

/// Takes it in.
pub fn heard(state: &mut State, event: ActEvent, now: Time) -> Vec<Effect> {
    match event {
        ActEvent::DryRun(ticket, answer) if guarding::tried_out(state, ticket, &answer) => Vec::new(),
        ActEvent::DryRun(ticket, answer) => dry_run(state, ticket, answer, now),
        ActEvent::Sent(id, sent) => self::sent(state, id, sent, now),
        ActEvent::Looked(look, fresh) => looked(state, look, *fresh, now),
        ActEvent::Journal(read) => {
            state.journal.read = Some(read);
            Vec::new()
        }
        ActEvent::Checked(number, found) => {
            checks::answered(state, number, found, now);
            Vec::new()
        }
        ActEvent::NotRecorded(why) => {
            state.acting.journal_problem = Some(why);
            Vec::new()
        }
    }
}

fn dry_run(state: &mut State, ticket: u64, answer: Answer, now: Time) -> Vec<Effect> {
    let Some(open) = state.acting.open.as_mut().filter(|open| open.ticket == ticket) else { return Vec::new() };
    open.dry_run = match answer {
        Answer::Accepted { warnings, .. } => DryRun::Accepted(warnings),
        // The controller wrote in between, and what the plan rests on still holds: asked again against the newest state.
        Answer::Conflict if open.moved.is_none() && open.tries < super::open::DRY_RUNS => return state.ask_dry_run(now),
        Answer::Conflict => DryRun::Unavailable(Clean::from("the object changes faster than a dry run is answered")),
        Answer::Refused { code: 400, reason, .. } if reason.contains("dry run") => DryRun::Unavailable(reason),
        Answer::Refused { code, reason, warnings } => DryRun::Denied { code, reason, warnings },
        Answer::Unsent(why) | Answer::Unknown(why) => DryRun::Unavailable(why),
    };
    if matches!(open.dry_run, DryRun::Denied { code: 403, .. }) {
        return rights_again(state);
    }
    Vec::new()
}

/// After a 403 the rights are asked for again: they may have changed, or it was admission that refused.
fn rights_again(state: &mut State) -> Vec<Effect> {
    let known: Vec<Right> = state.acting.asked.iter().cloned().collect();
    if known.is_empty() { Vec::new() } else { vec![Effect::AskRights(known)] }
}

fn sent(state: &mut State, id: u64, sent: Sent, now: Time) -> Vec<Effect> {
    if let Sent::NotWritten(why) = &sent {
        state.acting.journal_problem = Some(why.clone());
    } else {
        state.acting.journal_problem = None;
    }
    let Some(at) = state.acting.running.iter().position(|one| one.id == id) else { return Vec::new() };
    let running = &mut state.acting.running[at];
    match sent {
        Sent::NotWritten(why) => {
            running.end(now, format!("nothing was sent: the journal can't be written: {why}"));
            Vec::new()
        }
        Sent::Answered(answer) => {
            let mut effects = vec![Effect::Record(entry::answered(running, &answer, &state.connection.identity, now))];
            match answer {
                Answer::Accepted { warnings, .. } => {
                    running.warnings = warnings;
                    running.progress = Progress::Watching { since: now };
                }
                Answer::Unknown(why) => running.progress = Progress::Unknown { since: now, why },
                Answer::Conflict => {
                    running.progress = Progress::Checking { since: now };
                    effects.extend(watching::look_again(running));
                }
                Answer::Refused { code, reason, .. } => {
                    running.end(now, format!("the server refused it ({code}): {reason}"));
                    if code == 403 {
                        effects.extend(rights_again(state));
                    }
                }
                Answer::Unsent(why) => running.end(now, format!("nothing was sent: {why}")),
            }
            effects
        }
    }
}

fn looked(state: &mut State, look: Look, fresh: Result<Fresh, Clean>, now: Time) -> Vec<Effect> {
    let writer = fresh.as_ref().ok().and_then(|fresh| fresh.writer.clone());
    let mut why_not = None;
    match fresh {
        Ok(fresh) => take_in(state, fresh, now),
        Err(why) => why_not = Some(why),
    }
    let writer = writer.filter(|(_, at)| since(state, look).zip(*at).is_some_and(|(since, at)| at >= since));
    match look {
        Look::Plan(ticket) => {
            if let Some(moved) = state.acting.open.as_mut().filter(|open| open.ticket == ticket).and_then(|open| open.moved.as_mut()) {
                moved.who = writer.map_or(Who::Unknown, |(name, at)| Who::Known(name, at));
            }
            Vec::new()
        }
        Look::Run(id) => watching::after_look(state, id, writer, why_not, now),
    }
}

/// The server's time from which on a writer may be the one who moved what a look is about. A write that only takes fields away leaves no
/// entry in `managedFields`: whoever wrote before what was last seen to hold was somebody else.
fn since(state: &State, look: Look) -> Option<Time> {
    let seen = match look {
        Look::Plan(ticket) => state.acting.open.as_ref().filter(|open| open.ticket == ticket)?.seen,
        Look::Run(id) => state.acting.running.iter().find(|one| one.id == id)?.began,
    };
    Some(state.server_now(seen) - SLACK)
}

/// An object read again is newer than what was watched: it goes the way of every object.
fn take_in(state: &mut State, fresh: Fresh, now: Time) {
    let kind = fresh.object.kind();
    let namespace = fresh.object.meta().namespace.clone();
    let covers = |scope: &Scope| *scope == Scope::All || *scope == Scope::Namespace(namespace.clone());
    let source = state.interests.iter().find(|i| i.kind == kind && covers(&i.scope)).map(|i| i.source);
    if let Some(source) = source {
        let touched = state.world.apply(source, WorldEvent::Apply(fresh.object));
        state.touched.extend(touched);
        super::super::update::read_touched(state, now);
    }
}

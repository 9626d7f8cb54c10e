//! After the key: stages are sent one by one, each once; its effect is looked for in every newer state; what does not come raises an alarm.
//! Never sends a stage twice unless the server said that it was not done and its premises still hold.

use chrono::TimeDelta;

use super::super::effect::Effect;
use super::super::state::State;
use super::entry;
use super::event::Look;
use super::open::{Moved, Who, broken};
use super::running::{Progress, Running};
use crate::objects::Time;
use crate::release::Release;
use crate::text::Clean;

/// A stage is sent at most so often: each time but the first because the object had changed and the premises still held.
const ATTEMPTS: u32 = 4;

/// How long after the link is back the watches may take to show what happened meanwhile.
const TAKEN_UP: TimeDelta = TimeDelta::seconds(5);

/// Sends the stage an action is at, or begins to wait where it only waits.
pub fn send_stage(state: &mut State, id: u64, now: Time) -> Vec<Effect> {
    let Some(at) = state.acting.running.iter().position(|one| one.id == id) else { return Vec::new() };
    let running = &state.acting.running[at];
    let (Some(stage), Some(release)) = (running.stage(), state.releases.get(&running.key)) else { return Vec::new() };
    if stage.write.is_none() {
        state.acting.running[at].progress = Progress::Watching { since: now };
        return Vec::new();
    }
    // A later stage may have come about by itself: a timed pause that ran out needs nobody to end it.
    if running.stage > 0 && running.attempts == 0 && stage.goal.met(release) {
        return reached(state, at, now);
    }
    if let Some(moved) = broken(stage, release) {
        let words = format!("nothing was sent: {moved}");
        return give_up(state, at, words, now);
    }
    if let Some(why) = state.no_writing() {
        return give_up(state, at, format!("nothing was sent: {why}"), now);
    }
    let Some(request) = state.request(stage, release, false) else {
        return give_up(state, at, "nothing was sent: the object to write is not there".to_owned(), now);
    };
    let running = &mut state.acting.running[at];
    running.attempts += 1;
    running.sent = Some(request.clone());
    running.progress = Progress::Sending { since: now };
    let entry = entry::about(running, &state.connection.identity, now);
    vec![Effect::Send { id, entry: Box::new(entry), request }]
}

fn give_up(state: &mut State, at: usize, words: String, now: Time) -> Vec<Effect> {
    let running = &mut state.acting.running[at];
    running.end(now, words);
    vec![Effect::Record(entry::ended(running, &state.connection.identity, now))]
}

/// Reads the object of a stage again.
pub fn look_again(running: &Running) -> Option<Effect> {
    let write = running.stage()?.write.as_ref()?;
    Some(Effect::LookAgain(Look::Run(running.id), write.kind, write.namespace.clone(), write.name.clone()))
}

/// The object of an action was read again: sent once more where its premises hold, given up where they do not.
pub fn after_look(state: &mut State, id: u64, writer: Option<(Clean, Option<Time>)>, why_not: Option<Clean>, now: Time) -> Vec<Effect> {
    let Some(at) = state.acting.running.iter().position(|one| one.id == id) else { return Vec::new() };
    let running = &state.acting.running[at];
    let Some(stage) = running.stage().cloned() else { return Vec::new() };
    let moved = state.releases.get(&running.key).map_or_else(|| Some(Clean::from("it is gone")), |release| broken(&stage, release));
    let unknown = matches!(running.progress, Progress::Unknown { .. });
    // The object that was read shows it already.
    if unknown && state.releases.get(&running.key).is_some_and(|release| stage.goal.met(release)) {
        return reached(state, at, now);
    }
    match (&running.progress, moved) {
        (Progress::Checking { .. }, None) if why_not.is_none() && running.attempts < ATTEMPTS => send_stage(state, id, now),
        (Progress::Checking { .. }, None) => {
            let why = why_not.map_or_else(|| "it is being written all the time".to_owned(), |why| format!("it can't be read again: {why}"));
            give_up(state, at, format!("nothing was sent: {why}"), now)
        }
        (Progress::Checking { .. }, Some(moved)) => {
            let who = writer.map_or_else(|| "writer unknown".to_owned(), |(name, _)| format!("changed by {name}"));
            give_up(state, at, format!("nothing was sent: {moved} ({who})"), now)
        }
        // The answer was lost, the time for the effect is over, and the object is as it was before: it never arrived.
        (Progress::Unknown { .. }, None) if why_not.is_none() && !is_written(state, at) => {
            give_up(state, at, "the answer was lost and nothing changed: it did not arrive; plan again".to_owned(), now)
        }
        (Progress::Unknown { .. }, _) => {
            state.acting.running[at].progress = Progress::Alarm { since: now };
            alarmed(state, at, now)
        }
        _ => Vec::new(),
    }
}

/// Whether the object of a stage has been written since it was sent: its resourceVersion is another.
fn is_written(state: &State, at: usize) -> bool {
    let running = &state.acting.running[at];
    let (Some(sent), Some(stage)) = (&running.sent, running.stage()) else { return false };
    let Some((write, release)) = stage.write.as_ref().zip(state.releases.get(&running.key)) else { return false };
    state.version_for(write, release).is_some_and(|version| write.guarded(&version) != sent.body)
}

fn alarmed(state: &mut State, at: usize, now: Time) -> Vec<Effect> {
    vec![Effect::Record(entry::alarm(&state.acting.running[at], &state.connection.identity, now))]
}

/// Looks at every unfinished action: has its effect come, is it overdue.
pub fn look_on(state: &mut State, now: Time) -> Vec<Effect> {
    let mut effects = Vec::new();
    for at in 0..state.acting.running.len() {
        effects.extend(look_at(state, at, now));
    }
    effects
}

fn look_at(state: &mut State, at: usize, now: Time) -> Vec<Effect> {
    let running = &state.acting.running[at];
    let waits = matches!(running.progress, Progress::Watching { .. } | Progress::Unknown { .. } | Progress::Alarm { .. });
    let Some(stage) = running.stage().filter(|_| waits) else { return Vec::new() };
    let Some(release) = state.releases.get(&running.key) else {
        return give_up(state, at, "the release is gone".to_owned(), now);
    };
    if stage.goal.met(release) {
        return reached(state, at, now);
    }
    match running.progress {
        Progress::Watching { since } if now - since >= stage.patience && sees(state, now) => {
            state.acting.running[at].progress = Progress::Alarm { since: now };
            state.revision += 1;
            alarmed(state, at, now)
        }
        // Only once: the look itself ends the unknown, one way or the other.
        Progress::Unknown { since, ref why } if now - since >= stage.patience && sees(state, now) => {
            let why = why.clone();
            let running = &mut state.acting.running[at];
            running.progress = Progress::Unknown { since: now, why };
            look_again(running).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether what did not come can be told from what could not be seen: the link is up, and was long enough for the watches to be taken up.
pub(super) fn sees(state: &State, now: Time) -> bool {
    state.connection.is_live() && now - state.connection.since >= TAKEN_UP
}

fn reached(state: &mut State, at: usize, now: Time) -> Vec<Effect> {
    state.revision += 1;
    let running = &mut state.acting.running[at];
    if running.stage + 1 < running.change.stages.len() {
        let mut effects = vec![Effect::Record(entry::reached(running, &state.connection.identity, now))];
        running.stage += 1;
        running.attempts = 0;
        running.sent = None;
        let id = running.id;
        effects.extend(send_stage(state, id, now));
        return effects;
    }
    running.progress = Progress::Done { at: now, took: now - running.began };
    vec![Effect::Record(entry::reached(running, &state.connection.identity, now))]
}

/// Looks whether the plan on screen still holds in the newest state; where it does not, asks who changed it.
pub fn recheck(state: &mut State, now: Time) -> Vec<Effect> {
    let seen = state.seen_at(now);
    let Some(open) = &state.acting.open else { return Vec::new() };
    let (Ok(change), None) = (&open.planned, &open.moved) else { return Vec::new() };
    let what = match state.releases.get(&open.key) {
        None => Some(Clean::from("it is gone")),
        Some(release) => change.stages.first().and_then(|stage| broken(stage, release)).or_else(|| template_moved(change, release)),
    };
    let ticket = open.ticket;
    let write = change.first_write().map(|write| (write.kind, write.namespace.clone(), write.name.clone()));
    let Some(open) = &mut state.acting.open else { return Vec::new() };
    let Some(what) = what else {
        open.seen = seen;
        return Vec::new();
    };
    let who = if write.is_some() { Who::Asking } else { Who::Unknown };
    open.moved = Some(Moved { what, who, at: now });
    state.revision += 1;
    write.map(|(kind, namespace, name)| Effect::LookAgain(Look::Plan(ticket), kind, namespace, name)).into_iter().collect()
}

/// A plan that was made for one object must never be shown over another of the same name.
fn template_moved(change: &crate::release::acting::Change, release: &Release) -> Option<Clean> {
    let write = change.first_write()?;
    let own = write.kind == release.key.kind && write.name == release.key.name;
    (own && write.uid != release.uid).then(|| Clean::from("it was deleted and made anew"))
}

//! The journal's lines for what happens to an action.

use serde_json::Value;

use super::guarding::Armed;
use super::running::{Progress, Running};
use crate::objects::{ReleaseRef, Time};
use crate::ports::Identity;
use crate::ports::journal::{Entry, Told};
use crate::ports::write::Answer;
use crate::release::acting::masked;
use crate::text::Clean;

fn base(running: &Running, told: Told, identity: &Identity, now: Time) -> Entry {
    let stage = running.stage().filter(|_| running.change.stages.len() > 1).map(|stage| stage.name.clone()).unwrap_or_default();
    let request = running.sent.as_ref();
    let part = |sub: &str| if sub.is_empty() { String::new() } else { format!("/{sub}") };
    let place = request.map(|r| format!("PATCH {}/{}{} {}", r.kind.plural(), r.name, part(r.subresource), r.patch.word()));
    Entry {
        format: 1,
        action: running.action.clone(),
        at: now,
        told,
        user: identity.user.clone(),
        groups: identity.groups.clone(),
        context: identity.context.clone(),
        release: named(&running.key),
        uid: running.stage().and_then(|stage| stage.write.as_ref()).map(|write| Clean::from(&*write.uid.0)).unwrap_or_default(),
        intent: Clean::from(running.change.intent.verb().name()),
        stage,
        request: Clean::from(place.unwrap_or_default()),
        patch: request.map_or(Value::Null, |request| masked(&request.body)),
        dry_run: running.dry_run.clone(),
        answer: Clean::default(),
        effect: Clean::default(),
        note: running.note.clone(),
    }
}

/// About to be sent.
pub fn about(running: &Running, identity: &Identity, now: Time) -> Entry {
    base(running, Told::About, identity, now)
}

/// What the server answered.
pub fn answered(running: &Running, answer: &Answer, identity: &Identity, now: Time) -> Entry {
    let words = match answer {
        Answer::Accepted { resource_version, warnings } if warnings.is_empty() => format!("accepted as {resource_version}"),
        Answer::Accepted { resource_version, warnings } => {
            format!("accepted as {resource_version}; {}", warnings.iter().map(Clean::as_str).collect::<Vec<_>>().join("; "))
        }
        Answer::Conflict => "conflict: the object was changed in between".to_owned(),
        Answer::Refused { code, reason, .. } => format!("refused ({code}): {reason}"),
        Answer::Unsent(why) => format!("not sent: {why}"),
        Answer::Unknown(why) => format!("unknown: {why}"),
    };
    Entry { answer: Clean::from(words), ..base(running, Told::Answer, identity, now) }
}

/// A stage, or the whole of it, was seen to take effect.
pub fn reached(running: &Running, identity: &Identity, now: Time) -> Entry {
    let took = (now - running.began).num_milliseconds();
    let words = format!("took effect after {}.{} s", took / 1_000, took % 1_000 / 100);
    Entry { effect: Clean::from(words), ..base(running, Told::Effect, identity, now) }
}

/// The controller has not reacted in time.
pub fn alarm(running: &Running, identity: &Identity, now: Time) -> Entry {
    let words = format!("no effect after {} s", (now - running.began).num_seconds());
    Entry { effect: Clean::from(words), ..base(running, Told::Effect, identity, now) }
}

/// It ended without effect.
pub fn ended(running: &Running, identity: &Identity, now: Time) -> Entry {
    let words = if let Progress::Ended { why, .. } = &running.progress { why.clone() } else { Clean::default() };
    Entry { effect: words, ..base(running, Told::Unsent, identity, now) }
}

/// What became of a guard: armed, counting, fired, disarmed.
pub fn guard(armed: &Armed, uid: Clean, words: &str, identity: &Identity, now: Time) -> Entry {
    let guard = &armed.guard;
    Entry {
        format: 1,
        action: armed.action.clone(),
        at: now,
        told: Told::Guard,
        user: identity.user.clone(),
        groups: identity.groups.clone(),
        context: identity.context.clone(),
        release: named(&guard.key),
        uid,
        intent: Clean::from(guard.terms.intent.verb().name()),
        stage: Clean::default(),
        request: Clean::default(),
        patch: Value::Null,
        dry_run: Clean::default(),
        answer: Clean::default(),
        effect: Clean::from(words),
        note: Clean::from(guard.terms.words()),
    }
}

fn named(key: &ReleaseRef) -> Clean {
    Clean::from(format!("{}/{}/{}", key.kind.name().to_lowercase(), key.namespace, key.name))
}

/// A note.
pub fn note(running: &Running, identity: &Identity, now: Time) -> Entry {
    base(running, Told::Note, identity, now)
}

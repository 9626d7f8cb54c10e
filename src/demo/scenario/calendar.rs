//! The people and pipelines of a scenario: writes that are due at moments, made as any client would make them.
//! Never looks before it writes: a write whose object is gone is let be.

use chrono::{DateTime, TimeDelta, Utc};
use json_patch::merge;
use serde_json::Value;

use crate::demo::api::managed::{self, Writer};
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{Happened, Key, LogEntry, NAMESPACES, PODS, Part, Resource, Store};
use crate::demo::visit::{Did, Visit};

/// The object whose birth opens the calendar.
pub(super) const OPENS: &str = "kube-system";

/// One write.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// POST.
    Create(Resource, Box<Value>),
    /// PATCH with a merge patch, to `/status` or to the rest; the writer's field manager, where `managedFields` should tell.
    Patch { key: Key, part: Part, patch: Value, manager: Option<String> },
    /// The pod template and annotations of a new version, as `apply` would set them.
    Apply { key: Key, template: Box<Value>, cause: Option<String> },
    /// DELETE.
    Delete(Key),
}

/// A write that somebody makes right after a person did something.
#[derive(Debug, Clone)]
pub(super) struct Reaction {
    /// Not before this moment.
    pub(super) from: DateTime<Utc>,
    /// After what.
    pub(super) after: Did,
    /// To which object.
    pub(super) on: Key,
    /// How long after.
    pub(super) delay: TimeDelta,
    /// How often.
    pub(super) times: usize,
    /// What is written.
    pub(super) deed: Deed,
}

/// Writes in the order in which they are due, the last first.
pub(super) struct Calendar {
    deeds: Vec<(DateTime<Utc>, Deed)>,
    reactions: Vec<Reaction>,
}

impl Calendar {
    /// A calendar of `deeds`; those of one moment are done in the order given.
    pub(super) fn new(mut deeds: Vec<(DateTime<Utc>, Deed)>, reactions: Vec<Reaction>) -> Self {
        deeds.sort_by_key(|(at, _)| *at);
        deeds.reverse();
        Self { deeds, reactions }
    }
}

impl Controller for Calendar {
    fn name(&self) -> &'static str {
        "calendar"
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        let opens = entry.key.resource == NAMESPACES && entry.key.name == OPENS && entry.happened == Happened::Added;
        if opens { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn visited(&mut self, visit: &Visit) -> Vec<Key> {
        let mut due = Vec::new();
        let meant = |one: &Reaction| one.times > 0 && one.from <= visit.at && one.after == visit.did && one.on == visit.key;
        for one in self.reactions.iter_mut().filter(|one| meant(one)) {
            one.times -= 1;
            due.push((visit.at + one.delay, one.deed.clone()));
        }
        if due.is_empty() {
            return Vec::new();
        }
        for (at, deed) in due {
            let place = self.deeds.partition_point(|(other, _)| *other > at);
            self.deeds.insert(place, (at, deed));
        }
        vec![Key::new(NAMESPACES, "", OPENS)]
    }

    fn reconcile(&mut self, _: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        while let Some((_, deed)) = self.deeds.pop_if(|(at, _)| *at <= cx.now) {
            carry_out(deed, cx);
        }
        self.deeds.last().map(|(at, _)| *at)
    }
}

/// Refusals are what a client gets to read; here nobody does.
fn carry_out(deed: Deed, cx: &mut Cx<'_>) {
    match deed {
        Deed::Create(resource, object) => drop(cx.store.create(resource, *object, cx.now)),
        Deed::Patch { key, part, patch, manager } => drop(cx.store.edit(&key, part, |object| {
            let old = manager.is_some().then(|| object.clone());
            merge(object, &patch);
            if let Some(manager) = manager.as_deref() {
                let subresource = if part == Part::Status { "status" } else { "" };
                managed::record(old.as_ref(), object, part, &Writer { manager, subresource, now: cx.now });
            }
        })),
        Deed::Apply { key, template, cause } => drop(cx.store.edit(&key, Part::Main, |object| {
            object["spec"]["template"] = *template;
            if let Some(cause) = cause {
                object["metadata"]["annotations"]["kubernetes.io/change-cause"] = Value::String(cause);
            }
        })),
        Deed::Delete(key) if key.resource == PODS => cx.store.mark_deleted(&key, cx.now),
        Deed::Delete(key) => drop(cx.store.delete(&key)),
    }
}

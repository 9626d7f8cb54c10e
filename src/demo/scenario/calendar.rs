//! The people and pipelines of a scenario: writes that are due at moments, made as any client would make them.
//! Never reacts to what it sees: a write whose object is gone is let be.

use chrono::{DateTime, TimeDelta, Utc};
use json_patch::merge;
use serde_json::Value;

use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{Happened, Key, LogEntry, NAMESPACES, PODS, Part, Resource, Store};

/// The object whose birth opens the calendar.
pub(super) const OPENS: &str = "kube-system";

/// One write.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// POST.
    Create(Resource, Box<Value>),
    /// PATCH with a merge patch, to `/status` or to the rest.
    Patch(Key, Part, Value),
    /// The pod template and annotations of a new version, as `apply` would set them.
    Apply { key: Key, template: Box<Value>, cause: Option<String> },
    /// DELETE.
    Delete(Key),
}

/// Writes in the order in which they are due, the last first.
pub(super) struct Calendar {
    deeds: Vec<(DateTime<Utc>, Deed)>,
}

impl Calendar {
    /// A calendar of `deeds`; those of one moment are done in the order given.
    pub(super) fn new(mut deeds: Vec<(DateTime<Utc>, Deed)>) -> Self {
        deeds.sort_by_key(|(at, _)| *at);
        deeds.reverse();
        Self { deeds }
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
        Deed::Patch(key, part, patch) => drop(cx.store.edit(&key, part, |object| merge(object, &patch))),
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

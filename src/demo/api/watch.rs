//! Answers watches: present state or a revision to start from, then every change, with bookmarks, selections and 410.
//! Never sends what it has not seen in the log, and never skips what it has.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::path::Place;
use super::query::Query;
use super::refusal::{Answer, Refusal};
use super::respond::{self, Form};
use super::selector::Selection;
use super::{discovery, table};
use crate::demo::cluster::{Cluster, Pulse};
use crate::demo::crds;
use crate::demo::faults::FaultKind;
use crate::demo::store::{Encoded, Happened, LogEntry};

/// Virtual time between bookmarks.
const BOOKMARK_EVERY: TimeDelta = TimeDelta::seconds(60);
/// How long a watch lives unless it says otherwise (the real server picks 30 to 60 minutes).
const LIFE: Duration = Duration::from_secs(45 * 60);

/// An open watch.
struct Watch {
    cluster: Arc<Cluster>,
    place: Place,
    selection: Selection,
    form: Form,
    include_object: String,
    /// The revision up to which everything has been sent.
    position: u64,
    pulse: watch::Receiver<Pulse>,
    opened: Pulse,
    bookmarks: bool,
    bookmarked: DateTime<Utc>,
    columns_sent: bool,
    /// Lines not yet sent.
    out: Vec<u8>,
    ends: Instant,
    ended: bool,
}

/// Answers a watch.
pub(super) fn watch(cluster: &Arc<Cluster>, place: &Place, query: &Query, form: Form) -> Answer<Response<Body>> {
    let selection = Selection::parse(place.resource, &query.label_selector, &query.field_selector)?;
    let asked = query.revision()?;
    let streaming = query.send_initial_events == Some(true);
    if query.send_initial_events.is_some() && query.resource_version_match != "NotOlderThan" {
        return Err(Refusal::invalid_options(
            "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ));
    }
    if query.send_initial_events.is_none() && !query.resource_version_match.is_empty() {
        return Err(Refusal::invalid_options(
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ));
    }
    let pulse = cluster.pulse();
    let opened = *pulse.borrow();
    let mut watch = Watch {
        cluster: cluster.clone(),
        place: place.clone(),
        selection,
        form,
        include_object: query.include_object.clone(),
        position: 0,
        pulse,
        opened,
        bookmarks: query.bookmarks,
        bookmarked: cluster.now(),
        columns_sent: false,
        out: Vec::new(),
        ends: Instant::now() + query.timeout_seconds.map_or(LIFE, Duration::from_secs),
        ended: false,
    };
    if streaming && !cluster.streaming_lists {
        watch.refuse(&Refusal::no_streaming_lists());
        return Ok(respond::bytes(200, "application/json", watch.out.into()));
    }
    let current = cluster.revision();
    match asked {
        Some(revision) if revision > current => return Err(Refusal::ahead(revision, current)),
        Some(revision) if !streaming => watch.position = revision,
        None if query.send_initial_events == Some(false) => watch.position = current,
        _ => watch.begin(streaming),
    }
    let stream = futures::stream::unfold(watch, |mut watch| async move { watch.next().await.map(|chunk| (chunk, watch)) });
    Ok(respond::whole(200, "application/json", Body::from_stream(stream)))
}

impl Watch {
    /// Writes the present state as ADDED events; a streaming list ends it with a bookmark that says so.
    fn begin(&mut self, streaming: bool) {
        let (resource, namespace) = (self.place.resource, self.place.namespace.clone());
        let (revision, objects) = self.cluster.clone().read(|sim| {
            let all = sim.store.list_stored(resource, namespace.as_deref());
            let selected = all.filter(|(_, stored)| self.selection.holds(&stored.object));
            (sim.store.revision(), selected.map(|(_, stored)| stored.clone()).collect::<Vec<_>>())
        });
        for stored in objects {
            self.event("ADDED", &stored.object, Some(&stored.encoded));
        }
        self.position = revision;
        if streaming && self.bookmarks {
            self.bookmark(json!({ "k8s.io/initial-events-end": "true" }));
        }
    }

    /// The next lines, all that are there in one piece; waits for them. `None` when the watch has ended.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let pulse = *self.pulse.borrow_and_update();
            if pulse.resets != self.opened.resets || self.cluster.active_faults().contains(&FaultKind::Reset) {
                self.ended = true;
                self.out.clear();
                return Some(Err(io::ErrorKind::ConnectionReset.into()));
            }
            if !self.out.is_empty() {
                return Some(Ok(Bytes::from(std::mem::take(&mut self.out))));
            }
            if self.ended {
                return None;
            }
            self.follow();
            if self.bookmarks && (pulse.settles != self.opened.settles || pulse.now - self.bookmarked >= BOOKMARK_EVERY) {
                self.opened.settles = pulse.settles;
                self.bookmark(Value::Null);
            }
            if !self.out.is_empty() || self.ended {
                continue;
            }
            tokio::select! {
                changed = self.pulse.changed() => self.ended = changed.is_err(),
                () = tokio::time::sleep_until(self.ends) => self.ended = true,
            }
        }
    }

    /// Writes the changes since the position.
    fn follow(&mut self) {
        let resource = self.place.resource;
        let namespace = self.place.namespace.as_deref();
        let news = self.cluster.read(|sim| {
            let entries = sim.store.since(self.position).map(|entries| {
                let ours = |entry: &&LogEntry| entry.key.resource == resource && namespace.is_none_or(|ns| entry.key.namespace == ns);
                entries.filter(ours).cloned().collect::<Vec<_>>()
            });
            entries.map(|entries| (entries, sim.store.revision(), crds::served(&sim.store, resource)))
        });
        let Ok((entries, revision, served)) = news else {
            let message = format!("too old resource version: {} ({})", self.position, self.cluster.revision());
            return self.refuse(&Refusal::expired(message));
        };
        for entry in &entries {
            let before = entry.before.as_ref().is_some_and(|old| self.selection.holds(old));
            let after = entry.happened != Happened::Deleted && self.selection.holds(&entry.object);
            match (before, after) {
                (false, true) => self.event("ADDED", &entry.object, Some(&entry.encoded)),
                (true, true) => self.event("MODIFIED", &entry.object, Some(&entry.encoded)),
                (true, false) if entry.happened == Happened::Deleted => self.event("DELETED", &entry.object, Some(&entry.encoded)),
                // It left the selection: the client is shown what it knew, at the revision at which it lost it.
                (true, false) => {
                    let mut last = entry.before.as_deref().cloned().unwrap_or_default();
                    last["metadata"]["resourceVersion"] = json!(entry.rv.to_string());
                    self.event("DELETED", &last, None);
                }
                (false, false) => {}
            }
        }
        self.position = revision;
        self.ended |= !served;
    }

    fn event(&mut self, kind: &str, object: &Value, encoded: Option<&Encoded>) {
        match self.form {
            Form::Full => {
                let json = encoded.map_or_else(|| Bytes::from(object.to_string()), |encoded| encoded.bytes(object));
                self.line(kind, &json);
            }
            Form::Partial => self.line(kind, respond::partial(object).to_string().as_bytes()),
            Form::Table => {
                let meta = json!({ "resourceVersion": object["metadata"]["resourceVersion"] });
                let now = self.cluster.now();
                let first = !std::mem::replace(&mut self.columns_sent, true);
                let table = table::table(self.place.resource, [object].into_iter(), &self.include_object, now, meta, first);
                self.line(kind, table.to_string().as_bytes());
            }
        }
    }

    fn bookmark(&mut self, annotations: Value) {
        self.bookmarked = self.cluster.now();
        let mut meta = json!({ "resourceVersion": self.position.to_string(), "creationTimestamp": null });
        if !annotations.is_null() {
            meta["annotations"] = annotations;
        }
        let object = match self.form {
            Form::Full => {
                json!({ "kind": self.place.resource.kind, "apiVersion": discovery::group_version(self.place.resource), "metadata": meta })
            }
            Form::Partial => json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta }),
            Form::Table => table::table(self.place.resource, std::iter::empty(), "None", self.bookmarked, meta, false),
        };
        self.line("BOOKMARK", object.to_string().as_bytes());
    }

    /// Ends the watch with an ERROR line.
    fn refuse(&mut self, refusal: &Refusal) {
        self.line("ERROR", refusal.status().to_string().as_bytes());
        self.ended = true;
    }

    fn line(&mut self, kind: &str, object: &[u8]) {
        self.out.extend_from_slice(b"{\"type\":\"");
        self.out.extend_from_slice(kind.as_bytes());
        self.out.extend_from_slice(b"\",\"object\":");
        self.out.extend_from_slice(object);
        self.out.extend_from_slice(b"}\n");
    }
}

//! Answers lists: whole, in pages from one consistent snapshot, as tables or metadata. Objects go out from their shared JSON, never copied as trees.
//! Never keeps a snapshot for ever: an old continuation gets 410, as from a compacted etcd.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::Response;
use serde_json::{Map, Value, json};

use super::path::Place;
use super::query::Query;
use super::refusal::{Answer, Refusal};
use super::respond::{self, Form};
use super::selector::Selection;
use crate::demo::cluster::Cluster;
use crate::demo::store::{Resource, Stored};

/// How many unfinished paged lists are remembered.
const PAGES: usize = 64;
/// Bytes sent at a time.
const CHUNK: usize = 128 * 1024;

/// Lists somebody has read only the first pages of.
#[derive(Default)]
pub(in crate::demo) struct Pages(Mutex<(u64, VecDeque<Unfinished>)>);

/// A list as it was when its first page was asked for: what is still to come.
struct Unfinished {
    id: u64,
    revision: u64,
    question: String,
    objects: Vec<Stored>,
}

impl Pages {
    /// Forgets them all: their continuations get 410 from now on.
    pub(in crate::demo) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clear();
    }

    fn keep(&self, revision: u64, question: String, objects: Vec<Stored>) -> u64 {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.0 += 1;
        let id = pages.0;
        pages.1.push_back(Unfinished { id, revision, question, objects });
        if pages.1.len() > PAGES {
            pages.1.pop_front();
        }
        id
    }

    /// The objects from `start` on of the list `id`. A page can be asked for again, as with the real server.
    fn resume(&self, id: u64, question: &str, start: usize) -> Answer<(u64, Vec<Stored>)> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = pages.1.iter().find(|page| page.id == id) else {
            return Err(Refusal::expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.",
            ));
        };
        if found.question != question || start > found.objects.len() {
            return Err(Refusal::bad_request("continue key is not valid"));
        }
        Ok((found.revision, found.objects[start..].to_vec()))
    }
}

/// Where a continuation goes on: list, objects already sent.
fn token(text: &str) -> Answer<(u64, usize)> {
    let parts = text.strip_prefix("fd1-").and_then(|rest| rest.split_once('-'));
    let parsed = parts.and_then(|(id, start)| Some((id.parse().ok()?, start.parse().ok()?)));
    parsed.ok_or_else(|| Refusal::bad_request("continue key is not valid: it was not given out by this server"))
}

/// Answers a list.
pub(super) fn list(cluster: &Cluster, place: &Place, query: &Query, form: Form) -> Answer<Response<Body>> {
    let resource = place.resource;
    let selection = Selection::parse(resource, &query.label_selector, &query.field_selector)?;
    check(cluster, query)?;
    let question = format!("{resource:?} {:?} {} {}", place.namespace, query.label_selector, query.field_selector);
    let (from, start, revision, mut objects);
    if query.continue_from.is_empty() {
        (revision, objects) = cluster.read(|sim| {
            let all = sim.store.list_stored(resource, place.namespace.as_deref());
            let selected = all.filter(|(_, stored)| selection.is_all() || selection.holds(&stored.object));
            (sim.store.revision(), selected.map(|(_, stored)| stored.clone()).collect::<Vec<_>>())
        });
        (from, start) = (None, 0);
    } else {
        let (id, at) = token(&query.continue_from)?;
        (revision, objects) = cluster.pages.resume(id, &question, at)?;
        (from, start) = (Some(id), at);
    }
    let mut meta = Map::new();
    meta.insert("resourceVersion".into(), json!(revision.to_string()));
    // With resourceVersion=0 the real server answers from its cache, whole, and takes no notice of the limit.
    let limited = query.limit > 0 && query.resource_version != "0" && objects.len() > query.limit;
    if limited {
        let left = objects.len() - query.limit;
        let id = match from {
            Some(id) => id,
            None => cluster.pages.keep(revision, question, objects.clone()),
        };
        objects.truncate(query.limit);
        meta.insert("continue".into(), json!(format!("fd1-{id}-{}", start + query.limit)));
        if selection.is_all() {
            meta.insert("remainingItemCount".into(), json!(left));
        }
    }
    Ok(match form {
        Form::Full => whole(resource, &meta, objects),
        Form::Partial => {
            let items: Vec<Value> = objects.iter().map(|stored| respond::partial(&stored.object)).collect();
            respond::json(
                200,
                &json!({ "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "items": items }),
            )
        }
        Form::Table => {
            let rows = objects.iter().map(|stored| &*stored.object);
            respond::json(200, &super::table::table(resource, rows, &query.include_object, cluster.now(), Value::Object(meta), true))
        }
    })
}

/// Refuses list options that contradict each other, and revisions this server does not have.
fn check(cluster: &Cluster, query: &Query) -> Answer<()> {
    let matching = query.resource_version_match.as_str();
    let asked = query.revision()?;
    if query.send_initial_events.is_some() {
        return Err(Refusal::invalid_options("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"));
    }
    if !matching.is_empty() && query.resource_version.is_empty() {
        return Err(Refusal::invalid_options(
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        ));
    }
    let (current, compacted) = cluster.read(|sim| (sim.store.revision(), sim.store.compacted()));
    match (asked, matching) {
        (Some(revision), _) if revision > current => Err(Refusal::ahead(revision, current)),
        (Some(revision), "Exact") if revision < current.max(compacted) => {
            Err(Refusal::expired("The resourceVersion for the provided list is too old."))
        }
        (_, "" | "Exact" | "NotOlderThan") => Ok(()),
        (_, other) => Err(Refusal::invalid_options(&format!("resourceVersionMatch: Unsupported value: \"{other}\""))),
    }
}

/// A list of whole objects: small ones as one body, large ones in chunks written while they are sent.
fn whole(resource: Resource, meta: &Map<String, Value>, objects: Vec<Stored>) -> Response<Body> {
    let head = format!(
        "{{\"kind\":\"{}List\",\"apiVersion\":\"{}\",\"metadata\":{},\"items\":[",
        resource.kind,
        super::discovery::group_version(resource),
        Value::Object(meta.clone())
    );
    let mut rest = objects.into_iter().enumerate();
    let mut chunk = head.into_bytes();
    let mut done = false;
    let mut next = move || {
        if done {
            return None;
        }
        for (index, stored) in rest.by_ref() {
            if index > 0 {
                chunk.push(b',');
            }
            chunk.extend_from_slice(&stored.encoded.bytes(&stored.object));
            if chunk.len() >= CHUNK {
                return Some(Bytes::from(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK + CHUNK / 4))));
            }
        }
        done = true;
        chunk.extend_from_slice(b"]}\n");
        Some(Bytes::from(std::mem::take(&mut chunk)))
    };
    let first = next().unwrap_or_default();
    match next() {
        None => respond::bytes(200, "application/json", first),
        Some(second) => {
            let chunks = [first, second].into_iter().chain(std::iter::from_fn(next)).map(Ok::<_, std::io::Error>);
            respond::whole(200, "application/json", Body::from_stream(futures::stream::iter(chunks)))
        }
    }
}

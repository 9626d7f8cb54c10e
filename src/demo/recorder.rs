//! The event recorders of the controllers: fold repetitions, combine what is similar, drop what is too much, as client-go does.
//! Never loses the order of things and never searches the store: it remembers the names of the events it wrote.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::store::{EVENTS, Key, Part, Store, stamp};

/// After this many different messages with one reason about one object the rest are combined (events_cache.go defaultAggregateMaxEvents).
const SIMILAR: usize = 10;
/// … when they come within this time of each other.
const SIMILAR_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// How many events one component may write about one object at once, and how often one more after that (defaultSpamBurst, defaultSpamQPS).
const BURST: f64 = 25.0;
const REFILL_SECONDS: f64 = 300.0;
/// How many entries each memory keeps (maxLruCacheEntries).
const REMEMBERED: usize = 4096;
/// The one component that writes events of the newer kind, with a series instead of a count.
const SCHEDULER: &str = "default-scheduler";

/// The components whose warnings have a budget of their own.
const APART: [&str; 2] = ["rollouts-controller", "flagger"];

/// A map that forgets its oldest entries.
#[derive(Debug)]
struct Memory<V> {
    entries: BTreeMap<String, V>,
    order: VecDeque<String>,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<V> Memory<V> {
    fn entry(&mut self, key: &str, fresh: impl FnOnce() -> V) -> &mut V {
        if !self.entries.contains_key(key) {
            self.order.push_back(key.to_owned());
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.entries.remove(&oldest);
            }
        }
        self.entries.entry(key.to_owned()).or_insert_with(fresh)
    }
}

/// What the recorders remember.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Which event says this already.
    written: Memory<Option<Key>>,
    /// The different messages of late, by object and reason.
    similar: Memory<(BTreeSet<String>, DateTime<Utc>)>,
    /// How many more events an object may have now.
    tokens: Memory<(f64, DateTime<Utc>)>,
}

/// One thing to say about an object.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Who says it.
    pub component: &'a str,
    /// About what.
    pub object: &'a Value,
    /// `Normal` or `Warning`.
    pub kind: &'a str,
    /// One word.
    pub reason: &'a str,
    /// One sentence.
    pub message: &'a str,
}

impl Recorder {
    /// Writes an Event, or raises the count of the one that says the same, or lets it be when there were too many.
    pub fn record(&mut self, said: Said<'_>, store: &mut Store, rng: &mut fastrand::Rng, now: DateTime<Utc>) {
        let uid = said.object["metadata"]["uid"].as_str().unwrap_or_default();
        let about = format!("{}\n{uid}", said.component);
        let group = format!("{about}\n{}\n{}", said.kind, said.reason);
        let mut key = format!("{group}\n{}", said.message);
        let mut message = said.message.to_owned();
        if said.component != SCHEDULER {
            let (messages, last) = self.similar.entry(&group, || (BTreeSet::new(), now));
            if now - *last > SIMILAR_WITHIN {
                messages.clear();
            }
            *last = now;
            messages.insert(said.message.to_owned());
            if messages.len() >= SIMILAR {
                messages.remove(said.message);
                key = group;
                message = format!("(combined from similar events): {message}");
            }
            // Argo Rollouts and Flagger count warnings apart: recorded, an abort is told after an object's Normal events were long spent.
            let budget = if APART.contains(&said.component) { format!("{about}\n{}", said.kind) } else { about };
            let (tokens, last) = self.tokens.entry(&budget, || (BURST, now));
            let passed = (now - *last).as_seconds_f64().max(0.0);
            *tokens = (*tokens + passed / REFILL_SECONDS).min(BURST);
            *last = now;
            if *tokens < 1.0 {
                return;
            }
            *tokens -= 1.0;
        }
        let written = self.written.entry(&key, || None);
        if let Some(event) = written
            && store.get(event).is_some()
        {
            let _ = store.edit(event, Part::Main, |event| repeat(event, said.component, &message, now));
            return;
        }
        let suffix = format!("{:016x}", rng.u64(..));
        *written = store.create(EVENTS, event(said, &message, &suffix, now), now).ok().map(|event| Key::of(EVENTS, &event));
    }
}

fn repeat(event: &mut Value, component: &str, message: &str, now: DateTime<Utc>) {
    if component == SCHEDULER {
        let count = event["series"]["count"].as_i64().unwrap_or(1) + 1;
        event["series"] = json!({ "count": count, "lastObservedTime": micro(now) });
        return;
    }
    event["message"] = json!(message);
    event["count"] = json!(event["count"].as_i64().unwrap_or(1) + 1);
    event["lastTimestamp"] = json!(stamp(now));
}

fn event(said: Said<'_>, message: &str, suffix: &str, now: DateTime<Utc>) -> Value {
    let (object, meta) = (said.object, &said.object["metadata"]);
    let namespace = meta["namespace"].as_str().unwrap_or("default");
    let mut event = json!({
        "metadata": { "name": format!("{}.{suffix}", meta["name"].as_str().unwrap_or_default()), "namespace": namespace },
        "involvedObject": { "apiVersion": object["apiVersion"], "kind": object["kind"], "namespace": namespace, "name": meta["name"],
                            "uid": meta["uid"], "resourceVersion": meta["resourceVersion"] },
        "reason": said.reason, "message": message, "type": said.kind,
        "reportingComponent": said.component, "reportingInstance": "",
    });
    if said.component == SCHEDULER {
        event["source"] = json!({});
        event["firstTimestamp"] = Value::Null;
        event["lastTimestamp"] = Value::Null;
        event["eventTime"] = json!(micro(now));
        event["action"] = json!(if said.reason == "Scheduled" { "Binding" } else { "Scheduling" });
        event["reportingInstance"] = json!(SCHEDULER);
        return event;
    }
    let now = stamp(now);
    event["source"] = json!({ "component": said.component });
    event["count"] = json!(1);
    event["firstTimestamp"] = json!(now);
    event["lastTimestamp"] = json!(now);
    event["eventTime"] = Value::Null;
    if let Some(node) = object["spec"]["nodeName"].as_str().filter(|_| said.component == "kubelet") {
        event["source"]["host"] = json!(node);
        event["reportingInstance"] = json!(node);
        event["involvedObject"]["fieldPath"] = object["spec"]["containers"][0]["name"]
            .as_str()
            .filter(|_| said.reason != "Evicted")
            .map_or(Value::Null, |name| json!(format!("spec.containers{{{name}}}")));
    }
    event
}

/// A time with microseconds, as newer fields want it.
fn micro(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

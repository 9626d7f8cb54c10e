//! The side that sends, for the stage: it answers dry-runs, writes, rights, revisions and the journal as the story says, and keeps what was sent.

use flightdeck::app::{ActEvent, Effect, Event, Sent};
use flightdeck::objects::{Kind, RawHistory, ReleaseRef, Uid};
use flightdeck::ports::ClusterEvent;
use flightdeck::ports::journal::{Entry, Told};
use flightdeck::ports::rights::Allowed;
use flightdeck::ports::write::{Answer, Fresh, Request};
use flightdeck::text::Clean;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Stage, Time};

/// What the story says the server, the disk and the rights are like. An answer is a word, and after a colon what it says:
/// `accepted`, `warns: TEXT`, `refused 403: TEXT`, `conflict`, `unknown: TEXT`, `unsent: TEXT`, or `silent`, which is answered later.
pub struct Answers {
    pub dry_run: String,
    pub send: String,
    /// Who wrote last, where an object is read again.
    pub writer: Option<(String, i64)>,
    /// Rights in words, as `patch rollouts.argoproj.io/status in shop`.
    pub may_not: BTreeSet<String>,
    /// Why no line can be written.
    pub disk: Option<String>,
    /// Why the revisions can't be read; `silent` where they never come.
    pub revisions: Option<String>,
    /// The journal, oldest first.
    pub lines: Vec<Entry>,
    /// Lines of it that can't be read.
    pub unread: usize,
    /// Objects as they were applied, for reading revisions.
    pub raw: BTreeMap<Uid, Value>,
    waiting: Vec<Effect>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            dry_run: "accepted".to_owned(),
            send: "accepted".to_owned(),
            writer: None,
            may_not: BTreeSet::new(),
            disk: None,
            revisions: None,
            lines: Vec::new(),
            unread: 0,
            raw: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }
}

/// `accepted`, `refused 403: TEXT`, …; `None` for silence.
fn answer(text: &str) -> Option<Answer> {
    let (word, said) = text.split_once(':').map_or((text, ""), |(word, said)| (word, said.trim()));
    let said = Clean::from(said);
    Some(match word {
        "silent" => return None,
        "accepted" => Answer::Accepted { resource_version: "9001".into(), warnings: Vec::new() },
        "warns" => Answer::Accepted { resource_version: "9001".into(), warnings: vec![said] },
        "conflict" => Answer::Conflict,
        "unknown" => Answer::Unknown(said),
        "unsent" => Answer::Unsent(said),
        other => {
            let code = other.strip_prefix("refused ").unwrap_or_else(|| panic!("{text} is no answer")).parse().unwrap();
            Answer::Refused { code, reason: said, warnings: Vec::new() }
        }
    })
}

fn told(request: &Request) -> String {
    let part = if request.subresource.is_empty() { String::new() } else { format!("/{}", request.subresource) };
    format!("{}/{}{part} {}", request.kind.plural(), request.name, request.body)
}

impl Stage {
    /// Carries out what acting asks for; gives back what is none of it.
    pub fn act(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::AskRights(rights) => {
                for right in rights {
                    let words = right.words();
                    self.effects.push(format!("ask for {words}"));
                    let no = self.answers.may_not.contains(words.as_str());
                    let allowed = if no { Allowed::No(Clean::default()) } else { Allowed::Yes };
                    self.cluster(ClusterEvent::Allowed(right, Ok(allowed)));
                }
            }
            Effect::ReadHistory(ref key, (kind, ref name), ref labels) => {
                self.effects.push(format!("read revisions of {}/{}", key.namespace, key.name));
                match self.answers.revisions.clone() {
                    Some(why) if why == "silent" => self.answers.waiting.push(effect),
                    Some(why) => self.cluster(ClusterEvent::History(key.clone(), Err(why.into()))),
                    None => {
                        let history = self.history(key, kind, name, labels);
                        self.cluster(ClusterEvent::History(key.clone(), Ok(history)));
                    }
                }
            }
            Effect::DryRun(ticket, ref request) => {
                self.effects.push(format!("try {}", told(request)));
                assert!(request.dry_run, "a dry run says so");
                match answer(&self.answers.dry_run) {
                    Some(answer) => self.feed(Event::Act(ActEvent::DryRun(ticket, answer))),
                    None => self.answers.waiting.push(effect),
                }
            }
            Effect::Send { id, ref entry, ref request } => {
                assert!(!request.dry_run, "a send is none");
                assert_eq!(entry.told, Told::About);
                if let Some(why) = self.answers.disk.clone() {
                    return self.feed_none(Event::Act(ActEvent::Sent(id, Sent::NotWritten(why.into()))));
                }
                if !self.answers.waiting.contains(&effect) {
                    self.answers.lines.push((**entry).clone());
                    self.effects.push(format!("send {}", told(request)));
                }
                match answer(&self.answers.send) {
                    Some(answer) => self.feed(Event::Act(ActEvent::Sent(id, Sent::Answered(answer)))),
                    None => self.answers.waiting.push(effect),
                }
            }
            Effect::LookAgain(look, kind, namespace, name) => {
                self.effects.push(format!("look again at {}/{name}", kind.plural()));
                let found = self.objects.values().find(|o| o.kind() == kind && o.meta().namespace == namespace && o.meta().name == name);
                let now = self.now;
                let writer = self.answers.writer.clone().map(|(name, ago)| (name.into(), Some(now - chrono::TimeDelta::seconds(ago))));
                let fresh = found.cloned().map(|object| Fresh { object, writer }).ok_or_else(|| Clean::from("it is not there"));
                self.feed(Event::Act(ActEvent::Looked(look, Box::new(fresh))));
            }
            Effect::Record(entry) => {
                self.effects.push(format!("record {:?} {}", entry.told, entry.intent).to_lowercase());
                self.answers.lines.push(entry);
            }
            Effect::ReadJournal => {
                self.effects.push("read the journal".to_owned());
                let lines = self.answers.lines.iter().rev().cloned().collect();
                let read = match &self.answers.disk {
                    Some(why) => Err(Clean::from(why.as_str())),
                    None => Ok((lines, self.answers.unread)),
                };
                self.feed(Event::Act(ActEvent::Journal(read)));
            }
            other => return Some(other),
        }
        None
    }

    fn feed_none(&mut self, event: Event) -> Option<Effect> {
        self.feed(event);
        None
    }

    /// What was left unanswered is answered, as far as the story has an answer now.
    pub fn answer_waiting(&mut self) {
        for effect in std::mem::take(&mut self.answers.waiting) {
            match effect {
                Effect::DryRun(ticket, request) => match answer(&self.answers.dry_run) {
                    Some(answer) => self.feed(Event::Act(ActEvent::DryRun(ticket, answer))),
                    None => self.answers.waiting.push(Effect::DryRun(ticket, request)),
                },
                Effect::Send { id, entry, request } => match answer(&self.answers.send) {
                    Some(answer) => self.feed(Event::Act(ActEvent::Sent(id, Sent::Answered(answer)))),
                    None => self.answers.waiting.push(Effect::Send { id, entry, request }),
                },
                effect @ Effect::ReadHistory(..) => drop(self.act(effect)),
                other => panic!("{other:?} never waits"),
            }
        }
    }

    fn history(&self, key: &ReleaseRef, kind: Kind, name: &str, labels: &str) -> RawHistory {
        let here = |value: &&Value, kind: Kind| value["kind"] == kind.name() && value["metadata"]["namespace"] == key.namespace.as_str();
        let selected = |value: &&Value| {
            let pairs = labels.split(',').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().all(|(label, wanted)| value["metadata"]["labels"][label] == wanted)
        };
        let raw = || self.answers.raw.iter().filter(|(uid, _)| self.objects.contains_key(uid)).map(|(_, value)| value);
        let holder = raw().find(|value| here(value, kind) && value["metadata"]["name"] == name).cloned().unwrap_or_default();
        let sets = raw().filter(|value| here(value, Kind::ReplicaSet)).filter(selected);
        RawHistory { release: key.clone(), holder: Arc::new(holder), replica_sets: sets.cloned().map(Arc::new).collect() }
    }

    /// Lines that were in the journal before.
    pub fn was_journalled(&mut self, lines: &[Entry]) {
        self.answers.lines.extend(lines.iter().cloned());
    }

    /// A line of the journal, `ago` seconds old.
    pub fn line(&self, action: &str, told: Told, ago: i64, fill: impl FnOnce(&mut Entry)) -> Entry {
        let at: Time = self.now - chrono::TimeDelta::seconds(ago);
        let mut entry = Entry {
            format: 1,
            action: action.into(),
            at,
            told,
            user: "oncall".into(),
            groups: vec!["sre".into()],
            context: "prod-eu-1".into(),
            release: "rollout/payments/checkout".into(),
            uid: "7c1e".into(),
            intent: "abort".into(),
            stage: Clean::default(),
            request: "PATCH rollouts/checkout/status merge".into(),
            patch: Value::Null,
            dry_run: "accepted".into(),
            answer: Clean::default(),
            effect: Clean::default(),
            note: Clean::default(),
        };
        fill(&mut entry);
        entry
    }
}

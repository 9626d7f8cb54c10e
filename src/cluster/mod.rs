//! The adapter that reads a real cluster over HTTP: kubeconfig, login, heartbeat, lists and watches, projected while they arrive.
//! Never writes to the cluster, never reads a Secret, and never lets a type of the client library out.
//!
//! [`connect`] returns at once. One task holds the link (`link`): it reads the kubeconfig, logs in, asks the server for its version
//! and keeps asking every few seconds. One task per interest (`source`) lists and watches while the link is up. Everything they learn
//! goes as [`ClusterEvent`]s onto one bounded channel: who does not read slows the watches down, and loses nothing.

mod access;
mod backoff;
mod declared;
mod effort;
mod history;
mod jobs;
mod kubeconfig;
mod link;
mod list;
mod login;
mod pages;
mod progress;
mod proxy;
mod route;
mod scan;
mod session;
mod shared;
mod source;
mod stream;
mod target;
mod trouble;
mod voice;
mod words;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

pub use access::{Asker, rights_for_board, rights_for_release, rights_to_act};
pub use effort::Effort;
pub use kubeconfig::{Contexts, contexts};
pub use progress::{Progress, SourceProgress};
pub use target::{Impersonate, Pace, Target};
pub use write::Writer;

use crate::objects::{Kind, ReleaseRef, SourceId};
use crate::ports::objectives::{Declared, Shelf};
use crate::ports::rights::Right;
use crate::ports::{ClusterEvent, Generation, Interest, ReadCluster, Scope, SourceState};
use crate::text::Clean;
use link::Link;
use shared::{Gate, Shared};
use source::Source;
use voice::Voice;

/// A cluster being read. Dropping it stops everything.
pub struct Connection {
    shared: Arc<Shared>,
    voice: Voice,
    gate: watch::Receiver<Gate>,
    refresh: watch::Sender<u64>,
    progress: progress::Ledger,
    link: JoinHandle<()>,
    running: BTreeMap<SourceId, Running>,
}

/// The task of one interest.
struct Running {
    interest: Interest,
    stop: oneshot::Sender<End>,
    task: JoinHandle<()>,
}

/// How a source ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nobody needs it any more: what it saw is to be forgotten.
    Close,
    /// Another one takes its place under the same id.
    Replaced,
}

/// Begins to read the cluster that `target` names. Returns at once: the first event is who and where, from the kubeconfig alone; everything
/// after it, what went wrong included, comes over `tx` under `generation`. Must be called inside a Tokio runtime.
pub fn connect(target: Target, generation: Generation, tx: mpsc::Sender<(Generation, ClusterEvent)>) -> Connection {
    let voice = Voice::new(generation, tx);
    let shared = Arc::new(Shared::new(target));
    let (refresh, refreshed) = watch::channel(0);
    let (link, gate) = Link::new(shared.clone(), voice.clone(), refreshed);
    let link = tokio::spawn(link.run());
    Connection { shared, voice, gate, refresh, progress: progress::Ledger::default(), link, running: BTreeMap::new() }
}

impl Connection {
    /// How far each source has got, readable from anywhere.
    pub fn progress(&self) -> Progress {
        self.progress.reader()
    }

    /// What is under way at this moment.
    pub fn effort(&self) -> Effort {
        self.shared.effort.clone()
    }

    /// Asks what may be done, over the same link.
    pub fn asker(&self) -> Asker {
        Asker::new(self.gate.clone(), self.shared.clone())
    }

    /// The write handle. A session that may only read never asks for one.
    pub fn writer(&self) -> Writer {
        Writer::new(self.gate.clone(), self.shared.clone())
    }

    fn start(&mut self, interest: Interest, after: Option<JoinHandle<()>>) {
        let id = interest.source;
        self.progress.set(id, SourceProgress { state: SourceState::Listing, revision: String::new() });
        let source = Source::new(interest.clone(), self.voice.clone(), self.gate.clone(), self.shared.clone(), self.progress.clone());
        let (stop, stopped) = oneshot::channel();
        let refreshed = self.refresh.subscribe();
        let task = tokio::spawn(async move {
            if let Some(before) = after {
                let _ = before.await;
            }
            source.run(stopped, refreshed).await;
        });
        self.running.insert(id, Running { interest, stop, task });
    }
}

impl ReadCluster for Connection {
    fn count_elsewhere(&self) {
        let (asker, voice) = (self.asker(), self.voice.clone());
        tokio::spawn(async move {
            if let Some(count) = asker.count_releases().await {
                voice.last_word(ClusterEvent::Elsewhere(count)).await;
            }
        });
    }

    fn ask_rights(&self, rights: Vec<Right>) {
        let (asker, voice, effort) = (self.asker(), self.voice.clone(), self.shared.effort.there());
        tokio::spawn(async move {
            let _busy = effort;
            for right in rights {
                let answer = asker.can(&right).await;
                voice.last_word(ClusterEvent::Allowed(right, answer)).await;
            }
        });
    }

    fn read_history(&self, release: ReleaseRef, holder: (Kind, Clean), labels: String) {
        let (asker, voice, effort) = (self.asker(), self.voice.clone(), self.shared.effort.there());
        let limit = self.shared.pace().quiet_list;
        tokio::spawn(async move {
            let _busy = effort;
            let history = match asker.session().await {
                Ok(session) => history::read(&session, &release, (holder.0, &holder.1), &labels, limit).await,
                Err(why) => Err(why),
            };
            voice.last_word(ClusterEvent::History(release, history)).await;
        });
    }

    fn list_objectives(&self, scope: Scope) {
        let (asker, voice, effort) = (self.asker(), self.voice.clone(), self.shared.effort.there());
        let limit = self.shared.pace().quiet_list;
        tokio::spawn(async move {
            let _busy = effort;
            for shelf in Shelf::ALL {
                let declared = match asker.session().await {
                    Ok(session) => declared::read(&session, shelf, &scope, limit).await,
                    Err(why) => Declared::Failed(why),
                };
                voice.last_word(ClusterEvent::Declared(shelf, declared)).await;
            }
        });
    }

    fn set_interests(&mut self, interests: Vec<Interest>) {
        let mut kept = BTreeMap::new();
        let mut before = std::mem::take(&mut self.running);
        let mut fresh = Vec::new();
        for interest in interests {
            match before.remove(&interest.source) {
                Some(running) if running.interest == interest => {
                    kept.insert(interest.source, running);
                }
                Some(running) => {
                    let _ = running.stop.send(End::Replaced);
                    fresh.push((interest, Some(running.task)));
                }
                None => fresh.push((interest, None)),
            }
        }
        self.running = kept;
        for (id, running) in before {
            let _ = running.stop.send(End::Close);
            self.progress.remove(id);
        }
        for (interest, after) in fresh {
            self.start(interest, after);
        }
    }

    fn refresh(&mut self) {
        self.progress.relist();
        self.refresh.send_modify(|count| *count += 1);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.link.abort();
        for running in self.running.values() {
            running.task.abort();
        }
    }
}

//! One interest, watched: list, watch from there, take it up again whenever it ends, and say how it goes.
//! Never gives up, never loses a change between list and watch, and never reports a list that is not whole.
//!
//! What a failure means is decided here, once for all kinds: 410 lists again, 401 waits for a new login, 403 and 404 ask again slowly, 429 waits as
//! told, everything else waits longer each time. A cut link waits for the link. The revision to go on from is remembered only after the events up
//! to it were taken, so a cut in between repeats events and skips none.

mod recover;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::End;
use super::backoff::Backoff;
use super::list::Unread;
use super::pages::{self, Listed};
use super::progress::Ledger;
use super::session::{self, Session};
use super::shared::{Gate, Shared};
use super::stream::{Feed, Lines, Next, Said};
use super::trouble::Trouble;
use super::voice::Voice;
use crate::objects::WorldEvent;
use crate::ports::{ClusterEvent, Interest, SourceState};
use crate::text::Clean;

/// A watch that ends sooner than this without a word did not really begin.
const TOO_SHORT: Duration = Duration::from_secs(1);

/// The task of one interest.
pub(super) struct Source {
    interest: Interest,
    voice: Voice,
    gate: watch::Receiver<Gate>,
    shared: Arc<Shared>,
    ledger: Ledger,
    backoff: Backoff,
    /// Where to watch from; empty before the first list and when it has to be made anew.
    revision: String,
    /// Whether the app holds objects of this source.
    listed: bool,
    said: Option<SourceState>,
    unread: u64,
    /// What is being asked for, for the words of a refusal.
    verb: &'static str,
    /// How often in a row the server had forgotten the revision at once.
    forgotten: u32,
    /// How often in a row the login was refused.
    refused: u32,
}

/// How a round ended when nothing went wrong.
enum Closed {
    /// As servers do every few minutes.
    InOrder,
    /// Before it said anything.
    AtOnce,
    /// It went silent and was given up.
    Quiet,
}

impl Source {
    pub fn new(interest: Interest, voice: Voice, gate: watch::Receiver<Gate>, shared: Arc<Shared>, ledger: Ledger) -> Self {
        let backoff = Backoff::new(shared.pace().backoff_min, shared.pace().backoff_max);
        Self {
            interest,
            voice,
            gate,
            shared,
            ledger,
            backoff,
            revision: String::new(),
            listed: false,
            said: None,
            unread: 0,
            verb: "list",
            forgotten: 0,
            refused: 0,
        }
    }

    /// Works until told to stop.
    pub async fn run(mut self, mut stop: oneshot::Receiver<End>, mut refreshed: watch::Receiver<u64>) {
        loop {
            tokio::select! {
                biased;
                end = &mut stop => {
                    if end == Ok(End::Close) {
                        self.voice.last_word(ClusterEvent::World(self.interest.source, WorldEvent::Close)).await;
                    }
                    return;
                }
                changed = refreshed.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    self.revision.clear();
                    self.said = None;
                    self.backoff.reset();
                }
                () = self.keep_on() => {}
            }
        }
    }

    async fn keep_on(&mut self) {
        loop {
            let session = self.up().await;
            let mut gate = self.gate.clone();
            let ended = tokio::select! {
                biased;
                () = cut(&mut gate, session.line) => None,
                ended = self.round(&session) => Some(ended),
            };
            match ended {
                None => self.link_lost().await,
                Some(Ok(closed)) => self.closed(closed, &session).await,
                Some(Err(trouble)) => self.failed(trouble, &session).await,
            }
        }
    }

    /// Waits for the link.
    async fn up(&mut self) -> Session {
        loop {
            if let Gate::Up(session) = &*self.gate.borrow_and_update() {
                return session.clone();
            }
            if self.gate.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// List if needed, then watch until it ends.
    async fn round(&mut self, session: &Session) -> Result<Closed, Trouble> {
        let streamed = if self.revision.is_empty() {
            self.verb = "list";
            // What is not there, or not allowed, is asked for again now and then: until it is there, nothing is new.
            if !matches!(self.said, Some(SourceState::Absent | SourceState::Denied(_))) {
                self.state(SourceState::Listing).await;
            }
            if self.shared.streams(session) { self.stream_list(session).await? } else { None }
        } else {
            None
        };
        let lines = match streamed {
            Some(lines) => lines,
            None => {
                if self.revision.is_empty() {
                    let listed = pages::list(session, &self.shared, &self.voice, &self.interest).await?;
                    self.replace(listed).await;
                }
                self.verb = "watch";
                self.open(session, vec![("resourceVersion", self.revision.clone())]).await?
            }
        };
        self.refused = 0;
        self.state(SourceState::Live).await;
        self.follow(lines).await
    }

    async fn open(&self, session: &Session, mut query: Vec<(&'static str, String)>) -> Result<Lines, Trouble> {
        // Spread, so that the watches of many clients do not all end together.
        let seconds = fastrand::u32(270..310);
        query.extend([("watch", "true".to_owned()), ("allowWatchBookmarks", "true".to_owned()), ("timeoutSeconds", seconds.to_string())]);
        let _there = self.shared.effort.there();
        let answer = session.get(&pages::path(&self.interest, &query), false, self.shared.pace().quiet_watch).await?;
        self.shared.heard();
        if let Some(server_time) = session::date(&answer) {
            self.voice.say(ClusterEvent::Heard { server_time }).await;
        }
        let feed = Feed { body: answer.into_body(), shared: self.shared.clone(), server: session.server.clone() };
        Ok(Lines::new(feed, self.interest.kind))
    }

    /// Lists by a watch that begins with all there is. `None` when this server does not do that; the paged list is next then.
    async fn stream_list(&mut self, session: &Session) -> Result<Option<Lines>, Trouble> {
        let query = vec![("sendInitialEvents", "true".to_owned()), ("resourceVersionMatch", "NotOlderThan".to_owned())];
        let mut lines = match self.open(session, query).await {
            Ok(lines) => lines,
            Err(Trouble::Invalid(_)) => {
                self.shared.no_streams();
                return Ok(None);
            }
            // May be allowed to list where watching is not.
            Err(Trouble::Forbidden(_)) => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let (mut objects, mut unread) = (Vec::new(), Unread::default());
        loop {
            match lines.next(self.shared.pace().quiet_list).await? {
                Next::Some(Said::Seen(object)) => objects.push(*object),
                Next::Some(Said::Gone(uid, _)) => objects.retain(|object| object.meta().uid != uid),
                Next::Some(Said::Unreadable(why, _)) => unread.note(why),
                Next::Some(Said::Mark(_, false)) => {}
                Next::Some(Said::Mark(revision, true)) => {
                    self.replace(Listed { objects, unread, revision }).await;
                    return Ok(Some(lines));
                }
                // Servers whose storage can't do it say so inside a 200.
                Next::Some(Said::Failed(Trouble::Server(_) | Trouble::Invalid(_))) if objects.is_empty() => {
                    self.shared.no_streams();
                    return Ok(None);
                }
                Next::Some(Said::Failed(trouble)) => return Err(trouble),
                // A server that does not know what was asked for gives a plain watch, whose beginning never ends.
                Next::Quiet => {
                    self.shared.no_streams();
                    return Ok(None);
                }
                // A server that is being shut down ends it in good order: that says nothing about the next time.
                Next::End => return Ok(None),
            }
        }
    }

    async fn follow(&mut self, mut lines: Lines) -> Result<Closed, Trouble> {
        let began = Instant::now();
        let mut words = 0_u64;
        loop {
            let said = match lines.next(self.shared.pace().quiet_watch).await? {
                Next::Some(said) => said,
                Next::Quiet => return Ok(Closed::Quiet),
                Next::End if words == 0 && began.elapsed() < TOO_SHORT => return Ok(Closed::AtOnce),
                Next::End => return Ok(Closed::InOrder),
            };
            match said {
                Said::Seen(object) => {
                    let revision = object.meta().resource_version.clone();
                    self.world(WorldEvent::Apply(*object)).await;
                    self.reached(&revision);
                }
                Said::Gone(uid, revision) => {
                    self.world(WorldEvent::Delete(self.interest.kind, uid)).await;
                    self.reached(&revision);
                }
                Said::Mark(revision, _) => self.reached(&revision),
                Said::Unreadable(why, revision) => {
                    self.unread += 1;
                    self.voice.say(ClusterEvent::Unreadable(self.interest.source, self.unread, Clean::from(why))).await;
                    self.reached(&revision.unwrap_or_default());
                }
                Said::Failed(trouble) => return Err(trouble),
            }
            words += 1;
            self.backoff.reset();
            self.forgotten = 0;
        }
    }

    async fn replace(&mut self, listed: Listed) {
        let id = self.interest.source;
        self.listed = !listed.objects.is_empty();
        self.world(WorldEvent::Replace(self.interest.kind, listed.objects)).await;
        if listed.unread.count > 0 || self.unread > 0 {
            self.unread = listed.unread.count;
            self.voice.say(ClusterEvent::Unreadable(id, self.unread, listed.unread.last)).await;
        }
        self.reached(&listed.revision);
    }

    async fn world(&mut self, event: WorldEvent) {
        self.listed |= matches!(event, WorldEvent::Apply(_));
        self.voice.say(ClusterEvent::World(self.interest.source, event)).await;
    }

    fn reached(&mut self, revision: &str) {
        if !revision.is_empty() {
            revision.clone_into(&mut self.revision);
            self.ledger.revision(self.interest.source, revision);
        }
    }

    async fn state(&mut self, state: SourceState) {
        if self.said.as_ref() != Some(&state) || matches!(state, SourceState::Retrying { .. }) {
            self.said = Some(state.clone());
            self.voice.say(ClusterEvent::Source(self.interest.source, state.clone())).await;
        }
        self.ledger.state(self.interest.source, state);
    }
}

/// Waits until the link of that line is no longer up.
async fn cut(gate: &mut watch::Receiver<Gate>, line: u64) {
    let gone = gate.wait_for(|gate| !matches!(gate, Gate::Up(session) if session.line == line)).await.is_err();
    if gone {
        std::future::pending::<()>().await;
    }
}

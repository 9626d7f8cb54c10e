//! What a source does when a round of list and watch ends: each trouble has its wait and its words.
//! Never ends the source: everything is tried again.

use std::time::Duration;

use super::super::session::Session;
use super::super::shared::Gate;
use super::super::trouble::Trouble;
use super::super::words;
use super::{Closed, Source, cut};
use crate::objects::WorldEvent;
use crate::ports::{Scope, SourceState};
use crate::text::Clean;

impl Source {
    async fn retrying(&mut self, reason: String, after: Duration) {
        self.state(SourceState::Retrying { reason: Clean::from(reason), after }).await;
    }

    /// Waits, but not past a new link: what failed on the old one may work there.
    async fn wait(&self, time: Duration, line: u64) {
        let mut gate = self.gate.clone();
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = cut(&mut gate, line) => {}
        }
    }

    pub(super) async fn link_lost(&mut self) {
        if matches!(self.said, Some(SourceState::Live | SourceState::Listing | SourceState::Retrying { .. })) {
            self.retrying("waiting for the link".to_owned(), Duration::ZERO).await;
        }
    }

    pub(super) async fn closed(&mut self, closed: Closed, session: &Session) {
        match closed {
            Closed::InOrder => self.backoff.reset(),
            Closed::Quiet => {
                let quiet = words::seconds(self.shared.pace().quiet_watch);
                self.retrying(format!("the watch said nothing for {quiet}: taking it up again"), Duration::ZERO).await;
            }
            Closed::AtOnce => {
                let after = self.backoff.next();
                self.retrying("the server ended the watch at once".to_owned(), after).await;
                self.wait(after, session.line).await;
            }
        }
    }

    pub(super) async fn failed(&mut self, trouble: Trouble, session: &Session) {
        let line = session.line;
        let trouble = self.truly(trouble, session).await;
        match trouble {
            Trouble::Gone => {
                self.revision.clear();
                self.forgotten += 1;
                let after = if self.forgotten > 1 { self.backoff.next() } else { Duration::ZERO };
                self.retrying(format!("{}: listing again", Trouble::Gone.words()), after).await;
                self.wait(after, line).await;
            }
            Trouble::Unauthorized(_) => {
                // A login that is refused here and accepted by the heartbeat would be fetched without end.
                let after = if self.refused > 0 { self.backoff.next() } else { Duration::ZERO };
                self.refused += 1;
                self.retrying(format!("{}: logging in again", trouble.words()), after).await;
                self.wait(after, line).await;
                self.shared.unauthorized(session.epoch);
                self.another_login(session.epoch).await;
            }
            Trouble::Forbidden(_) => {
                self.revision.clear();
                self.state(SourceState::Denied(Clean::from(self.right()))).await;
                self.wait(self.shared.pace().denied, line).await;
            }
            Trouble::NotFound => {
                self.revision.clear();
                // Whatever was there has gone with its kind. An empty list also says that it was looked for.
                if self.listed {
                    self.listed = false;
                    self.world(WorldEvent::Replace(self.interest.kind, Vec::new())).await;
                }
                self.state(SourceState::Absent).await;
                self.wait(self.shared.pace().absent, line).await;
            }
            Trouble::Busy(asked, words) => {
                let own = self.backoff.next();
                let after = asked.unwrap_or(own);
                self.retrying(words, after).await;
                self.wait(after, line).await;
            }
            Trouble::Broken(words) => {
                self.shared.poke.notify_one();
                let after = self.backoff.next();
                self.retrying(words, after).await;
                self.wait(after, line).await;
            }
            Trouble::Invalid(words) | Trouble::Server(words) => {
                let after = self.backoff.next();
                self.retrying(words, after).await;
                self.wait(after, line).await;
            }
        }
    }

    /// Who may not list a kind is refused also where nobody could: then there is nothing to be allowed.
    async fn truly(&self, trouble: Trouble, session: &Session) -> Trouble {
        let kind = self.interest.kind;
        let refused = matches!(trouble, Trouble::Forbidden(_)) && kind.is_custom();
        let limit = self.shared.pace().heartbeat_limit;
        if refused && session.serves(kind, limit).await == Some(false) { Trouble::NotFound } else { trouble }
    }

    async fn another_login(&mut self, epoch: u64) {
        let _ = self.gate.wait_for(|gate| !matches!(gate, Gate::Up(session) if session.epoch <= epoch)).await;
    }

    /// The right that is missing, e.g. `list rollouts.argoproj.io in payments`.
    fn right(&self) -> String {
        let place = match &self.interest.scope {
            Scope::All => "all namespaces".to_owned(),
            Scope::Namespace(name) => name.to_string(),
        };
        format!("{} {} in {place}", self.verb, self.interest.kind.resource())
    }
}

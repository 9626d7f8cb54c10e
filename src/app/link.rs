//! What is known of the link: its state since when, the server's clock, and each source.
//! Never decides to reconnect: the adapter does, this remembers what it said.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::objects::{SourceId, Time};
use crate::ports::{Identity, LinkState, SourceState};
use crate::text::Clean;

/// From here on the age of the last answer is shown.
pub const SILENT: TimeDelta = TimeDelta::seconds(11);

/// How many releases all namespaces hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// Nobody needed to know.
    Unasked,
    /// Asked; there may never be an answer, where it may not be read.
    Asked,
    /// So many.
    Counted(usize),
}

/// The link as the cockpit knows it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Who and where.
    pub identity: Identity,
    /// Its state.
    pub state: LinkState,
    /// Since when, by our clock.
    pub since: Time,
    /// When it is tried again, by our clock.
    pub retry_at: Option<Time>,
    /// When an answer last came, by our clock.
    pub heard: Option<Time>,
    /// What to add to our clock to get the server's.
    pub offset: TimeDelta,
    /// Each source's state and since when.
    pub sources: BTreeMap<SourceId, (SourceState, Time)>,
    /// Objects that could not be read, by source: how many, and why the last one.
    pub unreadable: BTreeMap<SourceId, (u64, Clean)>,
    /// What all namespaces hold, where this one holds nothing.
    pub elsewhere: Elsewhere,
}

impl Connection {
    /// Nothing is known yet.
    pub fn new(now: Time) -> Self {
        Self {
            identity: Identity::default(),
            state: LinkState::Connecting(Clean::from("reading the kubeconfig")),
            since: now,
            retry_at: None,
            heard: None,
            offset: TimeDelta::zero(),
            sources: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            elsewhere: Elsewhere::Unasked,
        }
    }

    /// A reason as the screen says it: the server's address is known, long, and nobody else's business on a shared screen.
    fn plain(&self, reason: &Clean) -> Clean {
        let server = self.identity.server.as_str();
        if server.is_empty() { reason.clone() } else { Clean::from(reason.replace(server, "the API server")) }
    }

    /// Takes in a source's state. Returns whether anything visible changed.
    pub fn enter_source(&mut self, id: SourceId, state: SourceState, now: Time) -> bool {
        let state = match state {
            SourceState::Retrying { reason, after } => SourceState::Retrying { reason: self.plain(&reason), after },
            other => other,
        };
        self.sources.insert(id, (state.clone(), now)).is_none_or(|(was, _)| was != state)
    }

    /// Takes in a new state. Returns whether anything visible changed.
    pub fn enter(&mut self, state: LinkState, now: Time) -> bool {
        let state = match state {
            LinkState::Lost { reason, retry_after } => LinkState::Lost { reason: self.plain(&reason), retry_after },
            other => other,
        };
        self.retry_at = match &state {
            LinkState::Lost { retry_after, .. } => TimeDelta::from_std(*retry_after).ok().map(|after| now + after),
            _ => None,
        };
        let same_kind = std::mem::discriminant(&state) == std::mem::discriminant(&self.state);
        if !same_kind {
            self.since = now;
        }
        let changed = self.state != state;
        self.state = state;
        changed
    }

    /// An answer came that says the server's time, in whole seconds. The offset moves only when it is off by more than the seconds hide.
    pub fn hear(&mut self, server_time: Time, now: Time) -> bool {
        self.heard = Some(now);
        // `Date` is cut to whole seconds: the server's clock is up to one second ahead of it.
        let ahead = server_time - now;
        let plausible = ahead - TimeDelta::milliseconds(1)..=ahead + TimeDelta::milliseconds(1001);
        if plausible.contains(&self.offset) {
            return false;
        }
        let was = self.skew();
        self.offset = if plausible.contains(&TimeDelta::zero()) { TimeDelta::zero() } else { ahead + TimeDelta::milliseconds(500) };
        was != self.skew()
    }

    /// How far our clock is behind the server's, in seconds, where it is more than 2.
    pub fn skew(&self) -> Option<i64> {
        let seconds = self.offset.num_milliseconds() / 1000;
        (seconds.abs() > 2).then_some(seconds)
    }

    /// Whether nothing has been heard for longer than heartbeats explain.
    pub fn is_silent(&self, now: Time) -> bool {
        self.heard.is_some_and(|at| now - at >= SILENT)
    }

    /// Whether the link answers.
    pub fn is_live(&self) -> bool {
        self.state == LinkState::Live
    }

    /// Whether the picture is not fresh: it was once, and the link does not answer now.
    pub fn is_stale(&self) -> bool {
        matches!(self.state, LinkState::Lost { .. }) && self.heard.is_some()
    }
}

//! What the app needs from outside, as small traits and plain data of our own: reading a cluster, metrics, the clock.
//! Never names a client library.

pub mod checks;
pub mod journal;
pub mod metrics;
pub mod objectives;
pub mod rights;
pub mod route;
pub mod write;

use std::time::Duration;

use self::rights::{Allowed, Right};
use crate::objects::{Kind, RawHistory, ReleaseRef, Selector, SourceId, Time, WorldEvent};
use crate::text::Clean;

/// Counts everything that is asked for anew (another context or namespace): answers to an older question are dropped by comparing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(pub u64);

/// Which namespaces are looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All of them.
    All,
    /// One.
    Namespace(Clean),
}

/// Something the screen needs to see: the cluster adapter keeps one watch for each, and stops those no longer named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// Its source, chosen by the app; stays the same while the interest does.
    pub source: SourceId,
    /// What.
    pub kind: Kind,
    /// Where.
    pub scope: Scope,
    /// Which of them: a label query such as `app=web`; empty means all.
    pub labels: String,
    /// The release it is for; `None` for the board's own.
    pub release: Option<ReleaseRef>,
}

impl Interest {
    /// The label query of a selector.
    pub fn labels_of(selector: &Selector) -> String {
        selector.query()
    }
}

/// How one source is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// The first list is on its way.
    Listing,
    /// Listed whole, and watched.
    Live,
    /// The watch ended or failed and is taken up again; the reason in words, and when the next try is due (in our own time).
    Retrying {
        /// What went wrong.
        reason: Clean,
        /// When it is tried again, from the moment of this event.
        after: Duration,
    },
    /// May not be read: verb and resource in words, e.g. `list rollouts.argoproj.io in payments`.
    Denied(Clean),
    /// The server does not serve this kind (the CRD is not installed); it is looked for again now and then.
    Absent,
}

/// The link to the cluster as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// Not reached yet; what is being done, in words, e.g. `waiting for the login helper aws`.
    Connecting(Clean),
    /// Answers.
    Live,
    /// Does not answer, since when (our own time), why, and when it is tried again.
    Lost {
        /// Why, in words.
        reason: Clean,
        /// How long after this event the next try is due.
        retry_after: Duration,
    },
    /// Can't be reached at all before something is changed: no kubeconfig, unknown context, unreadable file. What to do, in words.
    Unusable(Clean),
}

/// Who and where: shown in the band.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Context name.
    pub context: Clean,
    /// Server address, without credentials.
    pub server: Clean,
    /// User name as the server sees it (empty until known), else the kubeconfig's.
    pub user: Clean,
    /// Their groups as the server sees them; empty until known, and where it does not tell.
    pub groups: Vec<Clean>,
    /// The namespace of the context.
    pub namespace: Clean,
    /// Server version, e.g. `v1.36.1`.
    pub version: Clean,
}

/// What a cluster adapter says.
#[derive(Debug, Clone, PartialEq)]
pub enum ClusterEvent {
    /// Who and where.
    Identity(Identity),
    /// The link changed.
    Link(LinkState),
    /// An answer came: the server's time at that moment (heartbeats and every list say so).
    Heard {
        /// The server's `Date`, whole seconds.
        server_time: Time,
    },
    /// One source changed its state.
    Source(SourceId, SourceState),
    /// One source saw something.
    World(SourceId, WorldEvent),
    /// Objects of a source that could not be read: how many so far, and why the last one.
    Unreadable(SourceId, u64, Clean),
    /// How many releases all namespaces hold, for the empty board; asked for when the board is empty.
    Elsewhere(usize),
    /// What the server says to a right that was asked about; the error is a sentence.
    Allowed(Right, Result<Allowed, Clean>),
    /// What became of reading the objects of one kind that objectives are read from.
    Declared(objectives::Shelf, objectives::Declared),
    /// The revisions of a release, read once; the error is a sentence.
    History(ReleaseRef, Result<RawHistory, Clean>),
}

/// Reads a cluster: keeps one watch per interest and reports everything as [`ClusterEvent`]s on the channel it was made with.
pub trait ReadCluster: Send {
    /// Says what is needed now. Watches for new interests start, those no longer named stop, the others are left alone.
    fn set_interests(&mut self, interests: Vec<Interest>);
    /// Throws every watch away and begins again.
    fn refresh(&mut self);
    /// Counts the releases of all namespaces, if that may be asked, and reports it as [`ClusterEvent::Elsewhere`]; says nothing where it may not.
    fn count_elsewhere(&self);
    /// Asks what may be done and reports each answer as [`ClusterEvent::Allowed`].
    fn ask_rights(&self, rights: Vec<Right>);
    /// Lists what declares objectives, in all namespaces where that may be read, else in `scope`, and reports each kind as
    /// [`ClusterEvent::Declared`].
    fn list_objectives(&self, scope: Scope);
    /// Reads the revisions of a release with their whole pod templates and reports them as [`ClusterEvent::History`]. `holder` is the object that
    /// holds the template, by kind and name; `labels` the query that finds its ReplicaSets.
    fn read_history(&self, release: ReleaseRef, holder: (Kind, Clean), labels: String);
}

/// Tells the time. The only source of "now" in the program.
pub trait Clock: Send + Sync {
    /// Now, by this machine's clock (or the demo's).
    fn now(&self) -> Time;

    /// How long to sleep, in real time, until this clock shows `at`.
    fn until(&self, at: Time) -> Duration {
        (at - self.now()).to_std().unwrap_or(Duration::ZERO)
    }
}

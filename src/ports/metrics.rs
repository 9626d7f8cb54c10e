//! What the app wants measured, and what came back: plain data between it and whatever asks a metrics server.
//! Knows no query language and no address: what was asked comes back as words to show.

mod found;
mod interest;
mod promise;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::objectives::{Found as Described, Read};
use crate::objects::ReleaseRef;
use crate::text::Clean;

pub use found::{Asked, Bucket, Events, Found, Reading};
pub use interest::{Measurable, MetricInterest, Part, Subject, VersionNames};
pub use promise::{Alarm, Counters, Kept, Promise, Since};

/// What a metrics server is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsLink {
    /// None is named.
    None,
    /// None is named and none was found in the cluster: why, and what would help, in a sentence.
    Unfound(Clean),
    /// Asked for the first time; the address without credentials.
    Probing(Clean),
    /// Answers.
    Live {
        /// The address without credentials, or the way to it, e.g. `monitoring/prometheus-k8s:9090 through the API server`.
        address: Clean,
        /// The way in a word or two: its host, `the API server`, `a port-forward`; empty where it is the program's own.
        way: Clean,
    },
    /// Does not answer, or not usefully.
    Failing {
        /// The address without credentials.
        address: Clean,
        /// In a word or two.
        word: Clean,
        /// A sentence: what happened, what was done, what to do.
        sentence: Clean,
        /// How long after this event it is asked again.
        retry_after: Duration,
    },
}

/// What a metrics adapter says.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsEvent {
    /// The server changed.
    Link(MetricsLink),
    /// Which request metrics there are for a release, in words such as `Istio`; none found is an empty list, with what was looked for.
    Families {
        /// Found, best first.
        found: Vec<Clean>,
        /// What was looked for.
        looked_for: Clean,
    },
    /// An answer.
    Found(ReleaseRef, Asked, Found),
    /// The objectives in the server's rules; why they are not told, as a sentence.
    Rules(Result<Read, Clean>),
    /// The objectives that series describe; why they are not told, as a sentence.
    Described(Result<Vec<Described>, Clean>),
    /// Which pods some series are of, by the question: the label sets; why they are not told, as a sentence.
    Covered(Clean, Result<Vec<BTreeMap<String, String>>, Clean>),
    /// A question that was not answered: what it was for, and why in a sentence.
    Unanswered {
        /// The release it was for.
        release: ReleaseRef,
        /// What it would have told, e.g. `requests by version`.
        about: Clean,
        /// The question.
        query: Clean,
        /// In a word or two.
        word: Clean,
        /// In a sentence.
        sentence: Clean,
    },
}

/// Measures: keeps asking what the last interest named and reports it on the channel it was made with.
pub trait ReadMetrics: Send {
    /// Says what is needed now; questions for what is no longer named stop.
    fn set_interest(&mut self, interest: MetricInterest);
    /// Asks everything anew at once.
    fn refresh(&mut self);
}

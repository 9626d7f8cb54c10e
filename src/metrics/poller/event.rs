//! What the poller says, with everything that is known of it; and the same in the app's words.
//! Never says more to the app than its port has words for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::dialect::looked_for;
use super::super::questions::QuestionId;
use crate::objectives::{Found as Described, Read};
use crate::objects::{ReleaseRef, Time};
use crate::ports::metrics::{Asked, Found, MetricsEvent, MetricsLink};
use crate::text::Clean;

/// Something happened between us and a metrics server.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Which families of metrics there are for what is on screen, best first. Said when that changes.
    Probed {
        /// In words such as `Istio`.
        found: Vec<Clean>,
    },
    /// A question was answered.
    Answer {
        /// What it was for.
        id: QuestionId,
        /// The question, the moment it was worked out for, and what the answer is worth.
        asked: Asked,
        /// When it was sent, by the clock.
        asked_at: Time,
        /// When the answer was told, by the clock.
        answered_at: Time,
        /// What it tells, of which release.
        found: Vec<(ReleaseRef, Found)>,
    },
    /// The objectives in its rules, or why they are not told.
    Rules(Result<Read, Clean>),
    /// The objectives that series describe, or why they are not told.
    Described(Result<Vec<Described>, Clean>),
    /// Which pods some series are of, by the question, or why that is not told.
    Covered(Clean, Result<Vec<BTreeMap<String, String>>, Clean>),
    /// A question was not answered.
    Failed {
        /// What it was for.
        id: QuestionId,
        /// The releases whose figures age now.
        releases: Vec<ReleaseRef>,
        /// The question.
        query: Clean,
        /// Why, in a word or two.
        word: Clean,
        /// Why, in a sentence.
        sentence: Clean,
        /// How long until it is asked again; `None`: not before it changes.
        next: Option<Duration>,
    },
    /// The server began to answer, or to fail.
    Link(MetricsLink),
}

impl Event {
    /// In the app's words.
    pub fn told(self) -> Vec<MetricsEvent> {
        match self {
            Self::Probed { found } => vec![MetricsEvent::Families { found, looked_for: looked_for() }],
            Self::Answer { asked, found, .. } => {
                found.into_iter().map(|(release, found)| MetricsEvent::Found(release, asked.clone(), found)).collect()
            }
            Self::Failed { id, releases, query, word, sentence, .. } => {
                let unanswered = |release| MetricsEvent::Unanswered {
                    release,
                    about: id.about(),
                    query: query.clone(),
                    word: word.clone(),
                    sentence: sentence.clone(),
                };
                releases.into_iter().map(unanswered).collect()
            }
            Self::Rules(read) => vec![MetricsEvent::Rules(read)],
            Self::Described(found) => vec![MetricsEvent::Described(found)],
            Self::Covered(query, sets) => vec![MetricsEvent::Covered(query, sets)],
            Self::Link(link) => vec![MetricsEvent::Link(link)],
        }
    }
}

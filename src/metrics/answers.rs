//! Answers read into figures: which series is which version, window or objective.
//! Never divides where the reader must see both numbers, and never takes an absent series for zero.

mod alerts;
mod board;
mod course;
mod events;
mod groups;
mod levels;
mod release;

use super::questions::{About, Question, QuestionId, Sli};
use super::reply::Reply;
use crate::objects::ReleaseRef;
use crate::ports::metrics::Found;
use crate::text::Clean;

/// The window that counts by version are asked over.
const FIVE_MINUTES: std::time::Duration = std::time::Duration::from_secs(300);

/// What an answer tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Of which release, what.
    pub found: Vec<(ReleaseRef, Found)>,
    /// Why it may not be the whole truth, in words.
    pub doubt: Option<Clean>,
}

/// Reads the answer to `question`. Probes tell nothing of releases.
pub fn read(question: &Question, reply: &Reply) -> Told {
    let mut doubts: Vec<String> = reply.doubt().iter().map(ToString::to_string).collect();
    let found = match &question.about {
        About::Namespaces(_) | About::Candidates(..) | About::Everybody => Vec::new(),
        About::Board(releases, source) => {
            let QuestionId::Board(_, _, span) = &question.id else { return Told { found: Vec::new(), doubt: None } };
            board::rows(releases, source, *span, reply)
        }
        About::Release(one, source) => {
            let whose = |name: &Clean| {
                let promise = one.promises.iter().find(|promise| promise.name == *name)?;
                Some(events::Whose { subject: &one.subject, promise, source: source.as_ref() })
            };
            let slow = |sli: &Sli| match sli {
                Sli::Own(name) => whose(name).filter(|whose| whose.promise.slower_than.is_some()),
                Sli::Family => None,
            };
            let found = match (&question.id, source) {
                (id @ (QuestionId::Events(_, name) | QuestionId::EventsBefore(_, name)), _) => {
                    whose(name).and_then(|whose| events::events(id, &whose, reply, &mut doubts)).into_iter().collect()
                }
                (QuestionId::Level(_, sli, span), _) => match slow(sli) {
                    Some(whose) => events::windows(&whose, *span, reply, &mut doubts),
                    None => levels::windows(&one.promises, sli, *span, reply),
                },
                (QuestionId::Trend(_, sli), _) => match slow(sli) {
                    Some(whose) => vec![events::trend(&whose, reply, &mut doubts)],
                    None => levels::trends(&one.promises, sli, reply),
                },
                (QuestionId::BurnDown(_, name, stretch), _) => course::course(&one.promises, name, *stretch, question.form, reply),
                (QuestionId::Filled(_, name), _) => levels::filled(&one.promises, name, reply),
                (QuestionId::Split(_, name), _) => levels::split(&one.promises, name, FIVE_MINUTES, reply),
                (QuestionId::Recorded(_), _) => levels::recorded(&one.subject, &one.promises, reply),
                (QuestionId::Alerts(_), _) => vec![alerts::firing(one, reply)],
                (id, Some(source)) => release::figures(id, &one.subject, source, reply, &mut doubts).into_iter().collect(),
                (_, None) => Vec::new(),
            };
            found.into_iter().map(|found| (one.release.clone(), found)).collect()
        }
    };
    Told { found, doubt: (!doubts.is_empty()).then(|| Clean::from(doubts.join("; "))) }
}

#[cfg(test)]
mod tests;

//! Which questions are sent next: few at once, spread over their intervals, fewer when the server is slow, one at a time while it fails.
//! Never sends, never sleeps, never reads a clock: it is told the time and what became of each question.

mod trust;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::failure::Failure;
use super::limit::{IN_FLIGHT, INTERVAL, Pacer};
use super::questions::{Question, QuestionId};
use crate::objects::Time;
use trust::Trust;

/// All questions to one server, with when each was last asked.
#[derive(Debug, Clone, Default)]
pub struct Agenda {
    entries: BTreeMap<QuestionId, Entry>,
    trust: Trust,
    /// Nothing is asked before.
    rest_until: Option<Time>,
}

#[derive(Debug, Clone)]
struct Entry {
    question: Arc<Question>,
    pacer: Pacer,
    asked: Option<Time>,
    is_flying: bool,
    /// Not asked again: answered for good, or the server can't read it.
    is_settled: bool,
}

/// What a failure means for what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setback {
    /// After so long this question is asked again; `None`: not before it changes.
    pub again: Option<Duration>,
    /// The server as a whole is taken to fail and is left alone for so long.
    pub rest: Option<Duration>,
}

impl Agenda {
    /// What there is to ask from now on. What was asked before keeps its pace; what is no longer named is forgotten.
    pub fn set(&mut self, questions: Vec<Question>) {
        let mut old = std::mem::take(&mut self.entries);
        // Places follow from what there is to ask alone: whichever answer named a question first has no say in when it is asked.
        let questions: BTreeMap<QuestionId, Question> = questions.into_iter().map(|question| (question.id.clone(), question)).collect();
        for (place, (id, question)) in (0..).zip(questions) {
            let entry = old.remove(&id);
            self.entries.insert(id, Entry::asking(entry, question, place));
        }
    }

    /// Whether a question is still to be asked or waited for.
    pub fn holds(&self, id: &QuestionId) -> bool {
        self.entries.contains_key(id)
    }

    /// The questions to send now, most urgent first. They count as on their way until their fate is told.
    pub fn due(&mut self, now: Time) -> Vec<Arc<Question>> {
        let room = self.room();
        if room == 0 || self.rest_until.is_some_and(|until| now < until) {
            return Vec::new();
        }
        let mut due: Vec<&mut Entry> = self.entries.values_mut().filter(|entry| entry.next(now).is_some_and(|at| at <= now)).collect();
        // Among equals the one that has waited longest: a full house must not starve anybody.
        due.sort_by(|a, b| (a.question.priority, a.asked, &a.question.id).cmp(&(b.question.priority, b.asked, &b.question.id)));
        due.truncate(room);
        due.into_iter()
            .map(|entry| {
                entry.asked = Some(now);
                entry.is_flying = true;
                entry.question.clone()
            })
            .collect()
    }

    /// When [`Self::due`] has something to say next; `None` where nothing but an answer, or another plan, can bring that about.
    pub fn next(&self, now: Time) -> Option<Time> {
        if self.room() == 0 {
            return None;
        }
        let next = self.entries.values().filter_map(|entry| entry.next(now)).min()?;
        Some(self.rest_until.map_or(next, |until| next.max(until)))
    }

    /// An answer came. Returns whether the server was taken to fail until now.
    pub fn answered(&mut self, id: &QuestionId, took: Duration) -> bool {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.is_flying = false;
            entry.is_settled = entry.question.every.is_none();
            entry.pacer.took(took);
        }
        self.rest_until = None;
        self.trust.answered()
    }

    /// A question failed after `took`.
    pub fn failed(&mut self, id: &QuestionId, failure: &Failure, took: Duration, now: Time) -> Setback {
        let rest = self.trust.failed(failure);
        if let Some(rest) = rest {
            self.rest_until = chrono::TimeDelta::from_std(rest).ok().map(|rest| now + rest);
        }
        let Some(entry) = self.entries.get_mut(id) else { return Setback { again: None, rest } };
        entry.is_flying = false;
        match failure {
            Failure::BadQuery(_) => entry.is_settled = true,
            // As dear the next time: the slowest pace there is.
            Failure::TooLarge(_) => entry.pacer.took(Duration::MAX),
            _ => entry.pacer.took(took),
        }
        let next = entry.next(now).map(|next| self.rest_until.map_or(next, |until| next.max(until)));
        Setback { again: next.map(|next| (next - now).to_std().unwrap_or_default()), rest }
    }

    /// A person wants everything anew, now: what can't be read too, since the server may have changed.
    pub fn refresh(&mut self) {
        self.rest_until = None;
        for entry in self.entries.values_mut() {
            entry.asked = None;
            // What is asked once was told; told again it would take the place of what came since.
            entry.is_settled &= entry.question.every.is_none();
        }
    }

    /// How many may be sent beside those on their way. A server that fails is asked one question until it answers.
    fn room(&self) -> usize {
        let most = if self.trust.is_failing() { 1 } else { IN_FLIGHT };
        most.saturating_sub(self.entries.values().filter(|entry| entry.is_flying).count())
    }
}

impl Entry {
    /// When it is to be sent next; `None` while it is on its way, and where it is not to be sent again.
    fn next(&self, now: Time) -> Option<Time> {
        if self.is_flying || self.is_settled {
            return None;
        }
        // A clock that was put back must not silence a question until it has caught up.
        Some(self.pacer.next(self.asked.filter(|asked| *asked <= now), now))
    }

    /// The question as it stands now, with what is known of when `old` was asked: pods come and go, and each must not make it ask sooner.
    /// What is promised changes seldom, and what is newly promised should not wait for its answer.
    fn asking(old: Option<Self>, question: Question, place: u32) -> Self {
        let every = question.every.unwrap_or(INTERVAL);
        let Some(old) = old else {
            let pacer = Pacer::new(every, place);
            return Self { question: Arc::new(question), pacer, asked: None, is_flying: false, is_settled: false };
        };
        let is_same = question.expr == old.question.expr;
        let is_settled = old.is_settled && is_same;
        let asked = old.asked.filter(|_| is_same || !question.id.is_of_promises());
        let took = if question.every == old.question.every { old.pacer.last_took() } else { Duration::ZERO };
        let mut pacer = Pacer::new(every, place);
        pacer.took(took);
        Self { question: Arc::new(question), pacer, is_settled, asked, ..old }
    }
}

#[cfg(test)]
mod tests;

//! The task itself: what is wanted in, questions out, answers to events.
//! Holds no rule of its own: what to ask is the plan's, when is the agenda's.

use std::sync::Arc;

use tokio::sync::watch;

use super::super::agenda::Agenda;
use super::super::answers;
use super::super::failure::Failure;
use super::super::questions::{About, Form, Known, Question, QuestionId, plan};
use super::super::reply::{Data, Reply};
use super::busy::Busy;
use super::event::Event;
use super::line::{Flights, Landed, Tell};
use super::{Answers, Wanted};
use crate::objectives::{Read, series};
use crate::objects::{ReleaseRef, Time};
use crate::ports::Clock;
use crate::ports::metrics::{Asked, Found, MetricInterest, MetricsLink};
use crate::text::Clean;

pub(super) struct Task {
    client: Arc<dyn Answers>,
    clock: Arc<dyn Clock>,
    line: Box<dyn Tell>,
    busy: Busy,
    interest: MetricInterest,
    known: Known,
    agenda: Agenda,
    flights: Flights,
    link: MetricsLink,
    /// What was last said of the families.
    probed: Option<Vec<Clean>>,
    /// What is to be told next.
    said: Vec<Event>,
}

/// Says that nothing is done any more, also when the task is dropped half-way.
struct Over(Busy);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.over();
    }
}

impl Task {
    pub fn new(client: Arc<dyn Answers>, clock: Arc<dyn Clock>, line: Box<dyn Tell>, busy: Busy) -> Self {
        Self {
            client,
            clock,
            line,
            busy,
            interest: MetricInterest::default(),
            known: Known::default(),
            agenda: Agenda::default(),
            flights: Flights::default(),
            link: MetricsLink::None,
            probed: None,
            said: Vec::new(),
        }
    }

    pub async fn run(mut self, mut wanted: watch::Receiver<Wanted>) {
        let _over = Over(self.busy.clone());
        let mut refreshed = 0;
        loop {
            let new = wanted.borrow_and_update().clone();
            let wishes = new.wishes;
            self.want(new, &mut refreshed);
            while let Some(landed) = self.flights.next() {
                self.land(landed);
            }
            for event in std::mem::take(&mut self.said) {
                if !self.line.tell(event).await {
                    return;
                }
            }
            let now = self.clock.now();
            for question in self.agenda.due(now) {
                let question = question.sent(now);
                let answer = self.client.answer(question.clone(), now);
                self.flights.send(question, now, answer);
            }
            if let (MetricsLink::None, true) = (&self.link, self.flights.count() > 0) {
                self.turn(MetricsLink::Probing(self.client.address()));
                continue;
            }
            let due = self.agenda.next(now);
            self.busy.stands(wishes, self.flights.count(), due);
            let clock = self.clock.clone();
            let sleep = async {
                match due {
                    Some(due) => tokio::time::sleep(clock.until(due)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                changed = wanted.changed() => if changed.is_err() {
                    return;
                },
                () = self.flights.progress() => {}
                () = sleep => {}
                () = self.busy.woken() => {}
            }
        }
    }

    fn want(&mut self, wanted: Wanted, refreshed: &mut u64) {
        if wanted.refreshed != *refreshed {
            *refreshed = wanted.refreshed;
            self.known.forget();
            self.agenda.refresh();
        } else if wanted.interest == self.interest {
            return;
        }
        self.interest = wanted.interest;
        self.plan();
    }

    fn plan(&mut self) {
        self.agenda.set(plan(&self.interest, &self.known));
        let agenda = &self.agenda;
        self.flights.keep(|id| agenda.holds(id));
        let Some(found) = self.known.names(&self.interest).filter(|_| self.interest != MetricInterest::default()) else { return };
        if self.probed.as_ref() != Some(&found) {
            self.probed = Some(found.clone());
            self.said.push(Event::Probed { found });
        }
    }

    fn turn(&mut self, link: MetricsLink) {
        if self.link != link {
            self.link = link.clone();
            self.said.push(Event::Link(link));
        }
    }

    fn land(&mut self, landed: Landed) {
        let Landed { question, asked_at, at, took, outcome } = landed;
        match outcome {
            Ok(reply) => {
                self.agenda.answered(&question.id, reply.took.max(took));
                self.turn(MetricsLink::Live { address: self.client.address(), way: self.client.way() });
                self.answered(&question, asked_at, at, &reply);
            }
            Err(failure) => self.failed(&question, &failure, took),
        }
    }

    fn answered(&mut self, question: &Question, asked_at: Time, at: Time, reply: &Reply) {
        let told = answers::read(question, reply);
        let mut found = told.found;
        if let About::Board(_, source) = &question.about {
            // A release that two families tell of is told of by the better one.
            found.retain(|(release, _)| self.known.is_best(release, source));
        }
        let is_recorded = matches!(question.id, QuestionId::Recorded(_)).then(|| recorded(&found));
        if !found.is_empty() {
            let asked = Asked {
                query: Clean::from(question.expr.as_str()),
                at,
                took: reply.took,
                bytes: reply.bytes,
                doubt: told.doubt,
                partial: reply.is_partial(),
            };
            self.said.push(Event::Answer { id: question.id.clone(), asked, asked_at, answered_at: self.clock.now(), found });
        }
        match &question.id {
            QuestionId::Families(_) | QuestionId::Fitting(_) => self.known.learn(question, reply),
            QuestionId::History(_) | QuestionId::EventsBefore(..) => {
                self.known.follow(&question.id);
            }
            // By what a budget can be followed depends on it.
            QuestionId::Recorded(release) if self.known.record(release, is_recorded.unwrap_or_default()) => {}
            _ => {
                self.said.extend(told_of_all(&question.id, Ok(reply)));
                return;
            }
        }
        self.plan();
    }

    fn failed(&mut self, question: &Question, failure: &Failure, took: std::time::Duration) {
        // Not every server that answers queries runs rules: that says nothing of the server.
        let unserved = (question.form == Form::Rules && !failure.is_unheard()).then(|| Failure::BadQuery(Clean::from(failure.to_string())));
        self.said.extend(told_of_all(&question.id, Err(Clean::from(failure.to_string()))));
        let failure = unserved.as_ref().unwrap_or(failure);
        let setback = self.agenda.failed(&question.id, failure, took, self.clock.now());
        let (word, sentence) = (Clean::from(failure.word()), Clean::from(failure.to_string()));
        if let Failure::Unfound(sentence) = failure {
            self.turn(MetricsLink::Unfound(sentence.clone()));
        } else if let Some(rest) = setback.rest {
            let address = self.client.address();
            let retry_after = rest;
            self.turn(MetricsLink::Failing { address, word: word.clone(), sentence: sentence.clone(), retry_after });
        } else if failure.is_about_question() {
            self.turn(MetricsLink::Live { address: self.client.address(), way: self.client.way() });
        }
        self.said.push(Event::Failed {
            id: question.id.clone(),
            releases: question.about.releases(),
            query: Clean::from(question.expr.as_str()),
            word,
            sentence,
            next: setback.again,
        });
        // What came before can't be had: what comes from now on is better than nothing.
        if failure.is_about_question() && self.known.follow(&question.id) {
            self.plan();
        }
    }
}

/// The objectives of which an answer told what is left.
fn recorded(found: &[(ReleaseRef, Found)]) -> Vec<Clean> {
    let told = |(_, found): &(ReleaseRef, Found)| if let Found::Recorded { promise, .. } = found { Some(promise.clone()) } else { None };
    found.iter().filter_map(told).collect()
}

/// What an answer tells that is about no release, or why it tells nothing; `None` for questions about releases.
fn told_of_all(id: &QuestionId, outcome: Result<&Reply, Clean>) -> Option<Event> {
    let sets = |reply: &Reply| -> Vec<series::Sample> {
        let plain = |(name, value): (&Clean, &Clean)| (name.to_string(), value.to_string());
        reply.data.samples().iter().map(|sample| (sample.labels.iter().map(plain).collect(), sample.point.value)).collect()
    };
    Some(match id {
        QuestionId::Rules => Event::Rules(outcome.map(|reply| match &reply.data {
            Data::Rules(read) => (**read).clone(),
            _ => Read::default(),
        })),
        QuestionId::Described => Event::Described(outcome.map(|reply| series::read(&sets(reply)))),
        QuestionId::Covering(query) => {
            Event::Covered(query.clone(), outcome.map(|reply| sets(reply).into_iter().map(|(labels, _)| labels).collect()))
        }
        _ => return None,
    })
}

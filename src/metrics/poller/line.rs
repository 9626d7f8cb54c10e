//! The two ends of the poller: questions on their way out, in the order they were sent, and events on their way to the listener.
//! Never lets a slow question hold up a later answer for longer than a moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{AbortHandle, Abortable, Aborted, BoxFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::failure::Failure;
use super::super::questions::{Question, QuestionId};
use super::super::reply::Reply;
use super::event::Event;
use crate::objects::Time;

/// Answers are told in the order of their questions where they come this close together: figures that were asked at one moment then always add
/// up alike, whatever the network does to their order.
const HOLD: Duration = Duration::from_millis(100);

/// Where events go.
pub(super) struct Line<T> {
    pub out: mpsc::Sender<T>,
    pub told: fn(Event) -> Vec<T>,
}

/// Takes an event away; `false` once nobody listens.
pub(super) trait Tell: Send {
    fn tell(&self, event: Event) -> BoxFuture<'_, bool>;
}

impl<T: Send + 'static> Tell for Line<T> {
    fn tell(&self, event: Event) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            for one in (self.told)(event) {
                if self.out.send(one).await.is_err() {
                    return false;
                }
            }
            true
        })
    }
}

/// What became of a question.
pub(super) struct Landed {
    pub question: Arc<Question>,
    /// When it was sent, by the clock.
    pub asked_at: Time,
    /// The moment it was worked out for.
    pub at: Time,
    pub took: Duration,
    pub outcome: Result<Reply, Failure>,
}

type Flight = BoxFuture<'static, (u64, Result<Landed, Aborted>)>;

/// Questions on their way, and answers that wait for an earlier one.
#[derive(Default)]
pub(super) struct Flights {
    sent: u64,
    flying: FuturesUnordered<Flight>,
    aborts: BTreeMap<u64, (QuestionId, AbortHandle)>,
    landed: BTreeMap<u64, Landed>,
    hold: Option<Instant>,
}

impl Flights {
    /// Sends a question.
    pub fn send(&mut self, question: Arc<Question>, now: Time, answer: BoxFuture<'static, (Time, Result<Reply, Failure>)>) {
        let number = self.sent;
        self.sent += 1;
        let (abort, registration) = AbortHandle::new_pair();
        self.aborts.insert(number, (question.id.clone(), abort));
        let asked = Instant::now();
        let whole = async move {
            let (at, outcome) = answer.await;
            Landed { question, asked_at: now, at, took: asked.elapsed(), outcome }
        };
        self.flying.push(Box::pin(async move { (number, Abortable::new(whole, registration).await) }));
    }

    /// Gives up the questions that are no longer wanted: their connections close, their answers are not told.
    pub fn keep(&mut self, wanted: impl Fn(&QuestionId) -> bool) {
        self.landed.retain(|_, landed| wanted(&landed.question.id));
        self.aborts.retain(|_, (id, abort)| {
            let keep = wanted(id);
            if !keep {
                abort.abort();
            }
            keep
        });
    }

    /// How many are under way or wait to be told.
    pub fn count(&self) -> usize {
        self.aborts.len() + self.landed.len()
    }

    /// Waits until something can be told. Cancel-safe; waits for ever while nothing flies.
    pub async fn progress(&mut self) {
        if self.next_is_ready() {
            return;
        }
        let hold = self.hold;
        let held = async {
            match hold {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some((number, outcome)) = self.flying.next(), if !self.flying.is_empty() => {
                // One that was given up is no longer known.
                if let (Ok(landed), Some(_)) = (outcome, self.aborts.remove(&number)) {
                    self.landed.insert(number, landed);
                    self.hold.get_or_insert_with(|| Instant::now() + HOLD);
                }
            }
            () = held => {}
            else => std::future::pending().await,
        }
    }

    /// The next answer to tell, if it need not wait.
    pub fn next(&mut self) -> Option<Landed> {
        if !self.next_is_ready() {
            return None;
        }
        let landed = self.landed.pop_first().map(|(_, landed)| landed);
        if self.landed.is_empty() {
            self.hold = None;
        }
        landed
    }

    fn next_is_ready(&self) -> bool {
        let Some((first, _)) = self.landed.first_key_value() else { return false };
        let earliest = self.aborts.keys().next();
        earliest.is_none_or(|flying| first < flying) || self.hold.is_some_and(|until| until <= Instant::now())
    }
}

//! Keeps asking what is on screen and says what came: the one task that ties the planner, the agenda and the client together.
//! Never asks for what is no longer looked at, and never catches up on what was missed.

mod busy;
mod event;
mod line;
mod task;

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, watch};

use super::client::Client;
use super::failure::Failure;
use super::limit::aligned;
use super::questions::{Form, Question};
use super::reply::Reply;
use crate::objects::Time;
use crate::ports::Clock;
use crate::ports::metrics::{MetricInterest, MetricsEvent, ReadMetrics};
use crate::text::Clean;

pub use busy::Busy;
pub use event::Event;

/// How many events may wait before the asking does.
const WAITING: usize = 256;
/// Moments are moved back to a multiple of this: whoever asks the same within it asks the very same, and a cache knows the answer.
/// Longer, and figures would be older than the server's own samples.
const ALIGNED: std::time::Duration = std::time::Duration::from_secs(5);

/// Whoever answers questions: a [`Client`], or a script.
pub trait Answers: Send + Sync + 'static {
    /// Its address, without credentials.
    fn address(&self) -> Clean;
    /// The way to it in a word or two; empty where it is the program's own.
    fn way(&self) -> Clean {
        Clean::default()
    }
    /// The answer to `question` as of `now`, with the moment it was worked out for.
    fn answer(&self, question: Arc<Question>, now: Time) -> BoxFuture<'static, (Time, Result<Reply, Failure>)>;
}

impl Answers for Client {
    fn address(&self) -> Clean {
        Client::address(self)
    }

    fn way(&self) -> Clean {
        Client::way(self)
    }

    fn answer(&self, question: Arc<Question>, now: Time) -> BoxFuture<'static, (Time, Result<Reply, Failure>)> {
        let client = self.clone();
        // What a server keeps back it would answer with older figures stamped as of now: asked for that moment, it tells the truth.
        let now = chrono::TimeDelta::from_std(client.backend().lag()).ok().and_then(|lag| now.checked_sub_signed(lag)).unwrap_or(now);
        Box::pin(async move {
            let (at, answer) = match question.form {
                Form::Instant => {
                    let at = aligned(now, ALIGNED);
                    (at, client.instant(&question.expr, at).await)
                }
                Form::Rules => (aligned(now, ALIGNED), client.rules().await),
                // Without a period there is no moment to ask about but this one.
                Form::Period { .. } => (aligned(now, ALIGNED), client.instant(&question.expr, aligned(now, ALIGNED)).await),
                Form::Stretches { from, step, count } => {
                    let end = from + step * count;
                    (end, client.range(&question.expr, from + step, end, step).await)
                }
                Form::Range { back, step } => {
                    let end = aligned(now, step);
                    let start = chrono::TimeDelta::from_std(back).ok().and_then(|back| end.checked_sub_signed(back)).unwrap_or(end);
                    (end, client.range(&question.expr, start, end, step).await)
                }
            };
            if answer.is_ok() {
                client.learn();
            }
            (at, answer)
        })
    }
}

/// What is wanted, and how often a person asked for everything anew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// What is on screen.
    pub interest: MetricInterest,
    /// Raised for each refresh.
    pub refreshed: u64,
    /// Raised for each wish of either kind.
    pub wishes: u64,
}

/// The asking side of a metrics server; dropping it ends the asking.
#[derive(Debug)]
pub struct Poller {
    wanted: watch::Sender<Wanted>,
    busy: Busy,
}

impl Poller {
    /// Begins to ask `client`; what comes is said on the returned channel. `clock` tells the server's time. Must be called inside a Tokio runtime.
    pub fn start(client: impl Answers, clock: Arc<dyn Clock>) -> (Self, mpsc::Receiver<MetricsEvent>) {
        let (out, events) = mpsc::channel(WAITING);
        let (poller, task) = Self::begin(client, clock, out, Event::told);
        tokio::spawn(task);
        (poller, events)
    }

    /// The same with everything that is known of each answer, as `told` puts it, and as a task to be run: it ends when the poller is dropped or
    /// nobody listens.
    pub fn begin<T: Send + 'static>(
        client: impl Answers,
        clock: Arc<dyn Clock>,
        out: mpsc::Sender<T>,
        told: fn(Event) -> Vec<T>,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (wanted, interests) = watch::channel(Wanted::default());
        let busy = Busy::new(clock.clone());
        let poller = Self { wanted, busy: busy.clone() };
        (poller, task::Task::new(Arc::new(client), clock, Box::new(line::Line { out, told }), busy).run(interests))
    }

    /// What is under way.
    pub fn busy(&self) -> Busy {
        self.busy.clone()
    }

    /// The count goes up while the wish is locked: whoever sees the one has seen the other.
    fn wish(&self, change: impl FnOnce(&mut Wanted)) {
        self.wanted.send_modify(|wanted| {
            change(wanted);
            wanted.wishes += 1;
            self.busy.told(wanted.wishes);
        });
    }
}

impl ReadMetrics for Poller {
    fn set_interest(&mut self, interest: MetricInterest) {
        self.wish(|wanted| wanted.interest = interest);
    }

    fn refresh(&mut self) {
        self.wish(|wanted| wanted.refreshed += 1);
    }
}

#[cfg(test)]
mod tests;

//! The pure state with a cluster adapter and a clock beside it: what the cockpit, a snapshot and `status` have in common.
//! Never touches a terminal.

use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, UnboundedReceiver, channel};

use super::executor::Executor;
use crate::app::{ActEvent, Effect, Event, State, settle, update};
use crate::objects::Time;
use crate::ports::checks::RunChecks;
use crate::ports::journal::Journal;
use crate::ports::metrics::{MetricsEvent, ReadMetrics};
use crate::ports::write::WriteCluster;
use crate::ports::{Clock, ClusterEvent, Generation, ReadCluster};

/// At most so many cluster events are taken in before anything else gets its turn.
pub const BATCH: usize = 256;

/// State, adapter and clock.
pub struct Session {
    /// What is known and shown.
    pub state: State,
    /// What the cluster adapter says, in order.
    pub events: Receiver<(Generation, ClusterEvent)>,
    /// What the sending side says, in order; silent where nothing can be sent.
    pub act_events: UnboundedReceiver<ActEvent>,
    /// What the metrics adapter says, in order; closed where there is none.
    pub metric_events: Receiver<MetricsEvent>,
    reader: Box<dyn ReadCluster>,
    metrics: Option<Box<dyn ReadMetrics>>,
    executor: Executor,
    clock: Arc<dyn Clock>,
}

impl Session {
    /// Puts them together; nothing is asked of the cluster before the first [`Session::feed`]. Without a `writer` nothing can be sent.
    pub fn new(
        state: State,
        reader: Box<dyn ReadCluster>,
        events: Receiver<(Generation, ClusterEvent)>,
        hands: (Option<Arc<dyn WriteCluster>>, Arc<dyn Journal>),
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (executor, act_events) = Executor::new(hands.0, hands.1);
        Self { state, events, act_events, metric_events: channel(1).1, reader, metrics: None, executor, clock }
    }

    /// Whether something was sent, or is read or written for it, that will still say something.
    pub fn is_sending(&self) -> bool {
        self.executor.is_working()
    }

    /// Waits until the journal's lines are on disk.
    pub async fn flush(&self) {
        self.executor.flush().await;
    }

    /// With a metrics adapter beside the cluster's; without one `events` only tells why there is none.
    #[must_use]
    pub fn measuring(mut self, metrics: Option<Box<dyn ReadMetrics>>, events: Receiver<MetricsEvent>) -> Self {
        self.state.expect_metrics();
        Self { metrics, metric_events: events, ..self }
    }

    /// With somebody who asks what the checks of gates ask; without, each of them is a closed gate.
    #[must_use]
    pub fn checking(self, checks: Arc<dyn RunChecks>) -> Self {
        Self { executor: self.executor.checking(checks), ..self }
    }

    /// Now, by the session's clock.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The session's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Changes the state by one event and does what the cluster adapter is asked for. Returns the effects that are left for the terminal.
    pub fn feed(&mut self, event: Event) -> Vec<Effect> {
        let now = self.clock.now();
        let mut effects = update(&mut self.state, event, now);
        effects.extend(settle(&mut self.state, now));
        self.carry_out(effects)
    }

    /// Does what the cluster adapter is asked for and returns the other effects.
    pub fn carry_out(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut left = Vec::new();
        for effect in effects {
            match effect {
                Effect::Measure(interest) => {
                    if let Some(metrics) = &mut self.metrics {
                        metrics.set_interest(interest);
                    }
                }
                Effect::Watch(_, interests) => self.reader.set_interests(interests),
                Effect::Refresh => {
                    self.reader.refresh();
                    if let Some(metrics) = &mut self.metrics {
                        metrics.refresh();
                    }
                }
                Effect::CountElsewhere => self.reader.count_elsewhere(),
                Effect::AskRights(rights) => self.reader.ask_rights(rights),
                Effect::ListObjectives(scope) => self.reader.list_objectives(scope),
                Effect::ReadHistory(key, holder, labels) => self.reader.read_history(key, holder, labels),
                other => left.extend(self.executor.carry_out(other)),
            }
        }
        left
    }

    /// Waits for the next thing that happens, at most until `until`, and takes it in. `false` when nothing did.
    pub async fn step(&mut self, until: tokio::time::Instant) -> bool {
        let tick = self.state.deadline(self.now()).map(|at| tokio::time::Instant::now() + self.clock.until(at));
        let tick = tick.unwrap_or(until).min(until);
        tokio::select! {
            Some((generation, event)) = self.events.recv() => drop(self.feed(Event::Cluster(generation, event))),
            Some(event) = self.metric_events.recv() => drop(self.feed(Event::Metrics(event))),
            Some(event) = self.act_events.recv() => drop(self.feed(Event::Act(event))),
            () = tokio::time::sleep_until(tick) => {
                if tick >= until {
                    return false;
                }
                self.feed(Event::Tick);
            }
        }
        self.drain();
        true
    }

    /// Takes in what the cluster and the metrics have said so far, at most [`BATCH`] events of each. Returns how many and the effects left for the terminal.
    pub fn drain(&mut self) -> (usize, Vec<Effect>) {
        let now = self.clock.now();
        let mut effects = Vec::new();
        let mut taken = 0;
        while taken < BATCH
            && let Ok((generation, event)) = self.events.try_recv()
        {
            effects.extend(update(&mut self.state, Event::Cluster(generation, event), now));
            taken += 1;
        }
        let mut measured = 0;
        while measured < BATCH
            && let Ok(event) = self.metric_events.try_recv()
        {
            effects.extend(update(&mut self.state, Event::Metrics(event), now));
            measured += 1;
        }
        let mut acted = 0;
        while let Ok(event) = self.act_events.try_recv() {
            effects.extend(update(&mut self.state, Event::Act(event), now));
            acted += 1;
        }
        taken += measured + acted;
        if taken > 0 {
            effects.extend(settle(&mut self.state, now));
        }
        (taken, self.carry_out(effects))
    }
}

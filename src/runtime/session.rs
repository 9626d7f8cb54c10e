//! The pure state with a cluster adapter and a clock beside it: what the cockpit, a snapshot and `status` have in common.
//! Never touches a terminal.

use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use crate::app::{Effect, Event, State, settle, update};
use crate::objects::Time;
use crate::ports::{Clock, ClusterEvent, Generation, ReadCluster};

/// At most so many cluster events are taken in before anything else gets its turn.
pub const BATCH: usize = 256;

/// State, adapter and clock.
pub struct Session {
    /// What is known and shown.
    pub state: State,
    /// What the cluster adapter says, in order.
    pub events: Receiver<(Generation, ClusterEvent)>,
    reader: Box<dyn ReadCluster>,
    clock: Arc<dyn Clock>,
}

impl Session {
    /// Puts them together; nothing is asked of the cluster before the first [`Session::feed`].
    pub fn new(state: State, reader: Box<dyn ReadCluster>, events: Receiver<(Generation, ClusterEvent)>, clock: Arc<dyn Clock>) -> Self {
        Self { state, events, reader, clock }
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
                Effect::Watch(_, interests) => self.reader.set_interests(interests),
                Effect::Refresh => self.reader.refresh(),
                Effect::CountElsewhere => self.reader.count_elsewhere(),
                other => left.push(other),
            }
        }
        left
    }

    /// Takes in what the cluster has said so far, at most [`BATCH`] events. Returns how many and the effects left for the terminal.
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
        if taken > 0 {
            effects.extend(settle(&mut self.state, now));
        }
        (taken, self.carry_out(effects))
    }
}

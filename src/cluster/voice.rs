//! Says events on the channel, under the generation they belong to.
//! Never drops an event: a full channel makes the speaker wait, a closed one makes it fall silent.

use tokio::sync::mpsc;

use crate::ports::{ClusterEvent, Generation};

/// Where events go.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    generation: Generation,
    tx: mpsc::Sender<(Generation, ClusterEvent)>,
}

impl Voice {
    pub fn new(generation: Generation, tx: mpsc::Sender<(Generation, ClusterEvent)>) -> Self {
        Self { generation, tx }
    }

    /// Says `event`. Once nobody listens any more there is nothing left to do: the task waits to be dropped with its connection.
    pub async fn say(&self, event: ClusterEvent) {
        if self.tx.send((self.generation, event)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Says `event` and does not mind when nobody listens: for those who end after it anyway.
    pub async fn last_word(&self, event: ClusterEvent) {
        let _ = self.tx.send((self.generation, event)).await;
    }
}

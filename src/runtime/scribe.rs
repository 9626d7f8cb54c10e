//! Writes the journal's lines in the order in which they are handed over, on a thread of its own: a slow disk holds nobody up but the send that
//! waits for its line.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::executor::{Piece, Written};
use crate::app::ActEvent;
use crate::ports::journal::{Entry, Journal};
use crate::text::Clean;

enum Task {
    Append(Box<Entry>, Option<oneshot::Sender<Result<(), Clean>>>, Piece),
    Read(usize, Piece),
    Flush(oneshot::Sender<()>),
}

/// The writing end.
pub(super) struct Scribe {
    tasks: Sender<Task>,
    under_way: Arc<AtomicUsize>,
}

impl Scribe {
    pub fn new(journal: Arc<dyn Journal>, tx: UnboundedSender<ActEvent>, under_way: Arc<AtomicUsize>) -> Self {
        let (tasks, queue) = channel();
        std::thread::spawn(move || work(&*journal, &queue, &tx));
        Self { tasks, under_way }
    }

    fn hand(&self, task: Task) {
        // The thread lives as long as this end does.
        let _ = self.tasks.send(task);
    }

    /// Appends a line; a failure is said as [`ActEvent::NotRecorded`].
    pub fn append(&self, entry: Entry) {
        self.hand(Task::Append(Box::new(entry), None, Piece::begin(&self.under_way)));
    }

    /// Appends a line and says when it is on disk.
    pub fn append_and_tell(&self, entry: Entry) -> Written {
        let (told, written) = oneshot::channel();
        self.hand(Task::Append(Box::new(entry), Some(told), Piece::begin(&self.under_way)));
        written
    }

    /// Reads the newest lines and says them as [`ActEvent::Journal`].
    pub fn read(&self, most: usize) {
        self.hand(Task::Read(most, Piece::begin(&self.under_way)));
    }

    /// Waits for everything handed over so far.
    pub async fn flush(&self) {
        let (told, done) = oneshot::channel();
        self.hand(Task::Flush(told));
        let _ = done.await;
    }
}

fn work(journal: &dyn Journal, queue: &Receiver<Task>, tx: &UnboundedSender<ActEvent>) {
    for task in queue {
        match task {
            Task::Append(entry, told, piece) => {
                let written = journal.append(&entry);
                match (told, written) {
                    (Some(told), written) => drop(told.send(written)),
                    (None, Err(why)) => drop(tx.send(ActEvent::NotRecorded(why))),
                    (None, Ok(())) => {}
                }
                drop(piece);
            }
            Task::Read(most, piece) => {
                drop(tx.send(ActEvent::Journal(journal.read(most))));
                drop(piece);
            }
            Task::Flush(told) => drop(told.send(())),
        }
    }
}

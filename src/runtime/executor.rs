//! The hands of the program: sends what was confirmed, once, after its line is on disk, and reads again what may have moved.
//! Never decides anything: what is sent, and whether it is sent at all, was decided by the state.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::scribe::Scribe;
use crate::app::{ActEvent, Effect, Look, Sent};
use crate::ports::checks::RunChecks;
use crate::ports::journal::Journal;
use crate::ports::write::{Answer, Later, Request, WriteCluster};
use crate::text::Clean;

/// Sends, and writes down what is sent.
pub struct Executor {
    writer: Option<Arc<dyn WriteCluster>>,
    checks: Option<Arc<dyn RunChecks>>,
    scribe: Scribe,
    tx: UnboundedSender<ActEvent>,
    under_way: Arc<AtomicUsize>,
}

/// One piece of work, until it is dropped.
pub(super) struct Piece(Arc<AtomicUsize>);

impl Piece {
    pub(super) fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count.clone())
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Executor {
    /// With a write handle, or without one: then nothing can be sent at all. What comes back arrives on the channel.
    pub fn new(writer: Option<Arc<dyn WriteCluster>>, journal: Arc<dyn Journal>) -> (Self, UnboundedReceiver<ActEvent>) {
        let (tx, rx) = unbounded_channel();
        let under_way = Arc::new(AtomicUsize::new(0));
        let scribe = Scribe::new(journal, tx.clone(), under_way.clone());
        (Self { writer, checks: None, scribe, tx, under_way }, rx)
    }

    /// With somebody who asks what checks ask.
    #[must_use]
    pub fn checking(self, checks: Arc<dyn RunChecks>) -> Self {
        Self { checks: Some(checks), ..self }
    }

    /// Whether something is under way that will still say something.
    pub fn is_working(&self) -> bool {
        self.under_way.load(Ordering::Acquire) > 0
    }

    /// Waits until every line handed over so far is on disk, or could not be put there.
    pub async fn flush(&self) {
        self.scribe.flush().await;
    }

    /// Does one effect, or gives it back where it is somebody else's.
    pub fn carry_out(&self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::DryRun(ticket, request) => {
                self.spawn(submit(self.writer.as_deref(), request), move |answer| ActEvent::DryRun(ticket, answer))
            }
            Effect::Send { id, entry, request } => {
                let written = self.scribe.append_and_tell(*entry);
                let writer = self.writer.clone();
                let send = Box::pin(async move {
                    match written.await {
                        Ok(Ok(())) => Sent::Answered(submit(writer.as_deref(), request).await),
                        Ok(Err(why)) => Sent::NotWritten(why),
                        Err(_) => Sent::NotWritten(Clean::from("whoever writes it has ended")),
                    }
                });
                self.spawn(send, move |sent| ActEvent::Sent(id, sent));
            }
            Effect::LookAgain(look, kind, namespace, name) => {
                self.look(look, self.writer.as_deref().map(|w| w.read_again(kind, namespace, name)))
            }
            Effect::RunCheck(number, question) => {
                let nobody = || Box::pin(async { Err(Clean::from("nothing can be asked in this session")) }) as Later<_>;
                let found = self.checks.as_ref().map_or_else(nobody, |checks| checks.ask(question));
                self.spawn(found, move |found| ActEvent::Checked(number, found));
            }
            Effect::Record(entry) => self.scribe.append(entry),
            Effect::ReadJournal => self.scribe.read(crate::app::SHOWN),
            other => return Some(other),
        }
        None
    }

    fn look(&self, look: Look, fresh: Option<Later<Result<crate::ports::write::Fresh, Clean>>>) {
        let fresh = fresh.unwrap_or_else(|| Box::pin(async { Err(no_handle()) }));
        self.spawn(fresh, move |fresh| ActEvent::Looked(look, Box::new(fresh)));
    }

    fn spawn<T: Send + 'static>(&self, work: Later<T>, say: impl FnOnce(T) -> ActEvent + Send + 'static) {
        let (tx, piece) = (self.tx.clone(), Piece::begin(&self.under_way));
        tokio::spawn(async move {
            let event = say(work.await);
            // Nobody listens any more: the program is leaving.
            let _ = tx.send(event);
            drop(piece);
        });
    }
}

fn submit(writer: Option<&dyn WriteCluster>, request: Request) -> Later<Answer> {
    writer.map_or_else(|| Box::pin(async { Answer::Unsent(no_handle()) }) as Later<Answer>, |writer| writer.submit(request))
}

fn no_handle() -> Clean {
    Clean::from("this session holds no write handle")
}

/// What [`Scribe::append_and_tell`] gives: whether the line is on disk.
pub(super) type Written = oneshot::Receiver<Result<(), Clean>>;

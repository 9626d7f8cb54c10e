//! Keeps asking what is on screen: at most four questions at once, each at its own place in its interval, fewer when the server is slow.
//! Never catches up on what was missed, and never asks for what is no longer looked at.

mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};

use super::client::Client;
use super::dialect::{Dialect, Source, probe_query};
use super::failure::Failure;
use super::limit::{Backoff, IN_FLIGHT, Pacer, aligned};
use super::questions::{Ask, BACK, Known, Put, Question, questions};
use super::reply::Reply;
use crate::objects::Time;
use crate::ports::Clock;
use crate::ports::metrics::{MetricInterest, MetricsEvent, MetricsLink, ReadMetrics};
use crate::text::Clean;

/// How many events may wait before the asking does.
const WAITING: usize = 256;
/// How long what a namespace was found to have holds.
const PROBED_FOR: TimeDelta = TimeDelta::minutes(10);
/// How long an empty finding holds: metrics begin with the first request.
const NOTHING_FOR: TimeDelta = TimeDelta::seconds(30);

/// What is under way, for whoever has to know that nothing more comes by itself.
#[derive(Debug, Clone, Default)]
pub struct Busy(Arc<AtomicUsize>);

impl Busy {
    /// Whether a question is on its way, or about to be.
    pub fn is_working(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

/// The asking side of a metrics server; dropping it ends the asking.
pub struct Poller {
    interest: watch::Sender<(MetricInterest, u64)>,
    busy: Busy,
}

impl Poller {
    /// Begins to ask `client`, which says what came on the returned channel. `clock` tells the server's time. Must be called inside a Tokio runtime.
    pub fn start(client: Client, clock: Arc<dyn Clock>) -> (Self, mpsc::Receiver<MetricsEvent>) {
        let (out, events) = mpsc::channel(WAITING);
        let (interest, wanted) = watch::channel((MetricInterest::default(), 0));
        let busy = Busy::default();
        let asking = Asking {
            client,
            clock,
            out,
            busy: busy.clone(),
            known: Known::new(),
            probed: BTreeMap::new(),
            paces: BTreeMap::new(),
            backoff: Backoff::default(),
            quiet_until: None,
            link: MetricsLink::None,
        };
        tokio::spawn(asking.run(wanted));
        (Self { interest, busy }, events)
    }

    /// What is under way.
    pub fn busy(&self) -> Busy {
        self.busy.clone()
    }
}

impl ReadMetrics for Poller {
    fn set_interest(&mut self, interest: MetricInterest) {
        // Counted as work until the asking has seen it.
        self.busy.0.fetch_add(1, Ordering::SeqCst);
        self.interest.send_modify(|wanted| *wanted = (interest, wanted.1));
    }

    fn refresh(&mut self) {
        self.busy.0.fetch_add(1, Ordering::SeqCst);
        self.interest.send_modify(|wanted| wanted.1 += 1);
    }
}

/// When a question was last asked, and how long its answers take.
struct Pace {
    pacer: Pacer,
    asked: Option<Time>,
    /// The question itself: a changed one is asked at once.
    put: Put,
}

/// An answer that came.
struct Done {
    question: Question,
    at: Time,
    outcome: Result<Came, Failure>,
}

enum Came {
    Reply(Reply),
    Probed(Vec<Source>),
}

struct Asking {
    client: Client,
    clock: Arc<dyn Clock>,
    out: mpsc::Sender<MetricsEvent>,
    busy: Busy,
    known: Known,
    /// When a namespace was looked at, and whether anything was found.
    probed: BTreeMap<Clean, Time>,
    paces: BTreeMap<Ask, Pace>,
    backoff: Backoff,
    /// The server asked to be left alone until then.
    quiet_until: Option<Time>,
    link: MetricsLink,
}

impl Asking {
    async fn run(mut self, mut wanted: watch::Receiver<(MetricInterest, u64)>) {
        let mut flying: FuturesUnordered<BoxFuture<'static, Done>> = FuturesUnordered::new();
        let mut seen = 0;
        loop {
            let (interest, turn) = wanted.borrow_and_update().clone();
            if turn != seen {
                seen = turn;
                self.paces.clear();
                self.known.clear();
                self.quiet_until = None;
            }
            self.forget();
            let all = questions(&interest, &self.known);
            self.paces.retain(|ask, _| all.iter().any(|question| question.ask == *ask));
            let now = self.clock.now();
            let mut next: Option<Time> = None;
            for question in all {
                let due = self.due(&question, now);
                match due {
                    Some(due) if due <= now && flying.len() < IN_FLIGHT => flying.push(self.put(question, now)),
                    // One that found no room is looked at again as soon as another is answered.
                    Some(due) if due > now => next = Some(next.map_or(due, |next| next.min(due))),
                    _ => {}
                }
            }
            // From here on what is under way is what flies: the interest was seen.
            self.busy.0.store(flying.len(), Ordering::SeqCst);
            let sleep = next.map(|at| tokio::time::Instant::now() + self.clock.until(at));
            tokio::select! {
                biased;
                changed = wanted.changed() => if changed.is_err() {
                    return;
                },
                Some(done) = flying.next(), if !flying.is_empty() => {
                    if !self.take(done, &interest).await {
                        return;
                    }
                }
                () = until(sleep), if sleep.is_some() => {}
            }
        }
    }

    /// What a namespace was found to have is looked for again now and then, sooner where nothing was found.
    fn forget(&mut self) {
        let now = self.clock.now();
        let old: Vec<Clean> = self
            .probed
            .iter()
            .filter(|(namespace, at)| {
                let empty = self.known.get(*namespace).is_none_or(Vec::is_empty);
                now - **at >= if empty { NOTHING_FOR } else { PROBED_FOR }
            })
            .map(|(namespace, _)| namespace.clone())
            .collect();
        for namespace in old {
            self.probed.remove(&namespace);
            // Known families stay in use until the new answer comes.
            if self.known.get(&namespace).is_none_or(Vec::is_empty) {
                self.known.remove(&namespace);
            }
            self.paces.remove(&Ask::Probe(namespace));
        }
    }

    /// When a question is to be asked; `None` where it is on its way, or was asked for good.
    fn due(&mut self, question: &Question, now: Time) -> Option<Time> {
        let due = match self.paces.get_mut(&question.ask) {
            None => now,
            Some(pace) if pace.put != question.put && question.every.is_some() => {
                pace.put = question.put.clone();
                // What a version was called has changed: the answer under way is of the old question.
                now
            }
            Some(pace) => match (question.every, pace.asked) {
                (None, Some(_)) => return None,
                (_, asked) => pace.pacer.next(asked, now),
            },
        };
        Some(self.quiet_until.map_or(due, |until| due.max(until)))
    }

    fn put(&mut self, question: Question, now: Time) -> BoxFuture<'static, Done> {
        let place = place_of(&question.ask);
        let every = question.every.unwrap_or_default();
        let pace = self.paces.entry(question.ask.clone()).or_insert_with(|| Pace {
            pacer: Pacer::new(every, place),
            asked: None,
            put: question.put.clone(),
        });
        pace.asked = Some(now);
        let client = self.client.clone();
        Box::pin(async move {
            let outcome = match &question.put {
                Put::Instant(expr) => client.instant(expr, now).await.map(Came::Reply),
                Put::Range(expr, step) => {
                    let end = aligned(now, *step);
                    let back = TimeDelta::from_std(BACK).unwrap_or_default();
                    client.range(expr, end - back, end, *step).await.map(Came::Reply)
                }
                Put::Probe(namespace) => probe(&client, namespace, now).await.map(Came::Probed),
            };
            Done { question, at: now, outcome }
        })
    }

    /// Takes an answer in; `false` once nobody listens.
    async fn take(&mut self, done: Done, interest: &MetricInterest) -> bool {
        let mut said = Vec::new();
        // The question has changed since: what it found belongs to versions or pods of before.
        if self.paces.get(&done.question.ask).is_none_or(|pace| pace.put != done.question.put) {
            return true;
        }
        match done.outcome {
            Ok(came) => {
                self.backoff.answered();
                let live = MetricsLink::Live { address: self.client.address() };
                if self.link != live {
                    self.link = live.clone();
                    said.push(MetricsEvent::Link(live));
                }
                match came {
                    Came::Probed(sources) => {
                        if let Ask::Probe(namespace) = &done.question.ask {
                            self.probed.insert(namespace.clone(), done.at);
                            said.extend(report::families(namespace, &sources, interest));
                            self.known.insert(namespace.clone(), sources);
                        }
                    }
                    Came::Reply(reply) => {
                        if let Some(pace) = self.paces.get_mut(&done.question.ask) {
                            pace.pacer.took(reply.took);
                        }
                        said.extend(report::reply(&done.question, done.at, &reply, interest, &self.known));
                    }
                }
            }
            Err(failure) => self.failed(&done.question, &failure, done.at, &mut said),
        }
        for event in said {
            if self.out.send(event).await.is_err() {
                return false;
            }
        }
        true
    }

    fn failed(&mut self, question: &Question, failure: &Failure, at: Time, said: &mut Vec<MetricsEvent>) {
        let now = self.clock.now();
        if let Some(wait) = self.backoff.failed(failure) {
            self.quiet_until = Some(now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(5)));
        }
        if let Some(pace) = self.paces.get_mut(&question.ask) {
            if let Failure::Timeout(_) = failure {
                pace.pacer.took((now - at).to_std().unwrap_or_default());
            }
            if question.every.is_none() {
                // What is asked once has to be answered once: again after a usual interval.
                pace.asked = None;
                self.quiet_until = self.quiet_until.max(Some(now + TimeDelta::seconds(15)));
            }
        }
        let word = Clean::from(failure.word());
        let sentence = Clean::from(failure.to_string());
        if !matches!(failure, Failure::BadQuery(_) | Failure::Execution(_) | Failure::TooLarge(_)) {
            let retry_after = self.quiet_until.and_then(|until| (until - now).to_std().ok()).unwrap_or(super::limit::INTERVAL);
            let address = self.client.address();
            let link = MetricsLink::Failing { address, word: word.clone(), sentence: sentence.clone(), retry_after };
            self.link = link.clone();
            said.push(MetricsEvent::Link(link));
        }
        if let (Some(release), Put::Instant(query) | Put::Range(query, _)) = (question.ask.release(), &question.put) {
            let (release, query) = (release.clone(), Clean::from(query.as_str()));
            said.push(MetricsEvent::Unanswered { release, about: Clean::from(question.ask.about()), query, word, sentence });
        }
    }
}

/// Which families a namespace has, with their labels as they are here.
async fn probe(client: &Client, namespace: &Clean, now: Time) -> Result<Vec<Source>, Failure> {
    let reply = client.instant(&probe_query(namespace), now).await?;
    let mut sources = Vec::new();
    for source in Source::choose(&reply) {
        if source.dialect == Dialect::IngressNginx {
            sources.push(source);
            continue;
        }
        let subject = crate::ports::metrics::Subject { namespace: namespace.clone(), ..Default::default() };
        let names = client.label_names(&source.label_selector(&subject), now - TimeDelta::minutes(5), now).await?;
        sources.push(source.with_labels(&names));
    }
    Ok(sources)
}

/// A question's place in its interval: from what it is for, so that it does not depend on what else was asked first.
fn place_of(ask: &Ask) -> u32 {
    // FNV-1a: any spread will do, as long as it is the same every time.
    format!("{ask:?}").bytes().fold(2_166_136_261, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619)) % 4096
}

async fn until(at: Option<tokio::time::Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests;

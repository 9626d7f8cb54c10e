//! A cockpit whose way to the cluster is in the test's hand: nothing is heard and nothing arrives but when the test says so, on one thread.
//! The session, what it sends with and the server are the real ones; only who carries what between them, and when, is not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::ready;
use std::sync::{Arc, Mutex};

use chrono::FixedOffset;
use flightdeck::app::{Event, Named, Options, Running, Screen, State};
use flightdeck::cluster::Writer;
use flightdeck::config::files::Files;
use flightdeck::config::{Asked as Names, assemble};
use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::store::{LogEntry, RESOURCES};
use flightdeck::keys::Chord;
use flightdeck::objects::{Kind, Object, RawHistory, ReleaseRef, SourceId, Time, Uid, WorldEvent};
use flightdeck::ports::journal::{Entry, Journal};
use flightdeck::ports::rights::{Allowed, Right};
use flightdeck::ports::write::{Answer, Fresh, Later, Request, WriteCluster};
use flightdeck::ports::{Clock, ClusterEvent, Generation, Identity, Interest, LinkState, ReadCluster, Scope, SourceState};
use flightdeck::release::acting::Change;
use flightdeck::runtime::session::Session;
use flightdeck::text::Clean;
use flightdeck::theme::Depth;
use flightdeck::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::embedded::Embedded;
use crate::trace::{Line, Tape};

/// The cluster's clock.
struct Shared(Arc<Cluster>);

impl Clock for Shared {
    fn now(&self) -> Time {
        self.0.now()
    }
}

/// What a session wants from the outside.
enum Want {
    Interests(Vec<Interest>),
    Again,
    Rights(Vec<Right>),
    History(ReleaseRef, (Kind, Clean)),
    Look(Kind, Clean, Clean, oneshot::Sender<Result<Fresh, Clean>>),
    /// A dry-run, or the write that left on a line of the trace.
    Submit(Option<usize>, Request, oneshot::Sender<Answer>),
}

/// Where it puts it.
#[derive(Default)]
struct Desk {
    wants: VecDeque<Want>,
    is_up: bool,
    is_full: bool,
}

#[derive(Clone)]
struct Hands {
    seat: usize,
    desk: Arc<Mutex<Desk>>,
    tape: Tape,
}

impl Hands {
    fn want(&self, want: Want) {
        self.desk.lock().unwrap().wants.push_back(want);
    }
}

impl ReadCluster for Hands {
    fn set_interests(&mut self, interests: Vec<Interest>) {
        self.want(Want::Interests(interests));
    }

    fn refresh(&mut self) {
        self.want(Want::Again);
    }

    fn count_elsewhere(&self) {}

    fn list_objectives(&self, _: Scope) {}

    fn ask_rights(&self, rights: Vec<Right>) {
        self.want(Want::Rights(rights));
    }

    fn read_history(&self, release: ReleaseRef, holder: (Kind, Clean), _: String) {
        self.want(Want::History(release, holder));
    }
}

impl WriteCluster for Hands {
    fn submit(&self, request: Request) -> Later<Answer> {
        if !self.desk.lock().unwrap().is_up {
            return Box::pin(ready(Answer::Unsent("the link is down, so nothing was sent".into())));
        }
        let left = (!request.dry_run).then(|| self.tape.push(Line::Left { seat: self.seat, request: Box::new(request.clone()) }));
        let (reply, answer) = oneshot::channel();
        self.want(Want::Submit(left, request, reply));
        Box::pin(async { answer.await.unwrap_or_else(|_| Answer::Unknown("the connection broke".into())) })
    }

    fn read_again(&self, kind: Kind, namespace: Clean, name: Clean) -> Later<Result<Fresh, Clean>> {
        let (reply, fresh) = oneshot::channel();
        self.want(Want::Look(kind, namespace, name, reply));
        Box::pin(async { fresh.await.unwrap_or_else(|_| Err("the link is down".into())) })
    }
}

impl Journal for Hands {
    fn append(&self, entry: &Entry) -> Result<(), Clean> {
        if self.desk.lock().unwrap().is_full {
            self.tape.push(Line::NoRoom { seat: self.seat, entry: Box::new(entry.clone()) });
            return Err("no space left on device".into());
        }
        self.tape.push(Line::Written { seat: self.seat, entry: Box::new(entry.clone()) });
        Ok(())
    }

    fn read(&self, _: usize) -> Result<(Vec<Entry>, usize), Clean> {
        Ok((Vec::new(), 0))
    }
}

/// What becomes of a request.
pub enum Fate {
    Deliver,
    /// It never arrives.
    LoseRequest,
    /// It is done, and nobody hears of it.
    LoseAnswer,
    /// It is on its way until the test lets it arrive.
    Hold,
    /// It is done, and its answer is on its way until the test lets it arrive.
    HoldAnswer,
    /// Something happens just before it arrives.
    Before(Box<dyn FnOnce()>),
    /// The server says no.
    Refuse(u16),
}

/// A request on its way: done already where there is an answer.
struct Held {
    left: Option<usize>,
    request: Request,
    answer: Option<Answer>,
    reply: oneshot::Sender<Answer>,
}

/// One watch: what it has seen, up to which version.
struct Source {
    interest: Interest,
    seen: u64,
    has: BTreeSet<String>,
}

/// One person's cockpit.
pub struct Seat {
    pub number: usize,
    pub session: Session,
    /// Every action that was ever confirmed here.
    pub actions: BTreeMap<String, Running>,
    cluster: Arc<Cluster>,
    server: Arc<Writer>,
    hands: Hands,
    tx: mpsc::UnboundedSender<ClusterEvent>,
    rx: mpsc::UnboundedReceiver<ClusterEvent>,
    into: mpsc::Sender<(Generation, ClusterEvent)>,
    sources: BTreeMap<SourceId, Source>,
    held: Vec<Held>,
    shown: Option<Change>,
}

impl Seat {
    pub async fn open(number: usize, at: &Embedded, kind: Kind, server: Arc<Writer>, tape: &Tape) -> Self {
        let force = assemble(&Files::default(), Names::default(), Depth::Mono).unwrap();
        let options = Options {
            scope: Some(Scope::Namespace("lab".into())),
            open: Some((Named { kind: Some(kind), namespace: "lab".into(), name: "web".into() }, Screen::Release)),
            force,
            ascii: false,
            read_only: false,
            redact: false,
            size: (80, 24),
            zone: FixedOffset::east_opt(0).unwrap(),
            now: at.cluster.now(),
            session: format!("seat-{number}").into(),
        };
        let hands = Hands { seat: number, desk: Arc::default(), tape: tape.clone() };
        let (into, events) = mpsc::channel(1024);
        let (tx, rx) = mpsc::unbounded_channel();
        let (writer, journal) = (Arc::new(hands.clone()), Arc::new(hands.clone()));
        let clock = Arc::new(Shared(at.cluster.clone()));
        let session = Session::new(State::new(options), Box::new(hands.clone()), events, (Some(writer), journal), clock);
        let (sources, held, actions) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        let cluster = at.cluster.clone();
        let mut seat = Self { number, session, actions, cluster, server, hands, tx, rx, into, sources, held, shown: None };
        seat.session.feed(Event::Resize(80, 24));
        let identity = Identity { context: "demo".into(), user: "demo:admin".into(), namespace: "lab".into(), ..Identity::default() };
        seat.say(ClusterEvent::Identity(identity));
        seat.link(true);
        seat.settle(&mut |_| Fate::Deliver).await;
        seat.hear(None).await;
        assert!(seat.session.state.open_release().is_some(), "the release is there");
        seat
    }

    fn say(&self, event: ClusterEvent) {
        self.tx.send(event).unwrap();
    }

    /// The link breaks, with all that is on its way, or is there again and everything is listed anew.
    pub fn link(&mut self, up: bool) {
        let was = std::mem::replace(&mut self.hands.desk.lock().unwrap().is_up, up);
        if was == up {
            return;
        }
        if up {
            self.say(ClusterEvent::Link(LinkState::Live));
            self.heard();
            self.list_all();
        } else {
            let reason = "the connection was closed".into();
            self.say(ClusterEvent::Link(LinkState::Lost { reason, retry_after: std::time::Duration::from_secs(1) }));
            for one in std::mem::take(&mut self.held) {
                self.tell(one.left, Answer::Unknown("the connection was closed".into()), one.reply);
            }
        }
    }

    pub fn is_up(&self) -> bool {
        self.hands.desk.lock().unwrap().is_up
    }

    /// Whether there is room for the journal.
    pub fn disk(&self, full: bool) {
        self.hands.desk.lock().unwrap().is_full = full;
    }

    fn heard(&self) {
        let now = self.cluster.now();
        self.say(ClusterEvent::Heard { server_time: now - chrono::TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos())) });
    }

    fn list_all(&mut self) {
        let interests: Vec<Interest> = self.sources.values().map(|source| source.interest.clone()).collect();
        for interest in interests {
            self.list(interest);
        }
    }

    fn list(&mut self, interest: Interest) {
        self.say(ClusterEvent::Source(interest.source, SourceState::Listing));
        let (kind, source) = (interest.kind, interest.source);
        let resource = RESOURCES.iter().find(|resource| resource.plural == kind.plural()).unwrap();
        let (found, seen) = self.cluster.read(|sim| {
            let all = sim.store.list(*resource, None).map(|(_, object)| object.clone());
            (all.filter(|object| sees(&interest, object)).collect::<Vec<_>>(), sim.store.revision())
        });
        let has = found.iter().map(|object| uid(object)).collect();
        let objects = found.iter().map(|object| decode(kind, object)).collect();
        self.say(ClusterEvent::World(source, WorldEvent::Replace(kind, objects)));
        self.say(ClusterEvent::Source(source, SourceState::Live));
        self.sources.insert(source, Source { interest, seen, has });
    }

    /// Each watch is told what it has missed: all of it, or as much as chance has it.
    pub async fn hear(&mut self, mut chance: Option<&mut fastrand::Rng>) {
        if self.is_up() {
            self.heard();
            let sources: Vec<SourceId> = self.sources.keys().copied().collect();
            for id in sources {
                let Some(source) = self.sources.get_mut(&id) else { continue };
                let plural = source.interest.kind.plural();
                let missed: Vec<LogEntry> = self.cluster.read(|sim| {
                    let missed = sim.store.since(source.seen).unwrap();
                    missed.filter(|entry| entry.key.resource.plural == plural).cloned().collect()
                });
                let take = chance.as_mut().map_or(missed.len(), |rng| if rng.bool() { missed.len() } else { rng.usize(..=missed.len()) });
                for entry in missed.iter().take(take) {
                    source.seen = entry.rv;
                    let uid = uid(&entry.object);
                    let is_there = entry.happened != flightdeck::demo::store::Happened::Deleted && sees(&source.interest, &entry.object);
                    let event = if is_there {
                        source.has.insert(uid);
                        WorldEvent::Apply(decode(source.interest.kind, &entry.object))
                    } else if source.has.remove(&uid) {
                        WorldEvent::Delete(source.interest.kind, Uid(uid.as_str().into()))
                    } else {
                        continue;
                    };
                    self.tx.send(ClusterEvent::World(id, event)).unwrap();
                }
            }
        }
        self.take_in();
    }

    /// Takes in what was said so far.
    fn take_in(&mut self) -> bool {
        let mut heard = 0;
        while let Ok(event) = self.rx.try_recv() {
            self.into.try_send((Generation(0), event)).unwrap();
            heard += self.session.drain().0;
        }
        heard += self.session.drain().0;
        for one in self.session.state.actions() {
            self.actions.insert(one.action.to_string(), one.clone());
        }
        heard > 0
    }

    /// Does all that the session wants, `fate` deciding about each request, until it wants nothing more.
    pub async fn settle(&mut self, fate: &mut dyn FnMut(&Request) -> Fate) {
        for _ in 0..500 {
            // Lines are written on another thread: they are waited for, and then everybody who waited for them has a turn.
            self.session.flush().await;
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            let mut busy = self.take_in();
            loop {
                let Some(want) = self.hands.desk.lock().unwrap().wants.pop_front() else { break };
                busy = true;
                self.give(want, fate).await;
            }
            if !busy {
                return;
            }
        }
        panic!("a session that never comes to rest");
    }

    async fn give(&mut self, want: Want, fate: &mut dyn FnMut(&Request) -> Fate) {
        match want {
            Want::Interests(interests) => {
                self.sources.retain(|id, _| interests.iter().any(|interest| interest.source == *id));
                for interest in interests {
                    if !self.sources.contains_key(&interest.source) {
                        self.list(interest);
                    }
                }
            }
            Want::Again => self.list_all(),
            Want::Rights(rights) => rights.into_iter().for_each(|right| self.say(ClusterEvent::Allowed(right, Ok(Allowed::Yes)))),
            Want::History(key, (kind, name)) => {
                let found = self.cluster.read(|sim| {
                    let of = |plural| sim.store.list(*RESOURCES.iter().find(|r| r.plural == plural).unwrap(), Some("lab"));
                    let holder = of(kind.plural()).find(|(key, _)| key.name == name.as_str()).map(|(_, object)| object.clone());
                    (holder.unwrap(), of("replicasets").map(|(_, object)| object.clone()).collect())
                });
                let (holder, replica_sets) = found;
                self.say(ClusterEvent::History(key.clone(), Ok(RawHistory { release: key, holder, replica_sets })));
            }
            Want::Look(kind, namespace, name, reply) => {
                if self.is_up() {
                    let _ = reply.send(self.server.read_again(kind, namespace, name).await);
                }
            }
            Want::Submit(left, request, reply) => self.carry(left, request, reply, fate).await,
        }
    }

    async fn carry(
        &mut self,
        left: Option<usize>,
        request: Request,
        reply: oneshot::Sender<Answer>,
        fate: &mut dyn FnMut(&Request) -> Fate,
    ) {
        match fate(&request) {
            Fate::Deliver => {
                let answer = self.deliver(left, &request).await;
                self.tell(left, answer, reply);
            }
            Fate::Before(happens) => {
                happens();
                let answer = self.deliver(left, &request).await;
                self.tell(left, answer, reply);
            }
            Fate::LoseRequest => self.tell(left, Answer::Unknown("the connection broke".into()), reply),
            Fate::LoseAnswer => {
                self.deliver(left, &request).await;
                self.tell(left, Answer::Unknown("the connection broke".into()), reply);
            }
            Fate::Refuse(code) => self.tell(left, Answer::Refused { code, reason: "not now".into(), warnings: Vec::new() }, reply),
            Fate::Hold => self.held.push(Held { left, request, answer: None, reply }),
            Fate::HoldAnswer => {
                let answer = Some(self.deliver(left, &request).await);
                self.held.push(Held { left, request, answer, reply });
            }
        }
    }

    async fn deliver(&self, left: Option<usize>, request: &Request) -> Answer {
        let on = self.cluster.revision();
        let answer = self.server.submit(request.clone()).await;
        if let (Some(of), Answer::Accepted { .. }) = (left, &answer) {
            self.hands.tape.push(Line::Landed { of, on });
        }
        answer
    }

    fn tell(&self, left: Option<usize>, answer: Answer, reply: oneshot::Sender<Answer>) {
        if let Some(of) = left {
            self.hands.tape.push(Line::Heard { of, answer: answer.clone() });
        }
        let _ = reply.send(answer);
    }

    /// What was held arrives.
    pub async fn let_go(&mut self) {
        for one in std::mem::take(&mut self.held) {
            let answer = match one.answer {
                Some(answer) => answer,
                None => self.deliver(one.left, &one.request).await,
            };
            self.tell(one.left, answer, one.reply);
        }
    }

    /// Draws a frame, and notes the plan that is on it.
    pub fn draw(&mut self) {
        let area = Rect::new(0, 0, 80, 24);
        let furthest = view::draw_buffer(&self.session.state, self.session.now(), area, &mut Buffer::empty(area));
        self.session.state.drawn(furthest);
        let change = self.session.state.plan().and_then(|open| open.planned.as_ref().ok()).cloned();
        if let Some(change) = change.filter(|change| self.shown.as_ref() != Some(change)) {
            self.hands.tape.push(Line::Shown { seat: self.number, change: Box::new(change.clone()) });
            self.shown = Some(change);
        }
    }

    /// Presses a key with no frame before it.
    pub fn press(&mut self, key: &str) {
        self.session.feed(Event::Key(Chord::parse(key).unwrap()));
        self.take_in();
    }
}

fn uid(object: &Value) -> String {
    object["metadata"]["uid"].as_str().unwrap().to_owned()
}

fn decode(kind: Kind, object: &Value) -> Object {
    Object::decode(kind, object.to_string().as_bytes()).unwrap()
}

/// Whether a watch selects an object.
fn sees(interest: &Interest, object: &Value) -> bool {
    let here = match &interest.scope {
        Scope::All => true,
        Scope::Namespace(name) => object["metadata"]["namespace"] == name.as_str(),
    };
    let labels = &object["metadata"]["labels"];
    let mut pairs = interest.labels.split(',').filter(|pair| !pair.is_empty());
    here && pairs.all(|pair| match pair.split_once('=') {
        Some((name, value)) => labels[name] == value,
        None => !labels[pair].is_null(),
    })
}

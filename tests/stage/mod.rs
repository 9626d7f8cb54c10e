//! A stage for the cockpit: the pure state in front of a cluster of objects in memory that answers every watch it asks for.
//! No clock turns but the stage's own, and nothing is async: what happens is what the test says, in that order.

#![allow(dead_code, reason = "each test file uses its part of the stage")]

pub mod acting;
pub mod deck;
pub mod objects;
pub mod picture;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use flightdeck::app::{Effect, Event, Options, State, settle, update};
use flightdeck::config::files::Files;
use flightdeck::config::{Asked, assemble};
use flightdeck::keys::Chord;
use flightdeck::objects::{Kind, Object, SourceId, Uid, WorldEvent};
use flightdeck::ports::{ClusterEvent, Generation, Identity, Interest, LinkState, Scope, SourceState};
use flightdeck::text::Clean;
use flightdeck::theme::Depth;
use flightdeck::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub type Time = DateTime<Utc>;

/// When every stage begins: 02:45 in the morning.
pub fn beginning() -> Time {
    "2026-11-21T02:45:00Z".parse().unwrap()
}

/// State, cluster and clock.
pub struct Stage {
    pub state: State,
    pub now: Time,
    /// What the effects said, newest last; watches are told as what was begun and what was left.
    pub effects: Vec<String>,
    objects: BTreeMap<Uid, Object>,
    denied: BTreeSet<Kind>,
    absent: BTreeSet<Kind>,
    slow: BTreeSet<Kind>,
    watched: Vec<Interest>,
    generation: Generation,
    size: (u16, u16),
    reached: bool,
    /// How far the server's clock is ahead of ours.
    pub skew: TimeDelta,
    /// What the side that sends says.
    pub answers: acting::Answers,
}

impl Stage {
    pub fn new(theme: &str, size: (u16, u16)) -> Self {
        Self::with(theme, size, |_| {})
    }

    pub fn with(theme: &str, size: (u16, u16), change: impl FnOnce(&mut Options)) -> Self {
        let force = assemble(&Files::default(), Asked { theme: Some(theme), keymap: None }, Depth::Sixteen).unwrap();
        let now = beginning();
        let mut options = Options {
            scope: Some(Scope::All),
            open: None,
            force,
            ascii: false,
            read_only: false,
            redact: false,
            size,
            zone: FixedOffset::east_opt(0).unwrap(),
            now,
            session: "stage".into(),
        };
        change(&mut options);
        let mut stage = Self {
            state: State::new(options),
            now,
            effects: Vec::new(),
            objects: BTreeMap::new(),
            denied: BTreeSet::new(),
            absent: BTreeSet::new(),
            slow: BTreeSet::new(),
            watched: Vec::new(),
            generation: Generation::default(),
            size,
            reached: false,
            skew: TimeDelta::zero(),
            answers: acting::Answers::default(),
        };
        stage.feed(Event::Resize(size.0, size.1));
        stage
    }

    /// The cluster answers: who and where, then every watch that was asked for.
    pub fn connect(&mut self) {
        self.introduce();
        self.link(LinkState::Live);
    }

    /// It is known who and where, and nothing more.
    pub fn introduce(&mut self) {
        let identity = Identity {
            context: "prod-eu-1".into(),
            server: "https://10.0.0.1:6443".into(),
            user: "oncall".into(),
            groups: vec!["sre".into()],
            namespace: "payments".into(),
            version: "v1.36.1".into(),
        };
        self.cluster(ClusterEvent::Identity(identity));
    }

    /// The link changes. Once it answers, every watch is answered anew.
    pub fn link(&mut self, link: LinkState) {
        self.reached = link == LinkState::Live;
        self.cluster(ClusterEvent::Link(link));
        if self.reached {
            self.hear();
            for interest in self.watched.clone() {
                self.answer(&interest);
            }
        }
    }

    pub fn lose(&mut self, reason: &str, retry_after: u64) {
        self.link(LinkState::Lost { reason: reason.into(), retry_after: Duration::from_secs(retry_after) });
    }

    /// A heartbeat is answered.
    pub fn hear(&mut self) {
        let server_time = self.now + self.skew;
        let whole = server_time - TimeDelta::nanoseconds(i64::from(server_time.timestamp_subsec_nanos()));
        self.cluster(ClusterEvent::Heard { server_time: whole });
    }

    /// One event, and what follows from it.
    pub fn feed(&mut self, event: Event) {
        if let Event::Resize(columns, rows) = event {
            self.size = (columns, rows);
        }
        let mut effects = update(&mut self.state, event, self.now);
        effects.extend(settle(&mut self.state, self.now));
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn cluster(&mut self, event: ClusterEvent) {
        self.feed(Event::Cluster(self.generation, event));
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Watch(generation, interests) => {
                self.generation = generation;
                let before = std::mem::replace(&mut self.watched, interests);
                for left in before.iter().filter(|i| !self.watched.contains(i)) {
                    self.effects.push(format!("leave {}", told(left)));
                }
                for begun in self.watched.clone().iter().filter(|i| !before.contains(i)) {
                    self.effects.push(format!("watch {}", told(begun)));
                    if self.reached {
                        self.answer(begun);
                    }
                }
            }
            Effect::CountElsewhere => {
                self.effects.push("count elsewhere".to_owned());
                let count = self.objects.values().filter(|o| matches!(o.kind(), Kind::Rollout | Kind::Deployment)).count();
                self.cluster(ClusterEvent::Elsewhere(count));
            }
            Effect::Copy(text) => self.effects.push(format!("copy {text}")),
            other => {
                if let Some(other) = self.act(other) {
                    self.effects.push(format!("{other:?}").to_lowercase());
                }
            }
        }
    }

    fn answer(&mut self, interest: &Interest) {
        let source = interest.source;
        if self.denied.contains(&interest.kind) {
            let place = if let Scope::Namespace(name) = &interest.scope { format!(" in {name}") } else { String::new() };
            let what = Clean::from(format!("list {}{place}", interest.kind.resource()));
            return self.cluster(ClusterEvent::Source(source, SourceState::Denied(what)));
        }
        if self.absent.contains(&interest.kind) {
            return self.cluster(ClusterEvent::Source(source, SourceState::Absent));
        }
        self.cluster(ClusterEvent::Source(source, SourceState::Listing));
        if self.slow.contains(&interest.kind) {
            return;
        }
        let seen: Vec<Object> = self.objects.values().filter(|o| sees(interest, o)).cloned().collect();
        self.cluster(ClusterEvent::World(source, WorldEvent::Replace(interest.kind, seen)));
        self.cluster(ClusterEvent::Source(source, SourceState::Live));
    }

    /// Everything of this kind is refused.
    pub fn deny(&mut self, kind: Kind) {
        self.denied.insert(kind);
        self.again(kind);
    }

    /// The server does not serve this kind.
    pub fn without(&mut self, kind: Kind) {
        self.absent.insert(kind);
        self.again(kind);
    }

    /// The server serves this kind from here on.
    pub fn install(&mut self, kind: Kind) {
        self.absent.remove(&kind);
        self.again(kind);
    }

    /// Lists of this kind never end.
    pub fn slow(&mut self, kind: Kind) {
        self.slow.insert(kind);
    }

    fn again(&mut self, kind: Kind) {
        if self.reached {
            for interest in self.watched.clone().into_iter().filter(|i| i.kind == kind) {
                self.answer(&interest);
            }
        }
    }

    /// An object is added or changed.
    pub fn apply(&mut self, object: Object) {
        self.objects.insert(object.meta().uid.clone(), object.clone());
        self.tell(&object, || WorldEvent::Apply(object.clone()));
    }

    /// An object goes.
    pub fn delete(&mut self, kind: Kind, uid: &Uid) {
        if let Some(object) = self.objects.remove(uid) {
            self.tell(&object, || WorldEvent::Delete(kind, uid.clone()));
        }
    }

    /// The UID of an object by kind and name.
    pub fn uid(&self, kind: Kind, name: &str) -> Uid {
        let found = self.objects.values().find(|o| o.kind() == kind && o.meta().name == *name);
        found.unwrap_or_else(|| panic!("no {kind:?} {name} on the stage")).meta().uid.clone()
    }

    fn tell(&mut self, object: &Object, event: impl Fn() -> WorldEvent) {
        if self.reached {
            let sources: Vec<SourceId> = self.watched.iter().filter(|i| sees(i, object)).map(|i| i.source).collect();
            for source in sources {
                self.cluster(ClusterEvent::World(source, event()));
            }
        }
    }

    /// The same, where it is there.
    pub fn known(&self, kind: Kind, name: &str) -> Option<Uid> {
        self.objects.values().find(|o| o.kind() == kind && o.meta().name == *name).map(|o| o.meta().uid.clone())
    }

    /// Keys, as `flightdeck snapshot --keys` takes them.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let chord = Chord::parse(key).unwrap_or_else(|why| panic!("{key}: {why}"));
            self.feed(Event::Key(chord));
            self.draw();
        }
    }

    /// Keys faster than frames: nothing is drawn before the last of them.
    pub fn burst(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let chord = Chord::parse(key).unwrap_or_else(|why| panic!("{key}: {why}"));
            self.feed(Event::Key(chord));
        }
        self.draw();
    }

    /// Time passes: the state is woken when it asked to be. Returns how often.
    pub fn wait(&mut self, length: TimeDelta) -> usize {
        let end = self.now + length;
        let mut ticks = 0;
        while let Some(at) = self.state.deadline(self.now).filter(|at| *at <= end) {
            assert!(at > self.now, "a deadline lies ahead");
            self.now = at;
            self.feed(Event::Tick);
            ticks += 1;
        }
        self.now = end;
        ticks
    }

    /// A frame is drawn, as after every key.
    fn draw(&mut self) {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let furthest = view::draw_buffer(&self.state, self.now, area, &mut Buffer::empty(area));
        self.state.drawn(furthest);
    }

    /// The frame.
    pub fn frame(&self, size: (u16, u16)) -> Buffer {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buffer = Buffer::empty(area);
        view::draw_buffer(&self.state, self.now, area, &mut buffer);
        buffer
    }

    /// The frame's characters.
    pub fn text(&self, size: (u16, u16)) -> String {
        picture::text(&self.frame(size))
    }
}

/// An interest as a story tells it: `pods in shop with app=checkout`.
fn told(interest: &Interest) -> String {
    let place = if let Scope::Namespace(name) = &interest.scope { format!(" in {name}") } else { String::new() };
    let with = if interest.labels.is_empty() { String::new() } else { format!(" with {}", interest.labels) };
    format!("{}{place}{with}", interest.kind.plural())
}

fn sees(interest: &Interest, object: &Object) -> bool {
    let meta = object.meta();
    let here = match &interest.scope {
        Scope::All => true,
        Scope::Namespace(name) => meta.namespace == *name,
    };
    let pairs = interest.labels.split(',').filter(|pair| !pair.is_empty());
    let matches = pairs.filter_map(|pair| pair.split_once('=')).all(|(key, value)| meta.label(key).is_some_and(|v| *v == *value));
    interest.kind == object.kind() && here && matches
}

//! A whole session over HTTPS on an embedded cluster whose clock is in the test's hand: the state, the real adapters, a journal on disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{FixedOffset, TimeDelta};
use flightdeck::app::{Event, Named, Options, Running, Screen, State};
use flightdeck::cluster::{self, Effort, Impersonate, Pace, Progress, Target};
use flightdeck::config::files::Files;
use flightdeck::config::{Asked as Names, Text, assemble};
use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::store::{DEPLOYMENTS, Key, Part, ROLLOUTS};
use flightdeck::journal::{JournalFiles, action_id};
use flightdeck::keys::Chord;
use flightdeck::objects::{Kind, ReleaseRef, Time};
use flightdeck::ports::checks::AskMetrics;
use flightdeck::ports::journal::{Entry, Journal, Told};
use flightdeck::ports::write::WriteCluster;
use flightdeck::ports::{Clock, Generation, Scope, SourceState};
use flightdeck::probe::Probe;
use flightdeck::release::Release;
use flightdeck::release::acting::Intent;
use flightdeck::runtime::checks::Checks;
use flightdeck::runtime::session::Session;
use flightdeck::theme::Depth;
use flightdeck::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};

use crate::embedded::Embedded;
use crate::front::{Asked, Front};

/// The session's clock is the cluster's.
struct Shared(Arc<Cluster>);

impl Clock for Shared {
    fn now(&self) -> Time {
        self.0.now()
    }
}

/// How a session begins, where it is not the usual way.
#[derive(Default)]
pub struct Begin {
    pub config: &'static str,
    pub read_only: bool,
    pub act_as: Option<(&'static str, &'static [&'static str])>,
    /// A kubeconfig other than the server's own.
    pub kubeconfig: Option<String>,
    /// What lies in the way of the journal.
    pub spoil: Option<fn(&std::path::Path)>,
    pub context: Option<&'static str>,
    /// Whoever answers the queries of checks.
    pub metrics: Option<Arc<dyn AskMetrics>>,
}

/// One person's cockpit.
pub struct Flight {
    pub session: Session,
    pub front: Front,
    pub folder: tempfile::TempDir,
    pub key: ReleaseRef,
    cluster: Arc<Cluster>,
    progress: Progress,
    effort: Effort,
}

/// The release every flight here is about.
pub fn release(kind: Kind) -> ReleaseRef {
    ReleaseRef { kind, namespace: "lab".into(), name: "web".into() }
}

impl Flight {
    pub async fn board(at: &Embedded, kind: Kind) -> Self {
        Self::begin(at, kind, Begin::default()).await
    }

    pub async fn begin(at: &Embedded, kind: Kind, begin: Begin) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some(spoil) = begin.spoil {
            spoil(folder.path());
        }
        let front = Front::open(&at.server.url, &at.server.ca_pem, folder.path().to_owned()).await;
        let ca = folder.path().join("front-ca.pem");
        std::fs::write(&ca, &front.ca_pem).unwrap();
        let own = begin.kubeconfig.unwrap_or_else(|| at.server.kubeconfig());
        let text: String = own.lines().map(|line| through(line, &front.url, &ca)).collect();
        let config = (!begin.config.is_empty()).then(|| Text {
            name: "config".into(),
            file: "config.toml".into(),
            text: format!("format = 1\n{}", begin.config),
        });
        let force = assemble(&Files { config, ..Files::default() }, Names::default(), Depth::Mono).unwrap();
        assert!(force.banners.is_empty(), "{:?}", force.banners);
        let key = release(kind);
        let now = at.cluster.now();
        let options = Options {
            scope: Some(Scope::Namespace("lab".into())),
            open: Some((Named { kind: Some(kind), namespace: "lab".into(), name: "web".into() }, Screen::Release)),
            force,
            ascii: false,
            read_only: begin.read_only,
            redact: false,
            size: (120, 40),
            zone: FixedOffset::east_opt(0).unwrap(),
            now,
            session: action_id(now),
        };
        let pace = Pace {
            heartbeat: Duration::from_millis(300),
            heartbeat_limit: Duration::from_millis(2_000),
            backoff_min: Duration::from_millis(20),
            backoff_max: Duration::from_millis(100),
            link_max: Duration::from_millis(100),
            ..Pace::default()
        };
        let impersonate = begin
            .act_as
            .map(|(user, groups)| Impersonate { user: user.to_owned(), groups: groups.iter().map(|g| (*g).to_owned()).collect() });
        let target = Target { inline: Some(text), impersonate, pace, context: begin.context.map(str::to_owned), ..Target::default() };
        let (tx, rx) = tokio::sync::mpsc::channel(1024);
        let connection = cluster::connect(target, Generation(0), tx);
        let (progress, effort) = (connection.progress(), connection.effort());
        let checks = Checks { jobs: Arc::new(connection.asker()), metrics: begin.metrics, pages: Arc::new(Probe) };
        let state = State::new(options);
        let writer = (!state.is_read_only()).then(|| Arc::new(connection.writer()) as Arc<dyn WriteCluster>);
        let journal: Arc<dyn Journal> = Arc::new(JournalFiles::below(Some(folder.path().to_owned())));
        let clock = Arc::new(Shared(at.cluster.clone()));
        let session = Session::new(state, Box::new(connection), rx, (writer, journal), clock).checking(Arc::new(checks));
        let mut flight = Self { session, front, folder, key, cluster: at.cluster.clone(), progress, effort };
        flight.session.feed(Event::Resize(120, 40));
        for _ in 0..2_000 {
            flight.hear().await;
            if flight.session.state.open_release().is_some() && flight.session.state.connection().is_live() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(flight.session.state.open_release().is_some(), "{:?}", flight.session.state.connection());
        flight.hear().await;
        flight
    }

    /// Hears everything that has been said, as far as nothing is held back.
    pub async fn hear(&mut self) {
        let mut still = 0;
        for look in 0..1_500 {
            let revision = self.cluster.settle();
            tokio::time::sleep(Duration::from_millis(1)).await;
            let (heard, _) = self.session.drain();
            still = if heard == 0 { still + 1 } else { 0 };
            let held = self.front.held() > 0;
            let live = self.session.state.connection().is_live();
            // Without a link there is always a next try under way.
            if !live && look > 20 {
                return;
            }
            let asking = live && self.effort.is_waiting();
            let busy = !held && (self.session.is_sending() || self.effort.is_working() || asking);
            if !busy && still >= if held { 12 } else { 3 } && (!live || self.caught_up(revision)) {
                return;
            }
        }
    }

    fn caught_up(&self, revision: u64) -> bool {
        self.progress.now().values().all(|source| match source.state {
            SourceState::Live => source.revision.parse::<u64>().is_ok_and(|seen| seen >= revision),
            SourceState::Denied(_) | SourceState::Absent | SourceState::Retrying { .. } => true,
            SourceState::Listing => false,
        })
    }

    /// Lets so much virtual time pass, hearing everything on the way.
    pub async fn live(&mut self, millis: i64) {
        let end = self.cluster.now() + TimeDelta::milliseconds(millis);
        while self.cluster.now() < end {
            let now = self.cluster.now();
            let due = self.cluster.next_due().filter(|due| *due > now).unwrap_or(end);
            self.cluster.advance_to(due.min(now + TimeDelta::seconds(1)).min(end));
            self.hear().await;
            self.tick();
            self.hear().await;
        }
    }

    fn tick(&mut self) {
        self.session.feed(Event::Tick);
    }

    /// Lets time pass until `holds`, at most so many virtual seconds.
    pub async fn until(&mut self, seconds: i64, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = self.cluster.now() + TimeDelta::seconds(seconds);
        while !holds(self) {
            assert!(self.cluster.now() < end, "not within {seconds} s: {what}\n{}", self.tell());
            self.live(100).await;
        }
    }

    /// Waits in real time, the cluster's clock standing still.
    pub async fn wait(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begin = std::time::Instant::now();
        while !holds(self) {
            assert!(begin.elapsed() < Duration::from_secs(25), "in vain: {what}\n{}", self.tell());
            self.hear().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Asks for a plan and waits until it is whole.
    pub async fn plan(&mut self, intent: Intent) {
        self.plan_with(intent, "").await;
    }

    pub async fn plan_with(&mut self, intent: Intent, note: &str) {
        self.session.feed(Event::Asked(Box::new((self.key.clone(), intent, note.to_owned()))));
        self.hear().await;
        for _ in 0..200 {
            if self.session.state.is_plan_settled() || self.front.held() > 0 {
                return;
            }
            self.hear().await;
        }
        panic!("the plan is never whole\n{}", self.tell());
    }

    /// Plans and confirms; nothing may be in the way.
    pub async fn send(&mut self, intent: Intent) {
        self.plan(intent).await;
        let now = self.session.now();
        assert_eq!(self.session.state.obstacle(now), None, "{}", self.tell());
        self.confirm().await;
    }

    pub async fn confirm(&mut self) {
        self.session.feed(Event::Confirmed);
        self.hear().await;
    }

    /// Plans, confirms, and waits until it took effect.
    pub async fn fly(&mut self, intent: Intent, seconds: i64) {
        self.send(intent).await;
        self.until(seconds, "the effect", |flight| flight.words().contains("took effect after")).await;
    }

    /// Why the plan that is open was refused: why, and what instead.
    pub fn refused(&self) -> (String, String) {
        let open = self.session.state.plan().expect("a plan is open");
        let refusal = open.planned.as_ref().expect_err("it is refused");
        (refusal.why.to_string(), refusal.instead.to_string())
    }

    pub fn obstacle(&self) -> Option<String> {
        self.session.state.obstacle(self.session.now()).map(|why| why.to_string())
    }

    pub fn running(&self) -> &Running {
        self.session.state.action_on(&self.key).expect("something was confirmed")
    }

    /// How far the newest action has got; empty where there is none.
    pub fn words(&self) -> String {
        self.session.state.action_on(&self.key).map(Running::words).unwrap_or_default()
    }

    pub fn release(&self) -> &Release {
        &self.session.state.shown()[&self.key]
    }

    pub fn notice(&self) -> String {
        self.session.state.notice().map(ToString::to_string).unwrap_or_default()
    }

    /// Draws a frame as the loop does before it takes the next key.
    pub fn draw(&mut self) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
        let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(120, 40)).unwrap();
        let (now, mut furthest) = (self.session.now(), 0);
        terminal.draw(|frame| furthest = view::draw(&self.session.state, now, frame)).unwrap();
        buffer.clone_from(terminal.backend().buffer());
        self.session.state.drawn(furthest);
        flightdeck::runtime::picture::text(&buffer)
    }

    /// Presses keys as a person does: one after the other, a frame before each, everything heard in between.
    pub async fn press(&mut self, keys: &[&str]) {
        for key in keys {
            self.draw();
            self.blind(key);
            self.hear().await;
        }
    }

    /// Presses a key with no frame before it.
    pub fn blind(&mut self, key: &str) {
        self.session.feed(Event::Key(Chord::parse(key).unwrap()));
    }

    /// Types a line.
    pub async fn types(&mut self, text: &str) {
        self.draw();
        for c in text.chars() {
            let key = if c == ' ' { "space".to_owned() } else { c.to_string() };
            self.blind(&key);
        }
        self.hear().await;
    }

    /// The journal, oldest line first.
    pub fn journal(&self) -> Vec<Entry> {
        let (mut entries, unread) = JournalFiles::below(Some(self.state_folder())).read(usize::MAX).unwrap();
        assert_eq!(unread, 0, "every line can be read");
        entries.reverse();
        entries
    }

    pub fn state_folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// What the journal tells, in order.
    pub async fn told(&self) -> Vec<Told> {
        self.session.flush().await;
        self.journal().iter().map(|entry| entry.told).collect()
    }

    pub fn writes(&self) -> Vec<Asked> {
        self.front.writes()
    }

    /// The writes the server did, each checked against the journal as it was when it arrived: its line was there, and was the last.
    pub fn landed(&self) -> Vec<Asked> {
        let landed = self.front.landed();
        for one in &landed {
            let about =
                one.journal.iter().rev().find(|entry| entry.told == Told::About).unwrap_or_else(|| panic!("no line before {one:#?}"));
            assert_eq!(about.patch, one.body, "the line before it says what is sent");
            assert_eq!(one.journal.last().map(|entry| entry.told), Some(Told::About), "and is the last");
            assert_eq!((one.method.as_str(), one.manager.as_str()), ("PATCH", "flightdeck"));
        }
        landed
    }

    /// One line of everything, for failures.
    pub fn tell(&self) -> String {
        let state = &self.session.state;
        let release = state.shown().get(&self.key);
        format!(
            "plan: {:#?}\nrunning: {:?}\nobstacle: {:?}\nnotice: {}\nlink: {:?}\ncontrol: {:#?}\nphase: {:?} {:?}\nwrites: {:#?}",
            state.plan().map(|open| (&open.planned, &open.dry_run, &open.moved)),
            state.actions().iter().map(Running::words).collect::<Vec<_>>(),
            self.obstacle(),
            self.notice(),
            state.connection().state,
            release.map(|release| &release.control),
            release.map(|release| release.phase),
            release.and_then(|release| release.message.clone()),
            self.front.asked().iter().map(|one| (&one.path, one.dry_run, one.body.to_string(), one.code)).collect::<Vec<_>>(),
        )
    }
}

/// A line of a kubeconfig that leads through the front.
fn through(line: &str, url: &str, ca: &std::path::Path) -> String {
    let head: String = line.chars().take_while(|c| *c == ' ').collect();
    match line.trim_start().split_once(": ") {
        Some(("server", _)) => format!("{head}server: {url}\n"),
        Some(("certificate-authority-data", _)) => format!("{head}certificate-authority: {}\n", ca.display()),
        _ => format!("{line}\n"),
    }
}

/// What somebody else writes, past the API and its record of who reads.
pub fn meddle(cluster: &Cluster, kind: Kind, part: Part, change: impl FnOnce(&mut Value)) {
    let key = Key::new(if kind == Kind::Rollout { ROLLOUTS } else { DEPLOYMENTS }, "lab", "web");
    cluster.write(|sim| sim.edit(&key, part, change).unwrap());
}

/// A new image for `lab/web`.
pub fn image(at: &Embedded, kind: Kind, tag: &str) {
    let image = format!("registry.example/web:{tag}");
    meddle(&at.cluster, kind, Part::Main, |object| object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image));
}

/// The object of the release as the server has it.
pub fn stored(at: &Embedded, kind: Kind) -> Value {
    let key = Key::new(if kind == Kind::Rollout { ROLLOUTS } else { DEPLOYMENTS }, "lab", "web");
    at.cluster.read(|sim| (**sim.store.get(&key).unwrap()).clone())
}

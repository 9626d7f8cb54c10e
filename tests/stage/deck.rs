//! A canary at 60 % that waits for a person, with a metrics server that counts it and a guard to be armed on it.

use std::sync::OnceLock;
use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::app::Event;
use flightdeck::app::guard::Stand;
use flightdeck::config::Objective;
use flightdeck::objects::{Kind, ReleaseRef};
use flightdeck::ports::journal::Told;
use flightdeck::ports::metrics::{Asked, Found, MetricsEvent, MetricsLink, Reading};
use flightdeck::slo::Answer;
use flightdeck::text::Clean;
use serde_json::Value;

use super::objects::{Life, decode};
use super::{Stage, Time};

/// Read once: many decks are opened on it.
static LIFE: OnceLock<Life> = OnceLock::new();

/// An answer of the metrics server on its way.
#[derive(Debug, Clone)]
pub struct Heard {
    /// What it was worked out for.
    pub at: Time,
    pub partial: bool,
    pub found: Found,
}

/// The release, and what is counted of it.
pub struct Deck {
    pub stage: Stage,
    pub key: ReleaseRef,
    /// Requests and errors of each version so far.
    pub counted: [f64; 2],
    pub metrics: bool,
    pub fed: Option<Time>,
    pub failed: f64,
    /// Every answer that was handed over, oldest first.
    pub told: Vec<(Time, Heard)>,
}

impl Deck {
    pub fn open() -> Self {
        Self::with(|_| {})
    }

    /// On a cluster that is like this.
    pub fn with(change: impl FnOnce(&mut Stage)) -> Self {
        let objective = Objective {
            name: "availability".to_owned(),
            matches: "*/*".to_owned(),
            target: 0.999,
            window: Duration::from_secs(30 * 86_400),
            calendar: None,
            requests_per_user: None,
            slower_than: None,
            queries: None,
        };
        let mut stage = Stage::with("default", (120, 40), |options| options.force.config.objectives.push(objective));
        change(&mut stage);
        stage.connect();
        LIFE.get_or_init(|| Life::load("argo-routed-life")).play(&mut stage, 0, 16471);
        stage.keys("enter");
        let key = ReleaseRef { namespace: "argo-routed".into(), name: "shop".into(), kind: Kind::Rollout };
        assert!(stage.state.shown()[&key].under_way);
        let mut deck = Self { stage, key, counted: [100.0, 0.0], metrics: true, fed: None, failed: 0.0, told: Vec::new() };
        deck.link(true);
        deck.stage.feed(Event::Metrics(MetricsEvent::Families { found: vec!["Istio".into()], looked_for: Clean::default() }));
        deck.pass(6);
        deck.count(10.0, 0.0, false);
        deck
    }

    pub fn link(&mut self, live: bool) {
        self.metrics = live;
        let address = Clean::from("http://prometheus");
        let word = Clean::from("no answer");
        let failing =
            MetricsLink::Failing { address: address.clone(), word: word.clone(), sentence: word, retry_after: Duration::from_secs(5) };
        let link = if live { MetricsLink::Live { address, way: Clean::default() } } else { failing };
        self.stage.feed(Event::Metrics(MetricsEvent::Link(link)));
    }

    /// So many more requests and errors of the new version; nobody hears of them while the server is away.
    pub fn count(&mut self, good: f64, bad: f64, partial: bool) {
        self.counted = [self.counted[0] + good, self.counted[1] + bad];
        if !self.metrics {
            return;
        }
        let found = self.counters();
        let at = self.moment();
        self.hand_over(Heard { at, partial, found });
        if !partial {
            (self.fed, self.failed) = (Some(at), self.counted[1]);
        }
    }

    /// What the counters stand at.
    pub fn counters(&self) -> Found {
        let release = &self.stage.state.shown()[&self.key];
        let mut readings = Vec::new();
        for version in &release.versions {
            let new = version.hash == release.control.new_hash;
            let pod = release.pods.iter().find(|pod| pod.version == version.uid).map_or("gone".into(), |pod| pod.name.clone());
            let [good, bad] = if new { self.counted } else { [self.counted[0] * 2.0, 1.0] };
            let one = |code: &str, bad, value| Reading { version: version.hash.clone(), pod: pod.clone(), code: code.into(), bad, value };
            readings.extend([one("200", false, good), one("500", true, bad)]);
        }
        Found::Counters(readings)
    }

    /// A moment of its own: nothing is worked out twice for the same one.
    pub fn moment(&mut self) -> Time {
        if self.told.last().is_some_and(|(_, heard)| heard.at >= self.stage.now) {
            self.stage.now += TimeDelta::milliseconds(1);
        }
        self.stage.now
    }

    /// An answer comes, whenever it was worked out.
    pub fn hand_over(&mut self, heard: Heard) {
        let asked = Asked { query: "q".into(), at: heard.at, took: Duration::ZERO, bytes: 0, doubt: None, partial: heard.partial };
        self.told.push((self.stage.now, heard.clone()));
        self.stage.feed(Event::Metrics(MetricsEvent::Found(self.key.clone(), asked, heard.found)));
    }

    /// How many times its budget a window burns.
    pub fn window(&self, times: f64, window: u64) -> Found {
        let objective = self.stage.state.metrics().promised(&self.key)[0].objective.clone();
        let total = window as f64 * 100.0;
        Found::Window {
            promise: objective.name().clone(),
            window: Duration::from_secs(window),
            errors: Answer::Value(total * times * (1.0 - objective.target())),
            total: Answer::Value(total),
        }
    }

    /// So many times its budget is burnt over these windows, in seconds.
    pub fn burn(&mut self, times: f64, windows: &[u64]) {
        self.stage.now += TimeDelta::milliseconds(1);
        for window in windows {
            let found = self.window(times, *window);
            self.hand_over(Heard { at: self.stage.now, partial: false, found });
        }
    }

    /// Time passes, second by second, with heartbeats as long as the link answers.
    pub fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.stage.wait(TimeDelta::seconds(1));
            if self.stage.state.connection().is_live() {
                self.stage.hear();
            }
        }
    }

    /// Somebody else writes the Rollout.
    pub fn written(&mut self, change: impl FnOnce(&mut Value)) {
        let uid = self.stage.uid(Kind::Rollout, "shop");
        let mut raw = self.stage.answers.raw[&uid].clone();
        change(&mut raw);
        self.stage.answers.raw.insert(uid, raw.clone());
        self.stage.apply(decode(&raw));
    }

    pub fn arm(&mut self, text: &str) {
        let keys =
            |text: &str| text.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() }).collect::<Vec<_>>().join(" ");
        self.stage.keys("G ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w ctrl-w");
        self.stage.keys(&keys(text));
        self.stage.keys("enter");
    }

    pub fn sent(&self) -> usize {
        self.stage.effects.iter().filter(|effect| effect.starts_with("send ")).count()
    }

    pub fn lines(&self, beginning: &str) -> usize {
        let guard = self.stage.answers.lines.iter().filter(|line| line.told == Told::Guard);
        guard.filter(|line| line.effect.starts_with(beginning)).count()
    }

    pub fn text(&self) -> String {
        self.stage.text((120, 40))
    }

    pub fn stand(&self) -> Option<Stand> {
        self.stage.state.guard().map(|guard| guard.stand.clone())
    }
}

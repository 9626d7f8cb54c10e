//! The kubelets: start, probe, restart and stop the containers of pods that have a node, and report what became of them.
//! Decides nothing about how many pods there should be; what a container does comes from [`Behaviour`] alone.

mod report;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::behaviour::{Behaviour, Fate, Table};
use super::meta;
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{Happened, Key, LogEntry, NODES, PODS, Store};

const COMPONENT: &str = "kubelet";
/// Kubelet's restart back-off: 10 s doubling to 5 min (pkg/kubelet/kubelet.go backOffPeriod, MaxContainerBackOff).
const BACKOFF_FIRST: i64 = 10;
const BACKOFF_MOST: i64 = 300;
/// A container that ran this long starts its back-off anew.
const BACKOFF_FORGIVEN: TimeDelta = TimeDelta::minutes(10);
/// How often a failing readiness probe is tried, where the template says nothing.
const PROBE_PERIOD: i64 = 10;

/// What the first container of a pod is doing.
#[derive(Debug, Clone, PartialEq)]
enum Container {
    Creating,
    Running { since: DateTime<Utc>, ready: bool },
    BackOff { seconds: i64 },
    PullError,
    PullBackOff,
    Evicted { since: DateTime<Utc>, at: DateTime<Utc> },
}

/// How a container ended last time.
#[derive(Debug, Clone, PartialEq)]
struct Ended {
    code: i64,
    reason: &'static str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    id: String,
}

/// What comes next in a pod's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Run,
    PassProbe,
    FailProbe,
    Fall,
    FailPull,
    WaitForPull,
    Stop,
}

/// One pod as its node knows it.
struct Life {
    uid: Value,
    behaviour: Behaviour,
    container: Container,
    ended: Option<Ended>,
    restarts: i64,
    backoff: i64,
    ip: String,
    host: String,
    accepted: DateTime<Utc>,
    next: Option<(DateTime<Utc>, Act)>,
}

/// All nodes' kubelets.
pub struct Kubelet {
    table: Table,
    lives: BTreeMap<Key, Life>,
    addresses: u32,
}

impl Kubelet {
    /// Kubelets whose containers do what `table` and the pod templates say.
    pub fn new(table: Table) -> Self {
        Self { table, lives: BTreeMap::new(), addresses: 0 }
    }
}

impl Controller for Kubelet {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.key.resource != PODS {
            return Vec::new();
        }
        let before = entry.before.as_deref().unwrap_or(&Value::Null);
        let bound = before["spec"]["nodeName"].is_null() && !entry.object["spec"]["nodeName"].is_null();
        let marked = before["metadata"]["deletionTimestamp"].is_null() && meta::terminating(&entry.object);
        if bound || marked || entry.happened == Happened::Deleted { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let Some(pod) = cx.store.get(key).cloned() else {
            self.lives.remove(key);
            return None;
        };
        if pod["spec"]["nodeName"].is_null() {
            // Nobody has started it, so nobody has to stop it.
            if meta::terminating(&pod) {
                cx.store.delete(key);
            }
            return None;
        }
        if self.lives.get(key).is_none_or(|life| life.uid != pod["metadata"]["uid"]) {
            let life = self.accept(&pod, cx);
            self.lives.insert(key.clone(), life);
        }
        let life = self.lives.get_mut(key)?;
        if meta::terminating(&pod) && !matches!(life.next, Some((_, Act::Stop))) {
            life.begin_stop(&pod, cx);
        }
        while let Some((at, act)) = life.next.filter(|(at, _)| *at <= cx.now) {
            life.next = None;
            if act == Act::Stop {
                cx.store.delete(key);
                return None;
            }
            life.perform(act, at, key, &pod, cx);
        }
        life.next.map(|(at, _)| at)
    }
}

impl Kubelet {
    fn accept(&mut self, pod: &Value, cx: &mut Cx<'_>) -> Life {
        self.addresses += 1;
        let mut behaviour = self.table.of(pod);
        if behaviour.share < 1.0 && cx.rng.f64() >= behaviour.share {
            behaviour.fate = Fate::Ready;
            behaviour.ready_after = behaviour.ready_after.min(self.table.default.ready_after);
        }
        let node = cx.store.get(&Key::new(NODES, "", meta::text(&pod["spec"]["nodeName"])));
        let host = node.map(|node| meta::text(&node["status"]["addresses"][0]["address"]).to_owned()).unwrap_or_default();
        let ip = format!("10.{}.{}.{}", 244 + (self.addresses >> 16), (self.addresses >> 8) & 0xff, self.addresses & 0xff);
        let mut life = Life {
            uid: pod["metadata"]["uid"].clone(),
            container: Container::Creating,
            ended: None,
            restarts: 0,
            backoff: 0,
            ip,
            host,
            accepted: cx.now,
            next: None,
            behaviour,
        };
        let key = Key::of(PODS, pod);
        if life.behaviour.is_instant() {
            life.announce_start(pod, cx);
            life.container = Container::Running { since: cx.now, ready: true };
        } else {
            let act = if life.behaviour.fate == Fate::ImagePull { Act::FailPull } else { Act::Run };
            life.plan(life.behaviour.start_after, act, cx);
            life.say(pod, "Normal", "Pulling", &format!("Pulling image \"{}\"", image(pod)), cx);
        }
        life.report(&key, pod, cx);
        life
    }
}

impl Life {
    fn perform(&mut self, act: Act, at: DateTime<Utc>, key: &Key, pod: &Value, cx: &mut Cx<'_>) {
        match act {
            Act::Run => self.run(pod, cx),
            Act::PassProbe => {
                if let Container::Running { since, .. } = self.container {
                    self.container = Container::Running { since, ready: true };
                    self.plan_fall(since, cx);
                }
            }
            Act::FailProbe => {
                self.say(pod, "Warning", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", cx);
                let period = pod["spec"]["containers"][0]["readinessProbe"]["periodSeconds"].as_i64().unwrap_or(PROBE_PERIOD);
                self.next = Some((at + TimeDelta::seconds(period.max(1)), Act::FailProbe));
            }
            Act::Fall => self.fall(pod, cx),
            Act::FailPull => {
                let image = image(pod);
                let why = pull_error(image);
                self.say(pod, "Normal", "Pulling", &format!("Pulling image \"{image}\""), cx);
                self.say(pod, "Warning", "Failed", &format!("Failed to pull image \"{image}\": {why}"), cx);
                self.say(pod, "Warning", "Failed", "Error: ErrImagePull", cx);
                self.container = Container::PullError;
                self.next = Some((cx.now + TimeDelta::seconds(12), Act::WaitForPull));
            }
            Act::WaitForPull => {
                let image = image(pod);
                self.say(pod, "Normal", "BackOff", &format!("Back-off pulling image \"{image}\""), cx);
                self.say(pod, "Warning", "Failed", "Error: ImagePullBackOff", cx);
                self.container = Container::PullBackOff;
                self.backoff = (self.backoff * 2).clamp(BACKOFF_FIRST, BACKOFF_MOST);
                self.next = Some((cx.now + TimeDelta::seconds(self.backoff), Act::FailPull));
            }
            Act::Stop => {}
        }
        self.report(key, pod, cx);
    }

    fn run(&mut self, pod: &Value, cx: &mut Cx<'_>) {
        if matches!(self.container, Container::BackOff { .. }) {
            self.restarts += 1;
        }
        self.announce_start(pod, cx);
        self.container = Container::Running { since: cx.now, ready: false };
        let behaviour = &self.behaviour;
        match behaviour.fate {
            Fate::NeverReady => self.plan(behaviour.ready_after, Act::FailProbe, cx),
            Fate::Crash | Fate::Oom | Fate::Evicted if behaviour.after <= behaviour.ready_after => {
                self.plan(behaviour.after, Act::Fall, cx)
            }
            _ => self.plan(behaviour.ready_after, Act::PassProbe, cx),
        }
    }

    fn plan_fall(&mut self, since: DateTime<Utc>, cx: &mut Cx<'_>) {
        if matches!(self.behaviour.fate, Fate::Crash | Fate::Oom | Fate::Evicted) {
            self.plan(self.behaviour.after, Act::Fall, cx);
            if let Some((at, _)) = &mut self.next {
                *at = (*at - (cx.now - since)).max(cx.now);
            }
        }
    }

    fn fall(&mut self, pod: &Value, cx: &mut Cx<'_>) {
        let Container::Running { since, .. } = self.container else { return };
        if self.behaviour.fate == Fate::Evicted {
            let why = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi. ";
            self.say(pod, "Warning", "Evicted", why, cx);
            self.say(pod, "Normal", "Killing", &format!("Stopping container {}", first(pod)), cx);
            self.container = Container::Evicted { since, at: cx.now };
            return;
        }
        let (code, reason) = if self.behaviour.fate == Fate::Oom { (137, "OOMKilled") } else { (self.behaviour.code, "Error") };
        self.ended = Some(Ended { code, reason, from: since, to: cx.now, id: report::container_id(pod, 0, self.restarts) });
        if cx.now - since >= BACKOFF_FORGIVEN {
            self.backoff = 0;
        }
        // The first restart is at once; each later one waits twice as long as the one before.
        let wait = self.backoff;
        self.backoff = if wait == 0 { BACKOFF_FIRST } else { (wait * 2).min(BACKOFF_MOST) };
        self.container = Container::BackOff { seconds: wait };
        if wait > 0 {
            let name = format!("{}_{}", meta::text(&pod["metadata"]["name"]), meta::text(&pod["metadata"]["namespace"]));
            let uid = meta::text(&pod["metadata"]["uid"]);
            self.say(pod, "Warning", "BackOff", &format!("Back-off restarting failed container {} in pod {name}({uid})", first(pod)), cx);
        }
        self.next = Some((cx.now + TimeDelta::seconds(wait.max(1)), Act::Run));
    }

    fn begin_stop(&mut self, pod: &Value, cx: &mut Cx<'_>) {
        let grace = pod["metadata"]["deletionGracePeriodSeconds"].as_u64().unwrap_or(30);
        let running = matches!(self.container, Container::Running { .. });
        if running {
            self.say(pod, "Normal", "Killing", &format!("Stopping container {}", first(pod)), cx);
        }
        let wait = if running { self.behaviour.stop_after.min(Duration::from_secs(grace)) } else { Duration::ZERO };
        self.plan(wait, Act::Stop, cx);
    }

    fn announce_start(&self, pod: &Value, cx: &mut Cx<'_>) {
        let image = image(pod);
        let pulled = if self.restarts > 0 || self.behaviour.is_instant() {
            format!("Container image \"{image}\" already present on machine")
        } else {
            let took = self.behaviour.start_after.as_millis();
            format!("Successfully pulled image \"{image}\" in {took}ms ({took}ms including waiting). Image size: 48213504 bytes.")
        };
        self.say(pod, "Normal", "Pulled", &pulled, cx);
        self.say(pod, "Normal", "Created", &format!("Created container: {}", first(pod)), cx);
        self.say(pod, "Normal", "Started", &format!("Started container {}", first(pod)), cx);
    }

    /// Sets what comes next after about `wait`: seeded jitter keeps pods from moving in step.
    fn plan(&mut self, wait: Duration, act: Act, cx: &mut Cx<'_>) {
        let jitter = if self.behaviour.jitter > 0.0 { 1.0 + self.behaviour.jitter * (cx.rng.f64() * 2.0 - 1.0) } else { 1.0 };
        let wait = wait.mul_f64(jitter.max(0.0)).as_millis();
        self.next = Some((cx.now + TimeDelta::milliseconds(i64::try_from(wait).unwrap_or(i64::MAX / 1_000_000)), act));
    }

    fn say(&self, pod: &Value, kind: &str, reason: &str, message: &str, cx: &mut Cx<'_>) {
        cx.event(COMPONENT, pod, kind, reason, message);
    }

    fn report(&self, key: &Key, pod: &Value, cx: &mut Cx<'_>) {
        let Some(stored) = cx.store.get(key) else { return };
        let status = report::status(self, pod, &stored["status"], cx.now);
        cx.store.set_status(key, status);
    }
}

fn image(pod: &Value) -> &str {
    meta::text(&pod["spec"]["containers"][0]["image"])
}

fn first(pod: &Value) -> &str {
    meta::text(&pod["spec"]["containers"][0]["name"])
}

fn pull_error(image: &str) -> String {
    format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found"
    )
}

/// A waiting state.
fn waiting(reason: &str, message: Option<String>) -> Value {
    match message {
        Some(message) => json!({ "waiting": { "reason": reason, "message": message } }),
        None => json!({ "waiting": { "reason": reason } }),
    }
}

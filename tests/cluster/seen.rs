//! What the adapter said, and waiting for it to say something.

use std::path::PathBuf;
use std::time::Duration;

use flightdeck::cluster::{self, Connection, Pace, Target};
use flightdeck::objects::{Kind, Object, SourceId, WorldEvent};
use flightdeck::ports::{ClusterEvent, Generation, Interest, LinkState, ReadCluster, Scope, SourceState};
use flightdeck::text::Clean;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A hundred times faster than life.
pub fn quick() -> Pace {
    Pace {
        heartbeat: Duration::from_millis(100),
        heartbeat_limit: Duration::from_secs(1),
        quiet_watch: Duration::from_secs(5),
        quiet_list: Duration::from_millis(300),
        backoff_min: Duration::from_millis(20),
        backoff_max: Duration::from_millis(200),
        link_max: Duration::from_millis(100),
        absent: Duration::from_millis(50),
        denied: Duration::from_millis(100),
        login_limit: Duration::from_secs(5),
    }
}

/// A connection under test, with everything it said.
pub struct Seen {
    pub connection: Connection,
    pub said: Vec<ClusterEvent>,
    rx: mpsc::Receiver<(Generation, ClusterEvent)>,
    _folder: tempfile::TempDir,
}

impl Seen {
    /// Connects to `address` with the user described in YAML.
    pub fn connect(address: &str, user: &str, pace: Pace) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        std::fs::write(&path, config(address, user)).unwrap();
        Self::with(folder, Target { kubeconfig: Some(path), pace, ..Target::default() })
    }

    pub fn with(folder: tempfile::TempDir, target: Target) -> Self {
        let (tx, rx) = mpsc::channel(64);
        let connection = cluster::connect(target, Generation(7), tx);
        Self { connection, said: Vec::new(), rx, _folder: folder }
    }

    /// Waits for an event that `wanted` holds for.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&ClusterEvent) -> bool) -> ClusterEvent {
        let end = tokio::time::Instant::now() + Duration::from_secs(8);
        loop {
            let Ok(Some((generation, event))) = tokio::time::timeout_at(end, self.rx.recv()).await else {
                panic!("never came: {what}; said so far: {:#?}", self.said);
            };
            assert_eq!(generation, Generation(7));
            self.said.push(event.clone());
            if wanted(&event) {
                return event;
            }
        }
    }

    pub async fn until_live(&mut self) {
        self.until("link live", |event| *event == ClusterEvent::Link(LinkState::Live)).await;
    }

    pub async fn until_source(&mut self, what: &str, wanted: impl Fn(&SourceState) -> bool) -> SourceState {
        match self.until(what, |event| matches!(event, ClusterEvent::Source(_, state) if wanted(state))).await {
            ClusterEvent::Source(_, state) => state,
            _ => unreachable!(),
        }
    }

    /// Waits for a whole list and gives its names.
    pub async fn until_list(&mut self) -> Vec<String> {
        match self.until("a list", |event| matches!(event, ClusterEvent::World(_, WorldEvent::Replace(..)))).await {
            ClusterEvent::World(_, WorldEvent::Replace(_, objects)) => objects.iter().map(name).collect(),
            _ => unreachable!(),
        }
    }

    /// Waits for one object and gives its name.
    pub async fn until_object(&mut self) -> String {
        match self.until("an object", |event| matches!(event, ClusterEvent::World(_, WorldEvent::Apply(_)))).await {
            ClusterEvent::World(_, WorldEvent::Apply(object)) => name(&object),
            _ => unreachable!(),
        }
    }

    /// Waits until the source is taken up again, and says why.
    pub async fn until_retrying(&mut self, words: &str) {
        self.until_source(words, |state| matches!(state, SourceState::Retrying { reason, .. } if reason.contains(words))).await;
    }

    /// Lets time pass, collecting what is said.
    pub async fn listen(&mut self, millis: u64) {
        let end = tokio::time::Instant::now() + Duration::from_millis(millis);
        while let Ok(Some((_, event))) = tokio::time::timeout_at(end, self.rx.recv()).await {
            self.said.push(event);
        }
    }

    pub fn want(&mut self, interests: &[Interest]) {
        self.connection.set_interests(interests.to_vec());
    }
}

fn name(object: &Object) -> String {
    object.meta().name.to_string()
}

pub fn config(address: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters: [{{name: c, cluster: {{server: '{address}'}}}}]\n\
         contexts: [{{name: test, context: {{cluster: c, user: ann, namespace: payments}}}}]\nusers: [{{name: ann, user: {user}}}]\n"
    )
}

pub fn interest(id: u64, kind: Kind) -> Interest {
    Interest { source: SourceId(id), kind, scope: Scope::Namespace(Clean::from("payments")), labels: String::new(), release: None }
}

pub fn object(name: &str, revision: u64) -> Value {
    json!({"metadata": {"name": name, "namespace": "payments", "uid": format!("uid-{name}"), "resourceVersion": revision.to_string()}})
}

pub fn list(revision: u64, items: &[Value]) -> String {
    json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": revision.to_string()}, "items": items}).to_string()
}

pub fn line(kind: &str, object: &Value) -> String {
    format!("{}\n", json!({"type": kind, "object": object}))
}

pub fn bookmark(revision: u64, initial: bool) -> String {
    let mut mark = json!({"metadata": {"resourceVersion": revision.to_string()}});
    if initial {
        mark["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
    }
    line("BOOKMARK", &mark)
}

pub fn failure(code: u16, message: &str) -> String {
    line("ERROR", &json!({"kind": "Status", "status": "Failure", "code": code, "message": message}))
}

pub fn path(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

//! The Rollout controller: what it wakes for, and the order of one look at one Rollout (argo-rollouts rollout/controller.go, context.go).
//! Never keeps state between looks: everything is read from the store again.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{ANALYSISRUNS, DEPLOYMENTS, EXPERIMENTS, Key, LogEntry, Part, REPLICASETS, ROLLOUTS, SERVICES, Store};

use super::objects::{Set, annotation, children, has, list, number, owner_of, text};
use super::pause::Pause;
use super::{COMPONENT, WORKLOAD_GENERATION, conditions, duration::Milestone, pause, persist, spec, template, validation, workload};

/// The controller.
pub struct Rollouts;

impl Controller for Rollouts {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::milliseconds(8)
    }

    fn interested(&self, store: &Store, entry: &LogEntry) -> Vec<Key> {
        let namespace = &entry.key.namespace;
        match entry.key.resource {
            ROLLOUTS => vec![entry.key.clone()],
            REPLICASETS | ANALYSISRUNS | EXPERIMENTS => {
                owner_of(&entry.object, "Rollout").map(|name| Key::new(ROLLOUTS, namespace.as_str(), name)).into_iter().collect()
            }
            DEPLOYMENTS => with(store, namespace, |ro| ro["spec"]["workloadRef"]["name"] == entry.key.name.as_str()),
            SERVICES if entry.before.is_none() => with(store, namespace, |ro| names_service(ro, &entry.key.name)),
            _ => Vec::new(),
        }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let stored = cx.store.get(key)?.clone();
        let mut ro = (*stored).clone();
        if !has(&ro, "/status") && annotation(&ro, WORKLOAD_GENERATION).is_empty() {
            let message = format!("Rollout resource added to informer: {}/{}", key.namespace, key.name);
            cx.event(COMPONENT, &ro, "Normal", "RolloutAddedToInformer", &message);
        }
        if workload::resolve(cx, key, &mut ro) {
            return None;
        }
        let mut work = Work::new(cx, key.clone(), ro);
        work.look();
        work.again
    }
}

fn with(store: &Store, namespace: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Key> {
    store.list(ROLLOUTS, Some(namespace)).filter(|(_, ro)| wanted(ro)).map(|(key, _)| key.clone()).collect()
}

/// Whether a Rollout's strategy names this Service: it may have waited for it.
fn names_service(ro: &Value, service: &str) -> bool {
    ["canary/stableService", "canary/canaryService", "blueGreen/activeService", "blueGreen/previewService"]
        .iter()
        .any(|field| text(ro, &format!("/spec/strategy/{field}")) == service)
}

/// One look at one Rollout.
pub struct Work<'a, 'c> {
    /// Store and clock.
    pub cx: &'a mut Cx<'c>,
    /// Which Rollout.
    pub key: Key,
    /// The Rollout as stored, its template resolved.
    pub ro: Value,
    /// All its ReplicaSets as they were when the look began.
    pub sets: Vec<Set>,
    /// Name of the ReplicaSet of the current template.
    pub new: Option<String>,
    /// Whether that one was still kept warm when the look began: its deadline is taken away on the way, and what follows goes by what was.
    pub was_warm: bool,
    /// Decisions about pauses.
    pub pause: Pause,
    /// The parts of the status decided on the way: weights, runs, experiment.
    pub canary: Value,
    /// The same for blue-green.
    pub blue_green: Value,
    /// `status.restartedAt` to write.
    pub restarted_at: Value,
    /// What to put on record.
    pub milestone: Option<Milestone>,
    /// When to look again.
    pub again: Option<DateTime<Utc>>,
}

impl<'a, 'c> Work<'a, 'c> {
    fn new(cx: &'a mut Cx<'c>, key: Key, ro: Value) -> Self {
        let sets: Vec<Set> = children(cx.store, REPLICASETS, &ro).iter().map(Set::of).collect();
        let wanted = template::bare(&ro["spec"]["template"]);
        let new = sets.iter().filter(|s| template::bare(&s.object["spec"]["template"]) == wanted).max_by_key(|s| s.revision);
        let was_warm = new.is_some_and(|s| s.deadline.is_some());
        let new = new.map(|s| s.name.clone());
        let weights = &ro["status"]["canary"]["weights"];
        let canary = if weights.is_null() { json!({}) } else { json!({ "weights": weights }) };
        let restarted_at = ro["status"]["restartedAt"].clone();
        let blue_green = json!({});
        let mut work = Self {
            cx,
            key,
            ro,
            sets,
            new,
            was_warm,
            pause: Pause::default(),
            canary,
            blue_green,
            restarted_at,
            milestone: None,
            again: None,
        };
        // Where nothing is under way there is nothing to abort: it is taken back at once. Else the version that is stable and aborted is
        // given a deadline as one and loses it as the other, for ever (argo-rollouts #2982).
        work.pause.unabort = work.is_fully_promoted() && work.is_aborted();
        work
    }

    fn look(&mut self) {
        if let Some(message) = validation::problem(self.cx.store, &self.ro) {
            self.refuse(&message);
            return;
        }
        if persist::check_pause_conditions(self) {
            return;
        }
        if self.is_scaling() {
            self.scale_only();
        } else if spec::is_blue_green(&self.ro) {
            self.blue_green();
        } else {
            self.canary();
        }
    }

    /// Says in the status that the spec can't be used, and looks again: what is missing may still come (createInvalidRolloutCondition).
    fn refuse(&mut self, message: &str) {
        let told = format!("The Rollout \"{}\" is invalid: {message}", self.key.name);
        let mut status = self.ro["status"].clone();
        if !status.is_object() {
            status = json!({ "blueGreen": {}, "canary": {} });
        }
        if conditions::get(&status, "InvalidSpec").is_none_or(|c| c["message"] != told.as_str()) {
            conditions::remove(&mut status, "InvalidSpec");
            conditions::set(&mut status, self.cx.now, "InvalidSpec", "True", "InvalidSpec", &told);
        }
        persist::write(self, status);
        self.wake(TimeDelta::seconds(20));
    }

    /// Whether `spec.replicas` changed since the ReplicaSets were scaled (isScalingEvent).
    fn is_scaling(&self) -> bool {
        self.sets.iter().any(|s| s.spec > 0 && s.desired.is_some_and(|d| d != spec::replicas(&self.ro)))
    }

    /// The ReplicaSet of the current template.
    pub fn new_set(&self) -> Option<&Set> {
        self.sets.iter().find(|s| Some(&s.name) == self.new.as_ref())
    }

    /// The ReplicaSet of the stable version.
    pub fn stable_set(&self) -> Option<&Set> {
        self.set_of_hash(text(&self.ro, "/status/stableRS"))
    }

    /// The ReplicaSet of one hash.
    pub fn set_of_hash(&self, hash: &str) -> Option<&Set> {
        self.sets.iter().find(|s| !hash.is_empty() && s.hash == hash)
    }

    /// Neither new nor stable.
    pub fn other_sets(&self) -> Vec<&Set> {
        let stable = self.stable_set().map(|s| s.name.as_str());
        self.sets.iter().filter(|s| Some(&s.name) != self.new.as_ref() && Some(s.name.as_str()) != stable).collect()
    }

    /// The hash of the current template.
    pub fn new_hash(&self) -> String {
        match self.new_set() {
            Some(set) => set.hash.clone(),
            None => template::pod_template_hash(&self.ro["spec"]["template"], number(&self.ro, "/status/collisionCount")),
        }
    }

    /// Whether the template is another than the one the status speaks of (CheckPodSpecChange).
    pub fn template_changed(&self) -> bool {
        let current = text(&self.ro, "/status/currentPodHash");
        !current.is_empty() && self.new_hash() != current
    }

    /// Whether the template or the steps changed (PodTemplateOrStepsChanged).
    pub fn template_or_steps_changed(&self) -> bool {
        self.template_changed() || text(&self.ro, "/status/currentStepHash") != template::step_hash(spec::steps(&self.ro))
    }

    /// Whether the update is aborted, as decided so far.
    pub fn is_aborted(&self) -> bool {
        self.pause.is_aborted(&self.ro)
    }

    /// Whether the current version is stable (IsFullyPromoted).
    pub fn is_fully_promoted(&self) -> bool {
        has(&self.ro, "/status/stableRS") && self.ro["status"]["stableRS"] == self.ro["status"]["currentPodHash"]
    }

    /// Looks again after `delay`, if not sooner.
    pub fn wake(&mut self, delay: TimeDelta) {
        self.wake_at(self.cx.now + delay);
    }

    /// Looks again just after `at`, if that is still to come and not sooner already. The millisecond is because time must have passed.
    pub fn wake_at(&mut self, at: DateTime<Utc>) {
        let at = at + TimeDelta::milliseconds(2);
        if at > self.cx.now {
            self.again = Some(self.again.map_or(at, |again| again.min(at)));
        }
    }

    /// Records an Event about the Rollout.
    pub fn tell(&mut self, reason: &str, message: &str) {
        self.cx.event(COMPONENT, &self.ro, "Normal", reason, message);
    }

    /// Records a warning about the Rollout.
    pub fn warn(&mut self, reason: &str, message: &str) {
        self.cx.event(COMPONENT, &self.ro, "Warning", reason, message);
    }

    /// Writes the Rollout's main part and takes over what the API server made of it, without losing the resolved template.
    pub fn update_main(&mut self, change: impl FnOnce(&mut Value)) {
        let resolved = (self.ro["spec"]["template"].clone(), self.ro["spec"]["selector"].clone());
        if let Ok(Some(stored)) = self.cx.store.edit(&self.key, Part::Main, change) {
            self.ro = (*stored).clone();
            (self.ro["spec"]["template"], self.ro["spec"]["selector"]) = resolved;
        }
    }

    /// Replicas, ready and available pods of all ReplicaSets.
    pub fn sums(&self) -> (i64, i64, i64) {
        self.sets.iter().fold((0, 0, 0), |(a, r, v), s| (a + s.actual, r + s.ready, v + s.available))
    }

    /// Whether a pause of any reason is stored.
    pub fn is_paused(&self) -> bool {
        !list(&self.ro, "/status/pauseConditions").is_empty() || pause::halted(&self.ro)
    }
}

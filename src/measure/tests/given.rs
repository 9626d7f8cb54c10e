//! A release with a new and an old version, and answers about it.

use chrono::{DateTime, TimeDelta};

use super::super::*;
use crate::objects::{Kind, Selector, Uid};
use crate::ports::metrics::Reading as Raw;
use crate::release::telemetry::Counting;
use crate::release::{Engine, Exposure, Phase, PodState, PodView, ReleaseRef, Replicas, Role, Strategy, Version};
use crate::slo::Objective;

pub const NEW: &str = "new";
pub const OLD: &str = "old";

/// Seconds after the release began.
pub fn at(seconds: i64) -> Time {
    DateTime::from_timestamp(1_700_000_040, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn version(hash: &str, role: Role, runs_new: bool) -> Version {
    Version {
        uid: Uid(hash.into()),
        replica_set: Clean::from(format!("web-{hash}")),
        role,
        runs_new,
        hash: Clean::from(hash),
        revision: 1,
        label: Clean::default(),
        images: Vec::new(),
        desired: 1,
        current: 1,
        ready: 1,
        available: 1,
        mix: None,
        scale_down_at: None,
        created: None,
        change_cause: None,
    }
}

pub fn pod(name: &str, version: &str, created: i64) -> PodView {
    PodView {
        uid: Uid(name.into()),
        name: Clean::from(name),
        version: Uid(version.into()),
        state: PodState::Ready,
        containers: (1, 1),
        restarts: 0,
        last_end: None,
        node: Clean::default(),
        zone: Clean::default(),
        created: Some(at(created)),
    }
}

/// A canary under way; no pods.
pub fn release() -> Release {
    Release {
        key: ReleaseRef { namespace: Clean::from("shop"), name: Clean::from("web"), kind: Kind::Rollout },
        uid: Uid("web".into()),
        resource_version: Clean::default(),
        engine: Engine::ArgoRollouts,
        strategy: Strategy::Canary,
        phase: Phase::Progressing,
        message: None,
        since: None,
        under_way: true,
        paused_by_hand: false,
        steps: Vec::new(),
        position: None,
        weight: None,
        replicas: Replicas::default(),
        limits: None,
        versions: vec![version(NEW, Role::Canary, true), version(OLD, Role::Stable, false)],
        pods: Vec::new(),
        exposure: Exposure::default(),
        countdowns: Vec::new(),
        analyses: Vec::new(),
        experiments: Vec::new(),
        abort: None,
        alarms: Vec::new(),
        timeline: Vec::new(),
        earlier: Vec::new(),
        selector: Selector::default(),
        change_cause: None,
        telemetry: None,
        control: crate::release::acting::Control::default(),
    }
}

/// The same after the new version has become the stable one.
pub fn promoted() -> Release {
    let mut release = release();
    release.under_way = false;
    release.versions = vec![version(NEW, Role::Stable, true), version(OLD, Role::Old, false)];
    release
}

pub fn asked(seconds: i64) -> Asked {
    Asked { query: Clean::from("q"), at: at(seconds), took: secs(0), bytes: 0, doubt: None, partial: false }
}

pub fn partial(seconds: i64) -> Asked {
    Asked { partial: true, ..asked(seconds) }
}

/// Good and bad requests of a pod.
pub fn of(version: &str, pod: &str, good: f64, bad: f64) -> Vec<Raw> {
    let one = |code: &str, bad, value| Raw { version: Clean::from(version), pod: Clean::from(pod), code: Clean::from(code), bad, value };
    vec![one("200", false, good), one("500", true, bad)]
}

/// A meter that is told things at their time.
pub struct Told {
    pub meter: Meter,
    pub release: Release,
}

impl Told {
    pub fn new(release: Release) -> Self {
        Self { meter: Meter::new(at(0)), release }
    }

    pub fn counters(&mut self, seconds: i64, readings: &[Vec<Raw>]) {
        self.take(asked(seconds), Found::Counters(readings.concat()));
    }

    pub fn take(&mut self, asked: Asked, found: Found) {
        self.meter.take(&self.release, asked, found);
    }

    pub fn read(&self, seconds: i64) -> Telemetry {
        self.with(seconds, &[])
    }

    pub fn with(&self, seconds: i64, objectives: &[Objective]) -> Telemetry {
        let promised: Vec<Promised> = objectives.iter().cloned().map(Into::into).collect();
        self.promised(seconds, &promised)
    }

    pub fn promised(&self, seconds: i64, promised: &[Promised]) -> Telemetry {
        let metering = Metering::Live(Counting { family: Clean::from("Istio"), ..Counting::default() });
        self.meter.read(&self.release, promised, metering, at(seconds))
    }

    /// A minute of 10 and 90 requests each 15 s from `from` on, 1 and 2 of them errors.
    pub fn steady(&mut self, from: i64) {
        for step in 0..=8_i32 {
            let n = f64::from(step);
            let new = of(NEW, "web-new-aaaaa", 9.0 * n, n);
            let old = of(OLD, "web-old-aaaaa", 1000.0 + 88.0 * n, 2.0 * n);
            self.counters(from + i64::from(step) * 15, &[new, old]);
        }
    }
}

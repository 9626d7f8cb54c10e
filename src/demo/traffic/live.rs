//! Lets requests come: every few seconds of virtual time each load's are drawn, routed, answered and scraped.
//! Takes part in no release: it has its own chance, writes no object, and the cluster goes on the same with it and without.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::draw::{binomial, deal, poisson};
use super::pods::{Pod, Seen};
use super::recorded::Rule;
use super::route::{self, Arm};
use super::shape;
use super::state::{Tally, Truth};
use super::table::{Fault, Load, Shape};
use crate::demo::controllers::meta;
use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{Happened, Key, LogEntry, NAMESPACES, PODS, Store};

/// From one scrape to the next.
const TICK: TimeDelta = TimeDelta::seconds(5);
/// The same in the past, and the time that rules are evaluated in.
const COARSE: TimeDelta = TimeDelta::seconds(60);
/// How long before 0 the past ends: windows of a running analysis reach no further back.
const FINE: TimeDelta = TimeDelta::minutes(15);
/// Samples older than this are forgotten.
const RETENTION: TimeDelta = TimeDelta::days(4);
/// Processes that are older than this are said to have begun then.
const OLDEST: TimeDelta = TimeDelta::days(30);

/// The requests of a scenario.
pub struct Traffic {
    loads: Vec<Living>,
    /// The moment 0.
    origin: DateTime<Utc>,
    /// The object whose birth begins it.
    opens: &'static str,
}

/// One load and what it remembers.
struct Living {
    load: Load,
    workload: String,
    rng: Rng,
    last: Option<DateTime<Utc>>,
    /// When each version was first ready.
    ready: BTreeMap<String, DateTime<Utc>>,
    rules: Vec<Rule>,
}

impl Traffic {
    /// Requests for `loads` with 0 at `origin`, drawn from `seed`. They begin when the namespace `opens` is created, with their own past first.
    pub fn new(loads: Vec<Load>, seed: u64, origin: DateTime<Utc>, opens: &'static str) -> Self {
        let living = |load: Load| {
            let workload = format!("{}/{}", load.namespace, load.name);
            // Each load has its own chance, so that one more of them changes nothing about the others.
            let own = workload.bytes().fold(seed ^ 0x7aff_1c00, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            let rules = load.recorded.iter().cloned().map(Rule::new).collect();
            Living { workload, rng: Rng::with_seed(own), last: None, ready: BTreeMap::new(), rules, load }
        };
        Self { loads: loads.into_iter().map(living).collect(), origin, opens }
    }
}

impl Controller for Traffic {
    fn name(&self) -> &'static str {
        "traffic"
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        let opens = entry.key.resource == NAMESPACES && entry.key.name == self.opens && entry.happened == Happened::Added;
        if opens { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, _: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let begins = self.origin - self.loads.iter().map(|living| living.load.history.max(FINE)).max()?;
        if cx.now < begins {
            return Some(begins);
        }
        for living in &mut self.loads {
            if cx.now >= self.origin - living.load.history {
                living.tick(cx, self.origin);
            }
        }
        cx.traffic.scrape_callers(cx.series, cx.now.timestamp_millis());
        if (cx.now - self.origin).num_seconds().rem_euclid(3600) == 0 {
            cx.series.drop_before((cx.now - RETENTION).timestamp_millis());
        }
        let step = if cx.now < self.origin - FINE { COARSE } else { TICK };
        Some(cx.now + step)
    }
}

/// What a version's requests meet in this tick.
struct Fate {
    errors: f64,
    /// Chance and mean of each bucket.
    cut: Vec<(f64, u64)>,
}

impl Living {
    fn tick(&mut self, cx: &mut Cx<'_>, origin: DateTime<Utc>) {
        let at_ms = cx.now.timestamp_millis();
        let (seen, arms) = self.look(cx);
        self.find(&seen, &arms, cx, at_ms);
        let first = self.last.is_none();
        if first {
            let Self { rules, load, rng, .. } = self;
            rules.iter_mut().for_each(|rule| rule.begin(load, rng, cx.series, cx.now, origin));
        }
        let answered = if first { self.answer_past(&seen, &arms, cx) } else { self.answer(&seen, &arms, cx) };
        if !first {
            self.rules.iter_mut().for_each(|rule| rule.count(cx.now, answered));
        }
        for one in &seen {
            if let Some(pod) = cx.traffic.pods.get_mut(&key(one)) {
                pod.scrape(&self.load, cx.series, at_ms);
            }
        }
        if (cx.now - origin).num_seconds().rem_euclid(COARSE.num_seconds()) == 0 {
            self.rules.iter_mut().for_each(|rule| rule.write(cx.series, at_ms));
        }
        self.last = Some(cx.now);
    }

    /// The workload's pods, and where its requests go: only to those whose process runs.
    fn look(&self, cx: &Cx<'_>) -> (Vec<Seen>, Vec<Arm>) {
        let Some(workload) = route::workload(cx.store, &self.load) else { return (Vec::new(), Vec::new()) };
        let mut arms = route::arms(cx.store, &self.load, workload);
        let selectors = route::selectors(cx.store, &self.load, workload);
        let selected = |labels| selectors.iter().any(|selector| meta::selects(selector, labels));
        let own = |key: &Key, labels| selected(labels) || arms.iter().any(|arm| arm.pods.contains(&key.name));
        let pods = cx.store.list(PODS, Some(&self.load.namespace)).filter(|(key, pod)| own(key, &pod["metadata"]["labels"]));
        let mut seen: Vec<Seen> = pods.filter_map(|(_, pod)| Seen::read(pod)).collect();
        for arm in &mut arms {
            arm.pods.retain(|name| seen.iter().any(|one| one.target.pod == *name && one.run.is_some()));
        }
        for one in &mut seen {
            let arm = arms.iter().find(|arm| arm.pods.contains(&one.target.pod)).or_else(|| arms.last());
            one.target.service = arm.map_or_else(String::new, |arm| arm.service.clone());
        }
        (seen, arms)
    }

    /// Takes note of pods and processes that came, and of pods that went.
    fn find(&mut self, seen: &[Seen], arms: &[Arm], cx: &mut Cx<'_>, at_ms: i64) {
        for one in seen {
            let pod = cx.traffic.pods.entry(key(one)).or_insert_with(|| Pod::new(&self.load, one.target.clone(), cx.series));
            pod.runs(one, cx.series, at_ms);
            if let Some(since) = one.ready_since.filter(|_| arms.iter().any(|arm| arm.pods.contains(&one.target.pod))) {
                self.ready.entry(one.hash.clone()).and_modify(|first| *first = since.min(*first)).or_insert(since);
            }
        }
        let Self { workload, .. } = self;
        cx.traffic.pods.retain(|name, pod| {
            let stays = pod.workload != *workload || seen.iter().any(|one| key(one) == *name);
            if !stays {
                pod.end(cx.series, at_ms);
            }
            stays
        });
    }

    /// One tick's requests.
    fn answer(&mut self, seen: &[Seen], arms: &[Arm], cx: &mut Cx<'_>) -> Truth {
        let lasted = self.last.map_or(TICK, |last| cx.now - last);
        let all = poisson(&mut self.rng, self.load.rate * seconds(lasted));
        let fates = self.fates(seen, arms, cx.now);
        let shares: Vec<f64> = arms.iter().map(|arm| arm.share).collect();
        let mut answered = Truth::default();
        if arms.is_empty() {
            cx.traffic.lose(&self.workload, all);
        }
        for (arm, n) in arms.iter().zip(deal(&mut self.rng, all, &shares)) {
            if arm.pods.is_empty() {
                cx.traffic.lose(&self.workload, n);
                if self.load.shape == Shape::Istio {
                    cx.traffic.call(shape::unreached(&self.load, &arm.service), n, cx.series);
                }
            }
            for (name, n) in arm.pods.iter().zip(deal(&mut self.rng, n, &vec![1.0; arm.pods.len()])) {
                let one = seen.iter().find(|one| one.target.pod == *name);
                let Some((one, fate)) = one.and_then(|one| Some((one, fates.get(&one.hash)?))) else { continue };
                let more = self.count(one, n, fate, cx.traffic);
                answered = answered.and(more);
                if self.load.shape == Shape::Istio {
                    for (code, part) in [(200, n - more.failures), (500, more.failures)] {
                        cx.traffic.call(shape::called(&self.load, &arm.service, &one.target.version, code), part, cx.series);
                    }
                }
            }
        }
        answered
    }

    /// What processes that ran before the first tick had counted by then.
    fn answer_past(&mut self, seen: &[Seen], arms: &[Arm], cx: &mut Cx<'_>) -> Truth {
        let fate = Fate { errors: self.load.errors, cut: self.load.latency.cut(&shape::bounds(self.load.shape)) };
        for arm in arms {
            for one in seen.iter().filter(|one| arm.pods.contains(&one.target.pod)) {
                let Some((_, since)) = one.run.as_ref() else { continue };
                let each = self.load.rate * arm.share / 100.0 / arm.pods.len() as f64;
                let n = poisson(&mut self.rng, each * seconds((cx.now - *since).min(OLDEST)));
                self.count(one, n, &fate, cx.traffic);
            }
        }
        Truth::default()
    }

    /// What each version's requests meet now.
    fn fates(&self, seen: &[Seen], arms: &[Arm], now: DateTime<Utc>) -> BTreeMap<String, Fate> {
        let bounds = shape::bounds(self.load.shape);
        let of = |name: &String| seen.iter().find(|one| one.target.pod == *name);
        let mut shares: BTreeMap<&str, (&str, f64)> = BTreeMap::new();
        for arm in arms {
            for one in arm.pods.iter().filter_map(of) {
                shares.entry(&one.hash).or_insert((&one.tag, 0.0)).1 += arm.share / arm.pods.len() as f64;
            }
        }
        let ready = |hash: &str| self.ready.get(hash).map_or(TimeDelta::zero(), |since| now - *since);
        let strikes = |fault: &Fault| {
            shares.iter().any(|(hash, (tag, share))| *tag == fault.cause() && *share > 0.0 && fault.strikes(*share, ready(hash)))
        };
        let struck: Vec<&Fault> = self.load.faults.iter().filter(|fault| strikes(fault)).collect();
        let fate = |(hash, (tag, _)): (&&str, &(&str, f64))| {
            let (mut errors, mut slower) = (self.load.errors, 1.0);
            for fault in struck.iter().filter(|fault| fault.version == *tag) {
                errors = fault.errors.unwrap_or(errors * fault.errors_factor);
                slower *= fault.latency_factor;
            }
            ((*hash).to_owned(), Fate { errors: errors.min(1.0), cut: self.load.latency.times(slower).cut(&bounds) })
        };
        shares.iter().map(fate).collect()
    }

    /// Lets one pod answer `n` requests.
    fn count(&mut self, one: &Seen, n: u64, fate: &Fate, tally: &mut Tally) -> Truth {
        let failures = binomial(&mut self.rng, n, fate.errors);
        let more = Truth { requests: n, failures };
        if let Some(pod) = tally.pods.get_mut(&key(one)) {
            for (code, part) in [(200, n - failures), (500, failures)].into_iter().filter(|(_, part)| *part > 0) {
                pod.meter(code).add(&mut self.rng, part, &fate.cut);
            }
        }
        let truth = tally.truth.entry((self.workload.clone(), one.hash.clone())).or_default();
        *truth = truth.and(more);
        more
    }
}

fn key(one: &Seen) -> (String, String) {
    (one.target.namespace.clone(), one.target.pod.clone())
}

fn seconds(span: TimeDelta) -> f64 {
    span.num_milliseconds().max(0) as f64 / 1000.0
}

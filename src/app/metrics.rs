//! What is measured: who is asked for what, what came back, and how each release's figures are laid over what the cluster tells.
//! Never asks by itself: it says what is wanted, and whoever holds the adapter asks.

use std::collections::BTreeMap;

use super::effect::Effect;
use super::objectives::{Given, Objectives};
use super::state::{Screen, State};
use super::turned;
use crate::config::Objective as Configured;
use crate::measure::{Meter, Promised};
use crate::objectives::Read;
use crate::objects::{Kind, Time};
use crate::ports::metrics::{Asked, Found, Measurable, MetricInterest, MetricsEvent, MetricsLink, Part, Promise, Subject, VersionNames};
use crate::ports::{Interest, SourceState};
use crate::release::telemetry::{Counting, Metering};
use crate::release::words::{self, Side, side};
use crate::release::{Happening, HappeningKind, Label, Release, ReleaseRef, Share};
use crate::text::Clean;

/// What the state knows of metrics.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// What is promised, whoever said it.
    pub(super) objectives: Objectives,
    link: MetricsLink,
    /// Whether there is somebody to be asked, who may not have said a word yet.
    is_expected: bool,
    /// When a failing server is asked again, by our clock.
    retry_at: Option<Time>,
    /// Families found, best first, and what was looked for.
    families: Option<(Vec<Clean>, Clean)>,
    meters: BTreeMap<ReleaseRef, Meter>,
    interest: MetricInterest,
}

impl Metrics {
    /// With these objectives from the person's file and from OpenSLO files, and nobody asked yet.
    pub fn new(configured: Vec<Configured>, files: Read) -> Self {
        Self {
            objectives: Objectives::new(configured, files),
            link: MetricsLink::None,
            is_expected: false,
            retry_at: None,
            families: None,
            meters: BTreeMap::new(),
            interest: MetricInterest::default(),
        }
    }

    /// The server, as the adapter last told.
    pub fn link(&self) -> &MetricsLink {
        &self.link
    }

    /// Whether nobody is there whom anything could be asked of, now or in a moment.
    pub fn is_nobody(&self) -> bool {
        self.link == MetricsLink::None && !self.is_expected
    }

    /// Whether everything about this release is asked, and not only what a row shows.
    pub fn is_followed(&self, key: &ReleaseRef) -> bool {
        self.interest.followed().any(|one| one.release == *key)
    }

    /// When a failing server is asked again, by our clock.
    pub fn retry_at(&self) -> Option<Time> {
        self.retry_at
    }

    /// What is promised of a release, the most believed first.
    pub fn promised(&self, key: &ReleaseRef) -> Vec<Promised> {
        let promised = |given: &Given| Promised {
            objective: given.objective.clone(),
            tiers: given.tiers.clone(),
            is_built_in: given.promise.is_built_in(),
            judged_by: given.judged_by,
            provenance: given.provenance.clone(),
        };
        self.objectives.of(key).iter().map(promised).collect()
    }

    /// What was wrong where objectives were looked for, in sentences.
    pub fn remarks(&self) -> Vec<Clean> {
        self.objectives.remarks()
    }

    fn promises(&self, key: &ReleaseRef) -> Vec<Promise> {
        self.objectives.of(key).iter().map(|given| given.promise.clone()).collect()
    }

    /// Whether somebody promised something of it.
    fn is_promised(&self, key: &ReleaseRef) -> bool {
        self.objectives.of(key).iter().any(|given| !given.is_assumed)
    }

    fn metering(&self, offset: chrono::TimeDelta) -> Metering {
        match (&self.link, &self.families) {
            // Whoever is there and has not spoken yet is waited for: that is not nobody.
            (MetricsLink::None, _) if self.is_expected => Metering::Waiting(Clean::from("Prometheus")),
            (MetricsLink::None, _) => Metering::Unnamed,
            (MetricsLink::Unfound(sentence), _) => Metering::Unfound(sentence.clone()),
            (MetricsLink::Failing { word, sentence, .. }, _) => {
                Metering::Failing { word: word.clone(), sentence: sentence.clone(), retry_at: self.retry_at.unwrap_or_default() + offset }
            }
            (MetricsLink::Probing(address), _) | (MetricsLink::Live { address, .. }, None) => Metering::Waiting(address.clone()),
            (MetricsLink::Live { address, way }, Some((found, looked_for))) => {
                let counted = |family: &Clean| Counting { family: family.clone(), address: address.clone(), way: way.clone() };
                found.first().map_or_else(|| Metering::NoMetrics(looked_for.clone()), |family| Metering::Live(counted(family)))
            }
        }
    }
}

/// The metrics adapter said something. Returns whether anything visible changed by itself; figures show when their release is read again.
pub(super) fn heard(state: &mut State, event: MetricsEvent, now: Time) -> bool {
    match event {
        MetricsEvent::Link(link) => {
            state.metrics.retry_at = match &link {
                MetricsLink::Failing { retry_after, .. } => chrono::TimeDelta::from_std(*retry_after).ok().map(|after| now + after),
                _ => None,
            };
            let changed = state.metrics.link != link;
            state.metrics.link = link;
            touch_all(state);
            changed
        }
        MetricsEvent::Families { found, looked_for } => {
            state.metrics.families = Some((found, looked_for));
            touch_all(state);
            true
        }
        MetricsEvent::Found(key, asked, found) => {
            found_for(state, key, asked, found, now);
            false
        }
        event @ (MetricsEvent::Rules(_) | MetricsEvent::Described(_) | MetricsEvent::Covered(..)) => {
            state.metrics.objectives.told(event);
            false
        }
        MetricsEvent::Unanswered { release, about, query, sentence, .. } => {
            if let Some(meter) = state.metrics.meters.get_mut(&release) {
                meter.miss(about, query, sentence);
                state.touched.insert(release);
            }
            false
        }
    }
}

fn found_for(state: &mut State, key: ReleaseRef, asked: Asked, found: Found, now: Time) {
    let at = state.server_now(now);
    let Some(release) = state.releases.get(&key) else { return };
    state.metrics.meters.entry(key.clone()).or_insert_with(|| Meter::new(at)).take(release, asked, found);
    state.touched.insert(key);
}

fn touch_all(state: &mut State) {
    let asked = state.metrics.interest.all().map(|one| one.release.clone());
    state.touched.extend(asked.chain(state.metrics.meters.keys().cloned()));
}

impl State {
    /// What is known of metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// A metrics adapter stands beside the cluster's from the beginning: until it speaks, its answers are on their way.
    pub fn expect_metrics(&mut self) {
        self.metrics.is_expected = true;
    }

    /// Brings what is promised up to date, and asks the cluster what it declares of objectives: once, and after each refresh.
    pub(super) fn promise(&mut self) -> Option<Effect> {
        let moved = self.metrics.objectives.settle(self.releases.values());
        self.touched.extend(moved);
        if self.metrics.objectives.is_asked || !self.connection.is_live() {
            return None;
        }
        let scope = self.scope.clone()?;
        self.metrics.objectives.is_asked = true;
        Some(Effect::ListObjectives(scope))
    }

    /// Compares what is measured with what is shown; where they differ, the effect that says so.
    pub(super) fn measure(&mut self) -> Option<Effect> {
        // Before its versions are read a release can't be told from its neighbours: what would be asked now would be answered for nobody.
        let is_read = |release: &&Release| !release.versions.is_empty();
        let followed = |key: Option<&ReleaseRef>| {
            let wanted = key.and_then(|key| self.releases.get(key)).filter(is_read);
            wanted.filter(|release| self.is_whole(&release.key)).map(|release| measurable(&self.metrics, release))
        };
        // Where nothing is open, what is guarded is measured on in its place; beside another one that is open as well.
        let open = followed(self.open.as_ref().or(self.guarded()));
        let guarded = followed(self.guarded().filter(|key| self.open.as_ref().is_some_and(|open| open != *key)));
        let board = match self.screen_below() {
            Screen::Board => self
                .releases
                .values()
                .filter(is_read)
                .filter(|release| release.under_way || self.metrics.is_promised(&release.key))
                .map(|release| measurable(&self.metrics, release))
                .collect(),
            _ => Vec::new(),
        };
        // Whom an objective speaks of decides what the board measures.
        let wanted = MetricInterest { open, guarded, board, covering: self.metrics.objectives.covering().to_vec() };
        if wanted == self.metrics.interest {
            return None;
        }
        // Who is asked about now, or no longer, has other words for it.
        let both = [&self.metrics.interest, &wanted].into_iter().flat_map(MetricInterest::all);
        let moved: Vec<ReleaseRef> = both.map(|one| one.release.clone()).collect();
        self.touched.extend(moved);
        self.metrics.interest = wanted.clone();
        Some(Effect::Measure(wanted))
    }
}

impl State {
    /// Whether what tells its versions and pods apart was read as far as it can be. What came before it was opened is asked once: asked
    /// halfway, it would lack the versions that were not read yet.
    fn is_whole(&self, key: &ReleaseRef) -> bool {
        if self.metrics.interest.followed().any(|one| one.release == *key) {
            return true;
        }
        let tells = |kind: Kind| !matches!(kind, Kind::Event | Kind::AnalysisRun);
        let mut needed = self.interests.iter().filter(|i| tells(i.kind) && i.release.as_ref().is_none_or(|of| of == key));
        let to_come = |i: &Interest| {
            let state = self.connection.sources.get(&i.source).map(|(state, _)| state);
            matches!(state, None | Some(SourceState::Listing)) && !self.has_listed(i.source)
        };
        needed.clone().any(|i| i.kind == Kind::Pod) && !needed.any(to_come)
    }
}

/// Lays the measured figures over what the cluster told: counted requests come before a router's word.
pub(super) fn overlay(metrics: &Metrics, release: &mut Release, now: Time, offset: chrono::TimeDelta) {
    // What is asked about has its word also before the first answer.
    let asked = || metrics.interest.all().any(|one| one.release == release.key);
    let fresh;
    let meter = match metrics.meters.get(&release.key) {
        Some(meter) => meter,
        None if metrics.is_nobody() || !asked() => return,
        None => {
            fresh = Meter::new(now + offset);
            &fresh
        }
    };
    let mut telemetry = meter.read(release, &metrics.promised(&release.key), metrics.metering(offset), now + offset);
    // Which family there is was told of the open release; what is guarded beside it is counted by its own. And an objective's own queries
    // count where no family does.
    let is_beside = metrics.interest.guarded.as_ref().is_some_and(|one| one.release == release.key) && telemetry.as_of.is_some();
    let by_objectives = telemetry.verdicts.iter().chain(&telemetry.released).any(|one| one.evidence.is_apart && one.evidence.age.is_some());
    if let (Metering::NoMetrics(_), MetricsLink::Live { address, way }) = (&telemetry.metering, &metrics.link)
        && (is_beside || by_objectives)
    {
        let family = Clean::from(if by_objectives { "the queries of its objectives" } else { "" });
        telemetry.metering = Metering::Live(Counting { family, address: address.clone(), way: way.clone() });
    }
    telemetry.requests_per_user = metrics.objectives.matching(&release.key).find_map(|one| one.requests_per_user);
    if release.under_way
        && let Ok(measured) = telemetry.share
    {
        let requests = crate::release::figures::count(measured.requests.round() as i64);
        let exposure = &mut release.exposure;
        let old = turned::is_of_before(exposure, measured.share, telemetry.as_of);
        let since = if old { ", part of it before the router was told its weight" } else { "" };
        let source = Clean::from(format!("{requests} requests of both versions in the last minute{since}"));
        let share = Share { value: measured.share, label: Label::Measured, source, as_of: telemetry.as_of };
        telemetry.disagreement = telemetry.disagreement.filter(|_| !turned::is_mixed(exposure, telemetry.as_of));
        exposure.measured = Some(share.clone());
        exposure.headline = if old { exposure.configured.clone() } else { Some(share) };
    }
    let fired = telemetry.alerts.iter().map(|alert| Happening {
        at: alert.since,
        kind: HappeningKind::Alert,
        text: words::alert(alert),
        warning: true,
        count: 1,
    });
    release.timeline.extend(fired);
    // Stable: what happened in one second keeps its order.
    release.timeline.sort_by_key(|one| std::cmp::Reverse(one.at));
    release.telemetry = Some(Box::new(telemetry));
}

fn measurable(metrics: &Metrics, release: &Release) -> Measurable {
    let versions = release.versions.iter().map(|version| VersionNames {
        hash: version.hash.clone(),
        replica_set: version.replica_set.clone(),
        // Pods that their ReplicaSet's name foretells are not named: the question stays the same as they come and go.
        pods: release
            .pods
            .iter()
            .filter(|pod| pod.version == version.uid && !foretold(&version.replica_set, &pod.name))
            .map(|p| p.name.clone())
            .collect(),
        part: match side(release, version) {
            Side::New => Part::New,
            Side::Old => Part::Old,
            Side::Other => Part::Other,
        },
        label: version.label.clone(),
    });
    let subject = Subject {
        namespace: release.key.namespace.clone(),
        workload: release.key.name.clone(),
        services: release.exposure.services.clone(),
        ingress: release.exposure.ingresses.clone(),
        versions: versions.collect(),
        earlier: release.earlier.clone(),
    };
    Measurable { release: release.key.clone(), subject, promises: metrics.promises(&release.key) }
}

fn foretold(replica_set: &str, pod: &str) -> bool {
    pod.strip_prefix(replica_set).and_then(|rest| rest.strip_prefix('-')).is_some_and(|random| random.len() == 5)
}

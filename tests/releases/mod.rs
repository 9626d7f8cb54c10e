//! Releases built by hand, one for each situation a person may open the cockpit on.
#![allow(dead_code, reason = "each test uses some of them")]

use chrono::TimeDelta;
use flightdeck::objects::{AnalysisPhase, Kind, ReleaseRef, Selector};
use flightdeck::release::*;
use flightdeck::text::Clean;

pub fn now() -> Time {
    "2026-11-21T02:47:10Z".parse().unwrap()
}

pub fn ago(seconds: i64) -> Time {
    now() - TimeDelta::seconds(seconds)
}

pub fn ahead(seconds: i64) -> Time {
    now() + TimeDelta::seconds(seconds)
}

fn c(text: &str) -> Clean {
    Clean::from(text)
}

pub fn version(role: Role, new: bool, revision: i64, image: &str, pods: i64) -> Version {
    let hash = format!("{:x}", 0x6f4_d000 + revision * 7919);
    Version {
        uid: Uid::from(hash.as_str()),
        replica_set: c(&format!("checkout-{hash}")),
        role,
        runs_new: new,
        hash: c(&hash),
        revision,
        label: Clean::default(),
        images: vec![c(image)],
        desired: pods,
        current: pods,
        ready: pods,
        available: pods,
        mix: Some(PodMix { ready: pods, ..PodMix::default() }),
        scale_down_at: None,
        created: Some(ago(3600)),
        change_cause: None,
    }
}

/// Gives a version pods in these states and its mix to match.
fn pods(release: &mut Release, at: usize, states: Vec<(PodState, i64)>) {
    let zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
    let v = &mut release.versions[at];
    let mut mix = PodMix::default();
    for (i, (state, restarts)) in states.iter().enumerate() {
        match state {
            PodState::Ready => mix.ready += 1,
            PodState::Starting => mix.starting += 1,
            PodState::Failing(_) => mix.failing += 1,
            PodState::Terminating => mix.terminating += 1,
        }
        mix.restarts += restarts;
        let tail: String =
            (0..5).map(|k| char::from(b"bcdfghjklmnpqrstvwxz2456789"[(i * 7 + i / 27 * (k + 2) + k * 11 + at * 5) % 27])).collect();
        release.pods.push(PodView {
            uid: Uid::from(format!("{}-{i}", v.hash).as_str()),
            name: c(&format!("{}-{}-{tail}", release.key.name, v.hash)),
            version: v.uid.clone(),
            state: state.clone(),
            containers: (usize::from(*state == PodState::Ready), 1),
            restarts: *restarts,
            last_end: (*restarts > 0).then(|| ago(40 + i as i64)),
            node: if matches!(state, PodState::Failing(Trouble::Unschedulable(_))) { c("") } else { c(&format!("node-{}", i % 4 + 1)) },
            zone: if matches!(state, PodState::Failing(Trouble::Unschedulable(_))) { c("") } else { c(zones[i % 3]) },
            created: Some(ago(600 + 60 * i as i64)),
        });
    }
    v.current = states.len() as i64;
    v.desired = v.desired.max(v.current - mix.terminating);
    v.ready = mix.ready;
    v.available = mix.ready;
    v.mix = Some(mix);
}

fn ready(n: usize) -> Vec<(PodState, i64)> {
    vec![(PodState::Ready, 0); n]
}

pub fn oom(restarts: i64) -> (PodState, i64) {
    (PodState::Failing(Trouble::CrashLoop { exit_code: Some(137), out_of_memory: true }), restarts)
}

fn share(value: f64, label: Label, source: &str) -> Option<Share> {
    Some(Share { value, label, source: c(source), as_of: Some(ago(252)) })
}

fn steps(kinds: Vec<StepKind>, at: usize) -> Vec<Step> {
    kinds
        .into_iter()
        .enumerate()
        .map(|(i, kind)| Step {
            share_after: if let StepKind::SetWeight(w) = kind { Some(w as f64 / 100.0) } else { None },
            state: match i.cmp(&at) {
                std::cmp::Ordering::Less => StepState::Done,
                std::cmp::Ordering::Equal => StepState::Current,
                std::cmp::Ordering::Greater => StepState::Ahead,
            },
            kind,
        })
        .collect()
}

fn happened(at: i64, kind: HappeningKind, warning: bool, count: i64, text: &str) -> Happening {
    Happening { at: ago(at), kind, text: c(text), warning, count }
}

pub fn healthy() -> Release {
    let mut release = Release {
        key: ReleaseRef { namespace: c("payments"), name: c("checkout"), kind: Kind::Rollout },
        uid: Uid::from("7c1e"),
        resource_version: c("65568"),
        engine: Engine::ArgoRollouts,
        strategy: Strategy::Canary,
        phase: Phase::Healthy,
        message: None,
        since: Some(ago(3 * 86_400)),
        under_way: false,
        paused_by_hand: false,
        steps: steps(ladder(), 9),
        position: Some(Position { index: 9, total: 9 }),
        weight: Some(Weight { set: 100, actual: 100, max: 100 }),
        replicas: Replicas { desired: 9, current: 9, updated: 9, ready: 9, available: 9 },
        limits: None,
        versions: vec![version(Role::Stable, true, 41, "registry.example/payments/checkout:1.4.2", 9)],
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
        control: flightdeck::release::acting::Control::default(),
    };
    pods(&mut release, 0, ready(9));
    release
}

fn ladder() -> Vec<StepKind> {
    vec![
        StepKind::SetWeight(5),
        StepKind::Pause(Some(300)),
        StepKind::SetWeight(20),
        StepKind::Pause(Some(600)),
        StepKind::SetWeight(50),
        StepKind::Analysis(vec![c("success-rate"), c("latency")]),
        StepKind::Pause(None),
        StepKind::SetWeight(80),
        StepKind::Pause(Some(600)),
    ]
}

/// A canary at 20 % in a pause of ten minutes, with analyses of its own.
pub fn timed_pause() -> Release {
    let mut release = healthy();
    release.phase = Phase::Paused;
    release.message = Some(c("CanaryPauseStep"));
    release.since = Some(ago(252));
    release.under_way = true;
    release.steps = steps(ladder(), 3);
    release.position = Some(Position { index: 3, total: 9 });
    release.weight = Some(Weight { set: 20, actual: 20, max: 100 });
    release.replicas = Replicas { desired: 9, current: 11, updated: 2, ready: 11, available: 11 };
    release.versions.insert(0, version(Role::Canary, true, 42, "registry.example/payments/checkout:1.5.0", 2));
    release.versions[1].runs_new = false;
    pods(&mut release, 0, ready(2));
    release.exposure = Exposure {
        headline: share(0.2, Label::Configured, "weight written to nginx"),
        measured: None,
        configured: share(0.2, Label::Configured, "weight written to nginx"),
        inferred: share(2.0 / 11.0, Label::Inferred, "2 of 11 ready endpoints of checkout"),
        pods: Some(Spread { new: 2, all: 11 }),
        zones: Some(Spread { new: 2, all: 3 }),
        nodes: Some(Spread { new: 2, all: 4 }),
        peak: Some(Peak { value: 0.2, label: Label::Configured, at: ago(252) }),
        turned: None,
        next: Some(0.5),
        services: vec![c("checkout")],
        ingresses: Vec::new(),
        beside: Vec::new(),
    };
    release.countdowns = vec![Countdown { kind: CountdownKind::Pause, at: ahead(348), about: c("") }];
    release.analyses = vec![analysis(AnalysisPhase::Running, AnalysisPhase::Running)];
    release.timeline = vec![
        happened(30, HappeningKind::Analysis, false, 1, "success-rate 0.9934 passes (>= 0.99), 3 of 5 measurements"),
        happened(231, HappeningKind::Step, false, 1, "weight 20 reached; pausing 10 min"),
        happened(236, HappeningKind::Pod, true, 3, "checkout-6f9e336-bp5jw readiness probe failed: HTTP probe failed with statuscode: 503"),
        happened(260, HappeningKind::Scale, false, 1, "1.5.0 scaled from 1 to 2"),
        happened(560, HappeningKind::Step, false, 1, "weight 5 reached; pausing 5 min"),
        happened(580, HappeningKind::Controller, false, 1, "updated to revision 42"),
    ];
    release
}

fn analysis(phase: AnalysisPhase, metric: AnalysisPhase) -> Analysis {
    Analysis {
        name: c("checkout-6f67c2e-42-3"),
        role: AnalysisRole::Background,
        phase,
        message: c(""),
        started: Some(ago(240)),
        metrics: vec![Measured {
            name: c("success-rate"),
            phase: metric,
            last: Some(c("0.9934")),
            at: Some(ago(30)),
            condition: c("result[0] >= 0.99"),
            counts: [3, 0, 0, 0],
            wanted: Some(5),
            message: c(""),
        }],
        dry_run: vec![Measured {
            name: c("latency-p99"),
            phase: AnalysisPhase::Failed,
            last: Some(c("0.412")),
            at: Some(ago(30)),
            condition: c("result[0] < 0.3"),
            counts: [1, 2, 0, 0],
            wanted: Some(5),
            message: c(""),
        }],
    }
}

/// A canary that waits for a person.
pub fn waits() -> Release {
    let mut release = timed_pause();
    release.countdowns.clear();
    release.analyses.clear();
    release.since = Some(ago(7800));
    release.steps = steps(ladder(), 6);
    release.position = Some(Position { index: 6, total: 9 });
    release.weight = Some(Weight { set: 50, actual: 50, max: 100 });
    release.exposure.headline = share(0.5, Label::Configured, "weight written to nginx");
    release.exposure.configured = release.exposure.headline.clone();
    release.exposure.next = Some(0.8);
    release
}

/// The new pods crash while the timed pause runs on.
pub fn failing() -> Release {
    let mut release = timed_pause();
    release.pods.retain(|p| p.version != release.versions[0].uid);
    pods(&mut release, 0, vec![(PodState::Ready, 0), oom(3), (PodState::Starting, 0)]);
    release.replicas = Replicas { desired: 9, current: 12, updated: 3, ready: 10, available: 10 };
    release.alarms = vec![Alarm::PodsFailing { failing: 1, of: 3, reason: c("crashing: out of memory") }];
    release
        .timeline
        .insert(0, happened(8, HappeningKind::Pod, true, 1, "checkout-6f9e336-kxdr7 killed: out of memory (512 Mi), restart 3"));
    release.exposure.pods = Some(Spread { new: 1, all: 10 });
    release
}

/// Aborted by its analysis, cleanly.
pub fn aborted() -> Release {
    let mut release = timed_pause();
    release.phase = Phase::Degraded;
    release.since = Some(ago(125));
    release.message = Some(c(
        "RolloutAborted: Rollout aborted update to revision 42: Background analysis phase error/failed: Metric \"success-rate\" assessed Failed due to failed (2) > failureLimit (1)",
    ));
    release.steps = steps(ladder(), 0);
    release.position = Some(Position { index: 0, total: 9 });
    release.weight = Some(Weight { set: 0, actual: 0, max: 100 });
    release.countdowns = vec![Countdown { kind: CountdownKind::ScaleDown, at: ahead(25), about: release.versions[0].hash.clone() }];
    release.versions[0].scale_down_at = Some(ahead(25));
    release.exposure.headline = share(0.0, Label::Configured, "weight written to nginx");
    release.exposure.configured = release.exposure.headline.clone();
    release.exposure.inferred = share(0.0, Label::Inferred, "0 of 9 ready endpoints of checkout");
    release.exposure.next = None;
    release.exposure.pods = Some(Spread { new: 0, all: 9 });
    release.analyses = vec![analysis(AnalysisPhase::Failed, AnalysisPhase::Failed)];
    release.analyses[0].metrics[0].counts = [1, 2, 0, 0];
    release.analyses[0].metrics[0].last = Some(c("0.9312"));
    release.analyses[0].metrics[0].message = c("Metric \"success-rate\" assessed Failed due to failed (2) > failureLimit (1)");
    release.abort = Some(Abort {
        at: Some(ago(125)),
        chain: vec![
            c("Rollout aborted update to revision 42"),
            c("background analysis failed"),
            c("success-rate 0.9312 against >= 0.99, failed 2 of 1 allowed"),
        ],
    });
    release
}

/// Aborted, and the router still sends the canary a fifth.
pub fn aborted_exposed() -> Release {
    let mut release = aborted();
    release.exposure.headline = share(0.2, Label::Configured, "weight written to nginx");
    release.exposure.configured = release.exposure.headline.clone();
    release.alarms = vec![Alarm::AbortedStillExposed { share: 0.2, since: Some(ago(125)) }];
    release
}

/// Blue-green: the preview is ready and the switch comes by itself.
pub fn blue_green() -> Release {
    let mut release = timed_pause();
    release.key.name = c("ledger");
    release.strategy = Strategy::BlueGreen;
    release.message = Some(c("BlueGreenPause"));
    release.steps.clear();
    release.position = None;
    release.weight = None;
    release.versions[0].role = Role::Preview;
    release.versions[1].role = Role::Active;
    release.exposure.headline = share(0.0, Label::Configured, "selector of ledger-active");
    release.exposure.configured = release.exposure.headline.clone();
    release.exposure.inferred = share(0.0, Label::Inferred, "0 of 9 ready endpoints of ledger-active");
    release.exposure.next = Some(1.0);
    release.exposure.peak = None;
    release.analyses.clear();
    release.countdowns = vec![Countdown { kind: CountdownKind::AutoPromotion, at: ahead(41), about: c("") }];
    release
}

/// A Deployment half way.
pub fn rolling() -> Release {
    let mut release = timed_pause();
    release.key = ReleaseRef { namespace: c("media"), name: c("thumbs"), kind: Kind::Deployment };
    release.engine = Engine::Deployment;
    release.strategy = Strategy::Rolling;
    release.phase = Phase::Progressing;
    release.message = None;
    release.steps.clear();
    release.position = None;
    release.weight = None;
    release.limits = Some(Limits { surge: 3, unavailable: 2 });
    release.replicas = Replicas { desired: 10, current: 12, updated: 6, ready: 9, available: 9 };
    release.pods.clear();
    release.versions = vec![
        version(Role::New, true, 8, "registry.example/media/thumbs:2026.11.2", 6),
        version(Role::Old, false, 7, "registry.example/media/thumbs:2026.11.1", 6),
    ];
    pods(&mut release, 0, [ready(4), vec![(PodState::Starting, 0); 2]].concat());
    pods(&mut release, 1, [ready(5), vec![(PodState::Terminating, 0)]].concat());
    release.exposure = Exposure {
        headline: share(4.0 / 9.0, Label::Inferred, "4 of 9 ready endpoints of thumbs"),
        inferred: share(4.0 / 9.0, Label::Inferred, "4 of 9 ready endpoints of thumbs"),
        pods: Some(Spread { new: 4, all: 9 }),
        next: Some(1.0),
        ..Exposure::default()
    };
    release.analyses.clear();
    release.countdowns = vec![Countdown { kind: CountdownKind::ProgressDeadline, at: ahead(552), about: c("") }];
    release.timeline = vec![
        happened(3, HappeningKind::Scale, false, 1, "scaled down replica set thumbs-6f6 from 7 to 6"),
        happened(4, HappeningKind::Scale, false, 1, "scaled up replica set thumbs-6f7 from 5 to 6"),
    ];
    release
}

/// A Deployment whose image is not there, past its deadline.
pub fn stuck() -> Release {
    let mut release = rolling();
    release.key = ReleaseRef { namespace: c("search"), name: c("indexer"), kind: Kind::Deployment };
    release.phase = Phase::Degraded;
    release.since = Some(ago(1260));
    release.message = Some(c("ReplicaSet \"indexer-6f67\" has timed out progressing."));
    release.replicas = Replicas { desired: 10, current: 13, updated: 5, ready: 8, available: 8 };
    release.pods.clear();
    let pull = PodState::Failing(Trouble::ImagePull(c("ErrImagePull: registry.example/media/thumbs:2026.11.2: not found")));
    pods(&mut release, 0, vec![(pull, 0); 5]);
    pods(&mut release, 1, ready(8));
    release.exposure.headline = share(0.0, Label::Inferred, "0 of 8 ready endpoints of indexer");
    release.exposure.inferred = release.exposure.headline.clone();
    release.exposure.pods = Some(Spread { new: 0, all: 8 });
    release.countdowns.clear();
    release
}

/// One replica: the weight says 5 %, the pods say 50 %.
pub fn one_replica() -> Release {
    let mut release = timed_pause();
    release.pods.clear();
    pods(&mut release, 0, ready(1));
    pods(&mut release, 1, ready(1));
    release.versions.iter_mut().for_each(|v| v.desired = 1);
    release.replicas = Replicas { desired: 1, current: 2, updated: 1, ready: 2, available: 2 };
    release.steps = steps(ladder(), 1);
    release.position = Some(Position { index: 1, total: 9 });
    release.weight = Some(Weight { set: 5, actual: 50, max: 100 });
    release.exposure = Exposure {
        headline: share(0.5, Label::Inferred, "1 of 2 ready endpoints of checkout"),
        inferred: share(0.5, Label::Inferred, "1 of 2 ready endpoints of checkout"),
        pods: Some(Spread { new: 1, all: 2 }),
        next: Some(0.5),
        ..Exposure::default()
    };
    release.alarms = vec![Alarm::WeightNotKept { weight: 0.05, pods: 0.5 }];
    release.analyses.clear();
    release
}

/// An experiment whose pods stand behind the Service.
pub fn experiment() -> Release {
    let mut release = healthy();
    release.phase = Phase::Progressing;
    release.since = Some(ago(31));
    release.under_way = true;
    release.message = Some(c("more replicas need to be updated"));
    release.versions[0].runs_new = false;
    release.versions[0].desired = 5;
    release.pods.clear();
    let mut kinds = ladder();
    kinds.insert(0, StepKind::Experiment(vec![c("baseline"), c("canary")]));
    release.steps = steps(kinds, 0);
    release.position = Some(Position { index: 0, total: 10 });
    release.weight = Some(Weight { set: 0, actual: 0, max: 100 });
    release.replicas = Replicas { desired: 5, current: 5, updated: 0, ready: 5, available: 5 };
    release.versions.insert(0, version(Role::Experiment, true, 0, "registry.example/payments/checkout:1.5.0", 1));
    release.versions.push(version(Role::Canary, true, 42, "registry.example/payments/checkout:1.5.0", 0));
    pods(&mut release, 0, ready(1));
    pods(&mut release, 1, ready(5));
    release.versions[2].mix = Some(PodMix::default());
    release.exposure = Exposure {
        headline: share(1.0 / 6.0, Label::Inferred, "1 of 6 ready endpoints of checkout"),
        inferred: share(1.0 / 6.0, Label::Inferred, "1 of 6 ready endpoints of checkout"),
        pods: Some(Spread { new: 1, all: 6 }),
        next: Some(0.05),
        ..Exposure::default()
    };
    release.alarms = vec![Alarm::ExposedBesideWeight { weight: 0.0, pods: 1.0 / 6.0 }];
    release.experiments = vec![Experiment {
        name: c("checkout-6f67c2e-42-0"),
        phase: AnalysisPhase::Running,
        message: c(""),
        arms: vec![
            ExperimentArm {
                name: c("baseline"),
                images: vec![c("registry.example/payments/checkout:1.4.2")],
                available: 1,
                share: Some(a_sixth()),
            },
            ExperimentArm {
                name: c("canary"),
                images: vec![c("registry.example/payments/checkout:1.5.0")],
                available: 1,
                share: Some(a_sixth()),
            },
        ],
    }];
    release.countdowns = vec![Countdown { kind: CountdownKind::Experiment, at: ahead(29), about: c("") }];
    release
}

fn a_sixth() -> Share {
    Share { value: 1.0 / 6.0, label: Label::Inferred, source: c("1 of 6 ready endpoints of checkout"), as_of: None }
}

/// Pods and endpoints may not be read.
pub fn unread() -> Release {
    let mut release = timed_pause();
    release.pods.clear();
    release.versions.iter_mut().for_each(|v| v.mix = None);
    release.exposure = Exposure::default();
    release.analyses.clear();
    release.timeline.clear();
    release
}

/// Sixty pods, some of them failing in every way there is.
pub fn sixty() -> Release {
    let mut release = timed_pause();
    release.pods.clear();
    let probe = PodState::Failing(Trouble::NotReady(c("Readiness probe failed: HTTP probe failed with statuscode: 503")));
    let none = PodState::Failing(Trouble::Unschedulable(c("0/12 nodes are available: 12 Insufficient cpu")));
    let exit = PodState::Failing(Trouble::CrashLoop { exit_code: Some(1), out_of_memory: false });
    pods(
        &mut release,
        0,
        [ready(7), vec![oom(12), (probe, 0), (none, 0), (exit, 4), (PodState::Starting, 0), (PodState::Terminating, 0)]].concat(),
    );
    pods(&mut release, 1, ready(47));
    release.replicas = Replicas { desired: 60, current: 60, updated: 13, ready: 54, available: 54 };
    release
}

/// Five versions hold pods at once.
pub fn five_versions() -> Release {
    let mut release = timed_pause();
    for revision in [40, 39, 38] {
        release.versions.push(version(
            Role::Other,
            false,
            revision,
            &format!("registry.example/payments/checkout:1.{}.0", revision - 37),
            1,
        ));
        let at = release.versions.len() - 1;
        pods(&mut release, at, ready(1));
    }
    release
}

/// Names as long as Kubernetes allows, and wide ones.
pub fn long_names() -> Release {
    let mut release = failing();
    release.key.name = c("payments-checkout-international-settlement-reconciliation-worker-v2");
    for (i, v) in release.versions.iter_mut().enumerate() {
        v.images = vec![c(&format!("registry.example/支払い/checkout:release-2026-11-21-build-774123{i}-gdeadbeefcafe-支払い"))];
    }
    for p in &mut release.pods {
        p.name = c(&format!("payments-checkout-international-settlement-{}", p.name));
    }
    release.timeline.insert(0, happened(2, HappeningKind::Pod, true, 240, &"Back-off restarting failed container ".repeat(9)));
    release.analyses[0].metrics[0].name = c("success-rate-of-all-payment-requests-in-all-regions");
    release
}

pub fn all() -> Vec<(&'static str, Release)> {
    vec![
        ("healthy", healthy()),
        ("timed-pause", timed_pause()),
        ("waits", waits()),
        ("failing", failing()),
        ("aborted", aborted()),
        ("aborted-exposed", aborted_exposed()),
        ("blue-green", blue_green()),
        ("rolling", rolling()),
        ("stuck", stuck()),
        ("one-replica", one_replica()),
        ("experiment", experiment()),
        ("unread", unread()),
        ("sixty", sixty()),
        ("five-versions", five_versions()),
        ("long-names", long_names()),
    ]
}

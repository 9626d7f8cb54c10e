//! What the app wants measured, and what came back: plain data between it and whatever asks a metrics server.
//! Knows no query language and no address: what was asked comes back as words to show.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::objectives::{Found as Described, Read};
use crate::objects::{ReleaseRef, Time};
use crate::release::telemetry::Alert;
use crate::slo::Answer;
use crate::slo::calendar::Calendar;
use crate::slo::tier::Severity;
use crate::text::Clean;

/// What a version is to the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Runs what is being released.
    New,
    /// Runs what is replaced.
    Old,
    /// Neither.
    Other,
}

/// The names under which one version is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNames {
    /// Its pod-template hash.
    pub hash: Clean,
    /// Its ReplicaSet.
    pub replica_set: Clean,
    /// The pods seen so far, gone ones too.
    pub pods: Vec<Clean>,
    /// What it is to the release.
    pub part: Part,
    /// The `version` label of its pods, where they have one: what a mesh calls it.
    pub label: Clean,
}

/// The names under which a release is measured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Its namespace.
    pub namespace: Clean,
    /// The name of the Deployment or Rollout.
    pub workload: Clean,
    /// The Services that select its pods.
    pub services: Vec<Clean>,
    /// The Ingresses in front of them.
    pub ingress: Vec<Clean>,
    /// Its versions.
    pub versions: Vec<VersionNames>,
}

/// What is promised of a release, as far as asking for it needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Promise {
    /// Its name: answers carry it.
    pub name: Clean,
    /// The window it is promised over.
    pub window: Duration,
    /// How its period is followed, where it goes by a calendar.
    pub since: Option<Since>,
    /// Queries for bad requests and for all, with `$window` in them.
    pub queries: Option<(String, String)>,
    /// What can be asked for without counting: recorded series, and ratios that somebody's query works out.
    pub kept: Kept,
    /// Queries for bad requests and for all of one version each, by its hash, with `$window` in them; empty where it can't be told apart.
    pub arms: Vec<(Clean, (String, String))>,
    /// Its own counters by pod; `None` where its queries are no plain sums of them.
    pub counters: Option<Counters>,
    /// A request is good if it is no slower than this: measured by the latencies of the family that is found.
    pub slower_than: Option<Duration>,
    /// Labels by which it is one objective per value; empty for one as a whole. Only names that PromQL takes bare.
    pub grouping: Vec<Clean>,
    /// The alerts on it: over their windows it is asked for.
    pub alarms: Vec<Alarm>,
    /// The label, and what stands in it, by which the rules that were made of it mark its alerts; `None` where no rules were.
    pub marked: Option<(&'static str, Clean)>,
}

/// How an objective that goes by a calendar is followed from the start of its period on.
#[derive(Debug, Clone, PartialEq)]
pub struct Since {
    /// Which periods.
    pub calendar: Calendar,
    /// A recorded series of its error ratio over an hour at most, as a bare selector: its mean since the start is asked for.
    pub recorded: Option<String>,
}

/// An alert on an objective over a pair of windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarm {
    /// What it asks for.
    pub severity: Severity,
    /// The window that has to hold enough of it.
    pub long: Duration,
    /// The window that says it is still going on.
    pub short: Duration,
    /// It fires where the error ratio (0..=1) of both is above.
    pub over: f64,
}

/// Expressions that bring an objective's raw counters, a series for each pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters {
    /// All events.
    pub total: String,
    /// Bad events, or good ones.
    pub some: String,
    /// Whether those are the good ones.
    pub is_good: bool,
    /// The label that names the pod.
    pub pod_label: &'static str,
}

/// Expressions that bring a figure of an objective as it is, each at most one series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// Error ratios (0..=1) by window, the shortest first.
    pub ratios: Vec<(Duration, String)>,
    /// What is left of the budget: 1 untouched, 0 gone.
    pub remaining: Option<String>,
    /// The share of good events over the objective's own window.
    pub availability: Option<String>,
}

impl Kept {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Promise {
    /// Whether the family's own measure is meant: nobody said another.
    pub fn is_built_in(&self) -> bool {
        self.queries.is_none() && self.kept.is_empty() && self.slower_than.is_none()
    }
}

/// One release to be measured as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurable {
    /// Which: answers carry it.
    pub release: ReleaseRef,
    /// Under which names.
    pub subject: Subject,
    /// What is promised of it.
    pub promises: Vec<Promise>,
}

/// What is to be measured now. Nothing else is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricInterest {
    /// The open release.
    pub open: Option<Measurable>,
    /// The release that is guarded while another one is open: followed as closely.
    pub guarded: Option<Measurable>,
    /// What the board shows: shares and burn of each, by one question for all of them.
    pub board: Vec<Measurable>,
    /// Questions which pods some series are of: what an objective counts.
    pub covering: Vec<Clean>,
}

impl MetricInterest {
    /// The releases whose every pod is followed.
    pub fn followed(&self) -> impl Iterator<Item = &Measurable> {
        self.open.iter().chain(&self.guarded)
    }

    /// Every release something is asked of; one may stand here twice.
    pub fn all(&self) -> impl Iterator<Item = &Measurable> {
        self.followed().chain(&self.board)
    }
}

/// A raw counter of one pod and one status code.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The version it belongs to, by its hash.
    pub version: Clean,
    /// The pod; a stand-in of its own where the metrics do not name pods.
    pub pod: Clean,
    /// The status code or class, as the metrics have it.
    pub code: Clean,
    /// Whether that code counts as an error.
    pub bad: bool,
    /// The counter.
    pub value: f64,
}

/// Raw counters of one pod for an objective that counts otherwise than by status codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// The version it belongs to, by its hash.
    pub version: Clean,
    /// The pod, or what stands in for it.
    pub pod: Clean,
    /// All events so far.
    pub total: f64,
    /// Bad events so far.
    pub bad: f64,
    /// Where they are slow requests out of a histogram: the bound they are over, in its own unit. Counts by two bounds are of two things.
    pub bound: Option<f64>,
}

/// A cumulative latency bucket of one version.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The version, by its hash.
    pub version: Clean,
    /// Its upper bound in seconds; infinite for the last.
    pub le: f64,
    /// Requests at or below it within the window asked for.
    pub count: f64,
}

/// What one question found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The raw counters of all versions at a moment.
    Counters(Vec<Reading>),
    /// Earlier ones, oldest first: what was missed before the release was opened.
    History(Vec<(Time, Vec<Reading>)>),
    /// The raw counters of an objective at a moment.
    Events {
        /// Whose.
        promise: Clean,
        /// By pod.
        pods: Vec<Events>,
        /// Whether more may be bad than is counted: the latency threshold lies between two bounds of the histogram.
        at_least: bool,
    },
    /// Earlier ones, oldest first.
    EventsBefore(Clean, Vec<(Time, Vec<Events>)>),
    /// The newest sample of the counters, and the time between two.
    Fresh(Time, Duration),
    /// Latencies over a window.
    Latency(Duration, Vec<Bucket>),
    /// Errors and all requests of an objective over one window.
    Window {
        /// Whose.
        promise: Clean,
        /// Over how long.
        window: Duration,
        /// Bad events.
        errors: Answer,
        /// All events.
        total: Answer,
    },
    /// Latencies over a window where only quantiles can be had: version, quantile (0..=1), seconds.
    Quantiles(Duration, Vec<(Clean, f64, f64)>),
    /// What a recording rule says is left of an objective's budget, or its error ratio over the whole window.
    Recorded {
        /// Whose.
        promise: Clean,
        /// The series, as the screen names it.
        series: Clean,
        /// Whether the value is what is left (else an error ratio over the window).
        is_remaining: bool,
        /// The value.
        value: f64,
    },
    /// What is recorded of an objective that is one for each value of some labels is told of one of these: the one that is worst off. What was
    /// told of another one is over.
    Group {
        /// Whose.
        promise: Clean,
        /// Which, e.g. `route=/pay`.
        name: Clean,
        /// Of how many.
        of: usize,
    },
    /// A trend, a course or a period of one group of an objective that is one for each value of some labels.
    OfGroup {
        /// Which, as [`Found::Group`] names it.
        group: Clean,
        /// What it had.
        found: Box<Found>,
    },
    /// For how long of an objective's window anything was recorded of it: less than the window where that was begun later, or had gaps.
    Filled {
        /// Whose.
        promise: Clean,
        /// So much of its window.
        watched: Duration,
    },
    /// What a recording rule, or somebody's query, says the error ratio of an objective over one window is.
    Ratio {
        /// Whose.
        promise: Clean,
        /// Over how long.
        window: Duration,
        /// 0..=1; not a number where nothing was counted.
        value: f64,
    },
    /// Errors and all requests of an objective by version over one window, by its own queries: hash, errors, all.
    Split(Clean, Duration, Vec<(Clean, Answer, Answer)>),
    /// Error ratios of an objective over the last half hour, oldest first.
    Trend(Clean, Vec<(Time, f64)>),
    /// What was recorded of an objective over a stretch, oldest first.
    Course {
        /// Whose.
        promise: Clean,
        /// From one to the next.
        step: Duration,
        /// Whether the stretch is the whole window of the objective (else its end).
        is_whole: bool,
        /// Whether the values are what was left (else error ratios over the window that ended then).
        is_remaining: bool,
        /// When, and what.
        points: Vec<(Time, f64)>,
    },
    /// Errors and all requests of an objective in stretches of one length, oldest first, each by its end.
    Buckets {
        /// Whose.
        promise: Clean,
        /// How long each is.
        step: Duration,
        /// When it ended, errors, all.
        buckets: Vec<(Time, Answer, Answer)>,
    },
    /// What an objective that goes by a calendar had in stretches of one length from the start of its period on, or in as much of that as may
    /// be asked for; oldest first, each by its end.
    Period {
        /// Whose.
        promise: Clean,
        /// The first moment that was asked about.
        from: Time,
        /// How long each stretch is.
        step: Duration,
        /// The recorded series, where these are mean error ratios (of 1 each), not counts.
        series: Option<Clean>,
        /// When it ended, errors, all.
        buckets: Vec<(Time, Answer, Answer)>,
    },
    /// Callers with requests to the new version, and to any.
    Callers {
        /// To the new version.
        new: usize,
        /// To any.
        all: usize,
    },
    /// The alerts that fire on it, the newest first.
    Alerts(Vec<Alert>),
    /// Requests that never reached a pod within a window, as the callers' side saw them.
    Unreached(Duration, f64),
    /// Requests and errors of one release on the board over a window, by version: hash, all, bad.
    Row(Duration, Vec<(Clean, f64, f64)>),
}

/// Where an answer comes from: what the `why` view prints beside a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The question in the server's language.
    pub query: Clean,
    /// The moment it was worked out for, in the server's time.
    pub at: Time,
    /// From the question to the last byte.
    pub took: Duration,
    /// Bytes of the answer.
    pub bytes: usize,
    /// Why it may not be the whole truth, in words.
    pub doubt: Option<Clean>,
    /// Whether the server said that a part of its data did not answer.
    pub partial: bool,
}

/// What a metrics server is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsLink {
    /// None is named.
    None,
    /// None is named and none was found in the cluster: why, and what would help, in a sentence.
    Unfound(Clean),
    /// Asked for the first time; the address without credentials.
    Probing(Clean),
    /// Answers.
    Live {
        /// The address without credentials, or the way to it, e.g. `monitoring/prometheus-k8s:9090 through the API server`.
        address: Clean,
        /// The way in a word or two: its host, `the API server`, `a port-forward`; empty where it is the program's own.
        way: Clean,
    },
    /// Does not answer, or not usefully.
    Failing {
        /// The address without credentials.
        address: Clean,
        /// In a word or two.
        word: Clean,
        /// A sentence: what happened, what was done, what to do.
        sentence: Clean,
        /// How long after this event it is asked again.
        retry_after: Duration,
    },
}

/// What a metrics adapter says.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsEvent {
    /// The server changed.
    Link(MetricsLink),
    /// Which request metrics there are for a release, in words such as `Istio`; none found is an empty list, with what was looked for.
    Families {
        /// Found, best first.
        found: Vec<Clean>,
        /// What was looked for.
        looked_for: Clean,
    },
    /// An answer.
    Found(ReleaseRef, Asked, Found),
    /// The objectives in the server's rules; why they are not told, as a sentence.
    Rules(Result<Read, Clean>),
    /// The objectives that series describe; why they are not told, as a sentence.
    Described(Result<Vec<Described>, Clean>),
    /// Which pods some series are of, by the question: the label sets; why they are not told, as a sentence.
    Covered(Clean, Result<Vec<BTreeMap<String, String>>, Clean>),
    /// A question that was not answered: what it was for, and why in a sentence.
    Unanswered {
        /// The release it was for.
        release: ReleaseRef,
        /// What it would have told, e.g. `requests by version`.
        about: Clean,
        /// The question.
        query: Clean,
        /// In a word or two.
        word: Clean,
        /// In a sentence.
        sentence: Clean,
    },
}

/// Measures: keeps asking what the last interest named and reports it on the channel it was made with.
pub trait ReadMetrics: Send {
    /// Says what is needed now; questions for what is no longer named stop.
    fn set_interest(&mut self, interest: MetricInterest);
    /// Asks everything anew at once.
    fn refresh(&mut self);
}

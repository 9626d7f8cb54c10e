//! What came back from a metrics server: counters, ratios, courses, and the question each rests on.
//! Fills no gap: what was not answered is not here.

use std::time::Duration;

use crate::objects::Time;
use crate::release::telemetry::Alert;
use crate::slo::Answer;
use crate::text::Clean;

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

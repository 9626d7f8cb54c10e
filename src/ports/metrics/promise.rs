//! What is promised of a release, as far as asking for it needs.
//! Works out no budget: it carries queries and names.

use std::time::Duration;

use crate::slo::calendar::Calendar;
use crate::slo::tier::Severity;
use crate::text::Clean;

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

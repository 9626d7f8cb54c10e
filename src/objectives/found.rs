//! [`Found`]: an objective as somebody else wrote it down, whatever the format was.
//! Refuses to invent what was not said: what is missing stays `None` until [`super::settle`] assumes it aloud.

use std::fmt;
use std::time::Duration;

use super::{Query, Recorded};
use crate::objects::ReleaseRef;
use crate::slo::calendar::Calendar;
use crate::slo::tier::{Severity, Tier};
use crate::slo::{self, Objective};
use crate::text::Clean;

/// Where an objective was found; what stands further up is believed before what stands below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The config file.
    Config,
    /// A Sloth `PrometheusServiceLevel`.
    Sloth,
    /// A Pyrra `ServiceLevelObjective`.
    Pyrra,
    /// Recording and alerting rules.
    Rules,
    /// Series that describe objectives, such as `sloth_slo_info`.
    Series,
    /// The template of an analysis of Argo Rollouts or Flagger.
    Template,
    /// An OpenSLO file.
    OpenSlo,
    /// Nothing was found: a built-in measure and an assumed target.
    Assumed,
}

/// One place an objective was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What kind of place.
    pub origin: Origin,
    /// The place in words, such as `PrometheusServiceLevel shop/checkout`.
    pub words: Clean,
}

/// The time an objective is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Period {
    /// The last so long.
    Rolling(Duration),
    /// From fixed moments on: each stretch starts anew.
    Calendar {
        /// How long, as it was written: `1M` is a month of the calendar.
        length: Clean,
        /// About how long that is.
        about: Duration,
        /// The first start, as it was written.
        start: Clean,
        /// The time zone, by name.
        zone: Clean,
        /// All of it, where it can be read for certain.
        calendar: Option<Calendar>,
    },
}

/// How the budget is counted, named as OpenSLO names it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Bad events of all events.
    Occurrences,
    /// The mean of the ratios of equal slices of time.
    RatioTimeslices,
    /// Bad slices of all slices: a slice is good when its share of good events reaches `good_from` (0..=1).
    Timeslices {
        /// The length of a slice, where it is said.
        slice: Option<Duration>,
        /// The share of good events that makes a slice good, where it is said.
        good_from: Option<f64>,
    },
}

/// What is counted.
#[derive(Debug, Clone, PartialEq)]
pub enum Sli {
    /// Bad events and all events, per second or per window alike.
    Events {
        /// Bad ones.
        bad: Query,
        /// All.
        total: Query,
    },
    /// Good events and all events.
    Good {
        /// Good ones.
        good: Query,
        /// All.
        total: Query,
    },
    /// An error ratio (0..=1) that somebody's query works out.
    ErrorRatio(Query),
    /// Requests within a time, by a classic histogram.
    Latency {
        /// In seconds.
        threshold: f64,
        /// Requests within it.
        good: Query,
        /// All.
        total: Query,
    },
    /// Requests within a time, by a native histogram.
    NativeLatency {
        /// In seconds.
        threshold: f64,
        /// The rate of the histogram, summed.
        histogram: Query,
    },
    /// Requests within a time, by whatever histogram the release is found to have.
    Within(Duration),
    /// A value that has to stay on one side of a limit, with the operator as it was written (`lte`, `gt`…).
    Threshold {
        /// The value.
        query: Query,
        /// The operator.
        operator: Clean,
        /// The limit, where there is one.
        limit: Option<f64>,
    },
    /// Not to be asked for, and why, as a clause.
    Unread(Clean),
}

/// An alert over a pair of windows, as its rule or its spec says.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertTier {
    /// Windows, severity and threshold.
    pub tier: Tier,
    /// How long it has to be so before the alert fires.
    pub wait: Duration,
    /// What the rule's server says of it: `inactive`, `pending`, `firing`; `None` where it is worked out from a spec.
    pub state: Option<Clean>,
}

/// An objective that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its name within its service.
    pub name: Clean,
    /// The service it is about; empty where it is not said.
    pub service: Clean,
    /// The namespace of the object it was read from; empty for files and series.
    pub namespace: Clean,
    /// The one release it was said of, where its source names one.
    pub release: Option<ReleaseRef>,
    /// What the tool that made it calls it: Sloth's `sloth_id`, Pyrra's `slo`; else empty.
    pub id: Clean,
    /// The share that has to be good, 0..1, both excluded.
    pub target: Option<f64>,
    /// Over which time.
    pub period: Option<Period>,
    /// How the budget is counted.
    pub method: Method,
    /// What is counted.
    pub sli: Sli,
    /// What is recorded of it.
    pub recorded: Recorded,
    /// Labels by which it is one objective per value; empty for one as a whole.
    pub grouping: Vec<Clean>,
    /// Its alerts.
    pub tiers: Vec<AlertTier>,
    /// Where it was found, the most believed place first; never empty.
    pub sources: Vec<Source>,
    /// What was assumed or is doubtful, in sentences.
    pub notes: Vec<Clean>,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Method::Occurrences => slo::method::Method::Occurrences.fmt(f),
            Method::RatioTimeslices => slo::method::Method::RatioTimeslices.fmt(f),
            Method::Timeslices { good_from: Some(share), .. } => {
                write!(f, "by time slices that are good from {} % on", slo::ratio::round9(share * 100.0))
            }
            Method::Timeslices { good_from: None, .. } => f.write_str("by good time slices"),
        }
    }
}

impl Method {
    /// How the arithmetic counts it; `None` for slices that are good or bad as a whole.
    pub fn counted(self) -> Option<slo::method::Method> {
        match self {
            Method::Occurrences => Some(slo::method::Method::Occurrences),
            Method::RatioTimeslices => Some(slo::method::Method::RatioTimeslices),
            Method::Timeslices { .. } => None,
        }
    }
}

/// What the word of a rule or a policy for its severity asks for.
pub(super) fn severity(word: &str) -> Severity {
    let word = word.to_lowercase();
    let wakes = ["page", "critical", "crit", "urgent", "emergency", "high", "p1", "sev1"];
    if wakes.iter().any(|wake| word.contains(wake)) { Severity::Page } else { Severity::Ticket }
}

impl Period {
    /// How long it is; about, for a stretch of the calendar.
    pub fn length(&self) -> Duration {
        match self {
            Period::Rolling(length) => *length,
            Period::Calendar { about, .. } => *about,
        }
    }

    /// The calendar it goes by, where that can be read.
    pub fn calendar(&self) -> Option<Calendar> {
        match self {
            Period::Rolling(_) => None,
            Period::Calendar { calendar, .. } => *calendar,
        }
    }
}

impl Found {
    /// With nothing but a name and a source: what a reader fills in.
    pub fn empty(name: impl Into<Clean>, origin: Origin, words: impl Into<Clean>) -> Self {
        Self {
            name: name.into(),
            service: Clean::default(),
            namespace: Clean::default(),
            release: None,
            id: Clean::default(),
            target: None,
            period: None,
            method: Method::Occurrences,
            sli: Sli::Unread(Clean::from("no query was said")),
            recorded: Recorded::default(),
            grouping: Vec::new(),
            tiers: Vec::new(),
            sources: vec![Source { origin, words: words.into() }],
            notes: Vec::new(),
        }
    }

    /// The most believed place it was found in.
    pub fn origin(&self) -> Origin {
        self.sources.first().map_or(Origin::Assumed, |source| source.origin)
    }

    /// Where it was found, in words: `PrometheusServiceLevel shop/checkout and rules of group …`.
    pub fn found_in(&self) -> Clean {
        Clean::from(self.sources.iter().map(|source| source.words.as_str()).collect::<Vec<_>>().join(" and "))
    }

    /// Its name with its service: `checkout/availability`.
    pub fn full_name(&self) -> Clean {
        if self.service.is_empty() { self.name.clone() } else { Clean::from(format!("{}/{}", self.service, self.name)) }
    }

    /// What the arithmetic needs. A stretch of a calendar that can't be read counts as about its length, whichever day it is.
    ///
    /// # Errors
    /// What is missing or wrong, as a sentence.
    pub fn objective(&self) -> Result<Objective, Clean> {
        let target = self.target.ok_or_else(|| Clean::from("Its target is not said anywhere that was read."))?;
        let period = self.period.as_ref().ok_or_else(|| Clean::from("Its window is not said anywhere that was read."))?;
        let objective = Objective::new(self.name.clone(), target, period.length()).map_err(|why| Clean::from(why.to_string()))?;
        Ok(match period.calendar() {
            Some(calendar) => objective.by(calendar),
            None => objective,
        })
    }

    /// A target read from a file in percent (99.9) or as a ratio (0.999).
    pub(super) fn of_percent(percent: f64) -> f64 {
        slo::ratio::round9(percent / 100.0)
    }
}

//! Who gets the new version, by count: the measured share, the ladder of certainty, and where the figures disagree.
//! It refuses to call a share measured without counters of both versions, fresh, with 30 requests in the window.

use std::{fmt, time::Duration};

/// How sure a share is, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Counted requests of both versions.
    Measured,
    /// The weight a router was told.
    Configured,
    /// Ready endpoints, assuming that connections spread evenly.
    Inferred,
    /// Not to be known.
    Unknown,
}

/// Requests in the window below which a share is not called measured.
pub const FEWEST_REQUESTS: f64 = 30.0;

/// What the counters of both versions held over one or two minutes. `None`: the version has no counters at all, which differs from a
/// counter that stood still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    /// Requests of the new version.
    pub new: Option<f64>,
    /// Requests of all other versions.
    pub rest: Option<f64>,
    /// Since the newest sample.
    pub age: Duration,
    /// Between two samples.
    pub interval: Duration,
}

/// A share with the sample it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Of requests, 0..=1.
    pub share: f64,
    /// Requests of all versions in the window.
    pub requests: f64,
}

/// Why a share is not measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unmeasured {
    /// The new version has no counters.
    NoCountersOfNew,
    /// The other versions have none.
    NoCountersOfRest,
    /// The newest sample is two scrapes old or more.
    Stale(Duration),
    /// Both versions have counters, and all stand still.
    NoTraffic,
    /// Fewer than 30 requests.
    TooFew(f64),
    /// A count below 0 or not a number.
    Impossible,
}

impl fmt::Display for Unmeasured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unmeasured::NoCountersOfNew => f.write_str("the new version has no request counters"),
            Unmeasured::NoCountersOfRest => f.write_str("the old version has no request counters"),
            Unmeasured::Stale(age) => write!(f, "the newest sample is {} s old", age.as_secs()),
            Unmeasured::NoTraffic => f.write_str("no traffic"),
            Unmeasured::TooFew(requests) => {
                let noun = if requests.round() == 1.0 { "request" } else { "requests" };
                write!(f, "only {requests:.0} {noun} in the window, it takes {FEWEST_REQUESTS}")
            }
            Unmeasured::Impossible => f.write_str("the counters gave a number that no count can be"),
        }
    }
}

impl Counted {
    /// The share, where it may be called measured. A new version whose counters stand still beside an old one with traffic has a measured
    /// share of 0.
    ///
    /// # Errors
    /// Why it may not.
    pub fn measured(&self) -> Result<Measured, Unmeasured> {
        let new = self.new.ok_or(Unmeasured::NoCountersOfNew)?;
        let rest = self.rest.ok_or(Unmeasured::NoCountersOfRest)?;
        if !(new >= 0.0 && rest >= 0.0 && (new + rest).is_finite()) {
            return Err(Unmeasured::Impossible);
        }
        if self.age >= self.interval * 2 {
            return Err(Unmeasured::Stale(self.age));
        }
        let requests = new + rest;
        if requests == 0.0 {
            return Err(Unmeasured::NoTraffic);
        }
        if requests < FEWEST_REQUESTS {
            return Err(Unmeasured::TooFew(requests));
        }
        Ok(Measured { share: new / requests, requests })
    }
}

/// The headline and what stands beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Headline {
    /// Of requests, 0..=1; `None` exactly when the certainty is unknown.
    pub share: Option<f64>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Why it is not measured.
    pub unmeasured: Option<Unmeasured>,
}

/// The surest of what is known: measured, else configured, else inferred (shares 0..=1).
pub fn headline(measured: Result<Measured, Unmeasured>, configured: Option<f64>, inferred: Option<f64>) -> Headline {
    let (share, certainty) = match (measured, configured, inferred) {
        (Ok(measured), _, _) => (Some(measured.share), Certainty::Measured),
        (Err(_), Some(weight), _) => (Some(weight), Certainty::Configured),
        (Err(_), None, Some(endpoints)) => (Some(endpoints), Certainty::Inferred),
        (Err(_), None, None) => (None, Certainty::Unknown),
    };
    Headline { share, certainty, unmeasured: measured.err() }
}

/// What a gate has to go by: the largest share any source gives, never the smallest.
pub fn worst(measured: Option<Measured>, configured: Option<f64>, inferred: Option<f64>) -> Option<f64> {
    [measured.map(|measured| measured.share), configured, inferred].into_iter().flatten().max_by(f64::total_cmp)
}

/// The split is not what the router was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreement {
    /// |measured − configured|, 0..=1.
    pub distance: f64,
    /// What chance and rounding explain.
    pub tolerance: f64,
}

/// Whether a measured share and a router's weight (0..=1) differ by more than max(2 points, three standard errors at that weight).
pub fn disagreement(measured: Measured, configured: f64) -> Option<Disagreement> {
    let error = (configured * (1.0 - configured) / measured.requests).max(0.0).sqrt();
    let (distance, tolerance) = ((measured.share - configured).abs(), f64::max(0.02, 3.0 * error));
    (distance > tolerance).then_some(Disagreement { distance, tolerance })
}

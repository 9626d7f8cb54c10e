//! What is known at a moment about one version and one indicator: everything the rules look at, and nothing else.
//! It refuses to keep a word: the same evidence always gives the same one.

use super::{Arm, Lately, Limits, Trouble, Weight};
use crate::slo::attribution::{Downgrade, FEWEST_STABLE, MOST_SHARE};
use crate::slo::interval::newcombe;
use crate::slo::ratio::Missing;
use crate::slo::{Outcome, Reading};
use crate::text::Clean;
use std::{fmt, time::Duration};

/// Over how many minutes and pods the new version's errors are spread. Errors of one minute and one pod may all be one caller's retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread {
    /// Distinct minutes with errors.
    pub minutes: usize,
    /// Distinct pods with errors, where they were counted by pod; else 0.
    pub pods: usize,
}

impl Spread {
    /// Whether they can't be one burst of one caller on one pod.
    pub fn is_wide(&self) -> bool {
        self.minutes >= 2 || self.pods >= 2
    }
}

/// Requests of the new version by what they were compared with.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Compared {
    /// With the old version of the same minutes.
    pub stable: f64,
    /// With the error ratio that was frozen before the release.
    pub before: f64,
    /// With nothing.
    pub nothing: f64,
    /// Why it was not always the old version; the newest reason.
    pub why: Option<Downgrade>,
}

impl Compared {
    /// Why the old version of the same time will not do for a bucket, where it won't. `stable_so_far` is all of it, this bucket too.
    pub fn downgrade(new: Outcome, stable: Outcome, stable_so_far: f64) -> Option<Downgrade> {
        if stable.total <= 0.0 {
            Some(Downgrade::StableGone)
        } else if new.total > MOST_SHARE * (new.total + stable.total) {
            Some(Downgrade::MostlyNew)
        } else {
            (stable_so_far < FEWEST_STABLE).then_some(Downgrade::FewStable)
        }
    }

    /// Both: what came before, and what came then.
    #[must_use]
    pub fn plus(&self, then: &Compared) -> Compared {
        Compared {
            stable: self.stable + then.stable,
            before: self.before + then.before,
            nothing: self.nothing + then.nothing,
            why: then.why.or(self.why),
        }
    }

    /// Whether there is anything it was compared with.
    pub fn has_control(&self) -> bool {
        self.stable + self.before > 0.0
    }
}

impl fmt::Display for Compared {
    /// The label beside the figure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = self.why.map(|why| format!(" ({why})")).unwrap_or_default();
        match (self.stable > 0.0, self.before > 0.0, self.nothing > 0.0) {
            (true, false, false) => f.write_str("baseline: stable"),
            (false, true, false) => write!(f, "baseline: pre-release{why}"),
            (true, true, false) => write!(f, "baseline: stable, at times pre-release{why}"),
            (false, false, _) => write!(f, "no baseline{why}"),
            (_, _, true) => write!(f, "baseline: for a part of the requests only{why}"),
        }
    }
}

/// How exactly bad requests are told from good ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// Each one.
    #[default]
    Exact,
    /// At least these are bad: the latency threshold lies between two bounds of the histogram, and those over the upper one are counted.
    /// Versions compare well by that; keeping the objective can't be shown by it.
    AtLeast,
}

/// What the indicator counts as bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bad {
    /// Requests that failed.
    #[default]
    Failed,
    /// Requests slower than the objective's threshold.
    Slow,
}

/// What is known at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The version that is judged, e.g. its template hash.
    pub version: Clean,
    /// The indicator, as the objective is named.
    pub indicator: Clean,
    /// What it counts as bad.
    pub bad: Bad,
    /// Whether these are events that the objective counts in its own way, not the failed requests of the release as such.
    pub is_apart: bool,
    /// What the objective gives the rules.
    pub limits: Limits,
    /// What was seen without statistics.
    pub trouble: Option<Trouble>,
    /// Which version can't be read now, and why. The counts below are then those of before.
    pub gap: Option<(Arm, Missing)>,
    /// Everything counted of the version.
    pub new: Outcome,
    /// Everything counted of the old version over the same spans.
    pub stable: Outcome,
    /// What the old version did before the release, frozen when it began.
    pub before: Option<Outcome>,
    /// What the old version did in the newest minutes in which it was asked, where that is surely worse than before the release: what was
    /// before is no measure then.
    pub worsened: Option<Outcome>,
    /// The weight of the comparison.
    pub weight: Weight,
    /// The same since a later moment, for a version that was fine and turned bad. `None` in the first minutes.
    pub lately: Option<Lately>,
    /// What it compared with.
    pub compared: Compared,
    /// How the errors are spread.
    pub spread: Spread,
    /// How exact the counts are.
    pub counting: Counting,
    /// The time that was counted.
    pub window: Duration,
    /// The time since counting began that was not: gaps and resets.
    pub missed: Duration,
    /// How old the newest counts are; `None` where there are none.
    pub age: Option<Duration>,
    /// For how long the version has had no request, where that is too long to be chance.
    pub quiet: Option<Duration>,
    /// Requests a second of the version, of late; 0 where unknown.
    pub pace: f64,
}

impl Evidence {
    /// From counts alone, as if all of it had come in one bucket: for a look back, and where nobody watched.
    pub fn of(version: impl Into<Clean>, indicator: impl Into<Clean>, limits: Limits, new: Outcome, stable: Outcome) -> Evidence {
        let mut evidence = Evidence::none(version.into(), indicator.into(), limits);
        evidence.weight.add(new, stable);
        evidence.compared.stable = new.total;
        (evidence.new, evidence.stable) = (new, stable);
        let impossible = |arm, seen: Outcome| match Outcome::counted(seen.bad, seen.total) {
            Reading::NoData(why) => Some((arm, why)),
            Reading::Value(_) | Reading::NoTraffic => None,
        };
        evidence.gap = impossible(Arm::New, new).or(impossible(Arm::Stable, stable));
        evidence
    }

    /// Nothing counted yet.
    pub(super) fn none(version: Clean, indicator: Clean, limits: Limits) -> Evidence {
        Evidence {
            version,
            indicator,
            bad: Bad::Failed,
            is_apart: false,
            limits,
            trouble: None,
            gap: None,
            new: Outcome { bad: 0.0, total: 0.0 },
            stable: Outcome { bad: 0.0, total: 0.0 },
            before: None,
            worsened: None,
            weight: Weight::default(),
            lately: None,
            compared: Compared::default(),
            spread: Spread::default(),
            counting: Counting::Exact,
            window: Duration::ZERO,
            missed: Duration::ZERO,
            age: None,
            quiet: None,
            pace: 0.0,
        }
    }

    /// The old version's error ratio before the release, where it was within the budget then and is surely worse by now.
    pub fn was_well(&self) -> Option<f64> {
        let before = self.before?;
        let ratio = before.bad / before.total;
        let worsened = newcombe(self.stable, before).is_some_and(|difference| difference.lower > 0.0);
        (worsened && !self.limits.harms(before)).then_some(ratio)
    }

    /// What the new version is held against: the old one of the same time where it counts for something, else what it did last if it had
    /// worsened by then, else the frozen baseline.
    pub fn control(&self) -> Option<Outcome> {
        let concurrent = Some(self.stable).filter(|stable| stable.total > 0.0 && self.compared.stable > 0.0);
        let frozen = self.before.filter(|_| self.compared.before > 0.0);
        concurrent.filter(|stable| stable.total >= FEWEST_STABLE).or(self.worsened).or(frozen).or(concurrent)
    }

    /// The same since a later moment: what most of its evidence was weighed against.
    pub fn beside(&self, lately: &Lately) -> Option<Outcome> {
        let Compared { stable, before, .. } = lately.compared;
        let frozen = self.before.filter(|_| before > stable);
        frozen.or_else(|| Some(lately.stable).filter(|beside| stable > 0.0 && beside.total > 0.0))
    }
}

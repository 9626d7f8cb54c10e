//! What counters and queries tell of a release: who really gets the new version, how it does, what it costs.
//! Every figure is a [`Reading`] or an `Option`: what was not measured is absent here, never zero.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use super::Time;
use crate::slo::attribution::Attribution;
use crate::slo::budget::{Budget, Exhaustion};
use crate::slo::burn::Burn;
use crate::slo::burndown::BurnDown;
use crate::slo::calendar::Period;
use crate::slo::exposure::{Disagreement, Measured, Unmeasured};
use crate::slo::quantile::Quantile;
use crate::slo::reach::Next;
use crate::slo::spent::Spent;
use crate::slo::tier::{Severity, State, Tier};
use crate::slo::verdict::{Bad, Judgement, Word, overall};
use crate::slo::{Objective, Outcome, Reading};
use crate::text::Clean;

/// What counts requests, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counting {
    /// The family of metrics, e.g. `Istio`.
    pub family: Clean,
    /// The address of the server without credentials, or the way to it.
    pub address: Clean,
    /// The way in a word or two, e.g. `the API server`; empty where it is the program's own.
    pub way: Clean,
}

/// Whether anything measures, and how.
#[derive(Debug, Clone, PartialEq)]
pub enum Metering {
    /// No metrics server is named.
    Unnamed,
    /// None is named and none was found in the cluster; the sentence that says why.
    Unfound(Clean),
    /// The server has not answered yet.
    Waiting(Clean),
    /// It answers, and knows no request metric of this release; what was looked for.
    NoMetrics(Clean),
    /// It measures.
    Live(Counting),
    /// It does not answer now: a word, a sentence, and when it is asked again (the cluster's time).
    Failing {
        /// In a word or two.
        word: Clean,
        /// What happened, what was done, what to do.
        sentence: Clean,
        /// When it is asked again.
        retry_at: Time,
    },
}

/// One side of the comparison over the common window.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// What the window held.
    pub seen: Reading<Outcome>,
    /// Since its pods started; `None` without counters.
    pub since_start: Option<Outcome>,
    /// Whether that is a lower bound: a pod restarted before it was first seen.
    pub at_least: bool,
    /// Half the requests are faster.
    pub p50: Option<Reading<Quantile>>,
    /// 99 of 100 requests are faster.
    pub p99: Option<Reading<Quantile>>,
}

/// Both sides, over as long as both were watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The old version.
    pub old: Arm,
    /// The new version.
    pub new: Arm,
    /// The window.
    pub covers: Duration,
}

/// A minute of a release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// When it began.
    pub at: Time,
    /// The new version's share of its requests; `None` where too few were seen.
    pub share: Option<f64>,
    /// Requests of the new version that had failed by its end, since its pods started.
    pub failed: f64,
}

/// How the budget's rest was found.
#[derive(Debug, Clone, PartialEq)]
pub enum BudgetFrom {
    /// A recorded series, over the whole window; its name.
    Recorded(Clean),
    /// Counted over a part of the window: what went before is not known, so that at most this is left.
    Counted(Duration),
    /// Since the period of the calendar began: by the mean of a recorded error ratio of this name, else counted.
    Since(Option<Clean>),
}

/// Where an objective came from, in words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// In short: `from Sloth payments/checkout-slo`.
    pub from: Clean,
    /// Whether the person's own file says it: nothing that needs to be told beside it.
    pub is_own_file: bool,
    /// Every place it was found in.
    pub places: Clean,
    /// How its budget is counted: `by requests`.
    pub method: Clean,
    /// Whether that is by slices of time, which are only known where somebody records them: what is counted here is counted by requests.
    pub is_by_slices: bool,
    /// Whether it is one objective for each value of some labels.
    pub is_grouped: bool,
    /// Whether it counts the requests of other workloads too: its burn may be their doing.
    pub is_shared: bool,
    /// Why it is this release's, as a sentence; `None` where it names it.
    pub mapped: Option<Clean>,
    /// What was assumed or is doubtful, in sentences: alerts that can't fire too.
    pub notes: Vec<Clean>,
    /// Why its own figures stand for the whole service, as a clause; `None` where they are told apart by version, or were never its own.
    pub unsplit: Option<Clean>,
    /// Why its verdict does not rest on its own events, as a clause; `None` where it does.
    pub unjudged: Option<Clean>,
}

/// One objective of the release.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetState {
    /// What is promised.
    pub objective: Objective,
    /// What it counts as bad.
    pub bad: Bad,
    /// The period of the calendar that its budget is for; `None` where its window rolls.
    pub period: Option<Period>,
    /// What is left.
    pub left: Reading<Budget>,
    /// How that is known.
    pub from: Option<BudgetFrom>,
    /// Which group what is recorded is told of, and of how many: the one that is worst off. `None` for an objective that is one as a whole, and
    /// where its groups are counted together.
    pub group: Option<(Clean, usize)>,
    /// How much of the window anything was recorded of it, 0..=1; `None` where what is left rests on no record, or that is not known.
    pub filled: Option<f64>,
    /// Burn by window, the shortest first.
    pub burns: Vec<(Duration, Reading<Burn>)>,
    /// What the windows held, where that was counted: what their burns rest on. Not where those are of one group.
    pub counts: BTreeMap<Duration, Outcome>,
    /// When each window's burn was worked out; absent where it never was.
    pub worked_out: BTreeMap<Duration, Time>,
    /// When what is left was worked out.
    pub left_at: Option<Time>,
    /// Every alert tier with what it says.
    pub tiers: Vec<(Tier, State)>,
    /// The worst tier that fires.
    pub fires: Option<Severity>,
    /// When it is empty at the burn of the shortest window.
    pub exhaustion: Option<Exhaustion>,
    /// Whose burn it is, over the common window.
    pub attribution: Reading<Attribution>,
    /// When everything is gone once everybody gets the new version.
    pub promoted_exhaustion: Option<Exhaustion>,
    /// What the next step makes of it.
    pub next: Option<Next>,
    /// Burn of five minutes over the last half hour, oldest first.
    pub trend: Vec<Option<f64>>,
    /// What was left over the window, as far back as that is known.
    pub burn_down: Option<BurnDown>,
    /// About what the release took of the whole budget beyond what the old version would have; `None` where its requests are none of it.
    pub own: Option<f64>,
    /// When the newest answer it rests on was worked out.
    pub as_of: Option<Time>,
    /// Where it came from.
    pub provenance: Provenance,
    /// Bad events and all events of the new version and of the old one, as the objective counts them: by its own counters over as long as both
    /// were watched, five minutes at most, else by its own queries over five minutes.
    pub split: Option<(Outcome, Outcome)>,
}

/// The burn of now among those of some windows, the shortest first: without requests in a window the next one tells, but where one could not
/// be measured a longer one is not now.
pub fn now_of(burns: &[(Duration, Reading<Burn>)]) -> Option<(Duration, Burn)> {
    let (window, burn) = burns.iter().find(|(_, burn)| !matches!(burn, Reading::NoTraffic))?;
    Some((*window, burn.value()?))
}

/// What whoever acts on a figure can't act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is not known.
    Unknown,
    /// It was worked out so long ago.
    Old(TimeDelta),
}

/// How old a figure over a window may be to be acted on: one answer may be missed (each minute, or each five over six hours), and half a minute.
pub fn fresh_for(window: Duration) -> TimeDelta {
    if window <= Duration::from_secs(6 * 3600) { TimeDelta::seconds(150) } else { TimeDelta::seconds(630) }
}

fn usable<T>(value: Option<T>, at: Option<Time>, window: Duration, now: Time) -> Result<T, Unusable> {
    let age = now - at.ok_or(Unusable::Unknown)?;
    if age > fresh_for(window) { Err(Unusable::Old(age)) } else { value.ok_or(Unusable::Unknown) }
}

impl BudgetState {
    /// The burn that says how bad it is: the largest of the shortest window that had requests, and of the short windows of tiers that fire.
    /// A slow ticket's six hours say nothing of the five minutes that are worse.
    pub fn fastest(&self) -> Option<(Duration, Burn)> {
        self.telling().reduce(|most, one| if one.1.get() > most.1.get() { one } else { most })
    }

    fn telling(&self) -> impl Iterator<Item = (Duration, Burn)> {
        let fires = self.tiers.iter().filter(|(_, state)| *state == State::Fires).map(|(tier, _)| tier.short);
        let of = |window: Duration| self.burns.iter().find(|(length, _)| *length == window).and_then(|(_, burn)| burn.value());
        now_of(&self.burns).into_iter().chain(fires.filter_map(move |window| of(window).map(|burn| (window, burn))))
    }

    /// What the burn that says how bad it is rests on, where that is too little to say that it is over 1; and over which window. Never while an
    /// alert fires, nor where nothing was counted.
    pub fn unsure(&self) -> Option<(Duration, Outcome)> {
        let (window, burn) = self.fastest().filter(|_| self.fires.is_none())?;
        let seen = self.counts.get(&window).filter(|seen| burn.get() > 1.0 && !self.objective.is_carried_by(**seen))?;
        Some((window, *seen))
    }

    /// What the new version's own burn rests on, where that is too little to say that it is over 1.
    pub fn promotion_unsure(&self) -> Option<Outcome> {
        let own = self.attribution.value()?.if_promoted;
        self.split.map(|(new, _)| new).filter(|new| own.get() > 1.0 && !self.objective.is_carried_by(*new))
    }

    /// The burn that is over `limit`, for whoever acts on it at `now` by the cluster's clock: nothing is said where the shortest window is
    /// not known or old, for a longer one may say that all is well when it is not; and `None`, that none is, only where none of those that
    /// tell is old. A service without requests burns nothing.
    ///
    /// # Errors
    /// That it is not known, or how old it is.
    pub fn burns_over(&self, limit: f64, now: Time) -> Result<Option<f64>, Unusable> {
        let (shortest, reading) = self.burns.first().ok_or(Unusable::Unknown)?;
        let at = |window: &Duration| self.worked_out.get(window).copied();
        let known = !matches!(reading, Reading::NoData(_));
        usable(known.then_some(()), at(shortest), *shortest, now)?;
        let mut most = None;
        let mut old = None;
        for (window, burn) in self.telling() {
            match usable(Some(burn.get()), at(&window), window, now) {
                Ok(burn) if burn > limit => most = Some(most.map_or(burn, |most: f64| most.max(burn))),
                Ok(_) => {}
                Err(unusable) => old = Some(unusable),
            }
        }
        match (most, old) {
            (None, Some(unusable)) => Err(unusable),
            (most, _) => Ok(most),
        }
    }

    /// What is left, for whoever acts on it at `now` by the cluster's clock.
    ///
    /// # Errors
    /// That it is not known, or how old it is.
    pub fn left_now(&self, now: Time) -> Result<Budget, Unusable> {
        // What a rule keeps is asked for as often as a short window, whatever it covers.
        let window = match self.from {
            Some(BudgetFrom::Counted(window)) => window,
            // As seldom as a day.
            Some(BudgetFrom::Since(_)) => Duration::MAX,
            Some(BudgetFrom::Recorded(_)) | None => Duration::ZERO,
        };
        usable(self.left.value(), self.left_at, window, now)
    }
}

/// A question behind a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What it tells, e.g. `requests by version`.
    pub about: Clean,
    /// The question in the server's language.
    pub query: Clean,
    /// The moment it was last worked out for; `None` while it was never answered.
    pub at: Option<Time>,
    /// How long the answer took.
    pub took: Duration,
    /// What came, in words, e.g. `14 series`.
    pub sample: Clean,
    /// Why it may not be the whole truth, or why it was not answered.
    pub doubt: Option<Clean>,
}

/// An alert that fires on a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its name.
    pub name: Clean,
    /// How bad it is, in its rule's own word; empty where that says nothing.
    pub severity: Clean,
    /// When its condition began to hold.
    pub since: Time,
}

/// Severities that get somebody out of bed.
const PAGES: [&str; 2] = ["page", "critical"];

impl Alert {
    /// Whether it gets somebody out of bed.
    pub fn pages(&self) -> bool {
        PAGES.contains(&self.severity.as_str())
    }
}

/// What stands behind an objective's name where its verdict rests on all failed requests, since its own events can't be counted by version.
pub const INSTEAD: &str = ", by all failed requests";

/// Everything that is measured of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct Telemetry {
    /// Whether anything measures, and how.
    pub metering: Metering,
    /// The new version's share of requests, over about a minute.
    pub share: Result<Measured, Unmeasured>,
    /// The moment the newest counters are for.
    pub as_of: Option<Time>,
    /// The same of what `affected` and `failed` were counted by, pod by pod: the board's rows say nothing of it.
    pub counted_at: Option<Time>,
    /// The split is not what the router was told.
    pub disagreement: Option<Disagreement>,
    /// Requests of the new version so far.
    pub affected: Option<f64>,
    /// Its errors so far.
    pub failed: Option<f64>,
    /// Whether both are lower bounds.
    pub at_least: bool,
    /// The verdicts on what is being released, one for each new version and objective; none where nothing is being released.
    pub verdicts: Vec<Judgement>,
    /// The verdicts on versions that are neither old nor new and got requests: left over from another rollout, or an experiment's baseline.
    pub bystanders: Vec<Judgement>,
    /// The same on what was released last, counted on after it was out; none while something is being released.
    pub released: Vec<Judgement>,
    /// What the counts of the last minutes alone say of what is being released, where nobody follows its pods: no more than a hint.
    pub glance: Option<Judgement>,
    /// What the release has cost so far, by minutes.
    pub spent: Spent,
    /// The largest share of a minute so far, and when.
    pub peak: Option<(f64, Time)>,
    /// Both versions side by side.
    pub comparison: Option<Comparison>,
    /// Callers with requests to the new version, and to any.
    pub callers: Option<(usize, usize)>,
    /// The alerts that fire on it, the newest first.
    pub alerts: Vec<Alert>,
    /// Requests to the new version that never reached a pod, over their window.
    pub unreached: Option<f64>,
    /// How many requests one user makes during a release, where the person's file says so.
    pub requests_per_user: Option<f64>,
    /// Objectives, in the order of the file.
    pub budgets: Vec<BudgetState>,
    /// Share by minute over the last half hour, oldest first; `None` where it was not measured.
    pub trend: Vec<Option<f64>>,
    /// The minutes that were counted, oldest first; one that was not is not here.
    pub minutes: Vec<Minute>,
    /// The questions behind all this.
    pub evidence: Vec<Evidence>,
}

impl Telemetry {
    /// Whether what a judgement rests on was counted no longer than `most` before `now`, by the cluster's clock, and whole.
    pub fn is_of_now(&self, judgement: &Judgement, most: TimeDelta, now: Time) -> bool {
        let evidence = &judgement.evidence;
        let young = evidence.age.and_then(|age| TimeDelta::from_std(age).ok()).is_some_and(|age| age <= most);
        // Its samples may be older than the answer that brought them.
        let sampled = evidence.is_apart || self.counted_at.is_some_and(|at| now - at <= most);
        young && sampled && evidence.gap.is_none()
    }

    /// The budgets, the one that a bad verdict rests on first, the others as they are promised.
    pub fn by_weight(&self) -> Vec<&BudgetState> {
        let all = overall(&self.verdicts);
        let decides = all.decides.filter(|_| matches!(all.word, Word::Fail | Word::Suspect)).map(|judgement| &judgement.evidence.indicator);
        let mut budgets: Vec<&BudgetState> = self.budgets.iter().collect();
        // A verdict that rests on all failed requests in place of an objective's own events is still about that objective.
        let about = decides.map(|indicator| indicator.strip_suffix(INSTEAD).unwrap_or(indicator));
        budgets.sort_by_key(|one| decides != Some(one.objective.name()) && about != Some(one.objective.name().as_str()));
        budgets
    }
}
